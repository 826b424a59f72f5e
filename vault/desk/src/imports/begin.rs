//! The beginning of an import: what is checked, and the row and the list that it goes on from.

use std::sync::Arc;

use carnet_core::intake::level;
use carnet_core::keys::{Tag, VaultKey};
use carnet_core::model::{
    Controller, ImportCounts, ImportId, ImportState, List, ListId, ListStatus, ProvenanceId, Purpose, PurposeId, Slug,
    Timestamp,
};
use carnet_core::policy::{Operation, Target};
use carnet_store::{ImportRow, StoreError, WriteTx};

use super::NewImport;
use super::prepare::Common;
use super::reading::Reading;
use crate::lists::{check_name, end_release};
use crate::origin::{NewProvenance, opened_provenance};
use crate::record::EntryDraft;
use crate::{Desk, DeskError};

impl Desk<'_> {
    /// Whether this actor may import this; the controller's purposes.
    pub(super) fn check_import(&self, controller: &Controller, new: &NewImport) -> Result<Vec<Purpose>, DeskError> {
        self.authorise(Operation::ListImport, &Target::Controller(controller.id))?;
        provenance_of(new).check()?;
        check_name(&new.list)?;
        let purposes = self.vault.store.read(|tx| tx.purpose_list(controller.id))?;
        match new.purpose {
            Some(id) if !purposes.iter().any(|one| one.id == id) => {
                Err(DeskError::Unknown { what: "purpose", name: id.to_string(), command: "purpose ls" })
            }
            _ => Ok(purposes),
        }
    }

    /// What all contacts of a run have in common.
    pub(super) fn common(
        &self,
        controller: &Controller,
        (purpose, all): (Option<PurposeId>, &[Purpose]),
        provenance: ProvenanceId,
    ) -> Result<Common, DeskError> {
        self.vault.reload_keys()?;
        let ring = self.vault.keyring();
        let keys = ring.controller(controller.id)?;
        let named = |name: &Slug, title: &str, id: PurposeId| [(level(name.as_str()), id), (level(title), id)];
        let purposes = all.iter().flat_map(|one| named(&one.name, &one.title, one.id)).collect();
        Ok(Common {
            controller: controller.clone(),
            ring: Arc::clone(&ring),
            keys,
            provenance,
            purpose,
            purposes,
            at: Timestamp::now(),
        })
    }

    /// The unfinished import that this one is, or a new one; and whether it was there.
    pub(super) fn begun_import(
        &self,
        controller: &Controller,
        new: &NewImport,
    ) -> Result<(ImportRow, bool), DeskError> {
        self.vault.with_keys(|ring| {
            let keys = ring.controller(controller.id)?;
            let id = ImportId::new();
            let mut draft = self.draft("import.begin")?.of_controller(controller.id);
            let now = draft.0.at;
            let by = (self.account.id, self.account.name.as_str());
            let origin = provenance_of(new).seal(&keys, controller.id, by, now)?;
            draft.touch(id);
            self.vault.store.write(|tx| {
                let list = match tx.list_named(controller.id, &new.list)? {
                    None => self.new_list(tx, controller, new, origin.id, now)?,
                    Some(list) => tx.list_hold(controller.id, list.id)?.ok_or(DeskError::ListOvertaken)?,
                };
                draft.touch(list.id);
                close_again(tx, &list, &ring.vault, &mut draft)?;
                if let Some(row) = tx.import_unfinished(controller.id, list.id)? {
                    let origin =
                        tx.provenance(controller.id, row.provenance)?.ok_or(StoreError::NotFound("the origin"))?;
                    let same = Reading::open(&ring.vault, self.vault.id, &row)?.is_of(new)
                        && opened_provenance(&keys, &origin)?.origin == new.origin;
                    if !same {
                        return Err(other_import(&list.name, row.id));
                    }
                    draft.count("continued", 1);
                    return Ok((self.record_for_vault(draft)?, (row, true)));
                }
                draft.touch(origin.id);
                tx.provenance_insert(&origin)?;
                let row = ImportRow {
                    controller: controller.id,
                    id,
                    list: list.id,
                    provenance: origin.id,
                    brought_by: self.account.id,
                    state: ImportState::Unfinished,
                    sealed: Reading::of(new).seal(&ring.vault, self.vault.id, id)?,
                    counts: ImportCounts::default(),
                    position_tag: Tag::from_bytes([0; 16]),
                    worded_through: None,
                    started: now,
                    changed: now,
                };
                tx.import_insert(&row)?;
                Ok((self.record_for_vault(draft)?, (row, false)))
            })
        })
    }

    fn new_list(
        &self,
        tx: &mut WriteTx<'_>,
        controller: &Controller,
        new: &NewImport,
        provenance: ProvenanceId,
        now: Timestamp,
    ) -> Result<List, DeskError> {
        let list = List {
            id: ListId::new(),
            controller: controller.id,
            name: new.list.clone(),
            provenance,
            owner: self.account.id,
            status: ListStatus::Received,
            created: now,
        };
        tx.list_insert(&list)?;
        Ok(list)
    }
}

/// What a list must be before contacts join it. One that waits for its check or is released is taken back to where it
/// began: what comes in has sources and rows that nobody has looked at. What is before an officer stays as the officer
/// sees it.
fn close_again(tx: &mut WriteTx<'_>, list: &List, key: &VaultKey, draft: &mut EntryDraft) -> Result<(), DeskError> {
    match list.status {
        ListStatus::Received => Ok(()),
        ListStatus::Checking | ListStatus::Released => {
            end_release(tx, key, list, draft)?;
            Ok(tx.list_move(list, ListStatus::Received)?)
        }
        ListStatus::Held | ListStatus::Blocked | ListStatus::Withdrawn => Err(DeskError::Invalid(format!(
            "the list {:?} is {}, and nothing is added to it; import into another list",
            list.name, list.status
        ))),
    }
}

fn provenance_of(new: &NewImport) -> NewProvenance {
    NewProvenance { kind: new.kind, origin: new.origin.clone(), file_name: new.file_name.clone(), holders: None }
}

fn other_import(list: &str, import: ImportId) -> DeskError {
    DeskError::Invalid(format!(
        "the list {list:?} has an unfinished import, {import}, with another origin, purpose or mapping; repeat the command that it \
         began with, or take back what came in with `carnet import undo {import}`"
    ))
}
