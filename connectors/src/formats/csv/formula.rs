//! Cells that a spreadsheet would run: `=1+1`, `@SUM(...)`, `-2+3`. An apostrophe before them makes a text of them
//! (OWASP, CSV injection); one more is written for each that is there, so that reading takes exactly one away.

use std::borrow::Cow;

const GUARD: char = '\'';

/// Whether something stands there that is run, behind any number of apostrophes.
fn is_run(text: &str) -> bool {
    // Full-width signs are the same to some spreadsheets.
    text.trim_start_matches(GUARD).starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

/// The cell as it is written: as it is, or with an apostrophe before it.
pub(super) fn guarded(text: &str) -> Cow<'_, str> {
    if is_run(text) { Cow::Owned(format!("{GUARD}{text}")) } else { Cow::Borrowed(text) }
}

/// The cell as it was before [`guarded`]; `None` if nothing was done to it.
pub(super) fn unguarded(cell: &str) -> Option<&str> {
    cell.strip_prefix(GUARD).filter(|text| is_run(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_be_run_is_guarded_and_nothing_else() {
        for (text, cell) in [
            ("=HYPERLINK(\"https://example.org\")", "'=HYPERLINK(\"https://example.org\")"),
            ("+33 1 99 00 12 34", "'+33 1 99 00 12 34"),
            ("-1", "'-1"),
            ("@here", "'@here"),
            ("\t=1", "'\t=1"),
            ("'=1", "''=1"),
            ("'s-Hertogenbosch", "'s-Hertogenbosch"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), cell);
        }
    }

    proptest! {
        #[test]
        fn reading_takes_away_what_writing_has_put_there(text in "['=+@a \\t-]{0,6}\\PC{0,8}") {
            let cell = guarded(&text);
            prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t']));
            prop_assert_eq!(unguarded(&cell).unwrap_or(&cell), text.as_str());
        }
    }
}
