//! Files of rejects, one for each layout that the documents of an import have.
//!
//! # The files
//! Rejects of a table are a table: the rows as they stood, in their own dialect, under their own heads, with four columns
//! before them that say where each stood and why it was rejected. They stand before, not behind, because a row that is
//! rejected may be one whose end cannot be found. Beside the file, as `FILE.toml`, is the mapping that it was read with, in
//! which these columns are ignored: it is used when the file is fed again, because a column in which every value was wrong
//! would not be recognised by itself.
//!
//! Rejects of cards are the cards as they stood; places and reasons are in `FILE.reasons.csv`. Documents of another layout
//! than the first go to files of their own, `NAME-2.csv` and so on.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use carnet_connectors::formats::Format;
use carnet_connectors::formats::csv::{Column, Dialect, Field, Mapping};

use super::files::{Facts, mapping_text};
use super::rejects::{RejectsFile, Told};
use super::sink::Sink;
use crate::failure::Failure;

/// The heads of the columns before those of the source.
const HEADS: [&str; 4] = ["reject:file", "reject:line", "reject:column", "reject:reason"];
/// The head by which a file of rejects is known.
pub(super) const FIRST_HEAD: &str = "reject:file";
const MARK: &str = "\u{feff}";

/// Where the rejects of documents of one layout go.
pub(super) struct Outlet {
    layout: Layout,
    path: PathBuf,
    rows: Sink,
    reasons: Option<Sink>,
    count: u64,
}

#[derive(PartialEq, Eq, Clone)]
pub(super) enum Layout {
    Table { dialect: Dialect, mapping: Mapping },
    Cards(Format),
}

impl Layout {
    pub(super) fn of(facts: &Facts) -> Self {
        match &facts.table {
            Some(table) => Self::Table { dialect: table.dialect, mapping: table.mapping.clone() },
            None => Self::Cards(facts.format),
        }
    }
}

impl Outlet {
    pub(super) fn open(layout: Layout, path: PathBuf) -> Result<Self, Failure> {
        let (rows, reasons) = match &layout {
            Layout::Table { dialect, mapping } => {
                let marked = marked(mapping);
                let heads = marked.columns.iter().map(|column| cell(&column.name, *dialect)).collect::<Vec<_>>();
                let says = !b",;\t|".contains(&dialect.separator);
                let separator = char::from(dialect.separator);
                let first = if says { format!("sep={separator}\n") } else { String::new() };
                let header = format!("{MARK}{first}{}\n", heads.join(&separator.to_string()));
                let rows = Sink::open(&path, &header)?;
                keep_beside(&path, &mapping_text(&marked)?, rows.is_new())?;
                (rows, None)
            }
            Layout::Cards(_) => {
                let reasons = Sink::open(&with_ending(&path, ".reasons.csv"), &format!("{MARK}{}\n", HEADS.join(",")))?;
                let rows = if reasons.is_new() { Sink::open(&path, "")? } else { Sink::open_any(&path)? };
                (rows, Some(reasons))
            }
        };
        Ok(Self { layout, path, rows, reasons, count: 0 })
    }

    /// Keeps one reject.
    pub(super) fn take(&mut self, told: &Told, raw: Option<&[u8]>) -> io::Result<()> {
        self.count += 1;
        let raw = raw.unwrap_or_default();
        let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        match (&self.layout, &mut self.reasons) {
            (Layout::Table { dialect, mapping }, _) => {
                let is_own = mapping.columns.first().is_some_and(|column| column.name == FIRST_HEAD);
                let raw = if is_own { behind_own_cells(raw, *dialect) } else { raw };
                let mut record = told.cells(*dialect).into_bytes();
                record.push(dialect.separator);
                record.extend_from_slice(raw);
                record.push(b'\n');
                self.rows.write(&record)
            }
            (Layout::Cards(format), reasons) => {
                let record = told.cells(Dialect::default()) + "\n";
                let is_new = reasons.as_mut().map_or(Ok(true), |reasons| reasons.write_new(record.as_bytes()))?;
                if !is_new || raw.is_empty() {
                    return Ok(());
                }
                let mut card = raw.to_vec();
                // A blank line stands between two entries of LDIF, and disturbs no other format.
                card.extend_from_slice(if *format == Format::Ldif { b"\n\n" } else { b"\n" });
                self.rows.write(&card)
            }
        }
    }

    /// Whether rejects of this layout go here.
    pub(super) fn is_for(&self, layout: &Layout) -> bool {
        self.layout == *layout
    }

    /// Rejects that an earlier run has kept are not kept again.
    pub(super) fn go_on(&mut self) {
        // Cards go with their reasons: only those have a place, by which they are known.
        self.reasons.as_mut().unwrap_or(&mut self.rows).go_on();
    }

    /// Ends the file; removes it if it was made here and nothing was written. What is in it of this run.
    pub(super) fn finish(self) -> io::Result<Option<RejectsFile>> {
        let is_gone = self.rows.finish()?;
        if let Some(reasons) = self.reasons {
            reasons.finish()?;
        }
        let flag = match &self.layout {
            Layout::Cards(format) => Some(format!("--format {format}")),
            Layout::Table { .. } => None,
        };
        if is_gone && flag.is_none() {
            fs::remove_file(with_ending(&self.path, ".toml"))?;
        }
        Ok((self.count > 0).then_some(RejectsFile { path: self.path, rejects: self.count, flag }))
    }
}

impl Told {
    fn cells(&self, dialect: Dialect) -> String {
        let separator = char::from(dialect.separator);
        let (file, reason) = (cell(&self.file, dialect), cell(&self.reason, dialect));
        format!("{file}{separator}{}{separator}{}{separator}{reason}", self.line, self.column)
    }
}

/// The mapping for a file of rejects: that of the source, behind columns that are ignored.
pub(super) fn marked(mapping: &Mapping) -> Mapping {
    let own = HEADS.map(|name| Column { name: name.to_owned(), field: Some(Field::Ignore), ..Column::default() });
    // A file of rejects that is fed again has them already.
    let others = mapping.columns.iter().filter(|column| !HEADS.contains(&column.name.as_str())).cloned();
    Mapping { columns: own.into_iter().chain(others).collect(), ..mapping.clone() }
}

/// A row of a file of rejects that was fed again, without the cells that were put before it.
fn behind_own_cells(row: &[u8], dialect: Dialect) -> &[u8] {
    let (mut is_quoted, mut left) = (false, HEADS.len());
    for (place, byte) in row.iter().enumerate() {
        if *byte == dialect.quote {
            is_quoted = !is_quoted;
        } else if *byte == dialect.separator && !is_quoted {
            left -= 1;
            if left == 0 {
                return row.get(place + 1..).unwrap_or_default();
            }
        }
    }
    row
}

/// A cell as the dialect writes it, in quotes where it needs them.
fn cell(text: &str, dialect: Dialect) -> String {
    let (separator, quote) = (char::from(dialect.separator), char::from(dialect.quote));
    let text: String = text.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect();
    if text.contains([separator, quote, '"', '\'']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("{quote}{}{quote}", text.replace(quote, &format!("{quote}{quote}")))
    } else {
        text
    }
}

/// The mapping that a file of rejects was written with, if it is still beside it.
pub(super) fn mapping_beside(path: &Path) -> Result<Option<Mapping>, Failure> {
    let place = with_ending(path, ".toml");
    match fs::read_to_string(&place) {
        Ok(text) => Mapping::from_text(&text)
            .map(Some)
            .map_err(|error| Failure::invalid(format!("{}: {error}", place.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file(&place, &error)),
    }
}

fn keep_beside(path: &Path, mapping: &str, is_new: bool) -> Result<(), Failure> {
    let place = with_ending(path, ".toml");
    match fs::read_to_string(&place) {
        Ok(known) if known == mapping => Ok(()),
        Ok(_) if !is_new => Err(Failure::invalid(format!(
            "{} holds rejects that were read with another mapping; name another file with --rejects",
            path.display()
        ))),
        Ok(_) => Err(Failure::invalid(format!(
            "{} is there already and would be overwritten; name another file with --rejects",
            place.display()
        ))),
        Err(_) => Sink::open(&place, "")?.keep_text(mapping).map_err(|error| Failure::file(&place, &error)),
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
