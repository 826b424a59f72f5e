//! What is collected of a list on its way to the gate: rows, held small, and the tags by which the vault remembers their addresses.

use std::collections::HashSet;

use carnet_core::gate::{Row, Rows, TagIndex};
use carnet_core::intake::Reject;
use carnet_core::keys::Tag;
use carnet_core::model::ContactId;

/// A list on its way to the gate. About 130 bytes for each row.
#[derive(Default)]
pub struct Survey {
    pub(crate) rows: Rows,
    /// The position of each row, by its number.
    positions: Vec<u32>,
    tags: Vec<(Tag, u32)>,
    /// The contact of each row of a list that is in the vault, and since when it has its addresses; none of a file.
    contacts: Vec<(ContactId, i64)>,
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

    /// Takes a row of a list that is in the vault.
    pub(crate) fn push_contact(
        &mut self,
        contact: (ContactId, i64),
        row: &Row<'_>,
        (tags, is_suppressed): (&[Tag], bool),
    ) {
        self.push(row, tags, is_suppressed);
        self.contacts.push(contact);
    }

    /// Since when the contact at a position, from 1, has its addresses, in milliseconds since 1970.
    pub(crate) fn since_ms(&self, position: u64) -> Option<i64> {
        self.entry(position).map(|(_, since)| since)
    }

    fn entry(&self, position: u64) -> Option<(ContactId, i64)> {
        self.contacts.get(usize::try_from(position.checked_sub(1)?).ok()?).copied()
    }

    /// The contact at a position, from 1.
    pub(crate) fn contact_at(&self, position: u64) -> Option<ContactId> {
        self.entry(position).map(|(contact, _)| contact)
    }

    /// The contacts at these positions, in the order of their ids.
    pub(crate) fn contacts_at(&self, positions: &[u64]) -> Vec<ContactId> {
        let mut ids: Vec<ContactId> = positions.iter().filter_map(|position| self.contact_at(*position)).collect();
        ids.sort_unstable();
        ids
    }

    /// Takes what a source holds and no import would keep.
    pub(crate) fn push_rejected(&mut self, reject: &Reject) {
        self.rows.push_rejected(reject);
    }

    /// The position of the next row, where they are counted from 1.
    pub(crate) fn next_position(&self) -> u64 {
        u64::try_from(self.positions.len()).unwrap_or(u64::MAX).saturating_add(1)
    }

    /// How many different mailboxes.
    pub(crate) fn mailboxes(&self) -> usize {
        self.tags.iter().map(|(tag, _)| tag).collect::<HashSet<_>>().len()
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
