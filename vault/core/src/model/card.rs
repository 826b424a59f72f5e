//! A contact's content: a JSContact Card (RFC 9553, version 1.0) that loses nothing on its way in and out.
//!
//! The exact text is kept beside the parsed value: what this program does not know about, it does not touch. The
//! module reads a few well-known members and judges only those whose values become tags; it never completes, corrects
//! or reorders a card.
//!
//! Of the members that RFC 9553 makes mandatory, `@type` must be there; `version` and `uid` may be missing in what is
//! read, because a card is kept as it came. [`CardBuilder`](super::CardBuilder) writes all three.

use std::borrow::Cow;
use std::fmt;

use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use super::json::{self, JsonFault};

/// A JSContact Card: its exact text, and what it says.
///
/// Both are zeroised on drop. `Debug` shows the size alone. Two cards are equal when their texts are.
#[derive(Clone)]
pub struct Card {
    text: Zeroizing<String>,
    value: Value,
}

/// The text is not a card that can be kept. No variant repeats any of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// Larger than the limit.
    #[error("the card has {bytes} bytes and may have {limit}; take large photographs out of it")]
    TooLarge {
        /// Size of the text.
        bytes: usize,
        /// The limit that applied.
        limit: usize,
    },
    /// Not JSON.
    #[error("the card is not JSON: {what} (line {line}, column {column})")]
    NotJson {
        /// Line in the card, from 1.
        line: usize,
        /// Column in the line, from 1, in bytes.
        column: usize,
        /// What the JSON reader met or missed.
        what: String,
    },
    /// A member given twice (RFC 7493 section 2.3 forbids it).
    #[error("the card has a member twice in one object (line {line}, column {column}); keep one of them")]
    Duplicate {
        /// Line in the card, from 1.
        line: usize,
        /// Column in the line, from 1, in bytes.
        column: usize,
    },
    /// Too many objects inside each other.
    #[error("the card nests more than {} objects inside each other (line {line}, column {column})", Card::MAX_DEPTH)]
    TooDeep {
        /// Line in the card, from 1.
        line: usize,
        /// Column in the line, from 1, in bytes.
        column: usize,
    },
    /// JSON, but not a Card.
    #[error("this is not a JSContact card; expected an object with \"@type\": \"Card\" (RFC 9553 section 2.1.1)")]
    NotACard,
    /// A known member has another shape than RFC 9553 gives it.
    #[error("the card's member {member} has the wrong shape; expected {expected}")]
    Shape {
        /// The member of the card.
        member: &'static str,
        /// Its shape in RFC 9553.
        expected: &'static str,
    },
    /// A change names a value that the card does not have.
    #[error("the card has no such entry in {member}; read the card again before changing it")]
    NoSuchEntry {
        /// The member of the card.
        member: &'static str,
    },
}

impl CardError {
    /// The same error, its place counted in a file in which the card begins at this line and column (both from 1).
    #[must_use]
    pub fn placed_at(mut self, first_line: usize, first_column: usize) -> Self {
        if let Self::NotJson { line, column, .. } | Self::Duplicate { line, column } | Self::TooDeep { line, column } =
            &mut self
        {
            if *line <= 1 {
                *column = column.saturating_add(first_column.saturating_sub(1));
            }
            *line = line.saturating_add(first_line.saturating_sub(1));
        }
        self
    }

    /// Line and column of what is wrong, if it is in one place.
    pub fn place(&self) -> Option<(usize, usize)> {
        match self {
            Self::NotJson { line, column, .. } | Self::Duplicate { line, column } | Self::TooDeep { line, column } => {
                Some((*line, *column))
            }
            _ => None,
        }
    }
}

impl Card {
    /// The size that [`parse`](Self::parse) accepts: 1 MiB.
    pub const MAX_BYTES: usize = 1 << 20;
    /// Objects and arrays inside each other; a card of RFC 9553 needs six.
    pub const MAX_DEPTH: usize = 32;

    /// Reads a card of at most [`MAX_BYTES`](Self::MAX_BYTES).
    ///
    /// # Errors
    /// [`CardError`] saying what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, CardError> {
        Self::parse_within(text, Self::MAX_BYTES)
    }

    /// Reads a card of at most `limit` bytes.
    ///
    /// # Errors
    /// [`CardError`] saying what is wrong and where.
    pub fn parse_within(text: &str, limit: usize) -> Result<Self, CardError> {
        if text.len() > limit {
            return Err(CardError::TooLarge { bytes: text.len(), limit });
        }
        let value = json::parse(text, Self::MAX_DEPTH).map_err(|error| {
            let (line, column) = (error.line, error.column);
            match error.fault {
                JsonFault::Syntax(what) => CardError::NotJson { line, column, what },
                JsonFault::Duplicate => CardError::Duplicate { line, column },
                JsonFault::Depth => CardError::TooDeep { line, column },
            }
        })?;
        let card = Self { text: Zeroizing::new(text.to_owned()), value };
        card.check()?;
        Ok(card)
    }

    /// Writes a value that was built here.
    pub(super) fn from_members(members: Map<String, Value>) -> Result<Self, CardError> {
        let value = Value::Object(members);
        let text = Zeroizing::new(value.to_string());
        let card = Self { text, value };
        if card.text.len() > Self::MAX_BYTES {
            return Err(CardError::TooLarge { bytes: card.text.len(), limit: Self::MAX_BYTES });
        }
        Ok(card)
    }

    /// The exact text: as received, or as written by the last change.
    pub fn to_text(&self) -> &str {
        &self.text
    }

    /// Everything the card says, members in their order.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The card's own identifier, if it has one (RFC 9553 section 2.1.9).
    pub fn uid(&self) -> Option<&str> {
        self.value.get("uid")?.as_str()
    }

    /// The language that the card is written in (section 2.1.5).
    pub fn language(&self) -> Option<&str> {
        self.value.get("language")?.as_str()
    }

    /// The name in one line: as given in full, else put together from its components (section 2.2.1).
    pub fn full_name(&self) -> Option<Cow<'_, str>> {
        let name = self.value.get("name")?;
        match name.get("full").and_then(Value::as_str) {
            Some(full) if !full.trim().is_empty() => Some(Cow::Borrowed(full)),
            _ => assembled(name).map(Cow::Owned),
        }
    }

    /// The given name, first part.
    pub fn given(&self) -> Option<&str> {
        self.name_components().find(|(kind, _)| *kind == "given").map(|(_, value)| value)
    }

    /// The surname, first part.
    pub fn surname(&self) -> Option<&str> {
        self.name_components().find(|(kind, _)| *kind == "surname").map(|(_, value)| value)
    }

    /// The parts of the name as kind and value, in the card's order.
    pub fn name_components(&self) -> impl Iterator<Item = (&str, &str)> {
        components(self.value.get("name"))
    }

    /// Nicknames (section 2.2.2).
    pub fn nicknames(&self) -> impl Iterator<Item = &str> {
        self.entries("nicknames", "name")
    }

    /// E-mail addresses as written (section 2.3.1), in the card's order.
    pub fn emails(&self) -> impl Iterator<Item = &str> {
        self.entries("emails", "address")
    }

    /// The address to write to: the preferred one (`pref`, 1 first), else the first.
    pub fn main_email(&self) -> Option<&str> {
        let entries = self.value.get("emails")?.as_object()?;
        let preference = |entry: &Value| entry.get("pref").and_then(Value::as_u64).unwrap_or(u64::MAX);
        entries.values().min_by_key(|entry| preference(entry))?.get("address")?.as_str()
    }

    /// Telephone numbers as written, or as `tel:` URIs (section 2.3.3), in the card's order.
    pub fn phones(&self) -> impl Iterator<Item = &str> {
        self.entries("phones", "number")
    }

    /// Names of organisations (section 2.2.3).
    pub fn organizations(&self) -> impl Iterator<Item = &str> {
        self.entries("organizations", "name")
    }

    /// Job titles and roles (section 2.2.5).
    pub fn titles(&self) -> impl Iterator<Item = &str> {
        self.entries("titles", "name")
    }

    /// Free notes (section 2.8.3).
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        self.entries("notes", "note")
    }

    fn entries(&self, member: &str, field: &'static str) -> impl Iterator<Item = &str> {
        let entries = self.value.get(member).and_then(Value::as_object);
        entries.into_iter().flat_map(Map::values).filter_map(move |entry| entry.get(field)?.as_str())
    }

    /// Refuses a card whose addresses or names could not be found again: they would escape tags and suppressions.
    fn check(&self) -> Result<(), CardError> {
        let members = self.value.as_object().ok_or(CardError::NotACard)?;
        if members.get("@type").and_then(Value::as_str) != Some("Card") {
            return Err(CardError::NotACard);
        }
        for member in ["uid", "version", "language"] {
            if members.get(member).is_some_and(|value| !value.is_string()) {
                return Err(CardError::Shape { member, expected: "a string" });
            }
        }
        check_entries(
            members,
            "emails",
            "address",
            true,
            r#"an object such as {"e1": {"address": "name@example.org"}}"#,
        )?;
        check_entries(
            members,
            "phones",
            "number",
            true,
            r#"an object such as {"p1": {"number": "+33 1 99 00 12 34"}}"#,
        )?;
        check_entries(members, "organizations", "name", false, r#"an object such as {"o1": {"name": "Example"}}"#)?;
        check_name(members)
    }
}

fn check_entries(
    members: &Map<String, Value>,
    member: &'static str,
    field: &str,
    needed: bool,
    expected: &'static str,
) -> Result<(), CardError> {
    let sound = match members.get(member) {
        None => true,
        Some(Value::Object(entries)) => entries.values().all(|entry| match entry {
            Value::Object(fields) => fields.get(field).map_or(!needed, Value::is_string),
            _ => false,
        }),
        Some(_) => false,
    };
    if sound { Ok(()) } else { Err(CardError::Shape { member, expected }) }
}

fn check_name(members: &Map<String, Value>) -> Result<(), CardError> {
    let sound = match members.get("name") {
        None => true,
        Some(Value::Object(name)) => {
            name.get("full").is_none_or(Value::is_string)
                && name.get("components").is_none_or(|parts| {
                    parts.as_array().is_some_and(|parts| {
                        parts.iter().all(|part| {
                            part.get("kind").is_some_and(Value::is_string)
                                && part.get("value").is_some_and(Value::is_string)
                        })
                    })
                })
        }
        Some(_) => false,
    };
    let expected = r#"an object such as {"full": "Ada Example", "components": [{"kind": "given", "value": "Ada"}]}"#;
    if sound { Ok(()) } else { Err(CardError::Shape { member: "name", expected }) }
}

fn components(name: Option<&Value>) -> impl Iterator<Item = (&str, &str)> {
    let parts = name.and_then(|name| name.get("components")).and_then(Value::as_array);
    parts.into_iter().flatten().filter_map(|part| Some((part.get("kind")?.as_str()?, part.get("value")?.as_str()?)))
}

/// The components in one line: in their own order if the card says that they have one, else in the usual one.
fn assembled(name: &Value) -> Option<String> {
    let mut line = String::new();
    if name.get("isOrdered").and_then(Value::as_bool) == Some(true) {
        let default = name.get("defaultSeparator").and_then(Value::as_str).unwrap_or(" ");
        let mut separator = "";
        for (kind, value) in components(Some(name)) {
            if kind == "separator" {
                separator = value;
                continue;
            }
            line.push_str(separator);
            line.push_str(value);
            separator = default;
        }
    } else {
        const USUAL: [&str; 7] = ["title", "given", "given2", "surname", "surname2", "generation", "credential"];
        for wanted in USUAL {
            for (_, value) in components(Some(name)).filter(|(kind, _)| *kind == wanted) {
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(value);
            }
        }
    }
    (!line.trim().is_empty()).then_some(line)
}

/// Overwrites every string of a value, names of members included.
fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(items) => items.iter_mut().for_each(wipe),
        Value::Object(members) => {
            for (mut name, mut value) in std::mem::take(members) {
                name.zeroize();
                wipe(&mut value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        wipe(&mut self.value);
    }
}

impl PartialEq for Card {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Card {}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Card({} bytes)", self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ADA: &str = r#"{ "@type":"Card", "version":"1.0", "uid":"urn:uuid:01930c5e-0000-7000-8000-000000000000",
        "name":{"full":"Ada Example"}, "x.example/Score": 1.50e1,
        "emails":{"home":{"address":"ada@example.org"},"work":{"address":"a@corp.example","pref":1}},
        "phones":{"p":{"number":"tel:+33-1-99-00-12-34"}}, "titles":{"t":{"name":"Clerk"}},
        "organizations":{"o":{"name":"Example & Co","units":[{"name":"Post room"}]}} }"#;

    #[test]
    fn text_in_is_text_out_and_its_values_are_read_in_order() {
        let card = Card::parse(ADA).unwrap();
        assert_eq!(card.to_text(), ADA);
        assert_eq!(card.full_name().unwrap(), "Ada Example");
        assert_eq!(card.emails().collect::<Vec<_>>(), ["ada@example.org", "a@corp.example"]);
        assert_eq!(card.main_email(), Some("a@corp.example"));
        assert_eq!(card.phones().collect::<Vec<_>>(), ["tel:+33-1-99-00-12-34"]);
        assert_eq!(card.organizations().collect::<Vec<_>>(), ["Example & Co"]);
        assert_eq!(card.titles().collect::<Vec<_>>(), ["Clerk"]);
        assert_eq!(card.uid(), Some("urn:uuid:01930c5e-0000-7000-8000-000000000000"));
    }

    #[test]
    fn a_name_in_parts_is_put_together_as_the_card_says() {
        let name = |json: &str| {
            let card = Card::parse(&format!(r#"{{"@type":"Card","name":{json}}}"#)).unwrap();
            card.full_name().map(Cow::into_owned)
        };
        let parts = r#"[{"kind":"surname","value":"Lin"},{"kind":"given","value":"Mei"}]"#;
        assert_eq!(name(&format!(r#"{{"components":{parts}}}"#)).unwrap(), "Mei Lin");
        assert_eq!(name(&format!(r#"{{"isOrdered":true,"components":{parts}}}"#)).unwrap(), "Lin Mei");
        assert_eq!(
            name(&format!(r#"{{"isOrdered":true,"defaultSeparator":"","components":{parts}}}"#)).unwrap(),
            "LinMei"
        );
        let parts = r#"[{"kind":"given","value":"A"},{"kind":"separator","value":"-"},{"kind":"given2","value":"B"}]"#;
        assert_eq!(name(&format!(r#"{{"isOrdered":true,"components":{parts}}}"#)).unwrap(), "A-B");
        assert_eq!(name(r#"{"full":" "}"#), None);
    }

    #[test]
    fn version_and_uid_may_be_missing_but_the_type_may_not() {
        assert!(Card::parse(r#"{"@type":"Card"}"#).is_ok());
        for text in ["{}", r#"{"@type":"Group"}"#, "[]", "\"Card\"", r#"{"version":"1.0","uid":"x"}"#] {
            assert_eq!(Card::parse(text).unwrap_err(), CardError::NotACard, "{text}");
        }
    }

    #[test]
    fn addresses_that_could_not_be_found_again_are_refused() {
        for (json, member) in [
            (r#""emails":[{"address":"zebulon@example.org"}]"#, "emails"),
            (r#""emails":{"e":"zebulon@example.org"}"#, "emails"),
            (r#""emails":{"e":{"email":"zebulon@example.org"}}"#, "emails"),
            (r#""phones":{"p":{"number":33199001234}}"#, "phones"),
            (r#""name":"Zebulon""#, "name"),
            (r#""name":{"components":[{"given":"Zebulon"}]}"#, "name"),
            (r#""organizations":["Zebulon"]"#, "organizations"),
            (r#""uid":7"#, "uid"),
        ] {
            let error = Card::parse(&format!(r#"{{"@type":"Card",{json}}}"#)).unwrap_err();
            assert!(matches!(error, CardError::Shape { member: found, .. } if found == member), "{json}: {error}");
            assert!(!error.to_string().to_lowercase().contains("zebulon"), "{error}");
        }
    }

    #[test]
    fn size_depth_and_double_members_are_bounded_with_their_place() {
        let large = format!(r#"{{"@type":"Card","x":"{}"}}"#, "a".repeat(Card::MAX_BYTES));
        assert!(matches!(Card::parse(&large), Err(CardError::TooLarge { limit: Card::MAX_BYTES, .. })));
        assert!(Card::parse_within(&large, 2 * Card::MAX_BYTES).is_ok());
        let deep = format!("{{\"@type\":\"Card\",\n\"x\":{}1{}}}", "[".repeat(40), "]".repeat(40));
        assert!(matches!(Card::parse(&deep), Err(CardError::TooDeep { line: 2, .. })));
        let double = "{\"@type\":\"Card\",\n\"uid\":\"a\",\n\"uid\":\"b\"}";
        assert!(matches!(Card::parse(double), Err(CardError::Duplicate { line: 3, .. })));
        assert!(matches!(Card::parse("{\"@type\":\"Card\",\n\"uid\"}"), Err(CardError::NotJson { line: 2, .. })));
    }

    #[test]
    fn debug_shows_no_content() {
        let shown = format!("{:?}", Card::parse(ADA).unwrap());
        assert!(shown.starts_with("Card(") && !shown.contains("Ada"), "{shown}");
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,60}|[{}\\[\\]:,\"@typeCard ]{0,60}") {
            let _ = Card::parse(&text);
        }

        #[test]
        fn whatever_a_card_holds_it_comes_out_as_it_went_in(
            name in "\\PC{0,20}", unknown in "\\PC{0,20}", number in proptest::num::f64::NORMAL, pad in "[ \n\t]{0,4}"
        ) {
            let [name, unknown] = [name, unknown].map(|text| Value::String(text).to_string());
            let text = format!("{pad}{{\"@type\":{pad}\"Card\",\"name\":{{\"full\":{name}}},{pad}\"x\":[{unknown},{number}]}}{pad}");
            let card = Card::parse(&text).unwrap();
            prop_assert_eq!(card.to_text(), text);
        }
    }
}
