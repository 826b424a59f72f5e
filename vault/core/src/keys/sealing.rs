//! Sealing and opening, written once for every key that does it.

use std::fmt;

use zeroize::Zeroizing;

use super::aead::{Cipher, NONCE_BYTES};
use super::nonce::fresh_nonce;
use super::place::Place;
use super::sealed::{HEADER_BYTES, OpenError, PREFIX_BYTES, Plaintext, Sealed, VERSION};

/// A key that seals, with the generation that it writes on what it seals.
pub(super) struct SealingKey {
    cipher: Cipher,
    generation: u32,
}

impl SealingKey {
    pub(super) fn new(key: &[u8; 32], generation: u32) -> Self {
        Self { cipher: Cipher::new(key), generation }
    }

    pub(super) const fn generation(&self) -> u32 {
        self.generation
    }

    pub(super) fn seal(&self, place: &Place<'_>, plaintext: &[u8]) -> Sealed {
        self.seal_with_nonce(&fresh_nonce(), place, plaintext)
    }

    fn seal_with_nonce(&self, nonce: &[u8; NONCE_BYTES], place: &Place<'_>, plaintext: &[u8]) -> Sealed {
        let header = self.header();
        let mut bytes = Vec::with_capacity(plaintext.len() + Sealed::OVERHEAD_BYTES);
        bytes.extend_from_slice(&header);
        bytes.extend_from_slice(nonce);
        bytes.extend_from_slice(plaintext);
        let text = bytes.get_mut(PREFIX_BYTES..).unwrap_or_default();
        let tag = self.cipher.encrypt(nonce, &place.associated_data(&header), text);
        bytes.extend_from_slice(&tag);
        Sealed::from_sealing(bytes)
    }

    pub(super) fn open(&self, place: &Place<'_>, sealed: &Sealed) -> Result<Plaintext, OpenError> {
        if sealed.generation() != self.generation {
            return Err(OpenError::WrongGeneration { sealed: sealed.generation() });
        }
        let len = sealed.as_bytes().len();
        let (nonce, ciphertext, tag) = sealed.parts().ok_or(OpenError::Malformed { len })?;
        let mut text = Zeroizing::new(ciphertext.to_vec());
        let associated = place.associated_data(&self.header());
        self.cipher.decrypt(nonce, &associated, &mut text, tag).map_err(|_| OpenError::Tampered)?;
        Ok(text)
    }

    fn header(&self) -> [u8; HEADER_BYTES] {
        let [a, b, c, d] = self.generation.to_be_bytes();
        [VERSION, a, b, c, d]
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "generation {}", self.generation)
    }
}
