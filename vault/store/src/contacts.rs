//! Contacts: their sealed cards, one by one and page by page.

use carnet_core::keys::{Field, Salt, Sealed, Tag};
use carnet_core::model::{ContactId, ControllerId, ProvenanceId, Timestamp};
use diesel::prelude::*;

use crate::engine::Db;
use crate::load::sorted;
use crate::rows::{count, exactly, sealed, size, time};
use crate::schema::{contact_originals, contact_salts, contacts};
use crate::tx::{Tx, WriteTx};
use crate::{ContactTags, StoreError};

/// A contact as it is kept: nothing of it can be read without its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactRow {
    /// Whose contact it is.
    pub controller: ControllerId,
    /// Its id.
    pub id: ContactId,
    /// Where it came from first.
    pub provenance: ProvenanceId,
    /// Counts up with each change, from 1.
    pub revision: u64,
    /// When it entered the vault.
    pub added: Timestamp,
    /// When its card last changed.
    pub changed: Timestamp,
    /// When it last gained an e-mail address, or came in.
    pub addressed: Timestamp,
    /// The card.
    pub card: Sealed,
}

pub(crate) type Stored = (Vec<u8>, Vec<u8>, Vec<u8>, i64, i64, i64, i64, i64, Vec<u8>);

impl Tx<'_> {
    /// How many contacts a controller has, or the whole vault.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn contact_count(&mut self, controller: Option<ControllerId>) -> Result<u64, StoreError> {
        let number: i64 = match controller {
            Some(id) => contacts::table
                .filter(contacts::controller_id.eq(id.as_bytes().as_slice()))
                .count()
                .get_result(self.db)?,
            None => contacts::table.count().get_result(self.db)?,
        };
        size(number, "contacts", "count")
    }

    /// One contact.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn contact(&mut self, controller: ControllerId, id: ContactId) -> Result<Option<ContactRow>, StoreError> {
        let found: Option<Stored> = stored_columns()
            .filter(contacts::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(contacts::id.eq(id.as_bytes().as_slice()))
            .first(self.db)
            .optional()?;
        found.map(row).transpose()
    }

    /// The contact at this place in the order of a controller's ids, counted from 0.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn contact_at(&mut self, controller: ControllerId, place: u64) -> Result<Option<ContactId>, StoreError> {
        let found: Option<Vec<u8>> = contacts::table
            .filter(contacts::controller_id.eq(controller.as_bytes().as_slice()))
            .order(contacts::id)
            .select(contacts::id)
            .offset(count(place)?)
            .first(self.db)
            .optional()?;
        found.map(|id| Ok(ContactId::from_bytes(exactly(&id, "contacts", "id")?))).transpose()
    }

    /// At most `limit` contacts of a controller, in the order of their ids, after `after`.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn contact_page(
        &mut self,
        controller: ControllerId,
        after: Option<ContactId>,
        limit: u32,
    ) -> Result<Vec<ContactRow>, StoreError> {
        let after = after.map_or([0; 16], |id| *id.as_bytes());
        let rows: Vec<Stored> = stored_columns()
            .filter(contacts::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(contacts::id.gt(after.as_slice()))
            .order(contacts::id)
            .limit(i64::from(limit))
            .load(self.db)?;
        rows.into_iter().map(row).collect()
    }

    /// At most `limit` contacts that came from one origin, with their salts, in the order of their ids, after `after`. In a
    /// transaction that writes, nobody else changes them before its end.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn contact_page_of(
        &mut self,
        controller: ControllerId,
        provenance: ProvenanceId,
        after: Option<ContactId>,
        limit: u32,
    ) -> Result<Vec<(ContactRow, Salt)>, StoreError> {
        let after = after.map_or([0; 16], |id| *id.as_bytes());
        let query = stored_columns()
            .filter(contacts::controller_id.eq(controller.as_bytes().to_vec()))
            .filter(contacts::provenance_id.eq(provenance.as_bytes().to_vec()))
            .filter(contacts::id.gt(after.to_vec()))
            .order(contacts::id)
            .limit(i64::from(limit));
        let rows: Vec<Stored> = match &mut *self.db {
            Db::Postgres(connection) => query.for_share().load(connection)?,
            // A writer on SQLite is alone.
            Db::Sqlite(connection) => query.load(connection)?,
        };
        rows.into_iter()
            .map(|stored| {
                let row = row(stored)?;
                let salt = self.contact_salt(controller, row.id)?;
                Ok((row, salt.ok_or(StoreError::Damaged { table: "contact_salts", column: "salt" })?))
            })
            .collect()
    }

    /// How many contacts of a controller are sealed under a generation before this one.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn contact_count_before(&mut self, controller: ControllerId, generation: u32) -> Result<u64, StoreError> {
        let behind = contacts::table
            .filter(contacts::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(contacts::key_generation.lt(i64::from(generation)));
        size(behind.count().get_result(self.db)?, "contacts", "count")
    }

    /// Every contact there is, whose it is, and its revision, in no order.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn contact_revisions(&mut self) -> Result<Vec<(ControllerId, ContactId, u64)>, StoreError> {
        let rows: Vec<(Vec<u8>, Vec<u8>, i64)> =
            contacts::table.select((contacts::controller_id, contacts::id, contacts::revision)).load(self.db)?;
        rows.iter()
            .map(|(controller, id, revision)| {
                let controller = ControllerId::from_bytes(exactly(controller, "contacts", "controller_id")?);
                let id = ContactId::from_bytes(exactly(id, "contacts", "id")?);
                Ok((controller, id, size(*revision, "contacts", "revision")?))
            })
            .collect()
    }
}

impl WriteTx<'_> {
    /// Adds a contact with its salt and its tags.
    ///
    /// # Errors
    /// [`StoreError::StaleKeys`] after a rotation, and [`StoreError::Conflict`] when one of its addresses belongs to another contact of the controller.
    pub fn contact_insert(&mut self, new: &ContactRow, salt: &Salt, tags: &ContactTags) -> Result<(), StoreError> {
        self.master_hold(new.controller, new.card.generation())?;
        let wanted: Vec<Tag> = tags.emails.iter().map(|(tag, _)| *tag).collect();
        if !self.in_runs(new.controller, Field::Email, &sorted(&wanted))?.is_empty() {
            return Err(StoreError::Conflict);
        }
        diesel::insert_into(contact_salts::table)
            .values((
                contact_salts::controller_id.eq(new.controller.as_bytes().as_slice()),
                contact_salts::contact_id.eq(new.id.as_bytes().as_slice()),
                contact_salts::salt.eq(salt.as_bytes().as_slice()),
            ))
            .execute(self.db)?;
        diesel::insert_into(contacts::table)
            .values((
                contacts::controller_id.eq(new.controller.as_bytes().as_slice()),
                contacts::id.eq(new.id.as_bytes().as_slice()),
                contacts::provenance_id.eq(new.provenance.as_bytes().as_slice()),
                contacts::key_generation.eq(i64::from(new.card.generation())),
                contacts::revision.eq(count(new.revision)?),
                contacts::added_us.eq(new.added.as_us()),
                contacts::changed_us.eq(new.changed.as_us()),
                contacts::addressed_us.eq(new.addressed.as_us()),
                contacts::sealed_card.eq(new.card.as_bytes()),
            ))
            .execute(self.db)?;
        self.contact_tags_insert(new.controller, new.id, tags)
    }

    /// Puts a changed card and its tags in place of the revision before it. The bytes it once came in as go.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else changed it meanwhile, or an address belongs to another contact.
    pub fn contact_update(&mut self, changed: &ContactRow, tags: &ContactTags) -> Result<(), StoreError> {
        self.master_hold(changed.controller, changed.card.generation())?;
        let (controller, id) = (changed.controller.as_bytes().as_slice(), changed.id.as_bytes().as_slice());
        let rows = diesel::update(
            contacts::table
                .filter(contacts::controller_id.eq(controller))
                .filter(contacts::id.eq(id))
                .filter(contacts::revision.eq(count(changed.revision)? - 1)),
        )
        .set((
            contacts::key_generation.eq(i64::from(changed.card.generation())),
            contacts::revision.eq(count(changed.revision)?),
            contacts::changed_us.eq(changed.changed.as_us()),
            contacts::addressed_us.eq(changed.addressed.as_us()),
            contacts::sealed_card.eq(changed.card.as_bytes()),
        ))
        .execute(self.db)?;
        if rows == 0 {
            return Err(StoreError::Conflict);
        }
        self.contact_tags_delete(changed.controller, changed.id)?;
        diesel::delete(
            contact_originals::table
                .filter(contact_originals::controller_id.eq(controller))
                .filter(contact_originals::contact_id.eq(id)),
        )
        .execute(self.db)?;
        self.contact_tags_insert(changed.controller, changed.id, tags)
    }

    /// Holds a contact against other writers until the end of the transaction; false when it is not there.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn contact_lock(&mut self, controller: ControllerId, id: ContactId) -> Result<bool, StoreError> {
        let query = contacts::table
            .filter(contacts::controller_id.eq(controller.as_bytes().to_vec()))
            .filter(contacts::id.eq(id.as_bytes().to_vec()))
            .select(contacts::revision);
        let found: Option<i64> = match &mut *self.db {
            Db::Postgres(connection) => query.for_update().first(connection).optional()?,
            // A writer on SQLite is alone.
            Db::Sqlite(connection) => query.first(connection).optional()?,
        };
        Ok(found.is_some())
    }
}

/// The columns of [`Stored`], in its order.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn stored_columns() -> _ {
    contacts::table.select((
        contacts::controller_id,
        contacts::id,
        contacts::provenance_id,
        contacts::key_generation,
        contacts::revision,
        contacts::added_us,
        contacts::changed_us,
        contacts::addressed_us,
        contacts::sealed_card,
    ))
}

pub(crate) fn row(
    (controller, id, provenance, generation, revision, added, changed, addressed, card): Stored,
) -> Result<ContactRow, StoreError> {
    let card = sealed(card, "contacts", "sealed_card")?;
    if i64::from(card.generation()) != generation {
        return Err(StoreError::Damaged { table: "contacts", column: "key_generation" });
    }
    Ok(ContactRow {
        controller: ControllerId::from_bytes(exactly(&controller, "contacts", "controller_id")?),
        id: ContactId::from_bytes(exactly(&id, "contacts", "id")?),
        provenance: ProvenanceId::from_bytes(exactly(&provenance, "contacts", "provenance_id")?),
        revision: size(revision, "contacts", "revision")?,
        added: time(added, "contacts", "added_us")?,
        changed: time(changed, "contacts", "changed_us")?,
        addressed: time(addressed, "contacts", "addressed_us")?,
        card,
    })
}
