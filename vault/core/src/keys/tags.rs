//! Tags: keyed hashes by which sealed values are found without being opened.
//!
//! A tag is HMAC-SHA-256 (RFC 2104) truncated to its first 16 bytes. Equal values have equal tags within one key and
//! one [`Field`], and that equality is all that a tag tells to whoever lacks the key. Whoever has the key can test
//! guesses, so tags are personal data still. A bare hash of an address is never made: it could be found by trying
//! addresses.
//!
//! This module does not normalise. Give it what `intake` made of the value, always the same way, or nothing is found.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::derive::derive_key;
use super::root::{KeyError, Label, RootKey};
use super::secret::SecretBytes;
use crate::model::{ControllerId, EmailAddress, VaultId};

/// A keyed hash of one normalised value.
///
/// Not secret, but a pseudonym of a person: [`fmt::Debug`] does not print it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag([u8; 16]);

impl Tag {
    /// The tag with these bytes, as read from the database.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes to store and to look for.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tag")
    }
}

/// What a tagged value is. The same text has another tag in another field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// One word of a name or an organisation.
    Word,
    /// The domain of an e-mail address.
    Domain,
    /// The unique id that a card has where it came from.
    Uid,
    /// Where a row of a list says that it comes from.
    Source,
}

/// For each field an HMAC that has taken in its key already.
///
/// A tag of a short value then costs two blocks of SHA-256 and not four.
struct FieldMacs {
    email: Hmac<Sha256>,
    phone: Hmac<Sha256>,
    word: Hmac<Sha256>,
    domain: Hmac<Sha256>,
    uid: Hmac<Sha256>,
    source: Hmac<Sha256>,
}

impl FieldMacs {
    /// `purpose` keeps the tags of two kinds of key apart, even of equal keys.
    fn new(key: &SecretBytes, purpose: &'static str) -> Self {
        let keyed = |field: &str| mac(&*derive_key(None, key.expose(), &[purpose.as_bytes(), field.as_bytes()]));
        Self {
            email: keyed("email"),
            phone: keyed("phone"),
            word: keyed("word"),
            domain: keyed("domain"),
            uid: keyed("uid"),
            source: keyed("source"),
        }
    }

    fn tag(&self, field: Field, normalised: &str) -> Tag {
        let keyed = match field {
            Field::Email => &self.email,
            Field::Phone => &self.phone,
            Field::Word => &self.word,
            Field::Domain => &self.domain,
            Field::Uid => &self.uid,
            Field::Source => &self.source,
        };
        tag(keyed, normalised.as_bytes())
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

fn tag(keyed: &Hmac<Sha256>, value: &[u8]) -> Tag {
    let mut mac = keyed.clone();
    mac.update(value);
    let full: [u8; 32] = mac.finalize().into_bytes().into();
    Tag(full.first_chunk().copied().unwrap_or_default())
}

macro_rules! controller_tag_keys {
    ($($(#[$doc:meta])* $key:ident, $name:literal, $purpose:literal;)+) => {$(
        $(#[$doc])*
        pub struct $key {
            controller: ControllerId,
            key: SecretBytes,
            macs: FieldMacs,
        }

        impl $key {
            fn of(controller: ControllerId, key: SecretBytes) -> Self {
                let macs = FieldMacs::new(&key, $purpose);
                Self { controller, key, macs }
            }

            /// A new random key.
            pub fn generate(controller: ControllerId) -> Self {
                Self::of(controller, SecretBytes::random())
            }

            /// The label under which this key is wrapped; also what [`RootKey::rewrap`] needs.
            pub const fn label(vault: VaultId, controller: ControllerId) -> Label<'static> {
                Label { vault, name: $name, controller: Some(controller), generation: 0 }
            }

            /// This key wrapped for storage.
            pub fn wrap(&self, root: &RootKey, vault: VaultId) -> Vec<u8> {
                root.wrap(&Self::label(vault, self.controller), self.key.expose())
            }

            /// The key that was stored for this controller.
            ///
            /// # Errors
            /// As [`RootKey::unwrap`].
            pub fn unwrap(
                root: &RootKey,
                vault: VaultId,
                controller: ControllerId,
                wrapped: &[u8],
            ) -> Result<Self, KeyError> {
                let key = root.unwrap(&Self::label(vault, controller), wrapped)?;
                Ok(Self::of(controller, SecretBytes::copy_of(&key)))
            }

            /// The controller whose key this is.
            pub const fn controller(&self) -> ControllerId {
                self.controller
            }

            /// The tag of a normalised value.
            pub fn tag(&self, field: Field, normalised: &str) -> Tag {
                self.macs.tag(field, normalised)
            }
        }

        impl fmt::Debug for $key {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($key))
            }
        }
    )+};
}

controller_tag_keys! {
    /// Makes the tags by which a controller's contacts are found and kept unique.
    ///
    /// Random, wrapped by the root key, and the same through every rotation of the master.
    IndexKey, "index", "carnet index v1 ";

    /// Makes the tags of a controller's opt-outs.
    ///
    /// Never derived from a master: an opt-out must hold after the contact is erased and the master rotated, when
    /// nobody could compute its tag again. Its tags match none of [`IndexKey`]'s, so a suppression that outlives a
    /// contact cannot be joined with old copies of the index.
    SuppressionKey, "suppression", "carnet suppression v1 ";
}

/// Makes the vault-wide e-mail tags, in which the gate sees common addresses.
///
/// For the gate and nobody else: to all others, contacts of two controllers have nothing in common.
pub struct OverlapKey {
    vault: VaultId,
    key: SecretBytes,
    email: Hmac<Sha256>,
    inputs: Hmac<Sha256>,
}

impl OverlapKey {
    fn of(vault: VaultId, key: SecretBytes) -> Self {
        let of = |purpose: &[u8]| mac(&*derive_key(None, key.expose(), &[b"carnet overlap v1 ", purpose]));
        let (email, inputs) = (of(b"email"), of(b"inputs"));
        Self { vault, key, email, inputs }
    }

    /// A new random key.
    pub fn generate(vault: VaultId) -> Self {
        Self::of(vault, SecretBytes::random())
    }

    /// The label under which this key is wrapped; also what [`RootKey::rewrap`] needs.
    pub const fn label(vault: VaultId) -> Label<'static> {
        Label { vault, name: "overlap", controller: None, generation: 0 }
    }

    /// This key wrapped for storage.
    pub fn wrap(&self, root: &RootKey) -> Vec<u8> {
        root.wrap(&Self::label(self.vault), self.key.expose())
    }

    /// The key that was stored for this vault.
    ///
    /// # Errors
    /// As [`RootKey::unwrap`].
    pub fn unwrap(root: &RootKey, vault: VaultId, wrapped: &[u8]) -> Result<Self, KeyError> {
        let key = root.unwrap(&Self::label(vault), wrapped)?;
        Ok(Self::of(vault, SecretBytes::copy_of(&key)))
    }

    /// The tag of the mailbox that an e-mail address reaches ([`EmailAddress::mailbox`]).
    pub fn email_tag(&self, address: &EmailAddress) -> Tag {
        tag(&self.email, address.mailbox().as_bytes())
    }

    /// What stands for the digest of all that a verdict follows from: two of them can be compared, and nobody can try a guess of the rows.
    pub fn of_inputs(&self, digest: &[u8; 32]) -> [u8; 32] {
        self.inputs.clone().chain_update(digest).finalize().into_bytes().into()
    }
}

impl fmt::Debug for OverlapKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OverlapKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Field; 6] = [Field::Email, Field::Phone, Field::Word, Field::Domain, Field::Uid, Field::Source];

    #[test]
    fn the_vectors_of_rfc_4231_hold_in_their_first_16_bytes() {
        for (key, data, expected) in [
            (vec![0x0b; 20], b"Hi There".to_vec(), "b0344c61d8db38535ca8afceaf0bf12b"),
            (b"Jefe".to_vec(), b"what do ya want for nothing?".to_vec(), "5bdcc146bf60754e6a042426089575c7"),
            (vec![0xaa; 20], vec![0xdd; 50], "773ea91e36800e46854db8ebd09181a7"),
            (
                vec![0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
                "60e431591ee0b67f0d8a26aacbf5b77f",
            ),
        ] {
            assert_eq!(hex::encode(tag(&mac(&key), &data).as_bytes()), expected);
        }
        // Test case 5 of the RFC is itself truncated to 16 bytes.
        let truncated = tag(&mac(&[0x0c; 20]), b"Test With Truncation");
        assert_eq!(hex::encode(truncated.as_bytes()), "a3b6167473100ee06e0c796c2955552b");
    }

    #[test]
    fn one_value_has_another_tag_in_every_field_controller_and_kind_of_key() {
        let (one, two) = (ControllerId::from_bytes([1; 16]), ControllerId::from_bytes([2; 16]));
        let same = || SecretBytes::copy_of(&[7; 32]);
        let (index, suppression) = (IndexKey::of(one, same()), SuppressionKey::of(one, same()));
        let (other, overlap) = (IndexKey::generate(two), OverlapKey::of(VaultId::from_bytes([3; 16]), same()));
        let value = "ana@mail.example";
        let address: EmailAddress = value.parse().unwrap();
        let mut tags: Vec<Tag> = ALL.iter().map(|field| index.tag(*field, value)).collect();
        tags.extend(ALL.iter().map(|field| suppression.tag(*field, value)));
        tags.extend(ALL.iter().map(|field| other.tag(*field, value)));
        tags.push(overlap.email_tag(&address));
        let count = tags.len();
        tags.sort();
        tags.dedup();
        assert_eq!(tags.len(), count);
    }

    #[test]
    fn tags_are_the_same_after_wrapping_unwrapping_and_a_new_root_key() {
        let (old, new) = (RootKey::generate(), RootKey::generate());
        let (vault, controller) = (VaultId::from_bytes([1; 16]), ControllerId::from_bytes([2; 16]));
        let key = SuppressionKey::generate(controller);
        let label = SuppressionKey::label(vault, controller);
        let rewrapped = old.rewrap(&new, &label, &key.wrap(&old, vault)).unwrap();
        let again = SuppressionKey::unwrap(&new, vault, controller, &rewrapped).unwrap();
        assert_eq!(again.tag(Field::Email, "ana@mail.example"), key.tag(Field::Email, "ana@mail.example"));
        assert_eq!(IndexKey::unwrap(&new, vault, controller, &rewrapped).unwrap_err(), KeyError::Tampered);

        let overlap = OverlapKey::generate(vault);
        let again = OverlapKey::unwrap(&old, vault, &overlap.wrap(&old)).unwrap();
        let address: EmailAddress = "ana@mail.example".parse().unwrap();
        assert_eq!(again.email_tag(&address), overlap.email_tag(&address));
    }

    #[test]
    fn a_tag_prints_nothing_and_survives_storage() {
        let tag = IndexKey::generate(ControllerId::from_bytes([1; 16])).tag(Field::Word, "ana");
        assert_eq!(format!("{tag:?}"), "Tag");
        assert_eq!(Tag::from_bytes(*tag.as_bytes()), tag);
    }
}
