//! Lists that are split: who goes, who stays, and what is known later of where they came from.

use carnet_core::gate::Verdict;
use carnet_core::keys::{Salt, Sealed};
use carnet_core::model::{
    AccountId, CheckId, ContactId, DecisionId, DecisionKind, DecisionScope, List, ListId, ListStatus, ProvenanceId,
    Timestamp,
};
use carnet_store::{CheckRow, DecisionRow, SegmentRow, Store, StoreError};
use carnet_tests::for_each_engine;

use crate::support::{House, Outcome, found, location, record, tags};

fn sealed(house: &House) -> Sealed {
    house.seal(ContactId::new(), &Salt::random(), b"words")
}

fn add_list(store: &Store, house: &House, name: &str) -> ListId {
    let list = List {
        id: ListId::new(),
        controller: house.id(),
        name: name.to_owned(),
        provenance: ProvenanceId::new(),
        owner: AccountId::new(),
        status: ListStatus::Held,
        created: Timestamp::now(),
    };
    store.write(|tx| Ok::<_, StoreError>((record("import.begin"), tx.list_insert(&list)?))).unwrap();
    list.id
}

fn add_check(store: &Store, house: &House, list: ListId) -> CheckId {
    let row = CheckRow {
        controller: house.id(),
        list,
        id: CheckId::new(),
        policy: [1; 32],
        inputs: [2; 32],
        verdict: Verdict::Review,
        points: 7,
        judged: 3,
        imports: 1,
        members: 3,
        changes: 0,
        segments: 2,
        report: sealed(house),
        learnt: sealed(house),
        run_by: AccountId::new(),
        at: Timestamp::now(),
    };
    store.write(|tx| Ok::<_, StoreError>((record("list.check"), tx.list_check_insert(&row)?))).unwrap();
    assert_eq!(store.read(|tx| tx.list_last_check(house.id(), list)).unwrap(), Some(row.clone()));
    row.id
}

fn add_decision(store: &Store, house: &House, list: ListId, kind: DecisionKind, check: Option<CheckId>) {
    let row = DecisionRow {
        controller: house.id(),
        list,
        id: DecisionId::new(),
        kind,
        check,
        account: AccountId::new(),
        code: None,
        scope: DecisionScope::Segment,
        expires: None,
        text: sealed(house),
        at: Timestamp::now(),
    };
    store.write(|tx| Ok::<_, StoreError>((record("list.split"), tx.list_decision_insert(&row)?))).unwrap();
}

fn segment(house: &House, list: ListId, check: CheckId, number: u32) -> SegmentRow {
    SegmentRow {
        controller: house.id(),
        list,
        check,
        number,
        verdict: Verdict::Block,
        rows: 2,
        quarantined: number == 7,
        label: sealed(house),
    }
}

#[test]
fn segments_are_read_as_they_were_written_by_their_check_and_in_order() {
    for_each_engine(|db| {
        let store = found(location(db));
        let house = House::in_store(&store);
        let list = add_list(&store, &house, "news");
        let (check, other) = (add_check(&store, &house, list), add_check(&store, &house, list));
        let rows = [7, 0].map(|number| (segment(&house, list, check, number), sealed(&house)));
        let again = segment(&house, list, other, 7);
        store
            .write(|tx| {
                for (row, members) in &rows {
                    tx.list_segment_insert(row, members)?;
                }
                Ok::<_, StoreError>((record("list.check"), tx.list_segment_insert(&again, &sealed(&house))?))
            })
            .unwrap();
        let [seven, zero] = rows;
        let read = store.read(|tx| tx.list_segments(house.id(), list, check)).unwrap();
        assert_eq!(read, [zero.0.clone(), seven.0.clone()]);
        for (row, members) in [&seven, &zero] {
            assert_eq!(store.read(|tx| tx.list_segment_members(row)).unwrap(), *members);
        }
        let unknown = segment(&house, list, check, 3);
        assert!(matches!(store.read(|tx| tx.list_segment_members(&unknown)), Err(StoreError::NotFound(_))));
    });
}

#[test]
fn who_is_in_a_list_moves_and_nobody_else() {
    for_each_engine(|db| {
        let store = found(location(db));
        let (house, other) = (House::in_store(&store), House::in_store(&store));
        let (from, to) = (add_list(&store, &house, "from"), add_list(&store, &house, "to"));
        let theirs = add_list(&store, &other, "theirs");
        // More than go in one statement.
        let mut contacts: Vec<ContactId> = (0..1_203).map(|_| ContactId::new()).collect();
        contacts.sort_unstable();
        let (absent, present) = contacts.split_at(2);
        let (going, staying) = present.split_at(1_200);
        store
            .write(|tx| {
                for contact in present {
                    tx.list_join(house.id(), from, *contact)?;
                    tx.list_join(other.id(), theirs, *contact)?;
                }
                Ok::<_, StoreError>((record("import.chunk"), ()))
            })
            .unwrap();
        let asked: Vec<ContactId> = absent.iter().chain(going).copied().collect();
        let moved: Outcome<Vec<ContactId>> =
            store.write(|tx| Ok((record("list.split"), tx.list_members_move(house.id(), (from, to), &asked)?)));
        assert_eq!(moved.unwrap(), going);
        let ids = |of: &House, list| store.read(|tx| tx.list_ids_for_draw(of.id(), list, None, 5_000)).unwrap();
        assert_eq!((ids(&house, from), ids(&house, to)), (staying.to_vec(), going.to_vec()));
        assert_eq!(ids(&other, theirs), present);
    });
}

#[test]
fn a_list_knows_what_it_was_split_off_and_what_was_split_off_it() {
    for_each_engine(|db| {
        let store = found(location(db));
        let (house, other) = (House::in_store(&store), House::in_store(&store));
        let [first, second, third, alone] = ["a", "b", "c", "d"].map(|name| add_list(&store, &house, name));
        let split = |from, into| {
            let check = Some(add_check(&store, &house, from));
            add_decision(&store, &house, from, DecisionKind::Split, check);
            add_decision(&store, &house, into, DecisionKind::Split, check);
        };
        split(first, second);
        split(second, third);
        // Another decision on a check of another list is no split.
        let check = add_check(&store, &house, first);
        add_decision(&store, &house, alone, DecisionKind::Block, Some(check));
        let from = |of: &House, list| store.read(|tx| tx.lists_split_from(of.id(), list)).unwrap();
        let origin = |of: &House, list| store.read(|tx| tx.list_split_origin(of.id(), list)).unwrap();
        assert_eq!(
            [first, second, third, alone].map(|list| from(&house, list)),
            [vec![second], vec![third], vec![], vec![]]
        );
        assert_eq!(
            [first, second, third, alone].map(|list| origin(&house, list)),
            [None, Some(first), Some(second), None]
        );
        assert_eq!((from(&other, first), origin(&other, second)), (vec![], None));
    });
}

#[test]
fn who_came_by_an_import_into_a_list_is_told_from_who_came_otherwise() {
    for_each_engine(|db| {
        let store = found(location(db));
        let house = House::in_store(&store);
        let list = add_list(&store, &house, "news");
        let (contact, salt) = house.contact(100);
        let done: Outcome<()> =
            store.write(|tx| Ok((record("contact.add"), tx.contact_insert(&contact, &salt, &tags(1))?)));
        done.unwrap();
        let known = || store.read(|tx| tx.list_joined_by_import(house.id(), list, contact.id)).unwrap();
        assert!(!known());
        let import = |into: ListId, provenance| carnet_store::ImportRow {
            controller: house.id(),
            id: carnet_core::model::ImportId::new(),
            list: into,
            provenance,
            brought_by: AccountId::new(),
            state: carnet_core::model::ImportState::Finished,
            sealed: sealed(&house),
            counts: carnet_core::model::ImportCounts::default(),
            position_tag: carnet_core::keys::Tag::from_bytes([0; 16]),
            worded_through: None,
            started: Timestamp::now(),
            changed: Timestamp::now(),
        };
        let put = |row: &carnet_store::ImportRow, joined: Option<bool>| {
            let change = joined.map(|joined| carnet_store::ImportChange {
                contact: contact.id,
                joined,
                revision: 1,
                before: None,
            });
            store
                .write(|tx| {
                    tx.import_insert(row)?;
                    if let Some(change) = &change {
                        tx.import_change_put(house.id(), row.id, change)?;
                    }
                    Ok::<_, StoreError>((record("import.begin"), ()))
                })
                .unwrap();
        };
        let elsewhere = add_list(&store, &house, "elsewhere");
        put(&import(elsewhere, contact.provenance), Some(true));
        put(&import(list, ProvenanceId::new()), Some(false));
        assert!(!known());
        let other = add_list(&store, &house, "other");
        put(&import(other, ProvenanceId::new()), Some(true));
        let joined = |list| store.read(|tx| tx.list_joined_by_import(house.id(), list, contact.id)).unwrap();
        assert!(joined(other) && joined(elsewhere) && !known());
        put(&import(list, contact.provenance), None);
        assert!(known());
    });
}
