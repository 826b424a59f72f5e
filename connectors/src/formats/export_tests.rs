use std::io::Cursor;

use carnet_core::intake::{Claim, Incoming, Reject};
use carnet_core::model::{Card, CardParts, ConsentKind, EmailParts, Evidence, NamePart, PhoneParts, Timestamp};

use super::*;
use crate::formats::csv::{CsvOptions, CsvReader};
use crate::formats::jscontact::JsContactSource;
use crate::formats::vcard::VCardSource;

const FORMATS: [ExportFormat; 4] = ExportFormat::ALL;

fn written(format: ExportFormat, contacts: &[Outgoing]) -> Vec<u8> {
    let mut writer = ContactWriter::new(format, Vec::new()).unwrap();
    contacts.iter().for_each(|contact| writer.write(contact).unwrap());
    writer.finish().unwrap()
}

fn read(format: ExportFormat, bytes: &[u8]) -> Vec<Incoming> {
    let bytes = Cursor::new(bytes.to_vec());
    let items: Vec<Result<Incoming, Reject>> = match format {
        ExportFormat::Csv => CsvReader::new(bytes, &CsvOptions::default()).unwrap().collect(),
        ExportFormat::VCard => VCardSource::new(bytes).collect(),
        ExportFormat::NdJson | ExportFormat::JsContact => JsContactSource::new(bytes).collect(),
    };
    items.into_iter().map(|item| item.unwrap_or_else(|reject| panic!("{format:?}: {reject}"))).collect()
}

fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

fn evidence() -> Evidence {
    Evidence {
        method: Some("web-form".parse().unwrap()),
        source: Some("=cmd|' /C calc'!A0".to_owned()),
        wording: Some("Yes, \"write\" to me;\nevery week".to_owned()),
        ip_address: Some("2001:db8::7".parse().unwrap()),
        requested_at: at("2024-03-01T10:20:31Z"),
        confirmed_at: at("2024-03-01T10:24:00Z"),
        ..Evidence::default()
    }
}

fn given() -> Claim {
    let purpose = Some("newsletter".to_owned());
    Claim { kind: ConsentKind::Given, purpose, at: at("2024-03-01T10:20:30.25Z"), evidence: evidence() }
}

fn confirmed() -> Claim {
    let evidence = Evidence {
        requested_at: at("2024-03-01T10:20:31Z"),
        confirmed_at: at("2024-03-01T10:24:00Z"),
        ip_address: Some("192.0.2.9".parse().unwrap()),
        ..Evidence::default()
    };
    Claim { kind: ConsentKind::Confirmed, at: at("2024-03-01T10:24:00Z"), evidence, ..given() }
}

fn plain() -> Card {
    Card::from_parts(&CardParts {
        full_name: "Ada Example",
        name: vec![(NamePart::Given, "Ada"), (NamePart::Surname, "Example")],
        emails: vec![EmailParts { address: "ada@example.org", context: None }],
        phones: vec![PhoneParts { number: "+33 1 99 00 12 34", ..PhoneParts::default() }],
        keywords: vec!["a b", "news"],
        ..CardParts::default()
    })
    .unwrap()
}

/// Cards of all shapes: of a table, of a phone, with things that no column has.
fn cards() -> Vec<Card> {
    let odd = [
        r#"{"@type":"Card","version":"1.0","uid":"u-1","name":{"full":"-2+3"},"nicknames":{"k1":{"name":"@SUM(1)"}},"emails":{"x":{"address":"b@example.org","pref":1}}}"#,
        r#"{"@type":"Card","version":"1.0","emails":{"a":{"address":"c@example.org","contexts":{"work":true,"private":true}},"b":{"address":"d@example.org"}},"notes":{"n":{"note":" spaces \n and lines "},"m":{"note":"'=1"}},"addresses":{"k":{"components":[{"kind":"locality","value":"Brest"},{"kind":"number","value":"5"},{"kind":"name","value":"Quay"}],"countryCode":"FR"}}}"#,
        r#"{"@type":"Card","version":"1.0","emails":{"a":{"address":"e@example.org"}},"carnet.example:columns":{"Score":"7"},"carnet.example:source":"Fair 2023","anniversaries":{"b":{"kind":"birth","date":{"month":2,"day":29}}}}"#,
    ];
    odd.iter().map(|text| Card::parse(text).unwrap()).chain([plain()]).collect()
}

fn contacts() -> Vec<Outgoing> {
    let notes = Claim { evidence: Evidence { notes: Some("on paper".to_owned()), ..evidence() }, at: None, ..given() };
    let claims = [vec![given(), confirmed()], vec![], vec![given()], vec![notes]];
    cards().into_iter().zip(claims).map(|(card, claims)| Outgoing { card, claims }).collect()
}

#[test]
fn every_format_comes_back_with_all_that_it_had() {
    for format in FORMATS {
        let contacts = contacts();
        let back = read(format, &written(format, &contacts));
        assert_eq!(back.len(), contacts.len(), "{format:?}");
        for (sent, got) in contacts.iter().zip(&back) {
            let mut card = got.card.clone();
            if let Some(source) = &got.source
                && !got.claims.iter().any(|claim| claim.evidence.source.as_ref() == Some(source))
            {
                // As the desk does with what a source says of a contact without a consent.
                card = card.with_member("carnet.example:source", &source.as_str().into()).unwrap();
            }
            assert_eq!(sorted(&card), sorted(&sent.card), "{format:?}");
            assert_eq!(got.claims, sent.claims, "{format:?}");
        }
    }
}

fn sorted(card: &Card) -> std::collections::BTreeMap<String, serde_json::Value> {
    card.value().as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[test]
fn an_ordinary_row_says_everything_in_columns_that_people_read() {
    let contact = Outgoing { card: plain(), claims: vec![given(), confirmed()] };
    let text = String::from_utf8(written(ExportFormat::Csv, &[contact])).unwrap();
    insta::assert_snapshot!(text.replace(['\u{feff}', '\r'], ""));
}

#[test]
fn no_cell_begins_with_what_a_spreadsheet_runs() {
    let text = written(ExportFormat::Csv, &contacts());
    let mut reader = csv_cells(&text);
    assert!(reader.len() > 4 * 51);
    assert!(reader.iter().any(|cell| cell.starts_with("'=")));
    reader.retain(|cell| cell.starts_with(['=', '+', '-', '@', '\t', '\r']));
    assert_eq!(reader, Vec::<String>::new());
}

/// The cells as any other program reads them (RFC 4180).
fn csv_cells(bytes: &[u8]) -> Vec<String> {
    let (mut reader, mut cells) = (csv_core::Reader::new(), Vec::new());
    let (mut rest, mut field) = (bytes, Vec::new());
    loop {
        let mut buffer = [0; 256];
        let (result, read, wrote) = reader.read_field(rest, &mut buffer);
        rest = &rest[read..];
        field.extend_from_slice(&buffer[..wrote]);
        match result {
            csv_core::ReadFieldResult::Field { .. } => {
                cells.push(String::from_utf8(std::mem::take(&mut field)).unwrap());
            }
            csv_core::ReadFieldResult::End => return cells,
            _ => {}
        }
    }
}

#[test]
fn an_empty_list_is_a_file_that_reads_as_empty() {
    for format in FORMATS {
        assert_eq!(read(format, &written(format, &[])).len(), 0, "{format:?}");
    }
}

#[test]
fn formats_are_known_by_their_words() {
    for format in FORMATS {
        assert_eq!(format.as_str().parse(), Ok(format));
    }
    assert_eq!("xlsx".parse::<ExportFormat>(), Err(UnknownExportFormat));
}
