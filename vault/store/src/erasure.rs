//! Salts, and the end of a contact: without its salt, nothing of it can be opened again.

use carnet_core::keys::Salt;
use carnet_core::model::{ContactId, ControllerId, Timestamp};
use diesel::prelude::*;

use crate::StoreError;
use crate::engine::on;
use crate::lists::lists_of;
use crate::rows::exactly;
use crate::schema::{
    consent_events, contact_originals, contact_salts, contacts, import_changes, ledger_details, list_members,
    list_proofs, shredded_contacts,
};
use crate::tx::{Tx, WriteTx};

/// What stands where a salt was: as long as a salt, so that the row is overwritten in place and nothing moves.
pub(crate) const SHREDDED: [u8; 16] = [0; 16];

impl Tx<'_> {
    /// The salt of a contact; absent once it is shredded.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn contact_salt(&mut self, controller: ControllerId, id: ContactId) -> Result<Option<Salt>, StoreError> {
        let found: Option<Vec<u8>> = contact_salts::table
            .filter(contact_salts::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(contact_salts::contact_id.eq(id.as_bytes().as_slice()))
            .filter(contact_salts::salt.ne(SHREDDED.as_slice()))
            .select(contact_salts::salt)
            .first(self.db)
            .optional()?;
        found.map(|salt| Ok(Salt::from_bytes(exactly(&salt, "contact_salts", "salt")?))).transpose()
    }

    /// Every contact that was shredded, in no order.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn contact_shredded(&mut self) -> Result<Vec<(ControllerId, ContactId)>, StoreError> {
        let rows: Vec<(Vec<u8>, Vec<u8>)> = shredded_contacts::table
            .select((shredded_contacts::controller_id, shredded_contacts::contact_id))
            .load(self.db)?;
        rows.iter()
            .map(|(controller, id)| {
                let controller = ControllerId::from_bytes(exactly(controller, "shredded_contacts", "controller_id")?);
                Ok((controller, ContactId::from_bytes(exactly(id, "shredded_contacts", "contact_id")?)))
            })
            .collect()
    }
}

impl WriteTx<'_> {
    /// Overwrites the salt of a contact, if it is there, and notes that it was shredded. The contact itself need not be there: what a
    /// backup brings back one day must not find it.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn contact_shred(&mut self, controller: ControllerId, id: ContactId, at: Timestamp) -> Result<(), StoreError> {
        let (controller, id) = (controller.as_bytes().as_slice(), id.as_bytes().as_slice());
        diesel::update(
            contact_salts::table
                .filter(contact_salts::controller_id.eq(controller))
                .filter(contact_salts::contact_id.eq(id)),
        )
        .set(contact_salts::salt.eq(SHREDDED.as_slice()))
        .execute(self.db)?;
        let values = (
            shredded_contacts::controller_id.eq(controller),
            shredded_contacts::contact_id.eq(id),
            shredded_contacts::shredded_us.eq(at.as_us()),
        );
        on!(&mut *self.db, connection => diesel::insert_into(shredded_contacts::table)
            .values(values)
            .on_conflict_do_nothing()
            .execute(connection))?;
        self.shredded = true;
        Ok(())
    }

    /// Shreds a contact's salt and removes all its rows, consent history included (Art. 17). False when it is not there.
    ///
    /// The salt is overwritten where it stands, and [`Tx::contact_shredded`] knows of it from then on.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn contact_erase(
        &mut self,
        controller: ControllerId,
        id: ContactId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        if !self.contact_lock(controller, id)? {
            return Ok(false);
        }
        self.contact_tags_delete(controller, id)?;
        self.contact_shred(controller, id, at)?;
        let (controller, id) = (controller.as_bytes().as_slice(), id.as_bytes().as_slice());
        macro_rules! delete_from {
            ($($table:ident),+) => {$(
                diesel::delete(
                    $table::table.filter($table::controller_id.eq(controller)).filter($table::contact_id.eq(id)),
                )
                .execute(self.db)?;
            )+};
        }
        delete_from!(contact_originals, consent_events, import_changes, list_proofs, ledger_details);
        diesel::delete(
            list_members::table
                .filter(list_members::controller_id.eq(controller))
                .filter(list_members::list_id.eq_any(lists_of(controller)))
                .filter(list_members::contact_id.eq(id)),
        )
        .execute(self.db)?;
        diesel::delete(contacts::table.filter(contacts::controller_id.eq(controller)).filter(contacts::id.eq(id)))
            .execute(self.db)?;
        self.shredded = true;
        Ok(true)
    }
}
