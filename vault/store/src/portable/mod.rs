//! All that a vault holds, in a form that belongs to neither engine: what backups are made of, and how a vault moves from
//! one engine to the other.
//!
//! A table is a sequence of rows in the order of its primary key, each a CBOR array (RFC 8949) of its columns in the order of
//! their names: integers, text, byte strings, null. An unchanged table gives the same bytes on either engine, so that two
//! backups of it share them.

mod fill;
mod keyring;
mod read;
mod rows;

pub use fill::Filler;
pub use keyring::{SaltRow, ShreddedRow, releases_in_force_of, salts_of, shredded_of, suppressions_of};
pub use rows::RowError;

/// A table as it is in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortableTable {
    /// Its name.
    pub name: String,
    /// Its columns, by their names.
    pub columns: Vec<PortableColumn>,
    /// The columns of its primary key, in the order of the key.
    pub key: Vec<String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortableColumn {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
}

/// What a column holds, on both engines alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// A whole number of 64 bits.
    Integer,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
}
