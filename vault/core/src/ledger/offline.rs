//! Judging an exported folder on the auditor's machine: no vault, no key of the vault, no network.
//!
//! It owns the reading of files and nothing else; what they must say is in [`super::verify`].

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::PathBuf;

use super::note::MAX_NOTE_BYTES;
use super::report::Report;
use super::tiles::{TileError, TileSource};
use super::trust::TrustPolicy;
use super::verify::verify_export;

/// The files of an exported ledger in a folder.
#[derive(Debug, Clone)]
pub struct DirectoryTiles {
    folder: PathBuf,
}

impl DirectoryTiles {
    /// The export in this folder; nothing is read yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The bytes of the export's checkpoint note.
    ///
    /// # Errors
    /// [`TileError`] when it is missing or cannot be read.
    pub fn checkpoint(&self) -> Result<Vec<u8>, TileError> {
        self.read("checkpoint", MAX_NOTE_BYTES)
    }
}

impl TileSource for DirectoryTiles {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, TileError> {
        let unreadable = |reason: String| TileError::Unreadable { path: path.to_owned(), reason };
        let failed = |error: std::io::Error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => TileError::Missing(path.to_owned()),
            kind => unreadable(kind.to_string()),
        };
        let full = self.folder.join(path);
        // A pipe or a device in a hostile export would keep the reader for ever.
        if !fs::metadata(&full).map_err(failed)?.is_file() {
            return Err(unreadable("not a file".to_owned()));
        }
        let mut bytes = Vec::new();
        let most_and_one = (most as u64).saturating_add(1);
        File::open(&full).map_err(failed)?.take(most_and_one).read_to_end(&mut bytes).map_err(failed)?;
        if bytes.len() > most { Err(TileError::TooLong(path.to_owned())) } else { Ok(bytes) }
    }
}

/// Judges the export in a folder.
///
/// `older` are checkpoint notes of the same ledger that the auditor kept from before, from a mail or a backup site:
/// the export must continue each of them.
pub fn verify_bundle(folder: impl Into<PathBuf>, trust: &TrustPolicy, older: &[Vec<u8>]) -> Report {
    verify_export(&DirectoryTiles::new(folder), trust, older)
}
