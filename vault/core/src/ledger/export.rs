//! Writing an exported ledger: the folder that an auditor takes away (C2SP tlog-tiles).
//!
//! The checkpoint is written last and only when the entries lead to its root, so that no export says more than it holds.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::checkpoint::{Checkpoint, CheckpointError};
use super::note::Note;
use super::tiles::{FULL, TileBuilder, TileError, encode_tile, entries_path, push_entry, tile_path};
use super::tree::{Frontier, TreeHash, leaf_hash};

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// What the checkpoint states.
    pub checkpoint: Checkpoint,
    /// How many files were written, the checkpoint included.
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
    let stated = Checkpoint::parse(checkpoint.text())?;
    let mut writer = Writer { folder, files: 0, bytes: 0 };
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
        tree.push(leaf, |level, index, hashes| writer.tile(level, index, hashes))?;
        if frontier.size() % FULL == 0 {
            writer.write(&entries_path(found / FULL, FULL), &bundle)?;
            bundle.clear();
        }
    }
    tree.finish(|level, index, hashes| writer.tile(level, index, hashes))?;
    if !bundle.is_empty() {
        writer.write(&entries_path(stated.size / FULL, stated.size % FULL), &bundle)?;
    }
    if frontier.root() != stated.root {
        return Err(ExportError::RootDiffers);
    }
    writer.write("checkpoint", checkpoint.to_string().as_bytes())?;
    Ok(Exported { checkpoint: stated, files: writer.files, bytes: writer.bytes })
}

struct Writer<'a> {
    folder: &'a Path,
    files: u64,
    bytes: u64,
}

impl Writer<'_> {
    fn tile<E>(&mut self, level: u8, index: u64, hashes: &[TreeHash]) -> Result<(), ExportError<E>> {
        self.write(&tile_path(level, index, hashes.len() as u64), &encode_tile(hashes))
    }

    fn write<E>(&mut self, path: &str, bytes: &[u8]) -> Result<(), ExportError<E>> {
        write_whole(&self.folder.join(path), bytes)
            .map_err(|source| ExportError::Write { path: path.to_owned(), source })?;
        self.files += 1;
        self.bytes += bytes.len() as u64;
        Ok(())
    }
}

/// Writes a file so that it is there whole or not at all: under another name, synced, then renamed.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    fs::create_dir_all(folder)?;
    let unfinished = path.with_extension("unfinished");
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(folder)?.sync_all()
}
