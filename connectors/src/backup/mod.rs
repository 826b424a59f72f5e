//! Backup sites: repositories that keep snapshots, and give back what they were given.
//!
//! [`Repository`] is what the house asks of one; [`Restic`] keeps them in restic's repository format (version 2), so that the stock
//! `restic` lists, checks and restores what is written here. What a snapshot holds is not known here.

mod restic;
mod source;

pub use restic::Restic;

use std::sync::mpsc::Receiver;

use carnet_core::model::Timestamp;

/// A file of a snapshot on its way into a repository. Snapshots are made of many files of some megabytes, in the order of
/// their paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path, `/` between its parts.
    pub path: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// A snapshot as a repository knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its id in the repository.
    pub id: [u8; 32],
    /// When it says that it was taken.
    pub at: Timestamp,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// How many files it has.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
    /// How many bytes the repository grew by, compressed.
    pub added: u64,
}

/// A repository does not do what it is asked. Carries no personal data.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is none, or it cannot be reached.
    #[error("the backup site {place} cannot be used: {reason}")]
    Unavailable {
        /// Where.
        place: String,
        /// Why.
        reason: String,
    },
    /// There is one already.
    #[error("there is a repository in {place} already; name an empty folder, or keep using that one where it belongs")]
    Exists {
        /// Where.
        place: String,
    },
    /// The password opens none of its keys.
    #[error("the password opens no key of the repository in {place}")]
    WrongPassword {
        /// Where.
        place: String,
    },
    /// Less than was given has arrived.
    #[error(
        "the backup site {place} took {found} of {wanted} bytes in files without saying so; nothing was kept of it"
    )]
    Incomplete {
        /// Where.
        place: String,
        /// How many bytes it has.
        found: u64,
        /// How many it was given.
        wanted: u64,
    },
}

/// A repository of snapshots at one place.
pub trait Repository {
    /// Writes a snapshot of all that comes, until nothing more does. `host` and `label` say of what.
    ///
    /// What is written counts only once the caller says so: whoever sends may have failed half-way.
    ///
    /// # Errors
    /// [`BackupError`]; no snapshot is left then, as far as the site lets go of one.
    fn write(&self, host: &str, label: &str, at: Timestamp, entries: Receiver<Entry>) -> Result<Written, BackupError>;

    /// The snapshots that are there, the oldest first.
    ///
    /// # Errors
    /// [`BackupError::Unavailable`].
    fn snapshots(&self) -> Result<Vec<Snapshot>, BackupError>;

    /// Opens a snapshot for reading.
    ///
    /// # Errors
    /// [`BackupError::Unavailable`], also where there is no such snapshot.
    fn read(&self, id: &[u8; 32]) -> Result<Box<dyn Reading + '_>, BackupError>;

    /// Looks for damage in indexes and trees, and in one of `parts` equal shares of the data; says what is found.
    ///
    /// # Errors
    /// [`BackupError::Unavailable`] where it cannot even be looked for.
    fn check(&self, share: Option<Share>) -> Result<Vec<String>, BackupError>;

    /// Forgets snapshots; their data go with [`Repository::prune`].
    ///
    /// # Errors
    /// [`BackupError::Unavailable`].
    fn forget(&self, ids: &[[u8; 32]]) -> Result<(), BackupError>;

    /// Lets go of data that no snapshot uses: first marked, and so many hours later removed, since another writer might just
    /// be making use of them.
    ///
    /// # Errors
    /// [`BackupError::Unavailable`].
    fn prune(&self, grace_hours: u32) -> Result<(), BackupError>;

    /// Adds a password that opens it.
    ///
    /// # Errors
    /// [`BackupError::Unavailable`].
    fn add_password(&self, password: &str) -> Result<(), BackupError>;
}

/// A part of the data to be read: `number` of `parts`, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Which one.
    pub number: u32,
    /// Of how many.
    pub parts: u32,
}

impl Share {
    /// All of it.
    pub const ALL: Self = Self { number: 1, parts: 1 };
}

/// A snapshot that is read.
pub trait Reading {
    /// The paths of its files.
    fn paths(&self) -> Vec<&str>;

    /// A file, whole.
    ///
    /// # Errors
    /// [`BackupError::Unavailable`], also where there is no such file or its bytes are damaged.
    fn file(&self, path: &str) -> Result<Vec<u8>, BackupError>;
}
