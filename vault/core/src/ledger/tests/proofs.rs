//! Proof files: written, read, and worthless once a bit is changed.

use proptest::prelude::*;

use super::*;

fn proof_of(entries: &[Vec<u8>], index: u64) -> TlogProof {
    let hashes = tree_of(entries).inclusion_proof(entries.len() as u64, index).unwrap();
    TlogProof { extra: None, index, hashes, checkpoint: signed(entries) }
}

#[test]
fn a_proof_file_stands_alone() {
    let entries = some_entries(11);
    let mut proof = proof_of(&entries, 6);
    let text = proof.to_string();
    assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 6\n"), "{text}");
    let read = TlogProof::parse(text.as_bytes()).unwrap();
    assert_eq!(read, proof);
    assert_eq!(read.verify(&entries[6], &key(LOG_KEY)).unwrap(), checkpoint_of(&entries));
    assert_eq!(read.verify(&entries[5], &key(LOG_KEY)), Err(ProofError::Path(PathError::RootDiffers)));
    assert!(matches!(read.verify(&entries[6], &key(EXAMPLE_KEY)), Err(ProofError::Trust(TrustError::UnknownLog))));

    proof.extra = Some(b"for you".to_vec());
    let text = proof.to_string();
    assert!(text.contains("\nextra Zm9yIHlvdQ==\nindex 6\n"), "{text}");
    assert_eq!(TlogProof::parse(text.as_bytes()).unwrap(), proof);
}

#[test]
fn a_proof_may_have_to_show_its_witnesses() {
    let entries = some_entries(11);
    let policy = TrustPolicy::parse(&format!("log {LOG_KEY}\nwitness w {WITNESS_KEY}\nquorum w\n")).unwrap();
    let mut proof = proof_of(&entries, 0);
    assert!(matches!(proof.verify_under(&entries[0], &policy), Err(ProofError::Trust(TrustError::Quorum { have: 0 }))));
    proof.checkpoint.cosign(&witness(), 5);
    assert!(proof.verify_under(&entries[0], &policy).is_ok());
}

#[test]
fn the_only_entry_needs_no_hash_and_an_index_beyond_the_end_proves_nothing() {
    let entries = some_entries(1);
    let mut proof = proof_of(&entries, 0);
    assert!(proof.hashes.is_empty());
    let read = TlogProof::parse(proof.to_string().as_bytes()).unwrap();
    assert!(read.verify(&entries[0], &key(LOG_KEY)).is_ok());
    proof.index = u64::MAX;
    let beyond = PathError::IndexBeyondSize { index: u64::MAX, size: 1 };
    assert_eq!(proof.verify(&entries[0], &key(LOG_KEY)), Err(ProofError::Path(beyond)));
}

#[test]
fn what_is_not_exactly_a_proof_file_is_refused() {
    let good = proof_of(&some_entries(11), 6).to_string();
    let first_hash = good.lines().nth(2).unwrap();
    for (bad, line) in [
        (good.replacen("@v1", "@v2", 1), 1),
        (good.replacen("index 6", "index 06", 1), 2),
        (good.replacen("index 6", "index -6", 1), 2),
        (good.replacen("index 6\n", "", 1), 2),
        (good.replacen("index", "extra ?\nindex", 1), 2),
        (good.replacen("index", "extra AA==\nextra AA==\nindex", 1), 3),
        (good.replacen(first_hash, "AAAA", 1), 3),
        (good.replacen(first_hash, format!("{first_hash}\n").repeat(65).trim_end(), 1), 67),
    ] {
        assert_eq!(TlogProof::parse(bad.as_bytes()), Err(ProofError::Line(line)), "{bad}");
    }
    assert!(matches!(TlogProof::parse(good.trim_end().as_bytes()), Err(ProofError::Note(_))));
    assert_eq!(TlogProof::parse(&vec![b'a'; 3 << 20]), Err(ProofError::TooLarge));
}

proptest! {
    #[test]
    fn a_proof_file_with_any_bit_flipped_proves_nothing(
        size in 1_u64..80, place in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0..8
    ) {
        let entries = some_entries(size);
        let index = place.index(entries.len());
        let mut bytes = proof_of(&entries, index as u64).to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        let verified = TlogProof::parse(&bytes).and_then(|proof| proof.verify(&entries[index], &key(LOG_KEY)));
        prop_assert!(verified.is_err());
    }
}
