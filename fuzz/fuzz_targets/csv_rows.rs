//! A table of any cells, written as RFC 4180 says: rows are contacts or rejects, one for one, at their places.
#![no_main]

use carnet_connectors::formats::bytes::Encoding;
use carnet_connectors::formats::csv::{CsvOptions, CsvReader};
use carnet_fuzz::{Items, assert_in_order, line, target};

target!(|rows: Vec<Vec<&str>>| {
    let mut text = "\"email\",\"note\",\"opt-in date\",\"unsubscribed\"\r\n".to_owned();
    let mut places = Vec::new();
    for row in &rows {
        // A row of another width that spans lines is taken for a quote that was never closed.
        let mut row = row.clone();
        row.resize(4, "");
        if row.iter().any(|cell| !cell.trim_ascii().is_empty()) {
            places.push(lines(&text));
        }
        let cells: Vec<String> = row.iter().map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).collect();
        text += &(cells.join(",") + "\r\n");
    }
    let options = CsvOptions { separator: Some(b','), header: Some(true), ..CsvOptions::default() };
    let reader = CsvReader::new(text.as_bytes(), &options).expect("without a mapping there is nothing to refuse");
    // Text that is full of zeros is not UTF-8 to anybody.
    if reader.encoding() != Encoding::Utf8 || reader.dialect().quote != b'"' {
        return;
    }
    let items: Items = reader.collect();
    assert_in_order(&items);
    assert_eq!(items.len(), places.len(), "{text:?}");
    let ends = places.iter().skip(1).copied().chain([usize::MAX]);
    for ((item, place), end) in items.iter().zip(&places).zip(ends) {
        // A reject says the very place in its row.
        assert!(line(item) == *place || item.is_err() && (*place..end).contains(&line(item)), "{text:?}");
    }
});

/// The line that comes next, with line ends of any kind.
fn lines(text: &str) -> usize {
    1 + text.replace("\r\n", "\n").matches(['\n', '\r']).count()
}
