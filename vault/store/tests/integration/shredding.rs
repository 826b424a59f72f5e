//! After an erasure the salt is in no file of the vault's folder (docs/decisions/0006-shredding-in-place.md).

use std::collections::HashSet;
use std::path::Path;

use carnet_core::keys::Salt;
use carnet_core::model::{ContactId, Timestamp};
use carnet_store::{ContactTags, Store, StoreError};
use carnet_tests::TestDatabase;

use crate::support::{House, files, found, location, record, tags};

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

/// Which of these salts stand anywhere in the folder, and in which file.
fn salts_in_files(folder: &Path, salts: &HashSet<[u8; 16]>) -> Vec<String> {
    let files = files(folder);
    let found = files.iter().flat_map(|(name, bytes)| {
        let hits = bytes.array_windows::<16>().filter(|window| salts.contains(*window)).count();
        (hits > 0).then(|| format!("{hits} in {name} of {} bytes", bytes.len()))
    });
    found.collect()
}

fn erase(store: &Store, house: &House, id: ContactId) {
    let erased = store.write(|tx| {
        let erased = tx.contact_erase(house.id(), id, Timestamp::now())?;
        Ok::<_, StoreError>((record("contact.erase"), erased))
    });
    assert!(erased.unwrap());
}

/// Inserts a contact for each house and size of card, a few a transaction.
fn insert_all(store: &Store, planned: &[(&House, usize)]) -> Vec<(ContactId, Salt)> {
    let mut inserted = Vec::new();
    for chunk in planned.chunks(7) {
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
fn an_erased_salt_is_in_no_file_however_the_rows_came_and_went() {
    let db = TestDatabase::sqlite();
    let store = found(location(&db));
    let houses: Vec<House> = (0..3).map(|_| House::in_store(&store)).collect();
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let planned: Vec<(&House, usize)> = (0..3_000).map(|at| (&houses[at % 3], 40 + dice.below(3_000))).collect();
    let inserted = insert_all(&store, &planned);

    let mut order: Vec<usize> = (0..inserted.len()).collect();
    dice.shuffle(&mut order);
    let mut shredded = HashSet::new();
    for (round, at) in order.into_iter().take(600).enumerate() {
        let (id, salt) = &inserted[at];
        erase(&store, planned[at].0, *id);
        shredded.insert(*salt.as_bytes());
        if round % 50 == 0 {
            assert_eq!(salts_in_files(db.folder(), &shredded), Vec::<String>::new(), "after erasure {round}");
        }
    }
    assert_eq!(salts_in_files(db.folder(), &shredded), Vec::<String>::new(), "while the store is open");
    drop(store);
    assert_eq!(salts_in_files(db.folder(), &shredded), Vec::<String>::new(), "after the store is closed");
}
