//! Whole cards: what the reader makes of real ones and of broken ones, and that nothing is lost on the way.

mod broken;
mod canonical;
mod found;
mod kept;
mod mapping;
mod round_trip;

use serde_json::Value;

use super::*;

/// The card of a text that is one good vCard.
fn card(text: &str) -> Card {
    let mut found = read(text.as_bytes());
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0).unwrap().card
}

/// The card that lines make, with the frame around them. The lines are those of the version.
fn value(version: &str, lines: &str) -> Value {
    let value = card(&framed(version, lines)).value().clone();
    let mut members = value.as_object().unwrap().clone();
    members.shift_remove("@type");
    members.shift_remove("version");
    Value::Object(members)
}

fn framed(version: &str, lines: &str) -> String {
    format!("BEGIN:VCARD\r\nVERSION:{version}\r\n{}\r\nEND:VCARD\r\n", lines.trim_end().replace('\n', "\r\n"))
}

/// What the writer writes for a card with these members, its frame aside.
fn written(version: Version, members: Value) -> Vec<String> {
    let mut card = serde_json::Map::new();
    card.insert("@type".to_owned(), "Card".into());
    card.extend(members.as_object().unwrap().clone());
    let text = write(&Card::parse(&Value::Object(card).to_string()).unwrap(), version);
    let text = text.replace("\r\n ", "");
    let lines = text.strip_prefix("BEGIN:VCARD\r\nVERSION:").unwrap().strip_suffix("END:VCARD\r\n").unwrap();
    lines.lines().skip(1).map(str::to_owned).collect()
}
