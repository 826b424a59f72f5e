//! Contacts from a table, one row at a time.

use std::io::Read;

use carnet_core::intake::{Incoming, Reject, RejectReason, Source, Warning};

use super::contacts::Contacts;
use super::detect::{self, Sample};
use super::dialect::{self, each_row};
use super::mapping::{Mapping, MappingError, Override};
use super::moments::Zone;
use super::rows::{Rows, Width};
use super::scan::{Dialect, unescape_into};
use crate::formats::bytes::{Encoding, Text};

/// Heads are looked for behind so many rows that cannot be read.
const ROWS_BEFORE_HEADS: usize = 16;
/// Values of a column that are looked at.
const SAMPLE_VALUES: usize = 200;

/// What somebody knows of a file and says; all else is found.
#[derive(Debug, Clone, Default)]
pub struct CsvOptions {
    /// Its name, which some exports say a status with.
    pub file_name: Option<String>,
    /// What stands between two cells.
    pub separator: Option<u8>,
    /// Whether the first row says what the columns are.
    pub header: Option<bool>,
    /// A mapping to use instead of finding one.
    pub mapping: Option<Mapping>,
    /// What some columns are.
    pub overrides: Vec<Override>,
    /// The zone of times that have none.
    pub zone: Option<Zone>,
}

/// Reads contacts from a table of any layout.
///
/// Rows in which nothing stands are passed over; each other row is one contact or one reject.
pub struct CsvReader<R> {
    rows: Rows<Text<R>>,
    contacts: Contacts,
    mapping: Mapping,
    encoding: Encoding,
    has_header: bool,
    unsettled: Vec<String>,
    /// Rows before the heads that could not be read.
    pending: std::vec::IntoIter<Reject>,
    finished: bool,
}

impl<R: Read> CsvReader<R> {
    /// Looks at the beginning of a file, and finds how it is written and what its columns are.
    ///
    /// A file that cannot be read is no error here: the reject that says so is the first item.
    ///
    /// # Errors
    /// [`MappingError`] if the mapping or the overrides do not fit the file.
    pub fn new(input: R, options: &CsvOptions) -> Result<Self, MappingError> {
        let mut rows = Rows::new(Text::new(input));
        let (ahead, ended) = rows.ahead();
        let found = dialect::find(ahead, ended, options.separator);
        rows.set_dialect(found.dialect);
        if found.says_separator {
            rows.skip_line();
        }
        let (names, has_header, pending) = heads(&mut rows, options.header);
        let sample = sample(&rows, names.len());
        let mapping = match &options.mapping {
            Some(mapping) => mapping.for_heads(&names)?,
            None => detect::mapping(&names, has_header, &sample, options.file_name.as_deref()),
        };
        let mut mapping = mapping.with(&options.overrides)?;
        mapping.zone = options.zone.clone().or(mapping.zone);
        if !options.overrides.is_empty() {
            detect::settle(&mut mapping, &sample);
        }
        let unsettled = detect::unsettled(&mapping, &sample);
        let contacts = Contacts::new(&mapping, found.dialect.quote);
        let encoding = rows.encoding();
        let pending = pending.into_iter();
        Ok(Self { rows, contacts, mapping, encoding, has_header, unsettled, pending, finished: false })
    }

    /// What the columns are.
    pub const fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    /// How the file is written.
    pub const fn dialect(&self) -> Dialect {
        self.rows.dialect()
    }

    /// The encoding of the file, as its beginning shows it.
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Whether the first row says what the columns are.
    pub const fn has_header(&self) -> bool {
        self.has_header
    }

    /// Columns of dates in which day and month could be either way round.
    pub fn unsettled(&self) -> &[String] {
        &self.unsettled
    }
}

impl<R: Read> Iterator for CsvReader<R> {
    type Item = Result<Incoming, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(reject) = self.pending.next() {
            return Some(Err(reject));
        }
        if self.finished {
            return None;
        }
        let Some(advanced) = self.rows.advance() else {
            self.finished = true;
            return None;
        };
        if let Err(reject) = advanced {
            self.finished = reject.reason.ends_reading();
            return Some(Err(reject));
        }
        let (row, cells, line) = self.rows.row();
        // Rows that are shown were found to be text.
        let text = std::str::from_utf8(row).unwrap_or_default();
        let read = self.contacts.read(text, cells, line).map_err(|fault| {
            let offset = fault.column.and_then(|column| cells.get(column)).map_or(0, |cell| cell.start);
            self.rows.reject(offset, fault.reason)
        });
        Some(read.map(|incoming| Incoming { raw: Some(row.to_vec()), ..incoming }))
    }
}

impl<R: Read> Source for CsvReader<R> {
    fn warnings(&self) -> Vec<Warning> {
        self.contacts.warnings()
    }
}

impl<R> std::fmt::Debug for CsvReader<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CsvReader").field("mapping", &self.mapping).finish_non_exhaustive()
    }
}

/// Names of the columns, whether the file gives them, and what could not be read before them.
fn heads<R: Read>(rows: &mut Rows<R>, has_header: Option<bool>) -> (Vec<String>, bool, Vec<Reject>) {
    let mut pending = Vec::new();
    let (ahead, ended) = rows.ahead();
    let mut titles = if has_header == Some(false) { 0 } else { dialect::titles(ahead, ended, rows.dialect()) };
    while let Some(advanced) = rows.advance() {
        if let Err(reject) = advanced {
            let ends = reject.reason.ends_reading();
            pending.push(reject);
            if ends || pending.len() >= ROWS_BEFORE_HEADS {
                break;
            }
            continue;
        }
        if titles > 0 {
            titles -= 1;
            pending.push(rows.reject(0, RejectReason::NoContact));
            continue;
        }
        let texts = texts(rows);
        let has_header = has_header.unwrap_or_else(|| dialect::is_header(texts.iter().map(String::as_str)));
        let names = if has_header {
            detect::names(texts.iter().map(String::as_str))
        } else {
            rows.step_back();
            detect::names(texts.iter().map(|_| ""))
        };
        let filled = texts.iter().rposition(|text| !text.trim().is_empty()).map_or(0, |last| last + 1);
        let least = if has_header { filled } else { names.len() };
        rows.set_width(Width { least, most: names.len() });
        return (names, has_header, pending);
    }
    (Vec::new(), false, pending)
}

fn texts<R: Read>(rows: &Rows<R>) -> Vec<String> {
    let (row, cells, _) = rows.row();
    let text = std::str::from_utf8(row).unwrap_or_default();
    let quote = rows.dialect().quote;
    cells
        .iter()
        .map(|cell| {
            let cell_text = text.get(cell.start..cell.end).unwrap_or_default();
            let mut whole = String::new();
            if cell.escaped {
                unescape_into(&mut whole, cell_text, quote)
            } else {
                whole.push_str(cell_text)
            }
            whole
        })
        .collect()
}

/// The first values of each column.
fn sample<R: Read>(rows: &Rows<R>, columns: usize) -> Sample {
    let mut sample: Sample = vec![Vec::new(); columns];
    let (ahead, ended) = rows.ahead();
    each_row(ahead, ended, rows.dialect(), |row, cells| {
        for (values, cell) in sample.iter_mut().zip(cells) {
            let text =
                row.get(cell.start..cell.end).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default();
            if values.len() < SAMPLE_VALUES && !text.trim().is_empty() {
                values.push(text.trim().to_owned());
            }
        }
    });
    sample
}
