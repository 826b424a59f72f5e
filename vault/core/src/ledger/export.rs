//! Writing an exported ledger: the folder that an auditor takes away (C2SP tlog-tiles).
//!
//! The checkpoint is written last and only when the entries lead to its root, so that no export says more than it holds.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::checkpoint::{Checkpoint, CheckpointError};
use super::note::Note;
use super::tiles::{FULL, TileBuilder, TileError, encode_tile, entries_path, push_entry, tile_path};
use super::tree::{Frontier, TreeHash, leaf_hash};

/// How many files are synced at the same time.
const SYNC_THREADS: usize = 16;

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// What the checkpoint states.
    pub checkpoint: Checkpoint,
    /// How many files it has, the checkpoint included.
    pub files: u64,
    /// Their bytes together.
    pub bytes: u64,
}

/// An export was not finished; what was written of it has no new checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum ExportError<E> {
    /// A file could not be written.
    #[error("{path} in the export cannot be written; check the space and the rights of the folder")]
    Write {
        /// The path inside the export.
        path: String,
        /// What the operating system said.
        #[source]
        source: io::Error,
    },
    /// An entry could not be read.
    #[error("an entry of the ledger cannot be read")]
    Entry(#[source] E),
    /// An entry that no bundle can hold.
    #[error(transparent)]
    Tile(#[from] TileError),
    /// The note is not a checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The ledger has fewer entries than it signed for.
    #[error(
        "the checkpoint states {stated} entries, but the ledger has {found}; verify the ledger before anything else"
    )]
    TooFew {
        /// What the checkpoint states.
        stated: u64,
        /// What there is.
        found: u64,
    },
    /// The entries do not lead to the signed root.
    #[error("the entries do not lead to the checkpoint's root; verify the ledger before anything else")]
    RootDiffers,
}

/// Writes the first entries, as many as the checkpoint states, their tiles, and the checkpoint into a folder.
///
/// One bundle of entries is in memory at a time. A folder with an older export of the same ledger is brought up to date.
///
/// # Errors
/// [`ExportError`]; the folder then keeps the checkpoint that it had, or none.
pub fn write_bundle<E, B: AsRef<[u8]>>(
    folder: &Path,
    entries: impl IntoIterator<Item = Result<B, E>>,
    checkpoint: &Note,
) -> Result<Exported, ExportError<E>> {
    // The folder "here" has an empty name, which can be joined but not opened.
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let mut writer = Writer { folder, files: 0, bytes: 0, unsynced: Vec::new() };
    let stated = bundle(entries, checkpoint, |path, bytes| writer.write(path, bytes))?;
    writer.sync()?;
    writer.write(CHECKPOINT, checkpoint.to_string().as_bytes())?;
    writer.sync()?;
    Ok(Exported { checkpoint: stated, files: writer.files, bytes: writer.bytes })
}

/// The path of the checkpoint in an export.
pub const CHECKPOINT: &str = "checkpoint";

/// Gives the files of an export, all but the checkpoint, as they are completed: bundles of entries, and tiles of every level.
///
/// # Errors
/// What `write` returns, or [`ExportError`]: what was given then is no export.
pub fn bundle<E, B: AsRef<[u8]>>(
    entries: impl IntoIterator<Item = Result<B, E>>,
    checkpoint: &Note,
    mut write: impl FnMut(&str, &[u8]) -> Result<(), ExportError<E>>,
) -> Result<Checkpoint, ExportError<E>> {
    let stated = Checkpoint::parse(checkpoint.text())?;
    let (mut tree, mut frontier) = (TileBuilder::default(), Frontier::default());
    let mut bundle = Vec::new();
    let mut entries = entries.into_iter();
    while frontier.size() < stated.size {
        let found = frontier.size();
        let entry = entries.next().ok_or(ExportError::TooFew { stated: stated.size, found })?;
        let entry = entry.map_err(ExportError::Entry)?;
        push_entry(&mut bundle, entry.as_ref())?;
        let leaf = leaf_hash(entry.as_ref());
        frontier.append(leaf);
        tree.push(leaf, |level, index, hashes| write(&path_of_tile(level, index, hashes), &encode_tile(hashes)))?;
        if frontier.size() % FULL == 0 {
            write(&entries_path(found / FULL, FULL), &bundle)?;
            bundle.clear();
        }
    }
    tree.finish(|level, index, hashes| write(&path_of_tile(level, index, hashes), &encode_tile(hashes)))?;
    if !bundle.is_empty() {
        write(&entries_path(stated.size / FULL, stated.size % FULL), &bundle)?;
    }
    if frontier.root() != stated.root {
        return Err(ExportError::RootDiffers);
    }
    Ok(stated)
}

fn path_of_tile(level: u8, index: u64, hashes: &[TreeHash]) -> String {
    tile_path(level, index, hashes.len() as u64)
}

struct Writer<'a> {
    folder: &'a Path,
    files: u64,
    bytes: u64,
    /// What was renamed into place and is not yet known to be on the disk.
    unsynced: Vec<PathBuf>,
}

impl Writer<'_> {
    fn write<E>(&mut self, path: &str, bytes: &[u8]) -> Result<(), ExportError<E>> {
        self.try_write(path, bytes).map_err(|source| ExportError::Write { path: path.to_owned(), source })?;
        self.files += 1;
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Writes a file whole under another name and renames it; one that is there already is left alone.
    fn try_write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.folder.join(path);
        // Tiles never change: writing one again could only damage what an earlier export has brought to the disk.
        if fs::metadata(&path).is_ok_and(|known| known.is_file() && known.len() == bytes.len() as u64)
            && fs::read(&path)? == bytes
        {
            return Ok(());
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let unfinished = path.with_extension("unfinished");
        fs::write(&unfinished, bytes)?;
        fs::rename(&unfinished, &path)?;
        self.unsynced.push(path);
        Ok(())
    }

    /// Brings everything written so far to the disk, folders included.
    fn sync<E>(&mut self) -> Result<(), ExportError<E>> {
        let mut folders = BTreeSet::new();
        for path in &self.unsynced {
            folders.extend(path.ancestors().skip(1).take_while(|inner| inner.starts_with(self.folder)));
        }
        let all: Vec<&Path> = self.unsynced.iter().map(PathBuf::as_path).chain(folders).collect();
        // A disk answers many at once almost as fast as one, and a large ledger has thousands of files.
        let share = all.len().div_ceil(SYNC_THREADS).max(1);
        let failed = std::thread::scope(|scope| {
            let threads: Vec<_> = all.chunks(share).map(|paths| scope.spawn(|| first_unsynced(paths))).collect();
            let lost = || Some((self.folder, io::Error::other("the thread that synced files ended")));
            threads.into_iter().find_map(|thread| thread.join().unwrap_or_else(|_| lost()))
        });
        if let Some((path, source)) = failed {
            let path = path.strip_prefix(self.folder).unwrap_or(path).display().to_string();
            return Err(ExportError::Write { path, source });
        }
        self.unsynced.clear();
        Ok(())
    }
}

/// Syncs files and folders, and answers the first that could not be.
fn first_unsynced<'a>(paths: &[&'a Path]) -> Option<(&'a Path, io::Error)> {
    paths.iter().find_map(|path| {
        let synced = File::open(path).and_then(|file| file.sync_all());
        synced.err().map(|error| (*path, error))
    })
}
