//! `vCardProps` (RFC 9555 section 2.15.1): properties that came as they are, and go as they are.

use serde_json::Value;

use super::params::read_params;
use crate::formats::vcard::property::{Property, is_token};
use crate::formats::vcard::text::escape;

/// Properties that can be written, and what is none.
#[derive(Default)]
pub(super) struct Kept {
    pub(super) properties: Vec<Property>,
    pub(super) others: Option<Value>,
}

pub(super) fn read(value: Option<&Value>) -> Kept {
    let mut kept = Kept::default();
    match value {
        None => {}
        Some(Value::Array(properties)) => {
            let mut others = Vec::new();
            for value in properties {
                match read_one(value) {
                    Some(property) => kept.properties.push(property),
                    None => others.push(value.clone()),
                }
            }
            let has_others = properties.is_empty() || !others.is_empty();
            kept.others = has_others.then_some(Value::Array(others));
        }
        Some(other) => kept.others = Some(other.clone()),
    }
    kept
}

/// Reads `[name, parameters, type, value, ...]` (RFC 7095 section 3.3).
fn read_one(value: &Value) -> Option<Property> {
    let [Value::String(name), Value::Object(params), Value::String(value_type), first, others @ ..] =
        value.as_array()?.as_slice()
    else {
        return None;
    };
    // These would end the card or begin another one.
    let is_frame = ["BEGIN", "END", "VERSION"].iter().any(|frame| name.eq_ignore_ascii_case(frame));
    if !is_token(name) || is_frame {
        return None;
    }
    let mut property = Property::new(&name.to_ascii_uppercase(), "");
    read_params(params, &mut property)?;
    let values: Option<Vec<String>> =
        std::iter::once(first).chain(others).map(|value| value_text(value, value_type)).collect();
    property.value = values?.join(",");
    if value_type != "unknown" {
        property.params.take("VALUE");
        property.params.add("VALUE", value_type.clone());
    }
    Some(property)
}

fn value_text(value: &Value, value_type: &str) -> Option<String> {
    match value {
        Value::Array(components) => {
            let components: Option<Vec<String>> = components
                .iter()
                .map(|component| match component {
                    Value::Array(values) => {
                        let values: Option<Vec<String>> = values.iter().map(|value| escaped(value, "text")).collect();
                        Some(values?.join(","))
                    }
                    value => escaped(value, "text"),
                })
                .collect();
            Some(components?.join(";"))
        }
        value => escaped(value, value_type),
    }
}

/// Text is escaped. Of an unknown type is what was not taken apart, escapes and all (RFC 7095 section 5.1).
fn escaped(value: &Value, value_type: &str) -> Option<String> {
    let text = plain(value)?;
    Some(if value_type == "text" { escape(&text).into_owned() } else { text })
}

/// A single value as text.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
