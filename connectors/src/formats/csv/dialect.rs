//! How a table is written, found from its beginning.
//!
//! Each separator is tried on the same rows; the one wins under which the rows have the same number of cells, agree with the
//! first row, and hold addresses that stand alone in a cell.

use carnet_core::intake;

use super::headers;
use super::scan::{Cell, Dialect, Scan, scan};

const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Rows that are looked at.
const ROWS: usize = 200;
/// A row of more cells than this says no more by having them.
const MAX_CELLS: usize = 60;

/// What the beginning of a file says about how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) dialect: Dialect,
    /// Whether the first line is `sep=;` and the like, which spreadsheet programs write and read.
    pub(super) says_separator: bool,
}

/// Finds the dialect. `ended` says that nothing follows the sample.
pub(super) fn find(sample: &[u8], ended: bool, separator: Option<u8>) -> Found {
    let quote = if is_single_quoted(sample) { b'\'' } else { b'"' };
    if let Some(separator) = separator.or_else(|| said_separator(sample)) {
        return Found { dialect: Dialect { separator, quote }, says_separator: said_separator(sample).is_some() };
    }
    let best = SEPARATORS
        .into_iter()
        .map(|separator| (score(sample, ended, Dialect { separator, quote }), separator))
        // The first of equals wins.
        .rev()
        .max_by_key(|(score, _)| *score);
    let separator = best.map_or(b',', |(_, separator)| separator);
    Found { dialect: Dialect { separator, quote }, says_separator: false }
}

fn said_separator(sample: &[u8]) -> Option<u8> {
    let line = sample.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line.strip_prefix(b"sep=") {
        Some([separator]) if separator.is_ascii() && !separator.is_ascii_alphanumeric() => Some(*separator),
        _ => None,
    }
}

/// Whether cells stand in single quotes: no double quote is there, and the first line is made of single ones.
fn is_single_quoted(sample: &[u8]) -> bool {
    let line = sample.split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| !line.is_empty()).unwrap_or_default();
    let fenced = line.len() > 2 && line.starts_with(b"'") && line.ends_with(b"'");
    fenced && !sample.contains(&b'"')
}

/// How well the rows fit a dialect; 0 if it makes one column of them.
fn score(sample: &[u8], ended: bool, dialect: Dialect) -> usize {
    let mut counts = [0_usize; MAX_CELLS + 1];
    let (mut rows, mut first, mut with_address) = (0, None, 0);
    each_row(sample, ended, dialect, |row, cells| {
        rows += 1;
        let count = cells.len().min(MAX_CELLS);
        first = first.or(Some(count));
        counts.iter_mut().skip(count).take(1).for_each(|counted| *counted += 1);
        with_address +=
            usize::from(cells.iter().any(|cell| {
                std::str::from_utf8(row.get(cell.start..cell.end).unwrap_or_default()).is_ok_and(is_address)
            }));
    });
    let usual = counts.iter().enumerate().skip(2).max_by_key(|(_, counted)| **counted);
    let Some((cells, counted)) = usual.filter(|(_, counted)| **counted > 0) else { return 0 };
    let share = counted * 1_000 / rows.max(1);
    let agrees = if first == Some(cells) { 4 } else { 1 };
    let holds_addresses = if with_address * 2 >= rows.saturating_sub(1).max(1) { 4 } else { 1 };
    share * (cells - 1) * agrees * holds_addresses
}

/// Calls for each row of a sample that is not blank; a row that is broken is called with no cells.
pub(super) fn each_row(sample: &[u8], ended: bool, dialect: Dialect, mut call: impl FnMut(&[u8], &[Cell])) {
    let (mut rest, mut cells) = (sample, Vec::new());
    for _ in 0..ROWS {
        let bytes = match scan(rest, dialect, ended, MAX_CELLS * 4, &mut cells) {
            _ if rest.is_empty() => return,
            Scan::More => return,
            Scan::Row { content, bytes, .. } => {
                let row = rest.get(..content).unwrap_or_default();
                if !row.trim_ascii().is_empty() {
                    call(row, &cells);
                }
                bytes
            }
            Scan::Broken { .. } => {
                call(&[], &[]);
                rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |at| at + 1)
            }
        };
        rest = rest.get(bytes..).unwrap_or_default();
    }
}

/// Whether a cell is an e-mail address and nothing else.
pub(super) fn is_address(text: &str) -> bool {
    text.contains('@') && !text.contains([',', ';', '\t', '|', '"']) && intake::email(text).is_ok()
}

/// How many rows stand above the heads: titles, as people write them into spreadsheets.
///
/// There are none unless a row soon follows that has two heads that are known, and no row above it has one or an address.
pub(super) fn titles(sample: &[u8], ended: bool, dialect: Dialect) -> usize {
    const ROWS_ABOVE: usize = 10;
    let (mut above, mut found) = (0, None);
    each_row(sample, ended, dialect, |row, cells| {
        let texts =
            || cells.iter().filter_map(|cell| std::str::from_utf8(row.get(cell.start..cell.end)?).ok()).map(str::trim);
        if found.is_some() || (!cells.is_empty() && texts().all(str::is_empty)) {
            return;
        }
        match texts().filter(|text| headers::field(text).is_some()).count() {
            0 if !cells.is_empty() && above < ROWS_ABOVE && !texts().any(is_address) => above += 1,
            2.. if !texts().any(is_address) => found = Some(above),
            _ => found = Some(0),
        }
    });
    found.unwrap_or_default()
}

/// Whether a row says what the columns are: no cell of it is an address, and one is a head that is known, or none is a number
/// or a date.
pub(super) fn is_header<'a>(cells: impl Iterator<Item = &'a str> + Clone) -> bool {
    let is_known = |text: &str| headers::field(text).is_some();
    if cells.clone().any(is_known) && !cells.clone().map(str::trim).any(is_address) {
        return true;
    }
    let mut named = false;
    for text in cells.map(str::trim) {
        let digits = text.bytes().filter(u8::is_ascii_digit).count();
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        if is_address(text) || (digits >= 4 && digits > letters) {
            return false;
        }
        named |= letters > 0;
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn separator(text: &str) -> char {
        char::from(find(text.as_bytes(), true, None).dialect.separator)
    }

    #[test]
    fn the_separator_is_the_one_that_makes_a_table() {
        assert_eq!(separator("email,name\nada@example.org,Ada\n"), ',');
        assert_eq!(separator("email;name;tags\nada@example.org;\"Example; Ada\";a,b,c\nb@example.org;B;a,b,c\n"), ';');
        assert_eq!(separator("email\tname\nada@example.org\tExample, Ada\n"), '\t');
        assert_eq!(separator("email|name|city\nada@example.org|Ada|Lyon\n"), '|');
        assert_eq!(separator("Nom, prénom;Courriel\nExample, Ada;ada@example.org\nTest, Bo;bo@example.org\n"), ';');
        assert_eq!(separator("ada@example.org\nbo@example.org\n"), ',', "one column has none");
        assert_eq!(separator("\"email\";\"note\"\n\"a@example.org\";\"one, two, three, four\"\n"), ';');
        assert_eq!(separator(""), ',');
    }

    #[test]
    fn a_few_ragged_rows_do_not_hide_it() {
        let mut text = "email;first;last;city\n".to_owned();
        (0..50).for_each(|n| text.push_str(&format!("p{n}@example.org;A;B;C\n")));
        text.push_str("broken;row\n\"open;x\n");
        assert_eq!(separator(&text), ';');
    }

    #[test]
    fn a_line_that_says_the_separator_is_believed() {
        let found = find(b"sep=|\nemail|a,b\n", true, None);
        assert_eq!((found.dialect.separator, found.says_separator), (b'|', true));
    }

    #[test]
    fn single_quotes_are_quotes_only_if_there_are_no_double_ones() {
        assert_eq!(find(b"'email','name'\n'a@example.org','A, B'\n", true, None).dialect.quote, b'\'');
        assert_eq!(find(b"email,name\na@example.org,O'Neill\n", true, None).dialect.quote, b'"');
    }

    #[test]
    fn a_header_holds_words_alone() {
        assert!(is_header(["E-mail", "Address 1", ""].into_iter()));
        assert!(is_header(["E-mail", "2023", "2024"].into_iter()));
        assert!(!is_header(["ada@example.org", "Ada"].into_iter()));
        assert!(!is_header(["Ada", "+33 1 99 00 12 34"].into_iter()));
        assert!(!is_header(["", ""].into_iter()));
    }
}
