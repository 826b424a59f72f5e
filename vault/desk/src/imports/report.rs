//! What came of an import, in numbers that add up.

use std::ops::AddAssign;

use carnet_core::intake::Warning;
use carnet_core::model::{ImportId, ImportState, ListId, ListStatus, Provenance, PurposeId, Timestamp};

/// How many contacts of a source became what. `read` is the sum of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportCounts {
    /// Contacts and rejects of the source.
    pub read: u64,
    /// Became a contact.
    pub new: u64,
    /// Known already, or met earlier in the same source, and something was added.
    pub merged: u64,
    /// Known already, and nothing was added.
    pub unchanged: u64,
    /// Erased or objecting: stayed out.
    pub suppressed: u64,
    /// Could not be read, or must not be taken as they are.
    pub rejected: u64,
    /// Consent events recorded, each on the source's word alone.
    pub consents: u64,
    /// Refusals among them: withdrawn or objected.
    pub refusals: u64,
    /// Contacts of which the source says that messages do not arrive.
    pub undeliverable: u64,
    /// Merged contacts that have another name or other single value in the vault, which stays.
    pub differing: u64,
}

impl ImportCounts {
    /// Whether every contact read is accounted for.
    pub const fn adds_up(&self) -> bool {
        self.read == self.new + self.merged + self.unchanged + self.suppressed + self.rejected
    }
}

impl AddAssign for ImportCounts {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.new += other.new;
        self.merged += other.merged;
        self.unchanged += other.unchanged;
        self.suppressed += other.suppressed;
        self.rejected += other.rejected;
        self.consents += other.consents;
        self.refusals += other.refusals;
        self.undeliverable += other.undeliverable;
        self.differing += other.differing;
    }
}

/// A mail domain that looks mistyped. The addresses were taken as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// As it was written.
    pub domain: String,
    /// What was probably meant.
    pub instead: &'static str,
    /// How many addresses.
    pub count: u64,
}

/// What an import, or its rehearsal, came to.
#[derive(Debug, Clone)]
pub struct ImportReport {
    /// The import and its list; absent for a rehearsal.
    pub place: Option<(ImportId, ListId)>,
    /// Whether the source was read to its end.
    pub state: ImportState,
    /// The numbers, those of earlier runs of the same import included.
    pub counts: ImportCounts,
    /// What the source could not make out, of the run that has just ended.
    pub warnings: Vec<Warning>,
    /// Domains that look mistyped, most frequent first, of the run that has just ended.
    pub suggestions: Vec<Suggestion>,
}

/// An import as the vault has it.
#[derive(Debug, Clone)]
pub struct ImportView {
    /// Its id.
    pub id: ImportId,
    /// The list, its name and its status.
    pub list: (ListId, String, ListStatus),
    /// How far it is.
    pub state: ImportState,
    /// The numbers.
    pub counts: ImportCounts,
    /// Where the contacts came from.
    pub provenance: Provenance,
    /// How the source was read.
    pub reading: String,
    /// What its consents are for that name no purpose themselves.
    pub purpose: Option<PurposeId>,
    /// When it began.
    pub started: Timestamp,
    /// When it last wrote.
    pub changed: Timestamp,
}
