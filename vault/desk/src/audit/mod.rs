//! The ledger: proving an entry, taking a checkpoint, taking a copy out. Reading it is in [`tail`], verifying it against
//! the vault's rows in [`verify`].

mod releases;
mod story;
mod tail;
mod verify;

use std::path::Path;

use carnet_core::ledger::{Checkpoint, ExportError, HashSource as _, Note, TlogProof, write_bundle};
use carnet_core::model::EntryId;
use carnet_core::policy::{Operation, Target};
use carnet_store::{LedgerRow, StoreError, StoredTree, Tx};

use crate::{Desk, DeskError};

pub use tail::{DetailsView, LedgerView};
pub use verify::{AuditProblem, AuditReport};

/// How many entries are read at a time.
const PAGE_ENTRIES: u32 = 4096;

impl Desk<'_> {
    /// A proof that an entry is in the ledger: a file that stands alone (C2SP tlog-proof), and the entry's bytes.
    ///
    /// # Errors
    /// [`DeskError::Unknown`] when there is no such entry.
    pub fn audit_prove(&self, id: EntryId) -> Result<(TlogProof, Vec<u8>), DeskError> {
        self.authorise(Operation::AuditProve, &Target::Vault)?;
        let proof = self.vault.store.read(|tx| {
            let unknown = || DeskError::Unknown { what: "entry", name: id.to_string(), command: "audit tail" };
            let row = tx.ledger_entry(id)?.ok_or_else(unknown)?;
            let head = tx.ledger_head()?.ok_or_else(unknown)?;
            let hashes = StoredTree::new(tx)
                .inclusion_proof(head.size, row.index)
                .map_err(|error| DeskError::Ledger(described(&error)))?;
            let checkpoint = parse_checkpoint(&head.checkpoint)?;
            let proof = TlogProof { extra: None, index: row.index, hashes, checkpoint };
            // A proof that fails at the auditor's would accuse the wrong one: it is the ledger that is damaged.
            proof.verify(&row.body, &self.vault.ledger_key).map_err(|error| DeskError::Ledger(described(&error)))?;
            Ok::<_, DeskError>((proof, row.body))
        })?;
        let mut draft = self.draft("audit.prove")?;
        draft.touch(id);
        self.record_only(draft, [])?;
        Ok(proof)
    }

    /// The newest signed checkpoint.
    ///
    /// # Errors
    /// [`DeskError::Ledger`] when there is none.
    pub fn audit_checkpoint(&self) -> Result<Note, DeskError> {
        self.authorise(Operation::AuditCheckpoint, &Target::Vault)?;
        self.vault.checkpoint()?.ok_or_else(|| DeskError::Ledger("it has no checkpoint".to_owned()))
    }

    /// Writes the ledger into a folder that anybody can verify without the vault (C2SP tlog-tiles).
    ///
    /// # Errors
    /// [`DeskError::File`] when a file cannot be written, [`DeskError::Ledger`] when the ledger does not lead to its
    /// checkpoint or this is not signed by the ledger's key.
    pub fn audit_export(&self, folder: &Path) -> Result<Checkpoint, DeskError> {
        self.authorise(Operation::AuditExport, &Target::Vault)?;
        // Recorded first, so that the copy that leaves says so itself.
        self.record_only(self.draft("audit.export")?, [])?;
        let exported = self.vault.store.read(|tx| {
            let head = tx.ledger_head()?.ok_or_else(|| DeskError::Ledger("it has no checkpoint".to_owned()))?;
            let checkpoint = parse_checkpoint(&head.checkpoint)?;
            Checkpoint::open(&checkpoint, &self.vault.ledger_key)?;
            write_bundle(folder, Bodies::of(tx), &checkpoint).map_err(ledger_failed)
        })?;
        Ok(exported.checkpoint)
    }
}

pub(crate) fn parse_checkpoint(text: &str) -> Result<Note, DeskError> {
    Note::parse(text.as_bytes()).map_err(|error| DeskError::Ledger(error.to_string()))
}

/// An error with its cause, on one line.
fn described(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error} ({cause})"),
        None => error.to_string(),
    }
}

/// Why the ledger could not be written out.
pub(crate) fn ledger_failed<E: Into<DeskError> + std::error::Error + 'static>(error: ExportError<E>) -> DeskError {
    match error {
        ExportError::Write { path, source } => DeskError::File { place: path, source },
        ExportError::Entry(source) => source.into(),
        other => DeskError::Ledger(described(&other)),
    }
}

/// The bytes of all entries in order, a page at a time.
pub(crate) struct Bodies<'t, 'd> {
    tx: &'t mut Tx<'d>,
    page: std::vec::IntoIter<LedgerRow>,
    next: u64,
}

impl<'t, 'd> Bodies<'t, 'd> {
    pub(crate) fn of(tx: &'t mut Tx<'d>) -> Self {
        Self { tx, page: Vec::new().into_iter(), next: 0 }
    }
}

impl Iterator for Bodies<'_, '_> {
    type Item = Result<Vec<u8>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.len() == 0 {
            match self.tx.ledger_entries(self.next, PAGE_ENTRIES) {
                Ok(rows) => self.page = rows.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
        let row = self.page.next()?;
        self.next = row.index + 1;
        Some(Ok(row.body))
    }
}
