//! Imports: how far each is.

use carnet_core::keys::{Sealed, Tag};
use carnet_core::model::{
    AccountId, ContactId, ControllerId, ImportCounts, ImportId, ImportState, ListId, ProvenanceId, Timestamp,
};
use diesel::prelude::*;

use crate::StoreError;
use crate::rows::{count, exactly, sealed, size, time, word};
use crate::schema::imports;
use crate::tx::{Tx, WriteTx};

/// An import and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportRow {
    /// Whose contacts.
    pub controller: ControllerId,
    /// Its id.
    pub id: ImportId,
    /// The list that the contacts join.
    pub list: ListId,
    /// Where they came from.
    pub provenance: ProvenanceId,
    /// Who brings them in.
    pub brought_by: AccountId,
    /// How far it is.
    pub state: ImportState,
    /// How the source is read.
    pub sealed: Sealed,
    /// The numbers; what was read says how much of the source was dealt with.
    pub counts: ImportCounts,
    /// A keyed digest of what was read.
    pub position_tag: Tag,
    /// The last of its contacts that is found by words.
    pub worded_through: Option<ContactId>,
    /// When it began.
    pub started: Timestamp,
    /// When it last wrote.
    pub changed: Timestamp,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = imports)]
struct Stored {
    controller_id: Vec<u8>,
    id: Vec<u8>,
    list_id: Vec<u8>,
    provenance_id: Vec<u8>,
    brought_by: Vec<u8>,
    state: String,
    sealed: Vec<u8>,
    position: i64,
    position_tag: Vec<u8>,
    new_contacts: i64,
    merged: i64,
    unchanged: i64,
    suppressed: i64,
    rejected: i64,
    consents: i64,
    refusals: i64,
    undeliverable: i64,
    differing: i64,
    worded_through: Option<Vec<u8>>,
    started_us: i64,
    changed_us: i64,
}

impl Tx<'_> {
    /// A controller's imports, the newest first.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn import_all(&mut self, controller: ControllerId) -> Result<Vec<ImportRow>, StoreError> {
        let rows: Vec<Stored> = imports::table
            .filter(imports::controller_id.eq(controller.as_bytes().as_slice()))
            .order(imports::id.desc())
            .load(self.db)?;
        rows.into_iter().map(row).collect()
    }

    /// One import.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn import(&mut self, controller: ControllerId, id: ImportId) -> Result<Option<ImportRow>, StoreError> {
        let found: Option<Stored> = imports::table
            .filter(imports::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(imports::id.eq(id.as_bytes().as_slice()))
            .first(self.db)
            .optional()?;
        found.map(row).transpose()
    }

    /// The import into this list that was begun and neither finished nor undone.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn import_unfinished(
        &mut self,
        controller: ControllerId,
        list: ListId,
    ) -> Result<Option<ImportRow>, StoreError> {
        let found: Option<Stored> = imports::table
            .filter(imports::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(imports::list_id.eq(list.as_bytes().as_slice()))
            .filter(imports::state.eq(ImportState::Unfinished.as_str()))
            .order(imports::id)
            .first(self.db)
            .optional()?;
        found.map(row).transpose()
    }
}

impl WriteTx<'_> {
    /// Adds an import.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn import_insert(&mut self, new: &ImportRow) -> Result<(), StoreError> {
        diesel::insert_into(imports::table).values(stored(new)?).execute(self.db)?;
        Ok(())
    }

    /// Notes how far an import is, if `read` is still how much of its source was dealt with.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when another process took it further meanwhile.
    pub fn import_advance(&mut self, row: &ImportRow, read: u64) -> Result<(), StoreError> {
        let counts = &row.counts;
        let rows = diesel::update(
            imports::table
                .filter(imports::controller_id.eq(row.controller.as_bytes().as_slice()))
                .filter(imports::id.eq(row.id.as_bytes().as_slice()))
                .filter(imports::state.eq(ImportState::Unfinished.as_str()))
                .filter(imports::position.eq(count(read)?)),
        )
        .set((
            imports::state.eq(row.state.as_str()),
            imports::position.eq(count(row.counts.read)?),
            imports::position_tag.eq(row.position_tag.as_bytes().as_slice()),
            imports::new_contacts.eq(count(counts.new)?),
            imports::merged.eq(count(counts.merged)?),
            imports::unchanged.eq(count(counts.unchanged)?),
            imports::suppressed.eq(count(counts.suppressed)?),
            imports::rejected.eq(count(counts.rejected)?),
            imports::consents.eq(count(counts.consents)?),
            imports::refusals.eq(count(counts.refusals)?),
            imports::undeliverable.eq(count(counts.undeliverable)?),
            imports::differing.eq(count(counts.differing)?),
            imports::changed_us.eq(row.changed.as_us()),
        ))
        .execute(self.db)?;
        if rows == 0 { Err(StoreError::Conflict) } else { Ok(()) }
    }

    /// Notes that an import is undone.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is in another state than `from` by now.
    pub fn import_close(&mut self, row: &ImportRow, from: ImportState) -> Result<(), StoreError> {
        let rows = diesel::update(
            imports::table
                .filter(imports::controller_id.eq(row.controller.as_bytes().as_slice()))
                .filter(imports::id.eq(row.id.as_bytes().as_slice()))
                .filter(imports::state.eq(from.as_str())),
        )
        .set((imports::state.eq(row.state.as_str()), imports::changed_us.eq(row.changed.as_us())))
        .execute(self.db)?;
        if rows == 0 { Err(StoreError::Conflict) } else { Ok(()) }
    }

    /// Notes how far the words of an import's contacts are tagged.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn import_worded(
        &mut self,
        controller: ControllerId,
        id: ImportId,
        through: ContactId,
    ) -> Result<(), StoreError> {
        diesel::update(
            imports::table
                .filter(imports::controller_id.eq(controller.as_bytes().as_slice()))
                .filter(imports::id.eq(id.as_bytes().as_slice())),
        )
        .set(imports::worded_through.eq(through.as_bytes().as_slice()))
        .execute(self.db)?;
        Ok(())
    }
}

fn stored(row: &ImportRow) -> Result<Stored, StoreError> {
    let counts = &row.counts;
    Ok(Stored {
        controller_id: row.controller.as_bytes().to_vec(),
        id: row.id.as_bytes().to_vec(),
        list_id: row.list.as_bytes().to_vec(),
        provenance_id: row.provenance.as_bytes().to_vec(),
        brought_by: row.brought_by.as_bytes().to_vec(),
        state: row.state.as_str().to_owned(),
        sealed: row.sealed.as_bytes().to_vec(),
        position: count(counts.read)?,
        position_tag: row.position_tag.as_bytes().to_vec(),
        new_contacts: count(counts.new)?,
        merged: count(counts.merged)?,
        unchanged: count(counts.unchanged)?,
        suppressed: count(counts.suppressed)?,
        rejected: count(counts.rejected)?,
        consents: count(counts.consents)?,
        refusals: count(counts.refusals)?,
        undeliverable: count(counts.undeliverable)?,
        differing: count(counts.differing)?,
        worded_through: row.worded_through.map(|id| id.as_bytes().to_vec()),
        started_us: row.started.as_us(),
        changed_us: row.changed.as_us(),
    })
}

fn row(stored: Stored) -> Result<ImportRow, StoreError> {
    const TABLE: &str = "imports";
    let number = |value: i64, column: &'static str| size(value, TABLE, column);
    Ok(ImportRow {
        controller: ControllerId::from_bytes(exactly(&stored.controller_id, TABLE, "controller_id")?),
        id: ImportId::from_bytes(exactly(&stored.id, TABLE, "id")?),
        list: ListId::from_bytes(exactly(&stored.list_id, TABLE, "list_id")?),
        provenance: ProvenanceId::from_bytes(exactly(&stored.provenance_id, TABLE, "provenance_id")?),
        brought_by: AccountId::from_bytes(exactly(&stored.brought_by, TABLE, "brought_by")?),
        state: word(&stored.state, TABLE, "state")?,
        sealed: sealed(stored.sealed, TABLE, "sealed")?,
        position_tag: Tag::from_bytes(exactly(&stored.position_tag, TABLE, "position_tag")?),
        counts: ImportCounts {
            read: number(stored.position, "position")?,
            new: number(stored.new_contacts, "new_contacts")?,
            merged: number(stored.merged, "merged")?,
            unchanged: number(stored.unchanged, "unchanged")?,
            suppressed: number(stored.suppressed, "suppressed")?,
            rejected: number(stored.rejected, "rejected")?,
            consents: number(stored.consents, "consents")?,
            refusals: number(stored.refusals, "refusals")?,
            undeliverable: number(stored.undeliverable, "undeliverable")?,
            differing: number(stored.differing, "differing")?,
        },
        worded_through: stored
            .worded_through
            .map(|id| exactly(&id, TABLE, "worded_through").map(ContactId::from_bytes))
            .transpose()?,
        started: time(stored.started_us, TABLE, "started_us")?,
        changed: time(stored.changed_us, TABLE, "changed_us")?,
    })
}
