//! What older rows have forgotten, the newest keyring knows: nothing that was refused, ended or erased comes back by a restore.

use carnet_core::backup::Content;
use carnet_core::keys::RootKey;
use carnet_core::model::{ConsentKind, ListStatus, ReasonCode};
use carnet_desk::{Desk, DeskError, ErrorKind, Restored, SnapshotFiles, StoreError, Vault, restore};
use carnet_tests::{TestDatabase, for_each_engine};

use super::gate::{imported_list, to, used};
use super::house::{House, assert_clean, card, desk, errand, policy};
use super::operations::{Files, half};

fn restored(
    house: &House,
    rows: &Files,
    keyrings: &[&Files],
    into: &TestDatabase,
) -> Result<(Vault, Restored), DeskError> {
    let root = RootKey::from_words(house.words()).unwrap();
    let keyrings: Vec<&dyn SnapshotFiles> = keyrings.iter().map(|one| *one as &dyn SnapshotFiles).collect();
    let place = into.url().parse().unwrap();
    restore(place, root, policy(), (rows, &keyrings), &errand("the machine is gone"), &mut |_, _| ())
}

/// What a contact of ours stands at with the newsletter.
fn is_refused(house: &House, desk: &Desk<'_>, contact: carnet_core::model::ContactId) -> bool {
    let standings = desk.consent_history(&house.ours.controller, contact).unwrap();
    standings.iter().any(|one| one.purpose == house.ours.newsletter && one.suppressed_since.is_some())
}

#[test]
fn a_refusal_that_was_renewed_after_the_rows_were_read_is_renewed_again() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (ann, ben) = (house.add(card("Ann", "ann@example.org")), house.add(card("Ben", "ben@example.org")));
        for contact in [ann, ben] {
            house.record(contact, ConsentKind::Withdrawn);
            house.record(contact, ConsentKind::Given);
            assert!(!is_refused(&house, &house.desk("operator"), contact));
        }
        let rows = half(&house.desk("owner"), Content::Rows);
        house.record(ann, ConsentKind::Withdrawn);
        let keyring = half(&house.desk("owner"), Content::Keyring);
        let other = TestDatabase::new(db.engine());
        let (vault, done) = restored(&house, &rows, &[&keyring], &other).unwrap();
        let operator = desk(&vault, "operator");
        assert!(is_refused(&house, &operator, ann), "a consent from between the two lifts the older refusal alone");
        assert!(!is_refused(&house, &operator, ben));
        assert!(done.suppressed > 0);
        assert_clean(&vault);
    });
}

#[test]
fn a_release_that_had_ended_and_a_condemned_list_stay_so_and_one_in_force_stays_in_force() {
    for_each_engine(|db| {
        let house = House::found(db);
        let firm = &house.ours;
        let [kept, blocked] = ["kept", "blocked"].map(|name| {
            let list = imported_list(&house, firm, name, &[("Ann", None)]);
            to(&house, firm, list, ListStatus::Released);
            list
        });
        assert_eq!(used(&house, firm, blocked).unwrap().len(), 1);
        let rows = half(&house.desk("owner"), Content::Rows);
        house.desk("officer").block_list(&firm.controller, blocked, ReasonCode::Swapped).unwrap();
        let keyring = half(&house.desk("owner"), Content::Keyring);
        let other = TestDatabase::new(db.engine());
        let (vault, done) = restored(&house, &rows, &[&keyring], &other).unwrap();
        assert_eq!(done.ended, 1);
        let operator = desk(&vault, "operator");
        let refused = operator.use_list(&firm.controller, blocked, None).map(drop).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Denied, "{refused}");
        assert_eq!(operator.use_list(&firm.controller, kept, None).unwrap().count(), 1);
        let condemned = super::sql::count(&other, "condemned_tags");
        assert!(condemned > 0 && condemned == super::sql::count(db, "condemned_tags"));
        assert_clean(&vault);
    });
}

#[test]
fn a_keyring_of_another_vault_damaged_files_and_another_key_restore_nothing() {
    for_each_engine(|db| {
        let house = House::found(db);
        house.add(card("Ann", "ann@example.org"));
        let (rows, keyring) = (half(&house.desk("owner"), Content::Rows), half(&house.desk("owner"), Content::Keyring));
        let theirs = House::found(&TestDatabase::sqlite());
        let foreign = half(&theirs.desk("owner"), Content::Keyring);
        let other = TestDatabase::new(db.engine());
        let open = || {
            let root = RootKey::from_words(house.words()).unwrap();
            Vault::open(other.url().parse().unwrap(), root, policy()).map(drop).unwrap_err()
        };
        for (rows, keyrings) in
            [(&rows, vec![&foreign]), (&rows, vec![]), (&keyring, vec![&keyring]), (&rows, vec![&rows])]
        {
            let refused = restored(&house, rows, &keyrings, &other).map(drop).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Damaged, "{refused}");
        }
        // Another key finds out when all is filled in: what is there then opens with no key, and is begun anew.
        let root = RootKey::generate();
        let keyrings: [&dyn SnapshotFiles; 1] = [&keyring];
        let place = other.url().parse().unwrap();
        let wrong = restore(place, root, policy(), (&rows, &keyrings), &errand("a try"), &mut |_, _| ());
        assert_eq!(wrong.map(drop).unwrap_err().kind(), ErrorKind::Key);
        assert!(matches!(open(), DeskError::Store(StoreError::Restoring { .. })));
        let (vault, done) = restored(&house, &rows, &[&keyring], &other).unwrap();
        assert_eq!((done.contacts, done.without_salt), (1, 0));
        assert_clean(&vault);
        // What is there is a vault now, and stays.
        let refused = restored(&house, &rows, &[&keyring], &other).map(drop).unwrap_err();
        assert!(matches!(refused, DeskError::Store(StoreError::VaultExists { .. })), "{refused}");
    });
}
