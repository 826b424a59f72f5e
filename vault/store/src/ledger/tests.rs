//! The stored tree is the tree of the ledger's arithmetic, across the sizes at which it begins to keep a new level.

use carnet_core::ledger::{
    HashSource as _, KeyKind, MemoryTree, NoteSigner, leaf_hash, verify_consistency, verify_inclusion,
};
use carnet_core::model::EntryId;
use carnet_tests::for_each_engine;
use diesel::Connection as _;

use super::StoredTree;
use crate::engine::{Db, establish_existing};
use crate::tx::Tx;
use crate::{Location, LockedStore, StoreError};

/// Before, at and after the first root of 256 leaves and the first of 65,536.
const SIZES: [u64; 8] = [1, 255, 256, 257, 513, 65_535, 65_536, 65_537];

fn signer() -> NoteSigner {
    NoteSigner::new("ledger.example/carnet", &[7; 32]).unwrap()
}

/// Leaves worth asking about: the ends, and both sides of every boundary of 256 near them.
fn leaves_of(size: u64) -> impl Iterator<Item = u64> {
    [0, 1, 254, 255, 256, 257, 511, 512, 32_767, 32_768, 65_279, 65_280, 65_534, 65_535, size / 2, size - 1]
        .into_iter()
        .filter(move |index| *index < size)
}

fn append(db: &mut Db, memory: &mut MemoryTree, size: u64) {
    let rows: Vec<(EntryId, Vec<u8>)> =
        (memory.size()..size).map(|index| (EntryId::new(), format!("entry {index}").into_bytes())).collect();
    for (_, body) in &rows {
        memory.append(leaf_hash(body));
    }
    let pending: Vec<(EntryId, &[u8])> = rows.iter().map(|(id, body)| (*id, body.as_slice())).collect();
    db.transaction::<_, StoreError, _>(|db| Tx { db }.ledger_append(&pending, &signer())).unwrap();
}

fn must_be_equal(db: &mut Db, memory: &MemoryTree, earlier: &[(u64, carnet_core::ledger::TreeHash)]) {
    let mut tx = Tx { db };
    let size = memory.size();
    let head = tx.ledger_head().unwrap().unwrap();
    let root = memory.root(size).unwrap();
    assert_eq!((head.size, head.frontier.root()), (size, root));

    let stored = StoredTree::new(&mut tx);
    assert_eq!(stored.root(size).unwrap(), root, "size {size}");
    for level in 0..=17_u8 {
        let Some(last) = (size >> level).checked_sub(1) else { continue };
        for index in [0, last / 2, last] {
            assert_eq!(stored.hash(level, index).unwrap(), memory.hash(level, index).unwrap(), "{level} {index}");
        }
        assert!(stored.hash(level, last + 1).is_err(), "level {level} of {size} ends at {last}");
    }
    for index in leaves_of(size) {
        let proof = stored.inclusion_proof(size, index).unwrap();
        assert_eq!(proof, memory.inclusion_proof(size, index).unwrap(), "leaf {index} of {size}");
        verify_inclusion(&memory.hash(0, index).unwrap(), index, size, &proof, &root).unwrap();
    }
    for (old, old_root) in earlier {
        let proof = stored.consistency_proof(*old, size).unwrap();
        assert_eq!(proof, memory.consistency_proof(*old, size).unwrap(), "{old} to {size}");
        verify_consistency((*old, old_root), (size, &root), &proof).unwrap();
        assert_eq!(stored.root(*old).unwrap(), *old_root, "an older root is still to be had");
    }
}

#[test]
fn hashes_roots_and_proofs_equal_those_of_a_tree_in_memory_at_every_boundary() {
    for_each_engine(|test| {
        let location: Location = test.url().parse().unwrap();
        drop(LockedStore::create(location.clone()).unwrap());
        let mut db = establish_existing(&location).unwrap();
        let (mut memory, mut earlier) = (MemoryTree::default(), Vec::new());
        for size in SIZES {
            append(&mut db, &mut memory, size);
            must_be_equal(&mut db, &memory, &earlier);
            earlier.push((size, memory.root(size).unwrap()));
        }
    });
}

#[test]
fn a_missing_leaf_or_node_is_an_error_and_never_another_root() {
    for_each_engine(|test| {
        let location: Location = test.url().parse().unwrap();
        drop(LockedStore::create(location.clone()).unwrap());
        let mut db = establish_existing(&location).unwrap();
        let mut memory = MemoryTree::default();
        append(&mut db, &mut memory, 600);
        test.query("DELETE FROM ledger_entries WHERE idx = 590");
        let mut tx = Tx { db: &mut db };
        assert!(matches!(StoredTree::new(&mut tx).root(600), Err(StoreError::Ledger(_))));
        test.query("DELETE FROM ledger_nodes WHERE idx = 1");
        assert!(matches!(StoredTree::new(&mut tx).root(512), Err(StoreError::Ledger(_))));
    });
}

#[test]
fn the_head_is_signed_by_the_ledgers_key() {
    for_each_engine(|test| {
        let location: Location = test.url().parse().unwrap();
        let locked = LockedStore::create(location.clone()).unwrap();
        let mut db = establish_existing(&location).unwrap();
        let mut memory = MemoryTree::default();
        append(&mut db, &mut memory, 3);
        let head = locked.read(|tx| tx.ledger_head()).unwrap().unwrap();
        let note = carnet_core::ledger::Note::parse(head.checkpoint.as_bytes()).unwrap();
        assert!(carnet_core::ledger::Checkpoint::open(&note, &signer().verifier_key(KeyKind::Log)).is_ok());
        let other = NoteSigner::new("ledger.example/carnet", &[8; 32]).unwrap().verifier_key(KeyKind::Log);
        assert!(carnet_core::ledger::Checkpoint::open(&note, &other).is_err());
    });
}
