//! Changes to a card that leave everything else as it was: unknown members, their order, and their very digits.
//!
//! Members that a change does not touch are copied as text, not read and written again.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::card::Card;
use super::card_builder::name_object;
use super::card_error::CardError;
use super::email::EmailAddress;

/// The kinds of entries of which a card may have several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardEntry {
    /// E-mail addresses.
    Email,
    /// Telephone numbers.
    Phone,
    /// Organisations.
    Organization,
    /// Job titles.
    Title,
    /// Free notes.
    Note,
}

impl CardEntry {
    const fn place(self) -> (&'static str, &'static str) {
        match self {
            Self::Email => ("emails", "address"),
            Self::Phone => ("phones", "number"),
            Self::Organization => ("organizations", "name"),
            Self::Title => ("titles", "name"),
            Self::Note => ("notes", "note"),
        }
    }
}

/// A series of changes, made in order, all or none.
#[derive(Clone, Default)]
pub struct CardPatch {
    changes: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Name { full: Option<String>, given: Option<String>, surname: Option<String> },
    Add(CardEntry, String),
    Replace(CardEntry, String, String),
    Remove(CardEntry, String),
    Set(CardEntry, String),
    Language(String),
}

impl CardPatch {
    /// No change yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Replaces the name by one in a line. Its parts, sorting and pronunciation go, because they would be of another name.
    #[must_use]
    pub fn full_name(self, full: &str) -> Self {
        self.and(Change::Name { full: Some(full.to_owned()), given: None, surname: None })
    }

    /// Replaces the name by one in parts, and in a line if it is given so.
    #[must_use]
    pub fn name(self, given: Option<&str>, surname: Option<&str>, full: Option<&str>) -> Self {
        let [full, given, surname] = [full, given, surname].map(|part| part.map(str::to_owned));
        self.and(Change::Name { full, given, surname })
    }

    /// Adds an entry, unless the card has it already.
    #[must_use]
    pub fn add(self, entry: CardEntry, value: &str) -> Self {
        self.and(Change::Add(entry, value.to_owned()))
    }

    /// Replaces one value by another; the entry keeps its contexts, labels and preference.
    #[must_use]
    pub fn replace(self, entry: CardEntry, old: &str, new: &str) -> Self {
        self.and(Change::Replace(entry, old.to_owned(), new.to_owned()))
    }

    /// Removes an entry with all that it says.
    #[must_use]
    pub fn remove(self, entry: CardEntry, value: &str) -> Self {
        self.and(Change::Remove(entry, value.to_owned()))
    }

    /// Replaces the value of the first entry, or adds one to a card that has none.
    #[must_use]
    pub fn set(self, entry: CardEntry, value: &str) -> Self {
        self.and(Change::Set(entry, value.to_owned()))
    }

    /// Sets the language of the card (BCP 47).
    #[must_use]
    pub fn language(self, tag: &str) -> Self {
        self.and(Change::Language(tag.to_owned()))
    }

    fn and(mut self, change: Change) -> Self {
        self.changes.push(change);
        self
    }
}

impl fmt::Debug for CardPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardPatch({} changes)", self.changes.len())
    }
}

impl Card {
    /// The card with these changes; this one stays as it is.
    ///
    /// Translations (`localizations`) of a value that changes go with it: they would contradict the new one.
    ///
    /// # Errors
    /// [`CardError::NoSuchEntry`] if a value to replace or remove is not there, [`CardError::TooLarge`] past the limit.
    pub fn patch(&self, patch: &CardPatch) -> Result<Self, CardError> {
        if patch.is_empty() {
            return Ok(self.clone());
        }
        let mut draft = Draft::of(self)?;
        for change in &patch.changes {
            draft.make(change)?;
        }
        Self::parse(&draft.to_text())
    }
}

/// A card being changed: members as they stand in the text, and those that were opened.
struct Draft(Vec<(String, Member)>);

/// One member: its text, and its value once a change has opened it.
struct Member {
    raw: Box<RawValue>,
    opened: Option<Value>,
}

impl Draft {
    fn of(card: &Card) -> Result<Self, CardError> {
        serde_json::Deserializer::from_str(card.to_text())
            .deserialize_map(DraftVisitor)
            .map_err(|_| CardError::NotACard)
    }

    fn make(&mut self, change: &Change) -> Result<(), CardError> {
        match change {
            Change::Name { full, given, surname } => {
                self.forget_translations("name");
                self.set_name(name_object(full.clone(), given.clone(), surname.clone()));
            }
            Change::Language(tag) => self.open("language", || Value::Null, |value| *value = Value::String(tag.clone())),
            Change::Add(entry, value) => self.add(*entry, value),
            Change::Set(entry, value) => {
                let (member, field) = entry.place();
                match self.first_id(member) {
                    Some(id) => self.write(member, &id, field, value),
                    None => self.add(*entry, value),
                }
            }
            Change::Replace(entry, old, new) => {
                let (member, field) = entry.place();
                let id = self.find(*entry, old).ok_or(CardError::NoSuchEntry { member })?;
                self.write(member, &id, field, new);
            }
            Change::Remove(entry, old) => {
                let member = entry.place().0;
                let id = self.find(*entry, old).ok_or(CardError::NoSuchEntry { member })?;
                self.remove(member, &id);
            }
        }
        Ok(())
    }

    /// Opens a member, making it first if it is not there.
    fn open<T>(&mut self, name: &str, empty: fn() -> Value, work: impl FnOnce(&mut Value) -> T) -> T {
        for (known, member) in &mut self.0 {
            if known == name {
                return work(member.open());
            }
        }
        let mut value = empty();
        let result = work(&mut value);
        self.0.push((name.to_owned(), Member { raw: RawValue::NULL.to_owned(), opened: Some(value) }));
        result
    }

    fn object(&mut self, name: &str) -> Option<&mut Map<String, Value>> {
        self.0.iter_mut().find(|(known, _)| known == name).and_then(|(_, member)| member.open().as_object_mut())
    }

    fn drop_if_empty(&mut self, name: &str) {
        if self.object(name).is_some_and(|members| members.is_empty()) {
            self.0.retain(|(known, _)| known != name);
        }
    }

    /// Vendor members of the Name object stay; those of RFC 9553 that describe the old name go.
    fn set_name(&mut self, new: Option<Value>) {
        self.open(
            "name",
            || json!({}),
            |value| {
                let Some(name) = value.as_object_mut() else { return };
                const DESCRIBING: [&str; 7] = [
                    "full",
                    "components",
                    "isOrdered",
                    "defaultSeparator",
                    "sortAs",
                    "phoneticScript",
                    "phoneticSystem",
                ];
                name.retain(|field, _| !DESCRIBING.contains(&field.as_str()));
                if let Some(Value::Object(new)) = new {
                    name.extend(new);
                }
            },
        );
        self.drop_if_empty("name");
    }

    fn first_id(&mut self, member: &str) -> Option<String> {
        self.object(member)?.keys().next().cloned()
    }

    fn find(&mut self, entry: CardEntry, wanted: &str) -> Option<String> {
        let (member, field) = entry.place();
        let same = |value: &Value| {
            value.get(field).and_then(Value::as_str).is_some_and(|text| match entry {
                CardEntry::Email => same_mailbox(text, wanted),
                _ => text == wanted,
            })
        };
        self.object(member)?.iter().find(|(_, value)| same(value)).map(|(id, _)| id.clone())
    }

    fn add(&mut self, entry: CardEntry, value: &str) {
        if self.find(entry, value).is_some() {
            return;
        }
        let (member, field) = entry.place();
        self.open(
            member,
            || json!({}),
            |entries| {
                let Some(entries) = entries.as_object_mut() else { return };
                let initial = member.chars().next().unwrap_or('x');
                let free = (1_usize..).map(|number| format!("{initial}{number}")).find(|id| !entries.contains_key(id));
                entries.extend(free.map(|id| (id, json!({ field: value }))));
            },
        );
    }

    fn write(&mut self, member: &str, id: &str, field: &str, value: &str) {
        self.forget_translations(&format!("{member}/{id}/{field}"));
        if let Some(Value::Object(fields)) = self.object(member).and_then(|entries| entries.get_mut(id)) {
            fields.insert(field.to_owned(), Value::String(value.to_owned()));
        }
    }

    fn remove(&mut self, member: &str, id: &str) {
        self.forget_translations(&format!("{member}/{id}"));
        if let Some(entries) = self.object(member) {
            entries.shift_remove(id);
        }
        self.drop_if_empty(member);
    }

    /// Removes what `localizations` (section 2.7.1) says of a path, of what is under it and of what contains it.
    fn forget_translations(&mut self, path: &str) {
        let Some(languages) = self.object("localizations") else { return };
        let within = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        for patch in languages.values_mut().filter_map(Value::as_object_mut) {
            patch.retain(|pointer, _| !within(pointer, path) && !within(path, pointer));
        }
        languages.retain(|_, patch| patch.as_object().is_none_or(|patch| !patch.is_empty()));
        self.drop_if_empty("localizations");
    }

    fn to_text(&self) -> zeroize::Zeroizing<String> {
        let mut text = zeroize::Zeroizing::new(String::from("{"));
        for (index, (name, member)) in self.0.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            text.push_str(&json!(name).to_string());
            text.push(':');
            match &member.opened {
                None => text.push_str(member.raw.get()),
                Some(value) => text.push_str(&value.to_string()),
            }
        }
        text.push('}');
        text
    }
}

impl Member {
    fn open(&mut self) -> &mut Value {
        // The card was read before, so its text is JSON.
        self.opened.get_or_insert_with(|| serde_json::from_str(self.raw.get()).unwrap_or_default())
    }
}

fn same_mailbox(one: &str, other: &str) -> bool {
    match (one.parse::<EmailAddress>(), other.parse::<EmailAddress>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

struct DraftVisitor;

impl<'de> Visitor<'de> for DraftVisitor {
    type Value = Draft;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a card")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Draft, A::Error> {
        let mut members = Vec::new();
        while let Some((name, raw)) = map.next_entry::<String, Box<RawValue>>()? {
            members.push((name, Member { raw, opened: None }));
        }
        Ok(Draft(members))
    }
}

#[cfg(test)]
#[path = "card_patch_tests.rs"]
mod tests;
