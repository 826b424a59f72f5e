//! Files that are handed over one by one, as the repository's library wants to have them.

use std::ffi::OsStr;
use std::io::Cursor;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{IntoIter, Receiver};
use std::sync::{Arc, Mutex, PoisonError};

use rustic_core::repofile::{Metadata, Node, NodeType};
use rustic_core::{ReadSource, ReadSourceEntry, RusticResult};

use super::Entry;

/// What was handed over.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) files: AtomicU64,
    pub(super) bytes: AtomicU64,
}

/// Files as they come.
pub(super) struct Incoming {
    entries: Mutex<Option<Receiver<Entry>>>,
    tally: Arc<Tally>,
    folder: &'static str,
}

impl Incoming {
    pub(super) fn new(entries: Receiver<Entry>, folder: &'static str) -> (Self, Arc<Tally>) {
        let tally = Arc::new(Tally::default());
        (Self { entries: Mutex::new(Some(entries)), tally: Arc::clone(&tally), folder }, tally)
    }
}

/// Each file once.
pub(super) struct Files {
    entries: Option<IntoIter<Entry>>,
    tally: Arc<Tally>,
    folder: &'static str,
}

impl ReadSource for Incoming {
    type Open = Cursor<Vec<u8>>;
    type Iter = Files;

    fn size(&self) -> RusticResult<Option<u64>> {
        Ok(None)
    }

    fn entries(&self) -> Files {
        let taken = self.entries.lock().unwrap_or_else(PoisonError::into_inner).take();
        Files { entries: taken.map(IntoIterator::into_iter), tally: Arc::clone(&self.tally), folder: self.folder }
    }
}

impl Iterator for Files {
    type Item = RusticResult<ReadSourceEntry<Cursor<Vec<u8>>>>;

    fn next(&mut self) -> Option<Self::Item> {
        let Entry { path, bytes } = self.entries.as_mut()?.next()?;
        let size = bytes.len() as u64;
        self.tally.files.fetch_add(1, Ordering::SeqCst);
        self.tally.bytes.fetch_add(size, Ordering::SeqCst);
        let path = PathBuf::from(self.folder).join(path);
        let metadata = Metadata { mode: Some(0o600), size, ..Metadata::default() };
        let node = Node::new_node(path.file_name().unwrap_or_else(|| OsStr::new("file")), NodeType::File, metadata);
        Some(Ok(ReadSourceEntry { path, node, open: Some(Cursor::new(bytes)) }))
    }
}
