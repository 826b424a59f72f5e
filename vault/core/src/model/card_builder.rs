//! New cards from plain fields: what a form, a spreadsheet or the command line has.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::card::Card;
use super::card_error::CardError;

/// Builds a valid card of RFC 9553 version 1.0. Blank fields are left out.
#[derive(Clone, Default)]
pub struct CardBuilder {
    uid: Option<String>,
    language: Option<String>,
    full: Option<String>,
    given: Option<String>,
    surname: Option<String>,
    emails: Vec<String>,
    phones: Vec<String>,
    organization: Option<String>,
    title: Option<String>,
    note: Option<String>,
}

impl CardBuilder {
    /// A card with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// The card's identifier; without it, [`build`](Self::build) makes a new `urn:uuid:`.
    #[must_use]
    pub fn uid(mut self, uid: &str) -> Self {
        self.uid = filled(uid);
        self
    }

    /// The language that the card is written in (BCP 47).
    #[must_use]
    pub fn language(mut self, tag: &str) -> Self {
        self.language = filled(tag);
        self
    }

    /// The name in one line.
    #[must_use]
    pub fn full_name(mut self, name: &str) -> Self {
        self.full = filled(name);
        self
    }

    /// The given name.
    #[must_use]
    pub fn given(mut self, name: &str) -> Self {
        self.given = filled(name);
        self
    }

    /// The surname.
    #[must_use]
    pub fn surname(mut self, name: &str) -> Self {
        self.surname = filled(name);
        self
    }

    /// One more e-mail address, kept as written.
    #[must_use]
    pub fn email(mut self, address: &str) -> Self {
        self.emails.extend(filled(address));
        self
    }

    /// One more telephone number, kept as written.
    #[must_use]
    pub fn phone(mut self, number: &str) -> Self {
        self.phones.extend(filled(number));
        self
    }

    /// The organisation.
    #[must_use]
    pub fn organization(mut self, name: &str) -> Self {
        self.organization = filled(name);
        self
    }

    /// The job title.
    #[must_use]
    pub fn title(mut self, title: &str) -> Self {
        self.title = filled(title);
        self
    }

    /// A free note.
    #[must_use]
    pub fn note(mut self, note: &str) -> Self {
        self.note = filled(note);
        self
    }

    /// The card.
    ///
    /// # Errors
    /// [`CardError::TooLarge`] past [`Card::MAX_BYTES`].
    pub fn build(self) -> Result<Card, CardError> {
        let mut members = Map::new();
        members.insert("@type".to_owned(), "Card".into());
        members.insert("version".to_owned(), "1.0".into());
        let uid = self.uid.unwrap_or_else(|| Uuid::now_v7().urn().to_string());
        members.insert("uid".to_owned(), uid.into());
        if let Some(language) = self.language {
            members.insert("language".to_owned(), language.into());
        }
        if let Some(name) = name_object(self.full, self.given, self.surname) {
            members.insert("name".to_owned(), name);
        }
        put_entries(&mut members, "organizations", "name", self.organization);
        put_entries(&mut members, "titles", "name", self.title);
        put_entries(&mut members, "emails", "address", self.emails);
        put_entries(&mut members, "phones", "number", self.phones);
        put_entries(&mut members, "notes", "note", self.note);
        Card::from_members(members)
    }
}

/// A Name object (RFC 9553 section 2.2.1), if there is anything to put in it.
pub(super) fn name_object(full: Option<String>, given: Option<String>, surname: Option<String>) -> Option<Value> {
    let mut name = Map::new();
    let part = |kind: &str, value: String| json!({ "kind": kind, "value": value });
    let parts: Vec<Value> = given
        .map(|value| part("given", value))
        .into_iter()
        .chain(surname.map(|value| part("surname", value)))
        .collect();
    if !parts.is_empty() {
        name.insert("components".to_owned(), Value::Array(parts));
    }
    if let Some(full) = full {
        name.insert("full".to_owned(), full.into());
    }
    (!name.is_empty()).then_some(Value::Object(name))
}

fn put_entries(members: &mut Map<String, Value>, member: &str, field: &str, values: impl IntoIterator<Item = String>) {
    let initial = member.chars().next().unwrap_or('x');
    let entries: Map<String, Value> = values
        .into_iter()
        .zip(1_usize..)
        .map(|(value, number)| (format!("{initial}{number}"), json!({ field: value })))
        .collect();
    if !entries.is_empty() {
        members.insert(member.to_owned(), Value::Object(entries));
    }
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl std::fmt::Debug for CardBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CardBuilder").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_from_fields_is_valid_and_reads_back() {
        let card = CardBuilder::new()
            .given("Ada")
            .surname(" Example ")
            .email("ada@example.org")
            .email("a@corp.example")
            .phone("+33 1 99 00 12 34")
            .organization("Example & Co")
            .title("Clerk")
            .language("fr")
            .note("met at the fair")
            .build()
            .unwrap();
        assert_eq!(Card::parse(card.to_text()).unwrap(), card);
        assert_eq!(card.full_name().unwrap(), "Ada Example");
        assert_eq!(card.emails().count(), 2);
        assert!(card.uid().unwrap().starts_with("urn:uuid:"));
        assert_eq!(card.language(), Some("fr"));
    }

    #[test]
    fn the_text_is_the_one_that_rfc_9553_asks_for() {
        let card =
            CardBuilder::new().uid("urn:uuid:1").full_name("Ada").email("ada@example.org").phone(" ").build().unwrap();
        let expected = r#"{"@type":"Card","version":"1.0","uid":"urn:uuid:1","name":{"full":"Ada"},"emails":{"e1":{"address":"ada@example.org"}}}"#;
        assert_eq!(card.to_text(), expected);
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let note = "a".repeat(Card::MAX_BYTES);
        assert!(matches!(CardBuilder::new().note(&note).build(), Err(CardError::TooLarge { .. })));
    }
}
