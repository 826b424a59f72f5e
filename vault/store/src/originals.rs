//! The bytes that cards came in as.

use carnet_core::keys::Sealed;
use carnet_core::model::{ContactId, ControllerId};
use diesel::prelude::*;

use crate::StoreError;
use crate::rows::sealed;
use crate::schema::contact_originals;
use crate::tx::{Tx, WriteTx};

/// A card as it arrived in another format, kept until somebody edits the contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalRow {
    /// Its format.
    pub media_type: String,
    /// Its bytes.
    pub sealed: Sealed,
}

impl Tx<'_> {
    /// The bytes that a card came in as, if they are still true.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn contact_original(
        &mut self,
        controller: ControllerId,
        id: ContactId,
    ) -> Result<Option<OriginalRow>, StoreError> {
        let found: Option<(String, Vec<u8>)> = contact_originals::table
            .filter(contact_originals::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(contact_originals::contact_id.eq(id.as_bytes().as_slice()))
            .select((contact_originals::media_type, contact_originals::sealed))
            .first(self.db)
            .optional()?;
        found
            .map(|(media_type, bytes)| {
                Ok(OriginalRow { media_type, sealed: sealed(bytes, "contact_originals", "sealed")? })
            })
            .transpose()
    }
}

impl WriteTx<'_> {
    /// Keeps the bytes that a card came in as.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn contact_original_insert(
        &mut self,
        controller: ControllerId,
        id: ContactId,
        original: &OriginalRow,
    ) -> Result<(), StoreError> {
        self.master_hold(controller, original.sealed.generation())?;
        diesel::insert_into(contact_originals::table)
            .values((
                contact_originals::controller_id.eq(controller.as_bytes().as_slice()),
                contact_originals::contact_id.eq(id.as_bytes().as_slice()),
                contact_originals::media_type.eq(&original.media_type),
                contact_originals::sealed.eq(original.sealed.as_bytes()),
            ))
            .execute(self.db)?;
        Ok(())
    }
}
