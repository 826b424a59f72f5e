//! Tiles (C2SP tlog-tiles): the tree in files of 256 hashes, and the entries in bundles of 256.
//!
//! It owns paths, widths and encodings; where the files are is known to whoever implements [`TileSource`].

use super::entry::MAX_ENTRY_BYTES;
use super::tree::{HashSource, TreeHash, node_hash};

/// Hashes in a full tile, entries in a full bundle.
pub const FULL: u64 = 256;

/// The largest tile, in bytes.
pub const MAX_TILE_BYTES: usize = 256 * 32;

/// The largest bundle of entries, in bytes.
pub const MAX_BUNDLE_BYTES: usize = 256 * (2 + MAX_ENTRY_BYTES);

/// A tile or bundle cannot be had or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// There is no such file.
    #[error("the file {0} is missing")]
    Missing(String),
    /// It is there but cannot be read, or is not a file.
    #[error("the file {path} cannot be read: {reason}")]
    Unreadable {
        /// The path inside the export.
        path: String,
        /// What the operating system said.
        reason: String,
    },
    /// It ends before what it should hold.
    #[error("the file {0} ends too early")]
    CutOff(String),
    /// It has more than it should hold.
    #[error("the file {0} is longer than it may be")]
    TooLong(String),
    /// An entry that no bundle can hold.
    #[error("an entry has {0} bytes and may have 65535")]
    EntryTooLarge(usize),
}

/// Somewhere that has the files of a ledger.
pub trait TileSource {
    /// The file at this path, `/` between its parts, of at most `most` bytes.
    ///
    /// # Errors
    /// [`TileError`] `Missing`, `Unreadable` or `TooLong`.
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, TileError>;
}

/// The path of a tile of hashes; a width below 256 makes it a partial one.
pub fn tile_path(level: u8, index: u64, width: u64) -> String {
    numbered(format!("tile/{level}"), index, width)
}

/// The path of a bundle of entries; a width below 256 makes it a partial one.
pub fn entries_path(index: u64, width: u64) -> String {
    numbered("tile/entries".to_owned(), index, width)
}

/// The index in groups of three digits, all but the last after an `x`: 1234067 is `x001/x234/067`.
fn numbered(mut path: String, index: u64, width: u64) -> String {
    let mut groups = vec![format!("{:03}", index % 1000)];
    let mut rest = index / 1000;
    while rest > 0 {
        groups.push(format!("x{:03}", rest % 1000));
        rest /= 1000;
    }
    for group in groups.iter().rev() {
        path.push('/');
        path.push_str(group);
    }
    if width < FULL {
        path.push_str(&format!(".p/{width}"));
    }
    path
}

/// How many hashes a ledger of this size has at a level of tiles.
pub fn hashes_at(size: u64, level: u8) -> u64 {
    size.checked_shr(u32::from(level) * 8).unwrap_or(0)
}

/// How many hashes tile `index` of a level has in a ledger of this size: 256, fewer at the end, 0 beyond.
pub fn width_of(size: u64, level: u8, index: u64) -> u64 {
    let hashes = hashes_at(size, level);
    let full = hashes / FULL;
    match index.cmp(&full) {
        std::cmp::Ordering::Less => FULL,
        std::cmp::Ordering::Equal => hashes % FULL,
        std::cmp::Ordering::Greater => 0,
    }
}

/// The bytes of a tile: its hashes, one after another.
pub fn encode_tile(hashes: &[TreeHash]) -> Vec<u8> {
    hashes.iter().flat_map(TreeHash::as_bytes).copied().collect()
}

/// The hashes of a tile; a last incomplete one is left out.
pub fn decode_tile(bytes: &[u8]) -> Vec<TreeHash> {
    bytes.as_chunks::<32>().0.iter().copied().map(TreeHash::from_bytes).collect()
}

/// Appends an entry to a bundle: its length in 2 bytes, most significant first, then its bytes.
///
/// # Errors
/// [`TileError::EntryTooLarge`] above 65,535 bytes.
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), TileError> {
    let length = u16::try_from(entry.len()).map_err(|_| TileError::EntryTooLarge(entry.len()))?;
    bundle.extend(length.to_be_bytes());
    bundle.extend(entry);
    Ok(())
}

/// The entries of a bundle, one at a time.
#[derive(Debug, Clone, Copy)]
pub struct BundleReader<'a>(&'a [u8]);

impl<'a> BundleReader<'a> {
    /// A reader at the bundle's first entry.
    pub fn new(bundle: &'a [u8]) -> Self {
        Self(bundle)
    }

    /// The next entry; nothing when the bundle ends here or inside the entry.
    pub fn next_entry(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        self.0 = rest;
        Some(entry)
    }

    /// Whether every byte was read.
    pub fn is_finished(&self) -> bool {
        self.0.is_empty()
    }
}

/// Reads a file of which a fuller version may stand in for a partial one, as tlog-tiles allows.
///
/// Answers the bytes, and whether the file has exactly this width.
pub(super) fn read_of_width(
    source: &(impl TileSource + ?Sized),
    path: impl Fn(u64) -> String,
    width: u64,
    most: usize,
) -> Result<(Vec<u8>, bool), TileError> {
    match source.read(&path(width), most) {
        Ok(bytes) => Ok((bytes, true)),
        Err(TileError::Missing(partial)) if width < FULL => match source.read(&path(FULL), most) {
            Err(TileError::Missing(_)) => Err(TileError::Missing(partial)),
            fuller => fuller.map(|bytes| (bytes, false)),
        },
        Err(error) => Err(error),
    }
}

/// Reads one tile that must have at least this many hashes, and not more unless a fuller one stands in.
pub(super) fn read_tile(
    source: &(impl TileSource + ?Sized),
    level: u8,
    index: u64,
    width: u64,
) -> Result<Vec<TreeHash>, TileError> {
    let path = tile_path(level, index, width);
    let (bytes, exact) = read_of_width(source, |width| tile_path(level, index, width), width, MAX_TILE_BYTES)?;
    let wanted = usize::try_from(width).unwrap_or(usize::MAX).saturating_mul(32);
    if exact && bytes.len() > wanted {
        return Err(TileError::TooLong(path));
    }
    bytes.get(..wanted).map(decode_tile).ok_or(TileError::CutOff(path))
}

/// The tree of a ledger of known size, read from its tiles; proofs are made from it.
///
/// The tiles are believed; whoever doubts them verifies the export first.
#[derive(Debug, Clone)]
pub struct TileTree<S> {
    source: S,
    size: u64,
}

impl<S: TileSource> TileTree<S> {
    /// The tree of the first `size` entries.
    pub fn new(source: S, size: u64) -> Self {
        Self { source, size }
    }
}

impl<S: TileSource> HashSource for TileTree<S> {
    type Error = TileError;

    fn hash(&self, level: u8, index: u64) -> Result<TreeHash, TileError> {
        let (tile_level, height) = (level / 8, u32::from(level % 8));
        let beyond = || TileError::Missing(tile_path(tile_level, index, FULL));
        let first = index.checked_mul(1 << height).ok_or_else(beyond)?;
        let tile = first / FULL;
        let hashes = read_tile(&self.source, tile_level, tile, width_of(self.size, tile_level, tile))?;
        let offset = usize::try_from(first % FULL).map_err(|_| beyond())?;
        let part = hashes.get(offset..offset + (1 << height)).ok_or_else(beyond)?;
        perfect_root(part).ok_or_else(beyond)
    }
}

/// The root of a perfect subtree, whose leaves are a power of two in number.
fn perfect_root(leaves: &[TreeHash]) -> Option<TreeHash> {
    let mut row = leaves.to_vec();
    while row.len() > 1 {
        row = row.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
    }
    row.pop()
}

/// Gathers leaf hashes into tiles of every level, holding at most one unfinished tile of each.
#[derive(Debug, Default)]
pub(super) struct TileBuilder {
    levels: Vec<(u64, Vec<TreeHash>)>,
}

impl TileBuilder {
    /// Adds a leaf and hands over each tile that it completes: level, index, hashes.
    pub(super) fn push<E>(
        &mut self,
        leaf: TreeHash,
        mut full: impl FnMut(u8, u64, &[TreeHash]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut carried = Some(leaf);
        let mut level = 0;
        while let Some(hash) = carried.take() {
            if self.levels.len() <= usize::from(level) {
                self.levels.push((0, Vec::new()));
            }
            let Some((index, hashes)) = self.levels.get_mut(usize::from(level)) else { break };
            hashes.push(hash);
            if hashes.len() == 256 {
                full(level, *index, hashes)?;
                carried = perfect_root(hashes);
                hashes.clear();
                *index += 1;
            }
            level += 1;
        }
        Ok(())
    }

    /// Hands over the unfinished tiles.
    pub(super) fn finish<E>(self, mut partial: impl FnMut(u8, u64, &[TreeHash]) -> Result<(), E>) -> Result<(), E> {
        for (level, (index, hashes)) in (0_u8..).zip(self.levels) {
            if !hashes.is_empty() {
                partial(level, index, &hashes)?;
            }
        }
        Ok(())
    }
}
