//! C3: addresses that were made for one export of another controller: the list, or a part of it, came from that export.

use super::super::finding::Finding;
use super::super::stats::{count, float};
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let mut hits = Hits::default();
    unit.rows().for_each(|row| hits.add_if(unit.context.is_canary(&row), &row));
    if unit.is_whole {
        hits.count = count(unit.context.memory.canaries.iter().filter(|canary| !canary.is_own).count());
    }
    let number = float(hits.count);
    let exports: std::collections::BTreeSet<&str> = unit
        .context
        .memory
        .canaries
        .iter()
        .filter(|canary| !canary.is_own)
        .map(|canary| canary.export.as_str())
        .collect();
    let exports = exports.into_iter().collect::<Vec<_>>().join(", ");
    let sentence = format!("{} addresses were made for an export of another controller: {exports}.", hits.count);
    Finding::number(number, number, hits, sentence)
}
