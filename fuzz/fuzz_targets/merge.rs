//! Any two cards of any file: merging takes nothing away, and a second time adds nothing.
#![no_main]

use std::io::Cursor;

use carnet_connectors::formats::{OpenOptions, open};
use carnet_core::intake::normalise::TagValues;
use carnet_core::intake::{Merged, merge};
use carnet_core::model::{Card, Country};
use carnet_fuzz::target;
use serde_json::Value;

target!(|bytes: &[u8]| {
    let Ok(documents) = open(Box::new(Cursor::new(bytes.to_vec())), None, &OpenOptions::default()) else { return };
    let cards: Vec<Card> = documents
        .into_iter()
        .flat_map(|document| document.source)
        .flatten()
        .map(|contact| contact.card)
        .take(8)
        .collect();
    let france: Country = "FR".parse().expect("a country");
    for pair in cards.windows(2) {
        for region in [None, Some(france)] {
            check(&pair[0], &pair[1], region);
            check(&pair[1], &pair[0], region);
        }
    }
});

fn check(ours: &Card, theirs: &Card, region: Option<Country>) {
    let Ok(first) = merge(ours, theirs, region) else {
        assert!(ours.to_text().len() + theirs.to_text().len() > Card::MAX_BYTES / 2, "two small cards are not merged");
        return;
    };
    let card = first.card.unwrap_or_else(|| ours.clone());
    assert!(is_inside(ours.value(), card.value()), "gone from {}", card.to_text());
    assert_eq!(card.main_email().is_some(), ours.main_email().is_some() || theirs.main_email().is_some());
    if ours.main_email().is_some() {
        assert_eq!(card.main_email(), ours.main_email());
    }
    let found = TagValues::of(&card, region);
    for wanted in [TagValues::of(ours, region), TagValues::of(theirs, region)] {
        assert!(wanted.emails.iter().all(|email| found.emails.contains(email)));
        assert!(wanted.phones.iter().all(|phone| found.phones.contains(phone)));
    }
    assert_eq!(merge(&card, theirs, region).expect("it fits: nothing is added").card, None, "{}", card.to_text());
    assert_eq!(merge(&card, &card, region).expect("it is the same"), Merged { card: None, differing: 0 });
}

/// Whether a value is in another, at the same place: members may only be added.
fn is_inside(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.iter().all(|(name, value)| other.get(name).is_some_and(|other| is_inside(value, other)))
        }
        _ => one == other,
    }
}
