//! Mail domains that look mistyped: counted and told, never changed.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use carnet_core::intake::typo::suggested_domain;
use carnet_core::model::Card;

use super::Suggestion;

/// What looks mistyped so far.
#[derive(Default)]
pub(super) struct Typos(BTreeMap<String, (&'static str, u64)>);

/// No more different domains than this are remembered.
const DOMAINS_MAX: usize = 1000;

impl Typos {
    pub(super) fn look_at(&mut self, card: &Card) {
        for address in card.emails() {
            let Some((_, domain)) = address.rsplit_once('@') else { continue };
            if let Some(instead) = suggested_domain(domain) {
                self.count(domain.to_lowercase(), instead, 1);
            }
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        for (domain, (instead, times)) in other.0 {
            self.count(domain, instead, times);
        }
    }

    fn count(&mut self, domain: String, instead: &'static str, times: u64) {
        if self.0.len() < DOMAINS_MAX || self.0.contains_key(&domain) {
            self.0.entry(domain).or_insert((instead, 0)).1 += times;
        }
    }

    /// The most frequent first.
    pub(super) fn into_suggestions(self) -> Vec<Suggestion> {
        let found = self.0.into_iter();
        let mut found: Vec<_> = found.map(|(domain, (instead, count))| Suggestion { domain, instead, count }).collect();
        found.sort_by_key(|one| Reverse(one.count));
        found
    }
}
