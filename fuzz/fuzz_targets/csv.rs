//! Any bytes as a table, opened as a person would: every item in its place, the same however the bytes come.
#![no_main]

use std::io::Cursor;

use carnet_connectors::formats::csv::{CsvOptions, CsvReader, Mapping};
use carnet_connectors::formats::{OpenOptions, open};
use carnet_core::intake::Source;
use carnet_fuzz::{Items, Pieces, assert_in_order, target};

target!(|bytes: &[u8]| {
    let _ = open(Box::new(Cursor::new(bytes.to_vec())), None, &OpenOptions::default());
    let options = CsvOptions::default();
    let mut reader = CsvReader::new(bytes, &options).expect("without wishes there is nothing to refuse");
    let items: Items = reader.by_ref().collect();
    assert_in_order(&items);
    let warnings = reader.warnings();
    assert!(warnings.iter().all(|warning| warning.count >= 1 && warning.first_line >= 1));
    let contacts = items.iter().flatten();
    assert!(contacts.clone().all(|contact| contact.card.emails().count() + contact.card.phones().count() > 0));
    assert!(contacts.clone().all(|contact| contact.original.is_none()));

    let mut in_pieces = CsvReader::new(Pieces::new(bytes, 7), &options).expect("as above");
    assert_eq!(in_pieces.by_ref().collect::<Items>(), items);
    assert_eq!(in_pieces.warnings(), warnings);

    // The mapping that is stored with the import reads the same file in the same way.
    let text = reader.mapping().to_text().expect("a mapping is text");
    let stored = Mapping::from_text(&text).expect("a stored mapping can be read");
    assert_eq!(&stored, reader.mapping());
    let again = CsvOptions { mapping: Some(stored), ..CsvOptions::default() };
    let again = CsvReader::new(bytes, &again).expect("a stored mapping fits the file it was found for");
    assert_eq!(again.mapping(), reader.mapping());
    assert_eq!(again.collect::<Items>(), items);
});
