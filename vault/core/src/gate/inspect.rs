//! Looks at a list: every signal over every segment, and the verdict that follows.

use std::collections::{BTreeMap, HashSet};

use sha2::{Digest as _, Sha256};

use super::claimed::Claimed;
use super::compare::compare;
use super::doubts::doubts;
use super::finding::{Finding, Found, Measured};
use super::knowledge::Knowledge;
use super::memory::Memory;
use super::policy::{GatePolicy, Rule};
use super::report::{
    ExampleRow, FORMAT, NotJudged, PolicyUsed, Report, SegmentKind, SegmentReport, SharedRows, SignalReport,
};
use super::rows::Rows;
use super::segment::{Key, Segment, segments};
use super::signal::SignalId;
use super::signals::judge;
use super::stats::{count, share, wilson_low};
use super::unit::{Context, Unit};
use super::verdict::{Verdict, points, verdict};
use crate::model::Timestamp;

/// All that a verdict follows from.
#[derive(Clone, Copy)]
pub struct Subject<'s> {
    /// The rows.
    pub rows: &'s Rows,
    /// What is known of the world.
    pub knowledge: &'s Knowledge,
    /// What the vault knows of the rows.
    pub memory: &'s Memory,
    /// What the owner says.
    pub claimed: &'s Claimed,
    /// Thresholds and points.
    pub policy: &'s GatePolicy,
    /// The present.
    pub now: Timestamp,
}

/// A report, and the rows of its segments.
pub struct Inspection {
    /// The report.
    pub report: Report,
    /// Positions of the rows of each segment, by the segment's number; of a sample, those of the rows that were held.
    pub members: Vec<Vec<u64>>,
}

/// What is judged: a name, rows, and the signals of it.
pub(super) struct Judged {
    pub(super) kind: SegmentKind,
    pub(super) label: String,
    pub(super) indices: Vec<u32>,
    pub(super) signals: Vec<SignalReport>,
    /// Whether it is the only segment of its list.
    pub(super) is_only: bool,
}

/// Why signals were not judged; `None` of those that were, in whichever unit.
pub(super) type Unjudged = BTreeMap<SignalId, Option<&'static str>>;

/// Looks at a list. The same subject gives the same report, byte for byte.
pub fn inspect(subject: &Subject<'_>) -> Inspection {
    let Subject { rows, knowledge, memory, claimed, policy, now } = *subject;
    let context = Context::new(rows, (knowledge, memory, claimed), policy, now.as_us().div_euclid(1_000_000));
    let found = segments(rows, policy.segments(), &context.batches);
    let mut unjudged: Unjudged = Unjudged::new();
    let mut units: Vec<Judged> = Vec::new();
    let all: Vec<u32> = rows.indices().collect();
    if found.len() != 1 {
        units.push(judged(&context, (SegmentKind::Whole, "all rows".to_owned()), all, &mut unjudged));
    }
    let least = usize::try_from(policy.segments().least_rows).unwrap_or(usize::MAX);
    let is_only = found.len() == 1;
    for Segment { key, rows: members } in found {
        // Fewer say nothing by themselves; they count with the whole.
        if members.len() >= least || is_only {
            let kind = if is_only { SegmentKind::Whole } else { SegmentKind::Segment };
            let unit = judged(&context, (kind, label(rows, &key)), members, &mut unjudged);
            units.push(Judged { is_only, ..unit });
        }
    }
    compare(&context, &mut units, &mut unjudged);
    finish(subject, &context, units, unjudged)
}

pub(super) fn judged(
    context: &Context<'_>,
    (kind, label): (SegmentKind, String),
    indices: Vec<u32>,
    unjudged: &mut Unjudged,
) -> Judged {
    let is_whole = kind == SegmentKind::Whole;
    let unit = Unit { context, indices: &indices, is_whole };
    let mut signals = Vec::new();
    for rule in context.policy.rules() {
        let finding = judge(rule.id, &unit);
        signals.extend(note(context, rule, finding, unjudged));
    }
    Judged { kind, label, indices, signals, is_only: false }
}

/// What was found becomes a line of the report if it gives points.
pub(super) fn note(
    context: &Context<'_>,
    rule: &Rule,
    finding: Finding,
    unjudged: &mut Unjudged,
) -> Option<SignalReport> {
    match finding {
        Finding::NotJudged(why) => {
            unjudged.entry(rule.id).or_insert(Some(why));
            None
        }
        Finding::Found(found) => {
            unjudged.insert(rule.id, None);
            line(context, rule, found)
        }
    }
}

fn line(context: &Context<'_>, rule: &Rule, found: Found) -> Option<SignalReport> {
    let Found { measured, hits, sentence, points_at_least, peers } = found;
    let z = context.policy.segments().confidence_z;
    let (value, bound, sentence) = match measured {
        Measured::Share { of, beyond } => {
            let (value, bound) = (share(hits.count, of), wilson_low(hits.count, of, z));
            let what = match rule.id {
                SignalId::N3 => "firms",
                SignalId::V3 => "errors of data entry",
                SignalId::V4 => "odd spellings",
                _ => "rows",
            };
            let numbers =
                format!("{} of {of} {what} ({:.1} %, at least {:.1} %)", hits.count, value * 100.0, bound * 100.0);
            (value, bound - beyond, format!("{numbers} {sentence}."))
        }
        Measured::Number { value, bound } => (value, bound, sentence),
    };
    let points = rule.points(bound, hits.count).max(points_at_least);
    if points == 0 {
        return None;
    }
    let examples = hits.examples.iter().filter_map(|index| context.rows.get(*index));
    let examples = examples.map(|row| ExampleRow::of(row.position(), row.written(), (row.given(), row.surname())));
    Some(SignalReport {
        id: rule.id,
        title: rule.title.clone(),
        points,
        value: rounded(value),
        bound: rounded(bound),
        threshold: rule.threshold(bound),
        peers: peers.map(rounded),
        sentence,
        law: rule.law.clone(),
        cure: rule.cure.clone(),
        segment: 0,
        compliance_alone: rule.id.is_for_compliance_alone(),
        hits: hits.count,
        rows: examples.collect(),
    })
}

/// Six digits: the last bits of a logarithm differ from machine to machine, and a report must not.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn label(rows: &Rows, key: &Key) -> String {
    let mut words: Vec<String> = Vec::new();
    if let Some(source) = key.source {
        let text = rows.text(source);
        words.push(if text.is_empty() { "no source".to_owned() } else { format!("source \"{text}\"") });
    }
    words.extend(key.mask.map(|mask| format!("with {mask}")));
    words.extend(key.style.map(|style| style.to_string()));
    if key.is_batch == Some(true) {
        words.push("in a batch".to_owned());
    }
    if words.is_empty() { "rows of small groups".to_owned() } else { words.join("; ") }
}

fn finish(subject: &Subject<'_>, context: &Context<'_>, units: Vec<Judged>, unjudged: Unjudged) -> Inspection {
    let (rows, policy) = (subject.rows, subject.policy);
    let (mut reports, mut members) = (Vec::with_capacity(units.len()), Vec::with_capacity(units.len()));
    for (number, unit) in (0_u32..).zip(units) {
        let mut unit = unit;
        unit.signals.sort_by_key(|signal| (std::cmp::Reverse(signal.points), signal.id));
        unit.signals.iter_mut().for_each(|signal| signal.segment = number);
        members.push(unit.indices.iter().filter_map(|index| rows.get(*index)).map(|row| row.position()).collect());
        reports.push(segment_report(number, unit, policy));
    }
    quarantine(&mut reports);
    let held = quarantined(&reports, &members);
    let cannot_judge = doubts(context, rows, policy.segments().least_rows);
    let worst =
        reports.iter().max_by_key(|segment| (segment.verdict, segment.points, std::cmp::Reverse(segment.number)));
    let mut verdict = worst.map_or(Verdict::Review, |segment| segment.verdict);
    if !cannot_judge.is_empty() {
        verdict = verdict.max(Verdict::Review);
    }
    let not_judged = unjudged.into_iter().filter_map(|(id, why)| Some(NotJudged { id, why: why?.to_owned() }));
    let report = Report {
        format: FORMAT,
        verdict,
        points: worst.map_or(0, |segment| segment.points),
        cannot_judge,
        policy: PolicyUsed { number: policy.number(), hash: hex::encode(policy.version()) },
        program: env!("CARGO_PKG_VERSION").to_owned(),
        inputs: hex::encode(inputs(subject)),
        judged_at: subject.now,
        rows: rows.seen(),
        rows_judged: count(rows.len()),
        rejected: rows.rejected(),
        rows_quarantined: count(held.len()),
        signals: strongest(&reports),
        segments: reports,
        not_judged: not_judged.collect(),
        shared: shared_rows(subject),
        withheld: false,
    };
    Inspection { report, members }
}

/// What other lists share, of those that were compared.
fn shared_rows(subject: &Subject<'_>) -> Vec<SharedRows> {
    let least = u64::from(subject.policy.segments().pair_rows);
    let others = subject.memory.others().map(|list| {
        let rows: HashSet<u64> = list.pairs.iter().map(|pair| pair.row).collect();
        SharedRows { label: list.label.clone(), rows: count(rows.len()), of: list.rows }
    });
    let mut shared: Vec<SharedRows> = others.filter(|one| one.rows > least).collect();
    shared.sort_by(|one, other| other.rows.cmp(&one.rows).then_with(|| one.label.cmp(&other.label)));
    shared
}

fn segment_report(number: u32, unit: Judged, policy: &GatePolicy) -> SegmentReport {
    let (sum, families) = points(unit.signals.iter().map(|signal| (signal.id, signal.points)));
    let canaries = unit.signals.iter().find(|signal| signal.id == SignalId::C3).map_or(0, |signal| signal.hits);
    SegmentReport {
        number,
        kind: unit.kind,
        label: unit.label,
        rows: count(unit.indices.len()),
        verdict: verdict(&families, canaries, policy.verdict()),
        points: sum,
        families,
        quarantined: false,
        signals: unit.signals,
    }
}

/// Segments that are not clear are held back; the whole list only if no segment explains it.
fn quarantine(reports: &mut [SegmentReport]) {
    let mut is_explained = false;
    for segment in reports.iter_mut().filter(|segment| segment.kind != SegmentKind::Whole) {
        segment.quarantined = segment.verdict > Verdict::Clear;
        is_explained |= segment.quarantined;
    }
    for segment in reports.iter_mut().filter(|segment| segment.kind == SegmentKind::Whole) {
        segment.quarantined = !is_explained && segment.verdict > Verdict::Clear;
    }
}

fn quarantined(reports: &[SegmentReport], members: &[Vec<u64>]) -> Vec<u64> {
    let held = reports.iter().zip(members).filter(|(segment, _)| segment.quarantined);
    let mut rows: Vec<u64> = held.flat_map(|(_, rows)| rows.iter().copied()).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// Each signal once, where it is strongest, by weight.
fn strongest(reports: &[SegmentReport]) -> Vec<SignalReport> {
    let mut best: BTreeMap<SignalId, &SignalReport> = BTreeMap::new();
    for signal in reports.iter().flat_map(|segment| &segment.signals) {
        let known = best.entry(signal.id).or_insert(signal);
        if (signal.points, signal.bound) > (known.points, known.bound) {
            *known = signal;
        }
    }
    let mut signals: Vec<SignalReport> = best.into_values().cloned().collect();
    signals.sort_by_key(|signal| (std::cmp::Reverse(signal.points), signal.id));
    signals
}

/// SHA-256 over everything that the verdict follows from, the policy and the time apart.
fn inputs(subject: &Subject<'_>) -> [u8; 32] {
    let mut digest = Sha256::new_with_prefix(b"carnet/gate/inputs/v1\0");
    for part in [subject.rows.digest(), subject.memory.digest(), subject.knowledge.digest()] {
        digest.update(part);
    }
    digest.update(subject.claimed.basis.map_or("", crate::model::LawfulBasis::as_str));
    digest.update([0]);
    digest.update(subject.claimed.audience.map_or("", super::claimed::Audience::as_str));
    digest.finalize().into()
}

impl Inspection {
    /// Positions of the rows that are held back, in their order, each once.
    pub fn quarantined(&self) -> Vec<u64> {
        quarantined(&self.report.segments, &self.members)
    }
}

impl std::fmt::Debug for Inspection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Inspection({}, {} points)", self.report.verdict, self.report.points)
    }
}

#[cfg(test)]
#[path = "inspect_tests.rs"]
mod tests;
