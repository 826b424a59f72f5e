//! What is collected of a list on its way to the gate: rows, held small, and the tags by which the vault remembers their addresses.

use carnet_core::gate::{Row, Rows, TagIndex};
use carnet_core::keys::Tag;

/// A list on its way to the gate. About 130 bytes for each row.
#[derive(Default)]
pub struct Survey {
    pub(crate) rows: Rows,
    /// The position of each row, by its number.
    positions: Vec<u32>,
    tags: Vec<(Tag, u32)>,
    /// Positions of rows on the controller's suppression list.
    pub(crate) suppressed: Vec<u64>,
}

impl Survey {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Takes a row, with the tags of its addresses and whether it is suppressed.
    pub(crate) fn push(&mut self, row: &Row<'_>, tags: &[Tag], is_suppressed: bool) {
        self.rows.push(row);
        let number = u32::try_from(self.positions.len()).unwrap_or(u32::MAX);
        self.positions.push(u32::try_from(row.position).unwrap_or(u32::MAX));
        self.tags.extend(tags.iter().map(|tag| (*tag, number)));
        if is_suppressed {
            self.suppressed.push(row.position);
        }
    }

    /// Takes what a source holds and no import would keep.
    pub(crate) fn push_rejected(&mut self, raw: &[u8]) {
        self.rows.push_rejected(raw);
    }

    /// How many rows.
    pub(crate) const fn len(&self) -> usize {
        self.positions.len()
    }

    /// Which rows have which tag, by their numbers.
    pub(crate) fn tags(&self) -> TagIndex {
        TagIndex::new(self.tags.clone())
    }

    /// The position of a row by its number.
    pub(crate) fn position(&self, number: u32) -> u64 {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        self.positions.get(index).copied().map_or(0, u64::from)
    }
}

impl std::fmt::Debug for Survey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Survey({} rows)", self.positions.len())
    }
}
