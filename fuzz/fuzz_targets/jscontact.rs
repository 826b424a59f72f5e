//! Any bytes as JSContact: a card is the very text that stands in the file, and says the same after a way through vCard.
#![no_main]

use carnet_connectors::formats::jscontact::JsContactSource;
use carnet_fuzz::{Items, Pieces, assert_in_order, assert_survives_vcard, target};

target!(|bytes: &[u8]| {
    let items: Items = JsContactSource::new(bytes).collect();
    assert_in_order(&items);
    let mut rest = bytes;
    for item in &items {
        let part = match item {
            Ok(contact) => contact.card.to_text().as_bytes(),
            Err(reject) => reject.raw.as_deref().unwrap_or_default(),
        };
        let start = rest.windows(part.len().max(1)).position(|window| window.starts_with(part));
        let start = start.or(part.is_empty().then_some(0)).expect("bytes that are nowhere");
        let gap = &rest[..start];
        assert!(gap.iter().all(|byte| b" \t\r\n\x1e,[]\xef\xbb\xbf".contains(byte)), "passed over: {gap:?}");
        rest = &rest[start + part.len()..];
    }
    let in_pieces: Items = JsContactSource::new(Pieces::new(bytes, 7)).collect();
    assert_eq!(in_pieces, items);
    for contact in items.iter().flatten() {
        // A version of JSContact that is not ours is kept, and not said again; a key that is none is replaced.
        let value = contact.card.value();
        if value.get("version").is_none_or(|version| version == "1.0") && has_sound_keys(value) {
            assert_survives_vcard(&contact.card);
        }
    }
});

/// Whether all keys of entries are such as RFC 9553 section 1.4.1 asks for.
fn has_sound_keys(card: &serde_json::Value) -> bool {
    let is_sound =
        |key: &str| !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let mut entries = card.as_object().into_iter().flatten().filter_map(|(_, member)| member.as_object());
    entries.all(|entries| entries.iter().all(|(key, entry)| !entry.is_object() || is_sound(key)))
}
