//! The files of an import: opened before anything is written, and read one after the other as one source.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use carnet_connectors::formats::bytes::PackageError;
use carnet_connectors::formats::csv::Mapping;
use carnet_connectors::formats::{Format, OpenError, OpenOptions, Opened, Table, open, open_file};

use super::chain::{Chain, Places, Track};
use super::outlet;
use crate::failure::Failure;

/// What is known of one document before it is read.
pub(super) struct Facts {
    /// Its name for people; that of its archive before it, if it was in one.
    pub(super) label: String,
    /// Its format.
    pub(super) format: Format,
    /// How it is written and what its columns are, if it is a table.
    pub(super) table: Option<Table>,
}

/// All documents of an import.
pub(in crate::cli) struct Files {
    pub(super) facts: Vec<Facts>,
    pub(super) track: Track,
    pub(super) places: Places,
    /// Names of the files without their folders; `None` for standard input alone.
    pub(in crate::cli) names: Option<String>,
    pub(in crate::cli) source: Chain,
}

impl Files {
    /// Opens every file, and standard input for `-`.
    pub(in crate::cli) fn open(paths: &[PathBuf], options: &OpenOptions) -> Result<Self, Failure> {
        if paths.iter().filter(|path| is_standard_input(path)).count() > 1 {
            return Err(Failure::invalid("standard input can be read only once; give - once"));
        }
        let (mut facts, mut progress, mut sources) = (Vec::new(), Vec::new(), Vec::new());
        for path in paths {
            let name = label(path);
            for opened in open_path(path, options)? {
                let inner = opened.name.as_deref().filter(|inner| **inner != *name && !is_standard_input(path));
                let label = inner.map_or_else(|| name.clone(), |inner| format!("{name}: {inner}"));
                facts.push(Facts { label, format: opened.format, table: opened.table });
                progress.push(opened.progress);
                sources.push(opened.source);
            }
        }
        let named: Vec<String> = paths.iter().filter(|path| !is_standard_input(path)).map(|path| label(path)).collect();
        let names = (!named.is_empty()).then(|| named.join(", "));
        let labels = facts.iter().map(|one: &Facts| one.label.clone()).collect();
        let source = Chain::of(sources, labels, Track::of(progress));
        Ok(Self { facts, track: source.track().clone(), places: source.places().clone(), names, source })
    }

    /// How the files are read, as text: kept with the import. That of one file can be given to `--claims`.
    pub(super) fn reading(&self) -> Result<String, Failure> {
        let mut text = String::new();
        let mut before: Option<&Mapping> = None;
        for one in &self.facts {
            text.push_str(&format!("# {}: {}\n", one.label.replace(['\n', '\r'], " "), one.layout()));
            if let Some(table) = &one.table
                && before != Some(&table.mapping)
            {
                text.push_str(&mapping_text(&table.mapping)?);
                before = Some(&table.mapping);
            }
        }
        Ok(text)
    }

    /// The mapping of all files, to be saved.
    pub(super) fn mapping(&self) -> Result<&Mapping, Failure> {
        let mut mappings = self.facts.iter().filter_map(|one| one.table.as_ref()).map(|table| &table.mapping);
        let first = mappings.next().ok_or_else(|| {
            Failure::invalid("--save-claims: there is no table among these files, so nothing to save")
        })?;
        if mappings.any(|other| other != first) {
            return Err(Failure::invalid(
                "--save-claims: these files do not have the same columns; save the mapping of each by itself with --dry-run",
            ));
        }
        Ok(first)
    }
}

impl Facts {
    /// Format, and how a table is written.
    pub(super) fn layout(&self) -> String {
        let Some(table) = &self.table else { return self.format.to_string() };
        let separator = match table.dialect.separator {
            b'\t' => "tabs".to_owned(),
            other => char::from(other).to_string(),
        };
        let header = if table.has_header { "" } else { ", no header" };
        format!("{}, {}, separated by {separator}{header}", self.format, table.encoding)
    }
}

/// A mapping as text.
pub(super) fn mapping_text(mapping: &Mapping) -> Result<String, Failure> {
    mapping.to_text().map_err(|error| Failure::invalid(error.to_string()))
}

pub(super) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The name of a file for people.
fn label(path: &Path) -> String {
    if is_standard_input(path) {
        return "standard input".to_owned();
    }
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn open_path(path: &Path, options: &OpenOptions) -> Result<Vec<Opened>, Failure> {
    let opened = open_with(path, options)?;
    if options.mapping.is_some() || !opened.iter().any(is_of_rejects) {
        return Ok(opened);
    }
    // A file of rejects says too little by itself: a column in which every value was wrong would not be recognised again.
    let mapping = match outlet::mapping_beside(path)? {
        Some(mapping) if opened.len() == 1 => mapping,
        _ => {
            return Err(Failure::invalid(format!(
                "{} is a file of rejects, and the mapping that it was read with is not beside it; give it with --claims",
                label(path)
            )));
        }
    };
    open_with(path, &OpenOptions { mapping: Some(mapping), ..options.clone() })
}

fn is_of_rejects(opened: &Opened) -> bool {
    let first = opened.table.as_ref().and_then(|table| table.mapping.columns.first());
    first.is_some_and(|column| column.name == outlet::FIRST_HEAD)
}

fn open_with(path: &Path, options: &OpenOptions) -> Result<Vec<Opened>, Failure> {
    let refused = |error: OpenError| match error {
        OpenError::Package(PackageError::Io(error)) => Failure::file(path, &error),
        other => Failure::invalid(format!("{}: {other}", label(path))),
    };
    if is_standard_input(path) {
        return open(Box::new(io::stdin()), None, options).map_err(refused);
    }
    let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
    let kind = file.metadata().map_err(|error| Failure::file(path, &error))?;
    let name = label(path);
    if kind.is_dir() {
        return Err(Failure::invalid(format!("{} is a folder; name the files in it", path.display())));
    }
    if kind.is_file() {
        open_file(file, Some(&name), options).map_err(refused)
    } else {
        // A pipe can only be read from its beginning on.
        open(Box::new(file), Some(&name), options).map_err(refused)
    }
}
