//! From stored values to the types of the house; what cannot be one was not written by this program.

use carnet_core::keys::Sealed;
use carnet_core::model::Timestamp;

use crate::StoreError;

/// A value of exactly this many bytes.
pub(crate) fn exactly<const N: usize>(
    bytes: &[u8],
    table: &'static str,
    column: &'static str,
) -> Result<[u8; N], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Damaged { table, column })
}

/// An id, or nothing where 16 zero bytes stand for none.
pub(crate) fn nonzero(bytes: &[u8], table: &'static str, column: &'static str) -> Result<Option<[u8; 16]>, StoreError> {
    exactly(bytes, table, column).map(|id| Some(id).filter(|id| *id != [0; 16]))
}

pub(crate) fn sealed(bytes: Vec<u8>, table: &'static str, column: &'static str) -> Result<Sealed, StoreError> {
    Sealed::parse(bytes).map_err(|_| StoreError::Damaged { table, column })
}

pub(crate) fn time(us: i64, table: &'static str, column: &'static str) -> Result<Timestamp, StoreError> {
    Timestamp::from_us(us).map_err(|_| StoreError::Damaged { table, column })
}

pub(crate) fn size(number: i64, table: &'static str, column: &'static str) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| StoreError::Damaged { table, column })
}

pub(crate) fn number(value: i64, table: &'static str, column: &'static str) -> Result<u32, StoreError> {
    u32::try_from(value).map_err(|_| StoreError::Damaged { table, column })
}

/// A word that one of the house's types parses.
pub(crate) fn word<T: std::str::FromStr>(
    text: &str,
    table: &'static str,
    column: &'static str,
) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Damaged { table, column })
}

/// A count as the engines keep it.
pub(crate) fn count(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::Ledger("it is larger than this program can count".to_owned()))
}
