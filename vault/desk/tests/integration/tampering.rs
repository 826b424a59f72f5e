//! Somebody has been at the database: the audit says so, and where.

use std::fs;

use carnet_core::ledger::Note;
use carnet_core::model::{CardEntry, CardPatch, ConsentKind, ContactId};
use carnet_desk::{AuditProblem, AuditReport, ErrorKind, Vault};
use carnet_tests::{Engine, TestDatabase, for_each_engine, for_postgres};

use super::house::{House, assert_clean, card, desk, policy};
use super::sql::{self, DETAILS, TABLES};

/// Some contacts and consents, and the problems of `damage` done to them.
fn problems_of(
    db: &TestDatabase,
    damage: impl FnOnce(&TestDatabase, ContactId),
) -> (Vec<AuditProblem>, ContactId, AuditReport) {
    let db = TestDatabase::new(db.engine());
    let house = House::found(&db);
    let id = house.add(card("Ann", "ann@example.org"));
    house.add(card("Ben", "ben@example.org"));
    house.record(id, ConsentKind::Given);
    house.record(id, ConsentKind::Withdrawn);
    house.assert_clean();
    damage(&db, id);
    let report = house.desk("auditor").audit_verify(&[]).unwrap();
    (report.problems.clone(), id, report)
}

fn after(db: &TestDatabase, sql: &str) -> Vec<AuditProblem> {
    let sql = sql.to_owned();
    problems_of(db, move |db, _| sql::past_constraints(db, &sql)).0
}

/// The index of the last entry, before the damage; the entries of setting up are always as many.
fn last(db: &TestDatabase) -> u64 {
    problems_of(db, |_, _| ()).2.entries - 1
}

#[test]
fn an_untouched_vault_has_no_problem_whoever_looks() {
    for_each_engine(|db| {
        let (problems, _, report) = problems_of(db, |_, _| ());
        assert_eq!(problems, []);
        assert_eq!((report.contacts, report.consent_events, report.problems_left_out), (2, 2, 0));
    });
}

#[test]
fn an_edited_entry_is_named_by_its_index() {
    for_each_engine(|db| {
        // The same entry but for its time.
        let edit = match db.engine() {
            Engine::Sqlite => "CAST(replace(CAST(body AS TEXT), '\"at\":\"2', '\"at\":\"1') AS BLOB)",
            Engine::Postgres => "convert_to(replace(convert_from(body, 'UTF8'), '\"at\":\"2', '\"at\":\"1'), 'UTF8')",
        };
        let problems = after(db, &format!("UPDATE ledger_entries SET body = {edit} WHERE idx = 5"));
        assert_eq!(problems, [AuditProblem::Changed(5), AuditProblem::RootDiffers, AuditProblem::Checkpoint]);
        // With its hash made to fit, the tree still tells; it cannot tell where.
        let hash = sql::blob(db, &[7; 32]);
        let problems = after(db, &format!("UPDATE ledger_entries SET leaf_hash = {hash} WHERE idx = 5"));
        assert_eq!(problems, [AuditProblem::Changed(5)]);
        let problems = after(db, "UPDATE ledger_entries SET body = leaf_hash WHERE idx = 5");
        assert!(problems.contains(&AuditProblem::Malformed(5)), "{problems:?}");
    });
}

#[test]
fn deleted_entries_are_missed_in_the_middle_and_at_the_end() {
    for_each_engine(|db| {
        let last = last(db);
        let problems = after(db, "DELETE FROM ledger_entries WHERE idx = 4");
        assert_eq!(problems.first(), Some(&AuditProblem::Missing(4)));
        assert!(!problems.iter().any(|one| matches!(one, AuditProblem::UnrecordedContact(_))), "{problems:?}");
        let problems = after(db, &format!("DELETE FROM ledger_entries WHERE idx >= {}", last - 1));
        assert!(problems.contains(&AuditProblem::Missing(last - 1)), "{problems:?}");
        let problems = after(db, "DELETE FROM ledger_head");
        assert!(problems.contains(&AuditProblem::NoHead), "{problems:?}");
        let problems = after(db, "DELETE FROM ledger_entries");
        assert_eq!(problems.first(), Some(&AuditProblem::Missing(0)));
    });
}

const LEDGER: [&str; 4] = ["ledger_entries", "ledger_nodes", "ledger_head", DETAILS];

#[test]
fn a_ledger_that_was_cut_back_with_its_head_is_told_by_the_rows_that_it_no_longer_explains() {
    for_each_engine(|db| {
        let house = House::found(db);
        let gone = house.add(card("Cy", "cy@example.org"));
        sql::keep(db, &LEDGER);
        let new = house.add(card("Ann", "ann@example.org"));
        house.record(new, ConsentKind::Objected);
        house.erase(gone);
        sql::put_back(db, &LEDGER);
        let problems = house.desk("auditor").audit_verify(&[]).unwrap().problems;
        assert!(problems.contains(&AuditProblem::UnrecordedContact(new)), "{problems:?}");
        assert!(
            problems.iter().any(|one| matches!(one, AuditProblem::VanishedContact(id, _) if *id == gone)),
            "{problems:?}"
        );
        assert!(problems.iter().any(|one| matches!(one, AuditProblem::UnrecordedConsent(_))), "{problems:?}");
    });
}

#[test]
fn an_older_database_put_back_is_told_by_a_checkpoint_kept_outside_and_by_nothing_else() {
    for_each_engine(|db| {
        let house = House::found(db);
        let all: Vec<&str> = TABLES.into_iter().chain([DETAILS]).collect();
        sql::keep(db, &all);
        house.add(card("Ann", "ann@example.org"));
        let outside = [house.desk("auditor").audit_checkpoint().unwrap()];
        house.add(card("Ben", "ben@example.org"));
        let size = 1 + sql::count(db, "ledger_entries") - 2;
        let verified = house.desk("auditor").audit_verify(&outside).unwrap();
        assert!(verified.is_clean(), "{:?}", verified.problems);
        sql::put_back(db, &all);
        let vault = house.opened_again();
        assert_clean(&vault);
        let expected = [AuditProblem::OutsideCheckpoint { size: u64::try_from(size).unwrap() }];
        assert_eq!(desk(&vault, "auditor").audit_verify(&outside).unwrap().problems, expected);
        // Also once the other history has grown past it.
        for _ in 0..5 {
            assert_clean(&vault);
        }
        assert_eq!(desk(&vault, "auditor").audit_verify(&outside).unwrap().problems, expected);
    });
}

#[test]
fn an_older_file_put_back_is_told_by_a_checkpoint_kept_outside() {
    let db = TestDatabase::sqlite();
    let house = House::found(&db);
    let (file, copy) = (db.path().unwrap(), db.folder().join("copy"));
    let (location, words) = (house.location(), house.words().to_owned());
    let open =
        || Vault::open(location.clone(), carnet_core::keys::RootKey::from_words(&words).unwrap(), policy()).unwrap();
    drop(house);
    fs::copy(file, &copy).unwrap();
    let outside = {
        let vault = open();
        assert_clean(&vault);
        desk(&vault, "auditor").audit_checkpoint().unwrap()
    };
    fs::copy(&copy, file).unwrap();
    let vault = open();
    assert_clean(&vault);
    let problems = desk(&vault, "auditor").audit_verify(&[outside]).unwrap().problems;
    assert!(matches!(problems.as_slice(), [AuditProblem::OutsideCheckpoint { .. }]), "{problems:?}");
}

#[test]
fn a_checkpoint_of_another_ledger_is_not_taken_for_ours() {
    for_each_engine(|db| {
        let other = TestDatabase::new(db.engine());
        let (house, other) = (House::found(db), House::found(&other));
        let foreign: [Note; 1] = [other.desk("auditor").audit_checkpoint().unwrap()];
        let problems = house.desk("auditor").audit_verify(&foreign).unwrap().problems;
        assert_eq!(problems, [AuditProblem::Checkpoint]);
        let literal = sql::text(db, foreign[0].to_string().as_bytes());
        db.query(&format!("UPDATE ledger_head SET checkpoint = {literal}"));
        let refused = house.desk("auditor").audit_checkpoint().unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Damaged);
        let problems = house.desk("auditor").audit_verify(&[]).unwrap().problems;
        assert_eq!(problems, [AuditProblem::Checkpoint]);
    });
}

#[test]
fn rows_that_come_and_go_behind_the_ledgers_back_are_named() {
    for_each_engine(|db| {
        let new = sql::blob(db, &[9; 16]);
        let copied = |table: &str, columns: &str, id: &str| {
            let values = columns.replacen(id, &new, 1);
            format!("INSERT INTO {table} ({columns}) SELECT {values} FROM {table} LIMIT 1")
        };
        let ninth = [9; 16];
        let contact = copied(
            "contacts",
            "id, controller_id, provenance_id, key_generation, revision, added_us, changed_us, addressed_us, sealed_card",
            "id",
        );
        assert_eq!(after(db, &contact), [AuditProblem::UnrecordedContact(ContactId::from_bytes(ninth))]);
        let event = copied(
            "consent_events",
            "id, controller_id, contact_id, purpose_id, kind, authority, recorded_us, entry_id, sealed_evidence",
            "id",
        );
        let expected = AuditProblem::UnrecordedConsent(carnet_core::model::ConsentEventId::from_bytes(ninth));
        assert_eq!(after(db, &event), [expected]);
        let (problems, id, _) = problems_of(db, |db, id| {
            let id = sql::blob(db, id.as_bytes());
            db.query(&format!("DELETE FROM contacts WHERE id = {id}"));
        });
        assert!(matches!(problems.as_slice(), [AuditProblem::VanishedContact(gone, _)] if *gone == id), "{problems:?}");
        let problems = after(db, "DELETE FROM consent_events WHERE kind = 'withdrawn'");
        assert!(matches!(problems.as_slice(), [AuditProblem::VanishedConsent(_, _)]), "{problems:?}");
        // Away from its contact without being deleted: nobody would ever read it again.
        let moved = format!("UPDATE consent_events SET contact_id = {new} WHERE kind = 'withdrawn'");
        let problems = after(db, &moved);
        assert!(problems.iter().any(|one| matches!(one, AuditProblem::VanishedConsent(_, _))), "{problems:?}");
        let elsewhere = "UPDATE contacts SET controller_id = (SELECT id FROM controllers WHERE name = 'Hill Bakery')";
        let problems = after(db, elsewhere);
        assert!(problems.iter().any(|one| matches!(one, AuditProblem::VanishedContact(_, _))), "{problems:?}");
        let problems = after(db, &format!("DELETE FROM {DETAILS}"));
        assert!(problems.iter().all(|one| matches!(one, AuditProblem::VanishedDetails(_))) && problems.len() > 5);
    });
}

#[test]
fn an_older_row_put_back_is_told_by_its_revision() {
    for_each_engine(|db| {
        let house = House::found(db);
        let id = house.add(card("Ann", "ann@example.org"));
        sql::keep(db, &["contacts"]);
        let patch = CardPatch::new().add(CardEntry::Note, "moved away");
        house.desk("operator").edit_contact(&house.ours.controller, id, &patch).unwrap();
        house.assert_clean();
        sql::put_back(db, &["contacts"]);
        // It is authentic, and opens: only the ledger knows better.
        house.desk("operator").show_contact(&house.ours.controller, id).unwrap();
        let problems = house.desk("auditor").audit_verify(&[]).unwrap().problems;
        assert_eq!(problems, [AuditProblem::Revision { id, found: 1, recorded: 2 }]);
    });
}

#[test]
fn an_erased_contact_put_back_is_told() {
    for_each_engine(|db| {
        let house = House::found(db);
        let id = house.add(card("Ann", "ann@example.org"));
        house.record(id, ConsentKind::Given);
        sql::keep(db, &["contacts", "contact_salts", "consent_events"]);
        house.erase(id);
        house.assert_clean();
        sql::put_back(db, &["consent_events"]);
        assert_eq!(house.desk("auditor").audit_verify(&[]).unwrap().problems, [AuditProblem::RevivedContact(id)]);
        sql::put_back(db, &["contacts", "contact_salts"]);
        assert_eq!(house.desk("auditor").audit_verify(&[]).unwrap().problems, [AuditProblem::RevivedContact(id)]);
    });
}

#[test]
fn entries_that_wait_for_their_place_are_part_of_the_story() {
    for_postgres(|db| {
        let house = House::found(db);
        house.add(card("Ann", "ann@example.org"));
        // As between the commit of an act and the sequencer's turn, or when the sequencer fails.
        db.query("ALTER TABLE ledger_head ADD CONSTRAINT stop CHECK (size < 0) NOT VALID");
        let id = house.add(card("Ben", "ben@example.org"));
        let patch = CardPatch::new().add(CardEntry::Note, "x");
        house.desk("operator").edit_contact(&house.ours.controller, id, &patch).unwrap();
        assert!(sql::count(db, "ledger_queue") >= 2);
        house.assert_clean();
        db.query("ALTER TABLE ledger_head DROP CONSTRAINT stop");
        house.assert_clean();
        assert_eq!(sql::count(db, "ledger_queue"), 0);
    });
}

#[test]
fn another_ledger_key_in_the_vaults_row_is_refused() {
    for_each_engine(|db| {
        let (other, house) = (TestDatabase::new(db.engine()), House::found(db));
        let foreign = House::found(&other).vault.ledger_key().to_string();
        let genuine = house.desk("owner").status().unwrap().ledger_key;
        db.query(&format!("UPDATE vault SET ledger_vkey = {}", sql::text(db, foreign.as_bytes())));
        assert_eq!(house.desk("owner").status().unwrap().ledger_key, genuine);
        let root = carnet_core::keys::RootKey::from_words(house.words()).unwrap();
        let Err(refused) = Vault::open(house.location(), root, policy()) else { panic!("it opened") };
        assert_eq!(refused.kind(), ErrorKind::Damaged, "{refused}");
    });
}

#[test]
fn a_refusal_that_is_taken_away_or_put_in_is_missed() {
    for_each_engine(|db| {
        let of = |problems: Vec<AuditProblem>| match problems.as_slice() {
            [AuditProblem::Suppressions { found, recorded, .. }] => (*found, *recorded),
            other => panic!("{other:?}"),
        };
        let (found, recorded) = of(after(db, "DELETE FROM suppressions"));
        assert!(found == 0 && recorded > 0, "{found} {recorded}");
        let tag = sql::blob(db, &[7; 16]);
        let put_in = format!(
            "INSERT INTO suppressions SELECT controller_id, {tag}, purpose_id, cause, at_us FROM suppressions LIMIT 1"
        );
        let (found, recorded) = of(after(db, &put_in));
        assert_eq!(found, recorded + 1);
    });
}
