//! The ledger's tables: appending in order, reading entries and hashes. The arithmetic is `carnet_core::ledger`'s.
//!
//! Of the tree's nodes only those are kept that a tile begins with (C2SP tlog-tiles): the leaves, and the roots of the
//! subtrees of 256, 65,536, ... leaves. What lies between is folded from at most 256 of them.

mod append;
mod bulks;
mod read;
#[cfg(test)]
mod tests;

pub use read::{LedgerHead, LedgerNode, LedgerRow, StoredTree};

/// Levels of the tree between two kept ones: 2^8 = 256 children, as in a tile.
pub const NODE_LEVELS: u8 = 8;
