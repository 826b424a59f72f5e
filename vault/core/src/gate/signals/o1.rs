//! O1: rows in alphabetical order, as brokers' files come and exports of other tools too. Context.

use super::super::finding::Finding;
use super::super::held::View;
use super::super::unit::{Hits, Unit};

/// Neighbours below which an order may be chance.
const LEAST: u64 = 50;

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let by: [fn(&View<'_>, &mut String); 3] = [
        |row, key| lower(row.written(), key),
        |row, key| key.push_str(row.domain()),
        |row, key| lower(row.surname(), key),
    ];
    let (mut best, mut of) = (Hits::default(), 0);
    let (mut before, mut this) = (String::new(), String::new());
    for key in by {
        let (mut hits, mut pairs, mut is_first) = (Hits::default(), 0, true);
        for row in unit.rows() {
            this.clear();
            key(&row, &mut this);
            if !is_first && before != this {
                pairs += 1;
                hits.add_if(before < this, &row);
            }
            is_first = false;
            std::mem::swap(&mut before, &mut this);
        }
        if pairs >= LEAST && (of == 0 || hits.count * of > best.count * pairs) {
            (best, of) = (hits, pairs);
        }
    }
    if of == 0 {
        return Finding::NotJudged("too few rows differ for an order");
    }
    Finding::share(best, of, "follow their neighbour in alphabetical order")
}

fn lower(text: &str, key: &mut String) {
    if text.is_ascii() {
        key.push_str(text);
        key.make_ascii_lowercase();
    } else {
        key.extend(text.chars().flat_map(char::to_lowercase));
    }
}
