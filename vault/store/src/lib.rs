//! Where the vault is kept: the only crate that knows SQL, over SQLite and PostgreSQL alike.
//!
//! [`LockedStore`] opens a database and reads its wrapped keys; with the ledger's signing key it becomes a [`Store`].
//! Everything then happens in closures: [`Store::read`] sees one consistent view, [`Store::write`] changes the vault and
//! must return the [`Record`] for the ledger, so that a change without its entry cannot be expressed.
//!
//! What arrives here is sealed already. This crate holds no key but the one that signs checkpoints, and decides nothing.

mod accounts;
mod backups;
mod consents;
mod contact_tags;
mod contacts;
mod controllers;
mod engine;
mod erasure;
mod error;
mod gate;
mod import_changes;
mod imports;
mod keys;
mod ledger;
mod lists;
mod load;
mod originals;
mod portable;
mod rotations;
mod rows;
mod schema;
mod store;
mod tag_lists;
mod tx;

pub use backups::{SiteRow, SnapshotRow};
pub use consents::{ConsentRow, SuppressionRow};
pub use contact_tags::ContactTags;
pub use contacts::ContactRow;
pub use controllers::ProvenanceRow;
pub use engine::{Location, LocationError, PostgresUrl};
pub use error::StoreError;
pub use gate::{
    CheckRow, CondemnedTag, DecisionRow, ListStanding, MarkRow, MemberRow, Overlap, ProofRow, ReleaseRow, SegmentRow,
    SourceRow, ValidRelease,
};
pub use import_changes::{ImportChange, UndoCounts};
pub use imports::ImportRow;
pub use keys::{ControllerKeyRow, MASTER, VaultKeyRow, VaultRow};
pub use ledger::{LedgerHead, LedgerNode, LedgerRow, NODE_LEVELS, StoredTree};
pub use load::{Load, LoadedContact};
pub use originals::OriginalRow;
pub use portable::{
    ColumnKind, Filler, PortableColumn, PortableTable, RowError, SaltRow, ShreddedRow, releases_in_force_of, salts_of,
    shredded_of, suppressions_of,
};
pub use rotations::{Cell, RotationRow};
pub use store::{LockedStore, Store};
pub use tx::{Record, RecordDetails, SUPPRESSIONS, Tx, WriteTx};
