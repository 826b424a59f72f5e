//! Lists come in: what is kept of them, what stays out, what goes on after a kill, what can be taken back.

mod rejects;
mod stopped;

use std::fs;
use std::process::Command;

use carnet_tests::for_each_engine;
use serde_json::Value;

use crate::given::Given;
use crate::shell::words;
use crate::transcript::Transcript;

const MAILCHIMP: &str = "\"Email Address\",\"First Name\",\"Last Name\",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LAST_CHANGED,LEID,EUID,NOTES,TAGS\n\
    ada@atelier.example,Ada,Martin,4,\"2023-02-01 09:15:00\",192.0.2.10,\"2023-02-01 09:17:12\",192.0.2.11,\"2024-01-05 10:00:00\",1,a1,,\"\"\"fair\"\"\"\n\
    bruno@keller.example,Bruno,Keller,2,,,\"2019-05-20 12:00:00\",,\"2019-05-20 12:00:00\",2,a2,,\n\
    chiara,Chiara,Conti,2,,,,,,3,a3,,\n\
    dorian@TYPO,Dorian,Petit,2,,,,,,4,a4,,\n";
const LEFT: &str = "\"Email Address\",\"First Name\",\"Last Name\",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LAST_CHANGED,LEID,EUID,NOTES,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER\n\
    elif@aydin.example,Elif,Aydin,2,\"2020-01-01 10:00:00\",192.0.2.20,\"2020-01-01 10:05:00\",192.0.2.20,\"2023-03-03 03:03:03\",5,a5,,\"2023-03-03 03:03:03\",March,c7,,\n";
const BROKEN: &str = "e-mail;nom;statut\n\
    ada@atelier.example;Ada;abonné\n\
    zebulon;Zébulon;abonné\n\
    bruno@keller.example;\"Bruno;abonné\n\
    chiara@conti.example;Chiara;peut-être\n";

/// A list with a domain that looks mistyped. It stands apart: nobody's address is in this tree.
fn mailchimp() -> String {
    MAILCHIMP.replace("TYPO", "gmial.com")
}

/// An import of files in the program's folder, as a command line.
fn import(files: &str) -> String {
    format!("import {files} --list News --origin 'You signed up on our site' --purpose newsletter")
}

/// Runs an import whose report must add up.
#[track_caller]
fn imported(given: &Given, line: &str) -> Value {
    let report = given.ok(&format!("{line} --json")).json();
    adds_up(&report);
    report
}

#[track_caller]
fn adds_up(report: &Value) {
    let number = |name: &str| report[name].as_u64().unwrap_or_else(|| panic!("{name} in {report}"));
    let sum = ["new", "merged", "unchanged", "suppressed", "rejected"].map(number).iter().sum::<u64>();
    assert_eq!(number("read"), sum, "{report}");
}

#[track_caller]
fn counts(report: &Value, wanted: [u64; 6]) {
    let names = ["read", "new", "merged", "unchanged", "suppressed", "rejected"];
    assert_eq!(names.map(|name| report[name].as_u64().unwrap()), wanted, "{report}");
}

fn put(given: &Given, name: &str, content: impl AsRef<[u8]>) {
    fs::write(given.program.folder().join(name), content).unwrap();
}

fn text_of(given: &Given, name: &str) -> String {
    fs::read_to_string(given.program.folder().join(name)).unwrap()
}

fn many(rows: usize) -> String {
    let row = |number| format!("p{number}@many.example,Person,N{number},2021-03-01T10:00:00Z,192.0.2.7\n");
    "email,first name,last name,sign-up date,opt-in ip\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

/// Where somebody stands with the newsletter.
#[track_caller]
fn standing(given: &Given, email: &str) -> String {
    given.ok(&format!("consent history {email}")).stdout
}

#[test]
fn a_list_comes_in_and_reads_the_same_on_both_engines() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        put(&given, "subscribed_members_export_1.csv", mailchimp());
        put(&given, "broken.csv", BROKEN);
        let mut told = Transcript::for_people(&given.program).on(db);
        told.heading("A rehearsal writes nothing");
        let line = import("subscribed_members_export_1.csv");
        told.run(&format!("{line} --dry-run")).succeeded();
        assert_eq!(given.count(), 0);
        told.heading("The import, and the same again");
        told.run(&line).succeeded();
        told.run(&line).succeeded();
        told.heading("Rejects, kept and not kept");
        told.run(&import("broken.csv")).succeeded();
        told.run(&format!("{} --rejects bad.csv", import("broken.csv"))).succeeded();
        told.heading("Looking back, and taking back");
        told.run("import ls").succeeded();
        let first = told.unwritten("import ls --json").json();
        let first = first.as_array().unwrap().last().unwrap()["import"].as_str().unwrap().to_owned();
        told.run(&format!("import show {first}")).succeeded();
        told.run(&format!("import undo {first}")).exited(2);
        told.run(&format!("import undo {first} --yes")).succeeded();
        told.run(&format!("import undo {first} --yes")).exited(2);
        insta::assert_snapshot!("imports", told.text());
    });
}

#[test]
fn what_an_export_says_of_consent_is_kept_and_what_it_does_not_say_is_missing() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        put(&given, "subscribed_members_export_1.csv", mailchimp());
        put(&given, "unsubscribed_members_export_1.csv", LEFT);
        let files = "subscribed_members_export_1.csv unsubscribed_members_export_1.csv";
        let report = imported(&given, &import(files));
        counts(&report, [5, 4, 0, 0, 0, 1]);
        assert_eq!(report["suggestions"][0]["instead"], "gmail.com", "{report}");
        assert_eq!(report["rejects"][0]["file"], "subscribed_members_export_1.csv");
        assert_eq!(report["rejects"][0]["line"], 4);
        assert!(report["refusals"].as_u64().unwrap() >= 1 && report["consents"].as_u64().unwrap() >= 2, "{report}");
        assert!(standing(&given, "ada@atelier.example").contains("192.0.2.10"));
        // That somebody is in a provider's account is no consent, nor is a confirmation without a sign-up.
        assert!(!standing(&given, "bruno@keller.example").contains("given"));
        assert!(standing(&given, "elif@aydin.example").contains("withdrawn"));
        given.ok("audit verify");
    });
}

#[test]
fn no_import_lifts_a_refusal_and_nobody_who_was_erased_comes_back() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        put(&given, "left.csv", "email,status\nada@atelier.example,unsubscribed\n");
        put(
            &given,
            "later.csv",
            "email,sign-up date\nADA@atelier.example,2030-01-01T00:00:00Z\nbruno@keller.example,2024-01-01T00:00:00Z\n",
        );
        imported(&given, &import("left.csv"));
        given.contact("Bruno Keller", "bruno@keller.example");
        given.ok("contact erase bruno@keller.example --yes --as officer");
        let report = imported(&given, &import("later.csv"));
        assert_eq!((report["suppressed"].as_u64(), report["new"].as_u64()), (Some(1), Some(0)), "{report}");
        assert!(standing(&given, "ada@atelier.example").contains("withdrawn"));
        given.run("contact show bruno@keller.example").exited(5);
        assert_eq!(given.count(), 1);
    });
}

#[test]
fn an_import_is_taken_back_whole() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        given.contact("Ada", "ada@atelier.example");
        let before = given.ok("contact show ada@atelier.example --json").json()["card"].clone();
        put(
            &given,
            "list.csv",
            "email,phone,status\nada@atelier.example,+33 1 99 00 00 01,\nbruno@keller.example,,\nelif@aydin.example,,unsubscribed\n",
        );
        let report = imported(&given, &import("list.csv"));
        counts(&report, [3, 2, 1, 0, 0, 0]);
        let id = report["import"].as_str().unwrap();
        given.run(&format!("import undo {id} --as auditor --yes")).exited(4);
        given.run(&format!("import undo {id}")).exited(2);
        assert_eq!(given.count(), 3);
        let undone = given.ok(&format!("import undo {id} --yes --json")).json();
        assert_eq!((undone["removed"].as_u64(), undone["restored"].as_u64()), (Some(2), Some(1)), "{undone}");
        assert_eq!(given.count(), 1);
        assert_eq!(given.ok("contact show ada@atelier.example --json").json()["card"], before);
        assert_eq!(given.ok(&format!("import show {id} --json")).json()["state"], "undone");
        // It suppressed nobody by itself, and what was refused in it stays refused.
        imported(&given, &import("list.csv"));
        assert!(standing(&given, "elif@aydin.example").contains("withdrawn"));
        given.ok("audit verify");
    });
}

#[test]
fn standard_input_and_archives_are_read_like_files() {
    let given = Given::vault().ready();
    let line = format!("{} --json --reason test", import("-"));
    let report = given.program.run_with_input(words(&line), mailchimp()).succeeded().json();
    counts(&report, [4, 3, 0, 0, 0, 1]);
    put(&given, "list.csv", "email\nada@atelier.example\nfarid@benali.example\n");
    let folder = given.program.folder();
    assert!(Command::new("gzip").arg("-k").arg(folder.join("list.csv")).status().unwrap().success());
    let report = imported(&given, &import("list.csv.gz"));
    counts(&report, [2, 1, 0, 1, 0, 0]);
    put(&given, "undo", "email\ngita@rao.example\n");
    counts(&imported(&given, &import("./undo")), [1, 1, 0, 0, 0, 0]);
    given.run(&import("- -")).exited(2);
}

#[test]
fn a_mapping_is_saved_changed_and_used_again() {
    let given = Given::vault().ready();
    put(&given, "list.csv", "who,when\nada@atelier.example,03/04/2021\n");
    let line = import("list.csv");
    let report = imported(&given, &format!("{line} --dry-run --map when=consent.given-at --save-claims claims.toml"));
    assert_eq!((report["consents"].as_u64(), &report["import"]), (Some(1), &Value::Null), "{report}");
    assert_eq!(report["mapping"][0]["unsettled"][0], "when", "{report}");
    let saved = text_of(&given, "claims.toml");
    assert!(saved.contains("consent.given-at"), "{saved}");
    put(
        &given,
        "claims.toml",
        saved.replace("\"consent.given-at\"", "\"consent.given-at\"\norder = \"day-first\"") + "",
    );
    given.run(&format!("{line} --save-claims claims.toml")).exited(2);
    imported(&given, &format!("{line} --claims claims.toml --zone UTC"));
    assert!(standing(&given, "ada@atelier.example").contains("2021-04-03"));
    let id = given.ok("import ls --json").json()[0]["import"].as_str().unwrap().to_owned();
    assert!(given.ok(&format!("import show {id}")).stdout.contains("day-first"));
}

#[test]
fn what_is_wrong_with_a_request_is_told_before_anything_is_written() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        given.ok("purpose add letters --title Letters --dpv Marketing --basis legitimate-interests");
        put(&given, "list.csv", "email,name\nada@atelier.example,Ada\n");
        put(&given, "empty.csv", "");
        put(&given, "page.html", "<!DOCTYPE html><html></html>");
        put(&given, "mine.txt", "mine");
        fs::create_dir(given.program.folder().join("folder")).unwrap();
        let good = import("list.csv");
        for (line, code) in [
            (import("missing.csv"), 5),
            (import("list.csv missing.csv"), 5),
            (import("folder"), 2),
            (import("empty.csv"), 2),
            (import("page.html"), 2),
            (format!("{good} --format xlsx"), 2),
            (format!("{good} --map name"), 2),
            (format!("{good} --map nobody=email"), 2),
            (format!("{good} --map name=shoe"), 2),
            (format!("{good} --zone Atlantis"), 2),
            (format!("{good} --claims missing.toml"), 5),
            (format!("{good} --claims mine.txt"), 2),
            (format!("{good} --rejects list.csv"), 2),
            (format!("{good} --rejects mine.txt"), 2),
            (format!("{good} --rejects none/bad.csv"), 2),
            (format!("{good} --rejects folder"), 2),
            (format!("{good} --basis contract"), 2),
            (format!("{good} --basis whim"), 2),
            ("import list.csv --list News --origin ' '".to_owned(), 2),
            ("import list.csv --list ' ' --origin 'You signed up'".to_owned(), 2),
            ("import list.csv --list News --origin 'You signed up' --purpose nothing".to_owned(), 5),
            ("import list.csv --list News --origin 'You signed up' --basis consent".to_owned(), 2),
            ("import list.csv --list News".to_owned(), 2),
            ("import --list News --origin 'You signed up'".to_owned(), 2),
            ("import".to_owned(), 2),
            ("import show 1".to_owned(), 2),
            ("import show 01a201e3-de5a-76f6-a32a-1fdb5da998d8".to_owned(), 5),
            ("import undo 01a201e3-de5a-76f6-a32a-1fdb5da998d8 --yes".to_owned(), 5),
            (format!("{good} --as auditor"), 4),
            (format!("{good} --as nobody"), 5),
        ] {
            let outcome = given.run(&line).exited(code);
            assert_eq!(outcome.stdout, "", "{line}");
            assert!(!outcome.stderr.contains("ada@"), "{line}: {}", outcome.stderr);
        }
        let outcome = given.run(&format!("{good} --basis legitimate-interests")).exited(2);
        assert!(
            outcome.stderr.contains("consent") && outcome.stderr.contains("legitimate-interests"),
            "{}",
            outcome.stderr
        );
        let stranger = Given::vault();
        given.run(&format!("{good} --key-file {}", stranger.key_file().display())).exited(7);
        assert_eq!(given.count(), 0);
        assert_eq!(given.ok("import ls --json").json(), serde_json::json!([]));
        assert_eq!(text_of(&given, "mine.txt"), "mine");
        imported(&given, &format!("{good} --basis consent --as operator"));
    });
}

#[test]
fn the_controller_of_the_environment_serves_every_command() {
    let mut given = Given::vault().ready();
    given.ok("controller add Other --country DE");
    put(&given, "list.csv", "email\nada@atelier.example\n");
    given.run("import ls").exited(2);
    given.program = given.program.with_variable("CARNET_CONTROLLER", "Tilleuls");
    let report = imported(&given, "import list.csv --list News --origin 'You signed up'");
    let id = report["import"].as_str().unwrap();
    assert_eq!(given.ok("import ls --json").json()[0]["import"], id);
    given.ok(&format!("import show {id}"));
    given.run(&format!("import show {id} --controller Other")).exited(5);
    given.ok(&format!("import undo {id} --yes"));
    assert_eq!(given.count(), 0);
}
