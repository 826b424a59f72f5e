//! Members in components: `name`, addresses, organisations; and dates with their places.

use serde_json::{Map, Value};

use super::entry::{Entry, take_text};
use super::params::put_params;
use super::{Sheet, derived_full_name};
use crate::formats::vcard::components;
use crate::formats::vcard::dates::vcard_from_date;
use crate::formats::vcard::property::Property;
use crate::formats::vcard::table::{ADDRESS, BARE, CONTEXTS_ONLY};
use crate::formats::vcard::text::{escape, escape_uri, unescape};
use crate::formats::vcard::version::Version;

impl Sheet {
    /// Every vCard has an `FN`: one that the card does not have is derived, and says so.
    /// One that was kept as it was comes before the others that were: the first is the name.
    pub(super) fn write_full_name(&mut self, card: &Map<String, Value>, kept: &mut [Property]) {
        let name = card.get("name").and_then(Value::as_object);
        let full = name.and_then(|name| name.get("full")?.as_str()).filter(|full| !full.trim().is_empty());
        let is_full_name = |property: &Property| property.name == "FN";
        let first = kept.iter().position(is_full_name);
        // Beside components, of which the parameters are, the text was said twice: once without them.
        let same = |full: &str| {
            kept.iter().position(|one| is_full_name(one) && one.is_qualified() && unescape(&one.value) == full)
        };
        match full {
            Some(full)
                if name.is_some_and(has_components)
                    && let (Some(first), Some(same)) = (first, same(full)) =>
            {
                kept.get_mut(first..=same).into_iter().for_each(|names| names.rotate_right(1));
            }
            Some(full) => {
                let mut property = Property::new("FN", escape(full));
                if let Some(name) = name.filter(|name| !has_components(name)) {
                    put_params(&mut name.clone(), &mut property);
                }
                self.properties.push(property);
            }
            None if first.is_some() => {}
            None => {
                let mut property = Property::new("FN", escape(&derived_full_name(card)));
                property.params.add("DERIVED", "TRUE");
                self.properties.push(property);
            }
        }
    }

    pub(super) fn write_name(&mut self, value: &Value) {
        let Value::Object(name) = value else { return self.patch("name", value.clone()) };
        if name.keys().all(|name| name == "@type") {
            return self.patch("name", value.clone());
        }
        let mut fields = name.clone();
        if fields.get("@type").is_some_and(|name| name == "Name") {
            fields.shift_remove("@type");
        }
        let full = take_text(&mut fields, "full");
        if let Some(mut property) = self.components(&components::NAME, "N", &mut fields, "name") {
            if let Some(sort_as) = fields.get("sortAs").and_then(sort_as_text) {
                fields.shift_remove("sortAs");
                property.params.add("SORT-AS", sort_as);
            }
            put_params(&mut fields, &mut property);
            self.properties.push(property);
        } else if let Some(full) = full {
            // `FN` has said them.
            put_params(&mut fields, &mut Property::new("FN", escape(&full)));
        }
        self.patch_rest("name", fields);
    }

    /// The property with the components; what it cannot hold of them is said apart.
    fn components(
        &mut self,
        layout: &components::Layout,
        name: &str,
        fields: &mut Map<String, Value>,
        pointer: &str,
    ) -> Option<Property> {
        let whole = fields.get("components").cloned();
        let mut rest = fields.clone();
        let written = components::write(layout, &mut rest).filter(|written| !is_blank(&written.value))?;
        *fields = rest;
        let mut property = Property::new(name, written.value);
        if let Some(order) = written.order {
            property.params.add("JSCOMPS", order);
        }
        if let Some(whole) = whole.filter(|_| !written.is_exact) {
            self.patch(&format!("{pointer}/components"), whole);
        }
        Some(property)
    }

    pub(super) fn write_address(&mut self, mut entry: Entry<'_>) -> bool {
        let pointer = entry.pointer.clone();
        let fields = &mut entry.fields;
        let written = self.components(&components::ADDRESS, "ADR", fields, &pointer);
        let says_full = fields.get("full").and_then(Value::as_str).is_some_and(is_label);
        if written.is_none() && !says_full {
            return false;
        }
        let mut property = written.unwrap_or_else(|| Property::new("ADR", ";;;;;;"));
        for (param, member) in [("CC", "countryCode"), ("GEO", "coordinates"), ("TZ", "timeZone"), ("LABEL", "full")] {
            if fields.get(member).and_then(Value::as_str).is_some_and(|text| member != "full" || is_label(text))
                && let Some(text) = take_text(fields, member)
            {
                property.params.add(param, text);
            }
        }
        self.finish_entry(entry, property, "Address", &ADDRESS);
        true
    }

    pub(super) fn write_organization(&mut self, mut entry: Entry<'_>) -> bool {
        let fields = &mut entry.fields;
        let name = match fields.get("name") {
            None => String::new(),
            Some(Value::String(name)) if !name.trim().is_empty() => name.clone(),
            Some(_) => return false,
        };
        let units: Option<Vec<String>> = match fields.get("units") {
            None => Some(Vec::new()),
            Some(Value::Array(units)) if !units.is_empty() => units.iter().map(unit_name).collect(),
            Some(_) => None,
        };
        let mut value = escape(&name).into_owned();
        match units {
            Some(units) if units.last().is_none_or(|last| !last.trim().is_empty()) => {
                fields.shift_remove("units");
                for unit in units {
                    value.push(';');
                    value.push_str(&escape(&unit));
                }
            }
            _ => {}
        }
        if value.is_empty() {
            return false;
        }
        fields.shift_remove("name");
        let mut property = Property::new("ORG", value);
        if fields.get("sortAs").and_then(Value::as_str).is_some_and(|text| !text.contains(','))
            && let Some(sort_as) = take_text(fields, "sortAs")
        {
            property.params.add("SORT-AS", sort_as);
        }
        self.finish_entry(entry, property, "Organization", &CONTEXTS_ONLY);
        true
    }

    pub(super) fn write_anniversary(&mut self, mut entry: Entry<'_>) -> bool {
        let fields = &mut entry.fields;
        let (name, place_name) = match fields.get("kind").and_then(Value::as_str) {
            Some("birth") => ("BDAY", Some("BIRTHPLACE")),
            Some("death") => ("DEATHDATE", Some("DEATHPLACE")),
            Some("wedding") => ("ANNIVERSARY", None),
            _ => return false,
        };
        let Some(Value::Object(date)) = fields.get_mut("date") else { return false };
        let Some(value) = vcard_from_date(date) else { return false };
        if date.is_empty() {
            fields.shift_remove("date");
        }
        fields.shift_remove("kind");
        let place = place_name.and_then(|name| take_place(fields, name));
        let rest = match fields.shift_remove("date") {
            Some(Value::Object(date)) => date,
            _ => Map::new(),
        };
        let (pointer, id) = (entry.pointer.clone(), entry.id.to_owned());
        // Without an identifier, a place is one of the first date of its kind.
        let has_id = self.version == Version::V4 || !entry.has_usual_id || self.has(name);
        self.finish_entry(entry, Property::new(name, value), "Anniversary", &BARE);
        self.patch_rest(&format!("{pointer}/date"), rest);
        if let Some(mut place) = place {
            if has_id {
                place.params.add("PROP-ID", id);
            }
            self.properties.push(place);
        }
        true
    }
}

/// Whether a text can be a `LABEL`, in which readers differ on what a backslash is.
fn is_label(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains('\\')
}

fn is_blank(value: &str) -> bool {
    value.chars().all(|c| matches!(c, ';' | ',') || c.is_whitespace())
}

fn has_components(object: &Map<String, Value>) -> bool {
    object.get("components").and_then(Value::as_array).is_some_and(|components| !components.is_empty())
}

fn unit_name(unit: &Value) -> Option<String> {
    let fields = unit.as_object()?;
    let only_name = fields.iter().all(|(name, value)| name == "name" || name == "@type" && value == "OrgUnit");
    fields.get("name").and_then(Value::as_str).filter(|_| only_name).map(str::to_owned)
}

fn sort_as_text(value: &Value) -> Option<String> {
    let fields = value.as_object()?;
    let known = fields.keys().all(|name| matches!(name.as_str(), "surname" | "given"));
    let text = |name: &str| match fields.get(name) {
        None => Some(""),
        Some(value) => value.as_str().filter(|text| !text.is_empty() && !text.contains(',')),
    };
    let (surname, given) = (text("surname")?, text("given")?);
    match (known, surname, given) {
        (true, "", "") | (false, _, _) => None,
        (true, surname, "") => Some(surname.to_owned()),
        (true, surname, given) => Some(format!("{surname},{given}")),
    }
}

/// The property of a place that is one text or one position.
fn take_place(fields: &mut Map<String, Value>, name: &str) -> Option<Property> {
    let place = fields.get("place")?.as_object()?;
    let mut entries = place.iter().filter(|(name, value)| *name != "@type" || *value != "Address");
    let property = match (entries.next(), entries.next()) {
        (Some((member, Value::String(text))), None) => match member.as_str() {
            "full" if !text.starts_with("geo:") && !text.trim().is_empty() => Some(Property::new(name, escape(text))),
            "coordinates" if text.starts_with("geo:") => {
                let mut property = Property::new(name, escape_uri(text));
                property.params.add("VALUE", "uri");
                Some(property)
            }
            _ => None,
        },
        _ => None,
    };
    if property.is_some() {
        fields.shift_remove("place");
    }
    property
}
