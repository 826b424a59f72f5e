//! What a column can be: a member of a JSContact card, a field of evidence, or something about delivery.
//!
//! The words are those of RFC 9553 and of [`Evidence`](carnet_core::model::Evidence), with dots between the parts.

use std::fmt;
use std::str::FromStr;

use carnet_core::model::{Context, NamePart, PhoneFeature};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What becomes of a column's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// Nothing: the column is known and left out on purpose.
    Ignore,
    /// E-mail address. May be several columns.
    Email(Option<Context>),
    /// Telephone number. May be several columns.
    Phone(Option<Context>, Option<PhoneFeature>),
    /// The name in one line.
    FullName,
    /// A part of the name.
    Name(NamePart),
    /// Nickname.
    Nickname,
    /// Organisation.
    Organization,
    /// Department.
    Unit,
    /// Job title.
    Title,
    /// A part of a postal address.
    Address(AddressPart, Option<Context>),
    /// The language that the subject prefers.
    Language,
    /// Date of birth.
    Birth,
    /// Web page. May be several columns.
    Link,
    /// Labels, separated. May be several columns.
    Keywords,
    /// Free note. May be several columns.
    Note,
    /// Where the contact came from, in the source's words; also the source of the consent.
    Source,
    /// Something that the source says about consent.
    Consent(ConsentField),
    /// Whether messages come back.
    Undeliverable,
    /// Since when messages come back.
    UndeliverableAt,
    /// When the subject last did something, such as opening a message. May be several columns; the latest counts.
    LastActivityAt,
    /// What the other columns cannot say, as members of a card in JSON: the last column of our own exports. It counts before
    /// the others.
    Rest,
}

/// A part of a postal address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressPart {
    /// All of it in one text.
    Full,
    /// Street and number.
    Street,
    /// Building, floor, flat.
    Extension,
    /// Town.
    Locality,
    /// Region, state, canton.
    Region,
    /// Postcode.
    Postcode,
    /// Country, by name or code.
    Country,
}

/// What a column says about consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConsentField {
    /// A status word: subscribed, unsubscribed, bounced.
    Status,
    /// Yes or no to being written to.
    OptedIn,
    /// Yes or no to having left.
    OptedOut,
    /// Yes or no to having complained.
    Complained,
    /// Yes or no to having confirmed.
    Confirmed,
    /// When the subject signed up.
    GivenAt,
    /// When the subject was asked to confirm.
    RequestedAt,
    /// When the subject confirmed.
    ConfirmedAt,
    /// When the subject was informed, Art. 14(3).
    NotifiedAt,
    /// When the subject left.
    WithdrawnAt,
    /// When the subject objected or complained.
    ObjectedAt,
    /// Why the subject left.
    WithdrawalReason,
    /// Network address of the sign-up.
    IpAddress,
    /// Network address of the confirmation.
    ConfirmedIpAddress,
    /// How it was expressed.
    Method,
    /// The sentence that the subject agreed to.
    Wording,
    /// Its version.
    WordingVersion,
    /// The language in which the subject was addressed.
    Language,
    /// Address of the form.
    FormUrl,
    /// The program that the subject used.
    UserAgent,
    /// Who collected it.
    Collector,
    /// The purpose.
    Purpose,
    /// The list at the source. Kept as a note beside the proof.
    List,
    /// Anything else, kept as a note beside the proof.
    Note,
}

macro_rules! words {
    ($($field:expr => $word:literal,)+) => {
        /// Every field and its word, in the order in which people are shown them.
        const WORDS: &[(Field, &str)] = &[$(($field, $word),)+];
    };
}

const WORK: Option<Context> = Some(Context::Work);
const PRIVATE: Option<Context> = Some(Context::Private);

words! {
    Field::Ignore => "ignore",
    Field::Email(None) => "email",
    Field::Email(WORK) => "email.work",
    Field::Email(PRIVATE) => "email.private",
    Field::Phone(None, None) => "phone",
    Field::Phone(None, Some(PhoneFeature::Mobile)) => "phone.mobile",
    Field::Phone(WORK, None) => "phone.work",
    Field::Phone(PRIVATE, None) => "phone.private",
    Field::Phone(None, Some(PhoneFeature::Fax)) => "phone.fax",
    Field::Phone(WORK, Some(PhoneFeature::Fax)) => "phone.work.fax",
    Field::Phone(PRIVATE, Some(PhoneFeature::Fax)) => "phone.private.fax",
    Field::FullName => "name.full",
    Field::Name(NamePart::Title) => "name.title",
    Field::Name(NamePart::Given) => "name.given",
    Field::Name(NamePart::Given2) => "name.given2",
    Field::Name(NamePart::Surname) => "name.surname",
    Field::Name(NamePart::Surname2) => "name.surname2",
    Field::Name(NamePart::Generation) => "name.generation",
    Field::Name(NamePart::Credential) => "name.credential",
    Field::Nickname => "nickname",
    Field::Organization => "organization",
    Field::Unit => "organization.unit",
    Field::Title => "title",
    Field::Address(AddressPart::Full, None) => "address",
    Field::Address(AddressPart::Street, None) => "address.street",
    Field::Address(AddressPart::Extension, None) => "address.extension",
    Field::Address(AddressPart::Locality, None) => "address.locality",
    Field::Address(AddressPart::Region, None) => "address.region",
    Field::Address(AddressPart::Postcode, None) => "address.postcode",
    Field::Address(AddressPart::Country, None) => "address.country",
    Field::Address(AddressPart::Full, WORK) => "address.work",
    Field::Address(AddressPart::Street, WORK) => "address.work.street",
    Field::Address(AddressPart::Extension, WORK) => "address.work.extension",
    Field::Address(AddressPart::Locality, WORK) => "address.work.locality",
    Field::Address(AddressPart::Region, WORK) => "address.work.region",
    Field::Address(AddressPart::Postcode, WORK) => "address.work.postcode",
    Field::Address(AddressPart::Country, WORK) => "address.work.country",
    Field::Address(AddressPart::Full, PRIVATE) => "address.private",
    Field::Address(AddressPart::Street, PRIVATE) => "address.private.street",
    Field::Address(AddressPart::Extension, PRIVATE) => "address.private.extension",
    Field::Address(AddressPart::Locality, PRIVATE) => "address.private.locality",
    Field::Address(AddressPart::Region, PRIVATE) => "address.private.region",
    Field::Address(AddressPart::Postcode, PRIVATE) => "address.private.postcode",
    Field::Address(AddressPart::Country, PRIVATE) => "address.private.country",
    Field::Language => "language",
    Field::Birth => "birth",
    Field::Link => "link",
    Field::Keywords => "keywords",
    Field::Note => "note",
    Field::Source => "source",
    Field::Consent(ConsentField::Status) => "consent.status",
    Field::Consent(ConsentField::OptedIn) => "consent.opted-in",
    Field::Consent(ConsentField::OptedOut) => "consent.opted-out",
    Field::Consent(ConsentField::Complained) => "consent.complained",
    Field::Consent(ConsentField::Confirmed) => "consent.confirmed",
    Field::Consent(ConsentField::GivenAt) => "consent.given-at",
    Field::Consent(ConsentField::RequestedAt) => "consent.requested-at",
    Field::Consent(ConsentField::ConfirmedAt) => "consent.confirmed-at",
    Field::Consent(ConsentField::NotifiedAt) => "consent.notified-at",
    Field::Consent(ConsentField::WithdrawnAt) => "consent.withdrawn-at",
    Field::Consent(ConsentField::ObjectedAt) => "consent.objected-at",
    Field::Consent(ConsentField::WithdrawalReason) => "consent.withdrawal-reason",
    Field::Consent(ConsentField::IpAddress) => "consent.ip-address",
    Field::Consent(ConsentField::ConfirmedIpAddress) => "consent.confirmed-ip-address",
    Field::Consent(ConsentField::Method) => "consent.method",
    Field::Consent(ConsentField::Wording) => "consent.wording",
    Field::Consent(ConsentField::WordingVersion) => "consent.wording-version",
    Field::Consent(ConsentField::Language) => "consent.language",
    Field::Consent(ConsentField::FormUrl) => "consent.form-url",
    Field::Consent(ConsentField::UserAgent) => "consent.user-agent",
    Field::Consent(ConsentField::Collector) => "consent.collector",
    Field::Consent(ConsentField::Purpose) => "consent.purpose",
    Field::Consent(ConsentField::List) => "consent.list",
    Field::Consent(ConsentField::Note) => "consent.note",
    Field::Undeliverable => "undeliverable",
    Field::UndeliverableAt => "undeliverable-at",
    Field::LastActivityAt => "last-activity-at",
    Field::Rest => "rest",
}

/// The text is none of the fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a field; expected one such as email, phone, name.given, consent.given-at or ignore")]
pub struct UnknownField;

impl Field {
    /// Every field, in the order in which people are shown them.
    pub fn all() -> impl Iterator<Item = Self> {
        WORDS.iter().map(|(field, _)| *field)
    }

    /// Its word in mappings and on the command line.
    pub fn as_str(self) -> &'static str {
        // Every field has a word; a test counts them.
        WORDS.iter().find(|(field, _)| *field == self).map_or("ignore", |(_, word)| word)
    }

    /// Whether several columns may be this field. Of stops there may be several, and the strictest counts.
    pub const fn may_repeat(self) -> bool {
        match self {
            Self::Ignore | Self::Email(_) | Self::Phone(..) | Self::Link | Self::Keywords | Self::Note => true,
            Self::Undeliverable | Self::LastActivityAt => true,
            Self::Consent(field) => matches!(
                field,
                ConsentField::Status
                    | ConsentField::OptedOut
                    | ConsentField::Complained
                    | ConsentField::Note
                    | ConsentField::List
            ),
            _ => false,
        }
    }

    /// Whether its values are dates or times.
    pub const fn is_date(self) -> bool {
        matches!(
            self,
            Self::Birth
                | Self::UndeliverableAt
                | Self::LastActivityAt
                | Self::Consent(
                    ConsentField::GivenAt
                        | ConsentField::RequestedAt
                        | ConsentField::ConfirmedAt
                        | ConsentField::NotifiedAt
                        | ConsentField::WithdrawnAt
                        | ConsentField::ObjectedAt
                )
        )
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Field {
    type Err = UnknownField;

    fn from_str(text: &str) -> Result<Self, UnknownField> {
        match text.trim() {
            "-" => Ok(Self::Ignore),
            text => WORDS.iter().find(|(_, word)| *word == text).map(|(field, _)| *field).ok_or(UnknownField),
        }
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_field_has_one_word_that_reads_back() {
        let words: HashSet<&str> = WORDS.iter().map(|(_, word)| *word).collect();
        let fields: HashSet<Field> = Field::all().collect();
        assert_eq!((words.len(), fields.len()), (WORDS.len(), WORDS.len()));
        for (field, word) in WORDS {
            assert_eq!(word.parse::<Field>(), Ok(*field));
            assert_eq!(field.as_str(), *word);
            assert_eq!(serde_json::to_string(field).unwrap(), format!("\"{word}\""));
        }
        assert_eq!("-".parse(), Ok(Field::Ignore));
        assert_eq!("telephone".parse::<Field>(), Err(UnknownField));
    }
}
