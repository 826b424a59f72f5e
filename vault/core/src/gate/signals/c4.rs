//! C4: addresses with a `+tag` that names another organisation: the person gave this address to that one.

use super::super::finding::Finding;
use super::super::stats::float;
use super::super::unit::{Hits, Unit};
use crate::intake::level;

/// A name as short as this is a word of everyday.
const SHORTEST: usize = 4;

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let known = &unit.context.knowledge.organisations;
    if known.is_empty() {
        return Finding::NotJudged("no other organisations are known by name");
    }
    let mut hits = Hits::default();
    for row in unit.rows() {
        let Some((_, tag)) = row.local().split_once('+') else { continue };
        let tag: String = level(tag).chars().filter(|c| c.is_alphanumeric()).collect();
        hits.add_if(tag.len() >= SHORTEST && known.contains(&tag), &row);
    }
    let number = float(hits.count);
    let sentence = format!("{} addresses bear a tag that names another organisation.", hits.count);
    Finding::number(number, number, hits, sentence)
}
