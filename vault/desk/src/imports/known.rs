//! A contact that the vault has already, and what an import adds to it.

use carnet_core::intake::merge::merge;
use carnet_core::model::{Card, ContactId, EntryId, ImportId, ListId};
use carnet_store::{ImportChange, StoreError, Tx, WriteTx};

use super::prepare::{Common, Prepared};
use crate::DeskError;
use crate::consents::{opened_event, sealed_event};
use crate::contacts::opened_card;
use crate::seal::{addresses, before_place, revised, tags};

/// How many contacts with one number are looked at for one of the same name.
pub(super) const NAMESAKES_MAX: u32 = 50;

/// What was added to a contact.
pub(super) struct Change {
    /// Something to its card.
    pub(super) card: bool,
    /// Consent events.
    pub(super) events: usize,
    /// Refusals among them.
    pub(super) refusals: usize,
    /// It joined the list.
    pub(super) joined: bool,
    /// It has another single value in the vault.
    pub(super) differing: bool,
    /// It has other addresses than before, or more that it is said to have agreed to.
    pub(super) opens_more: bool,
}

/// The card of a contact.
pub(super) fn card(tx: &mut Tx<'_>, common: &Common, contact: ContactId) -> Result<Card, DeskError> {
    Ok(opened_card(tx, &common.keys, common.controller.id, contact)?.2)
}

/// Adds what only the incoming contact says, and notes how it was before.
pub(super) fn merge_known(
    tx: &mut WriteTx<'_>,
    common: &Common,
    (import, list): (ImportId, ListId),
    contact: ContactId,
    prepared: &Prepared,
    entry: EntryId,
) -> Result<Change, DeskError> {
    let controller = common.controller.id;
    if !tx.contact_lock(controller, contact)? {
        return Err(StoreError::Conflict.into());
    }
    let (row, salt, existing) = opened_card(tx, &common.keys, controller, contact)?;
    let merged = merge(&existing, &prepared.incoming.card, Some(common.controller.country))?;
    let key = common.keys.current().contact_key(contact, &salt);
    let mut change = Change {
        card: false,
        events: 0,
        refusals: 0,
        joined: false,
        opens_more: false,
        differing: merged.differing > 0,
    };
    let mut note = ImportChange { contact, joined: false, revision: row.revision, before: None };

    if let Some(card) = merged.card {
        let before = existing.to_text().as_bytes();
        note.before = Some(key.seal(&before_place(controller, contact, &[import.as_bytes()]), before));
        let tags = tags(&card, &common.keys, &common.ring.overlap, common.controller.country)?;
        // What was there stays: other addresses are more of them.
        change.opens_more = !addresses(&existing, None)?.emails.iter().eq(&addresses(&card, None)?.emails);
        let changed = revised(row, &key, &card, (common.at, change.opens_more));
        note.revision = changed.revision;
        tx.contact_update(&changed, &tags)?;
        change.card = true;
    }
    if !prepared.incoming.claims.is_empty() {
        let history = tx.consent_history(controller, contact)?;
        let mut told = history
            .iter()
            .map(|row| opened_event(&common.keys.contact_key_for(&row.evidence, contact, &salt)?, row))
            .collect::<Result<Vec<_>, _>>()?;
        for claim in &prepared.incoming.claims {
            let event = common.event(claim, contact);
            let again = told.iter().any(|one| {
                (one.purpose, one.kind, one.at, &one.evidence) == (event.purpose, event.kind, event.at, &event.evidence)
            });
            if !again {
                tx.consent_insert(&sealed_event(&key, controller, &event, entry)?)?;
                change.events += 1;
                change.refusals += usize::from(event.kind.is_refusal());
                change.opens_more |= !event.kind.is_refusal();
                told.push(event);
            }
        }
    }
    change.joined = tx.list_join(controller, list, contact)?;
    note.joined = change.joined;
    if change.card || change.joined || change.events > 0 {
        tx.import_change_put(controller, import, &note)?;
    }
    Ok(change)
}
