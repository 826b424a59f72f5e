//! Any bytes as LDIF: every record is a contact or a reject, and what an entry says survives as vCard.
#![no_main]

use carnet_connectors::formats::ldif::{LdifSource, read};
use carnet_fuzz::{Items, Pieces, assert_in_order, assert_none_passed_over, assert_survives_vcard, target};

target!(|bytes: &[u8]| {
    let items = read(bytes);
    assert_in_order(&items);
    assert_none_passed_over(bytes, &items, is_nothing);
    let in_pieces: Items = LdifSource::new(Pieces::new(bytes, 7)).collect();
    assert_eq!(in_pieces, items);
    for contact in items.iter().flatten() {
        assert!(contact.claims.is_empty() && contact.undeliverable.is_none());
        assert_survives_vcard(&contact.card);
    }
});

/// Empty lines, comments with their continuations, the version. A lone CR ends a line only in files that have no other end.
fn is_nothing(gap: &[u8]) -> bool {
    let text = String::from_utf8_lossy(gap).replace('\u{feff}', "").replace("\r\n", "\n");
    are_nothing(text.split('\n')) || are_nothing(text.split(['\n', '\r']))
}

fn are_nothing<'t>(mut lines: impl Iterator<Item = &'t str>) -> bool {
    let mut in_comment = false;
    lines.all(|line| {
        in_comment = line.starts_with('#') || in_comment && line.starts_with(' ');
        let version = line.to_lowercase().strip_prefix("version:").map(|number| number.trim() == "1");
        in_comment || line.trim().is_empty() || version == Some(true)
    })
}
