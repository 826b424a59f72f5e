//! How often what a check is about was changed in a list's contacts: a check of before that is not of the list as it is.

use carnet_core::model::{ControllerId, ListId};
use diesel::prelude::*;

use crate::StoreError;
use crate::rows::size;
use crate::schema::list_changes;
use crate::tx::{Tx, WriteTx};

impl Tx<'_> {
    /// How often contacts of a list were given other addresses, or more or less that they are said to have agreed to, or were found to be
    /// traps. It only grows.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_changes(&mut self, controller: ControllerId, list: ListId) -> Result<u64, StoreError> {
        let found: Option<i64> = list_changes::table
            .find((controller.as_bytes().as_slice(), list.as_bytes().as_slice()))
            .select(list_changes::changes)
            .first(self.db)
            .optional()?;
        found.map_or(Ok(0), |changes| size(changes, "list_changes", "changes"))
    }
}

impl WriteTx<'_> {
    /// Counts one more. Whoever counts holds the list ([`list_hold`](Self::list_hold)).
    ///
    /// # Errors
    /// The database's own failure.
    pub fn list_changed(&mut self, controller: ControllerId, list: ListId) -> Result<(), StoreError> {
        let (of, list) = (controller.as_bytes().as_slice(), list.as_bytes().as_slice());
        let known = diesel::update(list_changes::table.find((of, list)))
            .set(list_changes::changes.eq(list_changes::changes + 1))
            .execute(self.db)?;
        if known == 0 {
            let first =
                (list_changes::controller_id.eq(of), list_changes::list_id.eq(list), list_changes::changes.eq(1_i64));
            diesel::insert_into(list_changes::table).values(first).execute(self.db)?;
        }
        Ok(())
    }
}
