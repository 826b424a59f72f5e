//! One person's two cards: the vault's, and one that comes in. What the vault has stays; what it lacks is added.
//!
//! # The rules
//! 1. `@type`, `version`, `uid`, `created`, `updated` and `prodId` are the card's own: never merged, never counted.
//! 2. A member that the vault's card does not have is taken whole, unknown ones included.
//! 3. E-mail addresses, telephone numbers, links, notes, organisations and anniversaries are entries: one that is not there
//!    yet is added under a fresh key with all that it says, but for its preference (`pref`), which orders the entries of
//!    the other card. One that is there gains the details that it lacks. Addresses are compared in their normal form,
//!    numbers as E.164 with their extension, one in national form as a number of the region that the merge is told,
//!    names of organisations without case, anniversaries by their kind.
//! 4. Keywords, and columns of the source that are kept under their names, are added one by one.
//! 5. A name gains its parts, or its line, if both cards say the same line.
//! 6. Everything else is one value: where both cards have it and they differ, the vault's stays, and it is counted.
//! 7. Translations (`localizations`) come along for members that both cards then have alike.
//!
//! Text is only ever inserted: what the vault's card says stands in the merged card byte for byte. Merging the same card
//! again adds nothing.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::normalise;
use super::words::level;
use crate::model::card_insert::{Insertions, members, object_of};
use crate::model::{Card, CardError, Country};

mod entries;
mod translations;

/// What came of merging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    /// The vault's card and what was added to it; `None` if nothing was.
    pub card: Option<Card>,
    /// Values that both cards have and that differ. The vault's stay.
    pub differing: u32,
}

/// Adds to the vault's card what only the incoming one says. Numbers in national form are taken to be from `region`.
///
/// # Errors
/// [`CardError::TooLarge`] if both together are larger than a card may be.
pub fn merge(existing: &Card, incoming: &Card, region: Option<Country>) -> Result<Merged, CardError> {
    // The usual case where a file is imported again.
    if existing.to_text() == incoming.to_text() {
        return Ok(Merged { card: None, differing: 0 });
    }
    let first = merge_members(existing, incoming, region)?;
    if incoming.value().get(translations::MEMBER).is_none_or(says_nothing) {
        return Ok(first);
    }
    let second = translations::merge(first.card.as_ref().unwrap_or(existing), incoming, region)?;
    Ok(Merged { card: second.card.or(first.card), differing: first.differing + second.differing })
}

const OWN: [&str; 6] = ["@type", "version", "uid", "created", "updated", "prodId"];

fn merge_members(existing: &Card, incoming: &Card, region: Option<Country>) -> Result<Merged, CardError> {
    let mut merging = Merging::of(existing, incoming, region)?;
    let theirs = members(incoming.to_text())?;
    // Titles point to organisations by their keys, which may become others.
    let (organizations, others): (Vec<_>, Vec<_>) = theirs.iter().partition(|(name, _)| name == "organizations");
    for (name, raw) in organizations.into_iter().chain(others) {
        if !OWN.contains(&name.as_str()) && name != translations::MEMBER {
            merging.member(name, raw)?;
        }
    }
    merging.finish()
}

/// A merge under way.
struct Merging<'a> {
    existing: &'a Card,
    incoming: &'a Card,
    region: Option<Country>,
    /// The members of the vault's card as they stand in its text.
    ours: BTreeMap<String, &'a RawValue>,
    insertions: Insertions<'a>,
    differing: u32,
    /// Under which key of the merged card an organisation of the incoming one is.
    organizations: BTreeMap<String, String>,
}

impl<'a> Merging<'a> {
    fn of(existing: &'a Card, incoming: &'a Card, region: Option<Country>) -> Result<Self, CardError> {
        Ok(Self {
            existing,
            incoming,
            region,
            ours: members(existing.to_text())?.into_iter().collect(),
            insertions: Insertions::into_text(existing.to_text()),
            differing: 0,
            organizations: BTreeMap::new(),
        })
    }

    fn finish(self) -> Result<Merged, CardError> {
        let card = if self.insertions.is_empty() { None } else { Some(Card::parse(&self.insertions.write())?) };
        Ok(Merged { card, differing: self.differing })
    }

    fn member(&mut self, name: &str, raw: &'a RawValue) -> Result<(), CardError> {
        let Some(theirs) = self.incoming.value().get(name).filter(|value| !says_nothing(value)) else { return Ok(()) };
        let (Some(ours), Some(our_raw)) = (self.existing.value().get(name), self.ours.get(name).copied()) else {
            return self.take_whole(name, raw);
        };
        match (entries::field(name), ours, theirs) {
            (Some(field), Value::Object(_), Value::Object(_)) => self.entries(name, field, our_raw, raw)?,
            (None, Value::Object(ours), Value::Object(theirs)) if name == "name" => {
                self.name(ours, theirs, our_raw, raw)?;
            }
            (None, Value::Object(ours), Value::Object(theirs)) if is_table(ours) && is_table(theirs) => {
                self.fill(ours, our_raw, raw, |_| true)?;
            }
            _ if covers(ours, theirs) => {}
            _ => self.differing += 1,
        }
        Ok(())
    }

    fn take_whole(&mut self, name: &str, raw: &'a RawValue) -> Result<(), CardError> {
        let text = self.existing.to_text();
        if name != "titles" || self.organizations.is_empty() || !raw.get().starts_with('{') {
            self.insertions.add(text, name, raw.get());
            return Ok(());
        }
        let mut titles = Vec::new();
        for (key, title) in members(raw.get())? {
            titles.push((key, self.entry_text(title, true)?));
        }
        let whole = object_of(titles.iter().map(|(key, title)| (key.as_str(), title.as_str())));
        self.insertions.add(text, name, &whole);
        Ok(())
    }

    /// Adds the members that the vault's object lacks, of those that are `wanted`; counts those that differ.
    fn fill(
        &mut self,
        ours: &Map<String, Value>,
        our_raw: &'a RawValue,
        raw: &RawValue,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<(), CardError> {
        for (name, raw) in members(raw.get())? {
            match ours.get(&name) {
                None if wanted(&name) => self.insertions.add(our_raw.get(), &name, raw.get()),
                None => {}
                Some(ours) => self.count(ours, raw),
            }
        }
        Ok(())
    }

    fn count(&mut self, ours: &Value, raw: &RawValue) {
        let differs = serde_json::from_str::<Value>(raw.get()).is_ok_and(|theirs| theirs != *ours);
        self.differing += u32::from(differs);
    }

    fn name(
        &mut self,
        ours: &Map<String, Value>,
        theirs: &Map<String, Value>,
        our_raw: &'a RawValue,
        raw: &RawValue,
    ) -> Result<(), CardError> {
        const OF_COMPONENTS: [&str; 6] =
            ["components", "isOrdered", "defaultSeparator", "sortAs", "phoneticScript", "phoneticSystem"];
        let line = |card: &Card| card.full_name().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        if let (Some(one), Some(other)) = (line(self.existing), line(self.incoming))
            && one != other
        {
            self.differing += 1;
            return Ok(());
        }
        // What describes the parts of a name describes these parts and no others.
        let has_parts = ours.contains_key("components") || !theirs.contains_key("components");
        self.fill(ours, our_raw, raw, |field| !has_parts || !OF_COMPONENTS.contains(&field))
    }
}

/// Whether a value is there only in form.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether an object maps names to texts or to `true`, each for itself: keywords, columns of a file.
fn is_table(object: &Map<String, Value>) -> bool {
    object.values().all(|value| value.is_string() || *value == Value::Bool(true))
}

/// Whether one value says all that the other does. Keys of entries are names inside one card and not compared.
fn covers(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Object(ours), Value::Object(theirs)) if theirs.values().all(Value::is_object) => {
            theirs.values().all(|entry| ours.values().any(|one| entries::is_same(one, entry)))
        }
        _ => ours == theirs,
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
