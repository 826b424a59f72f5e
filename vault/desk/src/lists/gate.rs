//! What judges a list. The desk reads the rows, says what the vault remembers of them, keeps the judgement and draws the
//! consequences; it does not judge.

use std::collections::BTreeMap;

use carnet_core::gate::{
    Claimed, DomainMix, GatePolicy, Inspection, Knowledge, Learnt, Memory, Report, Row, Rows, SegmentKind,
    SegmentReport, Subject, Verdict, inspect, learnt_patterns,
};
use carnet_core::keys::Tag;
use carnet_core::model::{Card, ConsentEvent, ConsentKind, ContactId, ControllerId, ListId, Timestamp};

use super::recall::{Recall, Recalled};
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
    fn of(report: &SegmentReport) -> Self {
        Self {
            number: report.number,
            key: report.label.clone(),
            rows: report.rows,
            verdict: report.verdict,
            quarantined: report.quarantined,
        }
    }
}

/// The gate that looks for shared lists: `carnet_core::gate` with thresholds of the operator's choice. Facts that ship with the program
/// are read when a list is looked at: every command has a gate, and few use it.
pub struct ExchangeGate {
    policy: GatePolicy,
    ask: Option<Ask>,
}

/// Finds out more about the domains of a list, such as whether they take mail; otherwise a sentence that says why not.
pub type Ask = Box<dyn Fn(&Rows, &mut Knowledge) -> Result<(), String> + Send + Sync>;

impl std::fmt::Debug for ExchangeGate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let asks = self.ask.is_some();
        f.debug_struct("ExchangeGate").field("asks", &asks).finish_non_exhaustive()
    }
}

/// What came of looking at a list, wherever it comes from.
struct Inspected {
    inspection: Inspection,
    /// The lists of other controllers that the report speaks of.
    lists: Others,
    learnt: Learnt,
}

impl ExchangeGate {
    /// With these thresholds.
    pub const fn new(policy: GatePolicy) -> Self {
        Self { policy, ask: None }
    }

    /// The same, asking somebody else about the domains of each list. Nobody is asked unless an operator wants it: the questions tell
    /// whom a list is of.
    #[must_use]
    pub fn asking(self, ask: Ask) -> Self {
        Self { ask: Some(ask), ..self }
    }

    fn ask(&self, rows: &Rows, knowledge: &mut Knowledge) -> Result<(), DeskError> {
        self.ask.as_ref().map_or(Ok(()), |ask| ask(rows, knowledge)).map_err(DeskError::Invalid)
    }

    /// With the thresholds that ship with the program.
    pub fn builtin() -> Self {
        Self::new(GatePolicy::builtin())
    }

    /// Looks at rows by themselves, where there is no vault that could remember anything.
    ///
    /// # Errors
    /// What keeps it from asking, if it should ask somebody.
    pub fn inspect_alone(&self, rows: &Rows, claimed: Claimed, now: Timestamp) -> Result<Report, DeskError> {
        let (memory, policy) = (Memory::default(), &self.policy);
        let mut knowledge = Knowledge::builtin();
        self.ask(rows, &mut knowledge)?;
        let subject = Subject { rows, knowledge: &knowledge, memory: &memory, claimed: &claimed, policy, now };
        Ok(inspect(&subject).report)
    }

    /// Judges what was surveyed, with what the vault remembers.
    ///
    /// # Errors
    /// The store's own failure.
    fn inspect(&self, survey: &Survey, recall: &Recall<'_>) -> Result<Inspected, DeskError> {
        let rows = &survey.rows;
        let Recalled { memory, lessons, lists } = recall.memory(survey, u64::from(self.policy.segments().pair_rows))?;
        let mut knowledge = Knowledge::builtin();
        let patterns = learnt_patterns(rows, &knowledge);
        knowledge.patterns.extend(lessons.patterns);
        knowledge.organisations.extend(recall.other_organisations()?);
        self.ask(rows, &mut knowledge)?;
        let claimed = recall.claimed();
        let subject = Subject {
            rows,
            knowledge: &knowledge,
            memory: &memory,
            claimed: &claimed,
            policy: &self.policy,
            now: recall.now(),
        };
        let mut inspection = inspect(&subject);
        let inputs = &mut inspection.report.inputs;
        *inputs = hex::encode(recall.of_inputs(&digest(inputs)?));
        let learnt = Learnt {
            basis: claimed.basis,
            mix: Some(DomainMix::of(rows, &knowledge)),
            patterns: patterns.into_iter().map(|(firm, pattern)| (firm, pattern.to_string())).collect(),
        };
        Ok(Inspected { inspection, lists, learnt })
    }
}

impl Gate for ExchangeGate {
    fn judge(&self, rows: &mut dyn Iterator<Item = CheckRow>, recall: &Recall<'_>) -> Result<Judgement, DeskError> {
        let mut survey = Survey::new();
        for row in rows {
            let looked = row_of(&row.card, &row.events, row.position);
            survey.push_contact(row.contact, &looked, (&row.tags, row.is_suppressed));
        }
        let Inspected { inspection, lists, learnt } = self.inspect(&survey, recall)?;
        let report = &inspection.report;
        let examples = report.example_positions();
        Ok(Judgement {
            policy: self.policy.version(),
            inputs: digest(&report.inputs)?,
            verdict: report.verdict,
            points: report.points,
            judged: report.rows,
            segments: report.segments.iter().map(Segment::of).collect(),
            members: report
                .segments
                .iter()
                .zip(&inspection.members)
                // Of a sample nobody knows who else would be in a segment: such a list is not split.
                .filter(|(segment, _)| segment.kind != SegmentKind::Whole && report.rows_judged == report.rows)
                .map(|(segment, members)| (segment.number, survey.contacts_at(members)))
                .collect(),
            examples: examples.into_iter().filter_map(|at| Some((at, survey.contact_at(at)?))).collect(),
            report: report.with_examples(|_| None),
            lists,
            learnt,
        })
    }

    fn preview(&self, survey: &Survey, recall: &Recall<'_>) -> Result<(Report, Others), DeskError> {
        let Inspected { inspection, lists, .. } = self.inspect(survey, recall)?;
        Ok((inspection.report, lists))
    }
}

fn digest(text: &str) -> Result<[u8; 32], DeskError> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| DeskError::Content("report"))?;
    Ok(bytes)
}
