//! After an erasure the salt is in no file of the vault's folder (docs/decisions/0006-shredding-in-place.md).

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use carnet_core::keys::Salt;
use carnet_core::model::{ContactId, Timestamp};
use carnet_store::{ContactTags, Store, StoreError};
use carnet_tests::{TestDatabase, for_each_engine};

use crate::support::{House, Outcome, files, found, ledger_must_be_whole, location, note, record, reopen, tags};

const CONTACTS: usize = 3_000;
const ERASED: usize = 600;

/// The same on every run, and as good as random for orders and sizes.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        // Marsaglia's xorshift64.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(limit).unwrap()).unwrap()
    }

    fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.below(last + 1));
        }
    }
}

/// Salts to look for in files, quickly found by how they begin.
#[derive(Default)]
struct Wanted {
    salts: HashSet<[u8; 16]>,
    beginnings: HashSet<[u8; 2]>,
}

impl Wanted {
    fn of(salts: impl IntoIterator<Item = [u8; 16]>) -> Self {
        let salts: HashSet<_> = salts.into_iter().collect();
        let beginnings = salts.iter().map(|salt| [salt[0], salt[1]]).collect();
        Self { salts, beginnings }
    }

    /// Each place where one of them stands.
    fn places(&self, bytes: &[u8]) -> Vec<([u8; 16], u64)> {
        let windows = bytes.array_windows::<16>().enumerate();
        windows
            .filter(|(_, window)| self.beginnings.contains(&[window[0], window[1]]) && self.salts.contains(*window))
            .map(|(at, window)| (*window, u64::try_from(at).unwrap()))
            .collect()
    }

    /// Which files of the folder hold any of them, and how often.
    fn in_folder(&self, folder: &Path) -> Vec<(String, usize)> {
        let counted = files(folder).into_iter().map(|(name, bytes)| (name, self.places(&bytes).len()));
        counted.filter(|(_, count)| *count > 0).collect()
    }
}

fn salt_is_somewhere(salt: &Salt, folder: &Path) -> bool {
    !Wanted::of([*salt.as_bytes()]).in_folder(folder).is_empty()
}

fn insert(store: &Store, house: &House, card_bytes: usize) -> (ContactId, Salt) {
    let (row, salt) = house.contact(card_bytes);
    let done: Outcome<()> =
        store.write(|tx| Ok((record("contact.add"), tx.contact_insert(&row, &salt, &tags_of(row.id))?)));
    done.unwrap();
    (row.id, salt)
}

fn erase(store: &Store, house: &House, id: ContactId) {
    let erased: Outcome<bool> =
        store.write(|tx| Ok((record("contact.erase"), tx.contact_erase(house.id(), id, Timestamp::now())?)));
    assert!(erased.unwrap());
}

/// Inserts a contact for each house and size of card, a few a transaction.
fn insert_all(store: &Store, planned: &[(&House, usize)]) -> Vec<(ContactId, Salt)> {
    let mut inserted = Vec::new();
    for chunk in planned.chunks(23) {
        let rows = store.write(|tx| {
            let mut rows = Vec::new();
            for (house, card_bytes) in chunk {
                let (row, salt) = house.contact(*card_bytes);
                tx.contact_insert(&row, &salt, &tags_of(row.id))?;
                rows.push((row.id, salt));
            }
            Ok::<_, StoreError>((record("contact.add"), rows))
        });
        inserted.extend(rows.unwrap());
    }
    inserted
}

/// Tags in no order, as keyed hashes are.
fn tags_of(id: ContactId) -> ContactTags {
    let (_, random) = id.as_bytes().split_at(8);
    tags(u64::from_be_bytes(random.try_into().unwrap()) & (u64::MAX >> 4))
}

#[test]
fn erased_salts_are_overwritten_where_they_stand_and_no_other_salt_moves() {
    let db = TestDatabase::sqlite();
    let file = db.path().unwrap();
    let store = found(location(&db));
    let houses: Vec<House> = (0..3).map(|_| House::in_store(&store)).collect();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let planned: Vec<(&House, usize)> = (0..CONTACTS).map(|at| (&houses[at % 3], 40 + dice.below(3_000))).collect();
    let inserted = insert_all(&store, &planned);
    let mut order: Vec<usize> = (0..CONTACTS).collect();
    dice.shuffle(&mut order);

    // The first erasure empties the log into the file; from then on each salt has one place.
    erase(&store, planned[order[0]].0, inserted[order[0]].0);
    let all = Wanted::of(inserted.iter().map(|(_, salt)| *salt.as_bytes()));
    let places = all.places(&fs::read(file).unwrap());
    assert_eq!(places.len(), CONTACTS - 1, "each live salt stands in one place, the erased one in none");
    let place: HashMap<_, _> = places.iter().copied().collect();
    assert_eq!(place.len(), CONTACTS - 1);

    for at in order.iter().take(ERASED).skip(1) {
        let (id, salt) = &inserted[*at];
        erase(&store, planned[*at].0, *id);
        let here = place[salt.as_bytes()];
        let mut bytes = [1; 16];
        File::open(file).unwrap().read_exact_at(&mut bytes, here).unwrap();
        assert_eq!(bytes, [0; 16], "overwritten with zeros where it stood");
        assert_eq!(fs::metadata(file.with_extension("sqlite-wal")).unwrap().len(), 0, "and gone from the log");
    }
    let shredded = Wanted::of(order.iter().take(ERASED).map(|at| *inserted[*at].1.as_bytes()));
    assert_eq!(shredded.in_folder(db.folder()), [], "while the store is open");
    let now: HashMap<_, _> = all.places(&fs::read(file).unwrap()).into_iter().collect();
    assert_eq!(now.len(), CONTACTS - ERASED);
    assert!(now.iter().all(|(salt, at)| place[salt] == *at), "a salt has moved");

    // Contacts that come later do not move them either.
    insert_all(&store, &planned[..300]);
    erase(&store, planned[order[ERASED]].0, inserted[order[ERASED]].0);
    let later: HashMap<_, _> = all.places(&fs::read(file).unwrap()).into_iter().collect();
    assert!(later.iter().all(|(salt, at)| place[salt] == *at), "a salt has moved");
    drop(store);
    assert_eq!(shredded.in_folder(db.folder()), [], "after the store is closed");
}

#[test]
fn a_shredded_salt_is_absent_and_known_to_be_shredded() {
    for_each_engine(|db| {
        let store = found(location(db));
        let house = House::in_store(&store);
        let ((gone, _), (kept, salt)) = (insert(&store, &house, 300), insert(&store, &house, 300));
        erase(&store, &house, gone);
        store
            .read(|tx| {
                assert!(tx.contact_salt(house.id(), gone)?.is_none());
                assert_eq!(tx.contact_salt(house.id(), kept)?.map(|found| *found.as_bytes()), Some(*salt.as_bytes()));
                assert_eq!(tx.contact_shredded()?, [(house.id(), gone)]);
                assert!(tx.contact(house.id(), gone)?.is_none());
                Ok::<_, StoreError>(())
            })
            .unwrap();
        let again: Outcome<bool> =
            store.write(|tx| Ok((record("contact.erase"), tx.contact_erase(house.id(), gone, Timestamp::now())?)));
        assert!(!again.unwrap());
        assert_eq!(store.read(|tx| tx.contact_shredded()).unwrap().len(), 1);
    });
}

#[test]
fn an_erasure_that_fails_afterwards_shreds_nothing_and_the_next_one_does() {
    let db = TestDatabase::sqlite();
    let store = found(location(&db));
    let house = House::in_store(&store);
    let (id, salt) = insert(&store, &house, 300);
    let failed: Outcome<()> = store.write(|tx| {
        assert!(tx.contact_erase(house.id(), id, Timestamp::now())?);
        Err(StoreError::NotFound("what the test asks for"))
    });
    assert!(failed.is_err());
    assert!(store.read(|tx| tx.contact_salt(house.id(), id)).unwrap().is_some());
    assert!(salt_is_somewhere(&salt, db.folder()));
    erase(&store, &house, id);
    assert!(!salt_is_somewhere(&salt, db.folder()));
}

/// Erases a contact while `reader` holds a view from before; then lets the reader go. The erasure must not wait for it.
/// What `meanwhile` does, it does while both have done their part.
fn erase_under_a_reader(db: &TestDatabase, store: &Store, reader: &Store, meanwhile: impl FnOnce()) -> Salt {
    let house = House::in_store(store);
    let (id, salt) = insert(store, &house, 300);
    let (house, salt_seen) = (&house, *salt.as_bytes());
    let (reading, wait_reading) = mpsc::channel();
    let (finish, wait_finish) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let view: Outcome<()> = reader.read(|tx| {
                let before = tx.contact_salt(house.id(), id)?;
                reading.send(()).unwrap();
                wait_finish.recv().unwrap();
                let after = tx.contact_salt(house.id(), id)?;
                for seen in [before, after] {
                    assert_eq!(seen.map(|salt| *salt.as_bytes()), Some(salt_seen), "one consistent view");
                }
                Ok(())
            });
            view.unwrap();
        });
        wait_reading.recv().unwrap();
        let began = Instant::now();
        erase(store, house, id);
        for _ in 0..10 {
            note(store, "test.note").unwrap();
        }
        assert!(began.elapsed() < Duration::from_secs(3), "{:?}: writers wait for the reader", began.elapsed());
        assert!(salt_is_somewhere(&salt, db.folder()), "the reader's view still needs it");
        meanwhile();
        finish.send(()).unwrap();
    });
    salt
}

#[test]
fn a_salt_that_a_reader_still_saw_is_gone_as_soon_as_the_reader_ends() {
    let db = TestDatabase::sqlite();
    let store = found(location(&db));
    let salt = erase_under_a_reader(&db, &store, &store, || {});
    assert!(!salt_is_somewhere(&salt, db.folder()));
}

#[test]
fn a_salt_that_another_processs_reader_saw_is_gone_after_the_next_write_or_at_the_end() {
    let db = TestDatabase::sqlite();
    let store = found(location(&db));
    let reader = reopen(location(&db));
    let salt = erase_under_a_reader(&db, &store, &reader, || {});
    note(&store, "test.note").unwrap();
    assert!(!salt_is_somewhere(&salt, db.folder()));

    let salt = erase_under_a_reader(&db, &store, &reader, || {});
    drop(store);
    assert!(!salt_is_somewhere(&salt, db.folder()));
}

#[test]
fn what_a_killed_process_left_in_the_log_is_gone_after_the_next_write() {
    let (db, killed) = (TestDatabase::sqlite(), TestDatabase::sqlite());
    let (store, reader) = (found(location(&db)), reopen(location(&db)));
    let salt = erase_under_a_reader(&db, &store, &reader, || {
        // The files as a process leaves them that dies between its commit and the emptying of the log.
        for (name, bytes) in files(db.folder()) {
            fs::write(killed.folder().join(name), bytes).unwrap();
        }
    });
    assert!(salt_is_somewhere(&salt, killed.folder()));
    let store = reopen(location(&killed));
    note(&store, "test.note").unwrap();
    assert!(!salt_is_somewhere(&salt, killed.folder()));
    assert_eq!(ledger_must_be_whole(&store), 1 + 1 + 1 + 1 + 10 + 1);
}
