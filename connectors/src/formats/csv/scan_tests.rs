use proptest::prelude::*;

use super::*;

fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut cells, mut at) = (Vec::new(), Vec::new(), 0);
    while at < text.len() {
        let rest = &text[at..];
        let Scan::Row { bytes, .. } = scan(rest.as_bytes(), Dialect::default(), true, usize::MAX, &mut cells) else {
            panic!("{rest:?}")
        };
        let texts = cells.iter().map(|cell| {
            let mut whole = String::new();
            unescape_into(&mut whole, &rest[cell.start..cell.end], if cell.escaped { b'"' } else { 0 });
            whole
        });
        rows.push(texts.collect());
        at += bytes;
    }
    rows
}

#[test]
fn quotes_line_ends_and_blanks_are_read_as_the_world_writes_them() {
    let text = "a,\"b \"\"c\"\", d\",e\r\n\"two\nlines\", \"x\" ,5\" disk\r,,\n\"\"";
    let expected: [&[&str]; 4] = [&["a", "b \"c\", d", "e"], &["two\nlines", "x", "5\" disk"], &["", "", ""], &[""]];
    assert_eq!(rows(text), expected);
}

fn one(text: &str, ended: bool, max_cells: usize) -> Scan {
    scan(text.as_bytes(), Dialect::default(), ended, max_cells, &mut Vec::new())
}

#[test]
fn a_quote_that_does_not_close_is_told_by_its_place() {
    assert_eq!(one("a,\"b\"c,d\n", false, 9), Scan::Broken { quote: 2 });
    assert_eq!(one("a,\"b\nc,\"d\"\n", false, 9), Scan::Broken { quote: 2 });
    assert_eq!(one("a,\"b\nc,d\n", true, 9), Scan::Broken { quote: 2 });
    assert_eq!(one("a,\"b\nc\",d,e\"f\n", false, 2), Scan::Broken { quote: 2 }, "too many cells over several lines");
    assert_eq!(one("a,\"b\nc\",\"x\"y\n", false, 9), Scan::Broken { quote: 2 }, "the first that goes over a line");
}

#[test]
fn what_is_cut_anywhere_asks_for_more() {
    let text = "a,\"b \"\"c\nd\" ,e\r\n";
    for end in 0..text.len() {
        assert_eq!(one(&text[..end], false, 9), Scan::More, "{:?}", &text[..end]);
    }
    assert_eq!(one(text, false, 9), Scan::Row { content: 14, bytes: 16, spanning: Some(2) });
}

fn field() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zé,;\"\n\r ]{0,8}", "[a-z]{0,5}"]
}

proptest! {
    /// Another reader of the same format agrees on every table that is written by the rules.
    #[test]
    fn what_is_quoted_by_the_rules_is_read_as_csv_core_reads_it(
        table in proptest::collection::vec(proptest::collection::vec(field(), 1..5), 1..5)
    ) {
        let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
        let text = table.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n").collect::<String>();
        prop_assert_eq!(rows(&text), table.clone());
        let mut reader = csv_core::Reader::new();
        let (mut output, mut ends) = (vec![0; text.len()], vec![0; 64]);
        let mut rest = text.as_bytes();
        for row in table {
            let (result, read, _, count) = reader.read_record(rest, &mut output, &mut ends);
            prop_assert!(matches!(result, csv_core::ReadRecordResult::Record));
            rest = &rest[read..];
            let starts = std::iter::once(0).chain(ends.iter().copied());
            let fields = starts.zip(&ends[..count]).map(|(start, end)| String::from_utf8(output[start..*end].to_vec()).unwrap());
            prop_assert_eq!(fields.collect::<Vec<_>>(), row);
        }
    }

    #[test]
    fn any_bytes_are_answered_and_cells_stand_inside_the_row(
        bytes in proptest::collection::vec(prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), Just(b' '), any::<u8>()], 0..64),
        ended in any::<bool>(),
    ) {
        let mut cells = Vec::new();
        if let Scan::Row { content, bytes: whole, .. } = scan(&bytes, Dialect::default(), ended, 8, &mut cells) {
            prop_assert!(content <= whole && whole <= bytes.len() && !cells.is_empty());
            prop_assert!(cells.iter().all(|cell| cell.start <= cell.end && cell.end <= content));
        }
    }
}
