//! What a verification found: the verdict with its exit code, and each thing that is wrong with its place.

use super::checkpoint::Checkpoint;
use super::tiles::TileError;
use super::trust::TrustError;

/// The most findings that a report lists, and the most missing files after which the search ends.
///
/// A checkpoint may state any size: without an end, an empty folder could keep the verifier busy for ever.
pub(super) const MAX_FINDINGS: usize = 100;

/// What an export is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every entry is what the trusted ledger signed.
    Verified,
    /// Something was changed.
    Tampered {
        /// The lowest index at which an entry or its hash differs; nothing when only a signature or the root tells.
        first_bad_index: Option<u64>,
    },
    /// Nothing differs, but evidence is missing.
    Incomplete {
        /// The lowest index whose evidence is missing; nothing when the checkpoint itself is.
        first_missing_index: Option<u64>,
    },
    /// Nothing differs or is missing, but a trusted signature or the quorum is.
    PolicyNotMet,
}

impl Verdict {
    /// The exit code of a program that ends with this verdict.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Verified => 0,
            Self::Tampered { .. } => 1,
            Self::Incomplete { .. } => 2,
            Self::PolicyNotMet => 3,
        }
    }
}

/// One thing that is wrong with an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file, as a path inside the export; `older checkpoint N` for the ones given beside it.
    pub file: String,
    /// The entry that it concerns, or the first of those that it concerns.
    pub index: Option<u64>,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong with an export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// An entry is not the one that the tile of level 0 has the hash of.
    #[error("the entry and its hash in the tile differ; one of them was changed")]
    EntryDiffers,
    /// A tile above level 0 has a hash that the entries do not lead to.
    #[error("the tile has a hash that the entries do not lead to")]
    NodeDiffers,
    /// The entries do not lead to the signed root.
    #[error("the entries do not lead to the signed root")]
    RootDiffers,
    /// An older checkpoint has another root: the ledger was rewritten.
    #[error("the first {size} entries do not lead to the root signed then; the ledger was rewritten")]
    Rewritten {
        /// The older checkpoint's size.
        size: u64,
    },
    /// An older checkpoint has more entries: the ledger was cut back.
    #[error("{size} entries were signed then; the ledger was cut back")]
    CutBack {
        /// The older checkpoint's size.
        size: u64,
    },
    /// A file has more than it may have.
    #[error("the file holds more than it may")]
    TooLong,
    /// A file is absent, cut off or unreadable.
    #[error(transparent)]
    Missing(TileError),
    /// A checkpoint that is forged or does not meet the policy.
    #[error(transparent)]
    Checkpoint(TrustError),
}

/// What was found out about an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What it is worth.
    pub verdict: Verdict,
    /// What its checkpoint states; believed only when the verdict is [`Verdict::Verified`].
    pub checkpoint: Option<Checkpoint>,
    /// The trusted witnesses that cosigned, and when, in seconds since 1970.
    pub witnesses: Vec<(String, u64)>,
    /// How many entries were hashed.
    pub entries: u64,
    /// Whether the entries alone lead to the stated root; nothing when some are missing.
    ///
    /// Together with [`Verdict::Tampered`] it says that the entries are as stated and a tile was changed.
    pub entries_lead_to_root: Option<bool>,
    /// What is wrong, at most 100 things.
    pub findings: Vec<Finding>,
    /// How many findings were left out.
    pub findings_left_out: u64,
}

/// What is wrong so far, and how bad.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) listed: Vec<Finding>,
    pub(super) left_out: u64,
    tampered: bool,
    unmet: bool,
    pub(super) missing: usize,
    first_missing: Option<u64>,
    /// The lowest entry that differs, and the lowest covered by a higher tile that does: a changed entry changes
    /// all tiles above it, whose first entry is then not the bad one.
    first_bad_entry: Option<u64>,
    first_bad_node: Option<u64>,
}

impl Findings {
    pub(super) fn unreadable(&mut self, file: &str, index: Option<u64>, error: TileError) {
        let problem = if matches!(error, TileError::TooLong(_)) { Problem::TooLong } else { Problem::Missing(error) };
        self.add(file, index, problem);
    }

    pub(super) fn add(&mut self, file: &str, index: Option<u64>, problem: Problem) {
        match &problem {
            Problem::Missing(_) => {
                self.missing += 1;
                self.first_missing = lower(self.first_missing, index);
            }
            Problem::Checkpoint(error) if !error.is_forgery() => self.unmet = true,
            Problem::NodeDiffers => {
                self.tampered = true;
                self.first_bad_node = lower(self.first_bad_node, index);
            }
            _ => {
                self.tampered = true;
                self.first_bad_entry = lower(self.first_bad_entry, index);
            }
        }
        if self.listed.len() < MAX_FINDINGS {
            self.listed.push(Finding { file: file.to_owned(), index, problem });
        } else {
            self.left_out += 1;
        }
    }

    pub(super) fn verdict(&self) -> Verdict {
        if self.tampered {
            Verdict::Tampered { first_bad_index: self.first_bad_entry.or(self.first_bad_node) }
        } else if self.missing > 0 {
            Verdict::Incomplete { first_missing_index: self.first_missing }
        } else if self.unmet {
            Verdict::PolicyNotMet
        } else {
            Verdict::Verified
        }
    }
}

fn lower(known: Option<u64>, new: Option<u64>) -> Option<u64> {
    known.into_iter().chain(new).min()
}
