//! The gate's policy: thresholds and points as data, `policies/exchange.toml`, taken whole or refused with file and line.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::signal::{Measure, SignalId};
use crate::policy::PolicyError;

const FILE: &str = "exchange.toml";
const TEXT: &str = include_str!("../../../../policies/exchange.toml");

/// Keeps this hash from ever being equal to one of another kind over the same bytes.
const VERSION_DOMAIN: &[u8] = b"carnet/policy/gate/v1\0";

/// No one signal may give more: then a block would need no second reason.
const MOST_POINTS: u32 = 12;

/// What counts against a list, and how much.
#[derive(Debug, Clone)]
pub struct GatePolicy {
    number: u32,
    hash: [u8; 32],
    verdict: VerdictBounds,
    segments: SegmentRules,
    /// One for each signal, in their order.
    rules: Vec<Rule>,
}

/// When a list is looked at, and when it is blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictBounds {
    /// Points from which an officer looks.
    pub review: u32,
    /// Points from which a list is blocked, if enough families say so.
    pub block: u32,
    /// So many families.
    pub block_families: u32,
    /// Of so many points each.
    pub block_family_points: u32,
    /// Or so many canaries.
    pub block_canaries: u32,
}

/// How rows are put together.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SegmentRules {
    /// Rows of a segment at least.
    pub least_rows: u32,
    /// How sure bounds are, in standard deviations.
    pub confidence_z: f64,
    /// Rows of one second that make a batch.
    pub batch_rows: u32,
    /// Share of a segment that must be in another list for the segment to stand for the overlap.
    pub carrier_share: f64,
    /// Rows that two lists must share before they are compared.
    pub pair_rows: u32,
}

/// The entry of one signal.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Whose.
    pub id: SignalId,
    /// What it says, as a title.
    pub title: String,
    /// From when it gives how many points, in growing order.
    pub steps: Vec<Step>,
    /// Rows that must show it at least.
    pub least: u64,
    /// Further numbers that it needs.
    settings: BTreeMap<String, f64>,
    /// Why, in the words of `docs/gate.md`.
    pub law: Vec<String>,
    /// What would cure it.
    pub cure: String,
}

/// Above this, so many points.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// A share, 0 to 1, or a number, as the signal measures.
    pub above: f64,
    /// Points.
    pub points: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    version: u32,
    checked_on: String,
    source: String,
    verdict: VerdictBounds,
    segment: SegmentRules,
    signal: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    title: String,
    steps: Vec<Step>,
    #[serde(default)]
    least: u64,
    #[serde(default)]
    settings: BTreeMap<String, f64>,
    law: Vec<String>,
    source: String,
    checked: String,
    cure: String,
}

impl GatePolicy {
    /// The policy that the program carries.
    #[expect(clippy::missing_panics_doc, clippy::expect_used, reason = "a test takes the text that is compiled in")]
    pub fn builtin() -> Self {
        Self::parse(Path::new(FILE), TEXT).expect("the program's own policy is valid")
    }

    /// The policy of a folder: its `exchange.toml`, or the program's own where the folder has none.
    ///
    /// # Errors
    /// [`PolicyError`] with file and line for a file that cannot be read or is not taken.
    pub fn from_dir(folder: &Path) -> Result<Self, PolicyError> {
        let path = folder.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(&path, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::builtin()),
            Err(source) => Err(PolicyError::Unreadable { path, source }),
        }
    }

    /// Takes a text; `path` is named in errors.
    ///
    /// # Errors
    /// [`PolicyError::Refused`] for a field that is not known or missing, a signal that is there twice or not at all, a
    /// threshold that is no share where one is measured, and steps that do not grow.
    pub fn parse(path: &Path, text: &str) -> Result<Self, PolicyError> {
        let refused = |line: usize, problem: String| PolicyError::Refused { path: path.to_owned(), line, problem };
        let file: FileText = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            refused(before.matches('\n').count() + 1, error.message().to_owned())
        })?;
        let line_of = |id: &str| {
            let at = text.find(&format!("id = \"{id}\"")).and_then(|at| text.get(..at)).unwrap_or_default();
            at.matches('\n').count() + 1
        };
        for (what, said) in [("checked_on", &file.checked_on), ("source", &file.source)] {
            if said.trim().is_empty() {
                return Err(refused(1, format!("{what} is empty; say when and against what the file was checked")));
            }
        }
        check_bounds(&file).map_err(|problem| refused(1, problem))?;
        let mut rules: Vec<Rule> = Vec::with_capacity(SignalId::ALL.len());
        for entry in file.signal {
            let line = line_of(&entry.id);
            let rule = rule(entry).map_err(|problem| refused(line, problem))?;
            if rules.iter().any(|known| known.id == rule.id) {
                return Err(refused(line, format!("{} is there twice", rule.id)));
            }
            rules.push(rule);
        }
        rules.sort_by_key(|rule| rule.id);
        if let Some(missing) = SignalId::ALL.iter().find(|id| !rules.iter().any(|rule| rule.id == **id)) {
            return Err(refused(1, format!("{missing} is missing; a signal without points has one step of 0 points")));
        }
        let mut hash = Sha256::new_with_prefix(VERSION_DOMAIN);
        hash.update(text.as_bytes());
        let hash = hash.finalize().into();
        Ok(Self { number: file.version, hash, verdict: file.verdict, segments: file.segment, rules })
    }

    /// Which policy this is: SHA-256 over its text. A changed comment is another version.
    pub const fn version(&self) -> [u8; 32] {
        self.hash
    }

    /// The number that the text gives itself.
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// When a list is looked at, and when it is blocked.
    pub const fn verdict(&self) -> &VerdictBounds {
        &self.verdict
    }

    /// How rows are put together.
    pub const fn segments(&self) -> &SegmentRules {
        &self.segments
    }

    /// The entries of all signals, in their order.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }
}

impl Rule {
    /// Points for a measure that so many rows show.
    pub(super) fn points(&self, bound: f64, hits: u64) -> u32 {
        if hits < self.least {
            return 0;
        }
        self.steps.iter().rev().find(|step| bound > step.above).map_or(0, |step| step.points)
    }

    /// The threshold that a measure is above, else the first that it is not.
    pub(super) fn threshold(&self, bound: f64) -> f64 {
        let reached = self.steps.iter().rev().find(|step| bound > step.above);
        reached.or_else(|| self.steps.first()).map_or(0.0, |step| step.above)
    }

    /// A further number; the parser has seen that it is there.
    pub(super) fn setting(&self, name: &str) -> f64 {
        self.settings.get(name).copied().unwrap_or(f64::INFINITY)
    }

    /// The same, as a count.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the parser has seen 0 to 10^9")]
    pub(super) fn count_setting(&self, name: &str) -> u64 {
        self.setting(name).min(1e9) as u64
    }

    /// The same, as points.
    pub(super) fn points_setting(&self, name: &str) -> u32 {
        u32::try_from(self.count_setting(name)).unwrap_or(0)
    }
}

fn check_bounds(file: &FileText) -> Result<(), String> {
    let (verdict, segment) = (&file.verdict, &file.segment);
    if verdict.review == 0
        || verdict.review > verdict.block
        || verdict.block_families == 0
        || verdict.block_canaries == 0
    {
        return Err("verdict: review and block grow from 1, and a block needs at least one family or canary".to_owned());
    }
    let is_share = |share: f64| (0.0..=1.0).contains(&share);
    if segment.least_rows == 0 || !(1.0..=5.0).contains(&segment.confidence_z) || !is_share(segment.carrier_share) {
        return Err("segment: at least one row, 1 to 5 deviations, a share of 0 to 1".to_owned());
    }
    Ok(())
}

fn rule(entry: Entry) -> Result<Rule, String> {
    let id: SignalId = entry.id.parse().map_err(|error: crate::model::UnknownWord| error.to_string())?;
    for (what, said) in
        [("title", &entry.title), ("source", &entry.source), ("checked", &entry.checked), ("cure", &entry.cure)]
    {
        if said.trim().is_empty() {
            return Err(format!("{id}: {what} is empty"));
        }
    }
    if entry.law.is_empty() || entry.steps.is_empty() {
        return Err(format!("{id}: a reason and a step are needed"));
    }
    let mut before: Option<Step> = None;
    for step in &entry.steps {
        let top = if id.measure() == Measure::Share { 1.0 } else { 1e9 };
        if !(0.0..=top).contains(&step.above) {
            return Err(format!("{id}: a threshold of a {} is from 0 to {top}", id.measure()));
        }
        if step.points > MOST_POINTS {
            return Err(format!("{id}: no signal gives more than {MOST_POINTS} points"));
        }
        if before.is_some_and(|before| step.above <= before.above || step.points <= before.points) {
            return Err(format!("{id}: thresholds and points grow from step to step"));
        }
        before = Some(*step);
    }
    let named: Vec<&str> = entry.settings.keys().map(String::as_str).collect();
    if named != id.settings() {
        return Err(format!(
            "{id}: its settings are {}",
            if id.settings().is_empty() { "none".to_owned() } else { id.settings().join(", ") }
        ));
    }
    if entry.settings.values().any(|value| !(0.0..=1e9).contains(value)) {
        return Err(format!("{id}: a setting is from 0 to a thousand million"));
    }
    let Entry { title, steps, least, settings, law, cure, .. } = entry;
    Ok(Rule { id, title, steps, least, settings, law, cure })
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
