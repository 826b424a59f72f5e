//! D5: recipients' domains on block lists, if somebody has asked them.

use super::super::finding::Finding;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    if unit.context.knowledge.blocklisted.is_none() {
        return Finding::NotJudged("no block list was asked");
    }
    let mut hits = Hits::default();
    unit.rows().for_each(|row| hits.add_if(unit.context.is_blocklisted(&row), &row));
    Finding::share(hits, unit.len(), "are at a domain that is on a block list")
}
