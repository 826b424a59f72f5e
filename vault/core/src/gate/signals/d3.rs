//! D3: domains one slip of the finger away from a mailbox provider.

use std::collections::HashMap;

use super::super::finding::Finding;
use super::super::unit::{Hits, Unit};
use crate::intake::typo::is_one_slip;

/// A domain as short as this is near many others by chance.
const SHORTEST: usize = 8;

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let mut providers: Vec<&str> = unit.context.knowledge.free.iter().map(String::as_str).collect();
    providers.retain(|provider| provider.len() >= SHORTEST);
    providers.sort_unstable();
    let mut met: HashMap<u32, bool> = HashMap::new();
    let mut hits = Hits::default();
    for row in unit.rows().filter(|row| unit.context.is_business(row)) {
        let is_slip = *met.entry(row.domain_id()).or_insert_with(|| is_mistyped(row.domain(), &providers));
        hits.add_if(is_slip, &row);
    }
    Finding::share(hits, unit.len(), "are at a domain that is one slip away from a mailbox provider's")
}

/// Whether a domain, known to be no provider itself, is one slip away from one.
pub(super) fn is_mistyped(domain: &str, providers: &[&str]) -> bool {
    let bytes = domain.as_bytes();
    let near = |provider: &&&str| provider.len().abs_diff(bytes.len()) <= 1;
    providers.iter().filter(near).any(|provider| is_one_slip(bytes, provider.as_bytes()))
}
