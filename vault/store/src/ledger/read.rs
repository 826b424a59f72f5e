//! Reading the ledger: its head, its entries in order, their details, and its hashes.

use std::cell::RefCell;

use carnet_core::keys::Sealed;
use carnet_core::ledger::{Frontier, HashSource, TreeHash, node_hash};
use carnet_core::model::{ContactId, ControllerId, EntryId};
use diesel::prelude::*;

use super::NODE_LEVELS;
use crate::StoreError;
use crate::rows::{count, exactly, nonzero, sealed, size};
use crate::schema::{ledger_details, ledger_entries, ledger_head, ledger_nodes, ledger_queue};
use crate::tx::{RecordDetails, Tx};

/// The end of the ledger.
#[derive(Debug, Clone)]
pub struct LedgerHead {
    /// Number of entries.
    pub size: u64,
    /// What is needed to append, and the root.
    pub frontier: Frontier,
    /// The signed checkpoint over all entries (C2SP signed note).
    pub checkpoint: String,
}

/// One stored leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerRow {
    /// Its place in the tree, from 0.
    pub index: u64,
    /// The entry's id.
    pub id: EntryId,
    /// The exact bytes that were hashed.
    pub body: Vec<u8>,
    /// The hash as stored; verification computes it again.
    pub leaf_hash: TreeHash,
}

/// One kept root of a full subtree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerNode {
    /// Its level, in steps of [`NODE_LEVELS`]: 1 for the roots of 256 leaves.
    pub level: u64,
    /// Its index among those of its level, from 0.
    pub index: u64,
    /// Its hash as stored; verification computes it again.
    pub hash: TreeHash,
}

type StoredEntry = (i64, Vec<u8>, Vec<u8>, Vec<u8>);

impl Tx<'_> {
    /// The end of the ledger; absent before its first entry.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the stored head contradicts itself.
    pub fn ledger_head(&mut self) -> Result<Option<LedgerHead>, StoreError> {
        let row: Option<(i64, Vec<u8>, String)> = ledger_head::table
            .select((ledger_head::size, ledger_head::frontier, ledger_head::checkpoint))
            .first(self.db)
            .optional()?;
        let Some((stored_size, frontier, checkpoint)) = row else { return Ok(None) };
        let damaged = |column| StoreError::Damaged { table: "ledger_head", column };
        let frontier = Frontier::from_bytes(&frontier).map_err(|_| damaged("frontier"))?;
        let size = size(stored_size, "ledger_head", "size")?;
        if frontier.size() != size {
            return Err(damaged("size"));
        }
        Ok(Some(LedgerHead { size, frontier, checkpoint }))
    }

    /// Committed entries that still wait for their index.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn ledger_waiting(&mut self) -> Result<u64, StoreError> {
        size(ledger_queue::table.count().get_result(self.db)?, "ledger_queue", "count")
    }

    /// The entries that are committed and still wait for their index, by id.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn ledger_queued(&mut self) -> Result<Vec<(EntryId, Vec<u8>)>, StoreError> {
        let rows: Vec<(Vec<u8>, Vec<u8>)> = ledger_queue::table.order(ledger_queue::id).load(self.db)?;
        rows.into_iter()
            .map(|(id, body)| Ok((EntryId::from_bytes(exactly(&id, "ledger_queue", "id")?), body)))
            .collect()
    }

    /// Every kept root of a full subtree.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn ledger_nodes(&mut self) -> Result<Vec<LedgerNode>, StoreError> {
        const TABLE: &str = "ledger_nodes";
        let rows: Vec<(i64, i64, Vec<u8>)> =
            ledger_nodes::table.order((ledger_nodes::level, ledger_nodes::idx)).load(self.db)?;
        rows.into_iter()
            .map(|(level, index, hash)| {
                Ok(LedgerNode {
                    level: size(level, TABLE, "level")?,
                    index: size(index, TABLE, "idx")?,
                    hash: TreeHash::from_bytes(exactly(&hash, TABLE, "hash")?),
                })
            })
            .collect()
    }

    /// At most `limit` entries from index `from` on, in order. A missing index leaves a gap.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn ledger_entries(&mut self, from: u64, limit: u32) -> Result<Vec<LedgerRow>, StoreError> {
        let rows: Vec<StoredEntry> = ledger_entries::table
            .filter(ledger_entries::idx.ge(count(from)?))
            .order(ledger_entries::idx)
            .limit(i64::from(limit))
            .load(self.db)?;
        rows.into_iter().map(row).collect()
    }

    /// The entry with this id, if the sequencer has placed it.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn ledger_entry(&mut self, id: EntryId) -> Result<Option<LedgerRow>, StoreError> {
        let found: Option<StoredEntry> =
            ledger_entries::table.filter(ledger_entries::id.eq(id.as_bytes().as_slice())).first(self.db).optional()?;
        found.map(row).transpose()
    }

    /// The sealed details of an entry; absent where it had none.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn ledger_details(
        &mut self,
        controller: Option<ControllerId>,
        id: EntryId,
    ) -> Result<Option<RecordDetails>, StoreError> {
        // Details sealed under the vault's key lie under no controller, whatever the entry names.
        let places: Vec<Vec<u8>> =
            controller.iter().map(|one| one.as_bytes().to_vec()).chain(std::iter::once(vec![0; 16])).collect();
        let found: Option<(Vec<u8>, Vec<u8>, Vec<u8>)> = ledger_details::table
            .filter(ledger_details::controller_id.eq_any(places))
            .filter(ledger_details::entry_id.eq(id.as_bytes().as_slice()))
            .select((ledger_details::controller_id, ledger_details::contact_id, ledger_details::sealed))
            .first(self.db)
            .optional()?;
        let Some((controller, contact, bytes)) = found else { return Ok(None) };
        let controller = nonzero(&controller, "ledger_details", "controller_id")?.map(ControllerId::from_bytes);
        let contact = nonzero(&contact, "ledger_details", "contact_id")?.map(ContactId::from_bytes);
        let sealed: Sealed = sealed(bytes, "ledger_details", "sealed")?;
        Ok(Some(RecordDetails { subject: controller.zip(contact), sealed }))
    }

    /// The entries whose sealed details are there, in no order.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn ledger_detail_ids(&mut self) -> Result<Vec<EntryId>, StoreError> {
        let rows: Vec<Vec<u8>> = ledger_details::table.select(ledger_details::entry_id).load(self.db)?;
        rows.iter().map(|id| Ok(EntryId::from_bytes(exactly(id, "ledger_details", "entry_id")?))).collect()
    }

    /// The hashes of `width` neighbouring kept nodes: level 0 are leaves, level n roots of 256^n leaves.
    fn ledger_hashes(&mut self, level: u8, first: u64, width: u64) -> Result<Vec<TreeHash>, StoreError> {
        let (from, to) = (count(first)?, count(first.saturating_add(width))?);
        let rows: Vec<Vec<u8>> = if level == 0 {
            ledger_entries::table
                .filter(ledger_entries::idx.ge(from).and(ledger_entries::idx.lt(to)))
                .order(ledger_entries::idx)
                .select(ledger_entries::leaf_hash)
                .load(self.db)?
        } else {
            ledger_nodes::table
                .filter(ledger_nodes::level.eq(i64::from(level)))
                .filter(ledger_nodes::idx.ge(from).and(ledger_nodes::idx.lt(to)))
                .order(ledger_nodes::idx)
                .select(ledger_nodes::hash)
                .load(self.db)?
        };
        if usize::try_from(width).ok() != Some(rows.len()) {
            return Err(StoreError::Ledger(format!(
                "hashes {first} to {} of level {level} are missing",
                first + width - 1
            )));
        }
        rows.iter().map(|hash| Ok(TreeHash::from_bytes(exactly(hash, "ledger", "hash")?))).collect()
    }
}

/// The stored tree as proofs are made from it.
pub struct StoredTree<'t, 'd>(RefCell<&'t mut Tx<'d>>);

impl<'t, 'd> StoredTree<'t, 'd> {
    /// The tree that this transaction sees.
    pub fn new(tx: &'t mut Tx<'d>) -> Self {
        Self(RefCell::new(tx))
    }
}

impl HashSource for StoredTree<'_, '_> {
    type Error = StoreError;

    fn hash(&self, level: u8, index: u64) -> Result<TreeHash, StoreError> {
        let (kept, above) = (level / NODE_LEVELS, level % NODE_LEVELS);
        let width = 1_u64 << above;
        let mut hashes = self.0.borrow_mut().ledger_hashes(kept, index.saturating_mul(width), width)?;
        while hashes.len() > 1 {
            hashes = hashes.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
        }
        hashes.pop().ok_or_else(|| StoreError::Ledger("an empty subtree was asked for".to_owned()))
    }
}

fn row((index, id, body, leaf_hash): StoredEntry) -> Result<LedgerRow, StoreError> {
    Ok(LedgerRow {
        index: size(index, "ledger_entries", "idx")?,
        id: EntryId::from_bytes(exactly(&id, "ledger_entries", "id")?),
        body,
        leaf_hash: TreeHash::from_bytes(exactly(&leaf_hash, "ledger_entries", "leaf_hash")?),
    })
}
