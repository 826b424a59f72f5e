//! The tables of a keyring, read from a snapshot: what a restore must know before anything is served.

use carnet_core::keys::{Salt, Tag};
use carnet_core::model::{ContactId, ControllerId, PurposeId, ReleaseId, Timestamp};

use super::rows::{RowError, Value, decoded};
use crate::rows::{exactly, nonzero, time};
use crate::{StoreError, SuppressionRow};

/// A contact's salt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaltRow {
    /// Whose contact.
    pub controller: ControllerId,
    /// Which.
    pub contact: ContactId,
    /// Its salt.
    pub salt: Salt,
}

/// A contact that was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShreddedRow {
    /// Whose contact.
    pub controller: ControllerId,
    /// Which.
    pub contact: ContactId,
    /// When.
    pub at: Timestamp,
}

/// Rows of `contact_salts`: contact, controller, salt.
///
/// # Errors
/// [`StoreError::Portable`], [`StoreError::Damaged`].
pub fn salts_of(bytes: &[u8]) -> Result<Vec<SaltRow>, StoreError> {
    const TABLE: &str = "contact_salts";
    let read = |row: Vec<Value<'_>>| {
        let [Value::Bytes(contact), Value::Bytes(controller), Value::Bytes(salt)] = row.as_slice() else {
            return Err(RowError { columns: 3 }.into());
        };
        Ok(SaltRow {
            controller: ControllerId::from_bytes(exactly(controller, TABLE, "controller_id")?),
            contact: ContactId::from_bytes(exactly(contact, TABLE, "contact_id")?),
            salt: Salt::from_bytes(exactly(salt, TABLE, "salt")?),
        })
    };
    decoded(bytes, 3)?.into_iter().map(read).collect()
}

/// Rows of `shredded_contacts`: contact, controller, time.
///
/// # Errors
/// [`StoreError::Portable`], [`StoreError::Damaged`].
pub fn shredded_of(bytes: &[u8]) -> Result<Vec<ShreddedRow>, StoreError> {
    const TABLE: &str = "shredded_contacts";
    let read = |row: Vec<Value<'_>>| {
        let [Value::Bytes(contact), Value::Bytes(controller), Value::Integer(at)] = row.as_slice() else {
            return Err(RowError { columns: 3 }.into());
        };
        Ok(ShreddedRow {
            controller: ControllerId::from_bytes(exactly(controller, TABLE, "controller_id")?),
            contact: ContactId::from_bytes(exactly(contact, TABLE, "contact_id")?),
            at: time(*at, TABLE, "shredded_us")?,
        })
    };
    decoded(bytes, 3)?.into_iter().map(read).collect()
}

/// The releases that are in force, of rows of `list_releases`: check, controller, decision, end, expiry, grant, id, imports, list,
/// members, seal.
///
/// # Errors
/// [`StoreError::Portable`], [`StoreError::Damaged`].
pub fn releases_in_force_of(bytes: &[u8]) -> Result<Vec<ReleaseId>, StoreError> {
    let read = |row: Vec<Value<'_>>| match (row.get(3), row.get(6)) {
        (Some(Value::Null), Some(Value::Bytes(id))) => {
            Some(exactly(id, "list_releases", "id").map(ReleaseId::from_bytes))
        }
        (Some(Value::Integer(_)), Some(Value::Bytes(_))) => None,
        _ => Some(Err(RowError { columns: 11 }.into())),
    };
    decoded(bytes, 11)?.into_iter().filter_map(read).collect()
}

/// Rows of `suppressions`: time, cause, controller, purpose, tag.
///
/// # Errors
/// [`StoreError::Portable`], [`StoreError::Damaged`].
pub fn suppressions_of(bytes: &[u8]) -> Result<Vec<SuppressionRow>, StoreError> {
    const TABLE: &str = "suppressions";
    let read = |row: Vec<Value<'_>>| {
        let [
            Value::Integer(at),
            Value::Text(cause),
            Value::Bytes(controller),
            Value::Bytes(purpose),
            Value::Bytes(tag),
        ] = row.as_slice()
        else {
            return Err(RowError { columns: 5 }.into());
        };
        Ok(SuppressionRow {
            controller: ControllerId::from_bytes(exactly(controller, TABLE, "controller_id")?),
            tag: Tag::from_bytes(exactly(tag, TABLE, "tag")?),
            purpose: nonzero(purpose, TABLE, "purpose_id")?.map(PurposeId::from_bytes),
            cause: (*cause).to_owned(),
            at: time(*at, TABLE, "at_us")?,
        })
    };
    decoded(bytes, 5)?.into_iter().map(read).collect()
}
