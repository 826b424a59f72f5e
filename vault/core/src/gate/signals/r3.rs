//! R3: rows without a surname. Context: scraped lists have few names, and so have honest newsletters.

use super::super::finding::Finding;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let mut hits = Hits::default();
    unit.rows().for_each(|row| hits.add_if(row.surname().is_empty(), &row));
    Finding::share(hits, unit.len(), "have no surname")
}
