//! Values as text: escapes, lists and components (RFC 6350 section 3.4).
//!
//! Reading is lenient, because writers disagree on what must be escaped; writing escapes whatever could be mistaken.

use std::borrow::Cow;

/// Undoes escapes. A backslash before anything else than RFC 6350 allows is a backslash.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n' | 'N') => out.push('\n'),
            Some(c @ ('\\' | ',' | ';' | ':')) => out.push(c),
            Some(c) => out.extend(['\\', c]),
            None => out.push('\\'),
        }
    }
    Cow::Owned(out)
}

/// Escapes text so that it is one value, wherever it stands.
pub(in crate::formats) fn escape(text: &str) -> Cow<'_, str> {
    escape_all(text, &['\\', ',', ';', '\n', '\r'])
}

/// Escapes only what would break a line or an escape: for values that have commas and semicolons of their own, such as URIs.
pub(in crate::formats) fn escape_uri(text: &str) -> Cow<'_, str> {
    escape_all(text, &['\\', '\n', '\r'])
}

fn escape_all<'a>(text: &'a str, special: &[char]) -> Cow<'a, str> {
    if !text.contains(special) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push_str("\\n");
            }
            '\n' => out.push_str("\\n"),
            c if special.contains(&c) => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The parts between separators that no backslash stands before; escapes stay.
pub(super) fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let whole = rest?;
        let mut escaped = false;
        let end = whole.char_indices().find_map(|(index, c)| {
            let found = !escaped && c == separator;
            escaped = c == '\\' && !escaped;
            found.then_some(index)
        });
        let (part, behind) = match end {
            Some(end) => (whole.get(..end), whole.get(end + separator.len_utf8()..)),
            None => (Some(whole), None),
        };
        rest = behind;
        part
    })
}

/// Components, each a list; empty values are left out, empty components are not.
pub(super) fn components(text: &str) -> Vec<Vec<Cow<'_, str>>> {
    split(text, ';')
        .map(|component| split(component, ',').filter(|value| !value.trim().is_empty()).map(unescape).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_of_every_writer_are_understood() {
        assert_eq!(unescape("a\\, b\\; c\\nd\\Ne\\\\f http\\://x"), "a, b; c\nd\ne\\f http://x");
        assert_eq!(unescape("C:\\Users\\"), "C:\\Users\\");
    }

    #[test]
    fn only_bare_separators_split() {
        assert_eq!(split("a\\;b;c\\\\;d", ';').collect::<Vec<_>>(), ["a\\;b", "c\\\\", "d"]);
        assert_eq!(split("", ';').collect::<Vec<_>>(), [""]);
        assert_eq!(components("a,b\\,c;;d"), [vec!["a", "b,c"], vec![], vec!["d"]]);
    }

    proptest! {
        #[test]
        fn what_was_escaped_comes_back(text in "[a,;:\\\\n\n é]{0,20}") {
            let escaped = escape(&text);
            prop_assert_eq!(unescape(&escaped), text.clone());
            prop_assert_eq!(split(&escaped, ';').count(), 1);
            prop_assert_eq!(split(&escaped, ',').count(), 1);
            prop_assert!(!escaped.contains('\n'));
            let escaped = escape_uri(&text);
            prop_assert_eq!(unescape(&escaped), text.clone());
        }
    }
}
