//! Fresh 96-bit nonces from the operating system.

use super::aead::NONCE_BYTES;
use crate::random::random_bytes;

/// A nonce that has not been used before, but for a chance of 2^-96 for each one that has.
pub(super) fn fresh_nonce() -> [u8; NONCE_BYTES] {
    random_bytes()
}
