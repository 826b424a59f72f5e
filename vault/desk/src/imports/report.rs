//! What came of an import, in numbers that add up.

use carnet_core::gate::Report;
use carnet_core::intake::Warning;
use carnet_core::model::{ImportCounts, ImportId, ImportState, ListId, ListStatus, Provenance, PurposeId, Timestamp};

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
    /// What the gate would say of the list; of a rehearsal in a vault with a gate alone.
    pub gate: Option<Report>,
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
