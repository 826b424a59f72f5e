//! What a vault learns from a list that was checked, for lists that are checked later.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::memory::DomainMix;
use super::names::Pattern;
use crate::model::LawfulBasis;

/// What one list taught. It counts while the list is released, and says nothing of any one person.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learnt {
    /// On which basis the list is used; lists are compared with lists of the same claim.
    pub basis: Option<LawfulBasis>,
    /// What kinds of domains it has.
    pub mix: Option<DomainMix>,
    /// How firms make addresses, as its proven rows show: the pattern in words, by registrable domain.
    pub patterns: BTreeMap<String, String>,
}

/// What all lists of a vault taught together, as it bears on a list of this claim.
#[derive(Debug, Clone, Default)]
pub struct Lessons {
    /// The kinds of domains of lists of the same claim, in the mean.
    pub peers: Option<DomainMix>,
    /// How firms make addresses; firms about which two lists differ are left out.
    pub patterns: BTreeMap<String, Pattern>,
}

impl Lessons {
    /// Puts together what lists taught, for a list of this claim.
    pub fn of(learnt: &[Learnt], basis: Option<LawfulBasis>) -> Self {
        let alike: Vec<&Learnt> = learnt.iter().filter(|one| one.basis == basis).collect();
        let mixes: Vec<DomainMix> = alike.iter().filter_map(|one| one.mix).collect();
        let mut said: BTreeMap<&str, Option<Pattern>> = BTreeMap::new();
        for (domain, pattern) in learnt.iter().flat_map(|one| &one.patterns) {
            let pattern = pattern.parse::<Pattern>().ok();
            said.entry(domain)
                .and_modify(|known| *known = known.filter(|one| Some(*one) == pattern))
                .or_insert(pattern);
        }
        let patterns = said.into_iter().filter_map(|(domain, pattern)| Some((domain.to_owned(), pattern?))).collect();
        Self { peers: DomainMix::mean(&mixes), patterns }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_the_same_claim_are_put_together_and_contradictions_left_out() {
        let mix = |free: f64| DomainMix { free, business: 1.0 - free, school: 0.0, public: 0.0 };
        let list = |basis, free, firm: &str, pattern: &str| Learnt {
            basis: Some(basis),
            mix: Some(mix(free)),
            patterns: BTreeMap::from([(firm.to_owned(), pattern.to_owned())]),
        };
        let (consent, contract) = (LawfulBasis::Consent, LawfulBasis::Contract);
        let (one, two) = ("first.last", "flast");
        let lists = [
            list(consent, 0.8, "firm.example", one),
            list(consent, 0.6, "shop.example", two),
            list(contract, 0.0, "firm.example", two),
            list(contract, 0.0, "shop.example", "no pattern at all"),
        ];
        let lessons = Lessons::of(&lists, Some(consent));
        assert!((lessons.peers.unwrap().free - 0.7).abs() < 1e-9);
        assert!(lessons.patterns.is_empty(), "two lists say different things of both firms");
        let alone = Lessons::of(&lists[..2], None);
        assert_eq!((alone.peers, alone.patterns.len()), (None, 2));
    }
}
