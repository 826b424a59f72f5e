//! What becomes of rejects: kept in files that can be corrected and fed again, or counted, and the first of them told.

use std::collections::HashSet;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::path::{Path, PathBuf};

use carnet_core::intake::Reject;

use super::chain::Places;
use super::files::Facts;
use super::outlet::{Layout, Outlet};
use crate::failure::Failure;

/// So many rejects are told.
const TOLD: usize = 20;
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
        if let Some(known) = self.outlets.iter().position(|outlet| outlet.is_for(&layout)) {
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
        self.outlets.iter_mut().for_each(Outlet::go_on);
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
            files.extend(outlet.finish()?);
        }
        Ok(Rejected { files, told: self.told, count: self.count, cut: self.cut })
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

#[cfg(test)]
#[path = "rejects_tests.rs"]
mod tests;
