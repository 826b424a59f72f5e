//! Command lines as people type them: words between spaces, and quotes around words that have spaces in them.

/// The words of a line. Both kinds of quotes mean the same; there are no escapes and no variables.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    assert!(quote.is_none(), "a quote is not closed in: {line}");
    words.extend(word);
    words
}

#[test]
fn quotes_keep_words_together_and_may_be_empty() {
    assert_eq!(words("a  'b c' --x=\"it's\" ''"), ["a", "b c", "--x=it's", ""]);
}
