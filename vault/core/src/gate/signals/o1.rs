//! O1: rows in alphabetical order, as brokers' files come and exports of other tools too. Context.

use super::super::finding::Finding;
use super::super::held::View;
use super::super::unit::{Hits, Unit};

/// Neighbours below which an order may be chance.
const LEAST: u64 = 50;

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let by: [fn(&View<'_>) -> String; 3] =
        [|row| row.written().to_lowercase(), |row| row.domain().to_owned(), |row| row.surname().to_lowercase()];
    let (mut best, mut of) = (Hits::default(), 0);
    for key in by {
        let (mut hits, mut pairs) = (Hits::default(), 0);
        let mut before: Option<String> = None;
        for row in unit.rows() {
            let this = key(&row);
            if let Some(before) = before.filter(|before| *before != this) {
                pairs += 1;
                hits.add_if(before < this, &row);
            }
            before = Some(this);
        }
        if pairs >= LEAST && hits.count * of.max(1) > best.count * pairs || of == 0 && pairs >= LEAST {
            (best, of) = (hits, pairs);
        }
    }
    if of == 0 {
        return Finding::NotJudged("too few rows differ for an order");
    }
    Finding::share(best, of, "follow their neighbour in alphabetical order")
}
