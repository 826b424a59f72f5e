//! T4: times that cannot be: a sign-up in the future, before its form or text existed, or after the person was already active.

use super::super::finding::Finding;
use super::super::held::View;
use super::super::signal::SignalId;
use super::super::stats::{float, wilson_low};
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(rule) = unit.rule(SignalId::T4) else { return Finding::NotJudged("it has no entry in the policy") };
    let skew = i64::try_from(rule.count_setting("clock_skew_s")).unwrap_or(i64::MAX);
    // With and without activity before the sign-up, which counts only if many have it.
    let (mut impossible, mut with_activity) = (Hits::default(), Hits::default());
    let (mut timed, mut active, mut active_before) = (false, 0, 0);
    for row in unit.rows() {
        timed |= row.opted_in_s().is_some() || row.notified_s().is_some() || row.active_s().is_some();
        let (is_impossible, was_active) = (is_impossible(unit, &row, skew), was_active_before(unit, &row, skew));
        active += u64::from(row.active_s().is_some());
        active_before += u64::from(was_active);
        impossible.add_if(is_impossible, &row);
        with_activity.add_if(is_impossible || was_active, &row);
    }
    if !timed {
        return Finding::NotJudged("no row has a time that is one moment");
    }
    let low = wilson_low(active_before, active, unit.context.policy.segments().confidence_z);
    let hits = if low > rule.setting("active_share") { with_activity } else { impossible };
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
