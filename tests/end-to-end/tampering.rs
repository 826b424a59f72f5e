//! Somebody else at work in the database: changed rows, swapped rows, a ledger cut back, an older copy put back.

use std::fs;

use carnet_tests::{Engine, Outcome, TestDatabase, for_each_engine};

use crate::given::Given;
use crate::transcript::Transcript;

#[test]
fn a_changed_row_does_not_open_and_the_others_do() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        let (ada, bruno) = two_contacts(&given);
        flip_last_byte(db, "contacts", "sealed_card", &format!("id = {}", bytes(db, &ada)));
        let mut told = Transcript::for_people(&given.program).on(db);
        told.run(&format!("contact show {ada} --reason test")).exited(8);
        told.run("contact find ada --reason test").exited(8);
        told.run(&format!("contact edit {ada} --note x --reason test")).exited(8);
        insta::assert_snapshot!("changed_row", told.text());
        given.ok(&format!("contact show {bruno}"));
    });
}

#[test]
fn rows_that_changed_places_do_not_open() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        let (ada, bruno) = two_contacts(&given);
        swap(db, "contacts", "sealed_card", "id", &ada, &bruno);
        given.run(&format!("contact show {ada}")).exited(8);
        given.run(&format!("contact show {bruno}")).exited(8);
        swap(db, "contacts", "sealed_card", "id", &ada, &bruno);
        given.ok(&format!("contact show {ada}"));
        swap(db, "contact_salts", "salt", "contact_id", &ada, &bruno);
        given.run(&format!("contact show {ada}")).exited(8);
    });
}

#[test]
fn a_withdrawal_that_was_made_a_yes_does_not_open() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        let (ada, _) = two_contacts(&given);
        given.ok(&format!("consent record {ada} -p newsletter -k withdrawn --own-act"));
        db.query("UPDATE consent_events SET kind = 'given'");
        given.run(&format!("consent history {ada}")).exited(8);
        given.run(&format!("contact show {ada}")).exited(8);
    });
}

#[test]
fn rows_without_an_entry_and_entries_without_their_row_are_found() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        let (ada, bruno) = two_contacts(&given);
        given.ok(&format!("consent record {bruno} -p newsletter -k withdrawn --own-act"));
        db.query(&format!("DELETE FROM contacts WHERE id = {}", bytes(db, &ada)));
        problem(&given, &format!("contact {ada} was added by entry"));
        db.query("DELETE FROM consent_events");
        problem(&given, "is gone");
    });
}

#[test]
fn a_ledger_whose_last_entries_were_deleted_is_found_out() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        two_contacts(&given);
        let mut told = Transcript::for_people(&given.program).on(db);
        db.query("DELETE FROM ledger_entries WHERE idx >= 5");
        told.run("audit verify").exited(1);
        told.run("status").succeeded();
        insta::assert_snapshot!("truncated_ledger", told.text());
        db.query("DELETE FROM ledger_head");
        given.run("audit verify").exited(1);
    });
}

#[test]
fn an_older_copy_of_the_database_is_found_out_by_the_checkpoint_beside_it() {
    let given = Given::vault().ready();
    let older = fs::read(given.database()).unwrap();
    two_contacts(&given);
    fs::write(given.database(), &older).unwrap();
    let mut told = Transcript::for_people(&given.program);
    told.run("status").succeeded();
    told.run("audit verify").exited(1);
    told.heading("However much is done after it: the checkpoint is evidence, and is not replaced");
    for number in 0..8 {
        given.contact("Somebody", &format!("person{number}@new.example"));
    }
    told.run("audit verify").exited(1);
    insta::assert_snapshot!("older_copy", told.text());
}

#[test]
fn an_older_copy_of_the_whole_folder_is_found_out_by_a_checkpoint_kept_elsewhere() {
    let given = Given::vault().ready();
    let beside = given.program.data().join("ledger.checkpoint");
    let older = (fs::read(given.database()).unwrap(), fs::read(&beside).unwrap());
    two_contacts(&given);
    let kept = given.program.run(["audit", "checkpoint"]).succeeded().stdout;
    fs::write(given.program.folder().join("kept.txt"), kept).unwrap();
    given.ok("audit verify --checkpoint kept.txt");
    fs::write(given.database(), &older.0).unwrap();
    fs::write(&beside, &older.1).unwrap();
    given.ok("audit verify");
    given.run("audit verify --checkpoint kept.txt").exited(1);
    for number in 0..4 {
        given.contact("Somebody", &format!("person{number}@new.example"));
    }
    given.run("audit verify --checkpoint kept.txt").exited(1);
    given.ok("audit export ledger");
    let key = &given.ledger_key;
    given.run(&format!("audit verify --offline ledger --key {key}")).exited(0);
    given.run(&format!("audit verify --offline ledger --key {key} --checkpoint kept.txt")).exited(1);
}

#[test]
fn wrapped_keys_that_were_changed_open_nothing_and_are_named() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        flip_last_byte(db, "vault_keys", "wrapped", "name = 'ledger'");
        let outcome = given.run("status").exited(8);
        assert!(outcome.stderr.contains("restore"), "{}", outcome.stderr);
    });
}

fn two_contacts(given: &Given) -> (String, String) {
    (given.contact("Ada Martin", "ada@atelier.example"), given.contact("Bruno Keller", "bruno@keller.example"))
}

#[track_caller]
fn problem(given: &Given, text: &str) -> Outcome {
    let outcome = given.run("audit verify").exited(1);
    assert!(outcome.stdout.contains(text), "{}", outcome.stdout);
    outcome
}

/// An id as the engine writes bytes.
fn bytes(db: &TestDatabase, id: &str) -> String {
    let hex = id.replace('-', "");
    match db.engine() {
        Engine::Sqlite => format!("x'{hex}'"),
        Engine::Postgres => format!("'\\x{hex}'::bytea"),
    }
}

fn flip_last_byte(db: &TestDatabase, table: &str, column: &str, which: &str) {
    let hex = hex_of(db, table, column, which);
    let (rest, last) = hex.split_at(hex.len() - 2);
    let flipped = format!("{rest}{:02x}", u8::from_str_radix(last, 16).unwrap() ^ 1);
    db.query(&format!("UPDATE {table} SET {column} = {} WHERE {which}", bytes(db, &flipped)));
}

fn swap(db: &TestDatabase, table: &str, column: &str, key: &str, one: &str, other: &str) {
    let rows = [one, other].map(|id| format!("{key} = {}", bytes(db, id)));
    let [first, second] = [&rows[0], &rows[1]].map(|row| bytes(db, &hex_of(db, table, column, row)));
    db.query(&format!("UPDATE {table} SET {column} = {second} WHERE {}", rows[0]));
    db.query(&format!("UPDATE {table} SET {column} = {first} WHERE {}", rows[1]));
}

fn hex_of(db: &TestDatabase, table: &str, column: &str, which: &str) -> String {
    match db.engine() {
        Engine::Sqlite => db.query(&format!("SELECT hex({column}) FROM {table} WHERE {which}")),
        Engine::Postgres => db.query(&format!("SELECT encode({column}, 'hex') FROM {table} WHERE {which}")),
    }
}
