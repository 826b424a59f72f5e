//! What one incoming contact becomes before anybody looks whether it is known: tagged, and sealed as if it were new.

use std::collections::BTreeMap;
use std::sync::Arc;

use carnet_core::intake::{Claim, Incoming, Reject, RejectReason, TagValues, ValueFault};
use carnet_core::keys::{ContactKey, ControllerKeys, Salt, Tag};
use carnet_core::model::{
    Card, CardError, ConsentEvent, ContactId, Controller, EntryId, NO_PURPOSE, ProvenanceId, PurposeId, Timestamp,
};
use carnet_store::{ContactTags, LoadedContact, OriginalRow};

use crate::DeskError;
use crate::consents::sealed_event;
use crate::contacts::says_nothing;
use crate::keyring::Keyring;
use crate::lists::{ACTIVITY_MEMBER, NOTIFIED_MEMBER, SOURCE_MEMBER};
use crate::seal::{CardBounds, card_place, original_place, suppression_tags_of, value_tags};

/// What all contacts of one run of an import have in common.
pub(super) struct Common {
    pub(super) controller: Controller,
    pub(super) ring: Arc<Keyring>,
    pub(super) keys: Arc<ControllerKeys>,
    pub(super) provenance: ProvenanceId,
    /// What consents are for that name no purpose themselves.
    pub(super) purpose: Option<PurposeId>,
    /// The controller's purposes by their names and titles, levelled.
    pub(super) purposes: BTreeMap<String, PurposeId>,
    /// When this run began; what it adds counts from here.
    pub(super) at: Timestamp,
}

/// An incoming contact, ready to be kept.
pub(super) struct Prepared {
    pub(super) incoming: Incoming,
    /// Under which its addresses are refused, in the order of its addresses.
    pub(super) refusals: Vec<Tag>,
    /// What it is loaded as, if it is new.
    pub(super) loaded: LoadedContact,
}

impl Common {
    /// Tags and seals one contact.
    pub(super) fn prepare(&self, id: ContactId, mut incoming: Incoming, entry: EntryId) -> Result<Prepared, Failure> {
        if says_nothing(&incoming.card) {
            return Err(refused(&incoming, RejectReason::NoContact));
        }
        let values = TagValues::of(&incoming.card, Some(self.controller.country));
        if let Some(error) = values.unread_email() {
            let reason = RejectReason::Value { field: "e-mail".into(), fault: ValueFault::Email(error) };
            return Err(refused(&incoming, reason));
        }
        if let Some(card) =
            with_source_facts(&incoming).map_err(|error| refused(&incoming, RejectReason::Card(error)))?
        {
            incoming.card = card;
        }
        let refusals = suppression_tags_of(&values, &self.keys);
        let tags = self.tags(&values);
        let loaded = self.sealed(id, Salt::random(), tags, &incoming, &incoming.claims, entry)?;
        Ok(Prepared { incoming, refusals, loaded })
    }

    /// Addresses and numbers alone: words are tagged after the import.
    fn tags(&self, values: &TagValues) -> ContactTags {
        value_tags(values, &self.keys, &self.ring.overlap)
    }

    /// The tags of a card that was put together from two.
    pub(super) fn tags_of(&self, card: &Card) -> ContactTags {
        self.tags(&TagValues::of(card, Some(self.controller.country)))
    }

    /// Seals a contact that is new to the vault.
    pub(super) fn sealed(
        &self,
        id: ContactId,
        salt: Salt,
        tags: ContactTags,
        incoming: &Incoming,
        claims: &[Claim],
        entry: EntryId,
    ) -> Result<LoadedContact, DeskError> {
        let controller = self.controller.id;
        let key = self.keys.current().contact_key(id, &salt);
        let bounds = CardBounds::of_new(self.provenance, self.at);
        let card = key.seal(&card_place(controller, id, &bounds.parts()), incoming.card.to_text().as_bytes());
        let original = incoming.original.as_ref().map(|original| OriginalRow {
            media_type: original.media_type.to_owned(),
            sealed: key.seal(&original_place(controller, id, &[original.media_type.as_bytes()]), &original.bytes),
        });
        let events = self.events(&key, id, claims, entry)?;
        Ok(LoadedContact { id, salt, card, tags, original, events })
    }

    /// The events that claims become, sealed.
    pub(super) fn events(
        &self,
        key: &ContactKey,
        id: ContactId,
        claims: &[Claim],
        entry: EntryId,
    ) -> Result<Vec<carnet_store::ConsentRow>, DeskError> {
        let events = claims.iter().map(|claim| self.event(claim, id));
        events.map(|event| sealed_event(key, self.controller.id, &event, entry)).collect()
    }

    /// The event that a claim becomes.
    pub(super) fn event(&self, claim: &Claim, contact: ContactId) -> ConsentEvent {
        claim.clone().into_event(contact, self.purpose_of(claim), None, self.at)
    }

    /// The purpose that a claim is for: the one that it names, else the one that the import is for. A name that the
    /// controller has no purpose of is no purpose of the import's either.
    pub(super) fn purpose_of(&self, claim: &Claim) -> PurposeId {
        match &claim.purpose {
            Some(name) => self.purposes.get(&carnet_core::intake::level(name)).copied().unwrap_or(NO_PURPOSE),
            None => self.purpose.unwrap_or(NO_PURPOSE),
        }
    }
}

/// Why a contact is not prepared: it is rejected, or nothing can be.
pub(super) enum Failure {
    Rejected(Box<Reject>),
    Desk(DeskError),
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        Self::Desk(error)
    }
}

fn refused(incoming: &Incoming, reason: RejectReason) -> Failure {
    Failure::Rejected(Box::new(reject(incoming, reason)))
}

/// A contact that was read, and is not taken as it is.
pub(super) fn reject(incoming: &Incoming, reason: RejectReason) -> Reject {
    let original = || incoming.original.as_ref().map(|original| original.bytes.to_vec());
    let raw = incoming.raw.clone().or_else(original).or_else(|| Some(incoming.card.to_text().as_bytes().to_vec()));
    Reject { line: incoming.line, column: 1, reason, raw }
}

/// That the source says that messages to a contact come back.
const UNDELIVERABLE: &str = "carnet.example:undeliverable";

/// The card with what else the source knows of the contact and is no consent (vendor-specific members, RFC 9553 section
/// 1.8.1). `None` if there is nothing.
fn with_source_facts(incoming: &Incoming) -> Result<Option<Card>, CardError> {
    let mut card = None;
    let told = |source: &&String| incoming.claims.iter().any(|claim| claim.evidence.source.as_ref() == Some(*source));
    if let Some(source) = incoming.source.as_ref().filter(|source| !source.trim().is_empty() && !told(source)) {
        card = Some(incoming.card.with_member(SOURCE_MEMBER, &source.as_str().into())?);
    }
    if let Some(undeliverable) = incoming.undeliverable {
        let mut said = serde_json::Map::new();
        if let Some(permanent) = undeliverable.permanent {
            said.insert("permanent".to_owned(), permanent.into());
        }
        if let Some(at) = undeliverable.at {
            said.insert("at".to_owned(), at.to_string().into());
        }
        card = Some(card.as_ref().unwrap_or(&incoming.card).with_member(UNDELIVERABLE, &said.into())?);
    }
    let notified =
        incoming.notified_at.filter(|_| incoming.claims.iter().all(|one| one.evidence.notified_at.is_none()));
    for (member, at) in [(NOTIFIED_MEMBER, notified), (ACTIVITY_MEMBER, incoming.last_activity_at)] {
        if let Some(at) = at {
            card = Some(card.as_ref().unwrap_or(&incoming.card).with_member(member, &at.to_string().into())?);
        }
    }
    Ok(card)
}
