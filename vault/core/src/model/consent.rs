//! Consent as it happened: an append-only history of events, each with its evidence (Art. 7).
//!
//! An event is never changed or removed by a later one. What the events amount to is decided in
//! [`consent_state`](super::consent_state).

use serde::{Deserialize, Serialize};

use super::text_enum::text_enum;
use super::{ConsentEventId, ContactId, Evidence, EvidenceField, NoticeHash, PurposeId, Timestamp};

/// Under which purpose a consent is kept whose source names none: a yes is a yes to nothing, a refusal holds for all.
pub const NO_PURPOSE: PurposeId = PurposeId::from_bytes([0; 16]);

text_enum! {
    /// What a subject did, or what happened to a consent.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    ConsentKind, "a kind of consent event" {
        /// The subject said yes.
        Given = "given",
        /// The subject confirmed it from the mailbox (double opt-in).
        Confirmed = "confirmed",
        /// The subject took it back (Art. 7(3)).
        Withdrawn = "withdrawn",
        /// Its time ran out.
        Expired = "expired",
        /// The subject objected to the use (Art. 21).
        Objected = "objected",
    }
}

impl ConsentKind {
    /// Whether it ends permission.
    pub const fn is_stop(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Expired | Self::Objected)
    }

    /// Whether the subject said no: what must outlive the contact's own card (Art. 7(3), 21).
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Objected)
    }
}

text_enum! {
    /// On whose word an event stands.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    Authority, "an authority" {
        /// The subject's own act, seen by this vault or proven to it.
        OwnAct = "own-act",
        /// What a file, a provider or a third party says.
        Claim = "claim",
    }
}

/// One event of one subject's consent to one purpose. It is kept sealed as it is written here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ConsentEvent {
    /// Its identifier.
    pub id: ConsentEventId,
    /// Whose.
    pub contact: ContactId,
    /// To what.
    pub purpose: PurposeId,
    /// What happened.
    pub kind: ConsentKind,
    /// When it happened; `None` if the source does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// When this vault learned of it, by its own clock.
    pub recorded_at: Timestamp,
    /// On whose word.
    pub authority: Authority,
    /// The notice that the subject was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<NoticeHash>,
    /// What proves it.
    #[serde(default)]
    pub evidence: Evidence,
}

impl ConsentEvent {
    /// What a proof of this event lacks (Art. 7(1)), in the order of [`EvidenceField`].
    pub fn missing(&self) -> Vec<EvidenceField> {
        let mut missing = self.evidence.missing();
        if self.notice.is_some() {
            missing.retain(|field| *field != EvidenceField::Wording);
        }
        if self.at.is_none() {
            missing.insert(0, EvidenceField::Time);
        }
        missing
    }

    /// The time that counts, if one is known: a time later than its recording is no time, and counts as that of recording.
    pub fn counted_at(&self) -> Option<Timestamp> {
        match self.at {
            Some(at) => Some(at.min(self.recorded_at)),
            // A stop must not be lost for want of a date; a yes must not gain by it.
            None if self.kind.is_stop() => Some(self.recorded_at),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> ConsentEvent {
        ConsentEvent {
            id: ConsentEventId::new(),
            contact: ContactId::new(),
            purpose: PurposeId::new(),
            kind: ConsentKind::Given,
            at: None,
            recorded_at: "2026-11-22T09:30:00Z".parse().unwrap(),
            authority: Authority::Claim,
            notice: None,
            evidence: Evidence::default(),
        }
    }

    #[test]
    fn a_bare_claim_lacks_everything_and_says_so() {
        assert_eq!(event().missing(), EvidenceField::ALL);
    }

    #[test]
    fn a_known_notice_is_the_wording() {
        let event =
            ConsentEvent { notice: Some(NoticeHash::of(b"We send news.")), at: Some(event().recorded_at), ..event() };
        assert!(!event.missing().contains(&EvidenceField::Wording));
        assert!(!event.missing().contains(&EvidenceField::Time));
    }

    #[test]
    fn an_event_reads_back_and_an_unknown_time_stays_unknown() {
        let written = serde_json::to_string(&event()).unwrap();
        assert!(!written.contains("\"at\"") && written.contains("\"kind\":\"given\""), "{written}");
        assert_eq!(serde_json::from_str::<ConsentEvent>(&written).unwrap().at, None);
    }

    #[test]
    fn a_refusal_is_the_subjects_own_no_and_always_a_stop() {
        let refusals: Vec<_> = ConsentKind::ALL.iter().filter(|kind| kind.is_refusal()).collect();
        assert_eq!(refusals, [&ConsentKind::Withdrawn, &ConsentKind::Objected]);
        assert!(refusals.iter().all(|kind| kind.is_stop()));
    }

    #[test]
    fn words_read_back_and_others_are_answered_with_the_list() {
        for kind in ConsentKind::ALL {
            assert_eq!(kind.as_str().parse::<ConsentKind>().unwrap(), *kind);
        }
        let error = "maybe".parse::<ConsentKind>().unwrap_err();
        assert!(error.to_string().contains("given, confirmed, withdrawn"), "{error}");
    }
}
