//! Names and addresses in components: which component of `N` and `ADR` is which kind, and in which order they are written.
//!
//! RFC 9554 added components behind the old ones and asks that their values stand in an old one too, for programs that
//! know no others. Such copies are left out when read and made again when written. `JSCOMPS` (RFC 9555 section 3.3.1) tells
//! the order.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::text::{components, escape};

/// Values of one name or address; one with more is kept as it is.
const MAX_COMPONENTS: usize = 500;

/// The components of a property.
pub(super) struct Layout {
    /// The kind of each component.
    kinds: &'static [&'static str],
    /// The kind of each component when none of the new ones is used.
    old_kinds: &'static [&'static str],
    /// For each new component, from the first: the old one that has a copy.
    copies: &'static [usize],
    /// The order in which components without one are handed out.
    reading_order: &'static [&'static str],
}

pub(super) const NAME: Layout = Layout {
    kinds: &["surname", "given", "given2", "title", "credential", "surname2", "generation"],
    old_kinds: &["surname", "given", "given2", "title", "credential"],
    copies: &[0, 4],
    reading_order: &["title", "given", "given2", "surname", "surname2", "generation", "credential"],
};

pub(super) const ADDRESS: Layout = Layout {
    kinds: &[
        "postOfficeBox",
        "",
        "",
        "locality",
        "region",
        "postcode",
        "country",
        "room",
        "apartment",
        "floor",
        "number",
        "name",
        "building",
        "block",
        "subdistrict",
        "district",
        "landmark",
        "direction",
    ],
    old_kinds: &["postOfficeBox", "apartment", "name", "locality", "region", "postcode", "country"],
    copies: &[1, 1, 1, 2, 2, 1, 2, 2, 2, 2, 2],
    reading_order: &[],
};

/// What a property's value and `JSCOMPS` say.
pub(super) struct Read {
    pub(super) components: Vec<Value>,
    pub(super) is_ordered: bool,
    pub(super) default_separator: Option<String>,
}

/// Reads a value; `None` if it says nothing, or something that these components do not hold.
pub(super) fn read(layout: &Layout, value: &str, order: Option<&str>) -> Option<Read> {
    let mut slots = components(value);
    let last = slots.iter().rposition(|slot| !slot.is_empty())?;
    slots.truncate(last + 1);
    if slots.iter().map(Vec::len).sum::<usize>() > MAX_COMPONENTS {
        return None;
    }
    let kinds = if slots.len() <= layout.old_kinds.len() { layout.old_kinds } else { layout.kinds };
    if slots.len() > kinds.len() {
        return None;
    }
    if let Some(order) = order {
        return read_ordered(layout, kinds, &slots, order);
    }
    let extra = if kinds.len() > layout.old_kinds.len() { drop_copies(layout, &mut slots) } else { Some(()) };
    extra?;
    let mut components: Vec<Value> = Vec::new();
    for (kind, slot) in kinds.iter().zip(&slots) {
        components.extend(slot.iter().map(|value| json!({ "kind": kind, "value": value })));
    }
    if !layout.reading_order.is_empty() {
        let rank =
            |part: &Value| layout.reading_order.iter().position(|kind| part.get("kind").is_some_and(|of| of == kind));
        components.sort_by_key(rank);
    }
    Some(Read { components, is_ordered: false, default_separator: None })
}

/// Removes the copies of new components from the old ones; `None` if an old one has something of its own left over that has
/// no kind.
fn drop_copies(layout: &Layout, slots: &mut [Vec<Cow<'_, str>>]) -> Option<()> {
    let old = layout.old_kinds.len();
    let mut new: Vec<(usize, String)> = Vec::new();
    for (index, copied) in layout.copies.iter().enumerate() {
        let values = slots.get(old + index).into_iter().flatten();
        new.extend(values.map(|value| (*copied, value.to_string())));
    }
    for (copied, value) in &new {
        if let Some(slot) = slots.get_mut(*copied)
            && let Some(index) = slot.iter().rposition(|copy| copy == value)
        {
            slot.remove(index);
        }
    }
    for (index, slot) in slots.iter_mut().enumerate().take(old) {
        if layout.kinds.get(index).is_some_and(|kind| kind.is_empty()) && !slot.is_empty() {
            // Some writers make one line of them: "Oak St 12".
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let known: Vec<String> = new.iter().flat_map(|(_, value)| words(value)).collect();
            let covered = slot
                .iter()
                .flat_map(|value| words(value))
                .all(|word| known.iter().any(|known| known.trim_matches(',') == word.trim_matches(',')));
            if !covered {
                return None;
            }
            slot.clear();
        }
    }
    Some(())
}

fn read_ordered(layout: &Layout, kinds: &[&str], slots: &[Vec<Cow<'_, str>>], order: &str) -> Option<Read> {
    let mut elements = order_elements(order).into_iter();
    let default_separator = match elements.next()?.as_slice() {
        [empty] if empty.is_empty() => None,
        [s, separator] if s == "s" => Some(separator.clone()),
        _ => return None,
    };
    let mut components = Vec::new();
    let mut used: Vec<(usize, usize)> = Vec::new();
    for element in elements {
        let (position, index) = match element.as_slice() {
            [s, separator] if s == "s" => {
                components.push(json!({ "kind": "separator", "value": separator }));
                continue;
            }
            [position] => (position.parse::<usize>().ok()?, 0),
            [position, index] => (position.parse().ok()?, index.parse().ok()?),
            _ => return None,
        };
        let kind = kinds.get(position).filter(|kind| !kind.is_empty())?;
        let value = slots.get(position)?.get(index)?;
        if used.contains(&(position, index)) {
            return None;
        }
        used.push((position, index));
        components.push(json!({ "kind": kind, "value": value }));
    }
    // What the order leaves out must be a copy.
    let mut rest = slots.to_vec();
    used.sort_unstable();
    for (position, index) in used.into_iter().rev() {
        let slot = rest.get_mut(position)?;
        let value = slot.remove(index);
        if let Some(copied) = position.checked_sub(layout.old_kinds.len()).and_then(|new| layout.copies.get(new))
            && let Some(copies) = rest.get_mut(*copied)
            && let Some(copy) = copies.iter().position(|copy| *copy == value)
        {
            copies.remove(copy);
        }
    }
    rest.iter().all(Vec::is_empty).then_some(Read { components, is_ordered: true, default_separator })
}

/// The elements of a `JSCOMPS`, each in its parts.
fn order_elements(order: &str) -> Vec<Vec<String>> {
    let mut elements = vec![vec![String::new()]];
    let mut chars = order.chars();
    while let Some(c) = chars.next() {
        match c {
            ';' => elements.push(vec![String::new()]),
            ',' => elements.last_mut().into_iter().for_each(|parts| parts.push(String::new())),
            c => {
                let c = if c == '\\' { chars.next().unwrap_or(c) } else { c };
                elements.last_mut().and_then(|parts| parts.last_mut()).into_iter().for_each(|part| part.push(c));
            }
        }
    }
    elements
}

/// A value to write, and its `JSCOMPS`.
pub(super) struct Written {
    pub(super) value: String,
    pub(super) order: Option<String>,
    /// Whether reading it gives the same components.
    pub(super) is_exact: bool,
}

/// Writes the components of a Name or an Address. It takes out of the object what it says: `components`, and if their order is
/// exact, `isOrdered` and `defaultSeparator`.
pub(super) fn write(layout: &Layout, object: &mut Map<String, Value>) -> Option<Written> {
    let components = match object.get("components") {
        Some(Value::Array(components)) if (1..=MAX_COMPONENTS).contains(&components.len()) => components.clone(),
        _ => return None,
    };
    let is_ordered = object.get("isOrdered").and_then(Value::as_bool) == Some(true);
    let mut parts = Vec::new();
    let mut is_exact = true;
    for component in &components {
        let text = |name: &str| component.get(name).and_then(Value::as_str);
        match (text("kind"), text("value")) {
            (Some(kind), Some(value)) => {
                let plain = component.as_object().is_some_and(|fields| fields.len() == 2);
                is_exact &= plain
                    && (is_ordered || kind != "separator")
                    && (kind == "separator" || !escape(value).trim().is_empty());
                is_exact &= !value.contains('\r');
                parts.push((kind, value));
            }
            _ => is_exact = false,
        }
    }
    let is_old = |kind: &str| kind == "separator" || layout.old_kinds.contains(&kind);
    let kinds = if parts.iter().all(|(kind, _)| is_old(kind)) { layout.old_kinds } else { layout.kinds };
    let mut slots: Vec<Vec<&str>> = vec![Vec::new(); kinds.len()];
    let mut order = match object.get("defaultSeparator").and_then(Value::as_str) {
        Some(separator) => format!("s,{}", escape_order(separator)),
        None => String::new(),
    };
    for (kind, value) in &parts {
        let position = kinds.iter().position(|known| known == kind);
        match position.and_then(|position| slots.get_mut(position).map(|slot| (position, slot))) {
            Some((position, slot)) => {
                order.push_str(&format!(";{position}"));
                if !slot.is_empty() {
                    order.push_str(&format!(",{}", slot.len()));
                }
                slot.push(value);
            }
            None if *kind == "separator" => order.push_str(&format!(";s,{}", escape_order(value))),
            None => is_exact = false,
        }
    }
    add_copies(layout, &mut slots);
    object.shift_remove("components");
    if is_ordered && is_exact {
        object.shift_remove("isOrdered");
        object.shift_remove("defaultSeparator");
    } else if object.get("isOrdered").is_some_and(|value| value == false) {
        object.shift_remove("isOrdered");
    }
    let slots: Vec<String> =
        slots.iter().map(|slot| slot.iter().map(|value| escape(value)).collect::<Vec<_>>().join(",")).collect();
    Some(Written { value: slots.join(";"), order: (is_ordered && is_exact).then_some(order), is_exact })
}

fn add_copies(layout: &Layout, slots: &mut [Vec<&str>]) {
    let old = layout.old_kinds.len();
    for (index, copied) in layout.copies.iter().enumerate() {
        let values = slots.get(old + index).cloned().unwrap_or_default();
        if let Some(slot) = slots.get_mut(*copied) {
            slot.extend(values);
        }
    }
}

fn escape_order(separator: &str) -> String {
    separator.chars().fold(String::new(), |mut out, c| {
        if matches!(c, '\\' | ',' | ';') {
            out.push('\\');
        }
        out.push(c);
        out
    })
}
