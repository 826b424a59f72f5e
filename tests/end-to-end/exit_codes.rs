//! The exit codes that docs/cli.md promises, each by a case of its own; what programs read says the same.

use std::fs;

use carnet_tests::{TestDatabase, for_each_engine};

use crate::given::Given;
use crate::shell::words;

#[test]
fn each_exit_code_comes_with_its_kind_of_failure() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        let ada = given.contact("Ada Martin", "ada@atelier.example");
        let unknown = "01a201e3-de5a-76f6-a32a-1fdb5da998d8";
        fs::write(given.program.folder().join("short.key"), "carnet-root-key-v1\n").unwrap();
        let cases = [
            ("status".to_owned(), 0, ""),
            ("status --database postgres://nobody@127.0.0.1:1/none".to_owned(), 1, "storage"),
            ("contact find ''".to_owned(), 2, "invalid"),
            ("contact find".to_owned(), 2, "invalid"),
            (format!("contact erase {ada} --yes --as operator"), 4, "denied"),
            (format!("contact show {unknown}"), 5, "not-found"),
            ("contact add --email ada@atelier.example --origin list".to_owned(), 6, "conflict"),
            ("status --key-file short.key".to_owned(), 7, "key"),
        ];
        for (line, code, kind) in &cases {
            given.run(line).exited(*code);
            exits_with(&given, line, *code, kind);
        }
        db.query("UPDATE contacts SET changed_us = changed_us, added_us = added_us + 1");
        exits_with(&given, &format!("contact show {ada}"), 8, "damaged");
    });
}

#[track_caller]
fn exits_with(given: &Given, line: &str, code: i32, kind: &str) {
    let outcome = given.run(&format!("{line} --json")).exited(code);
    if code == 0 {
        assert_eq!(outcome.stderr, "");
        outcome.json();
        return;
    }
    assert_eq!(outcome.stdout, "", "{line}");
    let error: serde_json::Value = serde_json::from_str(&outcome.stderr).unwrap();
    assert_eq!(error["error"]["kind"], kind, "{line}");
    assert_eq!(error["error"]["exit_code"], code, "{line}");
}

#[test]
fn verifying_has_exit_codes_of_its_own() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        given.contact("Ada Martin", "ada@atelier.example");
        given.ok("audit export whole");
        given.ok("audit export less");
        given.ok("audit export changed");
        let key = &given.ledger_key;
        let verify = |line: &str| given.program.run(words(line));

        given.ok("audit verify").exited(0);
        verify(&format!("audit verify --offline whole --key {key}")).exited(0);
        for bundle in files_under(&given, "less/tile/entries") {
            fs::remove_file(bundle).unwrap();
        }
        verify(&format!("audit verify --offline less --key {key}")).exited(2);
        for bundle in files_under(&given, "changed/tile/entries") {
            let bytes = fs::read(&bundle).unwrap();
            let text = String::from_utf8_lossy(&bytes).replace("contact.add", "contact.cut");
            fs::write(bundle, text.as_bytes()).unwrap();
        }
        verify(&format!("audit verify --offline changed --key {key}")).exited(1);
        let stranger = Given::vault().ledger_key;
        verify(&format!("audit verify --offline whole --key {stranger}")).exited(3);
        tamper(db);
        let report = given.run("audit verify --json").exited(1).json();
        assert_eq!((report["verdict"].as_str(), report["first_bad_index"].as_u64()), (Some("tampered"), Some(2)));
    });
}

#[test]
fn a_ledger_that_cannot_be_read_is_not_called_tampered_with() {
    let given = Given::vault();
    let away = "audit verify --database postgres://nobody@127.0.0.1:1/none";
    given.run(away).exited(2);
    let outcome = given.run(&format!("{away} --json")).exited(2);
    assert!(outcome.stderr.contains(r#""kind":"storage""#), "{}", outcome.stderr);
}

fn tamper(db: &TestDatabase) {
    db.query(
        "UPDATE ledger_entries SET leaf_hash = (SELECT leaf_hash FROM ledger_entries WHERE idx = 1) WHERE idx = 2",
    );
}

fn files_under(given: &Given, folder: &str) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![given.program.folder().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() { folders.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    files
}
