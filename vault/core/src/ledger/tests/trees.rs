//! The tree against known answers, against the definition, and against every change of a proof.

use proptest::prelude::*;

use super::*;

fn hash(hex_text: &str) -> TreeHash {
    let mut bytes = [0; 32];
    hex::decode_to_slice(hex_text, &mut bytes).unwrap();
    TreeHash::from_bytes(bytes)
}

fn texts(value: &serde_json::Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn vectors() -> (serde_json::Value, Vec<Vec<u8>>) {
    let vectors: serde_json::Value = serde_json::from_str(include_str!("../vectors/tree.json")).unwrap();
    let leaves = texts(&vectors["leaves"]).into_iter().map(|leaf| hex::decode(leaf).unwrap()).collect();
    (vectors, leaves)
}

#[test]
fn leaf_hashes_and_roots_are_those_of_certificate_transparency() {
    let (vectors, leaves) = vectors();
    for (leaf, expected) in leaves.iter().zip(texts(&vectors["leaf_hashes"])) {
        assert_eq!(leaf_hash(leaf), hash(expected));
    }
    let tree = tree_of(&leaves);
    for (size, expected) in texts(&vectors["roots"]).into_iter().enumerate() {
        assert_eq!(merkle_root(&leaves[..size]), hash(expected), "size {size}");
        assert_eq!(tree.root(size as u64).unwrap(), hash(expected), "size {size}");
    }
    assert_eq!(leaf_hash(b"L123456"), hash("395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"));
}

#[test]
fn proofs_are_those_of_the_vectors() {
    let (vectors, leaves) = vectors();
    let tree = tree_of(&leaves);
    for vector in vectors["inclusion"].as_array().unwrap() {
        let (index, size) = (vector["index"].as_u64().unwrap(), vector["size"].as_u64().unwrap());
        let proof: Vec<_> = texts(&vector["proof"]).into_iter().map(hash).collect();
        assert_eq!(tree.inclusion_proof(size, index).unwrap(), proof, "{vector}");
        let leaf = leaf_hash(&leaves[index as usize]);
        verify_inclusion(&leaf, index, size, &proof, &tree.root(size).unwrap()).unwrap();
    }
    for vector in vectors["consistency"].as_array().unwrap() {
        let (old, new) = (vector["old"].as_u64().unwrap(), vector["new"].as_u64().unwrap());
        let proof: Vec<_> = texts(&vector["proof"]).into_iter().map(hash).collect();
        assert_eq!(tree.consistency_proof(old, new).unwrap(), proof, "{vector}");
        verify_consistency((old, &tree.root(old).unwrap()), (new, &tree.root(new).unwrap()), &proof).unwrap();
    }
}

/// MTH of RFC 9162 section 2.1.1, as it is written there.
fn by_definition(leaves: &[Vec<u8>]) -> TreeHash {
    match leaves {
        [] => empty_root(),
        [leaf] => leaf_hash(leaf),
        _ => {
            let middle = leaves.len().next_power_of_two() / 2;
            node_hash(&by_definition(&leaves[..middle]), &by_definition(&leaves[middle..]))
        }
    }
}

#[test]
fn every_root_up_to_300_leaves_is_that_of_the_definition() {
    let leaves = some_entries(300);
    let tree = tree_of(&leaves);
    let mut frontier = Frontier::default();
    for size in 0..=300 {
        let expected = by_definition(&leaves[..size]);
        assert_eq!(frontier.root(), expected, "size {size}");
        assert_eq!(tree.root(size as u64).unwrap(), expected, "size {size}");
        assert_eq!(Frontier::from_bytes(&frontier.to_bytes()).unwrap(), frontier);
        if let Some(leaf) = leaves.get(size) {
            frontier.append(leaf_hash(leaf));
        }
    }
}

#[test]
fn every_proof_between_all_sizes_up_to_40_verifies() {
    let leaves = some_entries(40);
    let tree = tree_of(&leaves);
    let roots: Vec<_> = (0..=40).map(|size| tree.root(size).unwrap()).collect();
    for new in 1..=40_u64 {
        for old in 1..=new {
            let proof = tree.consistency_proof(old, new).unwrap();
            verify_consistency((old, &roots[old as usize]), (new, &roots[new as usize]), &proof).unwrap();
            let index = old - 1;
            let proof = tree.inclusion_proof(new, index).unwrap();
            let leaf = leaf_hash(&leaves[index as usize]);
            verify_inclusion(&leaf, index, new, &proof, &roots[new as usize]).unwrap();
        }
    }
}

#[test]
fn nothing_is_proved_from_nothing_or_backwards_or_beyond_the_end() {
    let leaves = some_entries(5);
    let (tree, root) = (tree_of(&leaves), merkle_root(&leaves));
    let empty = empty_root();
    assert_eq!(verify_consistency((0, &empty), (5, &root), &[]), Err(PathError::Sizes { old: 0, new: 5 }));
    assert_eq!(verify_consistency((5, &root), (4, &root), &[]), Err(PathError::Sizes { old: 5, new: 4 }));
    assert_eq!(verify_consistency((4, &root), (5, &root), &[]), Err(PathError::WrongLength));
    assert_eq!(verify_consistency((3, &root), (5, &root), &[]), Err(PathError::WrongLength));
    assert_eq!(verify_consistency((5, &root), (5, &root), &[root]), Err(PathError::WrongLength));
    assert_eq!(verify_consistency((5, &root), (5, &empty), &[]), Err(PathError::RootDiffers));
    assert!(tree.consistency_proof(0, 5).is_err() && tree.consistency_proof(5, 4).is_err());
    assert!(tree.consistency_proof(5, 6).is_err() && tree.inclusion_proof(5, 5).is_err());
    assert!(tree.inclusion_proof(u64::MAX, 0).is_err());
    let index = u64::MAX;
    assert_eq!(
        verify_inclusion(&root, index, index, &[], &root),
        Err(PathError::IndexBeyondSize { index, size: index })
    );
    assert_eq!(verify_inclusion(&root, 0, u64::MAX, &[root; 70], &root), Err(PathError::WrongLength));
    assert!(verify_consistency((u64::MAX - 1, &root), (u64::MAX, &root), &[root; 70]).is_err());
}

#[test]
fn a_stored_frontier_with_other_than_its_hashes_is_refused() {
    let mut frontier = Frontier::default();
    some_entries(11).iter().for_each(|leaf| frontier.append(leaf_hash(leaf)));
    let bytes = frontier.to_bytes();
    assert_eq!(bytes.len(), 8 + 3 * 32);
    assert!(Frontier::from_bytes(&bytes[..bytes.len() - 1]).is_err());
    assert!(Frontier::from_bytes(&bytes[..bytes.len() - 32]).is_err());
    assert!(Frontier::from_bytes(&[bytes.as_slice(), &[0; 32]].concat()).is_err());
    assert!(Frontier::from_bytes(&[0; 7]).is_err());
    assert!(Frontier::from_bytes(&[[0xff_u8; 8].as_slice(), &[0; 64 * 32]].concat()).is_err());
}

fn flip(hashes: &[TreeHash], bit: usize) -> Vec<TreeHash> {
    let mut changed = hashes.to_vec();
    let mut bytes = *changed[bit / 256].as_bytes();
    bytes[bit % 256 / 8] ^= 1 << (bit % 8);
    changed[bit / 256] = TreeHash::from_bytes(bytes);
    changed
}

proptest! {
    #[test]
    fn a_proof_from_any_state_verifies_and_with_any_bit_flipped_does_not(
        size in 1_u64..700, place in any::<prop::sample::Index>(), bit in any::<prop::sample::Index>()
    ) {
        let leaves = some_entries(size);
        let tree = tree_of(&leaves);
        let root = tree.root(size).unwrap();
        let index = place.index(leaves.len()) as u64;
        let leaf = leaf_hash(&leaves[index as usize]);
        let proof = tree.inclusion_proof(size, index).unwrap();
        verify_inclusion(&leaf, index, size, &proof, &root).unwrap();
        // Leaf, root and path together, so that each bit of each may be the one that flips.
        let all = [&[leaf, root], proof.as_slice()].concat();
        let bad = flip(&all, bit.index(all.len() * 256));
        prop_assert!(verify_inclusion(&bad[0], index, size, &bad[2..], &bad[1]).is_err());
        prop_assert!(verify_inclusion(&leaf, index ^ 1, size, &proof, &root).is_err() || size == 1);

        let old = index + 1;
        let old_root = tree.root(old).unwrap();
        let proof = tree.consistency_proof(old, size).unwrap();
        verify_consistency((old, &old_root), (size, &root), &proof).unwrap();
        let all = [&[old_root, root], proof.as_slice()].concat();
        let bad = flip(&all, bit.index(all.len() * 256));
        prop_assert!(verify_consistency((old, &bad[0]), (size, &bad[1]), &bad[2..]).is_err());
    }
}
