//! Condemned lists, as tags alone: what an officer found to be bought, swapped, scraped or made up is known again when it comes back
//! under another name, also after its import was taken back. An erased person is forgotten here too.

use carnet_core::keys::Tag;
use carnet_core::model::{ContactId, ControllerId, ListId, Timestamp};
use diesel::prelude::*;

use crate::StoreError;
use crate::engine::on;
use crate::lists::lists_of;
use crate::rows::{exactly, time};
use crate::schema::{condemned_tags, contact_emails};
use crate::tx::{Tx, WriteTx};

const TABLE: &str = "condemned_tags";
/// Rows of one statement: far below the engines' limits on bound values.
const STATEMENT_ROWS: usize = 1000;

/// An address that a condemned list had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CondemnedTag {
    /// Its tag.
    pub tag: Tag,
    /// Whose list.
    pub of: ControllerId,
    /// When that list began to be in the vault.
    pub began: Timestamp,
}

impl Tx<'_> {
    /// The tags of addresses of lists that were condemned between two times, one list of one controller apart, in their order, each once
    /// for each controller, with its list that began first; `None` if no list was condemned.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn condemned_tags(
        &mut self,
        except: Option<(ControllerId, ListId)>,
        (since, until): (Timestamp, Timestamp),
    ) -> Result<Option<Vec<CondemnedTag>>, StoreError> {
        let lists: Vec<(Vec<u8>, Vec<u8>)> = condemned_tags::table
            .filter(condemned_tags::condemned_us.between(since.as_us(), until.as_us()))
            .select((condemned_tags::controller_id, condemned_tags::list_id))
            .distinct()
            .load(self.db)?;
        let own = except.map(|(controller, list)| (controller.as_bytes().to_vec(), list.as_bytes().to_vec()));
        let lists: Vec<_> = lists.into_iter().filter(|list| Some(list) != own.as_ref()).collect();
        if lists.is_empty() {
            return Ok(None);
        }
        let mut tags = Vec::new();
        for (controller, list) in lists {
            let of_list: Vec<(Vec<u8>, i64)> = condemned_tags::table
                .filter(condemned_tags::controller_id.eq(&controller))
                .filter(condemned_tags::list_id.eq(&list))
                .select((condemned_tags::overlap_tag, condemned_tags::began_us))
                .load(self.db)?;
            let of = ControllerId::from_bytes(exactly(&controller, TABLE, "controller_id")?);
            for (tag, began) in of_list {
                let tag = Tag::from_bytes(exactly(&tag, TABLE, "overlap_tag")?);
                tags.push(CondemnedTag { tag, of, began: time(began, TABLE, "began_us")? });
            }
        }
        tags.sort_unstable();
        tags.dedup_by_key(|one| (one.tag, one.of));
        Ok(Some(tags))
    }

    /// Whether a list was condemned, and is still.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn is_condemned(&mut self, controller: ControllerId, list: ListId) -> Result<bool, StoreError> {
        let any = condemned_tags::table
            .filter(condemned_tags::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(condemned_tags::list_id.eq(list.as_bytes().as_slice()))
            .select(condemned_tags::condemned_us)
            .first::<i64>(self.db)
            .optional()?;
        Ok(any.is_some())
    }

    /// The tags of a list that was condemned, with when each was and when the list began; none if it was not.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn condemned_of(
        &mut self,
        controller: ControllerId,
        list: ListId,
    ) -> Result<Vec<(Tag, Timestamp, Timestamp)>, StoreError> {
        let rows: Vec<(Vec<u8>, i64, i64)> = condemned_tags::table
            .filter(condemned_tags::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(condemned_tags::list_id.eq(list.as_bytes().as_slice()))
            .select((condemned_tags::overlap_tag, condemned_tags::condemned_us, condemned_tags::began_us))
            .load(self.db)?;
        let of = |(tag, at, began): (Vec<u8>, i64, i64)| {
            let tag = Tag::from_bytes(exactly(&tag, TABLE, "overlap_tag")?);
            Ok((tag, time(at, TABLE, "condemned_us")?, time(began, TABLE, "began_us")?))
        };
        rows.into_iter().map(of).collect()
    }
}

impl WriteTx<'_> {
    /// Lets go of what was condemned before a time.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn condemned_purge(&mut self, before: Timestamp) -> Result<(), StoreError> {
        diesel::delete(condemned_tags::table.filter(condemned_tags::condemned_us.lt(before.as_us())))
            .execute(self.db)?;
        Ok(())
    }

    /// Keeps the tags of a list that is condemned, in place of those that it had.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn condemned_put(
        &mut self,
        (controller, list): (ControllerId, ListId),
        tags: &[Tag],
        (at, began): (Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        self.condemned_lift(controller, list)?;
        let mut tags = tags.to_vec();
        tags.sort_unstable();
        tags.dedup();
        for tags in tags.chunks(STATEMENT_ROWS) {
            let rows: Vec<_> = tags
                .iter()
                .map(|tag| {
                    (
                        condemned_tags::controller_id.eq(controller.as_bytes().as_slice()),
                        condemned_tags::list_id.eq(list.as_bytes().as_slice()),
                        condemned_tags::overlap_tag.eq(tag.as_bytes().as_slice()),
                        condemned_tags::condemned_us.eq(at.as_us()),
                        condemned_tags::began_us.eq(began.as_us()),
                    )
                })
                .collect();
            on!(&mut *self.db, connection => diesel::insert_into(condemned_tags::table).values(&rows).execute(connection))?;
        }
        Ok(())
    }

    /// Forgets that a list was condemned: it was released after all.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn condemned_lift(&mut self, controller: ControllerId, list: ListId) -> Result<(), StoreError> {
        diesel::delete(
            condemned_tags::table
                .filter(condemned_tags::controller_id.eq(controller.as_bytes().as_slice()))
                .filter(condemned_tags::list_id.eq(list.as_bytes().as_slice())),
        )
        .execute(self.db)?;
        Ok(())
    }

    /// Forgets a contact's addresses in the condemned lists of its controller (Art. 17), while it is still there.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn condemned_forget(&mut self, controller: ControllerId, contact: ContactId) -> Result<(), StoreError> {
        self.tags_settle(controller)?;
        let tags = self.email_tags(controller, contact)?;
        let of = controller.as_bytes().as_slice();
        let overlap: Vec<Vec<u8>> = contact_emails::table
            .filter(contact_emails::controller_id.eq(of))
            .filter(contact_emails::tag.eq_any(tags))
            .filter(contact_emails::contact_id.eq(contact.as_bytes().as_slice()))
            .select(contact_emails::overlap_tag)
            .load(self.db)?;
        diesel::delete(
            condemned_tags::table
                .filter(condemned_tags::controller_id.eq(of))
                .filter(condemned_tags::list_id.eq_any(lists_of(of)))
                .filter(condemned_tags::overlap_tag.eq_any(overlap)),
        )
        .execute(self.db)?;
        Ok(())
    }
}
