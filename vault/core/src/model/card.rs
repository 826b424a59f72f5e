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
use std::ops::Range;
use std::sync::OnceLock;

use serde_json::{Map, Value};
use zeroize::{Zeroize, Zeroizing};

use super::card_error::CardError;
use super::json;

/// A JSContact Card: its exact text, and what it says.
///
/// Both are zeroised on drop. `Debug` shows the size alone. Two cards are equal when their texts are.
///
/// A card that was written [from parts](Self::from_parts) is taken apart only when somebody asks for more than its text,
/// its addresses and its numbers: most cards of an import are sealed and never asked.
#[derive(Clone)]
pub struct Card {
    text: Zeroizing<String>,
    value: OnceLock<Value>,
    written: Option<Written>,
}

/// Where the addresses and numbers of a card stand in its text, for one that was written here.
#[derive(Clone, Default)]
pub(super) struct Written {
    pub(super) emails: Vec<Range<usize>>,
    pub(super) phones: Vec<Range<usize>>,
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
        let value = json::parse(text, Self::MAX_DEPTH)?;
        let card = Self { text: Zeroizing::new(text.to_owned()), value: OnceLock::from(value), written: None };
        card.check()?;
        Ok(card)
    }

    /// Writes a value that was built here.
    pub(super) fn from_members(members: Map<String, Value>) -> Result<Self, CardError> {
        let value = Value::Object(members);
        let text = Zeroizing::new(value.to_string());
        Self::within_limit(Self { text, value: OnceLock::from(value), written: None })
    }

    /// Takes a text that was written here and would pass [`parse`](Self::parse) if it were not too large.
    pub(super) fn from_written(text: String, written: Option<Written>) -> Result<Self, CardError> {
        Self::within_limit(Self { text: Zeroizing::new(text), value: OnceLock::new(), written })
    }

    fn within_limit(self) -> Result<Self, CardError> {
        if self.text.len() > Self::MAX_BYTES {
            return Err(CardError::TooLarge { bytes: self.text.len(), limit: Self::MAX_BYTES });
        }
        Ok(self)
    }

    /// The card with one more member at its end, such as a vendor-specific one (RFC 9553 section 1.8.1); one that it has
    /// already stays as it is.
    ///
    /// # Errors
    /// [`CardError::TooLarge`] past [`MAX_BYTES`](Self::MAX_BYTES), and what [`parse`](Self::parse) finds wrong with the value.
    pub fn with_member(&self, name: &str, value: &Value) -> Result<Self, CardError> {
        // What is written here from parts has no members but those of the parts.
        if self.written.is_none() && self.value().get(name).is_some() {
            return Ok(self.clone());
        }
        let body = self.text.trim_end().strip_suffix('}').ok_or(CardError::NotACard)?;
        let text = format!("{body},{}:{value}}}", Value::from(name));
        match &self.written {
            Some(written) => Self::from_written(text, Some(written.clone())),
            None => Self::parse(&text),
        }
    }

    /// The card without one of its members; one that it has not is no matter.
    ///
    /// # Errors
    /// [`CardError`] if what is left is no card: every card says that it is one.
    pub fn without_member(&self, name: &str) -> Result<Self, CardError> {
        let mut members = self.value().as_object().cloned().ok_or(CardError::NotACard)?;
        members.shift_remove(name);
        Self::parse(&Zeroizing::new(Value::Object(members).to_string()))
    }

    /// The exact text: as received, or as written by the last change.
    pub fn to_text(&self) -> &str {
        &self.text
    }

    /// Everything the card says, members in their order.
    pub fn value(&self) -> &Value {
        // A text that was written here parses; its tests say so.
        self.value.get_or_init(|| json::parse(&self.text, Self::MAX_DEPTH).unwrap_or_default())
    }

    /// The card's own identifier, if it has one (RFC 9553 section 2.1.9).
    pub fn uid(&self) -> Option<&str> {
        self.value().get("uid")?.as_str()
    }

    /// The language that the card is written in (section 2.1.5).
    pub fn language(&self) -> Option<&str> {
        self.value().get("language")?.as_str()
    }

    /// The name in one line: as given in full, else put together from its components (section 2.2.1).
    pub fn full_name(&self) -> Option<Cow<'_, str>> {
        let name = self.value().get("name")?;
        match name.get("full").and_then(Value::as_str) {
            Some(full) if !full.trim().is_empty() => Some(Cow::Borrowed(full)),
            _ => assembled_name(name).map(Cow::Owned),
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
        components(self.value().get("name"))
    }

    /// Nicknames (section 2.2.2).
    pub fn nicknames(&self) -> impl Iterator<Item = &str> {
        self.entries("nicknames", "name")
    }

    /// E-mail addresses as written (section 2.3.1), in the card's order.
    pub fn emails(&self) -> impl Iterator<Item = &str> {
        self.written_or(|written| &written.emails, "emails", "address")
    }

    /// The address to write to: the preferred one (`pref`, 1 first), else the first.
    pub fn main_email(&self) -> Option<&str> {
        if self.written.is_some() {
            // No preference is ever written.
            return self.emails().next();
        }
        let entries = self.value().get("emails")?.as_object()?;
        let preference = |entry: &Value| entry.get("pref").and_then(Value::as_u64).unwrap_or(u64::MAX);
        entries.values().min_by_key(|entry| preference(entry))?.get("address")?.as_str()
    }

    /// Telephone numbers as written, or as `tel:` URIs (section 2.3.3), in the card's order.
    pub fn phones(&self) -> impl Iterator<Item = &str> {
        self.written_or(|written| &written.phones, "phones", "number")
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

    /// The entries of a member: by their places in the text if these are known, else from the parsed value.
    fn written_or(
        &self,
        places: impl Fn(&Written) -> &Vec<Range<usize>>,
        member: &str,
        field: &'static str,
    ) -> impl Iterator<Item = &str> {
        let parsed = self.written.is_none().then(|| self.entries(member, field));
        let written = self.written.as_ref().map(places).into_iter().flatten();
        written.filter_map(|place| self.text.get(place.clone())).chain(parsed.into_iter().flatten())
    }

    fn entries(&self, member: &str, field: &'static str) -> impl Iterator<Item = &str> {
        let entries = self.value().get(member).and_then(Value::as_object);
        entries.into_iter().flat_map(Map::values).filter_map(move |entry| entry.get(field)?.as_str())
    }

    /// Refuses a card whose addresses or names could not be found again: they would escape tags and suppressions.
    fn check(&self) -> Result<(), CardError> {
        let members = self.value().as_object().ok_or(CardError::NotACard)?;
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

/// The components of a name in one line (RFC 9553 section 2.2.1): in their own order if it says that they have one, else in
/// the usual one. `None` if they say nothing.
pub fn assembled_name(name: &Value) -> Option<String> {
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
        if let Some(value) = self.value.get_mut() {
            wipe(value);
        }
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
#[path = "card_tests.rs"]
mod tests;
