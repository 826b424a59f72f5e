//! A2: rows that never opened or clicked, in lists that say who did.

use super::super::finding::Finding;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    if !unit.context.has_activity {
        return Finding::NotJudged("the list does not say who opened or clicked");
    }
    let mut hits = Hits::default();
    unit.rows().for_each(|row| hits.add_if(row.active_s().is_none(), &row));
    Finding::share(hits, unit.len(), "have never opened or clicked")
}
