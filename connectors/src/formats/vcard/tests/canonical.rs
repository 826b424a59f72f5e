//! Properties in one form, whichever way they were written: what must be the same behind a round trip.

use super::super::blocks::Blocks;
use super::super::dates::{date_from_vcard, utc_from_vcard};
use super::super::property::Property;
use super::super::text::{components, split, unescape};

/// All that the properties of a text say, sorted. Left out is what says nothing: versions, identifiers, an `FN` that is only
/// derived, an `N` with nothing in it.
pub(super) fn canonical(text: &str) -> Vec<String> {
    canonical_of(text.as_bytes())
}

/// The same of bytes in any character set.
pub(super) fn canonical_of(bytes: &[u8]) -> Vec<String> {
    let mut blocks = Blocks::new(bytes, 1 << 22);
    let block = blocks.next().unwrap().unwrap();
    let properties = super::super::properties(&block).unwrap_or_else(|(line, reason)| panic!("{line}: {reason}"));
    let mut all: Vec<String> = properties.into_iter().flat_map(forms).collect();
    all.sort_unstable();
    all.dedup_by(|one, other| one == other && one.starts_with("CATEGORIES"));
    all
}

fn forms(mut property: Property) -> Vec<String> {
    property.params.take("PROP-ID");
    let is_known = !property.name.starts_with("X-");
    if is_known {
        property.params.take("VALUE");
    }
    let name = property.name.clone();
    let plain = !property.is_qualified();
    let derived = property.params.single("DERIVED").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    match name.as_str() {
        "VERSION" | "BEGIN" | "END" => return Vec::new(),
        "FN" if derived && property.params.iter().count() == 1 => return Vec::new(),
        "FN" if plain && unescape(&property.value).trim().is_empty() => return Vec::new(),
        "N" if plain && property.value.chars().all(|c| c == ';' || c.is_whitespace()) => return Vec::new(),
        _ => {}
    }
    let head =
        format!("{}{name}{}", property.group.clone().map(|group| group + ".").unwrap_or_default(), params(&property));
    values(&name, &property.value).into_iter().map(|value| format!("{head}:{value}")).collect()
}

fn params(property: &Property) -> String {
    let mut params: Vec<String> = property
        .params
        .iter()
        .map(|(name, values)| {
            let mut values = values.to_vec();
            if name == "TYPE" {
                values.iter_mut().for_each(|value| value.make_ascii_lowercase());
                values.sort_unstable();
                values.dedup();
            }
            if name == "VALUE" {
                values.iter_mut().for_each(|value| value.make_ascii_lowercase());
            }
            if name == "SORT-AS" {
                values = vec![values.join(",")];
            }
            if name == "LABEL" {
                values.iter_mut().for_each(|value| *value = unescape(value).into_owned());
            }
            format!(";{name}={values:?}")
        })
        .collect();
    params.sort_unstable();
    params.concat()
}

fn values(name: &str, value: &str) -> Vec<String> {
    let text = unescape(value).into_owned();
    vec![match name {
        "CATEGORIES" if !value.chars().all(|c| c == ',' || c.is_whitespace()) => {
            let values = split(value, ',').map(|value| unescape(value).into_owned());
            return values.filter(|value| !value.trim().is_empty()).collect();
        }
        "NICKNAME" => return split(value, ',').map(|value| unescape(value).into_owned()).collect(),
        "N" | "ADR" => {
            let mut slots = components(value);
            while slots.last().is_some_and(Vec::is_empty) {
                slots.pop();
            }
            drop_copies(name, &mut slots);
            while slots.last().is_some_and(Vec::is_empty) {
                slots.pop();
            }
            format!("{slots:?}")
        }
        "ORG" => {
            let mut parts: Vec<_> = split(value, ';').map(unescape).collect();
            while parts.last().is_some_and(|part| part.trim().is_empty()) {
                parts.pop();
            }
            format!("{parts:?}")
        }
        "BDAY" | "DEATHDATE" | "ANNIVERSARY" => date_from_vcard(value.trim()).map_or(text, |date| date.to_string()),
        "REV" | "CREATED" => utc_from_vcard(value).unwrap_or(text),
        "KIND" | "GRAMGENDER" => text.to_lowercase(),
        "JSPROP" => serde_json::from_str::<serde_json::Value>(&text).map_or(text, |value| value.to_string()),
        _ => text,
    }]
}

/// Old components hold copies of new ones, or do not.
fn drop_copies(name: &str, slots: &mut [Vec<std::borrow::Cow<'_, str>>]) {
    if name == "N" {
        for (new, old) in [(5, 0), (6, 4)] {
            for value in slots.get(new).cloned().unwrap_or_default() {
                if let Some(index) = slots[old].iter().rposition(|copy| *copy == value) {
                    slots[old].remove(index);
                }
            }
        }
    } else if slots.len() > 7 {
        let words = |values: &[std::borrow::Cow<'_, str>]| -> Vec<String> {
            values
                .iter()
                .flat_map(|value| value.split_whitespace().map(|word| word.trim_matches(',').to_owned()))
                .collect()
        };
        let new: Vec<String> = slots[7..].iter().flat_map(|slot| words(slot)).collect();
        for old in [1, 2] {
            if words(&slots[old]).iter().all(|word| new.contains(word)) {
                slots[old].clear();
            }
        }
        // Flat and street have a component among the old ones, too, and are written there if no other is new.
        let is_old = |index: usize| index < 7 || index == 8 || index == 11;
        if slots[1].is_empty()
            && slots[2].is_empty()
            && (0..slots.len()).all(|index| is_old(index) || slots[index].is_empty())
        {
            for (new, old) in [(8, 1), (11, 2)] {
                slots[old] = slots.get_mut(new).map(std::mem::take).unwrap_or_default();
            }
        }
    }
}
