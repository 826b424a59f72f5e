//! Backups: what a snapshot says of itself, how long it is kept, and when somebody must be woken.
//!
//! A snapshot counts once it has been restored: it is *stored* when a site has it and its bytes were read back, *proven* when a
//! vault was made of it and compared with what it says of itself. All that is decided here is arithmetic over what is
//! recorded; where snapshots are and who writes them is not known here.

mod alarm;
mod manifest;
mod retention;

pub use alarm::{Alarm, SiteBackups, alarms};
pub use manifest::{Content, ContentError, FileDigest, FormatError, Manifest, TableCount};
pub use retention::{Kept, kept, superseded};

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::Timestamp;

/// What is known of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotState {
    /// Something is wrong with it.
    Failed,
    /// A site has it, and its bytes were read back; nobody has restored it.
    Stored,
    /// It was restored, and what came out was compared with what it says of itself.
    Proven,
}

/// The text names no state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a snapshot is proven, stored or failed")]
pub struct StateError;

impl SnapshotState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Failed, Self::Stored, Self::Proven];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Stored => "stored",
            Self::Proven => "proven",
        }
    }
}

impl fmt::Display for SnapshotState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SnapshotState {
    type Err = StateError;

    fn from_str(text: &str) -> Result<Self, StateError> {
        Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or(StateError)
    }
}

/// A snapshot of one site as retention and alarm see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// When it was taken.
    pub at: Timestamp,
    /// What is known of it.
    pub state: SnapshotState,
    /// How many contacts it has.
    pub contacts: u64,
}
