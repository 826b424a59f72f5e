//! Condemned lists, as tags alone: what an officer found to be bought, swapped, scraped or made up is known again when it comes back
//! under another name. What ends a contact, an erasure or an undo, takes its tags away too.

use carnet_core::keys::Tag;
use carnet_core::model::{ContactId, ControllerId, ListId, Timestamp};
use diesel::prelude::*;

use crate::StoreError;
use crate::engine::on;
use crate::lists::lists_of;
use crate::rows::exactly;
use crate::schema::{condemned_tags, contact_emails};
use crate::tx::{Tx, WriteTx};

const TABLE: &str = "condemned_tags";
/// Rows of one statement: far below the engines' limits on bound values.
const STATEMENT_ROWS: usize = 1000;

impl Tx<'_> {
    /// The tags of addresses of lists that were condemned since then, one list of one controller apart; `None` if no list was.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn condemned_tags(
        &mut self,
        except: Option<(ControllerId, ListId)>,
        since: Timestamp,
    ) -> Result<Option<Vec<Tag>>, StoreError> {
        let lists: Vec<(Vec<u8>, Vec<u8>)> = condemned_tags::table
            .filter(condemned_tags::condemned_us.ge(since.as_us()))
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
            let of_list: Vec<Vec<u8>> = condemned_tags::table
                .filter(condemned_tags::controller_id.eq(&controller))
                .filter(condemned_tags::list_id.eq(&list))
                .select(condemned_tags::overlap_tag)
                .load(self.db)?;
            for tag in of_list {
                tags.push(Tag::from_bytes(exactly(&tag, TABLE, "overlap_tag")?));
            }
        }
        tags.sort_unstable();
        tags.dedup();
        Ok(Some(tags))
    }
}

impl WriteTx<'_> {
    /// Keeps the tags of a list that is condemned, and lets go of those that were condemned before `since`.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn condemned_put(
        &mut self,
        (controller, list): (ControllerId, ListId),
        tags: &[Tag],
        (at, since): (Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        diesel::delete(condemned_tags::table.filter(condemned_tags::condemned_us.lt(since.as_us())))
            .execute(self.db)?;
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

    /// Forgets a contact's addresses in the condemned lists of its controller. Its tags are in their table.
    pub(crate) fn condemned_forget(&mut self, controller: ControllerId, contact: ContactId) -> Result<(), StoreError> {
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
