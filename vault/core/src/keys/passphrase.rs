//! A root key locked by a passphrase, through Argon2id (RFC 9106).

use argon2::{Algorithm, Argon2, Block, Params, Version};
use secrecy::{ExposeSecret, SecretString};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::aead::{Cipher, NONCE_BYTES, TAG_BYTES};
use super::nonce::fresh_nonce;
use super::root::RootKey;
use crate::random::random_bytes;

pub(super) const SALT_BYTES: usize = 16;
pub(super) const SEALED_BYTES: usize = NONCE_BYTES + 32 + TAG_BYTES;
const ASSOCIATED: &[u8] = b"carnet-root-key-v1 argon2id";

/// What Argon2id costs: the owner once at each start, a guesser at each guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) memory_kib: u32,
    pub(super) passes: u32,
    pub(super) lanes: u32,
}

impl Cost {
    /// 64 MiB and three passes, as RFC 9106 section 4 says where memory is scarce.
    ///
    /// One lane where the RFC has four, because we compute on one core.
    pub(super) const DEFAULT: Self = Self { memory_kib: 65_536, passes: 3, lanes: 1 };
    /// The most that a key file may ask for, lest a planted one exhaust the machine.
    const MAX: Self = Self { memory_kib: 1024 * 1024, passes: 16, lanes: 16 };

    /// The parameters, if they are within what we allow and what Argon2 defines.
    fn params(self) -> Option<Params> {
        let allowed =
            self.memory_kib <= Self::MAX.memory_kib && self.passes <= Self::MAX.passes && self.lanes <= Self::MAX.lanes;
        let params = || Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).ok();
        allowed.then(params).flatten()
    }

    pub(super) fn is_allowed(self) -> bool {
        self.params().is_some()
    }
}

/// A root key as the key file keeps it under a passphrase.
pub(super) struct Locked {
    pub(super) cost: Cost,
    pub(super) salt: [u8; SALT_BYTES],
    pub(super) sealed: [u8; SEALED_BYTES],
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum UnlockError {
    WrongPassphrase,
    /// The machine does not have the memory, or the cost is beyond [`Cost::MAX`].
    TooCostly,
}

impl Locked {
    pub(super) fn lock(key: &RootKey, passphrase: &SecretString, cost: Cost) -> Result<Self, UnlockError> {
        let salt = random_bytes();
        let nonce = fresh_nonce();
        let mut text = Zeroizing::new(*key.expose());
        let tag = cipher(passphrase, &salt, cost)?.encrypt(&nonce, ASSOCIATED, text.as_mut_slice());
        let mut sealed = [0; SEALED_BYTES];
        for (to, from) in sealed.iter_mut().zip(nonce.iter().chain(text.iter()).chain(&tag)) {
            *to = *from;
        }
        Ok(Self { cost, salt, sealed })
    }

    pub(super) fn unlock(&self, passphrase: &SecretString) -> Result<RootKey, UnlockError> {
        let (nonce, rest) = self.sealed.split_first_chunk().ok_or(UnlockError::WrongPassphrase)?;
        let (text, tag) = rest.split_last_chunk().ok_or(UnlockError::WrongPassphrase)?;
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(text);
        cipher(passphrase, &self.salt, self.cost)?
            .decrypt(nonce, ASSOCIATED, key.as_mut_slice(), tag)
            .map_err(|_| UnlockError::WrongPassphrase)?;
        Ok(RootKey::from_bytes(&key))
    }
}

fn cipher(passphrase: &SecretString, salt: &[u8; SALT_BYTES], cost: Cost) -> Result<Cipher, UnlockError> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params().ok_or(UnlockError::TooCostly)?);
    let count = argon2.params().block_count();
    // Our own memory, because the crate's is given back without being overwritten; reserved first, because a machine
    // without enough of it should say so and not abort.
    let mut memory = Zeroizing::new(Vec::new());
    memory.try_reserve_exact(count).map_err(|_| UnlockError::TooCostly)?;
    memory.resize(count, Block::new());
    let mut key = Zeroizing::new([0; 32]);
    argon2
        .hash_password_into_with_memory(nfc(passphrase).as_bytes(), salt, key.as_mut_slice(), memory.as_mut_slice())
        .map_err(|_| UnlockError::TooCostly)?;
    Ok(Cipher::new(&key))
}

/// The passphrase in NFC (RFC 8265 section 4.2).
///
/// Keyboards do not agree on how an accented letter is typed.
fn nfc(passphrase: &SecretString) -> Zeroizing<String> {
    let typed = passphrase.expose_secret();
    // NFC takes at most three times the bytes (UAX 15), so growing never leaves a copy behind.
    let mut normal = Zeroizing::new(String::with_capacity(typed.len() * 3));
    normal.extend(typed.nfc());
    normal
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

    #[test]
    fn the_passphrase_opens_and_any_other_does_not() {
        let key = RootKey::generate();
        let locked = Locked::lock(&key, &"café du coin".into(), CHEAP).unwrap();
        assert!(locked.unlock(&"café du coin".into()).unwrap() == key);
        assert_eq!(locked.unlock(&"cafe du coin".into()).unwrap_err(), UnlockError::WrongPassphrase);
        assert_eq!(locked.unlock(&"".into()).unwrap_err(), UnlockError::WrongPassphrase);
    }

    #[test]
    fn an_accent_typed_as_one_character_or_as_two_is_the_same_passphrase() {
        let key = RootKey::generate();
        let locked = Locked::lock(&key, &"caf\u{e9}".into(), CHEAP).unwrap();
        assert!(locked.unlock(&"cafe\u{301}".into()).unwrap() == key);
    }

    #[test]
    fn a_cost_beyond_the_bounds_is_refused_before_any_memory_is_taken() {
        let locked = Locked::lock(&RootKey::generate(), &"x".into(), CHEAP).unwrap();
        for cost in [
            Cost { memory_kib: u32::MAX, ..CHEAP },
            Cost { memory_kib: 1024 * 1024 + 1, ..CHEAP },
            Cost { passes: 17, ..CHEAP },
            Cost { lanes: 17, ..CHEAP },
            Cost { memory_kib: 0, ..CHEAP },
            Cost { passes: 0, ..CHEAP },
        ] {
            assert_eq!(Locked { cost, ..locked }.unlock(&"x".into()).unwrap_err(), UnlockError::TooCostly, "{cost:?}");
        }
    }

    #[test]
    fn a_changed_cost_or_salt_gives_another_key() {
        let locked = Locked::lock(&RootKey::generate(), &"x".into(), CHEAP).unwrap();
        let dearer = Locked { cost: Cost { passes: 2, ..CHEAP }, ..locked };
        assert_eq!(dearer.unlock(&"x".into()).unwrap_err(), UnlockError::WrongPassphrase);
        let salted = Locked { salt: [0; 16], ..locked };
        assert_eq!(salted.unlock(&"x".into()).unwrap_err(), UnlockError::WrongPassphrase);
    }
}
