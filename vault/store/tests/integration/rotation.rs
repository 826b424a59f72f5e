//! Once a newer master key is started, nothing sealed under an older one is written any more.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use carnet_core::keys::MasterKey;
use carnet_core::model::{
    AccountId, Authority, ConsentEventId, ConsentKind, EntryId, ProvenanceId, ProvenanceKind, PurposeId, Timestamp,
};
use carnet_store::{ConsentRow, OriginalRow, ProvenanceRow, RecordDetails, Store, StoreError, WriteTx};
use carnet_tests::for_each_engine;

use crate::support::{House, Outcome, found, ledger_must_be_whole, location, note, record, tags};

fn start(store: &Store, house: &House, generation: u32) -> Outcome<()> {
    store.write(|tx| Ok((record("key.rotate"), tx.master_start(&house.key_row(generation))?)))
}

fn insert(store: &Store, house: &House, number: u64) -> Outcome<()> {
    let (row, salt) = house.contact(300);
    store.write(|tx| Ok((record("contact.add"), tx.contact_insert(&row, &salt, &tags(number))?)))
}

#[test]
fn what_was_sealed_under_an_older_key_is_refused_and_changes_nothing() {
    for_each_engine(|db| {
        let store = found(location(db));
        let house = House::in_store(&store);
        let (row, salt) = house.contact(300);
        store
            .write(|tx| Ok::<_, StoreError>((record("contact.add"), tx.contact_insert(&row, &salt, &tags(1))?)))
            .unwrap();
        let sealed = || house.seal(row.id, &salt, b"x");
        start(&store, &house, 2).unwrap();

        let changed = carnet_store::ContactRow { revision: 2, ..row.clone() };
        let (fresh, fresh_salt) = house.contact(300);
        let original = OriginalRow { media_type: "text/vcard".to_owned(), sealed: sealed() };
        let event = ConsentRow {
            controller: house.id(),
            contact: row.id,
            id: ConsentEventId::new(),
            purpose: PurposeId::new(),
            kind: ConsentKind::Given,
            authority: Authority::OwnAct,
            at: None,
            recorded: Timestamp::now(),
            notice: None,
            entry: EntryId::new(),
            evidence: sealed(),
        };
        let origin = ProvenanceRow {
            controller: house.id(),
            id: ProvenanceId::new(),
            kind: ProvenanceKind::ManualEntry,
            sealed: sealed(),
            brought_by: AccountId::new(),
            at: Timestamp::now(),
        };
        type Stale<'a> = &'a dyn Fn(&mut WriteTx<'_>) -> Outcome<()>;
        let writes: [Stale<'_>; 5] = [
            &|tx| tx.contact_insert(&fresh, &fresh_salt, &tags(2)),
            &|tx| tx.contact_update(&changed, &tags(3)),
            &|tx| tx.contact_original_insert(house.id(), row.id, &original),
            &|tx| tx.consent_insert(&event),
            &|tx| tx.provenance_insert(&origin),
        ];
        for (number, write) in writes.iter().enumerate() {
            let outcome = store.write(|tx| Ok((record("test.stale"), write(tx)?)));
            assert!(matches!(outcome, Err(StoreError::StaleKeys)), "write {number}: {outcome:?}");
        }
        let details = RecordDetails { subject: Some((house.id(), row.id)), sealed: sealed() };
        let stale = carnet_store::Record { details: Some(details), ..record("test.stale") };
        let outcome: Outcome<()> = store.write(|_| Ok((stale, ())));
        assert!(matches!(outcome, Err(StoreError::StaleKeys)), "details: {outcome:?}");

        assert_eq!(store.read(|tx| tx.contact(house.id(), row.id)).unwrap(), Some(row));
        assert_eq!(store.read(|tx| tx.contact_count(None)).unwrap(), 1);
        assert_eq!(ledger_must_be_whole(&store), 4, "no entry of a refused write");
    });
}

#[test]
fn the_new_key_seals_and_is_started_once() {
    for_each_engine(|db| {
        let store = found(location(db));
        let mut house = House::in_store(&store);
        start(&store, &house, 2).unwrap();
        assert!(matches!(start(&store, &house, 2), Err(StoreError::Conflict)));
        assert!(matches!(start(&store, &house, 1), Err(StoreError::Conflict)));
        house.master = MasterKey::generate(house.id(), 2);
        insert(&store, &house, 1).unwrap();
        assert!(matches!(insert(&store, &House::of(house.id()), 2), Err(StoreError::StaleKeys)));
    });
}

#[test]
fn a_new_key_waits_for_those_who_are_still_writing_under_the_old_one() {
    for_each_engine(|db| {
        let store = found(location(db));
        let house = House::in_store(&store);
        let (written, wait_written) = mpsc::channel();
        let (finish, wait_finish) = mpsc::channel::<()>();
        thread::scope(|scope| {
            let (store, house) = (&store, &house);
            let writer = scope.spawn(move || {
                let (row, salt) = house.contact(300);
                store.write(|tx| {
                    tx.contact_insert(&row, &salt, &tags(1))?;
                    written.send(()).unwrap();
                    wait_finish.recv().unwrap();
                    Ok::<_, StoreError>((record("contact.add"), ()))
                })
            });
            wait_written.recv().unwrap();
            let rotation = scope.spawn(|| start(store, house, 2));
            thread::sleep(Duration::from_millis(400));
            assert!(!rotation.is_finished(), "it did not wait");
            finish.send(()).unwrap();
            writer.join().unwrap().unwrap();
            rotation.join().unwrap().unwrap();
        });
        assert_eq!(store.read(|tx| tx.contact_count(None)).unwrap(), 1);
        assert!(matches!(insert(&store, &house, 2), Err(StoreError::StaleKeys)));
    });
}

#[test]
fn a_writer_that_comes_while_a_new_key_is_being_started_is_refused() {
    for_each_engine(|db| {
        let store = found(location(db));
        let house = House::in_store(&store);
        let (started, wait_started) = mpsc::channel();
        let (finish, wait_finish) = mpsc::channel::<()>();
        thread::scope(|scope| {
            let (store, house) = (&store, &house);
            let rotation = scope.spawn(move || {
                store.write(|tx| {
                    tx.master_start(&house.key_row(2))?;
                    started.send(()).unwrap();
                    wait_finish.recv().unwrap();
                    Ok::<_, StoreError>((record("key.rotate"), ()))
                })
            });
            wait_started.recv().unwrap();
            let writer = scope.spawn(|| insert(store, house, 1));
            thread::sleep(Duration::from_millis(400));
            finish.send(()).unwrap();
            rotation.join().unwrap().unwrap();
            let outcome = writer.join().unwrap();
            assert!(matches!(outcome, Err(StoreError::StaleKeys)), "{outcome:?}");
        });
        assert_eq!(store.read(|tx| tx.contact_count(None)).unwrap(), 0);
        note(&store, "test.note").unwrap();
        assert_eq!(ledger_must_be_whole(&store), 4);
    });
}
