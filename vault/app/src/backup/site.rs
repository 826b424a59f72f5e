//! The repositories of a site.

use std::path::Path;

use carnet_connectors::backup::{BackupError, Reading, Repository, Restic};
use carnet_core::backup::Content;
use carnet_desk::{BackupSite, DeskError, ErrorKind, SnapshotFiles};

use crate::failure::Failure;

/// Both repositories of a site: rows are kept for long, keyrings for days, and data of one never stand among those of the
/// other.
pub(crate) struct Site {
    pub rows: Restic,
    pub keyring: Restic,
}

impl Site {
    /// Makes them in an empty folder.
    pub(crate) fn create(folder: &str, password: &str) -> Result<Self, Failure> {
        let there = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
        if there {
            let sentence = format!("{folder} is not empty; name an empty folder, on a disk of its own");
            return Err(Failure { kind: ErrorKind::Conflict, sentence });
        }
        let make = |content: Content| Restic::create(&Path::new(folder).join(content.as_str()), password);
        Ok(Self { rows: make(Content::Rows)?, keyring: make(Content::Keyring)? })
    }

    /// Opens them.
    pub(crate) fn open(site: &BackupSite) -> Result<Self, Failure> {
        Self::open_in(Path::new(&site.folder), &site.password)
    }

    /// The same where no vault says where they are.
    pub(crate) fn open_in(folder: &Path, password: &str) -> Result<Self, Failure> {
        let open = |content: Content| Restic::open(&folder.join(content.as_str()), password);
        Ok(Self { rows: open(Content::Rows)?, keyring: open(Content::Keyring)? })
    }

    /// The repository of one half.
    pub(crate) const fn of(&self, content: Content) -> &Restic {
        match content {
            Content::Rows => &self.rows,
            Content::Keyring => &self.keyring,
        }
    }
}

/// A snapshot as the desk reads it.
pub(crate) struct SnapshotReader<'r>(Box<dyn Reading + 'r>);

impl<'r> SnapshotReader<'r> {
    pub(crate) fn open(repository: &'r dyn Repository, id: &[u8; 32]) -> Result<Self, Failure> {
        Ok(Self(repository.read(id)?))
    }
}

impl SnapshotFiles for SnapshotReader<'_> {
    fn file(&self, path: &str) -> Result<Vec<u8>, DeskError> {
        self.0.file(path).map_err(|error| DeskError::DamagedSnapshot(error.to_string()))
    }
}

/// An id as people see it.
pub(crate) fn id_text(id: &[u8; 32]) -> String {
    hex::encode(id)
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        let kind = match &error {
            BackupError::Exists { .. } => ErrorKind::Conflict,
            BackupError::WrongPassword { .. } => ErrorKind::Key,
            _ => ErrorKind::Storage,
        };
        Self { kind, sentence: error.to_string() }
    }
}
