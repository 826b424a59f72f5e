//! N2: one person, one firm, and addresses of two or more patterns: somebody tried them all.

use std::collections::{BTreeMap, BTreeSet};

use super::super::finding::Finding;
use super::super::names::Pattern;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let mut people: BTreeMap<(u32, u32, u32), (BTreeSet<Pattern>, Vec<u32>)> = BTreeMap::new();
    let mut named = 0;
    for row in unit.rows() {
        let Some(pattern) = unit.context.pattern(&row) else { continue };
        named += 1;
        let (patterns, rows) = people.entry((row.domain_id(), row.given_id(), row.surname_id())).or_default();
        patterns.insert(pattern);
        rows.push(row.index);
    }
    if named == 0 {
        return Finding::NotJudged("no row has a name and an address at a firm that follow from each other");
    }
    let mut hits = Hits::default();
    for (_, rows) in people.values().filter(|(patterns, _)| patterns.len() > 1) {
        rows.iter().filter_map(|index| unit.context.rows.get(*index)).for_each(|row| hits.add(&row));
    }
    Finding::share(hits, named, "share name and firm with another row whose address is spelled by another pattern")
}
