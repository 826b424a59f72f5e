//! One door for files: unpacks, recognises the format, and hands out contacts.

use std::io::{self, Cursor, Read, Seek};

use carnet_core::intake::Source;

use super::bytes::{Document, Encoding, Limits, Package, PackageError, Progress};
use super::csv::{CsvOptions, CsvReader, Dialect, Mapping, MappingError, Override, Zone};
use super::jscontact::JsContactSource;
use super::ldif::LdifSource;
use super::recognise::{Format, recognise};
use super::vcard::VCardSource;

/// What is looked at to tell formats apart.
const LOOKED_AT_BYTES: u64 = 64 * 1024;

/// What somebody knows of a file and says; all else is found.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// The format.
    pub format: Option<Format>,
    /// A mapping of columns to use instead of finding one.
    pub mapping: Option<Mapping>,
    /// What some columns are.
    pub overrides: Vec<Override>,
    /// The zone of times that have none.
    pub zone: Option<Zone>,
    /// What stands between two cells.
    pub separator: Option<u8>,
    /// Whether the first row says what the columns are.
    pub header: Option<bool>,
    /// How much an archive may unpack to.
    pub limits: Limits,
}

impl Default for OpenOptions {
    /// Nothing is known. Archives may have 100 documents, because the beginning of each is held.
    fn default() -> Self {
        Self {
            format: None,
            mapping: None,
            overrides: Vec::new(),
            zone: None,
            separator: None,
            header: None,
            limits: Limits { max_entries: 100, ..Limits::default() },
        }
    }
}

/// How a table is written, and what its columns are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What the columns are.
    pub mapping: Mapping,
    /// Columns of dates in which day and month could be either way round.
    pub unsettled: Vec<String>,
    /// The encoding, as the beginning shows it.
    pub encoding: Encoding,
    /// Separator and quotes.
    pub dialect: Dialect,
    /// Whether the first row says what the columns are.
    pub has_header: bool,
}

/// One document with contacts.
pub struct Opened {
    /// Its name, for people; that inside an archive if it was in one.
    pub name: Option<String>,
    /// Its format.
    pub format: Format,
    /// How it is written and what its columns are, if it has any.
    pub table: Option<Table>,
    /// How far it was read.
    pub progress: Progress,
    /// Its contacts.
    pub source: Box<dyn Source + Send>,
}

/// A file is not opened. No variant repeats any of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It cannot be unpacked, or is no text.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The mapping does not fit it.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// Nothing is in it.
    #[error("the file is empty; there is nothing to import")]
    Empty,
    /// A page, or another document with tags.
    #[error(
        "this is a document of HTML or XML, not a list of contacts; it may be a page that asks to log in: export again"
    )]
    Markup,
}

/// Opens a file that comes as a stream: each document in it, in the order of the archive if it is one.
///
/// # Errors
/// [`OpenError`] for what cannot be unpacked, holds no list of contacts, or does not fit the mapping. What can only be met while
/// reading on is a [`Reject`](super::Reject) of the source.
pub fn open(input: Box<dyn Read + Send>, name: Option<&str>, options: &OpenOptions) -> Result<Vec<Opened>, OpenError> {
    let documents = Package::from_stream(input, options.limits)?.into_documents();
    documents.into_iter().map(|document| open_document(document, name, options)).collect()
}

/// Opens a file that can be read from any place, so that an archive of any size is read without being held.
///
/// # Errors
/// As [`open`].
pub fn open_file<F: Read + Seek + Send + 'static>(
    file: F,
    name: Option<&str>,
    options: &OpenOptions,
) -> Result<Vec<Opened>, OpenError> {
    let documents = Package::from_file(file, options.limits)?.into_documents();
    documents.into_iter().map(|document| open_document(document, name, options)).collect()
}

/// Opens a document of a package; `name` is that of the package.
///
/// # Errors
/// As [`open`].
pub fn open_document(mut document: Document, name: Option<&str>, options: &OpenOptions) -> Result<Opened, OpenError> {
    let name = document.name().or(name).map(str::to_owned);
    let progress = document.progress();
    let mut start = Vec::new();
    // What cannot be read on is told by the source, with its place.
    let failed = document.by_ref().take(LOOKED_AT_BYTES).read_to_end(&mut start).err();
    if start.is_empty() {
        return Err(failed.map_or(OpenError::Empty, |error| OpenError::Package(PackageError::Io(error))));
    }
    let format = match options.format {
        Some(format) => format,
        None => recognise(&start, name.as_deref()).ok_or(OpenError::Markup)?,
    };
    let input = Cursor::new(start).chain(Failing(failed)).chain(document);
    let options = csv_options(name.clone(), options);
    let opened = |table, source| Opened { name, format, table, progress, source };
    match format {
        Format::Csv => {
            let reader = CsvReader::new(input, &options)?;
            Ok(opened(Some(table(&reader)), Box::new(reader)))
        }
        Format::VCard => Ok(opened(None, Box::new(VCardSource::new(input)))),
        Format::JsContact => Ok(opened(None, Box::new(JsContactSource::new(input)))),
        Format::Ldif => Ok(opened(None, Box::new(LdifSource::new(input)))),
    }
}

fn table<R: Read>(reader: &CsvReader<R>) -> Table {
    Table {
        mapping: reader.mapping().clone(),
        unsettled: reader.unsettled().to_vec(),
        encoding: reader.encoding(),
        dialect: reader.dialect(),
        has_header: reader.has_header(),
    }
}

fn csv_options(file_name: Option<String>, options: &OpenOptions) -> CsvOptions {
    CsvOptions {
        file_name,
        separator: options.separator,
        header: options.header,
        mapping: options.mapping.clone(),
        overrides: options.overrides.clone(),
        zone: options.zone.clone(),
    }
}

/// Hands out an error that was met earlier, once.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").field("format", &self.format).field("table", &self.table).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
