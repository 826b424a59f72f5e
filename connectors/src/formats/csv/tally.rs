//! Counts what was left out of contacts, column by column.

use carnet_core::intake::{Warning, WarningKind};

#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Column, reason, how often, line of the first. A file has few, so a search from the start is quick.
    counts: Vec<(usize, WarningKind, u64, usize)>,
}

impl Tally {
    pub(super) fn count(&mut self, column: usize, kind: WarningKind, line: usize) {
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
