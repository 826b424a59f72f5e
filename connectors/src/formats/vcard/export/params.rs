//! `vCardParams` (RFC 9555 section 2.15.2): parameters that came as they are, and go as they are.

use serde_json::{Map, Value};

use crate::formats::vcard::property::{Property, is_param_name, is_token};
use crate::formats::vcard::write::push_line;

/// `vCardParams` as parameters and group, all of them or none.
pub(super) fn put_params(fields: &mut Map<String, Value>, property: &mut Property) {
    let Some(Value::Object(object)) = fields.get("vCardParams") else { return };
    let mut found = Property::new("", "");
    if read_params(object, &mut found).is_none() || object.is_empty() {
        return;
    }
    let mut with_params = property.clone();
    with_params.group = with_params.group.take().or(found.group);
    for (name, values) in found.params.into_iter() {
        if name == "VALUE" {
            with_params.params.take("VALUE");
        }
        values.into_iter().for_each(|value| with_params.params.add(&name, value));
    }
    if are_read_again(&with_params, object) {
        fields.shift_remove("vCardParams");
        *property = with_params;
    }
}

/// Whether these are the parameters that a reader would keep, and not some that it takes for what the entry says.
fn are_read_again(property: &Property, params: &Map<String, Value>) -> bool {
    let (mut property, mut params) = (property.clone(), params.clone());
    // Whether an identifier is free depends on the other entries.
    property.params.take("PROP-ID");
    params.shift_remove("prop-id");
    let mut text = "BEGIN:VCARD\r\nVERSION:4.0\r\n".to_owned();
    push_line(&mut text, &property);
    text.push_str("END:VCARD\r\n");
    let items = crate::formats::vcard::read(text.as_bytes());
    params.is_empty() || items.iter().flatten().any(|read| are_inside(read.card.value(), &params))
}

fn are_inside(value: &Value, params: &Map<String, Value>) -> bool {
    let Value::Object(fields) = value else { return false };
    fields.get("vCardParams").and_then(Value::as_object) == Some(params)
        || fields.values().any(|value| are_inside(value, params))
}

/// Reads parameters in the manner of jCard (RFC 7095 section 3.3): names in lower case, and each value a text, or several an
/// array of texts. `None` if one of them is otherwise, or cannot be written.
pub(super) fn read_params(object: &Map<String, Value>, property: &mut Property) -> Option<()> {
    for (name, value) in object {
        if !is_param_name(name) || name.contains(|c: char| c.is_ascii_uppercase()) {
            return None;
        }
        if name == "group" {
            property.group = Some(value.as_str().filter(|group| is_token(group))?.to_owned());
            continue;
        }
        let name = name.to_ascii_uppercase();
        match value {
            Value::Array(values) if values.len() > 1 => {
                for value in values {
                    property.params.add(&name, value.as_str()?);
                }
            }
            value => property.params.add(&name, value.as_str()?),
        }
    }
    Some(())
}
