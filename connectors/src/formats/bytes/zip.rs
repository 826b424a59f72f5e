//! ZIP archives: the directory is read by the `zip` library, the content by ours, so that it streams within bounds.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::Crc;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::inflate::{Bounded, Counted, Limits};
use super::package::{Document, PackageError, own_error};

/// Marks a workbook of Office Open XML or OpenDocument among its entries.
const WORKBOOK_ENTRIES: [&str; 2] = ["[Content_Types].xml", "META-INF/manifest.xml"];
/// Longer names are cut where they are shown.
const MAX_NAME_CHARS: usize = 100;

struct Entry {
    name: String,
    data_start: u64,
    packed_bytes: u64,
    unpacked_bytes: u64,
    crc: u32,
    deflated: bool,
}

/// The documents of an archive, each of which reads its own part of the file.
pub(super) fn documents<F: Read + Seek + Send + 'static>(
    file: F,
    limits: Limits,
) -> Result<Vec<Document>, PackageError> {
    let mut archive = ZipArchive::new(file).map_err(refused)?;
    if archive.len() > limits.max_entries {
        return Err(PackageError::Entries { limit: limits.max_entries });
    }
    let mut entries = Vec::new();
    for index in 0..archive.len() {
        entries.extend(entry(&mut archive, index)?);
    }
    if entries.is_empty() {
        return Err(PackageError::Empty);
    }
    let file = Arc::new(Mutex::new(archive.into_inner()));
    let in_all = Arc::new(AtomicU64::new(0));
    entries.into_iter().map(|entry| open(entry, &file, limits, &in_all)).collect()
}

/// One entry, if it is a file with something in it that a person put there.
fn entry<F: Read + Seek>(archive: &mut ZipArchive<F>, index: usize) -> Result<Option<Entry>, PackageError> {
    let file = archive.by_index_raw(index).map_err(refused)?;
    let path = String::from_utf8_lossy(file.name_raw()).into_owned();
    if WORKBOOK_ENTRIES.contains(&path.as_str()) {
        return Err(PackageError::Workbook);
    }
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    if name.is_empty() || name.starts_with('.') || path.starts_with("__MACOSX/") || file.size() == 0 {
        return Ok(None);
    }
    if file.encrypted() {
        return Err(PackageError::Encrypted);
    }
    let deflated = match file.compression() {
        CompressionMethod::Stored => false,
        CompressionMethod::DEFLATE => true,
        _ => return Err(PackageError::Compression),
    };
    Ok(Some(Entry {
        name: name.chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect(),
        data_start: file.data_start().ok_or(PackageError::Damaged)?,
        packed_bytes: file.compressed_size(),
        unpacked_bytes: file.size(),
        crc: file.crc32(),
        deflated,
    }))
}

fn open<F: Read + Seek + Send + 'static>(
    entry: Entry,
    file: &Arc<Mutex<F>>,
    limits: Limits,
    in_all: &Arc<AtomicU64>,
) -> Result<Document, PackageError> {
    let packed = Arc::new(AtomicU64::new(0));
    let part = Part { file: Arc::clone(file), at: entry.data_start, left: entry.packed_bytes };
    let counted = Counted::new(part, Arc::clone(&packed));
    let unpacked: Box<dyn Read + Send> =
        if entry.deflated { Box::new(DeflateDecoder::new(counted)) } else { Box::new(counted) };
    let bounded = Bounded::new(unpacked, limits, Arc::clone(&packed), Arc::clone(in_all));
    let checked = Checked { input: bounded, crc: Crc::new(), bytes: 0, expected: (entry.crc, entry.unpacked_bytes) };
    Document::inside(Some(entry.name), checked, packed, Some(entry.packed_bytes))
}

/// A part of a file that several readers share.
struct Part<F> {
    file: Arc<Mutex<F>>,
    at: u64,
    left: u64,
}

impl<F: Read + Seek> Read for Part<F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let Some(buffer) = buffer.get_mut(..room).filter(|buffer| !buffer.is_empty()) else { return Ok(0) };
        // Another reader that panicked has left no half-done state: each seeks before it reads.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let bytes = file.read(buffer)?;
        if bytes == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let count = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.at = self.at.saturating_add(count);
        self.left = self.left.saturating_sub(count);
        Ok(bytes)
    }
}

/// Compares what came out with what the directory promised.
struct Checked<R> {
    input: R,
    crc: Crc,
    bytes: u64,
    expected: (u32, u64),
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.input.read(buffer)?;
        if bytes == 0 && !buffer.is_empty() && (self.crc.sum(), self.bytes) != self.expected {
            return Err(io::Error::other(PackageError::Damaged));
        }
        self.crc.update(buffer.get(..bytes).unwrap_or_default());
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        Ok(bytes)
    }
}

fn refused(error: zip::result::ZipError) -> PackageError {
    match error {
        zip::result::ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => own_error(error),
        _ => PackageError::Damaged,
    }
}
