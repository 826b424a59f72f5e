//! Attributes of a person to properties of vCard 4.0, through which they become a card.
//!
//! What the table does not know, and what it knows but cannot read, stays in the card as `X-LDIF` with the attribute's
//! description in `X-ATTRIBUTE`, so that it is written into every vCard of the card, too. Empty values say nothing and
//! are left out, and so are `top` and the classes of people, which every person has.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::attributes::{Attribute, AttributeValue};
use super::table::{Place, Target, is_other_class, is_person_class, target};
use super::values::{is_language, is_uuid, postal_lines, stamp};
use crate::formats::RejectReason;
use crate::formats::vcard::{Property, escape, escape_uri};

/// What is known of a person before it is put together.
#[derive(Default)]
struct Draft {
    properties: Vec<Property>,
    kept: Vec<Property>,
    full_name: Option<(u8, Attribute, String)>,
    name: [Vec<String>; 7],
    organizations: Vec<String>,
    units: Vec<String>,
    work: Postal,
    home: Postal,
    birth: [Option<(Attribute, String)>; 3],
}

/// An address in the making.
#[derive(Default)]
struct Postal {
    slots: [Vec<String>; 7],
    country_code: Option<String>,
    lines: Option<String>,
}

/// Whether the record is about a person: it says so, or it says nothing else and can be written to or called.
pub(super) fn is_person(attributes: &[Attribute]) -> bool {
    let classes = || {
        let classes = attributes.iter().filter(|attribute| attribute.name() == "objectclass");
        classes.filter_map(|attribute| text(attribute).map(str::to_ascii_lowercase))
    };
    let reachable =
        |attribute: &Attribute| matches!(target(&attribute.name()), Some(Target::Property("EMAIL" | "TEL", _)));
    classes().any(|class| is_person_class(&class))
        || !classes().any(|class| is_other_class(&class)) && attributes.iter().any(reachable)
}

/// Whether the attribute is a secret, which no card holds.
pub(super) fn is_credential(attribute: &Attribute) -> bool {
    target(&attribute.name()) == Some(Target::Credential)
}

/// The properties that the attributes make, those that are kept as they are behind the others.
///
/// # Errors
/// The line, counted in the record from 0, and what is wrong with it.
pub(super) fn properties(attributes: Vec<Attribute>) -> Result<Vec<Property>, (usize, RejectReason)> {
    let mut draft = Draft::default();
    for attribute in attributes {
        let line = attribute.line;
        draft.add(attribute).map_err(|reason| (line, reason))?;
    }
    Ok(draft.finish())
}

impl Draft {
    fn add(&mut self, attribute: Attribute) -> Result<(), RejectReason> {
        let has_options = attribute.options().any(|option| !option.eq_ignore_ascii_case("binary"));
        let target = target(&attribute.name()).filter(|target| !has_options || *target == Target::Credential);
        match target {
            None => self.keep(&attribute),
            Some(Target::Credential) => {}
            Some(Target::Binary(property, media_type)) => self.add_binary(&attribute, property, media_type),
            Some(target) => {
                // A name or an address in a character set that nobody names would be guessed.
                let value = text(&attribute).ok_or(RejectReason::NotUtf8)?.trim().to_owned();
                if !value.is_empty() {
                    self.add_text(attribute, target, value);
                }
            }
        }
        Ok(())
    }

    fn add_text(&mut self, attribute: Attribute, target: Target, value: String) {
        match target {
            Target::Property(name, types) => self.push(name, escape(&value).into_owned(), types),
            Target::Link(types) => self.push("URL", escape_uri(&value).into_owned(), types),
            Target::LabelledLink => self.add_labelled_link(&value),
            Target::FullName(rank) => self.add_full_name(rank, attribute, value),
            Target::Name(slot) => self.name.get_mut(slot).into_iter().for_each(|slot| slot.push(value.clone())),
            Target::Organization => self.organizations.push(value),
            Target::Unit => self.units.push(value),
            Target::Address(place, slot) => {
                self.postal(place).slots.get_mut(slot).into_iter().for_each(|slot| slot.push(value.clone()));
            }
            Target::Country(place) => self.add_country(&attribute, place, value),
            Target::Lines(place) => match &mut self.postal(place).lines {
                Some(_) => self.keep(&attribute),
                lines => *lines = Some(postal_lines(&value)),
            },
            Target::Birth(part) => match self.birth.get_mut(part) {
                Some(empty @ None) => *empty = Some((attribute, value)),
                _ => self.keep(&attribute),
            },
            Target::Stamp(name) => match stamp(&value) {
                Some(stamp) if !self.has(name) => self.push(name, stamp, &[]),
                // Thunderbird's word for "never".
                None if matches!(value.as_str(), "0" | "0Z") => {}
                Some(_) | None => self.keep(&attribute),
            },
            Target::Uuid if is_uuid(&value) && !self.has("UID") => {
                self.push("UID", format!("urn:uuid:{}", value.to_ascii_lowercase()), &[])
            }
            Target::Language if is_language(&value) => self.push("LANG", value, &[]),
            Target::Class => {
                let class = value.to_ascii_lowercase();
                if class != "top" && !is_person_class(&class) {
                    self.keep(&attribute);
                }
            }
            Target::Uuid | Target::Language | Target::Binary(..) | Target::Credential => self.keep(&attribute),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.properties.iter().any(|property| property.name == name)
    }

    fn push(&mut self, name: &str, value: String, types: &[&str]) {
        let mut property = Property::new(name, value);
        types.iter().for_each(|word| property.params.add("TYPE", *word));
        self.properties.push(property);
    }

    fn postal(&mut self, place: Place) -> &mut Postal {
        match place {
            Place::Work => &mut self.work,
            Place::Home => &mut self.home,
        }
    }

    /// One attribute is the name in one line; another that says something else is kept.
    fn add_full_name(&mut self, rank: u8, attribute: Attribute, value: String) {
        match self.full_name.take() {
            Some(known) if known.0 <= rank => {
                if known.2 != value {
                    self.keep(&attribute);
                }
                self.full_name = Some(known);
            }
            known => {
                if let Some((_, known, _)) = known.filter(|(_, _, known)| *known != value) {
                    self.keep(&known);
                }
                self.full_name = Some((rank, attribute, value));
            }
        }
    }

    /// `c` holds a code of ISO 3166-1 (RFC 4519 section 2.2), and in address books the name.
    fn add_country(&mut self, attribute: &Attribute, place: Place, value: String) {
        let is_code = value.len() == 2 && value.bytes().all(|byte| byte.is_ascii_alphabetic());
        let postal = self.postal(place);
        match (is_code, &postal.country_code, postal.slots.last_mut()) {
            (true, None, _) => postal.country_code = Some(value.to_ascii_uppercase()),
            (false, _, Some(names)) if names.is_empty() => names.push(value),
            _ => self.keep(attribute),
        }
    }

    /// A URI, and perhaps a label behind a space (RFC 2079).
    fn add_labelled_link(&mut self, value: &str) {
        let (uri, label) = value.split_once(char::is_whitespace).unwrap_or((value, ""));
        let mut link = Property::new("URL", escape_uri(uri));
        let label = label.trim();
        if label.is_empty() {
            return self.properties.push(link);
        }
        let group = format!("url{}", self.properties.len() + 1);
        let mut labelling = Property::new("X-ABLABEL", escape(label));
        link.group = Some(group.clone());
        labelling.group = Some(group);
        self.properties.extend([link, labelling]);
    }

    fn add_binary(&mut self, attribute: &Attribute, property: &str, media_type: &str) {
        let bytes = match &attribute.value {
            AttributeValue::Text(text) => text.as_bytes(),
            AttributeValue::Bytes(bytes) => bytes,
        };
        // Active Directory allows any picture; what is no JPEG is not called one.
        let is_what_it_should_be = match media_type {
            "image/jpeg" => bytes.starts_with(b"\xff\xd8\xff"),
            _ => bytes.starts_with(b"\x30"),
        };
        if is_what_it_should_be {
            let data = STANDARD.encode(bytes);
            self.properties.push(Property::new(property, format!("data:{media_type};base64,{data}")));
        } else {
            self.keep(attribute);
        }
    }

    /// Keeps an attribute as it is.
    fn keep(&mut self, attribute: &Attribute) {
        let mut property = match &attribute.value {
            AttributeValue::Text(text) if text.is_empty() => return,
            AttributeValue::Text(text) => {
                let mut property = Property::new("X-LDIF", escape(text));
                property.params.add("VALUE", "text");
                property
            }
            AttributeValue::Bytes(bytes) => {
                let mut property = Property::new("X-LDIF", STANDARD.encode(bytes));
                property.params.add("ENCODING", "b");
                property
            }
        };
        property.params.add("X-ATTRIBUTE", attribute.description.clone());
        self.kept.push(property);
    }

    fn finish(mut self) -> Vec<Property> {
        let mut all = Vec::new();
        if let Some((_, _, full_name)) = &self.full_name {
            all.push(Property::new("FN", escape(full_name)));
        }
        if self.name.iter().any(|slot| !slot.is_empty()) {
            all.push(Property::new("N", components(&self.name)));
        }
        all.extend(self.organization());
        for (place, word) in [(Place::Work, "work"), (Place::Home, "home")] {
            all.extend(std::mem::take(self.postal(place)).into_property(word));
        }
        all.extend(self.birth());
        all.append(&mut self.properties);
        all.append(&mut self.kept);
        all
    }

    /// The first organisation has the units; a person who is in several has them one by one.
    fn organization(&mut self) -> Vec<Property> {
        let mut names = std::mem::take(&mut self.organizations).into_iter();
        let first = names.next().unwrap_or_default();
        let mut value = escape(&first).into_owned();
        for unit in &self.units {
            value.push(';');
            value.push_str(&escape(unit));
        }
        let first = (!value.is_empty()).then(|| Property::new("ORG", value));
        first.into_iter().chain(names.map(|name| Property::new("ORG", escape(&name)))).collect()
    }

    /// The date of birth; parts that make no date are kept.
    fn birth(&mut self) -> Option<Property> {
        let parts = std::mem::take(&mut self.birth);
        let number = |part: usize, bound: u16| {
            let (_, value) = parts.get(part)?.as_ref()?;
            value.parse::<u16>().ok().filter(|number| (1..=bound).contains(number))
        };
        let all_sound = parts.iter().flatten().count()
            == [number(0, 9999), number(1, 12), number(2, 31)].into_iter().flatten().count();
        let date = match (number(0, 9999), number(1, 12), number(2, 31)) {
            _ if !all_sound => None,
            (Some(year), Some(month), Some(day)) => Some(format!("{year:04}{month:02}{day:02}")),
            (Some(year), Some(month), None) => Some(format!("{year:04}-{month:02}")),
            (Some(year), None, None) => Some(format!("{year:04}")),
            (None, Some(month), Some(day)) => Some(format!("--{month:02}{day:02}")),
            _ => None,
        };
        if date.is_none() {
            parts.iter().flatten().for_each(|(attribute, _)| self.keep(attribute));
        }
        date.map(|date| Property::new("BDAY", date))
    }
}

impl Postal {
    fn into_property(self, word: &str) -> Option<Property> {
        if self.slots.iter().all(Vec::is_empty) && self.country_code.is_none() && self.lines.is_none() {
            return None;
        }
        let mut property = Property::new("ADR", components(&self.slots));
        property.params.add("TYPE", word);
        self.country_code.into_iter().for_each(|code| property.params.add("CC", code));
        self.lines.into_iter().for_each(|lines| property.params.add("LABEL", lines));
        Some(property)
    }
}

fn text(attribute: &Attribute) -> Option<&str> {
    match &attribute.value {
        AttributeValue::Text(text) => Some(text),
        AttributeValue::Bytes(_) => None,
    }
}

fn components(slots: &[Vec<String>]) -> String {
    let slots = slots.iter().map(|slot| slot.iter().map(|value| escape(value)).collect::<Vec<_>>().join(","));
    slots.collect::<Vec<_>>().join(";")
}
