//! C2: mailboxes that were given up and came back as traps: the list is old, or was bought from somebody whose list is.

use super::super::finding::Finding;
use super::super::memory::TrapKind;
use super::super::stats::count;
use super::super::unit::{Hits, Unit};
use super::TRAPS_UNTOLD;

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(traps) = unit.context.memory.traps_of(TrapKind::Recycled) else {
        return Finding::NotJudged(TRAPS_UNTOLD);
    };
    let mut hits = Hits::default();
    unit.rows().for_each(|row| hits.add_if(unit.context.is_trap(&row, TrapKind::Recycled), &row));
    let mut of = unit.len();
    if unit.is_whole {
        hits.count = count(traps.count());
        of = unit.context.rows.seen();
    }
    Finding::share(hits, of, "are mailboxes that came back as traps")
}
