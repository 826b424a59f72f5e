//! The key of one contact, and the salt whose deletion is the contact's erasure.

use std::fmt;

use zeroize::Zeroizing;

use super::place::Place;
use super::sealed::{OpenError, Plaintext, Sealed};
use super::sealing::SealingKey;
use crate::random::random_bytes;

/// 16 random bytes without which a contact's key cannot be derived again.
///
/// Made once for each contact and kept through every rotation. Deleting it, here and in the backup keyrings, makes
/// every copy of what the contact's key ever sealed unreadable (Art. 17 GDPR). Overwritten in memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt(Zeroizing<[u8; 16]>);

impl Salt {
    /// A new random salt.
    pub fn random() -> Self {
        Self(Zeroizing::new(random_bytes()))
    }

    /// The salt with these bytes, as read from the table of salts.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt")
    }
}

/// The key of one contact in one generation.
///
/// Seals the card and all else that is about the contact. Derived by
/// [`MasterKey::contact_key`](super::MasterKey::contact_key), used, and dropped; never stored. Random 96-bit nonces are
/// safe for the few thousand values that one contact may ever have (SP 800-38D allows 2^32).
pub struct ContactKey(SealingKey);

impl ContactKey {
    pub(super) fn new(key: &[u8; 32], generation: u32) -> Self {
        Self(SealingKey::new(key, generation))
    }

    /// The generation of the master that this key comes from.
    pub const fn generation(&self) -> u32 {
        self.0.generation()
    }

    /// Seals `plaintext` for its place, with a fresh nonce.
    pub fn seal(&self, place: &Place<'_>, plaintext: &[u8]) -> Sealed {
        self.0.seal(place, plaintext)
    }

    /// Opens what this key sealed for the same place.
    ///
    /// # Errors
    /// [`OpenError::WrongGeneration`] if another generation sealed it; [`OpenError::Tampered`] if the value, its place
    /// or a bound column was changed, or if the key is another contact's.
    pub fn open(&self, place: &Place<'_>, sealed: &Sealed) -> Result<Plaintext, OpenError> {
        self.0.open(place, sealed)
    }
}

impl fmt::Debug for ContactKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContactKey({:?})", self.0)
    }
}
