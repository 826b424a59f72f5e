//! Taking an import back: what it added goes, what it changed is as before, and what was refused by it stays refused.

use carnet_core::ledger::{Act, Bulk, Touched};
use carnet_core::model::{ContactId, Controller, EntryId, ImportId, ImportState, List, ListStatus, Timestamp};
use carnet_core::policy::{Operation, Target};
use carnet_store::{ImportChange, ImportRow, StoreError, Tx, WriteTx};

use super::Stop;
use crate::contacts::opened_card;
use crate::lists::{changed_among, changed_in_lists};
use crate::record::EntryDraft;
use crate::seal::{before_place, revised, tags};
use crate::{Desk, DeskError};

/// What taking an import back will do, to be shown before it is carried out.
#[derive(Debug, Clone)]
pub struct UndoPlan {
    controller: Controller,
    row: ImportRow,
    /// The list, and after it those that were split off it.
    lists: Vec<List>,
    /// Name of the list.
    pub list: String,
    /// Contacts that came by this import alone, and go.
    pub removes: u64,
    /// Contacts that were there before, and get their card back.
    pub restores: u64,
    /// Contacts that somebody has changed since: they stay as they are.
    pub keeps: u64,
    /// Refusals that came by this import, and stay.
    pub refusals: u64,
}

/// How many contacts go in one transaction.
const STEP_CONTACTS: u32 = 1000;

impl Desk<'_> {
    /// What taking an import back would do.
    ///
    /// # Errors
    /// [`DeskError::Unknown`]; [`DeskError::Invalid`] when it is undone already; [`DeskError::Denied`], of a blocked list
    /// to everybody, also where the blocked one was split off the list.
    pub fn plan_undo(&self, controller: &Controller, id: ImportId) -> Result<UndoPlan, DeskError> {
        let unknown = || DeskError::Unknown { what: "import", name: id.to_string(), command: "import ls" };
        let (row, lists) = self.vault.store.read(|tx| {
            let row = tx.import(controller.id, id)?.ok_or_else(unknown)?;
            let list = tx.list(controller.id, row.list)?.ok_or_else(unknown)?;
            Ok::<_, DeskError>((row, with_split_off(tx, list)?))
        })?;
        self.authorise_undo(&lists)?;
        let counts = self.vault.store.read(|tx| tx.import_undo_counts(controller.id, id, row.provenance))?;
        if row.state == ImportState::Undone && counts.removable + counts.restorable == 0 {
            return Err(DeskError::Invalid(format!("import {id} is undone already")));
        }
        Ok(UndoPlan {
            controller: controller.clone(),
            list: lists.first().map(|one| one.name.clone()).unwrap_or_default(),
            removes: counts.removable,
            restores: counts.restorable,
            keeps: counts.changed_since,
            refusals: row.counts.refusals,
            row,
            lists,
        })
    }

    /// Takes an import back. Contacts that it added are removed and their salts shredded, which suppresses nobody: they can
    /// be imported again. What it said was agreed to is taken back, what it said was refused stays.
    ///
    /// Killed on the way, it goes on when it is asked for again.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] when the import went on since the plan was made.
    pub fn undo_import(&self, plan: &UndoPlan) -> Result<(), DeskError> {
        self.authorise_undo(&plan.lists)?;
        if plan.row.state != ImportState::Undone {
            self.close(plan)?;
        }
        self.vault.store.settle_tags(plan.controller.id, true)?;
        while self.undo_added(plan)? {}
        while self.undo_changed(plan)? {}
        Ok(())
    }

    /// Whether every list that contacts of the import are in lets them go.
    fn authorise_undo(&self, lists: &[List]) -> Result<(), DeskError> {
        lists.iter().try_for_each(|list| match self.authorise(Operation::ListUndo, &target_of(list)) {
            Err(DeskError::Denied(_)) if list.status == ListStatus::Blocked => Err(DeskError::Denied(format!(
                "the list {:?} is blocked, and contacts of this import may be in it; what came in is not taken back past a block, also where \
                 the blocked list was split off. An erasure goes through (`carnet contact erase`)",
                list.name
            ))),
            other => other,
        })
    }

    /// From here on the import does not go on.
    fn close(&self, plan: &UndoPlan) -> Result<(), DeskError> {
        let mut draft = self.draft("import.undo")?.of_controller(plan.controller.id);
        draft.touch(plan.row.id);
        draft.touch(plan.row.list);
        draft.count("removes", plan.removes);
        draft.count("restores", plan.restores);
        let record = self.record_for_vault(draft)?;
        self.vault.store.write(|tx| {
            let now = tx.import(plan.controller.id, plan.row.id)?;
            if now.is_none_or(|row| row.counts.read != plan.row.counts.read) {
                return Err(overtaken(plan.row.id));
            }
            let row = ImportRow { state: ImportState::Undone, changed: Timestamp::now(), ..plan.row.clone() };
            tx.import_close(&row, plan.row.state).map_err(|error| match error {
                StoreError::Conflict => overtaken(row.id),
                other => other.into(),
            })?;
            Ok((record, ()))
        })
    }

    /// Removes some of the contacts that came by this import alone; false when there are no more.
    fn undo_added(&self, plan: &UndoPlan) -> Result<bool, DeskError> {
        let (controller, import) = (plan.controller.id, plan.row.id);
        self.undo_step(plan, |tx, draft| {
            let added = tx.import_removable(controller, import, plan.row.provenance, STEP_CONTACTS)?;
            changed_among(tx, &self.vault.keyring().vault, (&plan.lists, &added), draft)?;
            let mut touched = Vec::with_capacity(added.len());
            for contact in added {
                if tx.contact_erase(controller, contact, Timestamp::now())? {
                    touched.push(Touched { contact, act: Act::Removed, changes: 0, events: 0 });
                }
            }
            Ok(touched)
        })
    }

    /// Puts some of the contacts that were there before back to how they were; false when there are no more.
    fn undo_changed(&self, plan: &UndoPlan) -> Result<bool, DeskError> {
        let (controller, import) = (plan.controller.id, plan.row.id);
        self.undo_step(plan, |tx, draft| {
            let entries = tx.bulks_of(controller, import)?;
            let changes = tx.import_changes(controller, import, None, STEP_CONTACTS)?;
            let contacts: Vec<ContactId> = changes.iter().map(|change| change.contact).collect();
            changed_among(tx, &self.vault.keyring().vault, (&plan.lists, &contacts), draft)?;
            changes.iter().map(|change| self.restore(tx, plan, change, &entries)).collect()
        })
    }

    /// Does one step. It has the lists of the import changed before it touches contacts, as whoever decides on a list holds it first.
    fn undo_step(
        &self,
        plan: &UndoPlan,
        mut work: impl FnMut(&mut WriteTx<'_>, &mut EntryDraft) -> Result<Vec<Touched>, DeskError>,
    ) -> Result<bool, DeskError> {
        let mut draft = self.draft("import.undo")?.of_controller(plan.controller.id);
        draft.touch(plan.row.id);
        draft.touch(plan.row.list);
        let done = self.vault.store.write(|tx| {
            let mut touched = work(tx, &mut draft)?;
            if touched.is_empty() {
                return Err(Stop::Done);
            }
            touched.sort_unstable_by_key(|one| one.contact);
            draft.0.bulk = Some(Bulk::of_touched(&touched));
            tx.bulk_insert(plan.controller.id, plan.row.id, draft.0.id, &touched)?;
            // Whoever stays, and has less to show than when their lists were checked.
            let stayed = touched.iter().filter(|one| one.act != Act::Removed && (one.changes > 0 || one.events > 0));
            let stayed: Vec<ContactId> = stayed.map(|one| one.contact).collect();
            let key = &self.vault.keyring().vault;
            changed_in_lists(tx, key, (plan.controller.id, &stayed), None, &mut draft)?;
            Ok((self.record_for_vault(draft)?, ()))
        });
        match done {
            Ok(()) => Ok(true),
            Err(Stop::Done) => Ok(false),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    fn restore(
        &self,
        tx: &mut WriteTx<'_>,
        plan: &UndoPlan,
        change: &ImportChange,
        entries: &[EntryId],
    ) -> Result<Touched, DeskError> {
        let (controller, contact) = (plan.controller.id, change.contact);
        let mut touched = Touched::kept(contact);
        tx.import_change_delete(controller, plan.row.id, contact)?;
        if change.joined {
            tx.list_leave(controller, plan.row.list, contact)?;
            for list in plan.lists.iter().skip(1) {
                // Who is in a list that was split off came there by the split, unless an import into it says otherwise.
                if !tx.list_joined_by_import(controller, list.id, contact)? {
                    tx.list_leave(controller, list.id, contact)?;
                }
            }
        }
        let mut events = 0;
        for entry in entries {
            events += tx.consent_take_back(controller, contact, *entry)?;
        }
        let changed = self.put_back(tx, plan, change)?;
        touched.note(changed, usize::try_from(events).unwrap_or(usize::MAX));
        Ok(touched)
    }

    /// Puts a card back as it was, unless somebody has changed it since.
    fn put_back(&self, tx: &mut WriteTx<'_>, plan: &UndoPlan, change: &ImportChange) -> Result<bool, DeskError> {
        let (controller, contact) = (plan.controller.id, change.contact);
        let Some(before) = &change.before else { return Ok(false) };
        let ring = self.vault.keyring();
        let keys = ring.controller(controller)?;
        let (row, salt, _) = opened_card(tx, &keys, controller, contact)?;
        if row.revision != change.revision {
            return Ok(false);
        }
        let text = keys
            .contact_key_for(before, contact, &salt)?
            .open(&before_place(controller, contact, &[plan.row.id.as_bytes()]), before)?;
        let text = std::str::from_utf8(&text).map_err(|_| DeskError::Content("card"))?;
        let card = carnet_core::model::Card::parse(text).map_err(|_| DeskError::Content("card"))?;
        let key = keys.current().contact_key(contact, &salt);
        let tags = tags(&card, &keys, &ring.overlap, plan.controller.country)?;
        tx.contact_update(&revised(row, &key, &card, (Timestamp::now(), false)), &tags)?;
        Ok(true)
    }
}

/// A list, and after it those that were split off it or off these.
fn with_split_off(tx: &mut Tx<'_>, list: List) -> Result<Vec<List>, DeskError> {
    let controller = list.controller;
    let mut found = vec![list];
    let mut next = 0;
    while let Some(list) = found.get(next).map(|list| list.id) {
        for id in tx.lists_split_from(controller, list)? {
            let list = tx.list(controller, id)?.ok_or(StoreError::NotFound("a list that was split off"))?;
            if !found.contains(&list) {
                found.push(list);
            }
        }
        next += 1;
    }
    Ok(found)
}

fn target_of(list: &List) -> Target<'_> {
    Target::List { id: list.id, controller: list.controller, owner: list.owner, status: list.status }
}

fn overtaken(import: ImportId) -> DeskError {
    DeskError::Invalid(format!("import {import} went on, or was undone, since this was planned; look at it again"))
}
