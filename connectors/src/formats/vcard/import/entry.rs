//! Properties that are one entry each: `EMAIL`, `TEL`, `URL` and the rest of the table.

use serde_json::{Map, Value};

use super::{Draft, Grouped, params_object};
use crate::formats::vcard::dates::utc_from_vcard;
use crate::formats::vcard::property::{Params, Property};
use crate::formats::vcard::table::{
    Common, EXPERT_LEVELS, Field, LEVELS, Spec, ValueKind, is_default_value_type, is_uri,
};
use crate::formats::vcard::text::{split, unescape};

impl Draft {
    pub(super) fn add_entry(&mut self, mut property: Property, spec: &'static Spec) {
        if spec.value == ValueKind::List {
            let values: Vec<String> = split(&property.value, ',').map(str::to_owned).collect();
            for value in values {
                self.add_one(Property { value, ..property.clone() }, spec);
            }
            return;
        }
        let is_text = property.params.single("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("text"));
        if spec.property == "SOCIALPROFILE" && is_text && property.params.get("USERNAME").is_none() {
            return self.add_account_name(property, spec);
        }
        let is_zone = spec.property != "TZ" || property.value.contains('/');
        if spec.value == ValueKind::Uri && !is_uri(&property.value) || !is_zone {
            return self.keep(property);
        }
        drop_default_value_type(&mut property, spec.value);
        self.add_one(property, spec);
    }

    fn add_one(&mut self, mut property: Property, spec: &'static Spec) {
        let value = unescape(&property.value).into_owned();
        if value.trim().is_empty() {
            return self.keep(property);
        }
        let mut entry = Map::new();
        if let Some(kind) = spec.kind {
            entry.insert("kind".to_owned(), kind.into());
        }
        entry.insert(spec.field.to_owned(), value.into());
        for (name, field) in spec.params {
            take_field(&mut property.params, name, *field, &mut entry);
        }
        if spec.named {
            entry.insert("vCardName".to_owned(), spec.property.to_ascii_lowercase().into());
        }
        self.insert(spec.member, property, entry, &spec.common);
    }

    /// A service can be given by the name of an account alone (RFC 9554 section 3.5).
    fn add_account_name(&mut self, mut property: Property, spec: &'static Spec) {
        let mut entry = Map::new();
        property.params.take("VALUE");
        for (name, field) in spec.params {
            take_field(&mut property.params, name, *field, &mut entry);
        }
        entry.insert("user".to_owned(), unescape(&property.value).into_owned().into());
        self.insert(spec.member, property, entry, &spec.common);
    }

    /// Adds an entry with what every entry has, and with the parameters that are left.
    pub(super) fn insert(
        &mut self,
        member: &'static str,
        mut property: Property,
        mut entry: Map<String, Value>,
        common: &Common,
    ) {
        take_types(&mut property.params, "contexts", common.contexts, &mut entry);
        take_types(&mut property.params, "features", common.features, &mut entry);
        if common.pref {
            let is_pref = |number: &str| number.parse::<u8>().ok().filter(|number| (1..=100).contains(number));
            if let Some(pref) = property.params.single("PREF").and_then(is_pref) {
                property.params.take("PREF");
                entry.insert("pref".to_owned(), pref.into());
            }
        }
        let id = self.choose_id(member, &mut property.params);
        let group = property.group.clone();
        let params = params_object(property.params, property.group);
        if !params.is_empty() {
            entry.insert("vCardParams".to_owned(), Value::Object(params));
        }
        if let Some(group) = group {
            self.grouped.push(Grouped { group, member, id: id.clone(), can_have_label: common.label });
        }
        self.entries(member).insert(id, Value::Object(entry));
    }

    /// The identifier that the property asks for, or else a free one.
    fn choose_id(&mut self, member: &'static str, params: &mut Params) -> String {
        if let Some(id) = params.single("PROP-ID").map(str::to_owned)
            && is_id(&id)
            && !self.has_entry(member, &id)
        {
            params.take("PROP-ID");
            return id;
        }
        let initial = member.rsplit('/').next().and_then(|name| name.chars().next()).unwrap_or('x');
        let mut number = self.entries(member).len() + 1;
        loop {
            let id = format!("{initial}{number}");
            let wanted = (member, id);
            if !self.has_entry(member, &wanted.1) && !self.reserved.contains(&wanted) {
                return wanted.1;
            }
            number += 1;
        }
    }
}

/// An Id (RFC 9553 section 1.4.1).
fn is_id(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

pub(super) fn drop_default_value_type(property: &mut Property, kind: ValueKind) {
    let is_default = |value_type: &str| is_default_value_type(kind, &property.value, value_type);
    if property.params.single("VALUE").is_some_and(is_default) {
        property.params.take("VALUE");
    }
}

/// `TYPE` words that are members of a set.
fn take_types(params: &mut Params, member: &str, words: &[(&str, &str)], entry: &mut Map<String, Value>) {
    let mut set = Map::new();
    if !words.is_empty() {
        params.retain_values("TYPE", |value| match words.iter().find(|(word, _)| value.eq_ignore_ascii_case(word)) {
            Some((_, name)) => {
                set.insert((*name).to_owned(), true.into());
                false
            }
            None => true,
        });
    }
    if !set.is_empty() {
        entry.insert(member.to_owned(), Value::Object(set));
    }
}

fn take_field(params: &mut Params, name: &str, field: Field, entry: &mut Map<String, Value>) {
    let Some(text) = params.single(name).filter(|text| !text.is_empty()) else { return };
    let (object, member, value): (Option<&str>, &str, Option<Value>) = match field {
        Field::Text(member) => (None, member, Some(text.into())),
        Field::Number(member) => {
            let is_plain = |number: &u32| *number > 0 && number.to_string() == text;
            (None, member, text.parse().ok().filter(is_plain).map(Value::from))
        }
        Field::Level => (None, "level", level(&LEVELS, text)),
        Field::ExpertLevel => (None, "level", level(&EXPERT_LEVELS, text)),
        Field::Utc(member) => (None, member, utc_from_vcard(text).map(Value::from)),
        Field::Author(member) => (Some("author"), member, Some(text.into())),
    };
    let Some(value) = value else { return };
    params.take(name);
    match object {
        None => {
            entry.insert(member.to_owned(), value);
        }
        Some(object) => {
            let object = entry.entry(object).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(object) = object {
                object.insert(member.to_owned(), value);
            }
        }
    }
}

fn level(words: &[(&str, &str)], text: &str) -> Option<Value> {
    words.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, level)| (*level).into())
}
