//! What the gate says of a list: a verdict of which every point can be traced to a signal, a threshold, a reason and rows.
//!
//! A report is data, and the same for the same policy, inputs and time: kept, it can be replayed and compared byte for byte. Rows
//! are shown masked. What is evidence for compliance alone is left out of what an owner is given.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::signal::SignalId;
use super::verdict::Verdict;
use crate::model::Timestamp;
use crate::model::text_enum::text_enum;

/// The shape of a report; another number, another shape.
pub(super) const FORMAT: u32 = 1;

/// What the gate says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The shape: 1. Another number, another shape.
    pub format: u32,
    /// The verdict: that of the worst segment.
    pub verdict: Verdict,
    /// The points of that segment.
    pub points: u32,
    /// Why the gate cannot say that the list is clear, beside any signal: sentences.
    pub cannot_judge: Vec<String>,
    /// The policy that decided.
    pub policy: PolicyUsed,
    /// The version of the program that judged; empty where it was not kept.
    #[serde(default)]
    pub program: String,
    /// SHA-256, in hexadecimal, over rows, memory, knowledge and claim; of a list in a vault an HMAC of that under a key of the vault's.
    pub inputs: String,
    /// The present, as it was given.
    pub judged_at: Timestamp,
    /// Rows of the list.
    pub rows: u64,
    /// Rows that were looked at: all, or a sample of blocks.
    pub rows_judged: u64,
    /// Rows that could not be read.
    pub rejected: u64,
    /// Rows that belong to segments under review or blocked.
    pub rows_quarantined: u64,
    /// The segments, in the order of their numbers.
    pub segments: Vec<SegmentReport>,
    /// Every signal that gave points, by weight, each where it is strongest.
    pub signals: Vec<SignalReport>,
    /// Signals that nothing could be said of in any segment, and why.
    pub not_judged: Vec<NotJudged>,
    /// Other lists that share rows, the most first. A fact and no reason: two exhibitors of one fair met the same people.
    #[serde(default)]
    pub shared: Vec<SharedRows>,
    /// Whether something was left out that only compliance may see.
    #[serde(default)]
    pub withheld: bool,
}

/// What a list shares with another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedRows {
    /// The other list, in words.
    pub label: String,
    /// Rows here that it has too.
    pub rows: u64,
    /// Rows that it has.
    pub of: u64,
}

/// Which policy decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyUsed {
    /// The number that it gives itself.
    pub number: u32,
    /// SHA-256 over its text, in hexadecimal.
    pub hash: String,
}

text_enum! {
    /// What the rows of a segment have in common.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    SegmentKind, "a kind of segment" {
        /// All of the list.
        Whole = "whole",
        /// Source, kind of proof, spelling, batch.
        Segment = "segment",
        /// That another list has them too.
        Overlap = "overlap",
    }
}

/// Rows that were judged together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentReport {
    /// Its number, from 0.
    pub number: u32,
    /// What its rows have in common.
    pub kind: SegmentKind,
    /// That in words.
    pub label: String,
    /// How many rows.
    pub rows: u64,
    /// Its verdict.
    pub verdict: Verdict,
    /// Its points.
    pub points: u32,
    /// The strongest points of each family.
    pub families: BTreeMap<char, u32>,
    /// Whether its rows are held back if the owner splits the list.
    pub quarantined: bool,
    /// Signals that gave points, by weight.
    pub signals: Vec<SignalReport>,
}

/// One signal in one segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalReport {
    /// Which.
    pub id: SignalId,
    /// What it says, as a title.
    pub title: String,
    /// Its points.
    pub points: u32,
    /// What was measured: a share, 0 to 1, or a number.
    pub value: f64,
    /// The lower bound, which is what is compared.
    pub bound: f64,
    /// The threshold that the bound is above.
    pub threshold: f64,
    /// What the vault's other lists have, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peers: Option<f64>,
    /// What was found, with its numbers.
    pub sentence: String,
    /// Why it matters, in the words of `docs/gate.md`.
    pub law: Vec<String>,
    /// What would cure it.
    pub cure: String,
    /// The segment, by number.
    pub segment: u32,
    /// Whether only compliance may see what stands behind it.
    pub compliance_alone: bool,
    /// How many rows show it.
    pub hits: u64,
    /// Some of them, masked.
    pub rows: Vec<ExampleRow>,
}

/// A row, masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleRow {
    /// Its position in the source.
    pub position: u64,
    /// The address: `j…t@f…m.example`.
    pub email: String,
    /// The first letters of the name: `J… D…`.
    pub name: String,
}

/// A signal of which nothing could be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotJudged {
    /// Which.
    pub id: SignalId,
    /// Why.
    pub why: String,
}

impl Report {
    /// The bytes that are kept, and that a replay must give again.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The rows that are shown as examples, by their positions.
    pub fn example_positions(&self) -> BTreeSet<u64> {
        let signals = self.segments.iter().flat_map(|segment| &segment.signals).chain(&self.signals);
        signals.flat_map(|signal| signal.rows.iter().map(|row| row.position)).collect()
    }

    /// The same report with every example as `of` says it at its position. One that it says nothing of keeps its position alone:
    /// what is kept of a report outlives the people in it.
    #[must_use]
    pub fn with_examples(&self, of: impl Fn(u64) -> Option<ExampleRow>) -> Self {
        let mut report = self.clone();
        let signals = report.segments.iter_mut().flat_map(|segment| &mut segment.signals).chain(&mut report.signals);
        for row in signals.flat_map(|signal| &mut signal.rows) {
            *row = of(row.position).unwrap_or_else(|| ExampleRow::bare(row.position));
        }
        report
    }

    /// The same report with other words for the lists that it names.
    #[must_use]
    pub fn with_names(&self, names: &BTreeMap<String, String>) -> Self {
        let mut report = self.clone();
        let segments = report.segments.iter_mut();
        let (mut texts, mut signals): (Vec<&mut String>, Vec<&mut SignalReport>) = (Vec::new(), Vec::new());
        for segment in segments {
            texts.push(&mut segment.label);
            signals.extend(&mut segment.signals);
        }
        texts.extend(report.shared.iter_mut().map(|one| &mut one.label));
        signals.extend(&mut report.signals);
        texts.extend(signals.into_iter().map(|signal| &mut signal.sentence));
        texts.into_iter().for_each(|text| name_in(text, names));
        report
    }

    /// What the owner of the list is given: verdict and points as they are, of what only compliance may see that there is something,
    /// and of what other lists have no rows. Whoever knew the rows would clean the next file with them.
    #[must_use]
    pub fn for_owner(&self) -> Self {
        let mut report = self.clone();
        let withheld = |signals: &mut Vec<SignalReport>| {
            let before = signals.len();
            signals.retain(|signal| !signal.compliance_alone);
            signals.iter_mut().filter(|signal| signal.id.family() == 'V').for_each(|signal| signal.rows.clear());
            before > signals.len()
        };
        let mut any = withheld(&mut report.signals);
        for segment in &mut report.segments {
            if withheld(&mut segment.signals) {
                any = true;
                segment.families.clear();
            }
        }
        report.withheld = any;
        report.shared.clear();
        // Whether a comparison was made, and why not, tells that there is something to compare with.
        let told = |id: SignalId| report.signals.iter().any(|signal| signal.id == id);
        let not_judged = SignalId::ALL.iter().copied().filter_map(|id| {
            if id.is_of_pair() {
                let why = "what other lists share is for compliance to see".to_owned();
                return (!told(id)).then_some(NotJudged { id, why });
            }
            report.not_judged.iter().find(|one| one.id == id).cloned()
        });
        report.not_judged = not_judged.collect();
        report
    }
}

/// Calls other lists by these names, in place of the words that a report has for them.
pub fn name_in(text: &mut String, names: &BTreeMap<String, String>) {
    for (label, name) in names {
        if text.contains(label) {
            *text = text.replace(label, name);
        }
    }
}

impl ExampleRow {
    /// A row, masked: the address as written, given name and surname.
    pub fn of(position: u64, email: &str, (given, surname): (&str, &str)) -> Self {
        Self { position, email: masked_email(email), name: masked_name(given, surname) }
    }

    /// A row of which nothing is said but where it stands.
    const fn bare(position: u64) -> Self {
        Self { position, email: String::new(), name: String::new() }
    }
}

/// An address of which first and last letter of local part and domain are left: `j…t@f…m.example`.
fn masked_email(email: &str) -> String {
    let Some((local, domain)) = email.rsplit_once('@') else { return masked(email) };
    let (name, suffix) = domain.rsplit_once('.').unwrap_or((domain, ""));
    let dot = if suffix.is_empty() { "" } else { "." };
    format!("{}@{}{dot}{suffix}", masked(local), masked(name))
}

fn masked(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.next_back()) {
        (Some(first), Some(last)) if text.chars().count() > 3 => format!("{first}…{last}"),
        (Some(first), _) => format!("{first}…"),
        (None, _) => String::new(),
    }
}

/// The first letters of a name: `J… D…`.
fn masked_name(given: &str, surname: &str) -> String {
    let initial = |part: &str| part.chars().next().map(|letter| format!("{letter}…"));
    [initial(given), initial(surname)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_keep_little() {
        assert_eq!(masked_email("jean.dupont@firm.example"), "j…t@f…m.example");
        assert_eq!(masked_email("jo@x.example"), "j…@x….example");
        assert_eq!((masked_email("nobody"), masked_email("")), ("n…y".to_owned(), String::new()));
        assert_eq!(masked_name("Jean", "Dupont"), "J… D…");
        assert_eq!((masked_name("", "李"), masked_name("", "")), ("李…".to_owned(), String::new()));
    }
}
