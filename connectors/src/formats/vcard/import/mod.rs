//! Properties of vCard 4.0 to a JSContact Card (RFC 9555 section 2).
//!
//! Whatever the Card has no member for stays in `vCardProps` (section 2.15.1) as it was, parameters that an entry has no
//! member for in its `vCardParams` (section 2.15.2). Nothing is left out except what is said twice: `VERSION`, values'
//! default types, an `FN` that says of itself that it is derived, an `N` with nothing in it.

pub(super) mod entry;
mod places;
pub(super) mod single;
mod structured;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::property::{Params, Property, is_token};
use super::table;
use super::text::{escape, unescape};

/// The one member that is inside another.
const PRONOUNS: &str = "speakToAs/pronouns";

/// The card that the properties make.
pub(super) fn card(properties: Vec<Property>) -> Value {
    let mut draft = Draft::new();
    let ids = properties.iter().filter_map(|property| {
        let id = property.params.single("PROP-ID")?;
        Some((table::member_of(&property.name)?, id.to_owned()))
    });
    draft.reserved.extend(ids);
    for property in properties {
        draft.add(property);
    }
    draft.finish()
}

/// A card in the making.
struct Draft {
    card: Map<String, Value>,
    /// The entries of each member, and the members in the order in which they came.
    members: BTreeMap<&'static str, Map<String, Value>>,
    order: Vec<&'static str>,
    /// Properties that stay as they are.
    kept: Vec<Value>,
    /// Entries that have a group.
    grouped: Vec<Grouped>,
    /// Identifiers that properties ask for, each in its member.
    reserved: BTreeSet<(&'static str, String)>,
    full_name: Option<Property>,
    name: Option<Property>,
    /// Whether the card's `name` was said, and is not only the place that it will have.
    has_name: bool,
    labels: Vec<Property>,
    places: Vec<Property>,
    patches: Vec<Property>,
}

/// An entry and its group.
struct Grouped {
    group: String,
    member: &'static str,
    id: String,
    can_have_label: bool,
}

impl Draft {
    fn new() -> Self {
        let mut card = Map::new();
        card.insert("@type".to_owned(), "Card".into());
        card.insert("version".to_owned(), "1.0".into());
        Self {
            card,
            members: BTreeMap::new(),
            order: Vec::new(),
            kept: Vec::new(),
            grouped: Vec::new(),
            reserved: BTreeSet::new(),
            full_name: None,
            name: None,
            has_name: false,
            labels: Vec::new(),
            places: Vec::new(),
            patches: Vec::new(),
        }
    }

    fn add(&mut self, property: Property) {
        match property.name.as_str() {
            "VERSION" | "BEGIN" | "END" => {}
            "FN" => self.add_full_name(property),
            "N" => self.add_name(property),
            _ if property.value.trim().is_empty() => self.keep(property),
            "ADR" => self.add_address(property),
            "ORG" => self.add_organization(property),
            "UID" | "KIND" | "PRODID" | "REV" | "CREATED" | "LANGUAGE" => self.add_single(property),
            "CATEGORIES" => self.add_keywords(property),
            "MEMBER" => self.add_group_member(property),
            "RELATED" => self.add_relation(property),
            "GRAMGENDER" => self.add_grammatical_gender(property),
            "BDAY" => self.add_anniversary(property, "birth"),
            "DEATHDATE" => self.add_anniversary(property, "death"),
            "ANNIVERSARY" => self.add_anniversary(property, "wedding"),
            "BIRTHPLACE" | "DEATHPLACE" => self.places.push(property),
            "X-ABLABEL" => self.labels.push(property),
            "JSPROP" => self.patches.push(property),
            name => match table::by_property(name) {
                Some(spec) => self.add_entry(property, spec),
                None => self.keep(property),
            },
        }
    }

    /// Keeps a property as it is (RFC 9555 section 2.15.1, in the manner of RFC 7095 section 3.3).
    fn keep(&mut self, mut property: Property) {
        let value_type = property.params.single("VALUE").map(str::to_ascii_lowercase).filter(|value_type| {
            let is_text_again = || escape(&unescape(&property.value)) == property.value;
            is_token(value_type) && value_type != "unknown" && (value_type != "text" || is_text_again())
        });
        let value = match value_type.as_deref() {
            Some("text") => unescape(&property.value).into_owned(),
            _ => property.value,
        };
        if value_type.is_some() {
            property.params.take("VALUE");
        }
        let params = Value::Object(params_object(property.params, property.group));
        let value_type = value_type.unwrap_or_else(|| "unknown".to_owned());
        self.kept.push(json!([property.name.to_ascii_lowercase(), params, value_type, value]));
    }

    /// The entries of a member.
    fn entries(&mut self, member: &'static str) -> &mut Map<String, Value> {
        if !self.order.contains(&member) {
            self.order.push(member);
        }
        self.members.entry(member).or_default()
    }

    /// The entries of each group.
    fn groups(&self) -> BTreeMap<&str, Vec<&Grouped>> {
        let mut groups: BTreeMap<&str, Vec<&Grouped>> = BTreeMap::new();
        self.grouped.iter().for_each(|grouped| groups.entry(&grouped.group).or_default().push(grouped));
        groups
    }

    fn has_entry(&self, member: &str, id: &str) -> bool {
        self.members.get(member).is_some_and(|entries| entries.contains_key(id))
    }

    fn finish_members(&mut self) {
        if let Some(pronouns) = self.members.remove(PRONOUNS) {
            self.entries("speakToAs").insert("pronouns".to_owned(), Value::Object(pronouns));
        }
        for member in std::mem::take(&mut self.order) {
            if let Some(entries) = self.members.remove(member) {
                self.card.insert(member.to_owned(), Value::Object(entries));
            }
        }
    }

    fn finish(mut self) -> Value {
        self.finish_places();
        self.finish_labels();
        self.finish_organization_ids();
        self.finish_members();
        self.finish_name();
        self.finish_patches();
        self.finish_full_name();
        if !self.kept.is_empty() {
            match self.card.get_mut("vCardProps") {
                Some(Value::Array(kept)) => kept.append(&mut self.kept),
                _ => {
                    self.card.insert("vCardProps".to_owned(), Value::Array(self.kept));
                }
            }
        }
        Value::Object(self.card)
    }
}

/// Parameters as an object, names in lower case; the group is one of them.
fn params_object(params: Params, group: Option<String>) -> Map<String, Value> {
    let mut object = Map::new();
    if let Some(group) = group {
        object.insert("group".to_owned(), group.into());
    }
    for (name, mut values) in params.into_iter() {
        let value = match values.as_mut_slice() {
            [value] => Value::String(std::mem::take(value)),
            _ => Value::Array(values.into_iter().map(Value::String).collect()),
        };
        object.insert(name.to_ascii_lowercase(), value);
    }
    object
}
