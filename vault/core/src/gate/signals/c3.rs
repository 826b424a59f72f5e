//! C3: addresses that were made for one export of another controller: the list, or a part of it, came from that export.

use std::collections::BTreeSet;

use super::super::finding::Finding;
use super::super::memory::CanaryHit;
use super::super::stats::{count, float};
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(canaries) = unit.context.memory.others_canaries() else {
        return Finding::NotJudged("addresses made for exports are known to a vault, and for compliance to ask about");
    };
    let canaries: Vec<&CanaryHit> = canaries.collect();
    let mut hits = Hits::default();
    unit.rows().for_each(|row| hits.add_if(unit.context.is_canary(&row), &row));
    if unit.is_whole {
        hits.count = count(canaries.len());
    }
    let number = float(hits.count);
    let rows: BTreeSet<u64> = unit.rows().map(|row| row.position()).collect();
    let here = canaries.into_iter().filter(|canary| unit.is_whole || rows.contains(&canary.row));
    let exports: BTreeSet<&str> = here.map(|canary| canary.export.as_str()).collect();
    let exports = exports.into_iter().collect::<Vec<_>>().join(", ");
    let sentence = format!("{} addresses were made for an export of another controller: {exports}.", hits.count);
    Finding::number(number, number, hits, sentence)
}
