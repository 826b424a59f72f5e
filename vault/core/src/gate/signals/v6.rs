//! V6: the shared rows stand in the other list's order. Judged only where the alphabet does not explain it.

use super::super::finding::{Finding, Found, Measured};
use super::super::held::View;
use super::super::signal::SignalId;
use super::super::stats::{count, float, longest_increasing, share};
use super::super::unit::Hits;
use super::pair::Shared;

pub(super) fn judge(shared: &Shared<'_>) -> Finding {
    let rule = shared.context.policy.rules().iter().find(|rule| rule.id == SignalId::V6);
    let Some(rule) = rule else { return Finding::NotJudged("it has no entry in the policy") };
    let all = count(shared.pairs.len());
    if all < rule.least {
        return Finding::NotJudged("too few rows are shared for an order");
    }
    let limit = rule.steps.first().map_or(1.0, |step| step.above);
    let explained = [
        key_order(shared, |row| row.written().to_lowercase()),
        key_order(shared, |row| row.surname().to_lowercase()),
        key_order(shared, |row| row.domain().to_owned()),
    ];
    if explained.into_iter().any(|run| share(run, all) > limit) {
        return Finding::NotJudged(
            "the shared rows stand in alphabetical order, which two lists may have by themselves",
        );
    }
    let order: Vec<u64> = shared.pairs.iter().map(|(_, pair)| pair.there).collect();
    let run = longest_increasing(&order);
    let mut hits = Hits::default();
    shared.views().for_each(|row| hits.add(&row));
    let chance = 2.0 * float(all).sqrt() / float(all);
    let sentence = format!(
        "{run} of {all} rows shared with {} stand in its order; of rows in no order {:.0} % would.",
        shared.list.label,
        chance * 100.0
    );
    let value = share(run, all);
    let measured = Measured::Number { value, bound: value };
    Finding::Found(Found { measured, hits, sentence, points_at_least: 0, peers: None })
}

/// The longest run of the shared rows, as they stand here, in the order of a key.
fn key_order(shared: &Shared<'_>, key: impl Fn(&View<'_>) -> String) -> u64 {
    let keys: Vec<String> = shared.views().map(|row| key(&row)).collect();
    let mut sorted: Vec<&String> = keys.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    // The place among equal keys is free: it follows the order here.
    let places: Vec<u64> = keys
        .iter()
        .zip(0_u64..)
        .map(|(key, number)| count(sorted.partition_point(|other| *other < key)) * count(keys.len()) + number)
        .collect();
    longest_increasing(&places)
}
