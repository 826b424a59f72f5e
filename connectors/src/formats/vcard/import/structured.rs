//! Properties in components: `N` with `FN`, `ADR`, `ORG`.

use serde_json::{Map, Value, json};

use super::entry::drop_default_value_type;
use super::{Draft, params_object};
use crate::formats::vcard::components;
use crate::formats::vcard::export::is_derivable;
use crate::formats::vcard::property::Property;
use crate::formats::vcard::table::{ADDRESS, CONTEXTS_ONLY, ValueKind};
use crate::formats::vcard::text::{split, unescape};

impl Draft {
    pub(super) fn add_full_name(&mut self, mut property: Property) {
        drop_default_value_type(&mut property, ValueKind::Text);
        if unescape(&property.value).trim().is_empty() {
            if property.is_qualified() && !is_only_derived(&property) {
                self.keep(property);
            }
        } else if self.full_name.is_some() {
            self.keep(property);
        } else {
            self.card.entry("name").or_insert_with(|| Value::Object(Map::new()));
            self.full_name = Some(property);
        }
    }

    pub(super) fn add_name(&mut self, mut property: Property) {
        drop_default_value_type(&mut property, ValueKind::Text);
        if property.value.chars().all(|c| c == ';' || c.is_whitespace()) && !property.is_qualified() {
            return;
        }
        if self.name.is_some() || components::read(&components::NAME, &property.value, None).is_none() {
            return self.keep(property);
        }
        self.card.entry("name").or_insert_with(|| Value::Object(Map::new()));
        self.name = Some(property);
    }

    /// Makes a Name of `N`. Parameters that it has no member for are those of `N` if there is one, else of `FN`.
    pub(super) fn finish_name(&mut self) {
        let Some(mut property) = self.name.take() else { return };
        let mut name = Map::new();
        put_components(&mut name, &mut property, &components::NAME);
        if let Some(sort_as) = property.params.get("SORT-AS").map(|values| values.join(","))
            && let Some(sort_as) = sort_as_object(&sort_as)
        {
            property.params.take("SORT-AS");
            name.insert("sortAs".to_owned(), sort_as);
        }
        put_params(&mut name, property);
        self.card.insert("name".to_owned(), Value::Object(name));
    }

    /// Adds `FN`, unless it says that it was derived, and is what we would derive.
    pub(super) fn finish_full_name(&mut self) {
        if let Some(property) = self.full_name.take() {
            let full = unescape(&property.value).into_owned();
            if !is_only_derived(&property) || !is_derivable(&self.card, &full) {
                let components = self.card.get("name").and_then(|name| name.get("components")?.as_array());
                let has_components = components.is_some_and(|components| !components.is_empty());
                let mut name = Map::new();
                name.insert("full".to_owned(), full.into());
                if has_components && property.is_qualified() {
                    self.keep(property);
                } else {
                    put_params(&mut name, property);
                }
                if let Some(Value::Object(known)) = self.card.get_mut("name") {
                    known.extend(name);
                }
            }
        }
        if !self.has_name && self.card.get("name").is_some_and(|name| name.as_object().is_some_and(Map::is_empty)) {
            self.card.shift_remove("name");
        }
    }

    pub(super) fn add_address(&mut self, mut property: Property) {
        drop_default_value_type(&mut property, ValueKind::Text);
        let mut address = Map::new();
        let says_nothing = property.value.chars().all(|c| matches!(c, ';' | ',') || c.is_whitespace());
        if !says_nothing && components::read(&components::ADDRESS, &property.value, None).is_none()
            || says_nothing && property.params.single("LABEL").is_none()
        {
            return self.keep(property);
        }
        put_components(&mut address, &mut property, &components::ADDRESS);
        for (param, member) in [("CC", "countryCode"), ("GEO", "coordinates"), ("TZ", "timeZone"), ("LABEL", "full")] {
            let is_filled = property.params.single(param).is_some_and(|text| !text.trim().is_empty());
            if is_filled && let Some(text) = property.params.take_single(param) {
                // RFC 6350 itself prints LABEL="...\n...".
                let text = if param == "LABEL" { unescape(&text).into_owned() } else { text };
                address.insert(member.to_owned(), text.into());
            }
        }
        self.insert("addresses", property, address, &ADDRESS);
    }

    pub(super) fn add_organization(&mut self, mut property: Property) {
        drop_default_value_type(&mut property, ValueKind::Text);
        let mut parts: Vec<String> = split(&property.value, ';').map(|part| unescape(part).into_owned()).collect();
        while parts.last().is_some_and(|part| part.trim().is_empty()) {
            parts.pop();
        }
        let Some((name, units)) = parts.split_first().filter(|(name, _)| name.is_empty() || !name.trim().is_empty())
        else {
            return self.keep(property);
        };
        let mut organization = Map::new();
        if !name.is_empty() {
            organization.insert("name".to_owned(), name.as_str().into());
        }
        if !units.is_empty() {
            organization.insert("units".to_owned(), units.iter().map(|unit| json!({ "name": unit })).collect());
        }
        if property.params.single("SORT-AS").is_some_and(|text| !text.contains(',') && !text.trim().is_empty())
            && let Some(sort_as) = property.params.take_single("SORT-AS")
        {
            organization.insert("sortAs".to_owned(), sort_as.into());
        }
        self.insert("organizations", property, organization, &CONTEXTS_ONLY);
    }

    /// A title belongs to the organisation of its group (RFC 9555 section 2.8.5).
    pub(super) fn finish_organization_ids(&mut self) {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for grouped in self.groups().values() {
            let mut organizations = grouped.iter().filter(|entry| entry.member == "organizations");
            if let (Some(organization), None) = (organizations.next(), organizations.next()) {
                let titles = grouped.iter().filter(|entry| entry.member == "titles");
                pairs.extend(titles.map(|title| (title.id.clone(), organization.id.clone())));
            }
        }
        for (title, organization) in pairs {
            if let Some(Value::Object(title)) = self.entries("titles").get_mut(&title) {
                title.insert("organizationId".to_owned(), organization.into());
            }
        }
    }
}

fn is_only_derived(property: &Property) -> bool {
    property.group.is_none()
        && property.params.iter().count() == 1
        && property.params.single("DERIVED").is_some_and(|derived| derived.eq_ignore_ascii_case("TRUE"))
}

fn put_components(object: &mut Map<String, Value>, property: &mut Property, layout: &components::Layout) {
    let order = property.params.take_single("JSCOMPS");
    let ordered = order.as_deref().and_then(|order| components::read(layout, &property.value, Some(order)));
    if let (None, Some(order)) = (&ordered, order) {
        property.params.add("JSCOMPS", order);
    }
    let Some(read) = ordered.or_else(|| components::read(layout, &property.value, None)) else { return };
    object.insert("components".to_owned(), Value::Array(read.components));
    if read.is_ordered {
        object.insert("isOrdered".to_owned(), true.into());
    }
    if let Some(separator) = read.default_separator {
        object.insert("defaultSeparator".to_owned(), separator.into());
    }
}

fn put_params(object: &mut Map<String, Value>, property: Property) {
    let params = params_object(property.params, property.group);
    if !params.is_empty() {
        object.insert("vCardParams".to_owned(), Value::Object(params));
    }
}

/// `SORT-AS` of a name: the surname, and perhaps the given name.
fn sort_as_object(text: &str) -> Option<Value> {
    let mut parts = text.split(',');
    let (surname, given) = (parts.next()?, parts.next());
    if surname.is_empty() && given.is_none_or(str::is_empty) || given == Some("") || parts.next().is_some() {
        return None;
    }
    let mut object = Map::new();
    if !surname.is_empty() {
        object.insert("surname".to_owned(), surname.into());
    }
    object.extend(given.map(|given| ("given".to_owned(), given.into())));
    Some(Value::Object(object))
}
