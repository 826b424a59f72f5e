//! What a bulk act did to each contact: 21 bytes a contact, kept beside the entry whose root covers them.

use crate::model::ContactId;

/// What became of a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It was added.
    Added,
    /// It was there, and is still.
    Kept,
    /// It was removed, and its salt shredded.
    Removed,
}

/// What a bulk act did to one contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched {
    /// Which contact.
    pub contact: ContactId,
    /// What became of it.
    pub act: Act,
    /// How many times its card was changed.
    pub changes: u16,
    /// How many consent events were recorded for it; of an act that undoes another, how many it took back.
    pub events: u16,
}

/// The bytes are not a list of touched contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not the contacts that a bulk act touched")]
pub struct TouchedError;

impl Touched {
    /// Length of one in bytes.
    pub const BYTES: usize = 21;

    /// A contact that was added with so many consent events.
    pub fn added(contact: ContactId, events: usize) -> Self {
        let mut added = Self { contact, act: Act::Added, changes: 0, events: 0 };
        added.note(false, events);
        added
    }

    /// A contact that was there; what was done to it is to be noted.
    pub const fn kept(contact: ContactId) -> Self {
        Self { contact, act: Act::Kept, changes: 0, events: 0 }
    }

    /// Notes one more change of its card, if it was changed, and more consent events.
    pub fn note(&mut self, changed: bool, events: usize) {
        self.changes = self.changes.saturating_add(u16::from(changed));
        self.events = self.events.saturating_add(u16::try_from(events).unwrap_or(u16::MAX));
    }

    /// The act (1 added, 2 kept, 3 removed), the numbers of changes and of events (2 bytes each, big-endian), the 16 bytes
    /// of the id.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let act = match self.act {
            Act::Added => 1,
            Act::Kept => 2,
            Act::Removed => 3,
        };
        let mut bytes = [0; Self::BYTES];
        let parts = [&[act][..], &self.changes.to_be_bytes(), &self.events.to_be_bytes(), self.contact.as_bytes()];
        for (byte, value) in bytes.iter_mut().zip(parts.into_iter().flatten()) {
            *byte = *value;
        }
        bytes
    }

    /// Several, one behind the other.
    pub fn list_to_bytes(touched: &[Self]) -> Vec<u8> {
        touched.iter().flat_map(Self::to_bytes).collect()
    }

    /// Reads what [`list_to_bytes`](Self::list_to_bytes) wrote.
    ///
    /// # Errors
    /// [`TouchedError`] for another length or an act that there is not.
    pub fn list_from_bytes(bytes: &[u8]) -> Result<Vec<Self>, TouchedError> {
        let (whole, rest) = bytes.as_chunks::<{ Self::BYTES }>();
        if !rest.is_empty() {
            return Err(TouchedError);
        }
        whole.iter().map(Self::from_bytes).collect()
    }

    fn from_bytes(bytes: &[u8; Self::BYTES]) -> Result<Self, TouchedError> {
        let [act, changes_high, changes_low, events_high, events_low, id @ ..] = *bytes;
        let act = match act {
            1 => Act::Added,
            2 => Act::Kept,
            3 => Act::Removed,
            _ => return Err(TouchedError),
        };
        Ok(Self {
            contact: ContactId::from_bytes(id),
            act,
            changes: u16::from_be_bytes([changes_high, changes_low]),
            events: u16::from_be_bytes([events_high, events_low]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Bulk;
    use super::*;

    #[test]
    fn a_list_reads_back_and_no_other_bytes_are_one() {
        let mut kept = Touched::kept(ContactId::new());
        kept.note(true, 300);
        let touched = [Touched::added(ContactId::new(), 2), kept, Touched { act: Act::Removed, ..kept }];
        let bytes = Touched::list_to_bytes(&touched);
        assert_eq!(bytes.len(), 3 * Touched::BYTES);
        assert_eq!(Touched::list_from_bytes(&bytes).unwrap(), touched);
        assert!(Touched::list_from_bytes(&bytes[1..]).is_err());
        assert!(Touched::list_from_bytes(&[9; Touched::BYTES]).is_err());
        assert_eq!(Touched::list_from_bytes(&[]).unwrap(), []);
    }

    #[test]
    fn the_root_covers_what_was_done_as_well_as_to_whom() {
        let one = Touched::added(ContactId::new(), 1);
        let root = |touched: Touched| Bulk::of_touched(&[touched]).root;
        assert_ne!(root(one), root(Touched { act: Act::Kept, ..one }));
        assert_ne!(root(one), root(Touched { events: 2, ..one }));
        assert_ne!(root(one), root(Touched { changes: 2, ..one }));
        assert_eq!(Bulk::of_touched(&[one]).count, 1);
    }
}
