//! C1: addresses that were only ever published as traps: nobody but a crawler has them.

use super::super::finding::Finding;
use super::super::memory::TrapKind;
use super::super::stats::{count, float};
use super::super::unit::{Hits, Unit};
use super::TRAPS_UNTOLD;

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(traps) = unit.context.memory.traps_of(TrapKind::Own) else {
        return Finding::NotJudged(TRAPS_UNTOLD);
    };
    let mut hits = Hits::default();
    unit.rows().for_each(|row| hits.add_if(unit.context.is_trap(&row, TrapKind::Own), &row));
    if unit.is_whole {
        hits.count = count(traps.count());
    }
    let number = float(hits.count);
    let sentence = format!("Rows that are addresses only ever published as traps: {}.", hits.count);
    Finding::number(number, number, hits, sentence)
}
