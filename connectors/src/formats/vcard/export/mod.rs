//! A JSContact Card to properties of vCard 4.0 (RFC 9555 section 2).
//!
//! What no property says is written as `JSPROP` (section 3.2.1): the value as JSON, with a pointer to its place. So a card
//! that is read back has everything, and other programs see what they know.

mod entry;
mod kept;
mod params;
mod single;
mod structured;

use std::collections::BTreeMap;

use carnet_core::model::assembled_name;
use serde_json::{Map, Value};

use super::property::Property;
use super::text::escape;
use super::version::Version;

/// The properties that say what the card says, `VERSION` aside.
pub(super) fn properties(card: &Map<String, Value>, version: Version) -> Vec<Property> {
    let mut sheet = Sheet::new(version);
    let mut kept = kept::read(card.get("vCardProps"));
    sheet.write_full_name(card, &mut kept.properties);
    for (member, value) in card {
        sheet.write_member(member, value, &kept.properties);
    }
    sheet.count_groups(&kept.properties);
    sheet.finish_organization_ids();
    sheet.finish_labels();
    if version != Version::V4 && !sheet.has("N") && !kept.properties.iter().any(|property| property.name == "N") {
        sheet.properties.push(Property::new("N", ";;;;"));
    }
    sheet.properties.extend(kept.properties);
    if let Some(others) = kept.others {
        sheet.patch("vCardProps", others);
    }
    sheet.properties.append(&mut sheet.patches);
    sheet.properties
}

/// What can stand for the name in one line of a card that has none: its components, an organisation, an address.
fn full_name_candidates(card: &Map<String, Value>) -> impl Iterator<Item = String> {
    let texts = |member: &str, field: &'static str| {
        let entries = card.get(member).and_then(Value::as_object).into_iter().flat_map(Map::values);
        entries.filter_map(move |entry| Some(entry.get(field)?.as_str()?.to_owned()))
    };
    let name = card.get("name").and_then(assembled_name).into_iter();
    name.chain(texts("organizations", "name")).chain(texts("emails", "address")).filter(|text| !text.trim().is_empty())
}

/// The name in one line of a card that has none.
fn derived_full_name(card: &Map<String, Value>) -> String {
    full_name_candidates(card).next().unwrap_or_default()
}

/// Whether a name in one line says nothing that the card does not say.
pub(super) fn is_derivable(card: &Map<String, Value>, full_name: &str) -> bool {
    full_name_candidates(card).any(|candidate| candidate == full_name)
}

/// Properties in the making.
struct Sheet {
    version: Version,
    properties: Vec<Property>,
    /// What no property says.
    patches: Vec<Property>,
    /// Labels: which property, its place in the card, the text.
    labels: Vec<(usize, String, Value)>,
    /// Titles that belong to an organisation: which property, the place in the card, the organisation's identifier.
    titles: Vec<(usize, String, Value)>,
    /// Organisations: the identifier, which property.
    organizations: Vec<(String, usize)>,
    /// Which properties are entries of the card.
    entries: Vec<usize>,
    /// How many entries each group has; of a group that only other properties have, none.
    groups: BTreeMap<String, usize>,
    /// The number of the group that was made last.
    last_group: usize,
}

impl Sheet {
    fn new(version: Version) -> Self {
        Self {
            version,
            properties: Vec::new(),
            patches: Vec::new(),
            labels: Vec::new(),
            titles: Vec::new(),
            organizations: Vec::new(),
            entries: Vec::new(),
            groups: BTreeMap::new(),
            last_group: 0,
        }
    }

    fn has(&self, name: &str) -> bool {
        self.properties.iter().any(|property| property.name == name)
    }

    fn write_member(&mut self, member: &str, value: &Value, kept: &[Property]) {
        match member {
            "vCardProps" => {}
            "@type" if value == "Card" => {}
            "version" if value == "1.0" => {}
            "uid" | "kind" | "prodId" | "language" | "created" | "updated" => self.write_single(member, value, kept),
            "name" => self.write_name(value),
            "members" => self.write_group_members(value),
            "keywords" => self.write_keywords(value),
            "relatedTo" => self.write_relations(value),
            "speakToAs" => self.write_speak_to_as(value),
            "addresses" | "organizations" | "anniversaries" => self.write_entries(member, value),
            _ if entry::is_member(member) => self.write_entries(member, value),
            _ => self.patch(&escape_pointer(member), value.clone()),
        }
    }

    /// Says by `JSPROP` what nothing else says.
    fn patch(&mut self, pointer: &str, value: Value) {
        let mut property = Property::new("JSPROP", escape(&value.to_string()));
        property.params.add("JSPTR", pointer);
        self.patches.push(property);
    }

    /// The same for every field that was not taken out of an object.
    fn patch_rest(&mut self, pointer: &str, fields: Map<String, Value>) {
        for (name, value) in fields {
            self.patch(&format!("{pointer}/{}", escape_pointer(&name)), value);
        }
    }

    fn count_groups(&mut self, kept: &[Property]) {
        let all = self.properties.iter().chain(kept).filter_map(|property| property.group.as_ref());
        self.groups = all.map(|group| (group.clone(), 0)).collect();
        for group in self.entries.iter().filter_map(|index| self.properties.get(*index)?.group.as_ref()) {
            self.groups.entry(group.clone()).and_modify(|count| *count += 1);
        }
    }

    /// A group that no property has.
    fn fresh_group(&mut self) -> String {
        loop {
            self.last_group += 1;
            let group = format!("group{}", self.last_group);
            if !self.groups.contains_key(&group) {
                return group;
            }
        }
    }

    fn group_of(&self, index: usize) -> Option<String> {
        self.properties.get(index)?.group.clone()
    }

    /// Puts an entry in a group.
    fn set_group(&mut self, index: usize, group: &str) {
        let Some(property) = self.properties.get_mut(index) else { return };
        if property.group.as_deref() == Some(group) {
            return;
        }
        if let Some(count) = property.group.as_ref().and_then(|group| self.groups.get_mut(group)) {
            *count = count.saturating_sub(1);
        }
        property.group = Some(group.to_owned());
        *self.groups.entry(group.to_owned()).or_default() += 1;
    }

    /// A title and its organisation are in one group (RFC 9555 section 2.8.5).
    fn finish_organization_ids(&mut self) {
        let organizations = std::mem::take(&mut self.organizations);
        let by_id: BTreeMap<&str, usize> = organizations.iter().map(|(id, index)| (id.as_str(), *index)).collect();
        let mut in_group: BTreeMap<String, usize> = BTreeMap::new();
        for group in organizations.iter().filter_map(|(_, index)| self.group_of(*index)) {
            *in_group.entry(group).or_default() += 1;
        }
        for (title, pointer, id) in std::mem::take(&mut self.titles) {
            let Some(organization) = id.as_str().and_then(|id| by_id.get(id)).copied() else {
                self.patch(&pointer, id);
                continue;
            };
            let group = match (self.group_of(title), self.group_of(organization)) {
                (None, Some(group)) => {
                    self.set_group(title, &group);
                    group
                }
                (None, None) => {
                    let group = self.fresh_group();
                    self.set_group(organization, &group);
                    self.set_group(title, &group);
                    in_group.insert(group.clone(), 1);
                    group
                }
                (Some(group), organization) if organization.as_ref() == Some(&group) => group,
                _ => {
                    self.patch(&pointer, id);
                    continue;
                }
            };
            // A reader could not tell which of several is meant.
            if in_group.get(&group) != Some(&1) {
                self.patch(&pointer, id);
            }
        }
    }

    /// A label is an `X-ABLabel` in the group of what it names.
    fn finish_labels(&mut self) {
        for (index, pointer, label) in std::mem::take(&mut self.labels) {
            let text = label.as_str().filter(|text| !text.trim().is_empty() && !text.starts_with("_$!<"));
            let known = self.group_of(index);
            let alone = known.as_ref().is_none_or(|group| self.groups.get(group) == Some(&1));
            let group = known.unwrap_or_else(|| self.fresh_group());
            match text {
                Some(text) if alone => {
                    let mut property = Property::new("X-ABLABEL", escape(text));
                    property.group = Some(group.clone());
                    self.set_group(index, &group);
                    self.properties.push(property);
                }
                _ => self.patch(&pointer, label),
            }
        }
    }
}

/// RFC 6901 section 3.
fn escape_pointer(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
