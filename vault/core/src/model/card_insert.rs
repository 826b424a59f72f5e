//! Additions to the text of a card: what stands there stays byte for byte, because nothing is done but inserting.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::card_error::CardError;

/// The members of an object in their order, each value as it stands in the text.
///
/// # Errors
/// [`CardError::NotACard`] if the text is no object.
pub(crate) fn members(object: &str) -> Result<Vec<(String, &RawValue)>, CardError> {
    serde_json::Deserializer::from_str(object).deserialize_map(MembersVisitor).map_err(|_| CardError::NotACard)
}

/// Members to be inserted into objects of one text, behind those that the objects have.
pub(crate) struct Insertions<'a> {
    text: &'a str,
    at: BTreeMap<usize, Zeroizing<String>>,
}

impl<'a> Insertions<'a> {
    /// Nothing to insert yet.
    pub(crate) fn into_text(text: &'a str) -> Self {
        Self { text, at: BTreeMap::new() }
    }

    /// Whether there is nothing to insert.
    pub(crate) fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// Adds a member to an object, which is a part of the text. That the object has none of this name is the caller's to
    /// know; what [`write`](Self::write) gives is checked when it is read.
    pub(crate) fn add(&mut self, object: &'a str, name: &str, value: &str) {
        let object = object.trim_end();
        let start = object.as_ptr().addr().wrapping_sub(self.text.as_ptr().addr());
        let end = start.wrapping_add(object.len()).wrapping_sub(1);
        let inside = object.trim_start().strip_prefix('{').and_then(|inside| inside.strip_suffix('}'));
        let is_first = inside.is_some_and(|inside| inside.trim().is_empty());
        let inserted = self.at.entry(end).or_default();
        if !is_first || !inserted.is_empty() {
            inserted.push(',');
        }
        push_member(inserted, name, value);
    }

    /// The text with everything inserted.
    pub(crate) fn write(&self) -> Zeroizing<String> {
        let more: usize = self.at.values().map(|inserted| inserted.len()).sum();
        let mut whole = Zeroizing::new(String::with_capacity(self.text.len() + more));
        let mut from = 0;
        for (place, inserted) in &self.at {
            whole.push_str(self.text.get(from..*place).unwrap_or_default());
            whole.push_str(inserted);
            from = *place;
        }
        whole.push_str(self.text.get(from..).unwrap_or_default());
        whole
    }
}

/// An object of these members, as text.
pub(crate) fn object_of<'m>(members: impl IntoIterator<Item = (&'m str, &'m str)>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::from("{"));
    for (name, value) in members {
        if !text.ends_with('{') {
            text.push(',');
        }
        push_member(&mut text, name, value);
    }
    text.push('}');
    text
}

fn push_member(text: &mut String, name: &str, value: &str) {
    text.push_str(&Value::from(name).to_string());
    text.push(':');
    text.push_str(value);
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry::<String, &'de RawValue>()? {
            members.push(member);
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_inserted_behind_the_others_and_nothing_else_moves() {
        let text = " { \"a\" : {\"x\":1.50 } , \"b\":{ } ,\"c\":[ ] }\n";
        let all = members(text).unwrap();
        let mut insertions = Insertions::into_text(text);
        assert!(insertions.is_empty());
        insertions.add(all[1].1.get(), "first", "1");
        insertions.add(all[0].1.get(), "y\"", "2");
        insertions.add(all[0].1.get(), "z", "3");
        insertions.add(text, "d", "{}");
        insertions.add(all[1].1.get(), "second", "4");
        let expected =
            " { \"a\" : {\"x\":1.50 ,\"y\\\"\":2,\"z\":3} , \"b\":{ \"first\":1,\"second\":4} ,\"c\":[ ] ,\"d\":{}}\n";
        assert_eq!(insertions.write().as_str(), expected);
    }

    #[test]
    fn an_object_is_put_together_from_texts() {
        assert_eq!(object_of([("a", "1"), ("\n", "{\"b\":2}")]).as_str(), r#"{"a":1,"\n":{"b":2}}"#);
        assert_eq!(object_of([]).as_str(), "{}");
    }
}
