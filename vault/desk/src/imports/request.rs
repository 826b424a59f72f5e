//! What an import is asked to do, and who is told how far it is.

use std::fmt;
use std::io;

use carnet_core::intake::Reject;
use carnet_core::model::{ImportCounts, ImportId, ListId, ProvenanceKind, PurposeId};

/// What is to be imported, and what is said about it. `Debug` leaves out the words, which may name people.
#[derive(Clone, PartialEq, Eq)]
pub struct NewImport {
    /// The list that the contacts join; it is made if the controller has none of this name.
    pub list: String,
    /// By which way the contacts come.
    pub kind: ProvenanceKind,
    /// From whom and how they came, as the people would be told (Art. 14(2)(f)).
    pub origin: String,
    /// Names of the files, without their folders, if it is files.
    pub file_name: Option<String>,
    /// The purpose that the source's consents are for, unless it names one itself.
    pub purpose: Option<PurposeId>,
    /// How the source is read: format and mapping, as a text that is kept and shown.
    pub reading: String,
}

/// An import has begun, or goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Started {
    /// The import.
    pub import: ImportId,
    /// Its list.
    pub list: ListId,
    /// Whether an earlier run began it. That run may have handed over rejects of a part that it did not come to write, so
    /// that they come again.
    pub goes_on: bool,
    /// How many contacts and rejects of the source an earlier run has dealt with, and which this one passes over.
    pub passed_over: u64,
}

/// Whoever waits for an import: hears how far it is, keeps the rejects, and may stop it.
pub trait Watch {
    /// The import has its place in the vault. Not called by a rehearsal, which has none.
    fn started(&mut self, started: &Started) {
        let _ = started;
    }

    /// One part of the source was rejected, in the order of the source. A chunk is written only after all its rejects
    /// were taken, so that none is lost.
    ///
    /// # Errors
    /// Whatever keeps it from being kept; the import stops before the chunk.
    fn reject(&mut self, reject: &Reject) -> io::Result<()>;

    /// A chunk was written; `counts` is the import so far.
    fn progress(&mut self, counts: &ImportCounts) {
        let _ = counts;
    }

    /// Whether to stop after this chunk. What is written stays, and the same import goes on from there.
    fn stops(&self) -> bool {
        false
    }
}

impl fmt::Debug for NewImport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("NewImport");
        shown.field("kind", &self.kind).field("purpose", &self.purpose).finish_non_exhaustive()
    }
}
