//! One contact for each e-mail address of a controller: the database sees to it, whoever writes from wherever.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use carnet_store::{Location, Store, StoreError};
use carnet_tests::{TestDatabase, for_each_engine};

use crate::apart::{again, inside, passed};
use crate::support::{House, Outcome, found, ledger_must_be_whole, location, record, reopen, tag, tags};

const WRITERS: usize = 20;

fn insert(store: &Store, house: &House) -> Outcome<()> {
    let (row, salt) = house.contact(300);
    store.write(|tx| Ok((record("contact.add"), tx.contact_insert(&row, &salt, &tags(1))?)))
}

/// Makes sure that one writer succeeded and all others were told of the conflict, and that the vault says the same.
fn must_be_stored_once(store: &Store, house: &House, outcomes: &[Outcome<()>]) {
    let stored = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    let conflicts = outcomes.iter().filter(|outcome| matches!(outcome, Err(StoreError::Conflict))).count();
    assert_eq!((stored, conflicts), (1, WRITERS - 1), "{outcomes:?}");
    must_hold_one(store, house);
}

fn must_hold_one(store: &Store, house: &House) {
    assert_eq!(store.read(|tx| tx.contact_count(None)).unwrap(), 1);
    let owner = store.read(|tx| tx.contact_by_email(house.id(), tag(1))).unwrap();
    let page = store.read(|tx| tx.contact_page(house.id(), None, 10)).unwrap();
    assert_eq!(owner, page.first().map(|row| row.id));
    assert_eq!(ledger_must_be_whole(store), 3, "the vault, the controller, the contact");
}

fn at_once(stores: &[&Store], house: &House) -> Vec<Outcome<()>> {
    let start = Barrier::new(stores.len());
    thread::scope(|scope| {
        let start = &start;
        let writers = stores.iter().map(|store| {
            scope.spawn(move || {
                start.wait();
                insert(store, house)
            })
        });
        writers.collect::<Vec<_>>().into_iter().map(|writer| writer.join().unwrap()).collect()
    })
}

#[test]
fn twenty_writers_of_one_store_store_an_address_once() {
    for_each_engine(|db| {
        let store = found(location(db));
        let house = House::in_store(&store);
        let outcomes = at_once(&[&store; WRITERS], &house);
        must_be_stored_once(&store, &house, &outcomes);
    });
}

#[test]
fn twenty_writers_on_as_many_nodes_store_an_address_once() {
    for_each_engine(|db| {
        let store = found(location(db));
        let house = House::in_store(&store);
        let nodes: Vec<Store> = (0..WRITERS).map(|_| reopen(location(db))).collect();
        let outcomes = at_once(&nodes.iter().collect::<Vec<_>>(), &house);
        must_be_stored_once(&store, &house, &outcomes);
    });
}

#[test]
fn twenty_writers_in_four_processes_store_an_address_once() {
    const NAME: &str = "uniqueness::twenty_writers_in_four_processes_store_an_address_once";
    if let Some(folder) = inside() {
        return as_one_of_the_processes(&folder);
    }
    let db = TestDatabase::sqlite();
    let store = found(location(&db));
    let house = House::in_store(&store);
    let processes: Vec<_> = (0..4)
        .map(|number| {
            let mut process = again(NAME, db.folder());
            process.env("CARNET_TEST_CONTROLLER", house.id().to_string()).env("CARNET_TEST_NUMBER", number.to_string());
            process.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    while (0..4).any(|number| !db.folder().join(format!("ready.{number}")).exists()) {
        thread::sleep(Duration::from_millis(5));
    }
    std::fs::write(db.folder().join("go"), "").unwrap();
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for process in processes {
        let printed = passed(&process.wait_with_output().unwrap());
        for outcome in printed.lines().filter_map(|line| line.split("outcome: ").nth(1)) {
            *told.entry(outcome.to_owned()).or_default() += 1;
        }
    }
    assert_eq!(told, BTreeMap::from([("conflict".to_owned(), WRITERS - 1), ("stored".to_owned(), 1)]));
    must_hold_one(&store, &house);
}

fn as_one_of_the_processes(folder: &Path) {
    let store = reopen(Location::Sqlite(folder.join("vault.sqlite")));
    let house = House::of(std::env::var("CARNET_TEST_CONTROLLER").unwrap().parse().unwrap());
    std::fs::write(folder.join(format!("ready.{}", std::env::var("CARNET_TEST_NUMBER").unwrap())), "").unwrap();
    while !folder.join("go").exists() {
        thread::sleep(Duration::from_millis(1));
    }
    for outcome in at_once(&[&store; WRITERS / 4], &house) {
        match outcome {
            Ok(()) => println!("outcome: stored"),
            Err(StoreError::Conflict) => println!("outcome: conflict"),
            Err(other) => println!("outcome: {other:?}"),
        }
    }
}
