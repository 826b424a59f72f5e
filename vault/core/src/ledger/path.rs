//! Checking inclusion and consistency proofs, step by step as RFC 9162 writes it.
//!
//! Two functions without state; a tool in another language can be compared with them line by line.

use super::tree::{TreeHash, node_hash};

/// A proof does not prove what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The leaf is not in a tree of that size.
    #[error("entry {index} is beyond a ledger of {size} entries")]
    IndexBeyondSize {
        /// The index asked for.
        index: u64,
        /// The size of the tree.
        size: u64,
    },
    /// There is no proof from nothing, nor from a larger tree to a smaller one.
    #[error("no proof leads from size {old} to size {new}; the first must be at least 1 and at most the second")]
    Sizes {
        /// The older size.
        old: u64,
        /// The newer size.
        new: u64,
    },
    /// Too few or too many hashes for these sizes.
    #[error("the proof has the wrong number of hashes for these sizes")]
    WrongLength,
    /// The hashes lead to another root: an entry, the proof or the root was changed.
    #[error("the proof leads to another root; an entry, the proof or the root was changed")]
    RootDiffers,
}

/// Checks that the leaf is entry `index` of the tree with this size and root (RFC 9162 section 2.1.3.2).
///
/// # Errors
/// [`PathError`] when the proof does not show it.
pub fn verify_inclusion(
    leaf: &TreeHash,
    index: u64,
    size: u64,
    proof: &[TreeHash],
    root: &TreeHash,
) -> Result<(), PathError> {
    if index >= size {
        return Err(PathError::IndexBeyondSize { index, size });
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(PathError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(PathError::WrongLength);
    }
    if hash == *root { Ok(()) } else { Err(PathError::RootDiffers) }
}

/// Checks that the tree `new` begins with all leaves of the tree `old` (RFC 9162 section 2.1.4.2).
///
/// Each tree is given as its size and root. An old size of zero is refused: nothing follows from it.
///
/// # Errors
/// [`PathError`] when the proof does not show it.
pub fn verify_consistency(old: (u64, &TreeHash), new: (u64, &TreeHash), proof: &[TreeHash]) -> Result<(), PathError> {
    let ((old_size, old_root), (new_size, new_root)) = (old, new);
    if old_size == 0 || old_size > new_size {
        return Err(PathError::Sizes { old: old_size, new: new_size });
    }
    if old_size == new_size {
        return match (proof.is_empty(), old_root == new_root) {
            (false, _) => Err(PathError::WrongLength),
            (true, false) => Err(PathError::RootDiffers),
            (true, true) => Ok(()),
        };
    }
    // A power of two is itself a node of the newer tree, so the proof leaves it out.
    let (first, rest) = if old_size.is_power_of_two() {
        if proof.is_empty() {
            return Err(PathError::WrongLength);
        }
        (old_root, proof)
    } else {
        proof.split_first().ok_or(PathError::WrongLength)?
    };
    let shift = (old_size - 1).trailing_ones();
    let (mut node, mut last) = ((old_size - 1) >> shift, (new_size - 1) >> shift);
    let (mut old_hash, mut new_hash) = (*first, *first);
    for hash in rest {
        if last == 0 {
            return Err(PathError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(hash, &old_hash);
            new_hash = node_hash(hash, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, hash);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(PathError::WrongLength);
    }
    if old_hash == *old_root && new_hash == *new_root { Ok(()) } else { Err(PathError::RootDiffers) }
}
