//! An act on a list. What the policy is asked about is read in the same transaction as what is then done, and the list is
//! held meanwhile, so that two acts on one list happen one after the other.

use carnet_core::keys::ContactKey;
use carnet_core::model::{ContactId, Controller, ControllerId, ListId, ListStatus, Timestamp};
use carnet_core::policy::{Decision, Operation, Target};
use carnet_store::{ListStanding, StoreError, Tx, WriteTx};

use super::seal::verify_release;
use crate::keyring::Keyring;
use crate::record::{EntryDraft, recorded_for_contact, recorded_for_vault};
use crate::{Desk, DeskError};

/// An act in the making.
pub(super) struct Act<'k> {
    pub(super) ring: &'k Keyring,
    /// What the list stood at when the act began.
    pub(super) standing: ListStanding,
    pub(super) now: Timestamp,
    pub(super) draft: EntryDraft,
    /// What the entry's details say beside the reason.
    pub(super) more: Vec<(&'static str, String)>,
    /// The contact that the details are about, if they are about one: they then go with it.
    pub(super) subject: Option<(ContactId, ContactKey)>,
}

/// Why nothing was done.
enum Halt {
    Denied(String),
    Failed(DeskError),
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<DeskError> for Halt {
    fn from(error: DeskError) -> Self {
        Self::Failed(error)
    }
}

pub(super) fn unknown(list: ListId) -> DeskError {
    DeskError::Unknown { what: "list", name: list.to_string(), command: "list ls" }
}

/// A list as the policy is asked about it: with what it stands at now.
pub(super) fn target_of(standing: &ListStanding) -> Target<'_> {
    let list = &standing.list;
    Target::List { id: list.id, controller: list.controller, owner: list.owner, status: standing.effective }
}

/// What a list stands at now. A release that somebody has edited in the database is no release but damage.
pub(super) fn standing(
    tx: &mut Tx<'_>,
    ring: &Keyring,
    controller: ControllerId,
    list: ListId,
    now: Timestamp,
) -> Result<ListStanding, DeskError> {
    let standing = tx.list_standing(controller, list, now)?.ok_or_else(|| unknown(list))?;
    if let Some(release) = &standing.release {
        verify_release(&ring.vault, release)?;
    }
    Ok(standing)
}

/// A step that the list can take, or the sentence that says which there are.
pub(super) fn step(from: ListStatus, to: ListStatus) -> Result<ListStatus, DeskError> {
    from.step(to).map_err(|error| DeskError::Invalid(error.to_string()))
}

impl Desk<'_> {
    /// Acts on a list and leaves one entry, named like the operation unless the work gives it another name.
    pub(super) fn act<T>(
        &self,
        operation: Operation,
        controller: &Controller,
        list: ListId,
        mut work: impl FnMut(&mut WriteTx<'_>, &mut Act<'_>) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        let outcome = self.vault.with_keys(|ring| {
            let done = self.vault.store.write(|tx| {
                let mut draft = self.draft(operation.name())?.of_controller(controller.id);
                draft.touch(list);
                let now = draft.0.at;
                tx.list_hold(controller.id, list)?.ok_or_else(|| unknown(list))?;
                let standing = standing(tx, ring, controller.id, list, now)?;
                if let Decision::Deny { because } = self.decide(operation, &target_of(&standing)) {
                    return Err(Halt::Denied(because));
                }
                if operation.needs_reason() && self.errand.reason.trim().is_empty() {
                    return Err(DeskError::NoReason(operation.phrase()).into());
                }
                let mut act = Act { ring, standing, now, draft, more: Vec::new(), subject: None };
                let value = work(tx, &mut act)?;
                let record = match act.subject {
                    Some((contact, key)) => {
                        recorded_for_contact(act.draft, &key, (controller.id, contact), &self.errand, act.more)?
                    }
                    None => recorded_for_vault(act.draft, &ring.vault, self.vault.id, &self.errand, act.more)?,
                };
                Ok((record, value))
            });
            match done {
                Ok(value) => Ok(Ok(value)),
                // The work may find that this account is not the one to do it.
                Err(Halt::Denied(because) | Halt::Failed(DeskError::Denied(because))) => Ok(Err(because)),
                Err(Halt::Failed(DeskError::Store(StoreError::Conflict))) => Err(DeskError::ListOvertaken),
                Err(Halt::Failed(error)) => Err(error),
            }
        })?;
        // Recorded after the transaction, which the refusal has undone.
        outcome.map_err(|because| self.refuse(operation, Some(controller.id), because))
    }

    /// What a list stands at, for an operation that the policy allows on it as it stands.
    pub(super) fn allowed_on(
        &self,
        operation: Operation,
        controller: &Controller,
        list: ListId,
    ) -> Result<ListStanding, DeskError> {
        let standing = self
            .vault
            .with_keys(|ring| self.vault.store.read(|tx| standing(tx, ring, controller.id, list, Timestamp::now())))?;
        self.authorise(operation, &target_of(&standing))?;
        Ok(standing)
    }

    /// The list of this name or id.
    ///
    /// # Errors
    /// [`DeskError::Unknown`]; [`DeskError::Denied`] to an account that may not see the controller's lists.
    pub fn list_named(&self, controller: &Controller, name: &str) -> Result<ListId, DeskError> {
        self.authorise(Operation::ListLs, &Target::Controller(controller.id))?;
        let id = name.parse::<ListId>().ok();
        let found = self.vault.store.read(|tx| match tx.list_named(controller.id, name)? {
            Some(list) => Ok::<_, DeskError>(Some(list)),
            None => Ok(match id {
                Some(id) => tx.list(controller.id, id)?,
                None => None,
            }),
        })?;
        found.map(|list| list.id).ok_or_else(|| DeskError::Unknown {
            what: "list",
            name: name.to_owned(),
            command: "list ls",
        })
    }
}
