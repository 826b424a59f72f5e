//! The key of what belongs to the vault as a whole, such as account names.

use std::fmt;

use super::derive::derive_key;
use super::place::Place;
use super::root::{KeyError, Label, RootKey};
use super::sealed::{OpenError, Plaintext, Sealed};
use super::sealing::SealingKey;
use super::secret::SecretBytes;
use crate::model::VaultId;

const SEALING_INFO: &[u8] = b"carnet vault v1";

/// Seals the vault's own records, those of no single controller.
///
/// Like a master key it is random, wrapped by the root, has generations, and should be rotated before 2^32 seals.
pub struct VaultKey {
    vault: VaultId,
    key: SecretBytes,
    sealing: SealingKey,
}

impl VaultKey {
    const NAME: &str = "vault";

    fn of(vault: VaultId, generation: u32, key: SecretBytes) -> Self {
        let info = [SEALING_INFO, vault.as_bytes(), &generation.to_be_bytes()];
        let sealing = SealingKey::new(&derive_key(None, key.expose(), &info), generation);
        Self { vault, key, sealing }
    }

    /// A new random key. The first generation is 1.
    pub fn generate(vault: VaultId, generation: u32) -> Self {
        Self::of(vault, generation, SecretBytes::random())
    }

    /// The label under which a vault key is wrapped, also for [`RootKey::rewrap`].
    pub const fn label(vault: VaultId, generation: u32) -> Label<'static> {
        Label { vault, name: Self::NAME, controller: None, generation }
    }

    /// This key wrapped for storage.
    pub fn wrap(&self, root: &RootKey) -> Vec<u8> {
        root.wrap(&Self::label(self.vault, self.generation()), self.key.expose())
    }

    /// The key that was stored for this vault and generation.
    ///
    /// # Errors
    /// As [`RootKey::unwrap`].
    pub fn unwrap(root: &RootKey, vault: VaultId, generation: u32, wrapped: &[u8]) -> Result<Self, KeyError> {
        let key = root.unwrap(&Self::label(vault, generation), wrapped)?;
        Ok(Self::of(vault, generation, SecretBytes::copy_of(&key)))
    }

    /// Counts up with each rotation.
    pub const fn generation(&self) -> u32 {
        self.sealing.generation()
    }

    /// Seals `plaintext` for its place, with a fresh nonce.
    pub fn seal(&self, place: &Place<'_>, plaintext: &[u8]) -> Sealed {
        self.sealing.seal(place, plaintext)
    }

    /// Opens what this key sealed for the same place.
    ///
    /// # Errors
    /// As [`ContactKey::open`](super::ContactKey::open).
    pub fn open(&self, place: &Place<'_>, sealed: &Sealed) -> Result<Plaintext, OpenError> {
        self.sealing.open(place, sealed)
    }
}

impl fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VaultKey({:?})", self.sealing)
    }
}
