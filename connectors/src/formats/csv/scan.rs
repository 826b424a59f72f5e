//! One row of a table, taken apart into cells.
//!
//! The rules are those of RFC 4180, read strictly where they protect: a quote that closes must be followed by a separator or a
//! line end. Everything else that is met in the wild is taken as it stands: quotes in the middle of a cell, blanks around
//! quotes, any line end. The scanner holds no text; cells are places in the row.

use memchr::{memchr, memchr2, memchr3};

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// What stands between two cells.
    pub separator: u8,
    /// What stands around a cell that holds separators or line ends.
    pub quote: u8,
}

impl Default for Dialect {
    /// That of RFC 4180.
    fn default() -> Self {
        Self { separator: b',', quote: b'"' }
    }
}

/// Where a cell stands in its row, without its quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it holds doubled quotes.
    pub(super) escaped: bool,
}

/// What stands at the beginning of some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// A row of so many bytes, and with its line end; the opening quote of the first cell that goes over several lines.
    Row { content: usize, bytes: usize, spanning: Option<usize> },
    /// Not enough to know.
    More,
    /// A cell whose quotes do not close as they should; the place of the quote that is to blame.
    Broken { quote: usize },
}

/// Takes the first row apart. `ended` says that nothing follows the bytes.
///
/// A row over several lines that reaches `max_cells` is taken for one whose quote was not closed: without a bound, each line of
/// a damaged file could be read again for each line before it.
pub(super) fn scan(bytes: &[u8], dialect: Dialect, ended: bool, max_cells: usize, cells: &mut Vec<Cell>) -> Scan {
    cells.clear();
    let mut at = 0;
    let mut spanning = None;
    loop {
        let end = match opening_quote(bytes, at, dialect) {
            Some(open) => match quoted(bytes, open, dialect, ended) {
                Quoted::Closed { close, after, escaped } => {
                    cells.push(Cell { start: open + 1, end: close, escaped });
                    let content = bytes.get(open..close).unwrap_or_default();
                    if spanning.is_none() && memchr2(b'\n', b'\r', content).is_some() {
                        spanning = Some(open);
                    }
                    after
                }
                Quoted::More => return Scan::More,
                Quoted::Broken => return Scan::Broken { quote: spanning.unwrap_or(open) },
            },
            None => {
                let rest = bytes.get(at..).unwrap_or_default();
                let end = match memchr3(dialect.separator, b'\n', b'\r', rest) {
                    Some(count) => at + count,
                    None if ended => bytes.len(),
                    None => return Scan::More,
                };
                cells.push(Cell { start: at, end, escaped: false });
                end
            }
        };
        match (bytes.get(end), bytes.get(end + 1)) {
            (None, _) => return Scan::Row { content: end, bytes: end, spanning },
            (Some(b'\r'), None) if !ended => return Scan::More,
            (Some(b'\r'), Some(b'\n')) => return Scan::Row { content: end, bytes: end + 2, spanning },
            (Some(b'\r' | b'\n'), _) => return Scan::Row { content: end, bytes: end + 1, spanning },
            (Some(_), _) => at = end + 1,
        }
        if let Some(quote) = spanning.filter(|_| cells.len() > max_cells) {
            return Scan::Broken { quote };
        }
    }
}

/// The quote that a cell begins with; blanks may stand before it.
fn opening_quote(bytes: &[u8], at: usize, dialect: Dialect) -> Option<usize> {
    match bytes.get(at) {
        Some(byte) if *byte == dialect.quote => Some(at),
        Some(b' ') => {
            let blanks = bytes.get(at..)?.iter().take_while(|byte| **byte == b' ').count();
            (bytes.get(at + blanks) == Some(&dialect.quote)).then_some(at + blanks)
        }
        _ => None,
    }
}

enum Quoted {
    Closed { close: usize, after: usize, escaped: bool },
    More,
    Broken,
}

fn quoted(bytes: &[u8], open: usize, dialect: Dialect, ended: bool) -> Quoted {
    let unknown = if ended { Quoted::Broken } else { Quoted::More };
    let mut at = open + 1;
    let mut escaped = false;
    loop {
        let Some(count) = memchr(dialect.quote, bytes.get(at..).unwrap_or_default()) else { return unknown };
        let close = at + count;
        if bytes.get(close + 1) == Some(&dialect.quote) {
            escaped = true;
            at = close + 2;
            continue;
        }
        let behind = bytes.get(close + 1..).unwrap_or_default();
        let after = close + 1 + behind.iter().take_while(|byte| **byte == b' ').count();
        return match bytes.get(after) {
            Some(b'\n' | b'\r') => Quoted::Closed { close, after, escaped },
            Some(byte) if *byte == dialect.separator => Quoted::Closed { close, after, escaped },
            Some(_) => Quoted::Broken,
            None if ended => Quoted::Closed { close, after, escaped },
            None => Quoted::More,
        };
    }
}

/// Appends a cell to a text, its doubled quotes made single.
pub(super) fn unescape_into(text: &mut String, cell: &str, quote: u8) {
    let quote = char::from(quote);
    let mut rest = cell;
    while let Some((before, after)) = rest.split_once(quote) {
        text.push_str(before);
        text.push(quote);
        rest = after.strip_prefix(quote).unwrap_or(after);
    }
    text.push_str(rest);
}

#[cfg(test)]
#[path = "scan_tests.rs"]
mod tests;
