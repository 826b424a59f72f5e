//! A transaction: reading, and writing that cannot happen without its ledger entry.

use std::ops::{Deref, DerefMut};

use carnet_core::keys::Sealed;
use carnet_core::ledger::Entry;
use carnet_core::model::{ContactId, ControllerId, EntryId};

use crate::StoreError;
use crate::engine::Db;

/// A consistent view of the vault. Its methods, one family of tables a file, are named noun first.
pub struct Tx<'a> {
    pub(crate) db: &'a mut Db,
}

/// A [`Tx`] that may also change things.
pub struct WriteTx<'a> {
    tx: Tx<'a>,
    pub(crate) shredded: bool,
    /// How many refusals were added.
    pub(crate) suppressed: u64,
    /// The newest generation of a controller's master key, held against rotation until the end of the transaction.
    pub(crate) held: Option<(ControllerId, u32)>,
}

/// What a change owes to the ledger: the entry, and its details sealed beside it.
#[derive(Debug)]
pub struct Record {
    /// The leaf.
    pub entry: Entry,
    /// What the leaf only commits to.
    pub details: Option<RecordDetails>,
}

/// Sealed details of an entry.
#[derive(Debug)]
pub struct RecordDetails {
    /// Whose key they are sealed under: a contact's, or the vault's where this is absent.
    pub subject: Option<(ControllerId, ContactId)>,
    /// The sealed bytes.
    pub sealed: Sealed,
}

/// Under which name an entry counts the refusals that its change added.
pub const SUPPRESSIONS: &str = "suppressions";

/// What is left of a change for the sequencer and for the one who commits.
pub(crate) struct Recorded {
    pub(crate) id: EntryId,
    pub(crate) body: Vec<u8>,
    pub(crate) shredded: bool,
}

impl Recorded {
    /// Of work that owes the ledger nothing.
    pub(crate) fn nothing() -> Self {
        Self { id: EntryId::new(), body: Vec::new(), shredded: false }
    }
}

impl<'a> WriteTx<'a> {
    pub(crate) fn run<T, E: From<StoreError>>(
        db: &'a mut Db,
        work: impl FnOnce(&mut WriteTx<'_>) -> Result<(Record, T), E>,
    ) -> Result<(Recorded, T), E> {
        let mut tx = WriteTx { tx: Tx { db }, shredded: false, suppressed: 0, held: None };
        let (mut record, value) = work(&mut tx)?;
        if tx.suppressed > 0 {
            record.entry.counts.insert(SUPPRESSIONS.to_owned(), tx.suppressed);
        }
        let body = record.entry.encode().map_err(|error| StoreError::Ledger(error.to_string()))?;
        if let Some(details) = &record.details {
            if let Some((controller, _)) = details.subject {
                tx.master_hold(controller, details.sealed.generation())?;
            }
            tx.ledger_details_insert(record.entry.id, details)?;
        }
        Ok((Recorded { id: record.entry.id, body, shredded: tx.shredded }, value))
    }
}

impl<'a> Deref for WriteTx<'a> {
    type Target = Tx<'a>;

    fn deref(&self) -> &Tx<'a> {
        &self.tx
    }
}

impl<'a> DerefMut for WriteTx<'a> {
    fn deref_mut(&mut self) -> &mut Tx<'a> {
        &mut self.tx
    }
}
