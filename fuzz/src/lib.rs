//! What the fuzz targets have in common: readers that hand out little at a time, comparisons, and the inputs of `tests/run`.

mod compare;
pub mod fixed;
mod mutation;

use std::io::{self, Read};

use carnet_connectors::formats::{Reject, csv};
use carnet_core::intake::Incoming;
use carnet_core::model::Card;
use serde_json::Value;

pub use compare::{comparable, differences};

/// Hands out at most so many bytes at once, as a socket or a pipe may.
pub struct Pieces<'b> {
    rest: &'b [u8],
    most: usize,
}

impl<'b> Pieces<'b> {
    pub fn new(rest: &'b [u8], most: usize) -> Self {
        Self { rest, most: most.max(1) }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.most).min(self.rest.len());
        buffer[..count].copy_from_slice(&self.rest[..count]);
        self.rest = &self.rest[count..];
        Ok(count)
    }
}

/// What a source handed out.
pub type Items = Vec<Result<Incoming, Reject>>;

/// The line that an item begins in.
pub fn line(item: &Result<Incoming, Reject>) -> usize {
    match item {
        Ok(contact) => contact.line,
        Err(reject) => reject.line,
    }
}

/// Every item stands behind the one before it, at a place that exists, and the text of each card is that card.
pub fn assert_in_order(items: &Items) {
    assert!(items.iter().map(line).is_sorted(), "out of order: {:?}", items.iter().map(line).collect::<Vec<_>>());
    for item in items {
        match item {
            Ok(contact) => {
                assert!(contact.line >= 1);
                let again = Card::parse(contact.card.to_text()).expect("the text of a card is a card");
                assert_eq!(again.value(), contact.card.value());
            }
            Err(reject) => {
                assert!(reject.line >= 1 && reject.column >= 1);
                assert!(reject.raw.as_ref().is_none_or(|raw| raw.len() <= csv::MAX_ROW_BYTES));
                assert!(!reject.to_string().is_empty());
            }
        }
    }
}

/// All items are in the bytes, in their order, and only what means nothing stands between them.
pub fn assert_none_passed_over(bytes: &[u8], items: &Items, is_nothing: impl Fn(&[u8]) -> bool) {
    let mut rest = bytes;
    for item in items {
        let part: &[u8] = match item {
            Ok(contact) => &contact.original.as_ref().expect("this format keeps the bytes").bytes,
            Err(reject) => reject.raw.as_deref().expect("this input is below every limit"),
        };
        assert!(!part.is_empty(), "an item without bytes");
        // The same bytes may also stand in a comment, or at the end of one.
        let begins_line = |gap: &[u8]| gap.last().is_none_or(|last| matches!(last, b'\n' | b'\r' | b'\xbf'));
        let places = rest.windows(part.len()).enumerate().filter(|(_, window)| *window == part);
        let mut starts = places.map(|(start, _)| start);
        let start = starts.find(|start| begins_line(&rest[..*start]) && is_nothing(&rest[..*start]));
        let start = start.unwrap_or_else(|| panic!("passed over before {:?}", String::from_utf8_lossy(part)));
        rest = &rest[start + part.len()..];
    }
    assert!(is_nothing(rest), "passed over: {:?}", String::from_utf8_lossy(rest));
}

/// Whether a carriage return is in a text: the one thing that a vCard cannot hold.
fn holds_carriage_return(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\r'),
        Value::Array(items) => items.iter().any(holds_carriage_return),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\r') || holds_carriage_return(value)),
        _ => false,
    }
}

/// A card goes out as vCard, in each version that is written, and comes back as one card that says the same.
pub fn assert_survives_vcard(card: &Card) {
    use carnet_connectors::formats::vcard::{Version, read, write};
    if holds_carriage_return(card.value()) {
        return;
    }
    for version in [Version::V4, Version::V3] {
        let text = write(card, version);
        if text.len() > Card::MAX_BYTES {
            continue;
        }
        let items = read(text.as_bytes());
        let [Ok(again)] = items.as_slice() else { panic!("not one card: {items:?}\n{text}") };
        let differing = differences(&comparable(card.value()), &comparable(again.card.value()));
        assert!(differing.is_empty(), "{}\n{text}\n{}", differing.join("\n"), card.to_text());
    }
}
