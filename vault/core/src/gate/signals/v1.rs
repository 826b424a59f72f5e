//! V1: nearly all of another controller's list is in here.

use super::super::finding::{Finding, Found, Measured};
use super::super::signal::SignalId;
use super::super::stats::count;
use super::super::unit::Hits;
use super::pair::Shared;

pub(super) fn judge(shared: &Shared<'_>) -> Finding {
    let rule = shared.context.policy.rules().iter().find(|rule| rule.id == SignalId::V1);
    let Some(rule) = rule else { return Finding::NotJudged("it has no entry in the policy") };
    if shared.list.rows < rule.count_setting("rows") {
        return Finding::NotJudged("the other list is too small to be told from chance");
    }
    let mut hits = Hits::default();
    shared.views().for_each(|row| hits.add(&row));
    // All pairs count, those of rows beyond the sample too.
    hits.count = count(shared.list.pairs.len()).min(shared.list.rows);
    let sentence = format!("of {} are in this list too", shared.list.label);
    let measured = Measured::Share { of: shared.list.rows, beyond: 0.0 };
    Finding::Found(Found { measured, hits, sentence, points_at_least: 0, peers: None })
}
