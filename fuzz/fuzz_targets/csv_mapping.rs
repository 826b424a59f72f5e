//! Any table with any mapping: every consent field in every column, and no stop in the file is lost.
#![no_main]

use arbitrary::Arbitrary;
use carnet_connectors::formats::csv::{CsvOptions, CsvReader, Field, Override, Zone};
use carnet_core::model::ConsentKind;
use carnet_fuzz::{Items, assert_in_order, target};

#[derive(Debug, Arbitrary)]
struct Given<'b> {
    /// What each column is; out of range: kept.
    columns: Vec<u8>,
    separator: Option<u8>,
    header: Option<bool>,
    zone: Option<bool>,
    file: &'b [u8],
}

target!(|given: Given<'_>| {
    let fields: Vec<Field> = Field::all().collect();
    let columns = given.columns.iter().take(12).enumerate();
    let overrides = columns.map(|(index, field)| Override {
        column: format!("#{}", index + 1),
        field: fields.get(usize::from(*field)).copied(),
    });
    let zone = given.zone.map(|paris| if paris { "Europe/Paris" } else { "-03:30" });
    let options = CsvOptions {
        separator: given.separator,
        header: given.header,
        overrides: overrides.collect(),
        zone: zone.map(|zone| zone.parse::<Zone>().expect("a zone")),
        ..CsvOptions::default()
    };
    let Ok(mut reader) = CsvReader::new(given.file, &options) else { return };
    let items: Items = reader.by_ref().collect();
    assert_in_order(&items);
    let shown = reader.mapping().to_string();
    assert!(reader.mapping().columns.len() <= shown.lines().count());

    let is = |wanted: &[&str]| {
        reader.mapping().columns.iter().any(|column| column.field.is_some_and(|field| wanted.contains(&field.as_str())))
    };
    let may_give = is(&["consent.given-at", "consent.opted-in"]);
    let may_confirm = is(&["consent.confirmed-at", "consent.confirmed"]);
    for contact in items.iter().flatten() {
        for claim in &contact.claims {
            match claim.kind {
                ConsentKind::Given => assert!(may_give, "a consent that no column says"),
                ConsentKind::Confirmed => assert!(may_confirm, "a confirmation that no column says"),
                _ => {}
            }
        }
    }
});
