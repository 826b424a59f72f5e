//! What proves a consent event: the fields of a consent record (ISO/IEC TS 27560), and those that Art. 7(1) turns on.
//!
//! Each field is optional, and one that the source does not give stays empty: nothing is guessed, copied from a
//! neighbour or filled with a default, because an invented proof is worse than none.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::text_enum::text_enum;
use super::{Country, FormHash, Language, ScreenshotHash, Timestamp};

/// The proof of one consent event, as far as anybody has it. Sealed with the event; `Debug` shows no content.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Evidence {
    /// How the subject expressed it (27560: collection method).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<CollectionMethod>,
    /// Where: the site, shop, event or desk, in the words of whoever recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The sentence that the subject agreed to, word for word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wording: Option<String>,
    /// The version that the collector gave to that wording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wording_version: Option<String>,
    /// The language that the subject was addressed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Whether the subject ticked or said it (`true`), or found it ticked or bundled (`false`: void, Art. 4(11), 7(2)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affirmative_act: Option<bool>,
    /// Address of the form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form_url: Option<String>,
    /// Version of the form by the hash of its bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form_hash: Option<FormHash>,
    /// A screenshot of the form as it was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screenshot_hash: Option<ScreenshotHash>,
    /// The network address that the subject's act came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_address: Option<IpAddr>,
    /// The program that the subject used, as it named itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// Double opt-in: when the confirmation was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<Timestamp>,
    /// Double opt-in: when the subject confirmed from the mailbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// When the subject was told who holds the contact, and from where it came (Art. 14(3)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notified_at: Option<Timestamp>,
    /// Until when it was said to hold (27560: validity duration).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// Who collected it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collector: Option<String>,
    /// Recipients that the form named. `None`: not known; empty: it named none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub named_recipients: Option<Vec<String>>,
    /// Who held the contact between the collector and this controller. `None`: not known; empty: nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holders: Option<Vec<Holder>>,
    /// How the subject was told that consent can be withdrawn (Art. 7(3)).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal_method: Option<String>,
    /// Anything else that was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

/// One who held contacts on their way here.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Holder {
    /// Name of the organisation or person.
    pub name: String,
    /// Where it is established.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// Since when it held them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// When it passed them on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// How a subject expressed a choice.
#[derive(Clone, PartialEq, Eq)]
pub enum CollectionMethod {
    /// A form on a web page.
    WebForm,
    /// A link or button in a message to the subject's own mailbox.
    MessageLink,
    /// A message that the subject wrote.
    Message,
    /// A signed or filled paper.
    PaperForm,
    /// Said on the telephone.
    Telephone,
    /// Said or shown in person.
    InPerson,
    /// Set in an account of the subject.
    AccountSetting,
    /// In other words, as the source has them.
    Other(String),
}

text_enum! {
    /// A field that a proof by Art. 7(1) may need. Policies name what they need with these words.
    EvidenceField, "a field of evidence" {
        /// When the subject acted.
        Time = "time",
        /// How.
        Method = "method",
        /// Where.
        Source = "source",
        /// What the subject read: its wording, its version or the notice.
        Wording = "wording",
        /// That the box was not ticked beforehand.
        AffirmativeAct = "affirmative-act",
        /// The form: address, hash or screenshot.
        Form = "form",
        /// The network address that it came from.
        IpAddress = "ip-address",
        /// Both times of the double opt-in.
        DoubleOptIn = "double-opt-in",
        /// Who collected it.
        Collector = "collector",
        /// Recipients that the form named.
        NamedRecipients = "named-recipients",
        /// Everybody who held the contact since.
        Holders = "holders",
        /// How the subject was told that consent can be withdrawn.
        WithdrawalMethod = "withdrawal-method",
    }
}

impl Evidence {
    /// What is not known, in the order of [`EvidenceField`].
    ///
    /// The time of the act and the notice belong to the event; see
    /// [`ConsentEvent::missing`](super::ConsentEvent::missing), which asks for all of them.
    pub fn missing(&self) -> Vec<EvidenceField> {
        let known = |field: EvidenceField| match field {
            EvidenceField::Time => true,
            EvidenceField::Method => match &self.method {
                Some(CollectionMethod::Other(words)) => !words.trim().is_empty(),
                method => method.is_some(),
            },
            EvidenceField::Source => said(self.source.as_ref()),
            EvidenceField::Wording => said(self.wording.as_ref()) || said(self.wording_version.as_ref()),
            EvidenceField::AffirmativeAct => self.affirmative_act.is_some(),
            EvidenceField::Form => {
                said(self.form_url.as_ref()) || self.form_hash.is_some() || self.screenshot_hash.is_some()
            }
            EvidenceField::IpAddress => self.ip_address.is_some(),
            EvidenceField::DoubleOptIn => self.requested_at.is_some() && self.confirmed_at.is_some(),
            EvidenceField::Collector => said(self.collector.as_ref()),
            EvidenceField::NamedRecipients => self.named_recipients.is_some(),
            EvidenceField::Holders => self.holders.is_some(),
            EvidenceField::WithdrawalMethod => said(self.withdrawal_method.as_ref()),
        };
        EvidenceField::ALL.iter().copied().filter(|field| !known(*field)).collect()
    }
}

fn said(text: Option<&String>) -> bool {
    text.is_some_and(|text| !text.trim().is_empty())
}

impl CollectionMethod {
    /// The word for it in files; for [`Other`](Self::Other), the source's own words.
    pub fn as_str(&self) -> &str {
        match self {
            Self::WebForm => "web-form",
            Self::MessageLink => "message-link",
            Self::Message => "message",
            Self::PaperForm => "paper-form",
            Self::Telephone => "telephone",
            Self::InPerson => "in-person",
            Self::AccountSetting => "account-setting",
            Self::Other(words) => words,
        }
    }
}

impl FromStr for CollectionMethod {
    type Err = std::convert::Infallible;

    /// Never fails: words that are not known are kept as they are.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const KNOWN: [CollectionMethod; 7] = [
            CollectionMethod::WebForm,
            CollectionMethod::MessageLink,
            CollectionMethod::Message,
            CollectionMethod::PaperForm,
            CollectionMethod::Telephone,
            CollectionMethod::InPerson,
            CollectionMethod::AccountSetting,
        ];
        Ok(KNOWN.into_iter().find(|method| method.as_str() == text).unwrap_or_else(|| Self::Other(text.to_owned())))
    }
}

impl fmt::Debug for CollectionMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self, Self::Other(_)) { "other" } else { self.as_str() })
    }
}

impl Serialize for CollectionMethod {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CollectionMethod {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Evidence({} of {} fields missing)", self.missing().len(), EvidenceField::ALL.len())
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holder").field("country", &self.country).field("from", &self.from).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Evidence {
        let time = Some("2026-11-22T09:30:00Z".parse().unwrap());
        Evidence {
            method: Some(CollectionMethod::WebForm),
            source: Some("shop of example.org".to_owned()),
            wording: Some("Send me the newsletter".to_owned()),
            affirmative_act: Some(true),
            form_hash: Some(FormHash::of(b"<form>")),
            ip_address: Some("2001:db8::1".parse().unwrap()),
            requested_at: time,
            confirmed_at: time,
            collector: Some("Example Ltd".to_owned()),
            named_recipients: Some(Vec::new()),
            holders: Some(vec![Holder {
                name: "Example Ltd".to_owned(),
                country: Some("FR".parse().unwrap()),
                from: time,
                until: None,
            }]),
            withdrawal_method: Some("link in each message".to_owned()),
            ..Evidence::default()
        }
    }

    #[test]
    fn nothing_known_lists_everything_and_everything_known_lists_nothing() {
        assert_eq!(Evidence::default().missing().len(), EvidenceField::ALL.len() - 1);
        assert_eq!(full().missing(), []);
    }

    #[test]
    fn blank_text_and_half_a_double_opt_in_count_as_missing() {
        let evidence = Evidence {
            source: Some(" ".to_owned()),
            confirmed_at: None,
            method: Some(CollectionMethod::Other(String::new())),
            ..full()
        };
        assert_eq!(evidence.missing(), [EvidenceField::Method, EvidenceField::Source, EvidenceField::DoubleOptIn]);
    }

    #[test]
    fn what_is_not_known_is_not_written_and_reads_back_as_not_known() {
        assert_eq!(serde_json::to_string(&Evidence::default()).unwrap(), "{}");
        let written = serde_json::to_string(&full()).unwrap();
        assert_eq!(serde_json::from_str::<Evidence>(&written).unwrap(), full());
        assert!(!written.contains("user-agent"), "{written}");
        let said_nobody: Evidence = serde_json::from_str(r#"{"holders":[]}"#).unwrap();
        assert_eq!(said_nobody.holders, Some(Vec::new()));
    }

    #[test]
    fn methods_in_other_words_are_kept_in_those_words() {
        let method: CollectionMethod = serde_json::from_str("\"stand at a fair\"").unwrap();
        assert_eq!(method, CollectionMethod::Other("stand at a fair".to_owned()));
        assert_eq!(serde_json::from_str::<CollectionMethod>("\"web-form\"").unwrap(), CollectionMethod::WebForm);
    }

    #[test]
    fn debug_shows_no_content() {
        let shown = format!("{:?} {:?}", full(), full().holders);
        assert!(!shown.contains("2001") && !shown.contains("Example"), "{shown}");
    }
}
