//! Properties that belong to others: places to dates, labels to what they name, and `JSPROP` to wherever it points.

use serde_json::{Map, Value};

use super::Draft;
use super::entry::drop_default_value_type;
use crate::formats::vcard::table::{ValueKind, is_uri};
use crate::formats::vcard::text::unescape;

impl Draft {
    /// `BIRTHPLACE` and `DEATHPLACE` are places of the date of that kind.
    pub(super) fn finish_places(&mut self) {
        for mut property in std::mem::take(&mut self.places) {
            let original = property.clone();
            let kind = if is_uri(&property.value) { ValueKind::Link } else { ValueKind::Text };
            drop_default_value_type(&mut property, kind);
            let id = property.params.take_single("PROP-ID");
            let wanted = if property.name == "BIRTHPLACE" { "birth" } else { "death" };
            let date = if property.is_qualified() || !self.members.contains_key("anniversaries") {
                None
            } else {
                self.entries("anniversaries").iter_mut().find(|(known, date)| {
                    date.get("kind").is_some_and(|kind| kind == wanted)
                        && date.get("place").is_none()
                        && id.as_ref().is_none_or(|id| id == *known)
                })
            };
            let Some((_, Value::Object(date))) = date else {
                self.keep(original);
                continue;
            };
            let text = unescape(&property.value).into_owned();
            let member = if text.starts_with("geo:") { "coordinates" } else { "full" };
            let mut place = Map::new();
            place.insert(member.to_owned(), text.into());
            date.insert("place".to_owned(), Value::Object(place));
        }
    }

    /// An `X-ABLabel` is the label of the one entry in its group. Apple's own words, such as `_$!<HomePage>!$_`, are no labels
    /// that a person gave, and stay as they are.
    pub(super) fn finish_labels(&mut self) {
        let labels = std::mem::take(&mut self.labels);
        let groups = self.groups();
        let places: Vec<Option<(&'static str, String)>> = labels
            .iter()
            .map(|property| match groups.get(property.group.as_deref()?)?.as_slice() {
                [only] if only.can_have_label => Some((only.member, only.id.clone())),
                _ => None,
            })
            .collect();
        for (property, place) in labels.into_iter().zip(places) {
            let text = unescape(&property.value).into_owned();
            let place = place.filter(|_| property.params.is_empty() && !text.starts_with("_$!<"));
            let entry = place.and_then(|(member, id)| match self.entries(member).get_mut(&id) {
                Some(Value::Object(entry)) if !entry.contains_key("label") => Some(entry),
                _ => None,
            });
            match entry {
                Some(entry) => {
                    entry.insert("label".to_owned(), text.into());
                }
                None => self.keep(property),
            }
        }
    }

    /// Puts each `JSPROP` (RFC 9555 section 3.2.1) where it points. It adds what is not there; of what is there it replaces
    /// components alone, which `N` and `ADR` can hold only in part.
    pub(super) fn finish_patches(&mut self) {
        for mut property in std::mem::take(&mut self.patches) {
            drop_default_value_type(&mut property, ValueKind::Text);
            let is_plain = property.group.is_none() && property.params.iter().count() == 1;
            let pointer = property.params.single("JSPTR").filter(|_| is_plain);
            let value = serde_json::from_str::<Value>(&unescape(&property.value)).ok();
            let done = match (pointer, value) {
                (Some(pointer), Some(value)) => self.patch(pointer, value),
                _ => false,
            };
            if !done {
                self.keep(property);
            }
        }
    }

    /// A name is an object, and only a place for one until something says what is in it.
    fn patch_name(&mut self, value: Value) -> bool {
        let known = self.card.get("name");
        let is_open = !self.has_name && known.is_none_or(|name| name.as_object().is_some_and(Map::is_empty));
        if !is_open || !value.is_object() {
            return known == Some(&value);
        }
        self.has_name = true;
        self.card.insert("name".to_owned(), value);
        true
    }

    fn patch(&mut self, pointer: &str, value: Value) -> bool {
        let pointer = pointer.strip_prefix('/').unwrap_or(pointer);
        if pointer == "vCardProps"
            && let Value::Array(properties) = &value
            && !properties.is_empty()
        {
            self.kept.extend_from_slice(properties);
            return true;
        }
        if pointer == "name" {
            return self.patch_name(value);
        }
        let (parents, last) = match pointer.rsplit_once('/') {
            Some((parents, last)) => (Some(parents), last),
            None => (None, pointer),
        };
        let mut object = &mut self.card;
        let names = parents.into_iter().flat_map(|parents| parents.split('/'));
        for name in names {
            let inner = object.entry(unescape_pointer(name)).or_insert_with(|| Value::Object(Map::new()));
            let Value::Object(inner) = inner else { return false };
            object = inner;
        }
        let last = unescape_pointer(last);
        match object.get(&last) {
            Some(known) if *known == value => {}
            Some(_) if last != "components" || parents.is_none() => return false,
            _ => {
                object.insert(last, value);
            }
        }
        true
    }
}

/// RFC 6901 section 4.
fn unescape_pointer(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}
