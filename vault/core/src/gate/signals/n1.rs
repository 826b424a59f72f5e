//! N1: addresses that contradict the pattern by which the firm makes them, as the vault has learnt it from rows with proof.

use super::super::finding::Finding;
use super::super::signal::SignalId;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(rule) = unit.rule(SignalId::N1) else { return Finding::NotJudged("it has no entry in the policy") };
    if unit.context.knowledge.patterns.is_empty() {
        return Finding::NotJudged("the vault knows no firm's way of making addresses yet");
    }
    let (mut hits, mut known) = (Hits::default(), 0);
    for row in unit.rows() {
        let Some(found) = unit.context.pattern(&row) else { continue };
        let Some(pattern) = unit.context.knowledge.pattern_of(row.domain()) else { continue };
        known += 1;
        hits.add_if(found != pattern, &row);
    }
    if known < rule.count_setting("known") {
        return Finding::NotJudged("too few rows are of firms whose way of making addresses is known");
    }
    Finding::share(hits, known, "have an address that their firm would not have made of their name")
}
