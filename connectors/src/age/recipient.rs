//! To whom a file is encrypted: an X25519 key (`age1...`) or a passphrase.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bech32::primitives::decode::CheckedHrpstring;
use chacha20poly1305::aead::Aead as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, Nonce};
use secrecy::{ExposeSecret as _, SecretString};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use super::header::Stanza;
use super::{FileKey, derived, random};

const X25519_LABEL: &[u8] = b"age-encryption.org/v1/X25519";
const SCRYPT_LABEL: &[u8] = b"age-encryption.org/v1/scrypt";
/// The work of one guess: 2^18 rounds, about a second, as the `age` tool has it.
const WORK_LOG2: u8 = 18;

/// Whoever can open a file.
pub enum Recipient {
    /// The holder of the identity that belongs to this public key.
    Key([u8; 32]),
    /// Whoever knows the passphrase.
    Passphrase(SecretString),
}

/// The text is no recipient of age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipientError {
    /// A secret key, which nobody should have been given.
    #[error(
        "this is a secret key (AGE-SECRET-KEY-1...); expected the public one, age1..., and its owner should make a new pair"
    )]
    Secret,
    /// Neither.
    #[error("this is not a recipient of age; expected age1 and 58 letters and digits, as age-keygen prints it")]
    NotAKey,
    /// A key with which everybody could open the file.
    #[error("this key is worthless: every file for it could be opened by anybody")]
    Weak,
    /// The key derivation refuses its input.
    #[error("the passphrase cannot be used")]
    Passphrase,
}

impl FromStr for Recipient {
    type Err = RecipientError;

    fn from_str(text: &str) -> Result<Self, RecipientError> {
        let text = text.trim();
        if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
            return Err(RecipientError::Secret);
        }
        let decoded = CheckedHrpstring::new::<bech32::Bech32>(text).map_err(|_| RecipientError::NotAKey)?;
        if decoded.hrp().as_str() != "age" {
            return Err(RecipientError::NotAKey);
        }
        let bytes: Vec<u8> = decoded.byte_iter().collect();
        let key = <[u8; 32]>::try_from(bytes).map_err(|_| RecipientError::NotAKey)?;
        Ok(Self::Key(key))
    }
}

impl Recipient {
    /// The line of the header that gives the file key to this recipient.
    pub(super) fn stanza(&self, key: &FileKey) -> Result<Stanza, RecipientError> {
        match self {
            Self::Key(public) => for_key(public, key),
            Self::Passphrase(passphrase) => for_passphrase(passphrase, key, WORK_LOG2),
        }
    }

    /// How it is encrypted, in a word.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Key(_) => "x25519",
            Self::Passphrase(_) => "scrypt",
        }
    }
}

fn for_key(public: &[u8; 32], key: &FileKey) -> Result<Stanza, RecipientError> {
    let secret = Zeroizing::new(random::<32>().map_err(|_| RecipientError::NotAKey)?);
    let secret = StaticSecret::from(*secret);
    let share = PublicKey::from(&secret);
    let shared = secret.diffie_hellman(&PublicKey::from(*public));
    if !shared.was_contributory() {
        return Err(RecipientError::Weak);
    }
    let salt = [share.as_bytes().as_slice(), public].concat();
    let wrapping = derived(&salt, shared.as_bytes(), X25519_LABEL);
    Ok(Stanza {
        arguments: vec!["X25519".to_owned(), STANDARD_NO_PAD.encode(share.as_bytes())],
        body: wrap(&wrapping, key)?,
    })
}

fn for_passphrase(passphrase: &SecretString, key: &FileKey, work_log2: u8) -> Result<Stanza, RecipientError> {
    let salt = random::<16>().map_err(|_| RecipientError::Passphrase)?;
    let params = scrypt::Params::new(work_log2, 8, 1).map_err(|_| RecipientError::Passphrase)?;
    let mut wrapping = Zeroizing::new([0; 32]);
    let salted = [SCRYPT_LABEL, &salt].concat();
    scrypt::scrypt(passphrase.expose_secret().as_bytes(), &salted, &params, &mut *wrapping)
        .map_err(|_| RecipientError::Passphrase)?;
    let arguments = vec!["scrypt".to_owned(), STANDARD_NO_PAD.encode(salt), work_log2.to_string()];
    Ok(Stanza { arguments, body: wrap(&wrapping, key)? })
}

/// The nonce is all zeros, as the format has it: the wrapping key is used for nothing else.
fn wrap(wrapping: &[u8; 32], key: &FileKey) -> Result<Vec<u8>, RecipientError> {
    let cipher = ChaCha20Poly1305::new(wrapping.into());
    cipher.encrypt(&Nonce::default(), key.as_slice()).map_err(|_| RecipientError::NotAKey)
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({})", self.kind())
    }
}
