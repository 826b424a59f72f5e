//! The audit log: append-only, a Merkle tree (RFC 9162), signed. This is the part that an auditor reads.
//!
//! It owns what an entry says and how it is written, the arithmetic of the tree, and every format in which the ledger
//! leaves the house. It must not know how the vault keeps its rows, and it keeps no state: everything is a function of
//! bytes. Only [`export`] and [`offline`] touch files, and nothing here touches the network or the vault's keys.
//!
//! The formats are those of C2SP (c2sp.org), so that other people's tools verify a ledger as well as ours do:
//!
//! | module | owns | format |
//! | --- | --- | --- |
//! | [`entry`] | what one action leaves behind, and the commitment to its sealed details | canonical JSON |
//! | [`tree`] | hashes, roots, making proofs | RFC 9162 section 2.1 |
//! | [`path`] | checking proofs | RFC 9162 sections 2.1.3.2 and 2.1.4.2 |
//! | [`key`], [`note`] | keys in text, signing, signed text | signed-note, tlog-cosignature |
//! | [`checkpoint`] | signed size and root | tlog-checkpoint |
//! | [`tiles`] | the tree and the entries as files | tlog-tiles |
//! | [`proof`] | a receipt that stands alone | tlog-proof |
//! | [`trust`] | whom the auditor believes | tlog-policy |
//! | [`export`] | writing an exported folder | tlog-tiles |
//! | [`verify`], [`offline`], [`report`] | judging an exported folder | |

pub mod checkpoint;
pub mod details;
pub mod entry;
pub mod export;
pub mod key;
pub mod note;
pub mod object;
pub mod offline;
pub mod path;
pub mod proof;
pub mod report;
pub mod tiles;
pub mod touched;
pub mod tree;
pub mod trust;
pub mod verify;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use details::{Details, DetailsError};
pub use entry::{Actor, Bulk, Channel, Entry, EntryError, MAX_ENTRY_BYTES};
pub use export::{CHECKPOINT, ExportError, Exported, bundle, write_bundle};
pub use key::{KeyError, KeyKind, NoteSigner, VerifierKey};
pub use note::{Note, NoteError, NoteSignature, Verified};
pub use object::{Event, NameError, ObjectId, ObjectKind, ObjectRef};
pub use offline::{DirectoryTiles, verify_bundle};
pub use path::{PathError, verify_consistency, verify_inclusion};
pub use proof::{ProofError, TlogProof};
pub use report::{Finding, Problem, Report, Verdict};
pub use tiles::{TileError, TileSource, TileTree};
pub use touched::{Act, Touched, TouchedError};
pub use tree::{Frontier, HashSource, MemoryTree, ProveError, TreeHash, empty_root, leaf_hash, merkle_root, node_hash};
pub use trust::{Judgement, TrustError, TrustPolicy};
pub use verify::verify_export;

#[cfg(test)]
mod tests;
