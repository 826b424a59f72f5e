//! A file as it came, taken apart into documents.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use super::inflate::{Bounded, Counted, Limits, as_u64};
use super::zip;

/// Why a package is not read, or not read on. No variant repeats a name or content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackageError {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Io(#[source] io::Error),
    /// More came out than the limit allows.
    #[error("the archive unpacks to more than {limit} bytes; unpack it yourself and import what you need")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// Far more came out than went in.
    #[error(
        "the archive unpacks to more than {limit} times its size, which no list of contacts does; unpack it yourself and look at it"
    )]
    Ratio {
        /// The limit.
        limit: u64,
    },
    /// Too many entries.
    #[error("the archive has more than {limit} entries; take out those that you want to import")]
    Entries {
        /// The limit.
        limit: usize,
    },
    /// An archive in an archive.
    #[error("the archive holds another archive; unpack it and import what is inside")]
    Nested,
    /// Encrypted.
    #[error("the archive is encrypted; unpack it with its password and import what is inside")]
    Encrypted,
    /// Compressed in a way that is not known here.
    #[error("the archive uses a compression other than deflate; pack it again with an ordinary ZIP program")]
    Compression,
    /// No entry is a file with something in it.
    #[error("the archive is empty")]
    Empty,
    /// A ZIP archive that comes as a stream and is too large to be held.
    #[error("a ZIP archive of more than {limit} bytes cannot be read from a stream; save it and name the file")]
    Streamed {
        /// The limit in bytes.
        limit: u64,
    },
    /// The archive contradicts itself.
    #[error("the archive is damaged; fetch or pack it again")]
    Damaged,
    /// The archive ends too soon.
    #[error("the archive ends before its content does; it may not have been copied whole")]
    CutShort,
    /// A spreadsheet program's own format.
    #[error("this is a workbook of a spreadsheet program; save the sheet as CSV in UTF-8 and import that")]
    Workbook,
    /// Another format that holds no text.
    #[error("this is not a text file; export the contacts as CSV, vCard or JSContact")]
    NotText,
}

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZIP: &[u8] = b"PK\x03\x04";
const EMPTY_ZIP: &[u8] = b"PK\x05\x06";
const OLD_WORKBOOK: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];
/// Beginnings of what people mistake for a list: PDF, SQLite, PNG, JPEG, 7-Zip, RAR, xz, zstd, bzip2.
const NOT_TEXT: [&[u8]; 9] = [
    b"%PDF",
    b"SQLite format 3",
    b"\x89PNG",
    &[0xff, 0xd8, 0xff],
    b"7z\xbc\xaf",
    b"Rar!",
    b"\xfd7zXZ",
    &[0x28, 0xb5, 0x2f, 0xfd],
    b"BZh",
];
/// Enough to tell them apart.
const MAGIC_BYTES: u64 = 16;

/// A file as it came: plain, gzip or ZIP.
pub struct Package {
    documents: Vec<Document>,
}

/// One text of a package, unpacked while it is read.
pub struct Document {
    name: Option<String>,
    input: Box<dyn Read + Send>,
    packed: Arc<AtomicU64>,
    packed_bytes: Option<u64>,
}

impl Package {
    /// Opens a file that can be read from any place.
    ///
    /// # Errors
    /// [`PackageError`] for what is no text and no archive that is read here.
    pub fn from_file<F: Read + Seek + Send + 'static>(mut file: F, limits: Limits) -> Result<Self, PackageError> {
        let start = beginning(&mut file).map_err(PackageError::Io)?;
        let bytes = file.seek(SeekFrom::End(0)).map_err(PackageError::Io)?;
        file.seek(SeekFrom::Start(0)).map_err(PackageError::Io)?;
        if start.starts_with(ZIP) || start.starts_with(EMPTY_ZIP) {
            return Ok(Self { documents: zip::documents(file, limits)? });
        }
        single(&start, file, Some(bytes), limits)
    }

    /// Opens a stream, such as standard input. A ZIP archive is held in memory.
    ///
    /// # Errors
    /// [`PackageError`] for what is no text and no archive that is read here.
    pub fn from_stream<R: Read + Send + 'static>(mut input: R, limits: Limits) -> Result<Self, PackageError> {
        let start = beginning(&mut input).map_err(PackageError::Io)?;
        if start.starts_with(ZIP) || start.starts_with(EMPTY_ZIP) {
            let mut held = start;
            let room = limits.max_held_bytes.saturating_add(1).saturating_sub(as_u64(held.len()));
            input.take(room).read_to_end(&mut held).map_err(PackageError::Io)?;
            if as_u64(held.len()) > limits.max_held_bytes {
                return Err(PackageError::Streamed { limit: limits.max_held_bytes });
            }
            return Ok(Self { documents: zip::documents(Cursor::new(held), limits)? });
        }
        single(&start, Cursor::new(start.clone()).chain(input), None, limits)
    }

    /// Its documents, in the order of the archive. Each can be read on its own, in any order.
    pub fn into_documents(self) -> Vec<Document> {
        self.documents
    }
}

/// What is not a ZIP archive: one document.
fn single<R: Read + Send + 'static>(
    start: &[u8],
    input: R,
    packed_bytes: Option<u64>,
    limits: Limits,
) -> Result<Package, PackageError> {
    let packed = Arc::new(AtomicU64::new(0));
    let counted = Counted::new(input, Arc::clone(&packed));
    let document = if start.starts_with(GZIP) {
        let unpacked = Bounded::new(MultiGzDecoder::new(counted), limits, Arc::clone(&packed), Arc::default());
        Document::inside(None, unpacked, packed, packed_bytes)?
    } else {
        refuse_other_formats(start)?;
        Document { name: None, input: Box::new(counted), packed, packed_bytes }
    };
    Ok(Package { documents: vec![document] })
}

impl Document {
    /// A document that was packed: what it begins with is looked at, because packages do not nest.
    pub(super) fn inside<R: Read + Send + 'static>(
        name: Option<String>,
        mut unpacked: R,
        packed: Arc<AtomicU64>,
        packed_bytes: Option<u64>,
    ) -> Result<Self, PackageError> {
        let start = beginning(&mut unpacked).map_err(own_error)?;
        if [GZIP, ZIP, EMPTY_ZIP].iter().any(|magic| start.starts_with(magic)) {
            return Err(PackageError::Nested);
        }
        refuse_other_formats(&start)?;
        Ok(Self { name, input: Box::new(Cursor::new(start).chain(unpacked)), packed, packed_bytes })
    }

    /// The last part of its name in the archive, for people to read; `None` for what is no archive.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// A view of how far it was read, which stays good while the document is read elsewhere.
    pub fn progress(&self) -> Progress {
        Progress { packed: Arc::clone(&self.packed), packed_bytes: self.packed_bytes }
    }
}

/// How far a document was read, in bytes as they are stored.
#[derive(Debug, Clone)]
pub struct Progress {
    packed: Arc<AtomicU64>,
    packed_bytes: Option<u64>,
}

impl Progress {
    /// Bytes read so far.
    pub fn read_bytes(&self) -> u64 {
        self.packed.load(Ordering::Relaxed)
    }

    /// Bytes there are; `None` for a stream.
    pub const fn total_bytes(&self) -> Option<u64> {
        self.packed_bytes
    }
}

impl Read for Document {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.input.read(buffer)
    }
}

impl std::fmt::Debug for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Package({} documents)", self.documents.len())
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Document").field("packed_bytes", &self.packed_bytes).finish_non_exhaustive()
    }
}

fn beginning(input: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    input.take(MAGIC_BYTES).read_to_end(&mut start)?;
    Ok(start)
}

fn refuse_other_formats(start: &[u8]) -> Result<(), PackageError> {
    if start.starts_with(OLD_WORKBOOK) {
        return Err(PackageError::Workbook);
    }
    if NOT_TEXT.iter().any(|magic| start.starts_with(magic)) {
        return Err(PackageError::NotText);
    }
    Ok(())
}

/// The error of ours that a reader carries, or the reader's.
pub(super) fn own_error(error: io::Error) -> PackageError {
    match error.downcast::<PackageError>() {
        Ok(own) => own,
        Err(error) => PackageError::Io(error),
    }
}

#[cfg(test)]
#[path = "package_tests.rs"]
mod tests;
