//! Contacts: adding, changing, and erasing them.

use carnet_core::keys::{ControllerKeys, Salt, Tag};
use carnet_core::model::{Card, CardPatch, ContactId, Controller, ControllerId, PurposeId, Timestamp};
use carnet_core::policy::{Operation, Target};
use carnet_store::{ContactRow, StoreError, SuppressionRow, Tx, WriteTx};

use crate::keyring::Keyring;
use crate::lists::changed_in_lists;
use crate::origin::NewProvenance;
use crate::seal::{CardBounds, card_place, refusal_tags, revised, suppression_tags, tags};
use crate::{Desk, DeskError};

/// A contact to be added.
#[derive(Debug, Clone)]
pub struct NewContact {
    /// Its content.
    pub card: Card,
    /// Where it comes from.
    pub provenance: NewProvenance,
    /// Whether the subject asked for it: only that brings back somebody who was erased or objected.
    pub own_act: bool,
}

/// What an erasure will do, to be shown before it is carried out.
#[derive(Debug, Clone)]
pub struct ErasurePlan {
    controller: ControllerId,
    contact: ContactId,
    revision: u64,
    /// How many e-mail addresses stay suppressed, as keyed hashes.
    pub suppressions: usize,
    /// How many consent events go.
    pub consent_events: usize,
    /// Since when the contact is in the vault.
    pub added: Timestamp,
}

impl Desk<'_> {
    /// Adds a contact.
    ///
    /// # Errors
    /// [`DeskError::EmailTaken`], [`DeskError::Suppressed`], and what makes the card unfit.
    pub fn add_contact(&self, controller: &Controller, new: &NewContact) -> Result<ContactId, DeskError> {
        self.authorise(Operation::ContactAdd, &Target::Controller(controller.id))?;
        if says_nothing(&new.card) {
            let hint = "a contact needs a name, an e-mail address, a phone number or an organisation";
            return Err(DeskError::Invalid(hint.to_owned()));
        }
        new.provenance.check()?;
        self.vault.with_keys(|ring| match self.add_with(controller, new, ring) {
            // The database has the last word on uniqueness: another writer was first, between our look and our insert.
            // Asked again, the look finds who that was.
            Err(DeskError::Store(StoreError::Conflict)) => self.add_with(controller, new, ring),
            result => result,
        })
    }

    fn add_with(&self, controller: &Controller, new: &NewContact, ring: &Keyring) -> Result<ContactId, DeskError> {
        let keys = ring.controller(controller.id)?;
        let now = Timestamp::now();
        let (id, salt) = (ContactId::new(), Salt::random());
        let key = keys.current().contact_key(id, &salt);
        let by = (self.account.id, self.account.name.as_str());
        let origin = new.provenance.seal(&keys, controller.id, by, now)?;
        let tags = tags(&new.card, &keys, &ring.overlap, controller.country)?;
        let (suppressible, refusable) = (suppression_tags(&new.card, &keys)?, refusal_tags(id, &new.card, &keys)?);
        let bounds = CardBounds::of_new(origin.id, now);
        let row = ContactRow {
            controller: controller.id,
            id,
            provenance: origin.id,
            revision: 1,
            added: now,
            changed: now,
            addressed: now,
            card: key.seal(&card_place(controller.id, id, &bounds.parts()), new.card.to_text().as_bytes()),
        };
        let mut draft = self.draft("contact.add")?.of_controller(controller.id);
        draft.touch(id);
        draft.touch(origin.id);
        let record = self.record_for_contact(draft, &key, (controller.id, id))?;
        self.vault.store.write(|tx| {
            for (tag, _) in &tags.emails {
                if let Some(holder) = tx.contact_by_email(controller.id, *tag)? {
                    return Err(DeskError::EmailTaken(holder.to_string()));
                }
            }
            if let Some(since) = suppressed_entirely(tx, controller.id, &suppressible)?.filter(|_| !new.own_act) {
                return Err(DeskError::Suppressed(since));
            }
            share_refusals(tx, controller.id, &suppressible, &refusable)?;
            tx.provenance_insert(&origin)?;
            tx.contact_insert(&row, &salt, &tags)?;
            Ok((record, id))
        })
    }

    /// Changes a contact's card, keeping all of it that the patch does not name (Art. 16).
    ///
    /// What was refused for the addresses that the contact had holds for those that it gets. Lists that it is in were released with the
    /// addresses that it had: another one ends their releases.
    ///
    /// # Errors
    /// [`DeskError::NoContact`], [`DeskError::EmailTaken`], [`DeskError::Overtaken`]; [`DeskError::Suppressed`] for a
    /// new address whose owner was erased.
    pub fn edit_contact(&self, controller: &Controller, id: ContactId, patch: &CardPatch) -> Result<(), DeskError> {
        self.authorise(Operation::ContactEdit, &Target::Controller(controller.id))?;
        self.vault.with_keys(|ring| {
            let keys = ring.controller(controller.id)?;
            let (before, salt, card_before) = self.vault.store.read(|tx| opened_card(tx, &keys, controller.id, id))?;
            let changed = card_before.patch(patch)?;
            if says_nothing(&changed) {
                let hint = "the change would leave nothing to know the contact by; to remove it, erase it";
                return Err(DeskError::Invalid(hint.to_owned()));
            }
            let tags = tags(&changed, &keys, &ring.overlap, controller.country)?;
            let key = keys.current().contact_key(id, &salt);
            let (had, has) = (refusal_tags(id, &card_before, &keys)?, refusal_tags(id, &changed, &keys)?);
            let gains_address = has.iter().any(|tag| !had.contains(tag));
            let row = revised(before, &key, &changed, (Timestamp::now(), gains_address));
            self.vault.store.settle_tags(controller.id, true)?;
            self.vault.store.write(|tx| {
                if !tx.contact_lock(controller.id, id)? {
                    return Err(DeskError::NoContact);
                }
                for (tag, _) in &tags.emails {
                    match tx.contact_by_email(controller.id, *tag)? {
                        Some(holder) if holder != id => return Err(DeskError::EmailTaken(holder.to_string())),
                        _ => {}
                    }
                }
                keep_refused(tx, controller.id, &had, &has)?;
                tx.contact_update(&row, &tags).map_err(|error| match error {
                    StoreError::Conflict => DeskError::Overtaken,
                    other => other.into(),
                })?;
                let mut draft = self.draft("contact.edit")?.of_controller(controller.id);
                draft.touch(id);
                if gains_address {
                    changed_in_lists(tx, &ring.vault, (controller.id, &[id]), None, &mut draft)?;
                }
                Ok((self.record_for_contact(draft, &key, (controller.id, id))?, ()))
            })
        })
    }

    /// What erasing this contact would do.
    ///
    /// # Errors
    /// [`DeskError::NoContact`].
    pub fn plan_erasure(&self, controller: &Controller, id: ContactId) -> Result<ErasurePlan, DeskError> {
        self.authorise(Operation::ContactErase, &Target::Controller(controller.id))?;
        self.vault.with_keys(|ring| {
            let keys = ring.controller(controller.id)?;
            self.vault.store.read(|tx| {
                let (row, _, card) = opened_card(tx, &keys, controller.id, id)?;
                Ok(ErasurePlan {
                    controller: controller.id,
                    contact: id,
                    revision: row.revision,
                    suppressions: suppression_tags(&card, &keys)?.len(),
                    consent_events: tx.consent_history(controller.id, id)?.len(),
                    added: row.added,
                })
            })
        })
    }

    /// Shreds the contact's salt, removes its rows, and keeps its addresses suppressed as keyed hashes (Art. 17).
    ///
    /// # Errors
    /// [`DeskError::Overtaken`] when the contact was changed since the plan was made.
    pub fn carry_out_erasure(&self, plan: &ErasurePlan) -> Result<(), DeskError> {
        let controller = plan.controller;
        self.authorise(Operation::ContactErase, &Target::Controller(controller))?;
        self.vault.with_keys(|ring| {
            let keys = ring.controller(controller)?;
            let mut draft = self.draft("contact.erase")?.of_controller(controller);
            draft.touch(plan.contact);
            let at = draft.0.at;
            let record = self.record_for_vault(draft)?;
            self.vault.store.settle_tags(controller, true)?;
            self.vault.store.write(|tx| {
                if !tx.contact_lock(controller, plan.contact)? {
                    return Err(DeskError::NoContact);
                }
                let (row, _, card) = opened_card(tx, &keys, controller, plan.contact)?;
                if row.revision != plan.revision {
                    return Err(DeskError::Overtaken);
                }
                let refusal = Refusal { purpose: None, cause: "erasure", at };
                suppress(tx, controller, &suppression_tags(&card, &keys)?, refusal)?;
                tx.condemned_forget(controller, plan.contact)?;
                tx.contact_erase(controller, plan.contact, at)?;
                Ok((record, ()))
            })
        })
    }
}

/// The row, the salt and the opened card of a contact.
pub(crate) fn opened_card(
    tx: &mut Tx<'_>,
    keys: &ControllerKeys,
    controller: ControllerId,
    id: ContactId,
) -> Result<(ContactRow, Salt, Card), DeskError> {
    let row = tx.contact(controller, id)?.ok_or(DeskError::NoContact)?;
    let salt =
        tx.contact_salt(controller, id)?.ok_or(StoreError::Damaged { table: "contact_salts", column: "salt" })?;
    let card = opened_with_salt(keys, &row, &salt)?;
    Ok((row, salt, card))
}

/// The card of a row whose salt is at hand.
pub(crate) fn opened_with_salt(keys: &ControllerKeys, row: &ContactRow, salt: &Salt) -> Result<Card, DeskError> {
    let bounds = CardBounds::of(row);
    let key = keys.contact_key_for(&row.card, row.id, salt)?;
    let text = key.open(&card_place(row.controller, row.id, &bounds.parts()), &row.card)?;
    let text = std::str::from_utf8(&text).map_err(|_| DeskError::Content("card"))?;
    Card::parse(text).map_err(|_| DeskError::Content("card"))
}

/// Since when one of these addresses is suppressed for every purpose.
fn suppressed_entirely(
    tx: &mut Tx<'_>,
    controller: ControllerId,
    tags: &[Tag],
) -> Result<Option<Timestamp>, DeskError> {
    let standing = tx.suppressions_of(controller, tags)?;
    Ok(standing.iter().filter(|row| row.purpose.is_none()).map(|row| row.at).max())
}

/// A change of address loosens nothing: what was refused for the addresses that a contact had, and by itself, is put down
/// for each address that it gets. An address whose owner was erased comes back by their own act alone.
fn keep_refused(tx: &mut WriteTx<'_>, controller: ControllerId, had: &[Tag], has: &[Tag]) -> Result<(), DeskError> {
    let new: Vec<Tag> = has.iter().filter(|tag| !had.contains(tag)).copied().collect();
    if let Some(since) = suppressed_entirely(tx, controller, &new)? {
        return Err(DeskError::Suppressed(since));
    }
    if new.is_empty() {
        return Ok(());
    }
    share_refusals(tx, controller, &[had, &new].concat(), has)
}

/// Puts down for each of `to` what stands against any of `from`: addresses on one card are taken for one person's.
fn share_refusals(tx: &mut WriteTx<'_>, controller: ControllerId, from: &[Tag], to: &[Tag]) -> Result<(), DeskError> {
    for row in tx.suppressions_of(controller, from)? {
        suppress(tx, controller, to, Refusal { purpose: row.purpose, cause: &row.cause, at: row.at })?;
    }
    Ok(())
}

/// What was refused, by which act, and since when.
#[derive(Clone, Copy)]
pub(crate) struct Refusal<'a> {
    /// Absent for every purpose.
    pub(crate) purpose: Option<PurposeId>,
    pub(crate) cause: &'a str,
    pub(crate) at: Timestamp,
}

pub(crate) fn suppress(
    tx: &mut WriteTx<'_>,
    controller: ControllerId,
    tags: &[Tag],
    refusal: Refusal<'_>,
) -> Result<(), StoreError> {
    let Refusal { purpose, cause, at } = refusal;
    tags.iter().try_for_each(|&tag| {
        tx.suppression_put(&SuppressionRow { controller, tag, purpose, cause: cause.to_owned(), at })
    })
}

pub(crate) fn says_nothing(card: &Card) -> bool {
    // What is known without taking the card apart comes first: an import asks this of every contact.
    card.emails().next().is_none()
        && card.phones().next().is_none()
        && card.full_name().is_none()
        && card.organizations().next().is_none()
}
