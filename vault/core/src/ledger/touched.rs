//! What a bulk act did to each contact: 18 bytes a contact, kept beside the entry whose root covers them.

use crate::model::ContactId;

/// What was done to a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It was added.
    Added,
    /// Its card was changed.
    Changed,
    /// It was named, and its card left as it was.
    Left,
    /// It was removed, and its salt shredded.
    Removed,
}

/// What a bulk act did to one contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched {
    /// Which contact.
    pub contact: ContactId,
    /// What was done to it.
    pub act: Act,
    /// How many consent events were recorded for it; of an act that takes events back, how many it took.
    pub events: u8,
}

/// The bytes are not a list of touched contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not the contacts that a bulk act touched")]
pub struct TouchedError;

impl Touched {
    /// Length of one in bytes.
    pub const BYTES: usize = 18;

    /// The act (1 added, 2 changed, 3 left, 4 removed), the number of events, the 16 bytes of the id.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (head, id) = bytes.split_at_mut(2);
        head.copy_from_slice(&[self.act.number(), self.events]);
        id.copy_from_slice(self.contact.as_bytes());
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
        let [act, events, id @ ..] = *bytes;
        Ok(Self { contact: ContactId::from_bytes(id), act: Act::from_number(act).ok_or(TouchedError)?, events })
    }
}

impl Act {
    const fn number(self) -> u8 {
        match self {
            Self::Added => 1,
            Self::Changed => 2,
            Self::Left => 3,
            Self::Removed => 4,
        }
    }

    const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Added,
            2 => Self::Changed,
            3 => Self::Left,
            4 => Self::Removed,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Bulk;
    use super::*;

    #[test]
    fn a_list_reads_back_and_no_other_bytes_are_one() {
        let acts = [Act::Added, Act::Changed, Act::Left, Act::Removed];
        let touched: Vec<_> =
            acts.into_iter().map(|act| Touched { contact: ContactId::new(), act, events: 200 }).collect();
        let bytes = Touched::list_to_bytes(&touched);
        assert_eq!(bytes.len(), 4 * Touched::BYTES);
        assert_eq!(Touched::list_from_bytes(&bytes).unwrap(), touched);
        assert!(Touched::list_from_bytes(&bytes[1..]).is_err());
        assert!(Touched::list_from_bytes(&[9; Touched::BYTES]).is_err());
        assert_eq!(Touched::list_from_bytes(&[]).unwrap(), []);
    }

    #[test]
    fn the_root_covers_what_was_done_as_well_as_to_whom() {
        let one = Touched { contact: ContactId::new(), act: Act::Added, events: 1 };
        let root = |touched: Touched| Bulk::of_touched(&[touched]).root;
        assert_ne!(root(one), root(Touched { act: Act::Changed, ..one }));
        assert_ne!(root(one), root(Touched { events: 2, ..one }));
        assert_eq!(Bulk::of_touched(&[one]).count, 1);
    }
}
