//! A controller's master key, and what is derived from it.

use std::fmt;

use super::contact::{ContactKey, Salt};
use super::derive::derive_key;
use super::place::Place;
use super::root::{KeyError, Label, RootKey};
use super::sealed::{OpenError, Plaintext, Sealed};
use super::sealing::SealingKey;
use super::secret::SecretBytes;
use crate::model::{ContactId, ControllerId, VaultId};

// With two ids, a generation and HKDF's counter these stay within one block of SHA-256 (55 bytes): a contact's key is
// derived for each card of an import, and a second block would cost a tenth more.
const CONTACT_INFO: &[u8] = b"carnet contact v1";
const RECORD_INFO: &[u8] = b"carnet record v1";

/// One generation of a controller's master key.
///
/// 32 random bytes, overwritten when dropped. Seals nothing itself. Rotation makes the next generation; see
/// [`ControllerKeys`](super::ControllerKeys).
pub struct MasterKey {
    controller: ControllerId,
    generation: u32,
    key: SecretBytes,
}

/// Seals a controller's records that are not of one contact, such as provenance.
///
/// One key seals many records: rotate the master before 2^32 of them (NIST SP 800-38D section 8.3).
pub struct RecordKey(SealingKey);

impl MasterKey {
    const NAME: &str = "master";

    /// A new random master key. The first generation of a controller is 1.
    pub fn generate(controller: ControllerId, generation: u32) -> Self {
        Self { controller, generation, key: SecretBytes::random() }
    }

    /// The label under which a master key is wrapped, also for [`RootKey::rewrap`].
    pub const fn label(vault: VaultId, controller: ControllerId, generation: u32) -> Label<'static> {
        Label { vault, name: Self::NAME, controller: Some(controller), generation }
    }

    /// This key wrapped for storage.
    pub fn wrap(&self, root: &RootKey, vault: VaultId) -> Vec<u8> {
        root.wrap(&Self::label(vault, self.controller, self.generation), self.key.expose())
    }

    /// The master key that was stored for this controller and generation.
    ///
    /// # Errors
    /// As [`RootKey::unwrap`].
    pub fn unwrap(
        root: &RootKey,
        vault: VaultId,
        controller: ControllerId,
        generation: u32,
        wrapped: &[u8],
    ) -> Result<Self, KeyError> {
        let key = root.unwrap(&Self::label(vault, controller, generation), wrapped)?;
        Ok(Self { controller, generation, key: SecretBytes::copy_of(&key) })
    }

    /// The controller whose key this is.
    pub const fn controller(&self) -> ControllerId {
        self.controller
    }

    /// Counts up with each rotation.
    pub const fn generation(&self) -> u32 {
        self.generation
    }

    /// The key of one contact: HKDF-SHA-256 of this key and the contact's salt.
    ///
    /// Controller, contact and generation are part of the derivation, so a salt copied to another contact's row gives
    /// another key.
    pub fn contact_key(&self, contact: ContactId, salt: &Salt) -> ContactKey {
        let generation = self.generation.to_be_bytes();
        let info = [CONTACT_INFO, self.controller.as_bytes(), contact.as_bytes(), &generation];
        ContactKey::new(&derive_key(Some(salt.as_bytes()), self.key.expose(), &info), self.generation)
    }

    /// The key of this controller's records that are not of one contact.
    pub fn record_key(&self) -> RecordKey {
        let generation = self.generation.to_be_bytes();
        let info = [RECORD_INFO, self.controller.as_bytes(), &generation];
        RecordKey(SealingKey::new(&derive_key(None, self.key.expose(), &info), self.generation))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey(generation {})", self.generation)
    }
}

impl RecordKey {
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
    /// As [`ContactKey::open`].
    pub fn open(&self, place: &Place<'_>, sealed: &Sealed) -> Result<Plaintext, OpenError> {
        self.0.open(place, sealed)
    }
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordKey({:?})", self.0)
    }
}
