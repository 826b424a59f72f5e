//! Consent: recording what a subject agreed to or refused, and showing the whole chain behind where it stands.

use std::collections::BTreeMap;

use carnet_core::keys::{ContactKey, ControllerKeys};
use carnet_core::model::{
    Authority, ConsentEvent, ConsentEventId, ConsentKind, ContactId, Controller, ControllerId, EntryId, Evidence,
    NoticeHash, PurposeId, PurposeState, Timestamp,
};
use carnet_core::policy::{Operation, Target};
use carnet_store::{ConsentRow, SuppressionRow, Tx};

use crate::contacts::{Refusal, opened_card, suppress};
use crate::seal::{EvidenceBounds, evidence_place, refusal_tags};
use crate::{Desk, DeskError};

/// A consent event to be recorded.
#[derive(Debug, Clone)]
pub struct NewConsent {
    /// What was agreed to or refused.
    pub purpose: PurposeId,
    /// What happened.
    pub kind: ConsentKind,
    /// When it happened; absent where nobody can say, and then never filled in.
    pub at: Option<Timestamp>,
    /// On whose word.
    pub authority: Authority,
    /// The notice that the subject was shown.
    pub notice: Option<NoticeHash>,
    /// What proves it.
    pub evidence: Evidence,
}

/// A consent event as it is shown, with its place in the ledger.
#[derive(Debug, Clone)]
pub struct RecordedConsent {
    /// The event.
    pub event: ConsentEvent,
    /// The entry that recorded it.
    pub entry: EntryId,
    /// Its index in the ledger, once the sequencer has placed it.
    pub index: Option<u64>,
}

/// Where a contact stands with one purpose, and why.
#[derive(Debug, Clone)]
pub struct PurposeStanding {
    /// Which purpose.
    pub purpose: PurposeId,
    /// Where it stands.
    pub state: PurposeState,
    /// A refusal by the address itself that nothing newer has lifted.
    pub suppressed_since: Option<Timestamp>,
    /// Every event, in the order in which the vault learnt of it.
    pub history: Vec<RecordedConsent>,
}

impl PurposeStanding {
    /// Whether, as far as consent goes, the contact may be used for this purpose.
    pub fn permits(&self) -> bool {
        self.state.standing.is_given() && self.suppressed_since.is_none()
    }
}

impl Desk<'_> {
    /// Records that a subject agreed, confirmed, withdrew or objected. Nothing recorded before is changed.
    ///
    /// # Errors
    /// [`DeskError::NoContact`]; [`DeskError::Unknown`] for a notice that was never declared.
    pub fn record_consent(
        &self,
        controller: &Controller,
        contact: ContactId,
        new: &NewConsent,
    ) -> Result<ConsentEventId, DeskError> {
        self.authorise(Operation::ConsentRecord, &Target::Controller(controller.id))?;
        self.check_consent(controller.id, new)?;
        self.vault.with_keys(|ring| {
            let keys = ring.controller(controller.id)?;
            let id = ConsentEventId::new();
            let mut draft = self.draft("consent.record")?.of_controller(controller.id);
            draft.touch(contact);
            draft.touch(new.purpose);
            draft.touch(id);
            let (recorded, entry) = (draft.0.at, draft.0.id);
            self.vault.store.write(|tx| {
                if !tx.contact_lock(controller.id, contact)? {
                    return Err(DeskError::NoContact);
                }
                let (_, salt, card) = opened_card(tx, &keys, controller.id, contact)?;
                let key = keys.current().contact_key(contact, &salt);
                let event = event_of(new, id, contact, recorded);
                tx.consent_insert(&sealed_event(&key, controller.id, &event, entry)?)?;
                if new.kind.is_refusal() {
                    let at = event.counted_at().unwrap_or(recorded);
                    let refusal = Refusal { purpose: Some(new.purpose), cause: new.kind.as_str(), at };
                    suppress(tx, controller.id, &refusal_tags(contact, &card, &keys)?, refusal)?;
                }
                Ok((self.record_for_contact(draft, &key, (controller.id, contact))?, id))
            })
        })
    }

    fn check_consent(&self, controller: ControllerId, new: &NewConsent) -> Result<(), DeskError> {
        let (purposes, notices) = self
            .vault
            .store
            .read(|tx| Ok::<_, DeskError>((tx.purpose_list(controller)?, tx.notice_list(controller)?)))?;
        if !purposes.iter().any(|one| one.id == new.purpose) {
            let name = new.purpose.to_string();
            return Err(DeskError::Unknown { what: "purpose", name, command: "purpose ls" });
        }
        match &new.notice {
            Some(hash) if !notices.iter().any(|(notice, _)| notice.hash() == *hash) => {
                Err(DeskError::Unknown { what: "notice", name: hash.to_string(), command: "notice ls" })
            }
            _ => Ok(()),
        }
    }

    /// Everything that a contact agreed to or refused, by purpose.
    ///
    /// # Errors
    /// [`DeskError::NoContact`]; [`DeskError::Open`] when a row was edited behind the vault's back.
    pub fn consent_history(
        &self,
        controller: &Controller,
        contact: ContactId,
    ) -> Result<Vec<PurposeStanding>, DeskError> {
        self.authorise(Operation::ConsentHistory, &Target::Controller(controller.id))?;
        self.look(Operation::ConsentHistory, controller, contact, |tx, keys| {
            standings(tx, keys, controller.id, contact)
        })
    }
}

/// Where a contact stands with every purpose that it has a history or a refusal for.
pub(crate) fn standings(
    tx: &mut Tx<'_>,
    keys: &ControllerKeys,
    controller: ControllerId,
    contact: ContactId,
) -> Result<Vec<PurposeStanding>, DeskError> {
    let (_, salt, card) = opened_card(tx, keys, controller, contact)?;
    let mut history = Vec::new();
    for row in tx.consent_history(controller, contact)? {
        let key = keys.contact_key_for(&row.evidence, contact, &salt)?;
        let index = tx.ledger_entry(row.entry)?.map(|entry| entry.index);
        let event = opened_event(&key, &row)?;
        history.push(RecordedConsent { event, entry: row.entry, index });
    }
    let suppressions = tx.suppressions_of(controller, &refusal_tags(contact, &card, keys)?)?;
    Ok(standings_of(history, &suppressions, None))
}

/// Where one contact stands by its events and by what stands against its addresses, with every purpose that one of them
/// speaks of. A refusal of everything speaks of the purpose that is asked for, too.
pub(crate) fn standings_of(
    history: Vec<RecordedConsent>,
    suppressions: &[SuppressionRow],
    asked: Option<PurposeId>,
) -> Vec<PurposeStanding> {
    let mut by_purpose: BTreeMap<PurposeId, Vec<RecordedConsent>> = BTreeMap::new();
    for one in history {
        by_purpose.entry(one.event.purpose).or_default().push(one);
    }
    for purpose in suppressions.iter().filter_map(|row| row.purpose.or(asked)) {
        by_purpose.entry(purpose).or_default();
    }
    by_purpose
        .into_iter()
        .map(|(purpose, history)| {
            let state = PurposeState::of(history.iter().map(|one| &one.event));
            let refused = suppressions.iter().filter(|row| row.purpose.is_none_or(|one| one == purpose));
            let suppressed_since = refused.map(|row| row.at).max().filter(|at| !lifted_after(&history, *at));
            PurposeStanding { purpose, state, suppressed_since, history }
        })
        .collect()
}

/// Whether the subject's own yes came after this refusal.
fn lifted_after(history: &[RecordedConsent], refused: Timestamp) -> bool {
    history.iter().any(|one| lifts(&one.event, refused))
}

/// Whether an event is the subject's own yes, later than a refusal.
pub(crate) fn lifts(event: &ConsentEvent, refused: Timestamp) -> bool {
    event.kind == ConsentKind::Given
        && event.authority == Authority::OwnAct
        && event.counted_at().is_some_and(|at| at > refused)
}

fn event_of(new: &NewConsent, id: ConsentEventId, contact: ContactId, recorded: Timestamp) -> ConsentEvent {
    ConsentEvent {
        id,
        contact,
        purpose: new.purpose,
        kind: new.kind,
        at: new.at,
        recorded_at: recorded,
        authority: new.authority,
        notice: new.notice,
        evidence: new.evidence.clone(),
    }
}

/// An event as it is stored: its evidence sealed, and bound to the columns that stay in clear.
pub(crate) fn sealed_event(
    key: &ContactKey,
    controller: ControllerId,
    event: &ConsentEvent,
    entry: EntryId,
) -> Result<ConsentRow, DeskError> {
    let bytes = serde_json::to_vec(&event.evidence).map_err(|_| DeskError::Content("consent event"))?;
    let bounds = EvidenceBounds::of(event, entry);
    Ok(ConsentRow {
        controller,
        contact: event.contact,
        id: event.id,
        purpose: event.purpose,
        kind: event.kind,
        authority: event.authority,
        at: event.at,
        recorded: event.recorded_at,
        notice: event.notice,
        entry,
        evidence: key.seal(&evidence_place(controller, event.id, &bounds.parts()), &bytes),
    })
}

pub(crate) fn opened_event(key: &ContactKey, row: &ConsentRow) -> Result<ConsentEvent, DeskError> {
    let mut event = clear_event(row);
    let bounds = EvidenceBounds::of(&event, row.entry);
    let bytes = key.open(&evidence_place(row.controller, row.id, &bounds.parts()), &row.evidence)?;
    event.evidence = serde_json::from_slice(&bytes).map_err(|_| DeskError::Content("consent event"))?;
    Ok(event)
}

/// What of an event stands in clear, its evidence still unread.
pub(crate) fn clear_event(row: &ConsentRow) -> ConsentEvent {
    ConsentEvent {
        id: row.id,
        contact: row.contact,
        purpose: row.purpose,
        kind: row.kind,
        at: row.at,
        recorded_at: row.recorded,
        authority: row.authority,
        notice: row.notice,
        evidence: Evidence::default(),
    }
}
