//! The form of a sealed value, and what can be wrong with one.

use std::fmt;

use zeroize::Zeroizing;

use super::aead::{NONCE_BYTES, TAG_BYTES};

/// The only format version so far.
pub(super) const VERSION: u8 = 1;
/// Version byte and key generation.
pub(super) const HEADER_BYTES: usize = 1 + 4;
/// Header and nonce: what stands before the ciphertext.
pub(super) const PREFIX_BYTES: usize = HEADER_BYTES + NONCE_BYTES;

/// Opened content, overwritten when dropped.
pub type Plaintext = Zeroizing<Vec<u8>>;

/// A sealed value: what the database holds instead of personal data.
///
/// | bytes | content |
/// | --- | --- |
/// | 1 | format version, 1 |
/// | 4 | generation of the key, big-endian |
/// | 12 | random nonce |
/// | n | ciphertext, as long as the plaintext |
/// | 16 | AES-256-GCM tag |
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

/// Why a sealed value does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Too short to hold a header, a nonce and a tag.
    #[error("a sealed value of {len} bytes is cut short (the least is {least}); restore the row from a backup",
        least = Sealed::OVERHEAD_BYTES)]
    Malformed {
        /// How many bytes there are.
        len: usize,
    },
    /// Written by a newer program.
    #[error(
        "a sealed value has format version {found}, and this program knows version {VERSION}; use the newer program \
        that wrote it"
    )]
    UnknownVersion {
        /// The version byte.
        found: u8,
    },
    /// The key at hand, or every key at hand, is of another generation.
    #[error(
        "a value is sealed under key generation {sealed}, which is not at hand; load all master keys of the controller"
    )]
    WrongGeneration {
        /// The generation that sealed the value.
        sealed: u32,
    },
    /// The tag does not match: changed, moved, or another contact's key.
    #[error(
        "a sealed value does not open where it stands: it was changed or moved; check with `carnet audit verify` and \
        restore the row from a backup"
    )]
    Tampered,
}

impl Sealed {
    /// How many bytes longer a sealed value is than its plaintext.
    pub const OVERHEAD_BYTES: usize = PREFIX_BYTES + TAG_BYTES;

    /// Takes bytes from the database, checking version and length.
    ///
    /// Nothing else can be checked without the key.
    ///
    /// # Errors
    /// [`OpenError::Malformed`] and [`OpenError::UnknownVersion`].
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Result<Self, OpenError> {
        let bytes = bytes.into();
        match bytes.first() {
            Some(&version) if version != VERSION => Err(OpenError::UnknownVersion { found: version }),
            Some(_) if bytes.len() >= Self::OVERHEAD_BYTES => Ok(Self(bytes)),
            _ => Err(OpenError::Malformed { len: bytes.len() }),
        }
    }

    /// For bytes that were just put together by sealing.
    pub(super) const fn from_sealing(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The generation of the key that sealed this.
    pub fn generation(&self) -> u32 {
        self.0.get(1..HEADER_BYTES).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes)
    }

    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes to store, without a copy.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Nonce, ciphertext and tag, which [`Sealed::parse`] made sure are there.
    pub(super) fn parts(&self) -> Option<(&[u8; NONCE_BYTES], &[u8], &[u8; TAG_BYTES])> {
        let (nonce, rest) = self.0.get(HEADER_BYTES..)?.split_first_chunk()?;
        let (ciphertext, tag) = rest.split_last_chunk()?;
        Some((nonce, ciphertext, tag))
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed(generation {}, {} bytes)", self.generation(), self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_short_or_of_another_version_is_refused_with_its_reason() {
        assert_eq!(Sealed::parse([]), Err(OpenError::Malformed { len: 0 }));
        assert_eq!(Sealed::parse([1; 32]), Err(OpenError::Malformed { len: 32 }));
        assert_eq!(Sealed::parse([2; 40]), Err(OpenError::UnknownVersion { found: 2 }));
        assert_eq!(Sealed::parse([1; 33]).unwrap().generation(), 0x0101_0101);
    }

    #[test]
    fn debug_shows_generation_and_size_but_no_bytes() {
        let mut bytes = vec![0xAB; 50];
        bytes[..5].copy_from_slice(&[1, 0, 0, 0, 7]);
        assert_eq!(format!("{:?}", Sealed::parse(bytes).unwrap()), "Sealed(generation 7, 50 bytes)");
    }
}
