//! Several sources as one, and what is remembered of where their contacts stood.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use carnet_connectors::formats::bytes::Progress;
use carnet_core::intake::{Incoming, Reject, Source, Warning};

/// Which lines are of which file: lines are counted through all of them, as if they were one.
#[derive(Clone, Default)]
pub(super) struct Places(Arc<Mutex<Vec<usize>>>);

impl Places {
    pub(super) fn begin(&self, base: usize) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(base);
    }

    /// Which document a line is of, from 0, and its number there.
    pub(super) fn of_line(&self, line: usize) -> (usize, usize) {
        let bases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let document = bases.partition_point(|base| *base < line).saturating_sub(1);
        (document, line.saturating_sub(bases.get(document).copied().unwrap_or_default()))
    }
}

/// How many bytes were read when so many items were handed out: who writes is behind who reads.
#[derive(Clone)]
pub(super) struct Track {
    files: Vec<Progress>,
    marks: Arc<Mutex<VecDeque<(u64, u64)>>>,
}

/// A mark is made after so many items.
const MARKED_ITEMS: u64 = 1024;

impl Track {
    pub(super) fn of(files: Vec<Progress>) -> Self {
        Self { files, marks: Arc::default() }
    }

    /// Bytes there are; `None` if one of the files is a stream.
    pub(super) fn total_bytes(&self) -> Option<u64> {
        self.files.iter().map(Progress::total_bytes).sum()
    }

    fn mark(&self, items: u64) {
        let bytes = self.files.iter().map(Progress::read_bytes).sum();
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).push_back((items, bytes));
    }

    /// Bytes of the first items, as of the last mark before them; the number of items may only grow.
    pub(super) fn bytes_of(&self, items: u64) -> Option<u64> {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = marks.partition_point(|(marked, _)| *marked <= items);
        marks.drain(..passed).next_back().map(|(_, bytes)| bytes)
    }
}

/// Several sources, one after the other.
pub(in crate::cli) struct Chain {
    sources: VecDeque<Box<dyn Source + Send>>,
    labels: VecDeque<String>,
    places: Places,
    /// Whether the first of the sources has been read from.
    begun: bool,
    several: bool,
    /// What is added to the lines of the source that is read now.
    base: usize,
    /// The last line so far, counted through.
    last: usize,
    warnings: Vec<Warning>,
    /// What was handed out so far.
    items: u64,
    track: Track,
}

impl Chain {
    pub(super) fn of(sources: Vec<Box<dyn Source + Send>>, labels: Vec<String>, track: Track) -> Self {
        Self {
            several: sources.len() > 1,
            sources: sources.into(),
            labels: labels.into(),
            places: Places::default(),
            begun: false,
            base: 0,
            last: 0,
            warnings: Vec::new(),
            items: 0,
            track,
        }
    }

    pub(super) const fn places(&self) -> &Places {
        &self.places
    }

    pub(super) const fn track(&self) -> &Track {
        &self.track
    }

    fn close(&mut self) {
        let warnings = self.open_warnings();
        self.warnings.extend(warnings);
        self.sources.pop_front();
        self.labels.pop_front();
        self.begun = false;
    }

    /// Warnings of the source that is read now. With several files, each says which it is of.
    fn open_warnings(&self) -> Vec<Warning> {
        let mut warnings = self.sources.front().map_or_else(Vec::new, |source| source.warnings());
        if let Some(label) = self.labels.front().filter(|_| self.several) {
            warnings.iter_mut().for_each(|warning| warning.field = format!("{} of {label}", warning.field));
        }
        warnings
    }
}

impl Iterator for Chain {
    type Item = Result<Incoming, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let source = self.sources.front_mut()?;
            if !self.begun {
                self.begun = true;
                self.base = self.last;
                self.places.begin(self.base);
            }
            let Some(mut item) = source.next() else {
                self.close();
                continue;
            };
            let line = match &mut item {
                Ok(incoming) => &mut incoming.line,
                Err(reject) => &mut reject.line,
            };
            *line = line.saturating_add(self.base);
            self.last = self.last.max(*line);
            if item.as_ref().is_err_and(|reject| reject.reason.ends_reading()) {
                // Nothing follows such a reject, not even another file: what is missing comes first.
                self.close();
                self.sources.clear();
            }
            self.items += 1;
            if self.items.is_multiple_of(MARKED_ITEMS) {
                self.track.mark(self.items);
            }
            return Some(item);
        }
    }
}

impl Source for Chain {
    fn warnings(&self) -> Vec<Warning> {
        let mut all = self.warnings.clone();
        all.extend(self.open_warnings());
        all
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use carnet_connectors::formats::{OpenOptions, open_file};

    use super::*;

    fn chain(texts: &[&str]) -> Chain {
        let (mut sources, mut progress) = (Vec::new(), Vec::new());
        for text in texts {
            let input = Cursor::new(text.as_bytes().to_vec());
            let opened = open_file(input, None, &OpenOptions::default()).unwrap().remove(0);
            sources.push(opened.source);
            progress.push(opened.progress);
        }
        let labels = (0..texts.len()).map(|number| format!("file {number}")).collect();
        Chain::of(sources, labels, Track::of(progress))
    }

    #[test]
    fn lines_are_counted_through_and_told_by_file() {
        let mut chain = chain(&["email\na@example.org\n\nbad\n", "email\n", "email,name\nb@example.org,B\nworse,C\n"]);
        let places = chain.places.clone();
        let lines: Vec<_> = chain
            .by_ref()
            .map(|item| item.map_or_else(|reject| reject.line, |incoming| incoming.line))
            .map(|line| places.of_line(line))
            .collect();
        assert_eq!(lines, [(0, 2), (0, 4), (2, 2), (2, 3)]);
        assert!(chain.next().is_none());
    }

    #[test]
    fn a_warning_says_of_which_file_it_is() {
        let table = "email,sign-up date\na@example.org,31 February 2020\n";
        let mut several = chain(&[table, table]);
        several.by_ref().for_each(drop);
        let fields: Vec<_> = several.warnings().into_iter().map(|warning| warning.field).collect();
        assert_eq!(fields, ["sign-up date of file 0", "sign-up date of file 1"]);
        let mut one = chain(&[table]);
        one.by_ref().for_each(drop);
        assert_eq!(one.warnings()[0].field, "sign-up date");
    }

    #[test]
    fn bytes_are_told_of_what_was_written_and_not_of_what_was_read_ahead() {
        // So many that the beginning of a file, which is looked at when it is opened, is a small part of it.
        let items = 48 * MARKED_ITEMS;
        let rows: String = (0..items).map(|number| format!("p{number:09}@example.org\n")).collect();
        let bytes = rows.len() as u64;
        let mut chain = chain(&[&rows, &rows]);
        let track = chain.track().clone();
        chain.by_ref().for_each(drop);
        assert_eq!(track.total_bytes(), Some(2 * bytes));
        assert_eq!(track.bytes_of(MARKED_ITEMS - 1), None);
        let half = track.bytes_of(items).unwrap();
        assert!(half >= bytes && half < 2 * bytes, "{half} of {bytes}");
        assert_eq!(track.bytes_of(2 * items), track.total_bytes());
    }
}
