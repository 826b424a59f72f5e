//! Which tags a contact has: what is needed to take them away, without an index of the tags by contact.

use carnet_core::keys::Tag;
use carnet_core::model::{ContactId, ControllerId};
use diesel::prelude::*;

use crate::contact_tags::field_number;
use crate::engine::on;
use crate::schema::{contact_emails, contact_tag_lists, contact_tags};
use crate::tx::WriteTx;
use crate::{ContactTags, StoreError};

const TABLE: &str = "contact_tag_lists";
/// The field of e-mail addresses; others are named as in `contact_tags`.
const EMAIL: u8 = 1;
/// The number of a field and a tag.
const ENTRY_BYTES: usize = 17;

/// The part that a contact comes with, or that an edit leaves.
pub(crate) const MAIN: i64 = 1;
/// The part that is added after an import.
pub(crate) const LATER: i64 = 2;

/// A list of tags as it is kept.
pub(crate) fn packed(tags: &ContactTags) -> Vec<u8> {
    let emails = tags.emails.iter().map(|(tag, _)| (EMAIL, *tag));
    let others = tags.others.iter().map(|(field, tag)| (u8::try_from(field_number(*field)).unwrap_or_default(), *tag));
    emails.chain(others).flat_map(|(field, tag)| entry(field, tag)).collect()
}

pub(crate) fn entry(field: u8, tag: Tag) -> impl Iterator<Item = u8> {
    std::iter::once(field).chain(*tag.as_bytes())
}

impl WriteTx<'_> {
    /// Notes which tags a contact has.
    pub(crate) fn tag_list_insert(
        &mut self,
        controller: ControllerId,
        contact: ContactId,
        tags: &ContactTags,
    ) -> Result<(), StoreError> {
        diesel::insert_into(contact_tag_lists::table)
            .values((
                contact_tag_lists::controller_id.eq(controller.as_bytes().as_slice()),
                contact_tag_lists::contact_id.eq(contact.as_bytes().as_slice()),
                contact_tag_lists::part.eq(MAIN),
                contact_tag_lists::tags.eq(packed(tags)),
            ))
            .execute(self.db)?;
        Ok(())
    }

    /// Takes all tags of a contact away.
    pub(crate) fn contact_tags_delete(
        &mut self,
        controller: ControllerId,
        contact: ContactId,
    ) -> Result<(), StoreError> {
        self.tags_settle(controller)?;
        let lists = self.tag_lists(controller, contact)?;
        let (controller, contact) = (controller.as_bytes().as_slice(), contact.as_bytes().as_slice());
        for list in &lists {
            for [field, tag @ ..] in entries_of(list)? {
                if *field == EMAIL {
                    let of = contact_emails::table.filter(contact_emails::controller_id.eq(controller));
                    let one = of.filter(contact_emails::tag.eq(tag.as_slice()));
                    diesel::delete(one.filter(contact_emails::contact_id.eq(contact))).execute(self.db)?;
                } else {
                    let of = contact_tags::table.filter(contact_tags::controller_id.eq(controller));
                    let one = of
                        .filter(contact_tags::field.eq(i64::from(*field)))
                        .filter(contact_tags::tag.eq(tag.as_slice()));
                    diesel::delete(one.filter(contact_tags::contact_id.eq(contact))).execute(self.db)?;
                }
            }
        }
        diesel::delete(
            contact_tag_lists::table
                .filter(contact_tag_lists::controller_id.eq(controller))
                .filter(contact_tag_lists::contact_id.eq(contact)),
        )
        .execute(self.db)?;
        Ok(())
    }

    /// The tags of a contact's addresses.
    pub(crate) fn email_tags(
        &mut self,
        controller: ControllerId,
        contact: ContactId,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut emails = Vec::new();
        for list in &self.tag_lists(controller, contact)? {
            let entries = entries_of(list)?.iter().filter(|[field, ..]| *field == EMAIL);
            emails.extend(entries.map(|[_, tag @ ..]| tag.to_vec()));
        }
        Ok(emails)
    }

    fn tag_lists(&mut self, controller: ControllerId, contact: ContactId) -> Result<Vec<Vec<u8>>, StoreError> {
        Ok(contact_tag_lists::table
            .filter(contact_tag_lists::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(contact_tag_lists::contact_id.eq(contact.as_bytes().as_slice()))
            .select(contact_tag_lists::tags)
            .load(self.db)?)
    }

    /// Notes which tags contacts got after they came.
    pub(crate) fn tag_lists_add(
        &mut self,
        controller: ControllerId,
        lists: &[(ContactId, Vec<u8>)],
    ) -> Result<(), StoreError> {
        let rows: Vec<_> = lists
            .iter()
            .map(|(contact, tags)| {
                (
                    contact_tag_lists::controller_id.eq(controller.as_bytes().as_slice()),
                    contact_tag_lists::contact_id.eq(contact.as_bytes().as_slice()),
                    contact_tag_lists::part.eq(LATER),
                    contact_tag_lists::tags.eq(tags.as_slice()),
                )
            })
            .collect();
        // A contact that an edit has tagged whole meanwhile may get the same once more: it is taken away once.
        for rows in rows.chunks(STATEMENT_ROWS) {
            on!(&mut *self.db, connection => diesel::insert_into(contact_tag_lists::table)
                .values(rows)
                .on_conflict_do_nothing()
                .execute(connection))?;
        }
        Ok(())
    }
}

fn entries_of(list: &[u8]) -> Result<&[[u8; ENTRY_BYTES]], StoreError> {
    match list.as_chunks() {
        (entries, []) => Ok(entries),
        _ => Err(StoreError::Damaged { table: TABLE, column: "tags" }),
    }
}

/// How many rows one statement inserts: far below the engines' limits on bound values.
const STATEMENT_ROWS: usize = 1000;
