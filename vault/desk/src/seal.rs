//! Where each sealed value of a contact stands, and by which tags a card is found.

use carnet_core::intake::{TagValues, card_words};
use carnet_core::keys::{ContactKey, ControllerKeys, Field, OverlapKey, Place, Tag};
use carnet_core::model::{
    AccountId, Card, ConsentEvent, ConsentEventId, ContactId, ControllerId, Country, EntryId, ProvenanceId,
    ProvenanceKind, Timestamp,
};
use carnet_store::{ContactRow, ContactTags, ProvenanceRow};

use crate::DeskError;

/// The clear columns of a contact that its sealed card vouches for: an edited row no longer opens.
pub(crate) struct CardBounds {
    provenance: [u8; 16],
    added: [u8; 8],
    changed: [u8; 8],
    addressed: [u8; 8],
    revision: [u8; 8],
}

impl CardBounds {
    fn new(provenance: ProvenanceId, [added, changed, addressed]: [Timestamp; 3], revision: u64) -> Self {
        Self {
            provenance: *provenance.as_bytes(),
            added: added.as_us().to_be_bytes(),
            changed: changed.as_us().to_be_bytes(),
            addressed: addressed.as_us().to_be_bytes(),
            revision: revision.to_be_bytes(),
        }
    }

    /// Of a contact that comes in.
    pub(crate) fn of_new(provenance: ProvenanceId, at: Timestamp) -> Self {
        Self::new(provenance, [at; 3], 1)
    }

    pub(crate) fn of(row: &ContactRow) -> Self {
        Self::new(row.provenance, [row.added, row.changed, row.addressed], row.revision)
    }

    pub(crate) fn parts(&self) -> [&[u8]; 5] {
        [&self.provenance, &self.added, &self.changed, &self.addressed, &self.revision]
    }
}

/// Where a card stands.
pub(crate) fn card_place<'a>(controller: ControllerId, contact: ContactId, bound: &'a [&'a [u8]]) -> Place<'a> {
    Place::new(controller, contact, "contacts", "sealed_card").bound_to(bound)
}

/// The row of a contact one revision on, with this card in it, which may hold an address that the one before did not.
pub(crate) fn revised(
    row: ContactRow,
    key: &ContactKey,
    card: &Card,
    (at, gains_address): (Timestamp, bool),
) -> ContactRow {
    let (revision, addressed) = (row.revision + 1, if gains_address { at } else { row.addressed });
    let bounds = CardBounds::new(row.provenance, [row.added, at, addressed], revision);
    let card = key.seal(&card_place(row.controller, row.id, &bounds.parts()), card.to_text().as_bytes());
    ContactRow { revision, changed: at, addressed, card, ..row }
}

/// Where the bytes stand that a card came in as.
pub(crate) fn original_place<'a>(
    controller: ControllerId,
    contact: ContactId,
    media_type: &'a [&'a [u8]],
) -> Place<'a> {
    Place::new(controller, contact, "contact_originals", "sealed").bound_to(media_type)
}

/// Where a card stands as it was before an import changed it.
pub(crate) fn before_place<'a>(controller: ControllerId, contact: ContactId, import: &'a [&'a [u8]]) -> Place<'a> {
    Place::new(controller, contact, "import_changes", "sealed_before").bound_to(import)
}

/// Where an origin stands.
pub(crate) fn provenance_place<'a>(controller: ControllerId, id: ProvenanceId, bound: &'a [&'a [u8]]) -> Place<'a> {
    Place::new(controller, id, "provenances", "sealed").bound_to(bound)
}

/// The clear columns of an origin that its sealed words vouch for: who is told what hangs on the kind (Art. 13, 14).
pub(crate) struct ProvenanceBounds {
    kind: &'static str,
    brought_by: [u8; 16],
    at: [u8; 8],
}

impl ProvenanceBounds {
    pub(crate) fn new(kind: ProvenanceKind, brought_by: AccountId, at: Timestamp) -> Self {
        Self { kind: kind.as_str(), brought_by: *brought_by.as_bytes(), at: at.as_us().to_be_bytes() }
    }

    pub(crate) fn of(row: &ProvenanceRow) -> Self {
        Self::new(row.kind, row.brought_by, row.at)
    }

    pub(crate) fn parts(&self) -> [&[u8]; 3] {
        [self.kind.as_bytes(), &self.brought_by, &self.at]
    }
}

/// Where the evidence of a consent event stands.
pub(crate) fn evidence_place<'a>(controller: ControllerId, event: ConsentEventId, bound: &'a [&'a [u8]]) -> Place<'a> {
    Place::new(controller, event, "consent_events", "sealed_evidence").bound_to(bound)
}

/// The clear columns of a consent event that its sealed evidence vouches for: an edited row no longer opens.
pub(crate) struct EvidenceBounds([Vec<u8>; 8]);

impl EvidenceBounds {
    pub(crate) fn of(event: &ConsentEvent, entry: EntryId) -> Self {
        let time = |at: Option<Timestamp>| at.map_or_else(Vec::new, |at| at.as_us().to_be_bytes().to_vec());
        Self([
            event.contact.as_bytes().to_vec(),
            event.purpose.as_bytes().to_vec(),
            event.kind.to_string().into_bytes(),
            event.authority.to_string().into_bytes(),
            time(event.at),
            time(Some(event.recorded_at)),
            event.notice.as_ref().map_or_else(Vec::new, |hash| hash.as_bytes().to_vec()),
            entry.as_bytes().to_vec(),
        ])
    }

    pub(crate) fn parts(&self) -> [&[u8]; 8] {
        self.0.each_ref().map(Vec::as_slice)
    }
}

/// The e-mail addresses of a card, each once.
///
/// # Errors
/// [`DeskError::Email`] for one that is none: it could never be found or suppressed again.
pub(crate) fn addresses(card: &Card, country: Option<Country>) -> Result<TagValues, DeskError> {
    let values = TagValues::of(card, country);
    match values.unread_email() {
        Some(error) => Err(error.into()),
        None => Ok(values),
    }
}

/// Every tag that a card is found by.
pub(crate) fn tags(
    card: &Card,
    keys: &ControllerKeys,
    overlap: &OverlapKey,
    country: Country,
) -> Result<ContactTags, DeskError> {
    let mut tags = value_tags(&addresses(card, Some(country))?, keys, overlap);
    let words = card_words(card);
    tags.others.extend(words.iter().map(|word| (Field::Word, keys.index().tag(Field::Word, word))));
    Ok(tags)
}

/// The tags of addresses and numbers alone.
pub(crate) fn value_tags(values: &TagValues, keys: &ControllerKeys, overlap: &OverlapKey) -> ContactTags {
    let index = keys.index();
    let emails = values.emails.iter();
    let emails = emails.map(|one| (index.tag(Field::Email, one.as_str()), overlap.email_tag(one))).collect();
    let phones = values.phones.iter().map(|number| (Field::Phone, index.tag(Field::Phone, number.as_str())));
    ContactTags { emails, others: phones.collect() }
}

/// What addresses are compared by between controllers, in their order.
pub(crate) fn overlap_tags_of(values: &TagValues, overlap: &OverlapKey) -> Vec<Tag> {
    values.emails.iter().map(|address| overlap.email_tag(address)).collect()
}

/// The tags under which a card's addresses are suppressed.
pub(crate) fn suppression_tags(card: &Card, keys: &ControllerKeys) -> Result<Vec<Tag>, DeskError> {
    Ok(suppression_tags_of(&addresses(card, None)?, keys))
}

/// The tags under which these addresses are suppressed, in their order.
pub(crate) fn suppression_tags_of(values: &TagValues, keys: &ControllerKeys) -> Vec<Tag> {
    values.emails.iter().map(|address| keys.suppression().tag(Field::Email, address.as_str())).collect()
}

/// The tags under which stands what a contact refused: those of its addresses, and one of its own, so that a refusal is
/// not forgotten while the contact has no address.
pub(crate) fn refusal_tags(id: ContactId, card: &Card, keys: &ControllerKeys) -> Result<Vec<Tag>, DeskError> {
    let mut tags = suppression_tags(card, keys)?;
    tags.push(own_refusal_tag(id, keys));
    Ok(tags)
}

/// The tag under which stands what a contact refused by itself, with an address or without.
pub(crate) fn own_refusal_tag(id: ContactId, keys: &ControllerKeys) -> Tag {
    keys.suppression().tag(Field::Uid, &id.to_string())
}
