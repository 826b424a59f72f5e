//! Rotating keys: nothing is lost, nothing is left behind, and everybody else goes on working meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use carnet_core::keys::{KeyError, RootKey};
use carnet_core::model::{Authority, CardEntry, CardPatch, ConsentKind, ContactId, Controller};
use carnet_desk::{Desk, DeskError, ErrorKind, Vault};
use carnet_tests::{TestDatabase, for_each_engine, for_postgres};

use super::house::{House, assert_clean, card, consent, desk, new_contact, policy};
use super::sql;

/// How many sealed values of ours stand under a generation, in all tables. It is in bytes 1 to 4 of each.
fn sealed_under(db: &TestDatabase, controller: &Controller, generation: u32) -> i64 {
    let (id, generation) = (sql::blob(db, controller.id.as_bytes()), sql::blob(db, &generation.to_be_bytes()));
    let columns = [
        ("contacts", "sealed_card"),
        ("contact_originals", "sealed"),
        ("consent_events", "sealed_evidence"),
        ("provenances", "sealed"),
        ("ledger_details", "sealed"),
    ];
    let count = |(table, column): &(&str, &str)| {
        format!(
            "SELECT count(*) AS n FROM {table} WHERE controller_id = {id} AND substr({column}, 2, 4) = {generation}"
        )
    };
    let all = columns.iter().map(count).collect::<Vec<_>>().join(" UNION ALL ");
    sql::number(db, &format!("SELECT CAST(sum(n) AS bigint) FROM ({all}) AS counts"))
}

fn masters(db: &TestDatabase, controller: &Controller) -> String {
    let id = sql::blob(db, controller.id.as_bytes());
    db.query(&format!(
        "SELECT generation FROM controller_keys WHERE name = 'master' AND controller_id = {id} ORDER BY 1"
    ))
}

fn finish(desk: &Desk<'_>, controller: &Controller) {
    desk.begin_rotation(controller).unwrap();
    while desk.step_rotation(controller).unwrap().finished.is_none() {}
}

fn with_consent(desk: &Desk<'_>, house: &House, email: &str) -> ContactId {
    let id = desk.add_contact(&house.ours.controller, &new_contact(card("Ann", email))).unwrap();
    let given = consent(house.ours.newsletter, ConsentKind::Given, None, Authority::Claim);
    desk.record_consent(&house.ours.controller, id, &given).unwrap();
    id
}

#[test]
fn a_rotated_root_key_opens_the_vault_the_old_one_does_not_and_nothing_else_changes() {
    for_each_engine(|db| {
        let house = House::found(db);
        let id = house.add(card("Ann", "ann@example.org"));
        let others = ["contacts", "contact_salts", "contact_emails", "provenances", "ledger_details"];
        let dump = || others.map(|table| sql::bytes_of(db, "controller_id", table)).concat().len();
        let (sealed, rows) = (sql::bytes_of(db, "sealed_card", "contacts"), dump());
        let new = RootKey::generate();
        let words = new.to_words().reveal().to_string();
        house.desk("owner").rotate_root(new).unwrap();
        assert_eq!(sql::bytes_of(db, "sealed_card", "contacts"), sealed);
        // One more row: the details of the rotation's own entry.
        assert_eq!(dump(), rows + 1);
        let open = |words: &str| Vault::open(house.location(), RootKey::from_words(words).unwrap(), policy());
        let Err(refused) = open(house.words()) else { panic!("the old key opened it") };
        assert!(matches!(refused, DeskError::Key(KeyError::WrongRootKey { .. })), "{refused}");
        assert_eq!(refused.kind(), ErrorKind::Key);
        let vault = open(&words).unwrap();
        for vault in [&vault, &house.vault] {
            desk(vault, "operator").show_contact(&house.ours.controller, id).unwrap();
            desk(vault, "owner").add_controller(&vault_name(vault), "FR".parse().unwrap(), None).unwrap();
            assert_clean(vault);
        }
        open(&words).unwrap();
    });
}

fn vault_name(vault: &Vault) -> String {
    format!("Founded at {:p}", std::ptr::from_ref(vault))
}

#[test]
fn a_process_that_still_has_the_old_root_key_wraps_nothing_under_it() {
    for_each_engine(|db| {
        let house = House::found(db);
        let id = house.add(card("Ann", "ann@example.org"));
        let stale = house.opened_again();
        let new = RootKey::generate();
        let words = new.to_words().reveal().to_string();
        house.desk("owner").rotate_root(new).unwrap();
        let owner = desk(&stale, "owner");
        for refused in [
            owner.add_controller("Late Ltd", "FR".parse().unwrap(), None).map(drop),
            owner.begin_rotation(&house.ours.controller).map(drop),
            owner.rotate_root(RootKey::generate()),
        ] {
            let error = refused.unwrap_err();
            assert!(matches!(error, DeskError::Key(KeyError::WrongRootKey { .. })), "{error}");
        }
        // It reads and writes what its keys still serve for.
        desk(&stale, "operator").show_contact(&house.ours.controller, id).unwrap();
        let vault = Vault::open(house.location(), RootKey::from_words(&words).unwrap(), policy()).unwrap();
        assert_eq!(desk(&vault, "owner").list_controllers().unwrap().len(), 2);
        assert_clean(&vault);
    });
}

#[test]
fn a_master_key_is_rotated_in_steps_while_others_work_from_here_and_from_a_process_with_older_keys() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (ours, owner, operator) = (&house.ours.controller, house.desk("owner"), house.desk("operator"));
        let mut ids: Vec<ContactId> = (0..230).map(|n| house.add(card("Ann", &format!("a{n}@example.org")))).collect();
        ids.push(with_consent(&operator, &house, "b@example.org"));
        let theirs = operator.add_contact(&house.theirs.controller, &new_contact(card("T", "t@example.org"))).unwrap();
        let elsewhere = house.opened_again();
        let there = desk(&elsewhere, "operator");
        assert!(sealed_under(db, ours, 1) > 460);

        let begun = owner.begin_rotation(ours).unwrap();
        assert_eq!((begun.to_generation, begun.resealed, begun.finished), (2, 0, None));
        assert_eq!(owner.begin_rotation(ours).unwrap(), begun, "taken up, not begun twice");
        assert_eq!(masters(db, ours), "1\n2");
        // Between the steps, here and elsewhere: add, change, record, look, erase, before and behind the mark.
        let work = |here: &Desk<'_>, ids: &mut Vec<ContactId>, round: usize| {
            let added = with_consent(here, &house, &format!("c{round}@example.org"));
            for id in [ids[0], ids[ids.len() / 2], ids[ids.len() - 1], added] {
                let patch = CardPatch::new().set(CardEntry::Note, &format!("round {round}"));
                here.edit_contact(ours, id, &patch).unwrap();
                let objected = consent(house.ours.invoicing, ConsentKind::Objected, None, Authority::OwnAct);
                here.record_consent(ours, id, &objected).unwrap();
                assert_eq!(here.show_contact(ours, id).unwrap().card.notes().next(), Some(&*format!("round {round}")));
            }
            ids.push(added);
            for which in [1, ids.len() / 3, ids.len() - 3] {
                house.erase(ids.remove(which));
            }
        };
        work(&there, &mut ids, 0);
        let first = owner.step_rotation(ours).unwrap();
        assert!(first.resealed == 200 && first.finished.is_none());
        work(&operator, &mut ids, 1);
        work(&there, &mut ids, 2);
        while owner.step_rotation(ours).unwrap().finished.is_none() {
            let round = 3 + ids.len();
            work(&there, &mut ids, round);
        }
        work(&there, &mut ids, 1000);

        assert_eq!(masters(db, ours), "2");
        assert_eq!(sealed_under(db, ours, 1), 0);
        assert_eq!(masters(db, &house.theirs.controller), "1");
        let fresh = house.opened_again();
        for here in [&operator, &there, &desk(&fresh, "operator")] {
            for id in &ids {
                here.show_contact(ours, *id).unwrap();
            }
            here.show_contact(&house.theirs.controller, theirs).unwrap();
        }
        let closed = owner.step_rotation(ours).unwrap_err();
        assert_eq!(closed.kind(), ErrorKind::NotFound);
        house.assert_clean();
        // And once more from the process that never began one.
        finish(&desk(&elsewhere, "owner"), ours);
        assert_eq!((masters(db, ours), sealed_under(db, ours, 2)), ("3".to_owned(), 0));
        operator.show_contact(ours, ids[0]).unwrap();
        let tail = house.desk("officer").audit_tail(1000).unwrap();
        let lost = tail.iter().filter(|view| view.details == carnet_desk::DetailsView::Contradicts).count();
        assert_eq!(lost, 0, "details follow the key");
    });
}

#[test]
fn an_interrupted_rotation_is_taken_up_by_another_process() {
    for_each_engine(|db| {
        let house = House::found(db);
        let ids: Vec<ContactId> = (0..205).map(|n| house.add(card("Ann", &format!("a{n}@example.org")))).collect();
        let ours = &house.ours.controller;
        let owner = house.desk("owner");
        owner.begin_rotation(ours).unwrap();
        let begun = owner.step_rotation(ours).unwrap();
        // This process ends here; another sees how far it came.
        let vault = house.opened_again();
        let owner = desk(&vault, "owner");
        let status = owner.status().unwrap();
        assert_eq!(status.rotations, [(ours.name.clone(), begun.clone())]);
        assert_eq!(owner.begin_rotation(ours).unwrap(), begun);
        let done =
            std::iter::repeat_with(|| owner.step_rotation(ours).unwrap()).find(|step| step.finished.is_some()).unwrap();
        assert_eq!(done.resealed, 205);
        assert_eq!((masters(db, ours), sealed_under(db, ours, 1)), ("2".to_owned(), 0));
        for id in ids {
            house.desk("operator").show_contact(ours, id).unwrap();
        }
        assert!(owner.status().unwrap().rotations.is_empty());
        assert_clean(&vault);
    });
}

#[test]
fn rotations_by_two_processes_at_once_while_four_desks_write_lose_nothing() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (ours, done) = (&house.ours.controller, AtomicBool::new(false));
        for n in 0..220 {
            house.add(card("Ann", &format!("a{n}@example.org")));
        }
        let written: Vec<ContactId> = thread::scope(|scope| {
            let writers: Vec<_> = (0..4)
                .map(|writer| {
                    let (house, done) = (&house, &done);
                    scope.spawn(move || {
                        let vault = house.opened_again();
                        let here = desk(&vault, "operator");
                        let mut ids = Vec::new();
                        while !done.load(Ordering::Relaxed) {
                            let email = format!("w{writer}.{}@example.org", ids.len());
                            ids.push(until_done(|| {
                                here.add_contact(&house.ours.controller, &new_contact(card("W", &email)))
                            }));
                            let patch = CardPatch::new().set(CardEntry::Note, "again");
                            let id = ids[ids.len() / 2];
                            until_done(|| here.edit_contact(&house.ours.controller, id, &patch));
                        }
                        ids
                    })
                })
                .collect();
            let rotators: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| {
                        let vault = house.opened_again();
                        let owner = desk(&vault, "owner");
                        for _ in 0..2 {
                            owner.begin_rotation(ours).unwrap();
                            loop {
                                match owner.step_rotation(ours) {
                                    Ok(step) if step.finished.is_none() => {}
                                    Ok(_) => break,
                                    // The other one was first to the end.
                                    Err(error) if error.kind() == ErrorKind::NotFound => break,
                                    Err(error) => panic!("{error}"),
                                }
                            }
                        }
                    })
                })
                .collect();
            // Also where a rotation failed: the writers would wait for its end for ever.
            let rotated: Vec<_> = rotators.into_iter().map(|one| one.join()).collect();
            done.store(true, Ordering::Relaxed);
            rotated.into_iter().for_each(Result::unwrap);
            writers.into_iter().flat_map(|one| one.join().unwrap()).collect()
        });
        finish(&house.desk("owner"), ours);
        let newest = masters(db, ours);
        assert_eq!(newest.lines().count(), 1, "{newest}");
        let newest: u32 = newest.parse().unwrap();
        assert_eq!((1..newest).map(|generation| sealed_under(db, ours, generation)).sum::<i64>(), 0);
        for id in written {
            house.desk("operator").show_contact(ours, id).unwrap();
        }
        house.assert_clean();
    });
}

/// Repeats what was refused only because a key was rotated, or a writer was busy, twice in a row.
fn until_done<T>(mut act: impl FnMut() -> Result<T, DeskError>) -> T {
    for _ in 0..20 {
        match act() {
            Ok(value) => return value,
            Err(error) if error.kind() == ErrorKind::Conflict => thread::sleep(Duration::from_millis(5)),
            Err(error) => panic!("{error} ({error:?})"),
        }
    }
    panic!("refused twenty times")
}

/// On PostgreSQL a writer may have to wait for a rotation to begin. What it then writes is sealed under the new key.
#[test]
fn a_write_that_waited_for_a_rotation_to_begin_is_sealed_under_the_new_generation() {
    for_postgres(|db| {
        let house = House::found(db);
        let ours = &house.ours.controller;
        // A process whose keys are of before; and the rotation, taken out of the database again to be played by hand.
        let waiting = house.opened_again();
        house.desk("owner").begin_rotation(ours).unwrap();
        sql::keep(db, &["controller_keys", "key_rotations"]);
        db.query("DELETE FROM key_rotations; DELETE FROM controller_keys WHERE generation = 2");
        thread::scope(|scope| {
            scope.spawn(|| {
                db.query(
                    "BEGIN; SELECT 1 FROM controller_keys FOR UPDATE;
                     INSERT INTO controller_keys SELECT * FROM kept_controller_keys WHERE generation = 2;
                     INSERT INTO key_rotations SELECT * FROM kept_key_rotations; SELECT pg_sleep(1.5); COMMIT",
                )
            });
            thread::sleep(Duration::from_millis(600));
            desk(&waiting, "operator").add_contact(ours, &new_contact(card("Ann", "ann@example.org"))).unwrap();
        });
        assert_eq!(db.query("SELECT key_generation FROM contacts"), "2");
    });
}

#[test]
fn on_both_engines_the_generation_is_read_from_where_it_stands() {
    for_each_engine(|db| {
        let house = House::found(db);
        house.add(card("Ann", "ann@example.org"));
        // The card, its origin, and the details of the entry that added it.
        assert_eq!((sealed_under(db, &house.ours.controller, 1), sealed_under(db, &house.ours.controller, 2)), (3, 0));
    });
}
