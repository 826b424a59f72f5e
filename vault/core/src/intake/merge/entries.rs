//! Members that map keys to entries: which entries are the same, and what an entry gains.

use serde_json::value::RawValue;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{Merging, level, members, normalise, object_of};
use crate::model::{CardError, Country, PhoneNumber};

/// Details that mean something inside one card only, or nothing.
const OF_ONE_CARD: [&str; 3] = ["@type", "pref", "organizationId"];

/// The value by which an entry of this member is known, for members that gain entries.
pub(super) fn field(member: &str) -> Option<&'static str> {
    match member {
        "emails" => Some("address"),
        "phones" => Some("number"),
        "organizations" => Some("name"),
        "links" => Some("uri"),
        "notes" => Some("note"),
        "anniversaries" => Some("kind"),
        _ => None,
    }
}

/// Whether two entries say the same.
pub(super) fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => says_all(one, other, "") && says_all(other, one, ""),
        _ => one == other,
    }
}

/// Whether an entry has every detail of the other, the one that it is known by aside.
fn says_all(one: &Map<String, Value>, other: &Map<String, Value>, known_by: &str) -> bool {
    other.iter().all(|(name, value)| {
        OF_ONE_CARD.contains(&name.as_str()) || name == known_by || one.get(name).is_some_and(|ours| ours == value)
    })
}

/// What an entry is known by, levelled; `None` for one that is known by everything it says.
fn known_as(entry: &Value, field: &str, region: Option<Country>) -> Option<Zeroizing<String>> {
    let text = entry.get(field)?.as_str()?.trim();
    let levelled = match field {
        "address" => normalise::email(text).map_or_else(|_| text.to_owned(), |address| address.as_str().to_owned()),
        "number" => number(text, region),
        "name" => level(text),
        _ => text.to_owned(),
    };
    Some(Zeroizing::new(levelled))
}

/// A number as E.164 or, if it cannot be placed, its digits. An extension makes it another one.
fn number(text: &str, region: Option<Country>) -> String {
    let Ok(number) = normalise::phone(text, region) else {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        return if digits.is_empty() { text.to_owned() } else { digits };
    };
    match PhoneNumber::extension(text) {
        none if none.is_empty() => number.as_str().to_owned(),
        extension => format!("{}/{extension}", number.as_str()),
    }
}

/// An entry of the merged card.
struct Known<'a> {
    key: String,
    known_as: Option<Zeroizing<String>>,
    value: Value,
    /// Its place in the vault's card; `None` for one that comes in.
    raw: Option<&'a RawValue>,
}

impl<'a> Known<'a> {
    fn of(
        key: String,
        text: &RawValue,
        raw: Option<&'a RawValue>,
        (field, region): (&str, Option<Country>),
    ) -> Result<Self, CardError> {
        let value: Value = serde_json::from_str(text.get()).map_err(|_| CardError::NotACard)?;
        Ok(Self { key, known_as: known_as(&value, field, region), value, raw })
    }

    /// Whether nothing would be gained from the other entry, which is known as the same.
    fn says_all_of(&self, other: &Self, field: &str) -> bool {
        match (&self.value, &other.value) {
            (Value::Object(one), Value::Object(two)) if self.known_as.is_some() => says_all(one, two, field),
            (one, two) => is_same(one, two),
        }
    }
}

impl<'a> Merging<'a> {
    /// Adds the entries that the vault's card does not have, and to those it has the details that they lack.
    pub(super) fn entries(
        &mut self,
        member: &str,
        field: &'static str,
        our_raw: &'a RawValue,
        raw: &RawValue,
    ) -> Result<(), CardError> {
        let mut known = Vec::new();
        for (key, raw) in members(our_raw.get())? {
            known.push(Known::of(key, raw, Some(raw), (field, self.region))?);
        }
        for (their_key, raw) in members(raw.get())? {
            let new = Known::of(their_key.clone(), raw, None, (field, self.region))?;
            let complete = known.iter().find(|one| one.known_as == new.known_as && one.says_all_of(&new, field));
            let key = match complete {
                Some(one) => one.key.clone(),
                None => self.gain(member, field, our_raw, &mut known, new, raw)?,
            };
            if member == "organizations" {
                self.organizations.insert(their_key, key);
            }
        }
        Ok(())
    }

    /// Completes the entry of the vault that is known as the same, or adds this one; gives its key.
    fn gain(
        &mut self,
        member: &str,
        field: &str,
        our_raw: &'a RawValue,
        known: &mut Vec<Known<'a>>,
        mut new: Known<'a>,
        raw: &RawValue,
    ) -> Result<String, CardError> {
        let ours = known.iter_mut().filter(|one| one.known_as.is_some() && one.known_as == new.known_as);
        for one in ours {
            if let Some(place) = one.raw {
                self.complete(&mut one.value, place, field, raw)?;
                return Ok(one.key.clone());
            }
        }
        new.key = fresh_key(member, known);
        let text = self.entry_text(raw, false)?;
        self.insertions.add(our_raw.get(), &new.key, &text);
        let key = new.key.clone();
        known.push(new);
        Ok(key)
    }

    /// Adds the details that an entry of the vault lacks; counts those that differ.
    fn complete(
        &mut self,
        ours: &mut Value,
        our_raw: &'a RawValue,
        field: &str,
        raw: &RawValue,
    ) -> Result<(), CardError> {
        let Some(ours) = ours.as_object_mut() else { return Ok(()) };
        for (name, raw) in members(raw.get())? {
            // What it is known by is the same, if in another writing.
            if name == field || OF_ONE_CARD.contains(&name.as_str()) {
                continue;
            }
            match ours.get(&name) {
                Some(value) => self.count(value, raw),
                None => {
                    self.insertions.add(our_raw.get(), &name, raw.get());
                    ours.insert(name, serde_json::from_str(raw.get()).map_err(|_| CardError::NotACard)?);
                }
            }
        }
        Ok(())
    }

    /// An entry, its organisation under the key of the merged card; with its preference or without.
    pub(super) fn entry_text(&self, raw: &RawValue, with_preference: bool) -> Result<Zeroizing<String>, CardError> {
        if !raw.get().starts_with('{') {
            return Ok(Zeroizing::new(raw.get().to_owned()));
        }
        let mut kept = Vec::new();
        for (name, raw) in members(raw.get())? {
            let text = match name.as_str() {
                "pref" if !with_preference => continue,
                "organizationId" => self.organization_key(raw),
                _ => raw.get().to_owned(),
            };
            kept.push((name, Zeroizing::new(text)));
        }
        Ok(object_of(kept.iter().map(|(name, text)| (name.as_str(), text.as_str()))))
    }

    fn organization_key(&self, raw: &RawValue) -> String {
        let theirs: Option<String> = serde_json::from_str(raw.get()).ok();
        match theirs.and_then(|key| self.organizations.get(&key)) {
            Some(key) => Value::from(key.as_str()).to_string(),
            None => raw.get().to_owned(),
        }
    }
}

/// A key that no entry has: the member's initial and a number.
fn fresh_key(member: &str, known: &[Known<'_>]) -> String {
    let initial = member.chars().next().unwrap_or('x');
    let candidates = (known.len().saturating_add(1)..).map(|number| format!("{initial}{number}"));
    let mut free = candidates.filter(|key| known.iter().all(|one| one.key != *key));
    free.next().unwrap_or_else(|| initial.to_string())
}
