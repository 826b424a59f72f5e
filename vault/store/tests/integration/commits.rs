//! Many callers at once: each gets its own answer, what fails takes nothing but itself, and commits are shared.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc;
use std::thread;

use carnet_core::model::ContactId;
use carnet_store::{Store, StoreError};
use carnet_tests::{TestDatabase, for_each_engine};

use crate::support::{House, Outcome, found, ledger_must_be_whole, location, note, record, reopen, tags};

const CALLERS: u64 = 64;

/// What one caller's write came to.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Stored(u64, ContactId),
    Failed,
    Panicked,
}

/// Writes a contact, and then fails or panics if the number asks for it.
fn write(store: &Store, house: &House, number: u64) -> Answer {
    let (row, salt) = house.contact(200);
    let outcome: Result<Outcome<u64>, _> = catch_unwind(AssertUnwindSafe(|| {
        store.write(|tx| {
            tx.contact_insert(&row, &salt, &tags(number))?;
            assert!(number % 37 != 5, "a panic that the test asks for");
            if number % 10 == 3 {
                Err(StoreError::NotFound("what the test asks for"))
            } else {
                Ok((record("contact.add"), number))
            }
        })
    }));
    match outcome {
        Ok(Ok(number)) => Answer::Stored(number, row.id),
        Ok(Err(StoreError::NotFound("what the test asks for"))) => Answer::Failed,
        Ok(Err(other)) => panic!("write {number}: {other:?}"),
        Err(_) => Answer::Panicked,
    }
}

fn expected(number: u64, answer: &Answer) -> bool {
    match answer {
        Answer::Panicked => number % 37 == 5,
        Answer::Failed => number % 37 != 5 && number % 10 == 3,
        Answer::Stored(echoed, _) => number % 37 != 5 && number % 10 != 3 && *echoed == number,
    }
}

/// Lets every caller write this often, each on the store that its number picks; answers what each write came to.
fn all_at_once(stores: &[Store], house: &House, writes: u64) -> Vec<(u64, Answer)> {
    thread::scope(|scope| {
        let callers = (0..CALLERS).map(|caller| {
            let store = &stores[usize::try_from(caller).unwrap() % stores.len()];
            scope.spawn(move || {
                let numbers = (0..writes).map(|write| caller * writes + write);
                numbers.map(|number| (number, write(store, house, number))).collect::<Vec<_>>()
            })
        });
        callers.collect::<Vec<_>>().into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    })
}

fn must_hold_what_was_promised(store: &Store, house: &House, answers: &[(u64, Answer)]) {
    for (number, answer) in answers {
        assert!(expected(*number, answer), "write {number}: {answer:?}");
    }
    let mut promised: Vec<ContactId> = answers
        .iter()
        .filter_map(|(_, answer)| match answer {
            Answer::Stored(_, id) => Some(*id),
            _ => None,
        })
        .collect();
    promised.sort();
    let there = store.read(|tx| tx.contact_page(house.id(), None, 1_000_000)).unwrap();
    assert_eq!(there.into_iter().map(|row| row.id).collect::<Vec<_>>(), promised);
    assert_eq!(ledger_must_be_whole(store), 2 + u64::try_from(promised.len()).unwrap());
}

#[test]
fn sixty_four_callers_get_their_own_answers_and_failures_cost_nobody_else() {
    for_each_engine(|db| {
        let stores = [found(location(db))];
        let house = House::in_store(&stores[0]);
        let answers = all_at_once(&stores, &house, 12);
        must_hold_what_was_promised(&stores[0], &house, &answers);
    });
}

#[test]
fn several_nodes_share_one_ledger_without_gap_or_double() {
    for_each_engine(|db| {
        let first = found(location(db));
        let house = House::in_store(&first);
        let nodes: Vec<Store> = (0..4).map(|_| reopen(location(db))).collect();
        let answers = all_at_once(&nodes, &house, 6);
        must_hold_what_was_promised(&first, &house, &answers);
        drop(nodes);
        must_hold_what_was_promised(&reopen(location(db)), &house, &answers);
    });
}

#[test]
fn a_panic_alone_in_its_transaction_leaves_the_store_usable() {
    for_each_engine(|db| {
        let store = found(location(db));
        for _ in 0..20 {
            let outcome: Result<Outcome<()>, _> =
                catch_unwind(AssertUnwindSafe(|| store.write(|_| panic!("a panic that the test asks for"))));
            assert!(outcome.is_err());
        }
        note(&store, "test.note").unwrap();
        assert_eq!(ledger_must_be_whole(&store), 2);
    });
}

/// How many transactions a write-ahead log holds: frames that carry the size of the database end one
/// (sqlite.org/fileformat2.html, section 4.1). Frames of an earlier round of the log have other salts.
fn commits_in_log(database: &Path) -> usize {
    let log = std::fs::read(database.with_extension("sqlite-wal")).unwrap();
    let (header, frames) = log.split_at(32);
    let page = usize::try_from(u32::from_be_bytes(header[8..12].try_into().unwrap())).unwrap();
    let current = frames.chunks(24 + page).take_while(|frame| frame[8..16] == header[16..24]);
    current.filter(|frame| frame[4..8] != [0; 4]).count()
}

#[test]
fn callers_on_sqlite_share_commits() {
    let db = TestDatabase::sqlite();
    let store = found(location(&db));
    let reader = reopen(location(&db));
    let (reading, wait_reading) = mpsc::channel();
    let (finish, wait_finish) = mpsc::channel::<()>();
    thread::scope(|scope| {
        // A reader keeps the log from beginning anew, so that every commit can be counted.
        let reader = &reader;
        scope.spawn(move || {
            reader.read(|tx| {
                let size = tx.ledger_head()?.map(|head| head.size);
                reading.send(size).unwrap();
                wait_finish.recv().unwrap();
                assert_eq!(tx.ledger_head()?.map(|head| head.size), size, "one consistent view");
                Ok::<_, StoreError>(())
            })
        });
        assert_eq!(wait_reading.recv().unwrap(), Some(1));
        for _ in 0..10 {
            note(&store, "test.alone").unwrap();
        }
        let alone = commits_in_log(db.path().unwrap());
        thread::scope(|callers| {
            for _ in 0..CALLERS {
                callers.spawn(|| (0..30).for_each(|_| note(&store, "test.together").unwrap()));
            }
        });
        let together = commits_in_log(db.path().unwrap()) - alone;
        finish.send(()).unwrap();
        assert!(alone >= 10, "alone, each write is a commit: {alone} for 10");
        println!("{} writes of {CALLERS} callers in {together} commits", CALLERS * 30);
        assert!(together * 4 < 64 * 30, "{together} commits for {} writes", 64 * 30);
    });
    assert_eq!(ledger_must_be_whole(&store), 1 + 10 + CALLERS * 30);
}
