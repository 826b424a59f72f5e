//! 32 secret bytes: the one form in which keys are held.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::random::random_bytes;

/// A 256-bit key on the heap, overwritten when dropped.
///
/// On the heap, so that moving the owner moves a pointer and leaves no copy of the key on the stack.
pub(super) struct SecretBytes(Box<Zeroizing<[u8; 32]>>);

impl SecretBytes {
    /// A new random key.
    pub(super) fn random() -> Self {
        Self::copy_of(&Zeroizing::new(random_bytes::<32>()))
    }

    /// A copy of `bytes`; overwriting the original is the caller's part.
    pub(super) fn copy_of(bytes: &[u8; 32]) -> Self {
        let mut held = Box::new(Zeroizing::new([0; 32]));
        held.copy_from_slice(bytes);
        Self(held)
    }

    /// The key itself.
    pub(super) fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for SecretBytes {
    /// Takes the same time wherever the two differ.
    fn eq(&self, other: &Self) -> bool {
        self.expose().ct_eq(other.expose()).into()
    }
}

impl Eq for SecretBytes {}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}
