//! A contact: one subject, as one controller knows them.

use super::{Card, CardError, CardPatch, ContactId, ControllerId, ProvenanceId, Timestamp};

/// A card with where it came from and how often it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its identifier.
    pub id: ContactId,
    /// Whose contact it is.
    pub controller: ControllerId,
    /// What is known of the subject.
    pub card: Card,
    /// Where it came from: every provenance once, the first first.
    pub provenances: Vec<ProvenanceId>,
    /// When it was added.
    pub added: Timestamp,
    /// When it last changed.
    pub changed: Timestamp,
    /// Counts the changes, from 1. A writer that read another revision must read again.
    pub revision: u64,
}

impl Contact {
    /// A contact as it is first added.
    pub fn new(id: ContactId, controller: ControllerId, card: Card, provenance: ProvenanceId, at: Timestamp) -> Self {
        Self { id, controller, card, provenances: vec![provenance], added: at, changed: at, revision: 1 }
    }

    /// Changes the card. A patch that changes no text makes no revision, and this says so with `false`.
    ///
    /// # Errors
    /// [`CardError`] if the patch does not fit; the contact is then as it was.
    pub fn change(&mut self, patch: &CardPatch, at: Timestamp) -> Result<bool, CardError> {
        let card = self.card.patch(patch)?;
        if card.value() == self.card.value() {
            return Ok(false);
        }
        self.card = card;
        self.touch(at);
        Ok(true)
    }

    /// Records that the contact also came from there; `false` if that was known.
    pub fn came_from(&mut self, provenance: ProvenanceId, at: Timestamp) -> bool {
        if self.provenances.contains(&provenance) {
            return false;
        }
        self.provenances.push(provenance);
        self.touch(at);
        true
    }

    fn touch(&mut self, at: Timestamp) {
        self.changed = self.changed.max(at);
        self.revision = self.revision.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CardBuilder, CardEntry};

    fn contact() -> Contact {
        let card = CardBuilder::new().full_name("Ada").email("ada@example.org").build().unwrap();
        let at = "2026-11-22T09:30:00Z".parse().unwrap();
        Contact::new(ContactId::new(), ControllerId::new(), card, ProvenanceId::new(), at)
    }

    #[test]
    fn each_change_counts_once_and_none_counts_for_nothing() {
        let mut contact = contact();
        let later = "2026-11-23T09:30:00Z".parse().unwrap();
        assert!(contact.change(&CardPatch::new().add(CardEntry::Phone, "+33 1 99 00 12 34"), later).unwrap());
        assert!(!contact.change(&CardPatch::new().add(CardEntry::Phone, "+33 1 99 00 12 34"), later).unwrap());
        assert_eq!((contact.revision, contact.changed), (2, later));
    }

    #[test]
    fn a_patch_that_does_not_fit_leaves_the_contact_as_it_was() {
        let mut contact = contact();
        let before = contact.clone();
        let patch = CardPatch::new().full_name("X").remove(CardEntry::Email, "b@example.org");
        assert!(contact.change(&patch, Timestamp::now()).is_err());
        assert_eq!(contact, before);
    }

    #[test]
    fn a_provenance_is_kept_once() {
        let mut contact = contact();
        let second = ProvenanceId::new();
        assert!(contact.came_from(second, Timestamp::now()) && !contact.came_from(second, Timestamp::now()));
        assert_eq!((contact.provenances.len(), contact.revision), (2, 2));
    }
}
