//! What judges a list. The desk reads the rows, says what the vault remembers of them, keeps the judgement and draws the
//! consequences; it does not judge.

use std::collections::BTreeMap;

use carnet_core::gate::{Learnt, Report, Row, SegmentReport, Verdict};
use carnet_core::keys::Tag;
use carnet_core::model::{Card, ConsentEvent, ConsentKind, ContactId, ControllerId, ListId, Timestamp};

use super::recall::Recall;
use super::scan::{ACTIVITY_MEMBER, NOTIFIED_MEMBER, SOURCE_MEMBER};
use super::survey::Survey;
use crate::DeskError;

/// Judges lists. Without side effects: the same rows, remembered the same, are judged the same, bit for bit.
pub trait Gate: Send + Sync {
    /// Judges a list whose rows come in the order of their contacts' ids, each once, and are read to the end.
    ///
    /// # Errors
    /// Whatever keeps it from judging; the list then stays as closed as it was.
    fn judge(&self, rows: &mut dyn Iterator<Item = CheckRow>, recall: &Recall<'_>) -> Result<Judgement, DeskError>;

    /// Looks at a list that is not in the vault: its report, and the lists of other controllers that it speaks of.
    ///
    /// # Errors
    /// Whatever keeps it from judging.
    fn preview(&self, survey: &Survey, recall: &Recall<'_>) -> Result<(Report, Others), DeskError>;
}

/// Lists of other controllers by the words that a report has for them.
pub type Others = BTreeMap<String, (ControllerId, ListId)>;

/// One contact of a list that is judged. Not `Debug`: all of it is personal.
pub struct CheckRow {
    /// Its place among the rows, from 1.
    pub position: u64,
    /// Which contact.
    pub contact: ContactId,
    /// Since when it has the addresses that it has, in milliseconds since 1970.
    pub since_ms: i64,
    /// What is known of it.
    pub card: Card,
    /// What it agreed to or refused, in the order in which the vault learnt of it.
    pub events: Vec<ConsentEvent>,
    /// What its addresses are compared by between controllers.
    pub tags: Vec<Tag>,
    /// Whether it, or an address of it, is on the controller's suppression list.
    pub is_suppressed: bool,
}

impl CheckRow {
    /// Where the card says that the contact comes from, if no consent says it.
    pub fn source(&self) -> Option<&str> {
        source(&self.card)
    }
}

/// A contact as the gate looks at it.
pub(super) fn row_of<'c>(card: &'c Card, events: &'c [ConsentEvent], position: u64) -> Row<'c> {
    let mut row = Row::of_card(card, position);
    row.last_activity_at = time(card, ACTIVITY_MEMBER);
    let first = events.iter().find(|event| event.kind == ConsentKind::Given && event.at.is_some());
    for event in events {
        // What another source said at another time is no confirmation of this sign-up if it came before it.
        let of_another = first.is_some_and(|first| first.recorded_at != event.recorded_at);
        row = if of_another {
            row.with_other_consent(event.kind, event.at, &event.evidence)
        } else {
            row.with_consent(event.kind, event.at, &event.evidence)
        };
    }
    row.notified_at = row.notified_at.or_else(|| time(card, NOTIFIED_MEMBER));
    if row.source.is_empty() {
        row.source = source(card).unwrap_or_default().trim();
    }
    row
}

/// A time that a card says in a member of its own.
fn time(card: &Card, member: &str) -> Option<Timestamp> {
    card.value().get(member)?.as_str()?.parse().ok()
}

/// Where a card says that the contact comes from, if no consent says it.
fn source(card: &Card) -> Option<&str> {
    card.value().get(SOURCE_MEMBER).and_then(serde_json::Value::as_str)
}

/// What came of judging a list.
#[derive(Debug, Clone, PartialEq)]
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
    /// The whole report, as it can be read again. It outlives an erasure: rows are named in it by their positions, and no name
    /// or address of a card is in it.
    pub report: Report,
    /// Which contacts stand at the positions that the report shows as examples.
    pub examples: BTreeMap<u64, ContactId>,
    /// The lists of other controllers that the report speaks of, by the words that it has for them.
    pub lists: Others,
    /// What later checks learn from this list while it is released.
    pub learnt: Learnt,
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

impl Segment {
    pub(super) fn of(report: &SegmentReport) -> Self {
        Self {
            number: report.number,
            key: report.label.clone(),
            rows: report.rows,
            verdict: report.verdict,
            quarantined: report.quarantined,
        }
    }
}
