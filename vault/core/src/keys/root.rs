//! The root key: what the key file or the 24 words give, and what wraps all others.

use std::fmt;

use zeroize::Zeroizing;

use super::aead::{Cipher, NONCE_BYTES, TAG_BYTES};
use super::derive::derive_key;
use super::nonce::fresh_nonce;
use super::secret::SecretBytes;
use super::words::{RecoveryWords, WordsError};
use crate::model::{ControllerId, VaultId};

const VERSION: u8 = 1;
const ID_BYTES: usize = 8;
const HEADER_BYTES: usize = 1 + ID_BYTES;
const WRAPPED_BYTES: usize = HEADER_BYTES + NONCE_BYTES + 32 + TAG_BYTES;

/// The key of the vault: 32 random bytes, overwritten when dropped.
///
/// Never encrypts by itself; keys for wrapping are derived from it.
#[derive(PartialEq, Eq)]
pub struct RootKey(SecretBytes);

/// A public name for a root key: 8 bytes derived from it that say nothing about it.
///
/// Every wrapped key carries the name of the root key that wrapped it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct RootKeyId([u8; ID_BYTES]);

/// What a wrapped key is.
///
/// Unwrapping under any other label fails, so that wrapped keys cannot be swapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label<'a> {
    /// The vault that the key belongs to.
    pub vault: VaultId,
    /// What the key does, such as `master`.
    pub name: &'a str,
    /// The controller that the key belongs to, or `None` for a key of the whole vault.
    pub controller: Option<ControllerId>,
    /// The generation, or 0 for keys that have none.
    pub generation: u32,
}

/// Why a wrapped key does not unwrap, or keys do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Wrapped by another root key than the one at hand.
    #[error(
        "this root key does not fit this vault: the vault's keys are locked by root key {wrapped_by}, this one is \
        {at_hand}; use that key file or the recovery words of this vault"
    )]
    WrongRootKey {
        /// The root key that did the wrapping.
        wrapped_by: RootKeyId,
        /// The root key that was given.
        at_hand: RootKeyId,
    },
    /// The right root key, but the wrapped key was changed or has another label.
    #[error("a wrapped key was changed or is not the one that its row says; restore the table of keys from a backup")]
    Tampered,
    /// Not of the length that every wrapped key has.
    #[error(
        "a wrapped key of {len} bytes is damaged (expected {WRAPPED_BYTES}); restore the table of keys from a backup"
    )]
    Malformed {
        /// How many bytes there are.
        len: usize,
    },
    /// Written by a newer program.
    #[error(
        "a wrapped key has format version {found}, and this program knows version {VERSION}; use the newer program \
        that wrote it"
    )]
    UnknownVersion {
        /// The version byte.
        found: u8,
    },
    /// Master keys that cannot form one controller's ring.
    #[error("the master keys of a controller do not go together: {reason}; restore the table of keys from a backup")]
    Ring {
        /// What is wrong with them.
        reason: &'static str,
    },
}

impl RootKey {
    /// A new random root key.
    pub fn generate() -> Self {
        Self(SecretBytes::random())
    }

    pub(super) fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(SecretBytes::copy_of(bytes))
    }

    pub(super) fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// The public name of this key.
    pub fn id(&self) -> RootKeyId {
        let derived = derive_key(None, self.expose(), &[b"carnet root id v1"]);
        RootKeyId(derived.first_chunk().copied().unwrap_or_default())
    }

    /// The key as 24 English words (BIP 39), to be kept on paper, away from here.
    pub fn to_words(&self) -> RecoveryWords {
        RecoveryWords::of_entropy(self.expose())
    }

    /// The key that 24 words stand for; case, spacing and `1.` numbering do not matter.
    ///
    /// # Errors
    /// [`WordsError`] names the first unknown word by its position, never by its text.
    pub fn from_words(text: &str) -> Result<Self, WordsError> {
        Ok(Self::from_bytes(&RecoveryWords::parse(text)?.entropy()))
    }

    /// Wraps a key for storage: version, id of this root key, nonce, text and tag.
    pub fn wrap(&self, label: &Label<'_>, secret: &[u8; 32]) -> Vec<u8> {
        let nonce = fresh_nonce();
        let mut bytes = Vec::with_capacity(WRAPPED_BYTES);
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.id().0);
        let associated = label.associated_data(&bytes);
        let mut text = *secret;
        let tag = self.wrapping_cipher().encrypt(&nonce, &associated, &mut text);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&text);
        bytes.extend_from_slice(&tag);
        bytes
    }

    /// Unwraps what [`RootKey::wrap`] gave for the same label.
    ///
    /// # Errors
    /// [`KeyError::WrongRootKey`] if another root key wrapped it, and the other [`KeyError`]s as they say.
    pub fn unwrap(&self, label: &Label<'_>, wrapped: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyError> {
        let wrapped_by = RootKeyId::of_wrapped(wrapped)?;
        let at_hand = self.id();
        if wrapped_by != at_hand {
            return Err(KeyError::WrongRootKey { wrapped_by, at_hand });
        }
        let malformed = KeyError::Malformed { len: wrapped.len() };
        let (header, rest) = wrapped.split_first_chunk::<HEADER_BYTES>().ok_or_else(|| malformed.clone())?;
        let (nonce, rest) = rest.split_first_chunk().ok_or_else(|| malformed.clone())?;
        let (text, tag) = rest.split_last_chunk().ok_or_else(|| malformed.clone())?;
        let mut secret: Zeroizing<[u8; 32]> = Zeroizing::new(text.try_into().map_err(|_| malformed)?);
        let associated = label.associated_data(header);
        let opened = self.wrapping_cipher().decrypt(nonce, &associated, secret.as_mut_slice(), tag);
        opened.map_err(|_| KeyError::Tampered)?;
        Ok(secret)
    }

    /// Wraps under `new` what this key wrapped.
    ///
    /// Done for every wrapped key, this is the whole rotation of a root key.
    ///
    /// # Errors
    /// As [`RootKey::unwrap`].
    pub fn rewrap(&self, new: &Self, label: &Label<'_>, wrapped: &[u8]) -> Result<Vec<u8>, KeyError> {
        Ok(new.wrap(label, &*self.unwrap(label, wrapped)?))
    }

    fn wrapping_cipher(&self) -> Cipher {
        Cipher::new(&derive_key(None, self.expose(), &[b"carnet root wrap v1"]))
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey")
    }
}

impl RootKeyId {
    /// The root key that wrapped a key, told without any key.
    ///
    /// This is how an interrupted rotation is recognised. Whoever can write to the database can also change
    /// this name, so it is a hint until [`RootKey::unwrap`] succeeds.
    ///
    /// # Errors
    /// [`KeyError::Malformed`] and [`KeyError::UnknownVersion`].
    pub fn of_wrapped(wrapped: &[u8]) -> Result<Self, KeyError> {
        match wrapped.split_first() {
            Some((&version, _)) if version != VERSION => Err(KeyError::UnknownVersion { found: version }),
            Some((_, rest)) if wrapped.len() == WRAPPED_BYTES => {
                rest.first_chunk().map(|id| Self(*id)).ok_or(KeyError::Malformed { len: wrapped.len() })
            }
            _ => Err(KeyError::Malformed { len: wrapped.len() }),
        }
    }
}

impl fmt::Display for RootKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for RootKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RootKeyId({self})")
    }
}

impl Label<'_> {
    /// `header`, then the label.
    ///
    /// So encoded that two labels never give the same bytes: the name, alone of free length, comes last.
    fn associated_data(&self, header: &[u8]) -> Vec<u8> {
        let mut data = header.to_vec();
        data.extend_from_slice(self.vault.as_bytes());
        data.push(u8::from(self.controller.is_some()));
        data.extend_from_slice(self.controller.map_or([0; 16], |id| *id.as_bytes()).as_slice());
        data.extend_from_slice(&self.generation.to_be_bytes());
        data.extend_from_slice(self.name.as_bytes());
        data
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn label() -> Label<'static> {
        let controller = Some(ControllerId::from_bytes([2; 16]));
        Label { vault: VaultId::from_bytes([1; 16]), name: "master", controller, generation: 3 }
    }

    #[test]
    fn a_wrapped_key_unwraps_under_its_label_and_under_no_other() {
        let root = RootKey::generate();
        let wrapped = root.wrap(&label(), &[7; 32]);
        assert_eq!(*root.unwrap(&label(), &wrapped).unwrap(), [7; 32]);
        for other in [
            Label { vault: VaultId::from_bytes([9; 16]), ..label() },
            Label { name: "index", ..label() },
            Label { controller: Some(ControllerId::from_bytes([9; 16])), ..label() },
            Label { controller: None, ..label() },
            Label { generation: 4, ..label() },
        ] {
            assert_eq!(root.unwrap(&other, &wrapped), Err(KeyError::Tampered), "{other:?}");
        }
    }

    #[test]
    fn another_root_key_is_told_apart_from_a_damaged_key() {
        let (root, other) = (RootKey::generate(), RootKey::generate());
        let wrapped = root.wrap(&label(), &[7; 32]);
        assert_eq!(
            other.unwrap(&label(), &wrapped),
            Err(KeyError::WrongRootKey { wrapped_by: root.id(), at_hand: other.id() })
        );
        assert_eq!(root.unwrap(&label(), &[]), Err(KeyError::Malformed { len: 0 }));
        assert_eq!(root.unwrap(&label(), &wrapped[..68]), Err(KeyError::Malformed { len: 68 }));
        assert_eq!(root.unwrap(&label(), &[2; 69]), Err(KeyError::UnknownVersion { found: 2 }));
    }

    #[test]
    fn rewrapping_moves_a_key_from_the_old_root_to_the_new() {
        let (old, new) = (RootKey::generate(), RootKey::generate());
        let wrapped = old.wrap(&label(), &[7; 32]);
        let rewrapped = old.rewrap(&new, &label(), &wrapped).unwrap();
        assert_eq!(RootKeyId::of_wrapped(&rewrapped), Ok(new.id()));
        assert_eq!(*new.unwrap(&label(), &rewrapped).unwrap(), [7; 32]);
        assert!(matches!(old.unwrap(&label(), &rewrapped), Err(KeyError::WrongRootKey { .. })));
    }

    #[test]
    fn a_root_key_survives_its_words_and_prints_nothing() {
        let root = RootKey::from_bytes(&[0xC5; 32]);
        let words = root.to_words().reveal().to_string();
        assert!(RootKey::from_words(&words).unwrap() == root);
        assert_eq!(format!("{root:?} {:?}", root.to_words()), "RootKey RecoveryWords");
    }

    proptest! {
        #[test]
        fn any_flipped_bit_of_a_wrapped_key_is_found(bit in 0..WRAPPED_BYTES * 8) {
            let root = RootKey::from_bytes(&[4; 32]);
            let mut wrapped = root.wrap(&label(), &[7; 32]);
            wrapped[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(root.unwrap(&label(), &wrapped).is_err());
        }

        #[test]
        fn arbitrary_bytes_never_unwrap_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(RootKey::from_bytes(&[4; 32]).unwrap(&label(), &bytes).is_err());
        }
    }
}
