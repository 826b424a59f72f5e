//! S1: people who objected to this controller, GDPR Art. 21. The rows themselves are never released, whatever the verdict.

use super::super::finding::Finding;
use super::super::stats::count;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(suppressed) = &unit.context.memory.suppressed else {
        return Finding::NotJudged("there is no vault to ask for suppressions");
    };
    let mut hits = Hits::default();
    unit.rows().for_each(|row| hits.add_if(unit.context.is_suppressed(&row), &row));
    let mut of = unit.len();
    if unit.is_whole {
        (hits.count, of) = (count(suppressed.len()), unit.context.rows.seen());
    }
    Finding::share(hits, of, "are of people who told this controller not to write")
}
