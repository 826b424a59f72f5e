//! Who asks and why, and the ledger entry that every act leaves.

use std::collections::BTreeMap;
use std::fmt;

use carnet_core::keys::{ContactKey, Place, VaultKey};
use carnet_core::ledger::{Actor, Channel, Details, Entry, Event, ObjectRef};
use carnet_core::model::{AccountId, ContactId, ControllerId, VaultId};
use carnet_store::{Record, RecordDetails};

use crate::DeskError;

/// Why somebody comes to the desk, and by which way. `Debug` shows no words: a reason may name people.
#[derive(Clone)]
pub struct Errand {
    /// The way.
    pub channel: Channel,
    /// The user of the machine, where the way has one.
    pub os_user: Option<OsUser>,
    /// Why, in the actor's words; kept sealed.
    pub reason: String,
}

/// A user of the operating system: the number is recorded in clear, the name sealed. `Debug` shows the number.
#[derive(Clone)]
pub struct OsUser {
    /// The number.
    pub uid: u32,
    /// The name, if it has one.
    pub name: Option<String>,
}

impl fmt::Debug for Errand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Errand").field("channel", &self.channel).field("os_user", &self.os_user).finish_non_exhaustive()
    }
}

impl fmt::Debug for OsUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OsUser({})", self.uid)
    }
}

/// An entry that says who did what, before it says to what.
pub(crate) fn entry_of(
    event: &str,
    account: Option<AccountId>,
    errand: &Errand,
    policy: [u8; 32],
) -> Result<EntryDraft, DeskError> {
    let event = Event::new(event).map_err(carnet_core::ledger::EntryError::from)?;
    let actor = Actor { account, channel: errand.channel, os_user: errand.os_user.as_ref().map(|user| user.uid) };
    let mut entry = Entry::new(event, actor);
    entry.policy = Some(policy);
    Ok(EntryDraft(entry))
}

/// An entry in the making.
pub(crate) struct EntryDraft(pub(crate) Entry);

impl EntryDraft {
    pub(crate) fn of_controller(mut self, controller: ControllerId) -> Self {
        self.0.controller = Some(controller);
        self
    }

    /// Names something that the act touched, once.
    pub(crate) fn touch(&mut self, object: impl Into<ObjectRef>) {
        let object = object.into();
        if !self.0.objects.contains(&object) {
            self.0.objects.push(object);
        }
    }

    pub(crate) fn count(&mut self, name: &'static str, number: u64) {
        self.0.counts.insert(name.to_owned(), number);
    }
}

/// Finishes an entry about one contact: its details can be opened for as long as the contact can.
pub(crate) fn recorded_for_contact(
    draft: EntryDraft,
    key: &ContactKey,
    subject: (ControllerId, ContactId),
    errand: &Errand,
    more: impl IntoIterator<Item = (&'static str, String)>,
) -> Result<Record, DeskError> {
    let (entry, details) = committed(draft, errand, more);
    let place = details_place_of_contact(subject.0, entry.id);
    let sealed = key.seal(&place, &details.to_bytes());
    Ok(Record { entry, details: Some(RecordDetails { subject: Some(subject), sealed }) })
}

/// Finishes an entry about the vault, or about several contacts.
pub(crate) fn recorded_for_vault(
    draft: EntryDraft,
    key: &VaultKey,
    vault: VaultId,
    errand: &Errand,
    more: impl IntoIterator<Item = (&'static str, String)>,
) -> Result<Record, DeskError> {
    let (entry, details) = committed(draft, errand, more);
    let sealed = key.seal(&details_place_of_vault(vault, entry.id), &details.to_bytes());
    Ok(Record { entry, details: Some(RecordDetails { subject: None, sealed }) })
}

fn committed(
    draft: EntryDraft,
    errand: &Errand,
    more: impl IntoIterator<Item = (&'static str, String)>,
) -> (Entry, Details) {
    let mut entry = draft.0;
    let more: BTreeMap<String, String> = more.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let os_name = errand.os_user.as_ref().and_then(|user| user.name.as_deref());
    let details = Details::new(&errand.reason, os_name, more);
    entry.commitment = Some(details.commitment());
    (entry, details)
}

/// Where details stand that open with a contact's key.
pub(crate) fn details_place_of_contact(controller: ControllerId, entry: carnet_core::model::EntryId) -> Place<'static> {
    Place::new(controller, entry, "ledger_details", "sealed")
}

/// Where details stand that open with the vault's key.
pub(crate) fn details_place_of_vault(vault: VaultId, entry: carnet_core::model::EntryId) -> Place<'static> {
    Place::new(vault, entry, "ledger_details", "sealed")
}
