//! What a source hands over: a card, what the source claims about consent, and what it knows of deliverability.
//!
//! A claim is somebody's word and never more: it becomes an event with [`Authority::Claim`], so that it can tighten a
//! standing and never lift a stop. That somebody is in a file or an account of a provider is no claim of anything.

use std::fmt;

use zeroize::Zeroizing;

use super::reject::Reject;
use crate::model::text_enum::text_enum;
use crate::model::{
    Authority, Card, ConsentEvent, ConsentEventId, ConsentKind, ContactId, Evidence, NoticeHash, PurposeId, Timestamp,
};

/// One contact as a source has it. `Debug` shows no content.
#[derive(Clone, PartialEq, Eq)]
pub struct Incoming {
    /// The content.
    pub card: Card,
    /// The bytes it was read from, if they say more than the card does: a vCard, an LDIF entry.
    pub original: Option<Original>,
    /// The bytes it was read from, if they are not `original`: a row of a table. For the file of rejects alone.
    pub raw: Option<Vec<u8>>,
    /// What the source says about consent, in the order in which it says it happened.
    pub claims: Vec<Claim>,
    /// Whether messages do not arrive. Not a consent event: nobody has said anything.
    pub undeliverable: Option<Undeliverable>,
    /// Where the source says that this contact came from, in its words.
    pub source: Option<String>,
    /// When the source says that the subject was informed (Art. 14(3)); with a yes also in its evidence.
    pub notified_at: Option<Timestamp>,
    /// When the source says that the subject last did something, such as opening a message. The card has it too.
    pub last_activity_at: Option<Timestamp>,
    /// Line of the file, from 1; of other sources, the number of the record.
    pub line: usize,
}

impl Incoming {
    /// A card that may carry [claims](super::carried), about which the source says nothing more.
    pub fn of_exported_card(card: Card, line: usize) -> Self {
        let (card, claims) = super::taken_claims(card);
        Self { claims, ..Self::of_card(card, line) }
    }

    /// A card about which the source says nothing more.
    pub const fn of_card(card: Card, line: usize) -> Self {
        Self {
            card,
            original: None,
            raw: None,
            claims: Vec::new(),
            undeliverable: None,
            source: None,
            notified_at: None,
            last_activity_at: None,
            line,
        }
    }
}

/// The bytes that a card was read from. Sealed beside the card until somebody edits it.
#[derive(Clone, PartialEq, Eq)]
pub struct Original {
    /// Media type, such as `text/vcard`.
    pub media_type: &'static str,
    /// The bytes.
    pub bytes: Zeroizing<Vec<u8>>,
}

/// What a source says happened to one consent.
#[derive(Clone, PartialEq, Eq)]
pub struct Claim {
    /// What happened.
    pub kind: ConsentKind,
    /// To which purpose, in the source's words; `None` if it names none.
    pub purpose: Option<String>,
    /// When; `None` if the source does not say, or not so that it is one moment.
    pub at: Option<Timestamp>,
    /// What the source has as proof. What it does not have is missing.
    pub evidence: Evidence,
}

impl Claim {
    /// The event that this claim becomes for a purpose of the controller.
    pub fn into_event(
        self,
        contact: ContactId,
        purpose: PurposeId,
        notice: Option<NoticeHash>,
        recorded_at: Timestamp,
    ) -> ConsentEvent {
        ConsentEvent {
            id: ConsentEventId::new(),
            contact,
            purpose,
            kind: self.kind,
            at: self.at,
            recorded_at,
            authority: Authority::Claim,
            notice,
            evidence: self.evidence,
        }
    }
}

/// The source says that messages to this contact come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Undeliverable {
    /// Whether for good (a hard bounce); `None` if the source does not say.
    pub permanent: Option<bool>,
    /// Since when, if it says.
    pub at: Option<Timestamp>,
}

/// Where contacts are read from, one after the other, in the order of the source.
///
/// Each item is one contact or one reject; nothing is left out between them. After a reject that
/// [ends reading](super::RejectReason::ends_reading) nothing follows. Reading the same bytes again gives the same items.
pub trait Source: Iterator<Item = Result<Incoming, Reject>> {
    /// What was left out of the contacts so far because it could not be read or was not clear.
    fn warnings(&self) -> Vec<Warning> {
        Vec::new()
    }
}

text_enum! {
    /// Why a value was left out, or kept as text alone.
    WarningKind, "a kind of warning" {
        /// A date that no calendar has, or text that is no date.
        DateUnreadable = "date-unreadable",
        /// Day and month could be either way round in the whole column, or are both ways in it.
        DateAmbiguous = "date-ambiguous",
        /// A year of two digits.
        YearOfTwoDigits = "year-of-two-digits",
        /// A time without a zone, which is no moment.
        ZoneMissing = "zone-missing",
        /// A day without a time of day.
        DayOnly = "day-only",
        /// A local time that happened twice or never, where clocks changed.
        ClockChange = "clock-change",
        /// Not an IP address.
        IpUnreadable = "ip-unreadable",
        /// Neither yes nor no.
        YesOrNoUnreadable = "yes-or-no-unreadable",
        /// Not opted in, which is no consent, and no refusal by itself.
        NotOptedIn = "not-opted-in",
        /// A head that is not known, and seems to be about consent, with a cell under it that seems to be a no.
        ConsentDoubted = "consent-doubted",
        /// Not a language.
        LanguageUnreadable = "language-unreadable",
        /// A number that a spreadsheet has written as a power of ten: digits are lost.
        NumberMangled = "number-mangled",
        /// Proof of a consent that the source does not say was given.
        ProofWithoutConsent = "proof-without-consent",
        /// A confirmation that is not later than the sign-up, so that nobody has confirmed anything.
        ConfirmationNotLater = "confirmation-not-later",
        /// A password or a secret key that a directory keeps beside a person.
        CredentialLeftOut = "credential-left-out",
    }
}

impl WarningKind {
    /// What it means and what was done, in a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::DateUnreadable => "not a date of any calendar; kept as text, the date is missing",
            Self::DateAmbiguous => {
                "day and month could be either way round; kept as text, the time is missing: say which with the mapping's order"
            }
            Self::YearOfTwoDigits => "a year of two digits; kept as text, the time is missing",
            Self::ZoneMissing => {
                "a time without a zone is no moment; kept as text, the time is missing: say the zone if you know it"
            }
            Self::DayOnly => "a day without a time; counted from its beginning, and noted beside the proof",
            Self::ClockChange => {
                "a time that clocks showed twice or never; kept as text beside the proof, the time is missing"
            }
            Self::IpUnreadable => "not an IP address; kept as text beside the proof",
            Self::YesOrNoUnreadable => "neither yes nor no; nothing was concluded from it",
            Self::NotOptedIn => {
                "not opted in: no consent was concluded, and no refusal; where it is one, read the column as consent.status and its word as \
                 unsubscribed"
            }
            Self::ConsentDoubted => {
                "seems to say no, under a head that is not known: no consent was concluded of these rows; say with --map what the column is \
                 (consent.opted-in, consent.opted-out, consent.withdrawn-at, note)"
            }
            Self::LanguageUnreadable => "not a language; left out",
            Self::NumberMangled => "a spreadsheet has rounded this number; kept as it is, digits are lost",
            Self::ProofWithoutConsent => {
                "proof of a consent that the file does not say was given; left out, since it proves nothing by itself"
            }
            Self::ConfirmationNotLater => {
                "a confirmation without an earlier sign-up; left out, since a provider sets it for imports too"
            }
            Self::CredentialLeftOut => {
                "a password or key, which is nobody's business but its owner's; left out of the card: export the directory without it"
            }
        }
    }
}

/// How often a value of one column was left out for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// The column or field.
    pub field: String,
    /// Why.
    pub kind: WarningKind,
    /// How often.
    pub count: u64,
    /// Where first.
    pub first_line: usize,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (times, line) = (self.count, self.first_line);
        write!(f, "column {}: {} ({times} times, first in line {line})", self.field, self.kind.sentence())
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Incoming");
        shown.field("line", &self.line).field("card", &self.card).field("claims", &self.claims);
        shown.field("undeliverable", &self.undeliverable).finish_non_exhaustive()
    }
}

impl fmt::Debug for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Original({}, {} bytes)", self.media_type, self.bytes.len())
    }
}

impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Claim({} at {:?}, {:?})", self.kind, self.at, self.evidence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PurposeState;

    #[test]
    fn a_claim_becomes_an_event_that_lifts_no_stop() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let claim = |kind, time: &str| Claim { kind, purpose: None, at: Some(at(time)), evidence: Evidence::default() };
        let (contact, purpose, now) = (ContactId::new(), PurposeId::new(), at("2026-11-22T09:00:00Z"));
        let stop = claim(ConsentKind::Withdrawn, "2024-01-01T00:00:00Z").into_event(contact, purpose, None, now);
        let yes = claim(ConsentKind::Given, "2025-01-01T00:00:00Z").into_event(contact, purpose, None, now);
        assert_eq!(yes.authority, Authority::Claim);
        assert_eq!(PurposeState::of([&stop, &yes]).because_of, Some(stop.id));
    }

    #[test]
    fn debug_shows_no_content() {
        let card = Card::parse(r#"{"@type":"Card","name":{"full":"Zebulon"}}"#).unwrap();
        let evidence = Evidence { source: Some("Zebulon's shop".to_owned()), ..Evidence::default() };
        let claim = Claim { kind: ConsentKind::Given, purpose: Some("Zebulon".to_owned()), at: None, evidence };
        let original = Original { media_type: "text/vcard", bytes: Zeroizing::new(b"FN:Zebulon".to_vec()) };
        let incoming = Incoming {
            claims: vec![claim],
            original: Some(original.clone()),
            source: Some("Zebulon".to_owned()),
            ..Incoming::of_card(card, 2)
        };
        assert!(!format!("{incoming:?} {original:?}").contains("Zebulon"));
    }

    #[test]
    fn every_warning_has_a_sentence_of_its_own() {
        let sentences: std::collections::BTreeSet<_> = WarningKind::ALL.iter().map(|kind| kind.sentence()).collect();
        assert_eq!(sentences.len(), WarningKind::ALL.len());
    }
}
