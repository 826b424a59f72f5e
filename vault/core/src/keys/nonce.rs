//! Fresh 96-bit nonces from the operating system, fetched a few at a time.
//!
//! One system call for each nonce cost about a third of sealing a card of 300 bytes (see `benches/sealing.rs`), so each
//! thread fetches [`POOL`] nonces in one call. They are still the system's random bytes, each given out once and then
//! overwritten; no generator of our own stands in between.
//!
//! A pool must never be copied. Threads have their own; the program does not fork without `exec`. What is left is a
//! machine image that is copied while the program runs and resumed twice: its two copies share what was in the pools.
//! The pool is kept small for that reason, and `docs/security.md` says not to do it.

use std::cell::RefCell;

use super::aead::NONCE_BYTES;
use crate::random::random_bytes;

const POOL: usize = 32;
const POOL_BYTES: usize = POOL * NONCE_BYTES;

struct Pool {
    nonces: [[u8; NONCE_BYTES]; POOL],
    /// Only ever counts down to 0, so that no nonce can be given out twice.
    left: usize,
}

thread_local! {
    static NONCES: RefCell<Pool> = const { RefCell::new(Pool { nonces: [[0; NONCE_BYTES]; POOL], left: 0 }) };
}

/// A nonce that no other seal gets, but for a chance of 2^-96 with each.
pub(super) fn fresh_nonce() -> [u8; NONCE_BYTES] {
    NONCES.with_borrow_mut(Pool::take)
}

impl Pool {
    fn take(&mut self) -> [u8; NONCE_BYTES] {
        if self.left == 0 {
            let bytes = random_bytes::<POOL_BYTES>();
            for (nonce, fresh) in self.nonces.iter_mut().zip(bytes.as_chunks().0) {
                *nonce = *fresh;
            }
            self.left = POOL;
        }
        self.left -= 1;
        // The pool is never asked past its end; if it were, the system's own bytes are the answer.
        self.nonces.get_mut(self.left).map_or_else(random_bytes, std::mem::take)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_nonce_comes_twice_in_many_fills_on_several_threads() {
        let take_some = || (0..POOL * 100 + 7).map(|_| fresh_nonce()).collect::<Vec<_>>();
        let all: Vec<[u8; NONCE_BYTES]> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..3).map(|_| scope.spawn(take_some)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        assert!(!all.contains(&[0; NONCE_BYTES]));
    }

    #[test]
    fn what_was_given_out_is_overwritten_and_the_rest_is_not() {
        let mut pool = Pool { nonces: [[0; NONCE_BYTES]; POOL], left: 0 };
        let given: Vec<[u8; NONCE_BYTES]> = (0..5).map(|_| pool.take()).collect();
        assert_eq!(pool.left, POOL - 5);
        let (kept, used) = pool.nonces.split_at(pool.left);
        assert!(used.iter().all(|nonce| *nonce == [0; NONCE_BYTES]));
        assert!(kept.iter().all(|nonce| *nonce != [0; NONCE_BYTES] && !given.contains(nonce)));
    }
}
