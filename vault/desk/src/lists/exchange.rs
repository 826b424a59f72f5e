//! The gate that looks for shared lists, with what the vault remembers.

use carnet_core::gate::{
    Claimed, DomainMix, GatePolicy, Inspection, Knowledge, Learnt, Memory, Report, Rows, SegmentKind, Subject, inspect,
    learnt_patterns,
};
use carnet_core::model::Timestamp;

use super::gate::{CheckRow, Gate, Judgement, Others, Segment, row_of};
use super::recall::{Recall, Recalled};
use super::survey::Survey;
use crate::DeskError;

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
            survey.push_contact((row.contact, row.since_ms), &looked, (&row.tags, row.is_suppressed));
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
