//! The arithmetic of a verdict: the strongest signal of each family, added up, against two bounds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::policy::VerdictBounds;
use super::signal::SignalId;
use crate::model::text_enum::text_enum;

text_enum! {
    /// What the gate proposes, from the mildest to the strictest.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    Verdict, "a verdict" {
        /// Nothing stands against it.
        Clear = "clear",
        /// An officer should look.
        Review = "review",
        /// It should not be used.
        Block = "block",
    }
}

/// Points of the signals of one unit: the largest of each family, and their sum.
pub(super) fn points(signals: impl IntoIterator<Item = (SignalId, u32)>) -> (u32, BTreeMap<char, u32>) {
    let mut families: BTreeMap<char, u32> = BTreeMap::new();
    for (id, points) in signals {
        let family = families.entry(id.family()).or_default();
        *family = (*family).max(points);
    }
    (families.values().sum(), families)
}

/// The verdict over one unit, `canaries` being the different ones that it holds.
pub(super) fn verdict(families: &BTreeMap<char, u32>, canaries: u64, bounds: &VerdictBounds) -> Verdict {
    let sum: u32 = families.values().sum();
    let strong = families.values().filter(|points| **points >= bounds.block_family_points).count();
    let is_backed = strong >= usize::try_from(bounds.block_families).unwrap_or(usize::MAX);
    if sum >= bounds.block && is_backed || canaries >= u64::from(bounds.block_canaries) {
        Verdict::Block
    } else if sum >= bounds.review {
        Verdict::Review
    } else {
        Verdict::Clear
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BOUNDS: VerdictBounds =
        VerdictBounds { review: 3, block: 12, block_families: 2, block_family_points: 4, block_canaries: 2 };

    fn of(signals: &[(SignalId, u32)], canaries: u64) -> Verdict {
        verdict(&points(signals.iter().copied()).1, canaries, &BOUNDS)
    }

    #[test]
    fn families_count_once_and_a_block_needs_two() {
        use SignalId::{D1, P1, P2, R1, T1, V3, V5};
        assert_eq!(of(&[], 0), Verdict::Clear);
        assert_eq!(of(&[(R1, 2)], 0), Verdict::Clear);
        assert_eq!(of(&[(P1, 3), (P2, 3)], 0), Verdict::Review, "one family, three points");
        assert_eq!(points([(P1, 4), (P2, 3), (T1, 3)]).0, 7);
        assert_eq!(of(&[(V3, 9), (V5, 8), (T1, 3)], 0), Verdict::Review, "nine and three, but one strong family");
        assert_eq!(of(&[(V3, 9), (P1, 4)], 0), Verdict::Block);
        assert_eq!(of(&[(V3, 8), (T1, 3), (D1, 1)], 0), Verdict::Review, "twelve of one strong family");
        assert_eq!(of(&[], 1), Verdict::Clear);
        assert_eq!(of(&[], 2), Verdict::Block);
    }

    proptest! {
        #[test]
        fn more_points_never_make_it_clearer(
            points in proptest::collection::vec((0_usize..35, 0_u32..=12), 0..10), at in 0_usize..35, more in 0_u32..=12, canaries in 0_u64..3
        ) {
            let id = |at: &usize| SignalId::ALL[*at];
            let mut signals: Vec<(SignalId, u32)> = points.iter().map(|(at, points)| (id(at), *points)).collect();
            let before = of(&signals, canaries);
            signals.push((id(&at), more));
            prop_assert!(of(&signals, canaries) >= before);
            prop_assert!(of(&signals, canaries + 1) >= before);
        }
    }
}
