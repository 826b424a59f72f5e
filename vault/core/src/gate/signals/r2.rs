//! R2: marks that an address keeps when a program copied it from a page. Rows that were no address at all count with the whole list.

use super::super::finding::Finding;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let mut hits = Hits::default();
    unit.rows().for_each(|row| hits.add_if(row.is_scraped(), &row));
    let mut of = unit.len();
    if unit.is_whole {
        hits.count += unit.context.rows.rejected_with_marks();
        of += unit.context.rows.rejected();
    }
    Finding::share(hits, of, "bear marks of a copy from a web page, such as mailto: or the name of a picture")
}
