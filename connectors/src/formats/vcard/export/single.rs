//! Members that a card has once, and sets.

use serde_json::{Map, Value};

use super::params::put_params;
use super::{Sheet, escape_pointer};
use crate::formats::vcard::dates::vcard_from_utc;
use crate::formats::vcard::import::single::{SINGLES, single_value};
use crate::formats::vcard::property::Property;
use crate::formats::vcard::table::{is_relation, is_uri};
use crate::formats::vcard::text::{escape, escape_uri};

impl Sheet {
    /// Writes a member, unless a kept property says the same with more parameters.
    pub(super) fn write_single(&mut self, member: &str, value: &Value, kept: &[Property]) {
        let name = SINGLES.iter().find(|(_, known)| *known == member).map(|(name, _)| *name).unwrap_or_default();
        let says_it = |property: &&Property| {
            property.is_qualified()
                && property.name == name
                && single_value(member, &property.value).as_deref() == value.as_str()
        };
        if value.is_string() && kept.iter().find(says_it).is_some() {
            return;
        }
        let text = value.as_str().filter(|text| !text.trim().is_empty());
        let written = match (member, text) {
            ("created" | "updated", Some(text)) => vcard_from_utc(text),
            ("uid", Some(text)) if is_uri(text) => Some(escape_uri(text).into_owned()),
            ("kind", Some(text)) => Some(escape(text).into_owned()).filter(|_| text.to_lowercase() == text),
            (_, Some(text)) => Some(escape(text).into_owned()),
            _ => None,
        };
        match written {
            Some(written) => self.properties.push(Property::new(name, written)),
            None => self.patch(member, value.clone()),
        }
    }

    pub(super) fn write_keywords(&mut self, value: &Value) {
        match true_names(value) {
            Some(keywords) => {
                let keywords: Vec<_> = keywords.into_iter().map(escape).collect();
                self.properties.push(Property::new("CATEGORIES", keywords.join(",")));
            }
            None => self.patch("keywords", value.clone()),
        }
    }

    pub(super) fn write_group_members(&mut self, value: &Value) {
        match true_names(value) {
            Some(members) => {
                let members = members.into_iter().map(|uid| Property::new("MEMBER", escape_uri(uid)));
                self.properties.extend(members);
            }
            None => self.patch("members", value.clone()),
        }
    }

    pub(super) fn write_relations(&mut self, value: &Value) {
        let relations = match value {
            Value::Object(relations) if !relations.is_empty() => relations,
            other => return self.patch("relatedTo", other.clone()),
        };
        for (uid, value) in relations {
            let pointer = format!("relatedTo/{}", escape_pointer(uid));
            match relation(uid, value) {
                Some((property, rest)) => {
                    self.properties.push(property);
                    self.patch_rest(&pointer, rest);
                }
                None => self.patch(&pointer, value.clone()),
            }
        }
    }

    pub(super) fn write_speak_to_as(&mut self, value: &Value) {
        let Value::Object(fields) = value else { return self.patch("speakToAs", value.clone()) };
        if fields.keys().all(|name| name == "@type") {
            return self.patch("speakToAs", value.clone());
        }
        let mut fields = fields.clone();
        if fields.get("@type").is_some_and(|name| name == "SpeakToAs") {
            fields.shift_remove("@type");
        }
        let is_word = |text: &&str| !text.trim().is_empty() && text.to_lowercase() == **text;
        if let Some(gender) = fields.get("grammaticalGender").and_then(Value::as_str).filter(is_word) {
            self.properties.push(Property::new("GRAMGENDER", escape(gender)));
            fields.shift_remove("grammaticalGender");
        }
        if let Some(pronouns) = fields.shift_remove("pronouns") {
            self.write_entries("speakToAs/pronouns", &pronouns);
        }
        self.patch_rest("speakToAs", fields);
    }
}

/// The names of a set with something in it, in which nothing else than names is.
fn true_names(value: &Value) -> Option<Vec<&str>> {
    let set = value.as_object().filter(|set| !set.is_empty())?;
    set.iter()
        .map(|(name, value)| Some(name.as_str()).filter(|name| value == true && !name.trim().is_empty()))
        .collect()
}

fn relation(uid: &str, value: &Value) -> Option<(Property, Map<String, Value>)> {
    let mut fields = value.as_object()?.clone();
    let is_link = is_uri(uid);
    let mut property = Property::new("RELATED", if is_link { escape_uri(uid) } else { escape(uid) });
    let types = fields.get("relation")?.as_object()?;
    for (word, value) in types {
        if value != true || !is_relation(word) || word.to_ascii_lowercase() != *word {
            return None;
        }
        property.params.add("TYPE", word.as_str());
    }
    fields.shift_remove("relation");
    if fields.get("@type").is_some_and(|name| name == "Relation") {
        fields.shift_remove("@type");
    }
    if !is_link {
        property.params.add("VALUE", "text");
    }
    put_params(&mut fields, &mut property);
    (!uid.trim().is_empty()).then_some((property, fields))
}
