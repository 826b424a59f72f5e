//! Reading the ledger: the newest entries, with as much of their details as the account may see.

use std::collections::BTreeMap;
use std::fmt;

use carnet_core::keys::OpenError;
use carnet_core::ledger::{Details, Entry};
use carnet_core::policy::{Operation, Target};
use carnet_store::{LedgerRow, RecordDetails, Tx};

use crate::keyring::Keyring;
use crate::record::{details_place_of_contact, details_place_of_vault};
use crate::{Desk, DeskError};

/// An entry as it is shown.
#[derive(Debug, Clone)]
pub struct LedgerView {
    /// Its place in the ledger, from 0.
    pub index: u64,
    /// What it says to everybody.
    pub entry: Entry,
    /// What it says to those who may open it.
    pub details: DetailsView,
}

/// The sealed part of an entry. `Debug` shows no content.
#[derive(Clone, PartialEq, Eq)]
pub enum DetailsView {
    /// Opened, and what the entry commits to.
    Opened {
        /// Why it was done.
        reason: String,
        /// The user of the machine.
        os_user: Option<String>,
        /// Anything else.
        more: BTreeMap<String, String>,
    },
    /// The contact was erased, and the details with it.
    Erased,
    /// This account may not open them.
    Withheld,
    /// They do not open, or are not what the entry commits to.
    Contradicts,
    /// It has none.
    None,
}

impl Desk<'_> {
    /// The newest entries, newest first.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Entry`] when an entry is not in the form of one.
    pub fn audit_tail(&self, count: u32) -> Result<Vec<LedgerView>, DeskError> {
        self.authorise(Operation::AuditTail, &Target::Vault)?;
        let mut fresh = false;
        let views = self.vault.with_keys(|ring| {
            let keys = Keys { ring, fresh: std::mem::replace(&mut fresh, true) };
            self.vault.store.read(|tx| {
                let size = tx.ledger_head()?.map_or(0, |head| head.size);
                let rows = tx.ledger_entries(size.saturating_sub(u64::from(count)), count)?;
                rows.into_iter().rev().map(|row| self.view(tx, &keys, row)).collect::<Result<Vec<_>, DeskError>>()
            })
        })?;
        self.record_only(self.draft("audit.tail")?, [])?;
        Ok(views)
    }

    fn view(&self, tx: &mut Tx<'_>, keys: &Keys<'_>, row: LedgerRow) -> Result<LedgerView, DeskError> {
        let entry = Entry::decode(&row.body)?;
        let target = entry.controller.map_or(Target::Vault, Target::Controller);
        let details = if entry.commitment.is_none() {
            DetailsView::None
        } else if self.may(Operation::ConsentHistory, &target) || self.may(Operation::AccountLs, &target) {
            match tx.ledger_details(entry.controller, entry.id)? {
                Some(details) => self.opened(tx, keys, &entry, &details)?,
                None => DetailsView::Erased,
            }
        } else {
            DetailsView::Withheld
        };
        Ok(LedgerView { index: row.index, entry, details })
    }

    /// Details that do not open are shown as such: one damaged row must not hide all other entries.
    fn opened(
        &self,
        tx: &mut Tx<'_>,
        keys: &Keys<'_>,
        entry: &Entry,
        details: &RecordDetails,
    ) -> Result<DetailsView, DeskError> {
        let opened = match details.subject {
            None => keys.ring.vault.open(&details_place_of_vault(self.vault.id, entry.id), &details.sealed),
            Some((controller, contact)) => {
                let Some(salt) = tx.contact_salt(controller, contact)? else { return Ok(DetailsView::Erased) };
                let controller_keys = keys.ring.controller(controller)?;
                controller_keys
                    .contact_key_for(&details.sealed, contact, &salt)
                    .and_then(|key| key.open(&details_place_of_contact(controller, entry.id), &details.sealed))
            }
        };
        let bytes = match opened {
            // Sealed under a generation that came after these keys were loaded.
            Err(error @ OpenError::WrongGeneration { .. }) if !keys.fresh => return Err(error.into()),
            Err(_) => return Ok(DetailsView::Contradicts),
            Ok(bytes) => bytes,
        };
        match Details::from_bytes(&bytes) {
            Ok(opened) if opened.opens(entry) => Ok(DetailsView::Opened {
                reason: opened.reason().to_owned(),
                os_user: opened.os_user_name().map(str::to_owned),
                more: opened.more().clone(),
            }),
            _ => Ok(DetailsView::Contradicts),
        }
    }
}

/// Keys, and whether they were just loaded.
struct Keys<'r> {
    ring: &'r Keyring,
    fresh: bool,
}

impl fmt::Debug for DetailsView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opened { .. } => "Opened(hidden)",
            Self::Erased => "Erased",
            Self::Withheld => "Withheld",
            Self::Contradicts => "Contradicts",
            Self::None => "None",
        })
    }
}
