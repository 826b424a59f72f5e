//! Properties that a card has once, or as members of a set.

use serde_json::{Map, Value, json};

use super::entry::drop_default_value_type;
use super::{Draft, params_object};
use crate::formats::vcard::dates::{date_from_vcard, utc_from_vcard};
use crate::formats::vcard::property::Property;
use crate::formats::vcard::table::{BARE, ValueKind, is_relation, is_uri};
use crate::formats::vcard::text::{split, unescape};

/// Value types of dates, which the value itself shows.
const DATE_TYPES: [&str; 4] = ["date", "date-time", "date-and-or-time", "timestamp"];

/// What a card has once: (property, member).
pub(in crate::formats::vcard) const SINGLES: [(&str, &str); 6] = [
    ("UID", "uid"),
    ("KIND", "kind"),
    ("PRODID", "prodId"),
    ("LANGUAGE", "language"),
    ("CREATED", "created"),
    ("REV", "updated"),
];

/// The member's value that a property's value is, if there is one.
pub(in crate::formats::vcard) fn single_value(member: &str, value: &str) -> Option<String> {
    match member {
        "created" | "updated" => utc_from_vcard(value),
        "kind" => Some(unescape(value).to_lowercase()),
        _ => Some(unescape(value).into_owned()),
    }
}

impl Draft {
    /// `UID` and the others of which a card has one. With parameters it is kept as it is beside the member.
    pub(super) fn add_single(&mut self, mut property: Property) {
        let Some((_, member)) = SINGLES.iter().find(|(name, _)| *name == property.name) else { return };
        let value = single_value(member, &property.value);
        let kind = if is_uri(&property.value) { ValueKind::Link } else { ValueKind::Text };
        drop_default_value_type(&mut property, kind);
        drop_default_value_type(&mut property, ValueKind::Text);
        drop_date_type(&mut property);
        match value {
            Some(value) if !self.card.contains_key(*member) => {
                self.card.insert((*member).to_owned(), value.into());
                if property.is_qualified() {
                    self.keep(property);
                }
            }
            _ => self.keep(property),
        }
    }

    pub(super) fn add_keywords(&mut self, mut property: Property) {
        drop_default_value_type(&mut property, ValueKind::Text);
        if property.is_qualified() {
            return self.keep(property);
        }
        let keywords = split(&property.value, ',').map(unescape).filter(|keyword| !keyword.trim().is_empty());
        let keywords: Vec<String> = keywords.map(|keyword| keyword.into_owned()).collect();
        if keywords.is_empty() {
            return self.keep(property);
        }
        self.entries("keywords").extend(keywords.into_iter().map(|keyword| (keyword, true.into())));
    }

    pub(super) fn add_group_member(&mut self, mut property: Property) {
        drop_default_value_type(&mut property, ValueKind::Link);
        let uid = unescape(&property.value).into_owned();
        if property.is_qualified() || self.has_entry("members", &uid) {
            self.keep(property);
            return;
        }
        self.entries("members").insert(uid, true.into());
    }

    pub(super) fn add_relation(&mut self, mut property: Property) {
        let kind = if is_uri(&property.value) { ValueKind::Link } else { ValueKind::Text };
        drop_default_value_type(&mut property, kind);
        let uid = unescape(&property.value).into_owned();
        if self.has_entry("relatedTo", &uid) {
            return self.keep(property);
        }
        let are_words = |types: &[String]| types.iter().all(|word| is_relation(word));
        let types = match property.params.get("TYPE").is_some_and(are_words) {
            true => property.params.take("TYPE").unwrap_or_default(),
            false => Vec::new(),
        };
        let relation: Map<String, Value> =
            types.into_iter().map(|value| (value.to_ascii_lowercase(), true.into())).collect();
        let mut entry = Map::new();
        entry.insert("relation".to_owned(), Value::Object(relation));
        let params = params_object(property.params, property.group);
        if !params.is_empty() {
            entry.insert("vCardParams".to_owned(), Value::Object(params));
        }
        self.entries("relatedTo").insert(uid, Value::Object(entry));
    }

    pub(super) fn add_grammatical_gender(&mut self, mut property: Property) {
        drop_default_value_type(&mut property, ValueKind::Text);
        if property.is_qualified() || self.has_entry("speakToAs", "grammaticalGender") {
            return self.keep(property);
        }
        let gender = unescape(&property.value).to_lowercase();
        self.entries("speakToAs").insert("grammaticalGender".to_owned(), gender.into());
    }

    pub(super) fn add_anniversary(&mut self, mut property: Property, kind: &str) {
        let Some(date) = date_from_vcard(property.value.trim()) else { return self.keep(property) };
        drop_date_type(&mut property);
        let entry = json!({ "kind": kind, "date": date });
        if let Value::Object(entry) = entry {
            self.insert("anniversaries", property, entry, &BARE);
        }
    }
}

fn drop_date_type(property: &mut Property) {
    let is_date = |value: &str| DATE_TYPES.iter().any(|name| value.eq_ignore_ascii_case(name));
    if property.params.single("VALUE").is_some_and(is_date) {
        property.params.take("VALUE");
    }
}
