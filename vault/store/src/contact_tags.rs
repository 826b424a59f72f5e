//! By what contacts are found: addresses, numbers, words.

use carnet_core::keys::{Field, Tag};
use carnet_core::model::{ContactId, ControllerId};
use diesel::prelude::*;

use crate::StoreError;
use crate::engine::on;
use crate::rows::exactly;
use crate::schema::{contact_emails, contact_tags};
use crate::tx::{Tx, WriteTx};

/// By what a contact is found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactTags {
    /// For each e-mail address: its tag within the controller, and the one that the gate compares lists by.
    pub emails: Vec<(Tag, Tag)>,
    /// Phone numbers, words of names and organisations, domains.
    pub others: Vec<(Field, Tag)>,
}

impl Tx<'_> {
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
}

impl WriteTx<'_> {
    pub(crate) fn contact_tags_insert(
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

/// How a field is kept; numbers are never given a new meaning.
pub(crate) fn field_number(field: Field) -> i64 {
    match field {
        Field::Email => 1,
        Field::Phone => 2,
        Field::Word => 3,
        Field::Domain => 4,
        Field::Uid => 5,
        Field::Source => 6,
    }
}
