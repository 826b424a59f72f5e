//! The desk: an account at work for a stated reason. Every operation goes through here: authorise, do, record.

use carnet_core::backup::SiteBackups;
use carnet_core::keys::ContactKey;
use carnet_core::model::{Account, ContactId, Controller, ControllerId, PurposeId, Slug, Timestamp};
use carnet_core::policy::{Decision, Operation, Principal, Target};
use carnet_store::{Record, StoreError};

use crate::record::{EntryDraft, Errand, entry_of, recorded_for_contact, recorded_for_vault};
use crate::{DeskError, Vault};

/// An account at work.
pub struct Desk<'v> {
    pub(crate) vault: &'v Vault,
    pub(crate) account: Account,
    pub(crate) errand: Errand,
}

/// What the vault says about itself.
#[derive(Debug, Clone)]
pub struct Status {
    /// The vault's id.
    pub vault: carnet_core::model::VaultId,
    /// Where it is kept, without any password.
    pub database: String,
    /// The public key of the ledger.
    pub ledger_key: String,
    /// When it was made.
    pub created: Timestamp,
    /// How many controllers it serves.
    pub controllers: u64,
    /// How many contacts it holds.
    pub contacts: u64,
    /// How many entries the ledger has.
    pub entries: u64,
    /// Committed entries that wait for the sequencer.
    pub waiting: u64,
    /// Rotations of master keys that have begun and not ended.
    pub rotations: Vec<(String, carnet_store::RotationRow)>,
    /// The backups, for whoever may see them.
    pub backups: Option<BackupStatus>,
}

/// What is known of the backups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupStatus {
    /// The sites by name, each with its snapshots.
    pub sites: Vec<SiteBackups>,
    /// How many salts the newest keyring had lost.
    pub lost_salts: u64,
}

impl<'v> Desk<'v> {
    pub(crate) const fn new(vault: &'v Vault, account: Account, errand: Errand) -> Self {
        Self { vault, account, errand }
    }

    /// Of which vault this is a desk.
    pub const fn vault_id(&self) -> carnet_core::model::VaultId {
        self.vault.id
    }

    /// Who is at work.
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// Asks the policy, and for a reason where the operation needs one.
    pub(crate) fn authorise(&self, operation: Operation, target: &Target<'_>) -> Result<(), DeskError> {
        self.allow(operation, target)?;
        if operation.needs_reason() && self.errand.reason.trim().is_empty() {
            return Err(DeskError::NoReason(operation.phrase()));
        }
        Ok(())
    }

    /// Asks the policy; a refusal is itself recorded.
    pub(crate) fn allow(&self, operation: Operation, target: &Target<'_>) -> Result<(), DeskError> {
        match self.decide(operation, target) {
            Decision::Allow { .. } => Ok(()),
            Decision::Deny { because } => {
                let of = match target {
                    Target::Controller(id) | Target::List { controller: id, .. } => Some(*id),
                    _ => None,
                };
                Err(self.refuse(operation, of, because))
            }
        }
    }

    /// What the policy says; nothing is recorded.
    pub(crate) fn decide(&self, operation: Operation, target: &Target<'_>) -> Decision {
        let principal = Principal { account: self.account.id, grants: &self.account.roles };
        self.vault.access.decide(&principal, operation, target)
    }

    /// Records a refusal, and gives it back as what the caller fails with.
    pub(crate) fn refuse(&self, operation: Operation, of: Option<ControllerId>, because: String) -> DeskError {
        let recorded = self.draft("access.denied").and_then(|mut draft| {
            if let Some(controller) = of {
                draft = draft.of_controller(controller);
            }
            self.record_only(draft, [("operation", operation.name().to_owned())])
        });
        recorded.err().unwrap_or(DeskError::Denied(because))
    }

    /// Whether the policy would allow it; nothing is recorded.
    pub(crate) fn may(&self, operation: Operation, target: &Target<'_>) -> bool {
        self.decide(operation, target).is_allowed()
    }

    /// An entry of this account's, named like the operation.
    pub(crate) fn draft(&self, event: &str) -> Result<EntryDraft, DeskError> {
        entry_of(event, Some(self.account.id), &self.errand, self.vault.access.version())
    }

    pub(crate) fn record_for_contact(
        &self,
        draft: EntryDraft,
        key: &ContactKey,
        subject: (ControllerId, ContactId),
    ) -> Result<Record, DeskError> {
        recorded_for_contact(draft, key, subject, &self.errand, [])
    }

    pub(crate) fn record_for_vault(&self, draft: EntryDraft) -> Result<Record, DeskError> {
        recorded_for_vault(draft, &self.vault.keyring().vault, self.vault.id, &self.errand, [])
    }

    /// Records something that changes no row: a look, a refusal. If it cannot be recorded, it does not happen.
    pub(crate) fn record_only(
        &self,
        draft: EntryDraft,
        more: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Result<(), DeskError> {
        let keys = self.vault.keyring();
        let record = recorded_for_vault(draft, &keys.vault, self.vault.id, &self.errand, more)?;
        self.vault.store.write(|_| Ok((record, ())))
    }

    /// Changes the vault with an entry that names no contact.
    pub(crate) fn change<T>(
        &self,
        draft: EntryDraft,
        exists: &'static str,
        work: impl FnOnce(&mut carnet_store::WriteTx<'_>) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        let record = self.record_for_vault(draft)?;
        let result = self.vault.store.write(|tx| {
            let value = work(tx)?;
            Ok((record, value))
        });
        result.map_err(|error| match error {
            DeskError::Store(StoreError::Conflict) => DeskError::Exists(exists),
            other => other,
        })
    }

    /// What the vault says about itself.
    ///
    /// # Errors
    /// [`DeskError::Denied`].
    pub fn status(&self) -> Result<Status, DeskError> {
        self.authorise(Operation::StatusRead, &Target::Vault)?;
        let may_see = self.may(Operation::BackupLs, &Target::Vault);
        let backups = may_see.then(|| self.vault.backup_status()).transpose()?;
        self.vault.store.read(|tx| {
            let row = tx.vault()?;
            let controllers = tx.controller_list()?;
            let mut rotations = Vec::new();
            for controller in &controllers {
                if let Some(rotation) = tx.rotation_open(controller.id)? {
                    rotations.push((controller.name.clone(), rotation));
                }
            }
            Ok(Status {
                vault: row.id,
                database: self.vault.location().to_string(),
                ledger_key: self.vault.ledger_key.to_string(),
                created: row.created,
                controllers: u64::try_from(controllers.len()).unwrap_or(u64::MAX),
                contacts: tx.contact_count(None)?,
                entries: tx.ledger_head()?.map_or(0, |head| head.size),
                waiting: tx.ledger_waiting()?,
                rotations,
                backups,
            })
        })
    }

    /// The controller of this name or id.
    ///
    /// # Errors
    /// [`DeskError::Unknown`]; [`DeskError::Denied`] to an account that holds no role there.
    pub fn controller_named(&self, name: &str) -> Result<Controller, DeskError> {
        let all = self.vault.store.read(|tx| tx.controller_list())?;
        let id = name.parse::<ControllerId>().ok();
        let unknown = || DeskError::Unknown { what: "controller", name: name.to_owned(), command: "controller ls" };
        let found = all.into_iter().find(|one| one.name == name || Some(one.id) == id).ok_or_else(unknown)?;
        self.authorise(Operation::ControllerLs, &Target::Controller(found.id))?;
        Ok(found)
    }

    /// The purpose of this name.
    ///
    /// # Errors
    /// [`DeskError::Unknown`], [`DeskError::Denied`].
    pub fn purpose_named(&self, controller: ControllerId, name: &Slug) -> Result<PurposeId, DeskError> {
        self.authorise(Operation::PurposeLs, &Target::Controller(controller))?;
        let all = self.vault.store.read(|tx| tx.purpose_list(controller))?;
        all.into_iter().find(|one| one.name == *name).map(|one| one.id).ok_or_else(|| DeskError::Unknown {
            what: "purpose",
            name: name.to_string(),
            command: "purpose ls",
        })
    }
}
