//! Entries to properties: the table's, addresses, organisations, anniversaries.

use serde_json::{Map, Value};

use super::params::put_params;
use super::{Sheet, escape_pointer};
use crate::formats::vcard::dates::vcard_from_utc;
use crate::formats::vcard::property::{Params, Property};
use crate::formats::vcard::table::{
    Common, EXPERT_LEVELS, Field, LEVELS, SPECS, Spec, ValueKind, is_phone_uri, is_uri,
};
use crate::formats::vcard::text::{escape, escape_uri};
use crate::formats::vcard::version::Version;

/// Whether the table has the member.
pub(super) fn is_member(member: &str) -> bool {
    !member.contains('/') && SPECS.iter().any(|spec| spec.member == member)
}

/// An entry on its way to a property: what was not said yet, and where it stands.
pub(super) struct Entry<'a> {
    pub(super) id: &'a str,
    pub(super) pointer: String,
    /// Whether a reader would choose the same identifier by itself.
    pub(super) has_usual_id: bool,
    pub(super) fields: Map<String, Value>,
}

impl Sheet {
    pub(super) fn write_entries(&mut self, member: &str, value: &Value) {
        let entries = match value {
            Value::Object(entries) if !entries.is_empty() => entries,
            other => return self.patch(member, other.clone()),
        };
        let initial = member.rsplit('/').next().and_then(|name| name.chars().next()).unwrap_or('x');
        let mut number = 1_usize;
        for (id, value) in entries {
            let pointer = format!("{member}/{}", escape_pointer(id));
            let Value::Object(fields) = value else {
                self.patch(&pointer, value.clone());
                continue;
            };
            let has_usual_id = *id == format!("{initial}{number}");
            let entry = Entry { id, pointer, has_usual_id, fields: fields.clone() };
            let written = match member {
                "addresses" if !fields.contains_key("vCardName") => self.write_address(entry),
                "organizations" => self.write_organization(entry),
                "anniversaries" => self.write_anniversary(entry),
                _ => self.write_entry(member, entry),
            };
            if written {
                number += 1;
            } else {
                self.patch(&format!("{member}/{}", escape_pointer(id)), value.clone());
            }
        }
    }

    /// Writes an entry of the table; `false` if no property is like it.
    fn write_entry(&mut self, member: &str, mut entry: Entry<'_>) -> bool {
        let Some(spec) = SPECS.iter().find(|spec| spec.member == member && is_like(spec, &entry.fields)) else {
            return false;
        };
        let fields = &mut entry.fields;
        let mut property = Property::new(spec.property, "");
        match take_text(fields, spec.field) {
            Some(text) => {
                if !is_writable(spec.value, &text) {
                    return false;
                }
                property.value = written(spec.value, &text);
                if spec.value == ValueKind::Phone && is_phone_uri(&text) {
                    property.params.add("VALUE", "uri");
                }
            }
            None => match take_text(fields, "user").filter(|_| spec.property == "SOCIALPROFILE") {
                Some(user) => {
                    property.value = escape(&user).into_owned();
                    property.params.add("VALUE", "text");
                }
                None => return false,
            },
        }
        if spec.kind.is_some() || fields.get("kind").is_some_and(|kind| kind == "title") {
            fields.shift_remove("kind");
        }
        if spec.named {
            fields.shift_remove("vCardName");
        }
        for (name, field) in spec.params {
            put_field(fields, name, *field, &mut property.params);
        }
        self.finish_entry(entry, property, spec.type_name, &spec.common);
        true
    }

    /// Adds what every entry has and writes the property; what is left in the entry is said apart. Gives its index.
    pub(super) fn finish_entry(
        &mut self,
        mut entry: Entry<'_>,
        mut property: Property,
        type_name: &str,
        common: &Common,
    ) -> usize {
        let fields = &mut entry.fields;
        if fields.get("@type").is_some_and(|name| name == type_name) {
            fields.shift_remove("@type");
        }
        put_types(fields, "contexts", common.contexts, &mut property.params);
        put_types(fields, "features", common.features, &mut property.params);
        let pref = fields.get("pref").and_then(Value::as_u64).filter(|pref| common.pref && (1..=100).contains(pref));
        if let Some(pref) = pref {
            fields.shift_remove("pref");
            property.params.add("PREF", pref.to_string());
        }
        put_params(fields, &mut property);
        if property.params.get("PROP-ID").is_none() && (self.version == Version::V4 || !entry.has_usual_id) {
            property.params.add("PROP-ID", entry.id);
        }
        let index = self.properties.len();
        // A group is read as a parameter, and beside that those that are said apart could not be put.
        if !fields.contains_key("vCardParams") {
            self.take_grouped(&mut entry, index, &property.name, common.label);
        }
        self.entries.push(index);
        self.properties.push(property);
        self.patch_rest(&entry.pointer, entry.fields);
        index
    }

    /// Takes out of the entry what its group will say: its label, or of which organisation it is.
    fn take_grouped(&mut self, entry: &mut Entry<'_>, index: usize, name: &str, can_have_label: bool) {
        if can_have_label && let Some(label) = entry.fields.shift_remove("label") {
            self.labels.push((index, format!("{}/label", entry.pointer), label));
        }
        match name {
            "TITLE" | "ROLE" => {
                if let Some(id) = entry.fields.shift_remove("organizationId") {
                    self.titles.push((index, format!("{}/organizationId", entry.pointer), id));
                }
            }
            "ORG" => self.organizations.push((entry.id.to_owned(), index)),
            _ => {}
        }
    }
}

/// Whether the property stands for entries like this one.
fn is_like(spec: &Spec, fields: &Map<String, Value>) -> bool {
    let text = |name: &str| fields.get(name).map(|value| value.as_str().unwrap_or("?"));
    if spec.named {
        return text("vCardName").is_some_and(|name| name.eq_ignore_ascii_case(spec.property));
    }
    text("vCardName").is_none()
        && match spec.kind {
            Some(kind) => text("kind") == Some(kind),
            None => text("kind").is_none_or(|kind| spec.property == "TITLE" && kind == "title"),
        }
}

/// A text with something in it.
pub(super) fn take_text(fields: &mut Map<String, Value>, name: &str) -> Option<String> {
    fields.get(name)?.as_str().filter(|text| !text.trim().is_empty())?;
    match fields.shift_remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// Whether reading the property would give the value again.
fn is_writable(kind: ValueKind, text: &str) -> bool {
    match kind {
        ValueKind::Uri => is_uri(text),
        _ => true,
    }
}

fn written(kind: ValueKind, text: &str) -> String {
    match kind {
        ValueKind::Link | ValueKind::Uri => escape_uri(text).into_owned(),
        ValueKind::Phone if is_phone_uri(text) => escape_uri(text).into_owned(),
        ValueKind::Phone | ValueKind::Text | ValueKind::List => escape(text).into_owned(),
    }
}

/// A set as `TYPE` words, if it has no others.
fn put_types(fields: &mut Map<String, Value>, member: &str, words: &[(&str, &str)], params: &mut Params) {
    let Some(Value::Object(set)) = fields.get(member) else { return };
    let word_of = |name: &str| words.iter().find(|(_, known)| *known == name).map(|(word, _)| *word);
    let types: Option<Vec<&str>> = set.iter().map(|(name, value)| word_of(name).filter(|_| value == true)).collect();
    let Some(types) = types.filter(|types| !types.is_empty()) else { return };
    types.into_iter().for_each(|word| params.add("TYPE", word));
    fields.shift_remove(member);
}

fn put_field(fields: &mut Map<String, Value>, param: &str, field: Field, params: &mut Params) {
    let (object, member) = match field {
        Field::Text(member) | Field::Number(member) | Field::Utc(member) => (None, member),
        Field::Level | Field::ExpertLevel => (None, "level"),
        Field::Author(member) => (Some("author"), member),
    };
    let inner = match object {
        None => &mut *fields,
        Some(object) => match fields.get_mut(object) {
            // What parameters cannot say goes with the whole of it into a `JSPROP`.
            Some(Value::Object(inner)) if is_plain_author(inner) => inner,
            _ => return,
        },
    };
    let Some(value) = inner.get(member) else { return };
    let text = value.as_str().filter(|text| !text.is_empty());
    let word = |words: &[(&str, &str)]| {
        words.iter().find(|(_, level)| Some(*level) == text).map(|(word, _)| (*word).to_owned())
    };
    let written = match field {
        Field::Text(_) | Field::Author(_) => text.map(str::to_owned),
        Field::Number(_) => {
            value.as_u64().filter(|number| (1..=u64::from(u32::MAX)).contains(number)).map(|number| number.to_string())
        }
        Field::Utc(_) => text.and_then(vcard_from_utc),
        Field::Level => word(&LEVELS),
        Field::ExpertLevel => word(&EXPERT_LEVELS),
    };
    let Some(written) = written else { return };
    params.add(param, written);
    inner.shift_remove(member);
    if let Some(object) = object
        && fields.get(object).and_then(Value::as_object).is_some_and(|inner| {
            inner.is_empty() || inner.len() == 1 && inner.get("@type").is_some_and(|name| name == "Author")
        })
    {
        fields.shift_remove(object);
    }
}

/// Whether an Author (RFC 9553 section 2.8.3) is all in parameters.
fn is_plain_author(author: &Map<String, Value>) -> bool {
    author.iter().all(|(name, value)| match name.as_str() {
        "name" | "uri" => value.as_str().is_some_and(|text| !text.is_empty()),
        "@type" => value == "Author",
        _ => false,
    })
}
