//! P1: rows without proof, GDPR Art. 5(2), 7(1): no time or no source; or neither network address, notice nor confirmation.

use super::super::finding::Finding;
use super::super::held::View;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let mut hits = Hits::default();
    unit.rows().for_each(|row| hits.add_if(!has_proof(&row), &row));
    Finding::share(
        hits,
        unit.len(),
        "lack the time or the source of a sign-up, or any of network address, confirmation and notice",
    )
}

fn has_proof(row: &View<'_>) -> bool {
    let has_circumstance = row.ip().is_some() || row.confirmed_s().is_some() || row.notified_s().is_some();
    row.has_time() && row.source_id() != 0 && has_circumstance
}
