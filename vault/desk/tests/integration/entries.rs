//! Each act leaves exactly one entry that says who did what to whom; without its entry nothing happens and nothing is
//! answered.

use carnet_core::ledger::Channel;
use carnet_desk::{Desk, DeskError, DetailsView, ErrorKind, StoreError};
use carnet_tests::{Engine, TestDatabase, for_each_engine};

use super::house::UID;
use super::operations::{METHODS, Method, Stage};
use super::sql;

/// Somebody who may.
fn able<'s>(stage: &'s Stage<'_>, method: &Method) -> Desk<'s> {
    stage.house.desk(account_for(method))
}

fn account_for(method: &Method) -> &'static str {
    match method.name {
        "plan_erasure" | "carry_out_erasure" | "release_list" | "block_list" | "ask_about_list" | "judge_proof"
        | "add_trap" | "traps" | "remove_trap" => "officer",
        _ => "owner",
    }
}

#[test]
fn each_act_leaves_one_entry_with_actor_way_machine_user_and_object() {
    for_each_engine(|db| {
        let stage = Stage::set(db);
        for method in &METHODS {
            let desk = able(&stage, method);
            let before = sql::count(db, "ledger_entries");
            (method.call)(&stage, &desk, &stage.house.ours).unwrap_or_else(|error| panic!("{}: {error}", method.name));
            let left = sql::count(db, "ledger_entries") - before;
            let Some((event, kinds)) = method.leaves else {
                assert_eq!(left, 0, "{}", method.name);
                continue;
            };
            // An import begins and ends; it has chunks where its source has contacts.
            let acts = if matches!(method.name, "import" | "submit_and_check_list") { 2 } else { 1 };
            assert_eq!(left, acts, "{}", method.name);
            let view = stage.house.desk("officer").audit_tail(1).unwrap().remove(0);
            assert_eq!(view.entry.event.as_str(), event);
            assert_eq!(view.entry.actor.account, Some(desk.account().id), "{}", method.name);
            assert_eq!((view.entry.actor.channel, view.entry.actor.os_user), (Channel::CommandLine, Some(UID)));
            assert!(view.entry.policy.is_some() && view.entry.commitment.is_some());
            let named: Vec<&str> = view.entry.objects.iter().map(|object| object.kind.as_str()).collect();
            assert_eq!(named, *kinds, "{}", method.name);
            if method.name != "carry_out_erasure" {
                let DetailsView::Opened { reason, os_user, .. } = view.details else { panic!("{}", method.name) };
                assert_eq!((reason.as_str(), os_user.as_deref()), ("to try it", Some("mallory")));
            }
        }
        stage.house.assert_clean();
    });
}

#[test]
fn what_needs_a_reason_is_not_done_for_a_blank_one() {
    for_each_engine(|db| {
        let stage = Stage::set(db);
        let before = (sql::rows(db), sql::count(db, "ledger_entries"));
        // Naming a contact answers with its id alone; what is then done with it asks for its own reason.
        let asking = |method: &&Method| method.operation.needs_reason() && method.name != "contact_named";
        for method in METHODS.iter().filter(asking) {
            for blank in ["", " \t\n"] {
                let desk = stage.house.desk_because(account_for(method), blank);
                let refused = (method.call)(&stage, &desk, &stage.house.ours).unwrap_err();
                assert!(matches!(refused, DeskError::NoReason(_)), "{}: {refused}", method.name);
                assert_eq!(refused.kind(), ErrorKind::Invalid);
            }
        }
        assert_eq!((sql::rows(db), sql::count(db, "ledger_entries")), before);
    });
}

/// From here on the ledger takes no entry, for the reason that the engine would give on a full disk.
fn fill_the_disk(db: &TestDatabase) {
    db.query(match db.engine() {
        Engine::Sqlite => {
            "CREATE TRIGGER full BEFORE INSERT ON ledger_entries BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END"
        }
        Engine::Postgres => {
            "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device'; END $$;
             CREATE TRIGGER no_space BEFORE INSERT ON ledger_queue FOR EACH ROW EXECUTE FUNCTION no_space()"
        }
    });
}

fn free_the_disk(db: &TestDatabase) {
    db.query(match db.engine() {
        Engine::Sqlite => "DROP TRIGGER full",
        Engine::Postgres => "DROP TRIGGER no_space ON ledger_queue",
    });
}

#[test]
fn where_the_entry_cannot_be_written_nothing_happens_nothing_is_answered_and_all_goes_on_afterwards() {
    for_each_engine(|db| {
        let stage = Stage::set(db);
        // A step needs a rotation to work on.
        stage.house.desk("owner").begin_rotation(&stage.house.ours.controller).unwrap();
        let before = (sql::rows(db), sql::count(db, "ledger_entries"));
        fill_the_disk(db);
        for method in METHODS.iter().filter(|one| one.leaves.is_some() && one.name != "begin_rotation") {
            let refused = (method.call)(&stage, &able(&stage, method), &stage.house.ours);
            assert!(matches!(refused, Err(DeskError::Store(StoreError::DiskFull))), "{}: {refused:?}", method.name);
        }
        let denied = stage.house.desk("auditor").find_contacts(&stage.house.ours.controller, "ann").unwrap_err();
        assert!(matches!(denied, DeskError::Store(StoreError::DiskFull)), "{denied}");
        assert_eq!((sql::rows(db), sql::count(db, "ledger_entries")), before);
        assert!(!db.folder().join("export").exists());
        free_the_disk(db);
        for method in &METHODS {
            let done = (method.call)(&stage, &able(&stage, method), &stage.house.ours);
            done.unwrap_or_else(|error| panic!("{}: {error}", method.name));
        }
        stage.house.assert_clean();
    });
}

#[test]
fn without_its_table_the_ledger_stops_every_act() {
    for_each_engine(|db| {
        let stage = Stage::set(db);
        stage.house.desk("owner").begin_rotation(&stage.house.ours.controller).unwrap();
        let before = sql::rows(db);
        db.query(match db.engine() {
            Engine::Sqlite => "DROP TABLE ledger_entries",
            Engine::Postgres => "DROP TABLE ledger_queue",
        });
        for method in METHODS.iter().filter(|one| one.leaves.is_some() && one.name != "begin_rotation") {
            let refused = (method.call)(&stage, &able(&stage, method), &stage.house.ours);
            assert!(refused.is_err(), "{}", method.name);
        }
        assert_eq!(sql::rows(db), before);
    });
}
