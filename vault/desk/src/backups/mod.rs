//! Backups: where they are kept, what goes there, and what comes back.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `sites` | where backups are kept, with their sealed passwords |
//! | `snapshot` | all that the vault holds as files, read at one moment |
//! | `parts` | rows cut into files, so that an unchanged table gives the same files again |
//! | `outcome` | what became of a snapshot: stored, proven, failed, let go |
//! | `restore` | a vault made of a snapshot, with what has been refused and erased since |
//!
//! Nothing here knows how a repository is written: files are handed on, and asked for, by their paths.

mod outcome;
mod parts;
mod restore;
mod sites;
mod snapshot;

pub use outcome::{Outcome, SnapshotView};
pub use restore::{Restored, SnapshotFiles, restore};
pub use sites::{BackupSite, NewSite, SiteView};
pub use snapshot::Handover;
