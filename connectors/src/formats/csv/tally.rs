//! Counts what was left out of contacts, column by column.

use carnet_core::intake::{Warning, WarningKind};

#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Column, reason, how often, line of the first. A file has few, so a search from the start is quick.
    counts: Vec<(usize, WarningKind, u64, usize)>,
    /// Of the row that is read: counted only if it becomes a contact.
    noted: Vec<(usize, WarningKind)>,
}

impl Tally {
    /// Notes what was left out of the row that is read.
    pub(super) fn note(&mut self, column: usize, kind: WarningKind) {
        self.noted.push((column, kind));
    }

    /// Counts what was noted of a row that became a contact; forgets what was noted of another.
    pub(super) fn end_row(&mut self, is_contact: bool, line: usize) {
        let mut noted = std::mem::take(&mut self.noted);
        noted.drain(..).filter(|_| is_contact).for_each(|(column, kind)| self.count(column, kind, line));
        self.noted = noted;
    }

    fn count(&mut self, column: usize, kind: WarningKind, line: usize) {
        let known = self.counts.iter_mut().find(|known| (known.0, known.1) == (column, kind));
        match known {
            Some(known) => known.2 = known.2.saturating_add(1),
            None => self.counts.push((column, kind, 1, line)),
        }
    }

    pub(super) fn warnings(&self, name: impl Fn(usize) -> String) -> Vec<Warning> {
        let mut counts = self.counts.clone();
        counts.sort_by_key(|(column, kind, ..)| (*column, *kind));
        let warning = |(column, kind, count, first_line)| Warning { field: name(column), kind, count, first_line };
        counts.into_iter().map(warning).collect()
    }
}
