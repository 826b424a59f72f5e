//! Which imports there are, and what they did.

use carnet_core::model::{Controller, ImportId, Timestamp};
use carnet_core::policy::{Operation, Target};

use carnet_store::StoreError;

use super::ImportView;
use super::reading::Reading;
use crate::origin::opened_provenance;
use crate::{Desk, DeskError};

impl Desk<'_> {
    /// A controller's imports, the newest first.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Open`] when a row was edited behind the vault's back.
    pub fn imports(&self, controller: &Controller) -> Result<Vec<ImportView>, DeskError> {
        self.authorise(Operation::ListLs, &Target::Controller(controller.id))?;
        self.vault.with_keys(|ring| {
            let keys = ring.controller(controller.id)?;
            self.vault.store.read(|tx| {
                let now = Timestamp::now();
                let lists = tx.list_all(controller.id)?;
                let rows = tx.import_all(controller.id)?.into_iter();
                rows.map(|row| {
                    let list = lists.iter().find(|list| list.id == row.list).ok_or_else(|| no_list(row.id))?;
                    let status =
                        tx.list_standing(controller.id, list.id, now)?.map_or(list.status, |one| one.effective);
                    let origin =
                        tx.provenance(controller.id, row.provenance)?.ok_or(StoreError::NotFound("the origin"))?;
                    let words = Reading::open(&ring.vault, self.vault.id, &row)?;
                    Ok(ImportView {
                        id: row.id,
                        list: (list.id, list.name.clone(), status),
                        state: row.state,
                        counts: row.counts,
                        provenance: opened_provenance(&keys, &origin)?,
                        reading: words.reading,
                        purpose: words.purpose,
                        started: row.started,
                        changed: row.changed,
                    })
                })
                .collect()
            })
        })
    }
}

fn no_list(import: ImportId) -> DeskError {
    DeskError::Unknown { what: "list of import", name: import.to_string(), command: "import ls" }
}
