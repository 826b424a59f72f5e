//! D2: throw-away mailboxes.

use super::super::finding::Finding;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let mut hits = Hits::default();
    unit.rows().for_each(|row| hits.add_if(unit.context.is_disposable(&row), &row));
    Finding::share(hits, unit.len(), "are throw-away mailboxes")
}
