//! Contacts: sealed card, salt, tags, and their end.

use carnet_core::keys::{Field, Salt, Sealed, Tag};
use carnet_core::model::{ContactId, ControllerId, ProvenanceId, Timestamp};
use diesel::prelude::*;

use crate::StoreError;
use crate::engine::{Db, on};
use crate::load::sorted;
use crate::rows::{count, exactly, sealed, size, time};
use crate::schema::{
    consent_events, contact_emails, contact_originals, contact_salts, contact_tags, contacts, import_changes,
    ledger_details, list_members, lists, shredded_contacts,
};
use crate::tx::{Tx, WriteTx};

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
    /// The card.
    pub card: Sealed,
}

/// By what a contact is found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactTags {
    /// For each e-mail address: its tag within the controller, and the one that the gate compares lists by.
    pub emails: Vec<(Tag, Tag)>,
    /// Phone numbers, words of names and organisations, domains.
    pub others: Vec<(Field, Tag)>,
}

/// A card as it arrived in another format, kept until somebody edits the contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginalRow {
    /// Its format.
    pub media_type: String,
    /// Its bytes.
    pub sealed: Sealed,
}

/// What stands where a salt was: as long as a salt, so that the row is overwritten in place and nothing moves.
const SHREDDED: [u8; 16] = [0; 16];

type Stored = (Vec<u8>, Vec<u8>, Vec<u8>, i64, i64, i64, i64, Vec<u8>);

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

    /// The contact of this controller that has the e-mail address of this tag.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn contact_by_email(&mut self, controller: ControllerId, tag: Tag) -> Result<Option<ContactId>, StoreError> {
        let found: Option<Vec<u8>> = contact_emails::table
            .filter(contact_emails::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(contact_emails::tag.eq(tag.as_bytes().as_slice()))
            .select(contact_emails::contact_id)
            .first(self.db)
            .optional()?;
        match found {
            Some(id) => Ok(Some(ContactId::from_bytes(exactly(&id, "contact_emails", "contact_id")?))),
            None => {
                Ok(self.in_runs(controller, Field::Email, &[*tag.as_bytes()])?.first().map(|(_, contact)| *contact))
            }
        }
    }

    /// At most `limit` contacts of this controller that carry this tag, newest first.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn contact_by_tag(
        &mut self,
        controller: ControllerId,
        field: Field,
        tag: Tag,
        limit: u32,
    ) -> Result<Vec<ContactId>, StoreError> {
        let rows: Vec<Vec<u8>> = contact_tags::table
            .filter(contact_tags::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(contact_tags::field.eq(field_number(field)))
            .filter(contact_tags::tag.eq(tag.as_bytes().as_slice()))
            .order(contact_tags::contact_id.desc())
            .limit(i64::from(limit))
            .select(contact_tags::contact_id)
            .load(self.db)?;
        let mut found = rows
            .iter()
            .map(|id| Ok(ContactId::from_bytes(exactly(id, "contact_tags", "contact_id")?)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        found.extend(self.in_runs(controller, field, &[*tag.as_bytes()])?.into_iter().map(|(_, contact)| contact));
        found.sort_unstable_by(|one, next| next.cmp(one));
        found.dedup();
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }

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
                contacts::sealed_card.eq(new.card.as_bytes()),
            ))
            .execute(self.db)?;
        self.contact_tags_insert(new.controller, new.id, tags)
    }

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
        let (controller, id) = (controller.as_bytes().as_slice(), id.as_bytes().as_slice());
        diesel::update(
            contact_salts::table
                .filter(contact_salts::controller_id.eq(controller))
                .filter(contact_salts::contact_id.eq(id)),
        )
        .set(contact_salts::salt.eq(SHREDDED.as_slice()))
        .execute(self.db)?;
        diesel::insert_into(shredded_contacts::table)
            .values((
                shredded_contacts::controller_id.eq(controller),
                shredded_contacts::contact_id.eq(id),
                shredded_contacts::shredded_us.eq(at.as_us()),
            ))
            .execute(self.db)?;
        macro_rules! delete_from {
            ($($table:ident),+) => {$(
                diesel::delete(
                    $table::table.filter($table::controller_id.eq(controller)).filter($table::contact_id.eq(id)),
                )
                .execute(self.db)?;
            )+};
        }
        delete_from!(contact_originals, consent_events, import_changes, ledger_details);
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

    fn contact_tags_insert(
        &mut self,
        controller: ControllerId,
        id: ContactId,
        tags: &ContactTags,
    ) -> Result<(), StoreError> {
        self.tag_list_insert(controller, id, tags)?;
        let (controller, id) = (controller.as_bytes().as_slice(), id.as_bytes().as_slice());
        let emails: Vec<_> = tags
            .emails
            .iter()
            .map(|(tag, overlap)| {
                (
                    contact_emails::controller_id.eq(controller),
                    contact_emails::tag.eq(tag.as_bytes().as_slice()),
                    contact_emails::contact_id.eq(id),
                    contact_emails::overlap_tag.eq(overlap.as_bytes().as_slice()),
                )
            })
            .collect();
        let others: Vec<_> = tags
            .others
            .iter()
            .map(|(field, tag)| {
                (
                    contact_tags::controller_id.eq(controller),
                    contact_tags::field.eq(field_number(*field)),
                    contact_tags::tag.eq(tag.as_bytes().as_slice()),
                    contact_tags::contact_id.eq(id),
                )
            })
            .collect();
        on!(&mut *self.db, connection => {
            diesel::insert_into(contact_emails::table).values(&emails).execute(connection)?;
            diesel::insert_into(contact_tags::table).values(&others).on_conflict_do_nothing().execute(connection)?;
        });
        Ok(())
    }
}

/// The ids of a controller's lists.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn lists_of(controller: &[u8]) -> _ {
    let controller: Vec<u8> = controller.to_vec();
    lists::table.filter(lists::controller_id.eq(controller)).select(lists::id)
}

/// The columns of [`Stored`], in its order.
#[diesel::dsl::auto_type(no_type_alias)]
fn stored_columns() -> _ {
    contacts::table.select((
        contacts::controller_id,
        contacts::id,
        contacts::provenance_id,
        contacts::key_generation,
        contacts::revision,
        contacts::added_us,
        contacts::changed_us,
        contacts::sealed_card,
    ))
}

fn row(
    (controller, id, provenance, generation, revision, added, changed, card): Stored,
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
        card,
    })
}

/// How a field is kept; numbers are never given a new meaning.
pub(crate) fn field_number(field: Field) -> i64 {
    match field {
        Field::Email => 1,
        Field::Phone => 2,
        Field::Word => 3,
        Field::Domain => 4,
        Field::Uid => 5,
    }
}
