//! Whole files of each producer, broken ones, and any bytes at all.

use std::io;

use carnet_core::model::CardError;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::formats::told::{Failing, between, corpus, told};
use crate::formats::vcard::{Version, write};

fn record(name: &str) -> String {
    format!("dn: cn={name}\nobjectClass: person\ncn: {name}\nmail: {name}@example.org\n")
}

/// The names of the contacts, in their order, and the rejects.
fn names(bytes: &[u8]) -> (Vec<String>, Vec<Reject>) {
    let (contacts, rejects): (Vec<_>, Vec<_>) = read(bytes).into_iter().partition(Result::is_ok);
    let names = contacts.into_iter().map(|contact| contact.unwrap().card.full_name().unwrap_or_default().into_owned());
    (names.collect(), rejects.into_iter().map(Result::unwrap_err).collect())
}

/// Whether nothing is said between records: empty lines, comments with their continuations, the version.
fn is_nothing(gap: &[u8]) -> bool {
    let text =
        String::from_utf8(gap.to_vec()).unwrap().replace('\u{feff}', "").replace("\r\n", "\n").replace('\r', "\n");
    let mut in_comment = false;
    text.split('\n').all(|line| {
        in_comment = line.starts_with('#') || in_comment && line.starts_with(' ');
        let is_version = line.to_lowercase().strip_prefix("version:").is_some_and(|number| number.trim() == "1");
        in_comment || line.trim().is_empty() || is_version
    })
}

#[test]
fn files_of_each_producer_are_read_as_they_mean_it() {
    for (name, bytes) in corpus("ldif") {
        insta::assert_snapshot!(name.as_str(), told(LdifSource::new(bytes.as_slice())));
        assert!(between(&bytes, &read(&bytes)).iter().all(|gap| is_nothing(gap)), "{name}");
    }
}

#[test]
fn an_entry_that_goes_out_as_vcard_comes_back_with_all_that_it_says() {
    for (name, bytes) in corpus("ldif") {
        for contact in read(&bytes).into_iter().flatten() {
            for version in [Version::V3, Version::V4] {
                let again = crate::formats::vcard::read(write(&contact.card, version).as_bytes()).remove(0).unwrap();
                assert_eq!(again.card.value(), contact.card.value(), "{name}");
            }
        }
    }
}

#[test]
fn the_original_is_the_very_bytes_and_the_line_is_that_of_the_name() {
    let text =
        format!("# a comment\nversion: 1\n\n{}\n\n# another\n#  folded\n  comment\n{}", record("a"), record("b"));
    let found = read(text.as_bytes());
    let lines: Vec<usize> = found.iter().map(|contact| contact.as_ref().unwrap().line).collect();
    assert_eq!(lines, [4, 13]);
    let original = found[1].as_ref().unwrap().original.as_ref().unwrap();
    assert_eq!((original.media_type, &original.bytes[..]), ("text/x-ldif", record("b").as_bytes()));
}

#[test]
fn lines_may_end_as_on_any_system() {
    for end in ["\n", "\r\n", "\r"] {
        let text = format!("version: 1\n{}\n{}", record("a"), record("b").replace("mail:", "mail:\n "));
        let (names, rejects) = names(text.replace('\n', end).as_bytes());
        assert_eq!((names, rejects), (vec!["a".to_owned(), "b".into()], vec![]), "{end:?}");
    }
}

#[test]
fn a_reference_is_never_opened() {
    let folder = tempfile_path();
    std::fs::write(&folder, "Zebulon").unwrap();
    let text = format!("{}description:< file://{}\n", record("a"), folder.display());
    let reject = read(text.as_bytes()).remove(0).unwrap_err();
    std::fs::remove_file(&folder).unwrap();
    assert_eq!((reject.line, &reject.reason), (5, &RejectReason::Reference));
    assert_eq!(reject.raw.as_deref(), Some(text.as_bytes()));
}

fn tempfile_path() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("carnet-ldif-{}", std::process::id()))
}

#[test]
fn passwords_are_left_out_of_the_card_and_counted() {
    let text = format!("{}userPassword: zebulon\n\n{}userPassword;x-a:: emVidWxvbg==\n", record("a"), record("b"));
    let mut source = LdifSource::new(text.as_bytes());
    let cards: Vec<_> = source.by_ref().map(|contact| contact.unwrap().card.to_text().to_owned()).collect();
    assert_eq!(cards.len(), 2);
    assert!(cards.iter().all(|card| !card.to_lowercase().contains("password") && !card.contains("emVid")));
    let warnings = source.warnings();
    assert_eq!(warnings.len(), 1);
    assert_eq!((warnings[0].kind, warnings[0].count, warnings[0].first_line), (WarningKind::CredentialLeftOut, 2, 5));
}

#[test]
fn what_is_no_person_is_rejected_and_a_person_without_classes_is_none() {
    for (lines, is_person) in [
        ("objectClass: groupOfNames\nmail: list@example.org", false),
        ("objectClass: organizationalUnit\ntelephoneNumber: 1", false),
        ("objectClass: domain", false),
        ("cn: Printer", false),
        ("objectClass: somethingOfOurs\nmail: ada@example.org", true),
        ("telephoneNumber: +33 2 99 00 00 01", true),
        ("objectClass: groupOfNames\nobjectClass: InetOrgPerson", true),
    ] {
        let found = read(format!("dn: cn=x\n{lines}\n").as_bytes()).remove(0);
        match found {
            Ok(_) => assert!(is_person, "{lines}"),
            Err(reject) => assert_eq!((reject.reason, is_person), (RejectReason::NotAPerson, false), "{lines}"),
        }
    }
}

#[test]
fn a_record_that_is_too_large_is_left_out_without_being_held() {
    let long = "x".repeat(300_000);
    for large in [
        format!("dn: cn=x\nobjectClass: person\ndescription: {long}\nmail: x@example.org\n"),
        format!("dn: cn={long}\nmail: x@example.org\n"),
        format!("dn: cn=x\n{}", "description: x\n".repeat(10_000)),
        format!("dn: cn=x\ndescription: {}\n", long.replace('x', "x\n y")),
    ] {
        for separator in ["\n", ""] {
            let text = [record("a"), large.clone(), record("b")].join(separator);
            let mut source = LdifSource::with_max_record_bytes(text.as_bytes(), 1_000);
            assert!(source.next().unwrap().is_ok());
            let reject = source.next().unwrap().unwrap_err();
            assert!(matches!(reject.reason, RejectReason::Card(CardError::TooLarge { limit: 1_000, .. })), "{reject}");
            assert_eq!((reject.line, reject.raw), (5 + separator.len(), None));
            let last = source.next().unwrap().unwrap();
            assert_eq!(last.card.full_name().as_deref(), Some("b"));
            assert!(source.next().is_none());
            assert!(source.records.window.capacity() < 4 * 64 * 1024);
        }
    }
}

#[test]
fn a_stream_that_fails_is_reported_once_and_ends() {
    let text = record("a") + "\n" + &record("b");
    let mut source = LdifSource::new(text.as_bytes().chain(Failing));
    let last = source.by_ref().last().unwrap().unwrap_err();
    assert_eq!(last.reason, RejectReason::Unreadable(io::ErrorKind::ConnectionReset));
    assert!(source.next().is_none());
}

#[test]
fn neither_the_sentence_nor_debug_repeats_the_record() {
    let text = format!("{}\n{}Zebulon\n", record("Zebulon"), record("Zebulon"));
    let shown: String = read(text.as_bytes()).iter().map(|item| format!("{item:?}")).collect();
    let reject = read(text.as_bytes()).remove(1).unwrap_err();
    assert!(!format!("{shown} {reject}").contains("Zebulon"));
}

fn any_part() -> impl Strategy<Value = (String, usize)> {
    prop_oneof![
        4 => "[a-z]{1,4}".prop_map(|name| (record(&name) + "\n", 1)),
        1 => "[a-z]{1,4}".prop_map(|name| (record(&name), 1)),
        1 => "[a-z]{1,4}".prop_map(|name| (record(&name).replace("objectClass: person", "objectClass: group") + "\n", 1)),
        1 => "[a-z]{1,4}".prop_map(|name| (record(&name).replace("mail:", "mail") + "\n", 1)),
        1 => Just(("\n# a comment\n  folded\n\n".to_owned(), 0)),
        1 => Just(("\nversion: 1\n".to_owned(), 0)),
    ]
}

fn any_line() -> impl Strategy<Value = String> {
    let name = select(vec![
        "dn",
        "cn",
        "sn",
        "mail",
        "objectClass",
        "telephoneNumber",
        "postalAddress",
        "birthday",
        "birthyear",
        "c",
        "o",
        "ou",
        "labeledURI",
        "jpegPhoto",
        "modifytimestamp",
        "userPassword",
        "mozillaCustom1",
        "cn;lang-fr",
        "version",
        "l",
    ]);
    let value = prop_oneof![
        "[ -~é]{0,12}",
        select(vec![
            ": QsOp",
            ": /9j/",
            ": !",
            "< file:///x",
            "1985",
            "1",
            "20240502081530Z",
            "person",
            "group",
            "x\n  y"
        ])
        .prop_map(str::to_owned),
    ];
    prop_oneof![
        8 => (name, value).prop_map(|(name, value)| format!("{name}:{value}\n")),
        1 => "[ -~]{0,10}\n",
        1 => select(vec!["\n", "\r\n", "# x\n", " \n", "\u{feff}", "dn: cn=x\nobjectClass: person\n"]).prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_answered_and_none_is_left_out(lines in vec(any_line(), 0..20), bytes in vec(any::<u8>(), 0..60)) {
        let text = lines.concat();
        prop_assert!(between(text.as_bytes(), &read(text.as_bytes())).iter().all(|gap| is_nothing(gap)), "{text:?}");
        read(&bytes);
        for bytes in [[text.as_bytes(), &bytes[..]].concat(), [b"dn: cn=x\nobjectClass: person\ncn: ", &bytes[..]].concat()] {
            between(&bytes, &read(&bytes));
        }
    }

    #[test]
    fn every_record_becomes_a_contact_or_a_reject(parts in vec(any_part(), 0..12)) {
        let text: String = parts.iter().map(|(text, _)| text.as_str()).collect();
        prop_assert_eq!(read(text.as_bytes()).len(), parts.iter().map(|(_, records)| records).sum::<usize>());
    }

    #[test]
    fn however_the_stream_is_cut_into_pieces_it_says_the_same(lines in vec(any_line(), 0..20), piece in 1_usize..50) {
        let text = lines.concat();
        let mut source = LdifSource::new(text.as_bytes());
        source.records.window.chunk_bytes = piece;
        prop_assert_eq!(read(text.as_bytes()), source.collect::<Vec<_>>());
    }

    #[test]
    fn what_an_entry_says_is_in_the_card_and_in_its_vcard(lines in vec(any_line(), 0..12)) {
        let text = format!("dn: cn=x\nobjectClass: person\n{}", lines.concat());
        for contact in read(text.as_bytes()).into_iter().flatten() {
            let again = crate::formats::vcard::read(write(&contact.card, Version::V4).as_bytes()).remove(0).unwrap();
            prop_assert_eq!(again.card.value(), contact.card.value());
        }
    }
}

#[test]
fn names_in_the_rejects_are_those_of_the_file() {
    let (names, rejects) = names(&corpus("ldif").iter().find(|(name, _)| name == "broken.ldif").unwrap().1);
    assert_eq!(names, ["Before", "Joined", "After"]);
    assert_eq!(rejects.len(), 8);
}
