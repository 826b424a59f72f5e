//! What is left to chance, from a seed that nobody knows.

use carnet_core::keys::random_seed;
use sha2::{Digest as _, Sha256};

/// Numbers that nobody can foretell: SHA-256 of a secret seed and a counter.
pub(super) struct Lots {
    seed: [u8; 32],
    drawn: u64,
}

impl Lots {
    pub(super) fn new() -> Self {
        Self { seed: *random_seed(), drawn: 0 }
    }

    fn number(&mut self) -> u64 {
        self.drawn += 1;
        let hash = Sha256::new().chain_update(self.seed).chain_update(self.drawn.to_be_bytes()).finalize();
        hash.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }

    /// A number below `end`; 0 if there is none. The bias of the remainder is below 2^-32 for all ends that are drawn from.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX);
        usize::try_from(self.number().checked_rem(end).unwrap_or_default()).unwrap_or_default()
    }

    /// The same for numbers of contacts.
    pub(super) fn below_u64(&mut self, end: u64) -> u64 {
        self.number().checked_rem(end).unwrap_or_default()
    }

    /// One of several.
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// Puts several into an order that nobody can foretell (Fisher and Yates).
    pub(super) fn shuffle<T>(&mut self, all: &mut [T]) {
        for end in (1..all.len()).rev() {
            let other = self.below(end + 1);
            all.swap(end, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_below_the_end_is_drawn_and_no_other() {
        let mut lots = Lots::new();
        let drawn: std::collections::BTreeSet<usize> = (0..2000).map(|_| lots.below(7)).collect();
        assert_eq!(drawn, (0..7).collect());
        assert_eq!((lots.below(0), lots.pick::<u8>(&[])), (0, None));
    }

    #[test]
    fn a_shuffle_keeps_all_of_them_and_two_shuffles_differ() {
        let mut lots = Lots::new();
        let [mut one, mut other] = [(); 2].map(|()| (0..50).collect::<Vec<_>>());
        lots.shuffle(&mut one);
        lots.shuffle(&mut other);
        assert_ne!(one, other);
        one.sort_unstable();
        assert_eq!(one, (0..50).collect::<Vec<_>>());
    }
}
