//! Keys of signed notes: their names, ids and text form, and what signs (C2SP signed-note, tlog-cosignature).
//!
//! It knows two of the registered kinds, both Ed25519 (RFC 8032): a log's signature and a witness's timed cosignature.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// What a key's signatures say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// Type 0x01: Ed25519 over the text of the note; how a log signs.
    Log,
    /// Type 0x04: Ed25519 over a time and the text; how a witness says that it saw a checkpoint.
    Witness,
}

impl KeyKind {
    const fn type_byte(self) -> u8 {
        match self {
            Self::Log => 0x01,
            Self::Witness => 0x04,
        }
    }
}

/// The text is not a verifier key that this program can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Empty, or with a space, a plus sign or a control character.
    #[error("a key's name must not be empty nor hold a space, a plus sign or a control character")]
    Name,
    /// Not `name+id+base64`.
    #[error("not a verifier key; expected NAME+ID+BASE64, such as the line that the vault's owner gave you")]
    Form,
    /// A kind of key that is not supported.
    #[error("key type 0x{0:02x} is not supported; expected Ed25519 (0x01) or an Ed25519 cosignature (0x04)")]
    Kind(u8),
    /// The id does not follow from the name and the key.
    #[error("the key's id does not fit its name and bytes; the line was changed or miscopied")]
    Id,
    /// No key has these bytes, or a key that would accept signatures that nobody made.
    #[error("the key's bytes are not a sound Ed25519 public key")]
    Bytes,
}

/// What checks a signature: a name, a kind and an Ed25519 public key.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    id: [u8; 4],
    key: VerifyingKey,
}

impl VerifierKey {
    /// A key from its parts.
    ///
    /// # Errors
    /// [`KeyError::Name`] or [`KeyError::Bytes`].
    pub fn new(name: &str, kind: KeyKind, public_key: &[u8; 32]) -> Result<Self, KeyError> {
        check_name(name)?;
        let key = VerifyingKey::from_bytes(public_key).map_err(|_| KeyError::Bytes)?;
        if key.is_weak() {
            return Err(KeyError::Bytes);
        }
        Ok(Self { name: name.to_owned(), kind, id: key_id(name, kind, public_key), key })
    }

    /// The name, equal to the origin for a log's key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its signatures say.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The first 4 bytes of SHA-256 over name, newline, type and public key.
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// The Ed25519 public key.
    pub fn public_key(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Checks what stands after the key id in a signature line; the outer `None` means that it fails.
    ///
    /// Answers the time of a cosignature in seconds since 1970, and no time for a log's signature.
    pub(super) fn check(&self, text: &str, signature: &[u8]) -> Option<Option<u64>> {
        match self.kind {
            KeyKind::Log => {
                self.check_bytes(text.as_bytes(), signature)?;
                Some(None)
            }
            KeyKind::Witness => {
                let (time, signature) = signature.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                self.check_bytes(cosigned_message(text, time).as_bytes(), signature)?;
                Some(Some(time))
            }
        }
    }

    fn check_bytes(&self, message: &[u8], signature: &[u8]) -> Option<()> {
        let signature = Signature::from_slice(signature).ok()?;
        self.key.verify_strict(message, &signature).ok()
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![self.kind.type_byte()];
        bytes.extend(self.public_key());
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id), STANDARD.encode(bytes))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        // From the left: base64 may hold plus signs, a name and an id may not.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::Form);
        };
        let bytes = STANDARD.decode(key).map_err(|_| KeyError::Form)?;
        let (kind, key) = match bytes.split_first() {
            Some((0x01, key)) => (KeyKind::Log, key),
            Some((0x04, key)) => (KeyKind::Witness, key),
            Some((other, _)) => return Err(KeyError::Kind(*other)),
            None => return Err(KeyError::Form),
        };
        let parsed = Self::new(name, kind, key.try_into().map_err(|_| KeyError::Bytes)?)?;
        if hex::encode(parsed.id) == id { Ok(parsed) } else { Err(KeyError::Id) }
    }
}

/// What signs notes: a name and an Ed25519 key, wiped from memory when dropped.
pub struct NoteSigner {
    name: String,
    key: SigningKey,
}

impl NoteSigner {
    /// A signer from its name and the 32-byte seed of its key (RFC 8032 section 5.1.5).
    ///
    /// # Errors
    /// [`KeyError::Name`].
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        check_name(name)?;
        Ok(Self { name: name.to_owned(), key: SigningKey::from_bytes(seed) })
    }

    /// The name, which is the origin of the checkpoints that it may sign.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key with which others check its signatures of this kind.
    pub fn verifier_key(&self, kind: KeyKind) -> VerifierKey {
        let key = self.key.verifying_key();
        VerifierKey { name: self.name.clone(), kind, id: key_id(&self.name, kind, key.as_bytes()), key }
    }

    /// What stands after the key id in a log's signature line.
    pub(super) fn sign_text(&self, text: &str) -> Vec<u8> {
        self.key.sign(text.as_bytes()).to_bytes().to_vec()
    }

    /// What stands after the key id in a witness's signature line: the time and the signature.
    pub(super) fn cosign_text(&self, text: &str, time_s: u64) -> Vec<u8> {
        let mut bytes = time_s.to_be_bytes().to_vec();
        bytes.extend(self.key.sign(cosigned_message(text, time_s).as_bytes()).to_bytes());
        bytes
    }
}

impl fmt::Debug for NoteSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoteSigner({}, key hidden)", self.name)
    }
}

/// What a witness signs: the time is part of it, so that it cannot be moved.
fn cosigned_message(text: &str, time_s: u64) -> String {
    format!("cosignature/v1\ntime {time_s}\n{text}")
}

fn key_id(name: &str, kind: KeyKind, public_key: &[u8; 32]) -> [u8; 4] {
    let digest =
        Sha256::new().chain_update(name).chain_update([b'\n', kind.type_byte()]).chain_update(public_key).finalize();
    let [a, b, c, d, ..]: [u8; 32] = digest.into();
    [a, b, c, d]
}

pub(super) fn check_name(name: &str) -> Result<(), KeyError> {
    let bad = |c: char| c.is_whitespace() || c == '+' || c.is_control();
    if name.is_empty() || name.contains(bad) { Err(KeyError::Name) } else { Ok(()) }
}
