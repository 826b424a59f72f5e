//! Any bytes as vCard: nothing between the cards is passed over, and a card that is written is read as the same card.
#![no_main]

use carnet_connectors::formats::vcard::{VCardSource, read};
use carnet_fuzz::{Items, Pieces, assert_in_order, assert_none_passed_over, assert_survives_vcard, target};

target!(|bytes: &[u8]| {
    let items = read(bytes);
    assert_in_order(&items);
    assert_none_passed_over(bytes, &items, |gap| {
        String::from_utf8_lossy(gap).replace('\u{feff}', "").trim().is_empty()
    });
    let in_pieces: Items = VCardSource::new(Pieces::new(bytes, 7)).collect();
    assert_eq!(in_pieces, items);
    for contact in items.iter().flatten() {
        assert!(contact.claims.is_empty() && contact.undeliverable.is_none());
        assert_survives_vcard(&contact.card);
    }
});
