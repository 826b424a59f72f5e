//! What judges a list. The desk reads the rows, keeps the judgement and draws the consequences; it does not judge.

use carnet_core::model::{Card, ConsentEvent, ContactId, Verdict};

use super::scan::SOURCE_MEMBER;
use crate::DeskError;

/// Judges lists. Without side effects: the same rows are judged the same, bit for bit.
pub trait Gate: Send + Sync {
    /// Judges a list whose rows come in the order of their contacts' ids, each once, and are read to the end.
    ///
    /// # Errors
    /// Whatever keeps it from judging; the list then stays as closed as it was.
    fn judge(&self, rows: &mut dyn Iterator<Item = CheckRow>) -> Result<Judgement, DeskError>;

    /// What of a report those are given who want to use the list: without the evidence that only compliance may see, since
    /// the next file would be cleaned with it.
    ///
    /// # Errors
    /// [`DeskError::Content`] for what is no report of this gate's.
    fn for_owner(&self, report: &[u8]) -> Result<Vec<u8>, DeskError>;
}

/// One contact of a list that is judged. Not `Debug`: all of it is personal.
pub struct CheckRow {
    /// Its place among the rows, from 1.
    pub position: u64,
    /// Which contact.
    pub contact: ContactId,
    /// What is known of it.
    pub card: Card,
    /// What it agreed to or refused, in the order in which the vault learnt of it.
    pub events: Vec<ConsentEvent>,
}

impl CheckRow {
    /// Where the card says that the contact comes from, if no consent says it.
    pub fn source(&self) -> Option<&str> {
        self.card.value().get(SOURCE_MEMBER).and_then(serde_json::Value::as_str)
    }
}

/// What came of judging a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The version of the thresholds.
    pub policy: [u8; 32],
    /// A digest of all that was judged.
    pub inputs: [u8; 32],
    /// What is proposed.
    pub verdict: Verdict,
    /// The points against the list.
    pub points: u32,
    /// How many rows were judged.
    pub judged: u64,
    /// The segments and what each came to, in the order of their numbers.
    pub segments: Vec<Segment>,
    /// The contacts of each segment that is not the whole list: its number, and their ids in order. A contact may be in several.
    pub members: Vec<(u32, Vec<ContactId>)>,
    /// The whole report, as it can be read again. It outlives an erasure: rows are named in it by the ids of their
    /// contacts, and no word of a card is in it.
    pub report: Vec<u8>,
}

/// Rows that were judged together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its number, by which it can be split off.
    pub number: u32,
    /// What its rows have in common.
    pub key: String,
    /// How many rows.
    pub rows: u64,
    /// What it came to.
    pub verdict: Verdict,
    /// Whether the gate would rather have its rows apart from the rest.
    pub quarantined: bool,
}
