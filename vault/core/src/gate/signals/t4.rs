//! T4: times that cannot be: a sign-up in the future, before its form or text existed, or after the person was already active.

use super::super::finding::Finding;
use super::super::held::View;
use super::super::signal::SignalId;
use super::super::stats::{float, wilson_low};
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(rule) = unit.rule(SignalId::T4) else { return Finding::NotJudged("it has no entry in the policy") };
    let skew = i64::try_from(rule.count_setting("clock_skew_s")).unwrap_or(i64::MAX);
    let (mut timed, mut active, mut was_active) = (false, 0, 0);
    for row in unit.rows() {
        timed |= row.opted_in_s().is_some() || row.notified_s().is_some() || row.active_s().is_some();
        active += u64::from(row.active_s().is_some());
        was_active += u64::from(was_active_before(unit, &row, skew));
    }
    if !timed {
        return Finding::NotJudged("no row has a time that is one moment");
    }
    let low = wilson_low(was_active, active, unit.context.policy.segments().confidence_z);
    let counts_activity = low > rule.setting("active_share");
    let mut hits = Hits::default();
    for row in unit.rows() {
        hits.add_if(is_impossible(unit, &row, skew) || counts_activity && was_active_before(unit, &row, skew), &row);
    }
    let number = float(hits.count);
    let sentence = format!(
        "{} rows have a sign-up in the future, before their form or text existed, or after the person was already active.",
        hits.count
    );
    Finding::number(number, number, hits, sentence)
}

fn is_impossible(unit: &Unit<'_>, row: &View<'_>, skew: i64) -> bool {
    let (context, now) = (unit.context, unit.context.now_s);
    let is_future = |at: Option<i64>| at.is_some_and(|at| at > now + skew);
    if is_future(row.opted_in_s()) || is_future(row.notified_s()) || is_future(row.active_s()) {
        return true;
    }
    let Some(at) = row.opted_in_s() else { return false };
    let existed = |text: &str| context.knowledge.existed_since_s.get(text);
    let is_early = |text: &str| existed(text).is_some_and(|since| at < since - skew);
    is_early(row.source()) || is_early(row.wording())
}

/// The time of an import is later than what people did before it; T1 tells of it.
fn was_active_before(unit: &Unit<'_>, row: &View<'_>, skew: i64) -> bool {
    let at = row.opted_in_s().filter(|at| !unit.context.batches.contains_key(at));
    at.zip(row.active_s()).is_some_and(|(at, active)| active < at - skew)
}
