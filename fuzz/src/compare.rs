//! What two cards must have in common to say the same.

use serde_json::{Map, Value};

/// Every place in which two values differ, with both values.
pub fn differences(before: &Value, after: &Value) -> Vec<String> {
    let mut found = Vec::new();
    add_differences("", before, after, &mut found);
    found
}

fn add_differences(place: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let gone = before.iter().filter(|(name, _)| !after.contains_key(*name));
            found.extend(gone.map(|(name, value)| format!("gone: {place}/{name} {value}")));
            for (name, value) in after {
                match before.get(name) {
                    None => found.push(format!("come: {place}/{name} {value}")),
                    Some(before) => add_differences(&format!("{place}/{name}"), before, value, found),
                }
            }
        }
        _ if before == after => {}
        _ => found.push(format!("changed: {place} {before} to {after}")),
    }
}

/// A card without what a vCard does not tell apart: names of groups, the order of parts that have none, and defaults.
pub fn comparable(value: &Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(comparable_object(fields)),
        Value::Array(items) => match items.as_slice() {
            // A property that is kept as it was (RFC 7095): an address may be told to be one, though it is by default.
            [name @ Value::String(_), params @ Value::Object(_), Value::String(kind), values @ ..] => {
                let kind = if kind == "uri" { "unknown" } else { kind.as_str() };
                let head = [name.clone(), comparable(params), kind.into()];
                Value::Array(head.into_iter().chain(values.iter().map(comparable)).collect())
            }
            _ => Value::Array(items.iter().map(comparable).collect()),
        },
        // The last digit of a number with more than a double holds may change each time that it is read.
        Value::Number(number) if number.is_f64() => format!("{:.12e}", number.as_f64().unwrap_or_default()).into(),
        other => other.clone(),
    }
}

fn comparable_object(fields: &Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    for (name, value) in fields {
        let mut value = comparable(value);
        drop_implied_types(name, &mut value);
        if let ("vCardParams", Value::Object(params)) = (name.as_str(), &mut value) {
            params.shift_remove("group");
            if params.is_empty() {
                continue;
            }
        }
        if let ("components", Value::Array(parts)) = (name.as_str(), &mut value)
            && fields.get("isOrdered") != Some(&Value::Bool(true))
        {
            parts.sort_by_key(Value::to_string);
        }
        if let ("vCardProps", Value::Array(kept)) = (name.as_str(), &mut value) {
            kept.sort_by_key(Value::to_string);
        }
        if name == "type" {
            // The same in upper and lower case (RFC 6350 section 3.3), one by one or as a list in quotes.
            let said = value.to_string().to_lowercase();
            value = said.chars().filter(|c| c.is_alphanumeric()).collect::<String>().into();
        }
        let is_default = matches!((name.as_str(), &value), ("isOrdered", Value::Bool(false)))
            || matches!((name.as_str(), &value), ("kind", Value::String(kind)) if kind == "title")
            || matches!((name.as_str(), &value), ("version", Value::String(version)) if version == "1.0");
        if !is_default {
            out.insert(name.clone(), value);
        }
    }
    out
}

/// The types that RFC 9553 gives to what is in a member, so that they need not be said: of each entry, or of the whole.
const ENTRY_TYPES: [(&str, &str); 19] = [
    ("addresses", "Address"),
    ("anniversaries", "Anniversary"),
    ("calendars", "Calendar"),
    ("cryptoKeys", "CryptoKey"),
    ("directories", "Directory"),
    ("emails", "EmailAddress"),
    ("links", "Link"),
    ("media", "Media"),
    ("nicknames", "Nickname"),
    ("notes", "Note"),
    ("onlineServices", "OnlineService"),
    ("organizations", "Organization"),
    ("personalInfo", "PersonalInfo"),
    ("phones", "Phone"),
    ("preferredLanguages", "LanguagePref"),
    ("pronouns", "Pronouns"),
    ("relatedTo", "Relation"),
    ("schedulingAddresses", "SchedulingAddress"),
    ("titles", "Title"),
];
const WHOLE_TYPES: [(&str, &str); 5] =
    [("author", "Author"), ("date", "PartialDate"), ("name", "Name"), ("place", "Address"), ("speakToAs", "SpeakToAs")];

fn drop_implied_types(member: &str, value: &mut Value) {
    let drop = |value: &mut Value, implied: &str| {
        if let Value::Object(fields) = value
            && fields.get("@type").is_some_and(|said| said == implied)
        {
            fields.shift_remove("@type");
        }
    };
    let of =
        |types: &[(&str, &'static str)]| types.iter().find(|(known, _)| *known == member).map(|(_, implied)| *implied);
    match (value, of(&ENTRY_TYPES), of(&WHOLE_TYPES)) {
        (Value::Object(found), Some(implied), _) => found.values_mut().for_each(|entry| drop(entry, implied)),
        (Value::Array(units), ..) if member == "units" => units.iter_mut().for_each(|unit| drop(unit, "OrgUnit")),
        (value, _, Some(implied)) => drop(value, implied),
        _ => {}
    }
}
