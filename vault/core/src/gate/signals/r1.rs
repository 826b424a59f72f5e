//! R1: addresses of posts (contact@, accueil@), as they stand on pages and not in the hands of people. Whoever reads such a mailbox and
//! confirmed is no crawler.

use super::super::finding::Finding;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let mut hits = Hits::default();
    unit.rows().for_each(|row| hits.add_if(row.confirmed_s().is_none() && unit.context.is_role(&row), &row));
    Finding::share(hits, unit.len(), "are addresses of a post and not of a person, and nobody confirmed them")
}
