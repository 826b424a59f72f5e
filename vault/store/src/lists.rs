//! Lists and who is in them.

use carnet_core::model::{AccountId, ContactId, ControllerId, List, ListId, ListStatus, ProvenanceId};
use diesel::prelude::*;

use crate::StoreError;
use crate::engine::{Db, on};
use crate::rows::{exactly, size, time, word};
use crate::schema::{imports, list_members, lists};
use crate::tx::{Tx, WriteTx};

type Stored = (Vec<u8>, Vec<u8>, String, String, Vec<u8>, Vec<u8>, i64);

impl Tx<'_> {
    /// A controller's lists, by name.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_all(&mut self, controller: ControllerId) -> Result<Vec<List>, StoreError> {
        let rows: Vec<Stored> = lists::table
            .filter(lists::controller_id.eq(controller.as_bytes().as_slice()))
            .order(lists::name)
            .load(self.db)?;
        rows.into_iter().map(row).collect()
    }

    /// One list.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list(&mut self, controller: ControllerId, id: ListId) -> Result<Option<List>, StoreError> {
        let found: Option<Stored> = lists::table
            .filter(lists::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(lists::id.eq(id.as_bytes().as_slice()))
            .first(self.db)
            .optional()?;
        found.map(row).transpose()
    }

    /// The list of this name.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_named(&mut self, controller: ControllerId, name: &str) -> Result<Option<List>, StoreError> {
        let found: Option<Stored> = lists::table
            .filter(lists::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(lists::name.eq(name))
            .first(self.db)
            .optional()?;
        found.map(row).transpose()
    }

    /// How many contacts are in a list.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn list_size(&mut self, controller: ControllerId, id: ListId) -> Result<u64, StoreError> {
        let number: i64 = list_members::table
            .filter(list_members::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(list_members::list_id.eq(id.as_bytes().as_slice()))
            .count()
            .get_result(self.db)?;
        size(number, "list_members", "count")
    }

    /// How many imports into a list were ever begun. It grows with each of them, so that a list for which it is the same
    /// has gained nobody.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn list_imports(&mut self, controller: ControllerId, id: ListId) -> Result<u64, StoreError> {
        let number: i64 = imports::table
            .filter(imports::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(imports::list_id.eq(id.as_bytes().as_slice()))
            .count()
            .get_result(self.db)?;
        size(number, "imports", "count")
    }
}

impl WriteTx<'_> {
    /// One list, held against other writers until the end of the transaction: what is decided about it, and what joins
    /// it, happens one after the other.
    ///
    /// # Errors
    /// As [`Tx::list`].
    pub fn list_hold(&mut self, controller: ControllerId, id: ListId) -> Result<Option<List>, StoreError> {
        if let Db::Postgres(connection) = &mut *self.db {
            lists::table
                .filter(lists::controller_id.eq(controller.as_bytes().to_vec()))
                .filter(lists::id.eq(id.as_bytes().to_vec()))
                .select(lists::status)
                .for_update()
                .load::<String>(connection)?;
        }
        // Asked again once the lock is held: a writer on SQLite is alone.
        self.list(controller, id)
    }

    /// Adds a list.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the controller has one of this name.
    pub fn list_insert(&mut self, list: &List) -> Result<(), StoreError> {
        diesel::insert_into(lists::table)
            .values((
                lists::controller_id.eq(list.controller.as_bytes().as_slice()),
                lists::id.eq(list.id.as_bytes().as_slice()),
                lists::name.eq(&list.name),
                lists::status.eq(list.status.as_str()),
                lists::provenance_id.eq(list.provenance.as_bytes().as_slice()),
                lists::owner_id.eq(list.owner.as_bytes().as_slice()),
                lists::created_us.eq(list.created.as_us()),
            ))
            .execute(self.db)?;
        Ok(())
    }

    /// Gives a list another status, if it still has the one that it is to leave.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else moved it meanwhile.
    pub fn list_move(&mut self, list: &List, to: ListStatus) -> Result<(), StoreError> {
        let rows = diesel::update(
            lists::table
                .filter(lists::controller_id.eq(list.controller.as_bytes().as_slice()))
                .filter(lists::id.eq(list.id.as_bytes().as_slice()))
                .filter(lists::status.eq(list.status.as_str())),
        )
        .set(lists::status.eq(to.as_str()))
        .execute(self.db)?;
        if rows == 0 { Err(StoreError::Conflict) } else { Ok(()) }
    }

    /// Puts a contact into a list; false if it was in it already.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn list_join(
        &mut self,
        controller: ControllerId,
        list: ListId,
        contact: ContactId,
    ) -> Result<bool, StoreError> {
        let values = (
            list_members::controller_id.eq(controller.as_bytes().as_slice()),
            list_members::list_id.eq(list.as_bytes().as_slice()),
            list_members::contact_id.eq(contact.as_bytes().as_slice()),
        );
        let rows = on!(&mut *self.db, connection => diesel::insert_into(list_members::table)
            .values(values)
            .on_conflict_do_nothing()
            .execute(connection))?;
        Ok(rows == 1)
    }

    /// Takes a contact out of a list; false if it was not in it.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn list_leave(
        &mut self,
        controller: ControllerId,
        list: ListId,
        contact: ContactId,
    ) -> Result<bool, StoreError> {
        let rows = diesel::delete(
            list_members::table
                .filter(list_members::controller_id.eq(controller.as_bytes().as_slice()))
                .filter(list_members::list_id.eq(list.as_bytes().as_slice()))
                .filter(list_members::contact_id.eq(contact.as_bytes().as_slice())),
        )
        .execute(self.db)?;
        Ok(rows == 1)
    }
}

fn row((controller, id, name, status, provenance, owner, created): Stored) -> Result<List, StoreError> {
    Ok(List {
        controller: ControllerId::from_bytes(exactly(&controller, "lists", "controller_id")?),
        id: ListId::from_bytes(exactly(&id, "lists", "id")?),
        name,
        status: word::<ListStatus>(&status, "lists", "status")?,
        provenance: ProvenanceId::from_bytes(exactly(&provenance, "lists", "provenance_id")?),
        owner: AccountId::from_bytes(exactly(&owner, "lists", "owner_id")?),
        created: time(created, "lists", "created_us")?,
    })
}

/// The ids of a controller's lists.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn lists_of(controller: &[u8]) -> _ {
    let controller: Vec<u8> = controller.to_vec();
    lists::table.filter(lists::controller_id.eq(controller)).select(lists::id)
}
