//! N2: one person, one firm, and two or more addresses: somebody tried all patterns.

use std::collections::{BTreeMap, BTreeSet};

use super::super::finding::Finding;
use super::super::unit::{Hits, Unit};
use crate::intake::level;

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let mut people: BTreeMap<(u32, String), (BTreeSet<&str>, Vec<u32>)> = BTreeMap::new();
    let mut named = 0;
    for row in unit.rows().filter(|row| unit.context.is_business(row) && !unit.context.is_role(row)) {
        if row.given().is_empty() || row.surname().is_empty() {
            continue;
        }
        named += 1;
        let name = format!("{} {}", level(row.given()), level(row.surname()));
        let (locals, rows) = people.entry((row.domain_id(), name)).or_default();
        locals.insert(row.local());
        rows.push(row.index);
    }
    if named == 0 {
        return Finding::NotJudged("no row has a name and an address at a firm");
    }
    let mut hits = Hits::default();
    for (_, rows) in people.values().filter(|(locals, _)| locals.len() > 1) {
        rows.iter().filter_map(|index| unit.context.rows.get(*index)).for_each(|row| hits.add(&row));
    }
    Finding::share(hits, named, "share name and firm with another row whose address is spelled by another pattern")
}
