//! What cannot be imported: kept as it stood, corrected, imported.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use carnet_tests::for_each_engine;

use super::{BROKEN, counts, import, imported, put, standing, text_of};
use crate::given::Given;

#[test]
fn cards_come_in_and_their_rejects_are_cards() {
    let given = Given::vault().ready();
    let cards = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada Martin\r\nEMAIL:ada@atelier.example\r\nX-SHOE:38\r\nEND:VCARD\r\n\
        BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Bruno\r\nEMAIL:bruno@keller.example\r\n";
    put(&given, "cards.vcf", cards);
    let report = imported(&given, &format!("{} --rejects bad.vcf", import("cards.vcf")));
    counts(&report, [2, 1, 0, 0, 0, 1]);
    assert!(
        text_of(&given, "bad.vcf.reasons.csv").contains("cards.vcf,7,"),
        "{}",
        text_of(&given, "bad.vcf.reasons.csv")
    );
    let corrected = text_of(&given, "bad.vcf") + "END:VCARD\r\n";
    put(&given, "bad.vcf", corrected);
    counts(&imported(&given, &import("bad.vcf")), [1, 1, 0, 0, 0, 0]);
}

#[test]
fn rejects_are_corrected_and_imported() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        put(&given, "broken.csv", BROKEN);
        let report = imported(&given, &format!("{} --rejects bad.csv", import("broken.csv")));
        counts(&report, [4, 1, 0, 0, 0, 3]);
        assert_eq!(report["rejects_files"][0]["rejects"], 3, "{report}");
        for name in ["bad.csv", "bad.csv.toml"] {
            let mode = fs::metadata(given.program.folder().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        // As they are, they are rejected again: none of them slips in.
        counts(&imported(&given, &import("bad.csv")), [3, 0, 0, 0, 0, 3]);
        given.run(&format!("{} --rejects bad.csv", import("bad.csv"))).exited(2);
        let corrected = text_of(&given, "bad.csv")
            .replace(";zebulon;", ";zebulon@conti.example;")
            .replace("\"Bruno;", "Bruno;")
            .replace("peut-être", "désabonné");
        put(&given, "bad.csv", corrected);
        counts(&imported(&given, &import("bad.csv")), [3, 3, 0, 0, 0, 0]);
        assert!(standing(&given, "chiara@conti.example").contains("withdrawn"));
        // Without the mapping they were read with, an opt-out could be overlooked.
        fs::remove_file(given.program.folder().join("bad.csv.toml")).unwrap();
        given.run(&import("bad.csv")).exited(2);
    });
}

#[test]
fn a_row_that_the_vault_refuses_is_kept_with_what_it_says_of_consent() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        given.contact("Ada Martin", "ada@atelier.example");
        given.contact("Bruno Keller", "bruno@keller.example");
        put(&given, "list.csv", "email,email 2,status\nada@atelier.example,bruno@keller.example,unsubscribed\n");
        let report = imported(&given, &format!("{} --rejects bad.csv", import("list.csv")));
        counts(&report, [1, 0, 0, 0, 0, 1]);
        assert!(text_of(&given, "bad.csv").ends_with(",ada@atelier.example,bruno@keller.example,unsubscribed\n"));
        put(&given, "bad.csv", text_of(&given, "bad.csv").replace(",bruno@keller.example,", ",,"));
        counts(&imported(&given, &import("bad.csv")), [1, 0, 1, 0, 0, 0]);
        assert!(standing(&given, "ada@atelier.example").contains("withdrawn"));
    });
}
