//! N2: one person, one firm, and addresses of two or more patterns: somebody tried them all.

use super::super::finding::Finding;
use super::super::stats::count;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    // Sorted rather than grouped in a map: a list of a million people is one million entries.
    let mut people = Vec::new();
    for row in unit.rows() {
        let Some(pattern) = unit.context.pattern(&row) else { continue };
        people.push(((row.domain_id(), row.given_id(), row.surname_id()), pattern, row.index));
    }
    if people.is_empty() {
        return Finding::NotJudged("no row has a name and an address at a firm that follow from each other");
    }
    people.sort_unstable();
    let mut hits = Hits::default();
    for of_one in people.chunk_by(|(one, ..), (other, ..)| one == other) {
        let Some((_, first, _)) = of_one.first() else { continue };
        if of_one.iter().any(|(_, pattern, _)| pattern != first) {
            let rows = of_one.iter().filter_map(|(.., index)| unit.context.rows.get(*index));
            rows.for_each(|row| hits.add(&row));
        }
    }
    Finding::share(
        hits,
        count(people.len()),
        "share name and firm with another row whose address is spelled by another pattern",
    )
}
