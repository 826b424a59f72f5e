//! Many contacts at once: looked up by their tags, and loaded in one go.
//!
//! SQLite takes a chunk as a handful of packed values, one statement a table ([`sqlite`]); PostgreSQL takes it by COPY
//! ([`postgres`]). What is loaded is new: an address that somebody has already fails the whole load with
//! [`StoreError::Conflict`], and whoever loads looks again.

mod postgres;
pub(crate) mod runs;
mod sqlite;

use std::collections::HashMap;

use carnet_core::keys::{Field, Salt, Sealed, Tag};
use carnet_core::model::{ContactId, ControllerId, ListId, ProvenanceId, PurposeId, Timestamp};
use diesel::prelude::*;

use crate::contact_tags::field_number;
use crate::engine::Db;
use crate::rows::{exactly, nonzero, time};
use crate::schema::suppressions;
use crate::tx::{Tx, WriteTx};
use crate::{ConsentRow, ContactTags, OriginalRow, StoreError, SuppressionRow, tag_lists};

/// Contacts that are new to the vault and join one list.
#[derive(Debug)]
pub struct Load<'a> {
    /// Whose they are.
    pub controller: ControllerId,
    /// Where they come from.
    pub provenance: ProvenanceId,
    /// The list that they join.
    pub list: ListId,
    /// When they enter the vault.
    pub at: Timestamp,
    /// The contacts, at revision 1, in the order of their ids.
    pub contacts: &'a [&'a LoadedContact],
}

/// A contact to be loaded.
#[derive(Debug)]
pub struct LoadedContact {
    /// Its id.
    pub id: ContactId,
    /// Its salt.
    pub salt: Salt,
    /// Its card.
    pub card: Sealed,
    /// By what it is found.
    pub tags: ContactTags,
    /// The bytes that it came in as.
    pub original: Option<OriginalRow>,
    /// What the source says that it agreed to or refused.
    pub events: Vec<ConsentRow>,
}

/// A field, and the bytes of a tag and of the contact that it leads to.
type TagRow = (i64, [[u8; 16]; 2]);

/// A tag of an address and the contact that has it.
type FoundEmail = (Vec<u8>, Vec<u8>);
type FoundSuppression = (Vec<u8>, Vec<u8>, String, i64);

/// The bytes of tags in their order, each once.
pub(crate) fn sorted(tags: &[Tag]) -> Vec<[u8; 16]> {
    let mut bytes: Vec<[u8; 16]> = tags.iter().map(|tag| *tag.as_bytes()).collect();
    bytes.sort_unstable();
    bytes.dedup();
    bytes
}

impl Tx<'_> {
    /// Which contacts of a controller have the addresses of these tags.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn contacts_by_emails(
        &mut self,
        controller: ControllerId,
        tags: &[Tag],
    ) -> Result<HashMap<Tag, ContactId>, StoreError> {
        const TABLE: &str = "contact_emails";
        if tags.is_empty() {
            return Ok(HashMap::new());
        }
        let tags = sorted(tags);
        let rows = match &mut *self.db {
            Db::Sqlite(connection) => sqlite::contacts_by_emails(connection, controller, &tags)?,
            Db::Postgres(connection) => postgres::contacts_by_emails(connection, controller, &tags)?,
        };
        let mut known = rows
            .iter()
            .map(|(tag, contact)| {
                let tag = Tag::from_bytes(exactly(tag, TABLE, "tag")?);
                Ok((tag, ContactId::from_bytes(exactly(contact, TABLE, "contact_id")?)))
            })
            .collect::<Result<HashMap<_, _>, StoreError>>()?;
        let waiting = self.in_runs(controller, Field::Email, &tags)?;
        known.extend(waiting.into_iter().map(|(tag, contact)| (Tag::from_bytes(tag), contact)));
        Ok(known)
    }

    /// Which contacts have these tags, sorted, that are not in the trees yet.
    pub(crate) fn in_runs(
        &mut self,
        controller: ControllerId,
        field: Field,
        tags: &[[u8; 16]],
    ) -> Result<Vec<([u8; 16], ContactId)>, StoreError> {
        match &mut *self.db {
            Db::Sqlite(connection) => runs::find(connection, controller, field_number(field), tags),
            Db::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// What stands against using any of many addresses, in no order.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn suppressions_among(
        &mut self,
        controller: ControllerId,
        tags: &[Tag],
    ) -> Result<Vec<SuppressionRow>, StoreError> {
        const TABLE: &str = "suppressions";
        // A vault without any refusal is a new one, whose first lists are long.
        if tags.is_empty() || !self.any_suppression(controller)? {
            return Ok(Vec::new());
        }
        let tags = sorted(tags);
        let rows: Vec<FoundSuppression> = match &mut *self.db {
            Db::Sqlite(connection) => sqlite::suppressions_among(connection, controller, &tags)?,
            Db::Postgres(connection) => postgres::suppressions_among(connection, controller, &tags)?,
        };
        rows.into_iter()
            .map(|(tag, purpose, cause, at)| {
                Ok(SuppressionRow {
                    controller,
                    tag: Tag::from_bytes(exactly(&tag, TABLE, "tag")?),
                    purpose: nonzero(&purpose, TABLE, "purpose_id")?.map(PurposeId::from_bytes),
                    cause,
                    at: time(at, TABLE, "at_us")?,
                })
            })
            .collect()
    }
}

impl Tx<'_> {
    fn any_suppression(&mut self, controller: ControllerId) -> Result<bool, StoreError> {
        let found: Option<Vec<u8>> = suppressions::table
            .filter(suppressions::controller_id.eq(controller.as_bytes().as_slice()))
            .select(suppressions::tag)
            .first(self.db)
            .optional()?;
        Ok(found.is_some())
    }
}

impl WriteTx<'_> {
    /// Puts tags that wait into their trees, where such wait (SQLite).
    ///
    /// # Errors
    /// The database's own failure.
    pub fn tags_settle(&mut self, controller: ControllerId) -> Result<(), StoreError> {
        match &mut *self.db {
            Db::Sqlite(connection) => runs::settle(connection, controller),
            Db::Postgres(_) => Ok(()),
        }
    }

    /// Adds tags to contacts that are there; one that a contact has already stays.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn contact_tags_add(
        &mut self,
        controller: ControllerId,
        tags: &[(ContactId, Field, Tag)],
    ) -> Result<(), StoreError> {
        let mut lists: Vec<(ContactId, Vec<u8>)> = Vec::new();
        for of_contact in tags.chunk_by(|one, next| one.0 == next.0) {
            let Some((contact, ..)) = of_contact.first() else { continue };
            let others = of_contact.iter().map(|(_, field, tag)| (*field, *tag)).collect();
            lists.push((*contact, tag_lists::packed(&ContactTags { emails: Vec::new(), others })));
        }
        self.tag_lists_add(controller, &lists)?;
        let rows = tag_rows(tags.iter().copied());
        match &mut *self.db {
            Db::Sqlite(connection) => sqlite::tags(connection, controller, &rows),
            Db::Postgres(connection) => postgres::tags(connection, controller, &rows),
        }
    }

    /// Adds new contacts with all that belongs to them, and puts them into their list.
    ///
    /// Their addresses were looked up in the same transaction ([`Tx::contacts_by_emails`]). A writer on SQLite is alone, so
    /// that this is enough; on PostgreSQL the unique constraint has the last word.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an address belongs to a contact already, [`StoreError::StaleKeys`] after a rotation.
    pub fn contacts_load(&mut self, load: &Load<'_>) -> Result<(), StoreError> {
        for contact in load.contacts {
            self.master_hold(load.controller, contact.card.generation())?;
            let originals = contact.original.iter().map(|original| &original.sealed);
            for sealed in contact.events.iter().map(|event| &event.evidence).chain(originals) {
                self.master_hold(load.controller, sealed.generation())?;
            }
        }
        if load.contacts.is_empty() {
            return Ok(());
        }
        let others =
            load.contacts.iter().flat_map(|one| one.tags.others.iter().map(|(field, tag)| (one.id, *field, *tag)));
        let others = tag_rows(others);
        match &mut *self.db {
            Db::Sqlite(connection) => {
                sqlite::load(connection, load)?;
                sqlite::tags(connection, load.controller, &others)
            }
            Db::Postgres(connection) => {
                postgres::load(connection, load)?;
                postgres::new_tags(connection, load.controller, &others)
            }
        }
    }
}

/// Rows of tags in their order, each once.
fn tag_rows(tags: impl Iterator<Item = (ContactId, Field, Tag)>) -> Vec<TagRow> {
    let mut rows: Vec<TagRow> =
        tags.map(|(contact, field, tag)| (field_number(field), [*tag.as_bytes(), *contact.as_bytes()])).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}
