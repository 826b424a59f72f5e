//! What becomes of rejects: kept in files that can be corrected and fed again, or counted, and the first of them told.
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

use std::collections::HashSet;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};

use carnet_connectors::formats::Format;
use carnet_connectors::formats::csv::{Column, Dialect, Field, Mapping};
use carnet_core::intake::Reject;

use super::chain::Places;
use super::files::{Facts, mapping_text};
use super::sink::Sink;
use crate::failure::Failure;

/// The heads of the columns before those of the source.
const HEADS: [&str; 4] = ["reject:file", "reject:line", "reject:column", "reject:reason"];
/// The head by which a file of rejects is known.
pub(super) const FIRST_HEAD: &str = "reject:file";
/// So many rejects are told.
const TOLD: usize = 20;
const MARK: &str = "\u{feff}";

/// One reject, as it is told to people: never with its content.
pub(super) struct Told {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) reason: String,
}

/// A file of rejects that was written to.
pub(super) struct RejectsFile {
    pub(super) path: PathBuf,
    pub(super) rejects: u64,
    /// The flag that says its format, where the file may not by itself.
    pub(super) flag: Option<String>,
}

/// Where the rejects of an import go.
pub(super) struct Rejects {
    /// For each document: its name, and its outlet if rejects are kept.
    documents: Vec<(String, Option<usize>)>,
    outlets: Vec<Outlet>,
    places: Places,
    told: Vec<Told>,
    count: u64,
    /// The rejects of the chunk that is being written: one that another writer disturbs is written again.
    of_chunk: HashSet<u64>,
    cut: bool,
}

/// What became of the rejects of one run.
pub(super) struct Rejected {
    /// The files that they are kept in.
    pub(super) files: Vec<RejectsFile>,
    /// The first of them.
    pub(super) told: Vec<Told>,
    /// How many there were.
    pub(super) count: u64,
    /// Whether one of them says that the source could not be read to its end.
    pub(super) cut: bool,
}

/// Where the rejects of documents of one layout go.
struct Outlet {
    layout: Layout,
    path: PathBuf,
    rows: Sink,
    reasons: Option<Sink>,
    count: u64,
}

#[derive(PartialEq, Eq, Clone)]
enum Layout {
    Table { dialect: Dialect, mapping: Mapping },
    Cards(Format),
}

impl Rejects {
    /// Prepares the files, so that a place that does not serve is told before anything is imported.
    pub(super) fn open(
        path: Option<&Path>,
        inputs: &[PathBuf],
        facts: &[Facts],
        places: Places,
    ) -> Result<Self, Failure> {
        let mut rejects = Self {
            documents: Vec::new(),
            outlets: Vec::new(),
            places,
            told: Vec::new(),
            count: 0,
            of_chunk: HashSet::new(),
            cut: false,
        };
        for one in facts {
            let outlet = match path {
                Some(path) => Some(rejects.outlet_for(Layout::of(one), path, inputs)?),
                None => None,
            };
            rejects.documents.push((one.label.clone(), outlet));
        }
        Ok(rejects)
    }

    fn outlet_for(&mut self, layout: Layout, path: &Path, inputs: &[PathBuf]) -> Result<usize, Failure> {
        if let Some(known) = self.outlets.iter().position(|outlet| outlet.layout == layout) {
            return Ok(known);
        }
        let path = numbered(path, self.outlets.len() + 1);
        let is_input = |input: &PathBuf| {
            fs::canonicalize(input).is_ok_and(|one| fs::canonicalize(&path).is_ok_and(|two| one == two))
        };
        if inputs.iter().any(is_input) {
            return Err(Failure::invalid(format!(
                "{} is imported and cannot take its own rejects; name another file with --rejects",
                path.display()
            )));
        }
        self.outlets.push(Outlet::open(layout, path)?);
        Ok(self.outlets.len() - 1)
    }

    /// The import goes on where an earlier run stopped: rejects that are in the files already are not written again.
    pub(super) fn go_on(&mut self) {
        // Cards go with their reasons: only those have a place, by which they are known.
        self.outlets.iter_mut().for_each(|outlet| outlet.reasons.as_mut().unwrap_or(&mut outlet.rows).go_on());
    }

    /// Keeps one reject.
    pub(super) fn take(&mut self, reject: &Reject) -> io::Result<()> {
        let mut digest = DefaultHasher::new();
        (reject.line, reject.column, &reject.raw).hash(&mut digest);
        if !self.of_chunk.insert(digest.finish()) {
            return Ok(());
        }
        self.cut |= reject.reason.ends_reading();
        let (document, line) = self.places.of_line(reject.line);
        let (label, outlet) =
            self.documents.get(document).map_or(("", None), |(label, outlet)| (label.as_str(), *outlet));
        self.count += 1;
        let told = Told { file: label.to_owned(), line, column: reject.column, reason: reject.reason.to_string() };
        if let Some(outlet) = outlet.and_then(|index| self.outlets.get_mut(index)) {
            outlet.take(&told, reject.raw.as_deref())?;
        }
        if self.told.len() < TOLD {
            self.told.push(told);
        }
        Ok(())
    }

    /// The chunk is written: its rejects do not come again.
    pub(super) fn chunk_written(&mut self) {
        self.of_chunk.clear();
    }

    /// Ends the files; those to which nothing was written are removed if they were made here.
    pub(super) fn finish(self) -> io::Result<Rejected> {
        let mut files = Vec::new();
        for outlet in self.outlets {
            let flag = match &outlet.layout {
                Layout::Table { .. } => None,
                Layout::Cards(format) => Some(format!("--format {format}")),
            };
            let (path, rejects) = (outlet.path.clone(), outlet.count);
            outlet.finish()?;
            if rejects > 0 {
                files.push(RejectsFile { path, rejects, flag });
            }
        }
        Ok(Rejected { files, told: self.told, count: self.count, cut: self.cut })
    }
}

impl Layout {
    fn of(facts: &Facts) -> Self {
        match &facts.table {
            Some(table) => Self::Table { dialect: table.dialect, mapping: table.mapping.clone() },
            None => Self::Cards(facts.format),
        }
    }
}

impl Outlet {
    fn open(layout: Layout, path: PathBuf) -> Result<Self, Failure> {
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

    fn take(&mut self, told: &Told, raw: Option<&[u8]>) -> io::Result<()> {
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

    fn finish(self) -> io::Result<()> {
        let is_table = matches!(self.layout, Layout::Table { .. });
        let is_gone = self.rows.finish()?;
        if let Some(reasons) = self.reasons {
            reasons.finish()?;
        }
        if is_gone && is_table {
            fs::remove_file(with_ending(&self.path, ".toml"))?;
        }
        Ok(())
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
fn marked(mapping: &Mapping) -> Mapping {
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

/// `rejects.csv` for 1, `rejects-2.csv` for 2.
fn numbered(path: &Path, number: usize) -> PathBuf {
    if number < 2 {
        return path.to_owned();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(ending) = path.extension() {
        name.push(".");
        name.push(ending);
    }
    path.with_file_name(name)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(test)]
#[path = "rejects_tests.rs"]
mod tests;
