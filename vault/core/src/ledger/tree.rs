//! The Merkle tree of RFC 9162 section 2.1 (the same hashing as RFC 6962): hashes, roots and the making of proofs.
//!
//! It owns no storage: whoever keeps the nodes says so through [`HashSource`]. Checking proofs is in [`super::path`].

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::path::PathError;

/// A SHA-256 hash of the tree: a leaf, a node or a root.
///
/// Printed as padded base64, as in checkpoints and proof files.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreeHash([u8; 32]);

impl TreeHash {
    /// The hash with these 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for TreeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TreeHash({self})")
    }
}

/// The text is not 32 bytes in padded base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a hash; expected 32 bytes in padded base64")]
pub struct HashError;

impl FromStr for TreeHash {
    type Err = HashError;

    fn from_str(text: &str) -> Result<Self, HashError> {
        let bytes = STANDARD.decode(text).map_err(|_| HashError)?;
        bytes.try_into().map(Self).map_err(|_| HashError)
    }
}

/// The hash of a leaf: SHA-256 of 0x00 and its data.
pub fn leaf_hash(data: &[u8]) -> TreeHash {
    TreeHash(Sha256::new().chain_update([0]).chain_update(data).finalize().into())
}

/// The hash of a node: SHA-256 of 0x01 and its two children.
pub fn node_hash(left: &TreeHash, right: &TreeHash) -> TreeHash {
    TreeHash(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
}

/// The root of the tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> TreeHash {
    TreeHash(Sha256::digest([]).into())
}

/// The root over these leaves' data, in this order.
pub fn merkle_root<L: AsRef<[u8]>>(leaves: impl IntoIterator<Item = L>) -> TreeHash {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.append(leaf_hash(leaf.as_ref()));
    }
    frontier.root()
}

/// Most leaves that a stored frontier may claim; no ledger gets there, and no sum with it overflows.
const MAX_SIZE: u64 = 1 << 62;

/// All that is needed to append to a tree: the roots of its perfect subtrees, largest first (at most 62 hashes).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<TreeHash>,
}

/// The bytes are not a stored frontier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not the frontier of a tree; rebuild it from the entries")]
pub struct FrontierError;

impl Frontier {
    /// How many leaves were appended.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends one leaf.
    pub fn append(&mut self, leaf: TreeHash) {
        self.append_with(leaf, |_, _, _| {});
    }

    /// Appends one leaf and names each perfect subtree that it completes: level, index at that level, hash.
    ///
    /// The leaf itself comes first, as level 0. Whoever stores these can serve as a [`HashSource`].
    pub fn append_with(&mut self, leaf: TreeHash, mut completed: impl FnMut(u8, u64, TreeHash)) {
        let (mut level, mut index, mut hash) = (0, self.size, leaf);
        completed(level, index, hash);
        while index & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            level += 1;
            index >>= 1;
            completed(level, index, hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root over all leaves appended so far.
    pub fn root(&self) -> TreeHash {
        self.peaks.iter().rev().copied().reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root)
    }

    /// The size as 8 bytes, most significant first, then the peaks, largest first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.size.to_be_bytes().to_vec();
        bytes.extend(self.peaks.iter().flat_map(|peak| peak.0));
        bytes
    }

    /// Reads what [`Frontier::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`FrontierError`] when the number of hashes does not fit the size.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrontierError> {
        let (size, hashes) = bytes.split_first_chunk::<8>().ok_or(FrontierError)?;
        let size = u64::from_be_bytes(*size);
        let (hashes, rest) = hashes.as_chunks::<32>();
        if size > MAX_SIZE || !rest.is_empty() || hashes.len() != size.count_ones() as usize {
            return Err(FrontierError);
        }
        Ok(Self { size, peaks: hashes.iter().copied().map(TreeHash).collect() })
    }
}

/// A proof could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProveError<E> {
    /// There is no such proof.
    #[error(transparent)]
    NoSuchProof(PathError),
    /// A node could not be had.
    #[error("a node of the tree cannot be read")]
    Source(#[source] E),
}

/// Somewhere that keeps the hashes of perfect subtrees.
pub trait HashSource {
    /// Why a hash cannot be had.
    type Error;

    /// The hash of the perfect subtree number `index` among those of 2^`level` leaves.
    ///
    /// # Errors
    /// Whatever keeps the source from answering.
    fn hash(&self, level: u8, index: u64) -> Result<TreeHash, Self::Error>;

    /// The root of the first `size` leaves.
    ///
    /// # Errors
    /// Whatever keeps the source from answering.
    fn root(&self, size: u64) -> Result<TreeHash, Self::Error> {
        range_hash(self, 0, size)
    }

    /// The path from leaf `index` to the root of the first `size` leaves, leaf's sibling first (RFC 9162 2.1.3.1).
    ///
    /// # Errors
    /// [`ProveError::NoSuchProof`] when the index is not below the size.
    fn inclusion_proof(&self, size: u64, index: u64) -> Result<Vec<TreeHash>, ProveError<Self::Error>> {
        if index >= size {
            return Err(ProveError::NoSuchProof(PathError::IndexBeyondSize { index, size }));
        }
        let (mut start, mut end, mut path) = (0, size, Vec::new());
        while end - start > 1 {
            let middle = start + split(end - start);
            if index < middle {
                path.push(range_hash(self, middle, end).map_err(ProveError::Source)?);
                end = middle;
            } else {
                path.push(range_hash(self, start, middle).map_err(ProveError::Source)?);
                start = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// The proof that the first `old` leaves of `new` are those of the tree of size `old` (RFC 9162 2.1.4.1).
    ///
    /// # Errors
    /// [`ProveError::NoSuchProof`] when `old` is zero or above `new`.
    fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<TreeHash>, ProveError<Self::Error>> {
        if old == 0 || old > new {
            return Err(ProveError::NoSuchProof(PathError::Sizes { old, new }));
        }
        let (mut start, mut end, mut path, mut known) = (0, new, Vec::new(), true);
        while old != end {
            let middle = start + split(end - start);
            if old <= middle {
                path.push(range_hash(self, middle, end).map_err(ProveError::Source)?);
                end = middle;
            } else {
                path.push(range_hash(self, start, middle).map_err(ProveError::Source)?);
                start = middle;
                known = false;
            }
        }
        if !known {
            path.push(range_hash(self, start, end).map_err(ProveError::Source)?);
        }
        path.reverse();
        Ok(path)
    }
}

/// The largest power of two strictly below `size`, which must be at least 2.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// The root of the leaves from `start` to before `end`; `start` is where RFC 9162 splits, so its peaks are aligned.
fn range_hash<S: HashSource + ?Sized>(source: &S, mut start: u64, end: u64) -> Result<TreeHash, S::Error> {
    let mut peaks = Vec::new();
    while start < end {
        let level = (end - start).ilog2();
        peaks.push(source.hash(u8::try_from(level).unwrap_or(63), start >> level)?);
        start += 1 << level;
    }
    Ok(peaks.into_iter().rev().reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root))
}

/// A tree held in memory, with all its nodes.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree {
    frontier: Frontier,
    levels: Vec<Vec<TreeHash>>,
}

/// The tree has no such node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tree has no node {index} at level {level}; it is smaller than what was asked of it")]
pub struct NoSuchNode {
    /// The level, 0 for leaves.
    pub level: u8,
    /// The index at that level.
    pub index: u64,
}

impl MemoryTree {
    /// Appends one leaf.
    pub fn append(&mut self, leaf: TreeHash) {
        let levels = &mut self.levels;
        self.frontier.append_with(leaf, |level, _, hash| match levels.get_mut(usize::from(level)) {
            Some(nodes) => nodes.push(hash),
            None => levels.push(vec![hash]),
        });
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }
}

impl HashSource for MemoryTree {
    type Error = NoSuchNode;

    fn hash(&self, level: u8, index: u64) -> Result<TreeHash, NoSuchNode> {
        let nodes = self.levels.get(usize::from(level));
        let node = usize::try_from(index).ok().and_then(|index| nodes?.get(index));
        node.copied().ok_or(NoSuchNode { level, index })
    }
}
