//! Looking: finding contacts by tag, and opening one. Every look is recorded before its answer is given.

use std::collections::BTreeSet;
use std::fmt;

use carnet_core::intake::{self, query_words};
use carnet_core::keys::{ControllerKeys, Field, Tag};
use carnet_core::model::{Card, ContactId, Controller, EmailAddress, PhoneNumber, Provenance, Timestamp};
use carnet_core::policy::{Operation, Target};
use carnet_store::{StoreError, Tx};

use crate::consents::{PurposeStanding, standings};
use crate::contacts::opened_card;
use crate::origin::opened_provenance;
use crate::{Desk, DeskError};

/// How many contacts a search opens at most.
const FOUND_MAX: usize = 50;
/// How many contacts one word may lead to before the words are compared.
const CANDIDATES_MAX: u32 = 10_000;

/// What somebody looks for.
enum Sought {
    Email(EmailAddress),
    Phone(PhoneNumber),
    Words(Vec<String>),
}

/// A contact that was found: as much of it as a list of results shows. `Debug` shows its id alone.
#[derive(Clone)]
pub struct Found {
    /// Its id.
    pub id: ContactId,
    /// Its name.
    pub name: Option<String>,
    /// Its e-mail addresses.
    pub emails: Vec<String>,
    /// Its organisations.
    pub organizations: Vec<String>,
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Found").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What a search came to.
#[derive(Debug, Clone)]
pub struct FindOutcome {
    /// What was found, newest first.
    pub found: Vec<Found>,
    /// Whether there is, or may be, more than is shown.
    pub more: bool,
}

/// A contact, opened.
#[derive(Debug, Clone)]
pub struct ContactView {
    /// Its id.
    pub id: ContactId,
    /// Its content.
    pub card: Card,
    /// Counts up with each change, from 1.
    pub revision: u64,
    /// When it entered the vault.
    pub added: Timestamp,
    /// When it last changed.
    pub changed: Timestamp,
    /// Where it came from.
    pub provenance: Provenance,
    /// Where it stands with each purpose, and why.
    pub purposes: Vec<PurposeStanding>,
}

impl Desk<'_> {
    /// Finds contacts by e-mail address, phone number, `@domain`, or words of names and organisations.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for a search that says nothing.
    pub fn find_contacts(&self, controller: &Controller, query: &str) -> Result<FindOutcome, DeskError> {
        self.authorise(Operation::ContactFind, &Target::Controller(controller.id))?;
        let sought = sought(query, controller)?;
        let outcome = self.vault.with_keys(|ring| {
            let keys = ring.controller(controller.id)?;
            self.vault.store.read(|tx| {
                let (mut ids, cut) = candidates(tx, &keys, controller, &sought)?;
                let more = cut || ids.len() > FOUND_MAX;
                ids.truncate(FOUND_MAX);
                let found = ids.into_iter().map(|id| found(tx, &keys, controller, id)).collect::<Result<_, _>>()?;
                Ok::<_, DeskError>(FindOutcome { found, more })
            })
        })?;
        let mut draft = self.draft("contact.find")?.of_controller(controller.id);
        for one in &outcome.found {
            draft.touch(one.id);
        }
        draft.count("found", u64::try_from(outcome.found.len()).unwrap_or(u64::MAX));
        self.record_only(draft, [])?;
        Ok(outcome)
    }

    /// The id of a contact that somebody names by id or e-mail address. Says nothing about it; what is then done is recorded.
    ///
    /// # Errors
    /// [`DeskError::NoContact`] when no contact has this address.
    pub fn contact_named(&self, controller: &Controller, text: &str) -> Result<ContactId, DeskError> {
        if let Ok(id) = text.parse() {
            return Ok(id);
        }
        self.allow(Operation::ContactFind, &Target::Controller(controller.id))?;
        let address = intake::email(text)?;
        let keys = self.vault.keyring().controller(controller.id)?;
        let tag = keys.index().tag(Field::Email, address.as_str());
        self.vault.store.read(|tx| tx.contact_by_email(controller.id, tag))?.ok_or(DeskError::NoContact)
    }

    /// Opens a contact: its card, where it came from, and the chain behind every purpose.
    ///
    /// # Errors
    /// [`DeskError::NoContact`].
    pub fn show_contact(&self, controller: &Controller, id: ContactId) -> Result<ContactView, DeskError> {
        self.authorise(Operation::ContactShow, &Target::Controller(controller.id))?;
        self.look(Operation::ContactShow, controller, id, |tx, keys| view(tx, keys, controller, id))
    }

    /// Looks at one contact, and records it before the answer is given. Why somebody looked is sealed under the contact's
    /// key: it may say whom, and goes with the contact.
    pub(crate) fn look<T>(
        &self,
        operation: Operation,
        controller: &Controller,
        id: ContactId,
        mut work: impl FnMut(&mut Tx<'_>, &ControllerKeys) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        self.vault.with_keys(|ring| {
            let keys = ring.controller(controller.id)?;
            let (seen, salt) = self.vault.store.read(|tx| {
                let seen = work(tx, &keys)?;
                Ok::<_, DeskError>((seen, tx.contact_salt(controller.id, id)?.ok_or(DeskError::NoContact)?))
            })?;
            let mut draft = self.draft(operation.name())?.of_controller(controller.id);
            draft.touch(id);
            let key = keys.current().contact_key(id, &salt);
            let record = self.record_for_contact(draft, &key, (controller.id, id))?;
            self.vault.store.write(|tx| {
                // Erased between look and record: then nothing of it is shown any more.
                if tx.contact_lock(controller.id, id)? { Ok((record, ())) } else { Err(DeskError::NoContact) }
            })?;
            Ok(seen)
        })
    }
}

fn sought(query: &str, controller: &Controller) -> Result<Sought, DeskError> {
    let query = query.trim();
    if query.contains('@') && !query.starts_with('@') {
        return Ok(Sought::Email(intake::email(query)?));
    }
    let digits = query.chars().filter(char::is_ascii_digit).count();
    if digits >= 6 && query.chars().all(|c| c.is_ascii_digit() || "+-./() ".contains(c)) {
        let number = PhoneNumber::parse(query, Some(controller.country));
        return number.map(Sought::Phone).map_err(|error| DeskError::Invalid(error.to_string()));
    }
    match query_words(query) {
        words if words.is_empty() => {
            let hint = "nothing to look for; give an e-mail address, a phone number, @domain, or words of a name of two letters or more";
            Err(DeskError::Invalid(hint.to_owned()))
        }
        words => Ok(Sought::Words(words)),
    }
}

/// The contacts that match, newest first, and whether some of them may be missing.
fn candidates(
    tx: &mut Tx<'_>,
    keys: &ControllerKeys,
    controller: &Controller,
    sought: &Sought,
) -> Result<(Vec<ContactId>, bool), StoreError> {
    let index = keys.index();
    let mut cut = false;
    let mut by_tag = |field: Field, tag: Tag| {
        let found = tx.contact_by_tag(controller.id, field, tag, CANDIDATES_MAX)?;
        cut |= u32::try_from(found.len()).is_ok_and(|len| len >= CANDIDATES_MAX);
        Ok::<_, StoreError>(found)
    };
    let ids = match sought {
        Sought::Email(address) => {
            let tag = index.tag(Field::Email, address.as_str());
            return Ok((tx.contact_by_email(controller.id, tag)?.into_iter().collect(), false));
        }
        Sought::Phone(number) => by_tag(Field::Phone, index.tag(Field::Phone, number.as_str()))?,
        Sought::Words(words) => {
            let mut matching: Option<Vec<ContactId>> = None;
            for word in words {
                let with_word = by_tag(Field::Word, index.tag(Field::Word, word))?;
                matching = Some(match matching {
                    None => with_word,
                    Some(before) => {
                        let with_word: BTreeSet<ContactId> = with_word.into_iter().collect();
                        before.into_iter().filter(|id| with_word.contains(id)).collect()
                    }
                });
            }
            matching.unwrap_or_default()
        }
    };
    Ok((ids, cut))
}

fn found(tx: &mut Tx<'_>, keys: &ControllerKeys, controller: &Controller, id: ContactId) -> Result<Found, DeskError> {
    let (_, _, card) = opened_card(tx, keys, controller.id, id)?;
    Ok(Found {
        id,
        name: card.full_name().map(std::borrow::Cow::into_owned),
        emails: card.emails().map(str::to_owned).collect(),
        organizations: card.organizations().map(str::to_owned).collect(),
    })
}

fn view(
    tx: &mut Tx<'_>,
    keys: &ControllerKeys,
    controller: &Controller,
    id: ContactId,
) -> Result<ContactView, DeskError> {
    let (row, _, card) = opened_card(tx, keys, controller.id, id)?;
    let origin = tx
        .provenance(controller.id, row.provenance)?
        .ok_or(StoreError::Damaged { table: "contacts", column: "provenance_id" })?;
    Ok(ContactView {
        id,
        card,
        revision: row.revision,
        added: row.added,
        changed: row.changed,
        provenance: opened_provenance(keys, &origin)?,
        purposes: standings(tx, keys, controller.id, id)?,
    })
}
