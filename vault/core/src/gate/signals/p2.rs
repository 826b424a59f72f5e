//! P2: the consent column holds one word, "yes", which proves nothing by itself.

use std::collections::HashMap;

use super::super::finding::Finding;
use super::super::text::TextId;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let (mut hits, mut said) = (Hits::default(), 0_u64);
    let mut bare: HashMap<TextId, bool> = HashMap::new();
    for row in unit.rows() {
        said += u64::from(row.wording_id() != 0 || row.has_bare_yes());
        let only_yes = row.wording_id() != 0
            && *bare.entry(row.wording_id()).or_insert_with(|| unit.context.knowledge.says_only_yes(row.wording()));
        hits.add_if(only_yes || row.has_bare_yes(), &row);
    }
    if said == 0 {
        return Finding::NotJudged("no row says in words what was agreed to");
    }
    Finding::share(hits, unit.len(), "say yes to being written to, and not to which sentence, when or how")
}
