//! Traps: addresses that were never given to anybody, so that a list which has one was not collected from people. For
//! officers alone.

use carnet_core::gate::TagIndex;
use carnet_core::intake;
use carnet_core::keys::{Tag, VaultKey};
use carnet_core::model::{
    ContactId, Controller, ControllerId, ExportId, LaterEvidence, List, ListId, ListStatus, MarkKind, Timestamp,
};
use carnet_core::policy::{Operation, Target};
use carnet_store::{StoreError, Tx};

use super::canaries::ClearMark;
use crate::lists::opened_check;
use crate::{Desk, DeskError};

const HOLDS_TRAP: &str = "An address of the list is a trap.";

/// A trap. `Debug` shows its address: it is nobody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrapView {
    /// Its address.
    pub address: String,
    /// Whether nobody ever had it, or somebody gave it up.
    pub kind: MarkKind,
    /// Since when it is a trap.
    pub created: Timestamp,
}

/// How many canaries an export carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CanaryCount {
    /// Whose export.
    pub controller: ControllerId,
    /// Which export.
    pub export: ExportId,
    /// When it ended.
    pub created: Timestamp,
    /// How many.
    pub canaries: u64,
}

/// What addresses the vault knows that belong to nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrapsView {
    /// The traps, the oldest first.
    pub traps: Vec<TrapView>,
    /// The canaries, counted for each export, the oldest first.
    pub canaries: Vec<CanaryCount>,
}

impl Desk<'_> {
    /// Adds a trap. A list that holds the address waits for a new check; those that were released are returned, and are held, each by a
    /// decision of its own.
    ///
    /// # Errors
    /// [`DeskError::Email`] for what is no address; [`DeskError::Exists`] if it is marked already; [`DeskError::Invalid`]
    /// for a kind that is made by exports alone.
    pub fn add_trap(&self, address: &str, kind: MarkKind) -> Result<Vec<List>, DeskError> {
        self.authorise(Operation::TrapAdd, &Target::Vault)?;
        if kind == MarkKind::Canary {
            return Err(DeskError::Invalid("canaries are made by exports; a trap is trap-own or trap-recycled".into()));
        }
        let address = intake::email(address)?;
        let draft = self.draft("trap.add")?;
        let (tag, created) = (self.vault.keyring().overlap.email_tag(&address), draft.0.at);
        let key = self.vault.keyring();
        let row = ClearMark { tag, kind, of: None, created }.sealed((self.vault.id, &key.vault), &address);
        let added = self.change(draft, "a mark on this address", |tx| Ok(tx.mark_insert(&row)?));
        match added {
            Ok(()) => self.suspend_holders(tag, None),
            // What was cut short then is done now.
            Err(DeskError::Exists(_)) => {
                let known = self.vault.store.read(|tx| tx.marks_among(&[tag]))?;
                if let Some(mark) = known.iter().find(|mark| mark.kind != MarkKind::Canary) {
                    self.suspend_holders(tag, Some(mark.created))?;
                }
                added.map(|()| Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// Ends the releases of all lists that hold an address which is a trap, and asks for a new check of others. Lists that were judged after
    /// `since`, when it became one, are left alone.
    fn suspend_holders(&self, tag: Tag, since: Option<Timestamp>) -> Result<Vec<List>, DeskError> {
        let ring = self.vault.keyring();
        let holders = self.vault.store.read(|tx| {
            let mut holders: Vec<(Controller, List)> = Vec::new();
            let overlaps = tx.overlaps(None, &TagIndex::new(vec![(tag, 0)]))?;
            for controller in tx.controller_list()? {
                let of_one = overlaps.iter().filter(|one| one.controller == controller.id);
                let contacts: Vec<ContactId> = of_one.map(|one| one.contact).collect();
                for list in tx.list_all(controller.id)? {
                    let is_known = match since {
                        Some(since) => judged_after(tx, &ring.vault, &list, since)?,
                        None => false,
                    };
                    if !is_known && !tx.list_holds(controller.id, list.id, &contacts)?.is_empty() {
                        holders.push((controller.clone(), list));
                    }
                }
            }
            Ok::<_, DeskError>(holders)
        })?;
        let (mut suspended, mut failed) = (Vec::new(), None);
        for (controller, list) in holders {
            // A decision is for the owner to see: on a list that was not released it would tell them which address is a trap.
            let done = match list.status {
                ListStatus::Withdrawn => Ok(false),
                ListStatus::Released => self.report_evidence(&controller, list.id, LaterEvidence::Trap, HOLDS_TRAP),
                _ => self.ask_for_check(&controller, list.id),
            };
            match done {
                Ok(true) => suspended.push(list),
                Ok(false) => {}
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(suspended), Err)
    }

    /// Counts a change of a list, so that a check of before, or one that goes on, is not of it. True if it was released meanwhile.
    fn ask_for_check(&self, controller: &Controller, list: ListId) -> Result<bool, DeskError> {
        let draft = self.draft("trap.tell")?.of_controller(controller.id);
        let status = self.change(draft, "a change of this list", |tx| {
            let Some(held) = tx.list_hold(controller.id, list)? else { return Ok(None) };
            tx.list_changed(controller.id, list)?;
            Ok(Some(held.status))
        })?;
        if status == Some(ListStatus::Released) {
            return self.report_evidence(controller, list, LaterEvidence::Trap, HOLDS_TRAP);
        }
        Ok(false)
    }

    /// The traps with their addresses, and how many canaries each export carried. Recorded.
    ///
    /// # Errors
    /// [`DeskError::Open`] when somebody has edited one.
    pub fn traps(&self) -> Result<TrapsView, DeskError> {
        self.authorise(Operation::TrapLs, &Target::Vault)?;
        self.record_only(self.draft("trap.ls")?, [])?;
        self.vault.with_keys(|ring| {
            let rows = self.vault.store.read(|tx| tx.marks_all())?;
            let mut view = TrapsView { traps: Vec::new(), canaries: Vec::new() };
            for row in rows {
                let address = ClearMark::opened((self.vault.id, &ring.vault), &row)?;
                let Some((controller, export)) = row.controller.zip(row.export) else {
                    view.traps.push(TrapView { address, kind: row.kind, created: row.created });
                    continue;
                };
                match view.canaries.iter_mut().find(|one| one.export == export) {
                    Some(one) => one.canaries += 1,
                    None => {
                        view.canaries.push(CanaryCount { controller, export, created: row.created, canaries: 1 });
                    }
                }
            }
            Ok(view)
        })
    }

    /// Removes a trap, such as one whose domain was given up. Lists are not checked again by it.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] if it is no trap.
    pub fn remove_trap(&self, address: &str) -> Result<(), DeskError> {
        self.authorise(Operation::TrapRm, &Target::Vault)?;
        let address = intake::email(address)?;
        let tag = self.vault.keyring().overlap.email_tag(&address);
        let removed = self.change(self.draft("trap.rm")?, "a mark on this address", |tx| {
            if tx.trap_delete(tag)? { Ok(()) } else { Err(StoreError::NotFound("trap").into()) }
        });
        match removed {
            Err(DeskError::Store(StoreError::NotFound(_))) => {
                Err(DeskError::Invalid("this address is no trap; `carnet trap ls` shows those there are".to_owned()))
            }
            other => other,
        }
    }
}

/// Whether the last check of a list looked at it after a time. That it was kept later says nothing: a look takes a while.
fn judged_after(tx: &mut Tx<'_>, key: &VaultKey, list: &List, since: Timestamp) -> Result<bool, DeskError> {
    let Some(check) = tx.list_last_check(list.controller, list.id)? else { return Ok(false) };
    Ok(opened_check(key, &check)?.report.judged_at > since)
}
