//! What holds for any bytes, and for any table in any layout.

use carnet_core::intake::Incoming;
use carnet_core::model::Card;
use proptest::prelude::*;

use super::super::CsvOptions;
use super::read;

const EXPORTS: [&[u8]; 6] = [
    include_bytes!("../../../../corpus/csv/unsubscribed_members_mailchimp.csv"),
    include_bytes!("../../../../corpus/csv/google-2015.csv"),
    include_bytes!("../../../../corpus/csv/google-2023.csv"),
    include_bytes!("../../../../corpus/csv/boutique.csv"),
    include_bytes!("../../../../corpus/csv/autoresponder.csv"),
    include_bytes!("../../../../corpus/csv/damaged.csv"),
];

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[A-Za-zéü]{1,8}", 1 => "[a-zé,;|\"'\t ]{1,8}", 1 => "[a-z]{1,3}\n[a-z]{1,3}", 1 => Just(String::new())]
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    proptest::collection::vec(proptest::collection::vec(cell(), 3), 1..12)
}

fn written(table: &[Vec<String>], separator: char, line_end: &str, quote_all: bool) -> String {
    let heads = ["email", "Prénom", "Note", "Pointure"].map(str::to_owned).to_vec();
    let people = table.iter().enumerate().map(|(index, cells)| {
        let mut row = vec![format!("p{index}@example.org")];
        row.extend(cells.iter().cloned());
        row
    });
    let quoted = |cell: &String| {
        let needed = cell.contains(['"', '\n', '\'', ' ']) || cell.contains(separator);
        if quote_all || needed { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.clone() }
    };
    let line = |row: Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(&separator.to_string()) + line_end;
    std::iter::once(heads).chain(people).map(line).collect()
}

fn encoded(text: &str, encoding: usize) -> Vec<u8> {
    match encoding {
        0 => text.as_bytes().to_vec(),
        1 => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        2 => [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect(),
        3 => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
    }
}

fn contents(contacts: &[Incoming]) -> Vec<String> {
    contacts.iter().map(|contact| contact.card.to_text().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_layout_of_a_table_gives_the_same_contacts(
        table in table(), separator in proptest::sample::select(vec![',', ';', '\t', '|']),
        line_end in proptest::sample::select(vec!["\n", "\r\n", "\r"]), quote_all in any::<bool>(), encoding in 0_usize..5,
    ) {
        let plain = read(written(&table, ',', "\n", true).as_bytes(), &CsvOptions::default());
        let other = read(&encoded(&written(&table, separator, line_end, quote_all), encoding), &CsvOptions::default());
        prop_assert_eq!(plain.contacts.len(), table.len());
        prop_assert!(plain.rejects.is_empty() && other.rejects.is_empty(), "{:?}", other.rejects);
        prop_assert_eq!(contents(&other.contacts), contents(&plain.contacts));
    }

    #[test]
    fn any_bytes_are_read_to_their_end(
        bytes in proptest::collection::vec(prop_oneof![
            4 => proptest::sample::select(b"\",;\t|\n\r@.\0 ".to_vec()), 4 => b'a'..=b'e', 1 => any::<u8>()
        ], 0..400),
        with_heads in any::<bool>(),
    ) {
        let heads: &[u8] = if with_heads { b"email,status,opt-in date,ip,opt-out,note\n" } else { b"" };
        let given = read(&[heads, &bytes].concat(), &CsvOptions::default());
        // Each item stands behind the one before it.
        let mut lines: Vec<usize> = given.contacts.iter().map(|contact| contact.line).collect();
        prop_assert!(lines.is_sorted());
        lines.extend(given.rejects.iter().map(|reject| reject.line));
        prop_assert!(given.rejects.iter().all(|reject| reject.line >= 1 && reject.column >= 1));
    }

    /// Damage in one row costs rows near it, and never the rest of the file: rows = contacts + rejects.
    #[test]
    fn rows_are_contacts_or_rejects(damaged in proptest::collection::btree_map(0_usize..60, proptest::sample::select(vec![
        "x,\"open,z", "\"a\"b,c,d", "one", "a,b,c,d,e", "nobody,A,B", ",A,B", "z\0@example.org,A,B",
    ]), 0..10)) {
        let mut text = "email,first name,note\n".to_owned();
        for row in 0..60 {
            match damaged.get(&row) {
                Some(line) => text.push_str(line),
                None => text.push_str(&format!("p{row}@example.org,Ada,met")),
            }
            text.push('\n');
        }
        let given = read(text.as_bytes(), &CsvOptions::default());
        prop_assert_eq!(given.contacts.len(), 60 - damaged.len());
        prop_assert_eq!(given.rejects.len(), damaged.len());
        for ((row, line), reject) in damaged.iter().zip(&given.rejects) {
            prop_assert_eq!(reject.line, row + 2);
            prop_assert_eq!(reject.raw.as_deref(), Some(line.as_bytes()));
        }
    }

    /// Files that were cut, joined, or damaged on their way.
    #[test]
    fn damaged_exports_are_read_to_their_end(
        one in 0..EXPORTS.len(), other in 0..EXPORTS.len(), cut in any::<prop::sample::Index>(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
    ) {
        let mut bytes = EXPORTS[one][..cut.index(EXPORTS[one].len() + 1)].to_vec();
        bytes.extend_from_slice(EXPORTS[other]);
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let given = read(&bytes, &CsvOptions::default());
        for contact in &given.contacts {
            prop_assert!(contact.card.emails().count() + contact.card.phones().count() > 0);
            let parsed = Card::parse(contact.card.to_text()).unwrap();
            prop_assert_eq!(parsed.value(), contact.card.value());
        }
    }
}
