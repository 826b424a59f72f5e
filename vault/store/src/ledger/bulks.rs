//! What bulk entries did to which contacts: kept beside the entry whose root covers it.

use carnet_core::ledger::Touched;
use carnet_core::model::{ControllerId, EntryId, ImportId};
use diesel::prelude::*;

use crate::StoreError;
use crate::rows::exactly;
use crate::schema::ledger_bulks;
use crate::tx::{Tx, WriteTx};

const TABLE: &str = "ledger_bulks";

impl Tx<'_> {
    /// What a bulk entry did, if that is kept for it.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn bulk(&mut self, controller: ControllerId, entry: EntryId) -> Result<Option<Vec<Touched>>, StoreError> {
        let found: Option<Vec<u8>> = ledger_bulks::table
            .filter(ledger_bulks::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(ledger_bulks::entry_id.eq(entry.as_bytes().as_slice()))
            .select(ledger_bulks::touched)
            .first(self.db)
            .optional()?;
        found
            .map(|bytes| {
                Touched::list_from_bytes(&bytes).map_err(|_| StoreError::Damaged { table: TABLE, column: "touched" })
            })
            .transpose()
    }

    /// The bulk entries of one import, in the order in which they were made.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn bulks_of(&mut self, controller: ControllerId, import: ImportId) -> Result<Vec<EntryId>, StoreError> {
        let rows: Vec<Vec<u8>> = ledger_bulks::table
            .filter(ledger_bulks::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(ledger_bulks::work_id.eq(import.as_bytes().as_slice()))
            .order(ledger_bulks::entry_id)
            .select(ledger_bulks::entry_id)
            .load(self.db)?;
        rows.iter().map(|id| Ok(EntryId::from_bytes(exactly(id, TABLE, "entry_id")?))).collect()
    }
}

impl WriteTx<'_> {
    /// Keeps what a bulk entry of an import does.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn bulk_insert(
        &mut self,
        controller: ControllerId,
        import: ImportId,
        entry: EntryId,
        touched: &[Touched],
    ) -> Result<(), StoreError> {
        diesel::insert_into(ledger_bulks::table)
            .values((
                ledger_bulks::controller_id.eq(controller.as_bytes().as_slice()),
                ledger_bulks::entry_id.eq(entry.as_bytes().as_slice()),
                ledger_bulks::work_id.eq(import.as_bytes().as_slice()),
                ledger_bulks::touched.eq(Touched::list_to_bytes(touched)),
            ))
            .execute(self.db)?;
        Ok(())
    }
}
