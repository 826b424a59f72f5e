//! Words of names, organisations and domains, levelled so that a search finds what was written another way.
//!
//! `Łukasz`, `LUKASZ` and `lukasz` are one word. What is levelled away cannot be got back: words are for tags alone.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::model::Card;
use crate::model::domain::{normal_domain, readable_domain};

/// Words of one card at most; a card with more is searched by its first.
pub const MAX_WORDS: usize = 64;
/// Characters of one word at most; a longer one is cut.
pub const MAX_WORD_CHARS: usize = 40;
const MIN_WORD_CHARS: usize = 2;

/// The words of a text: letters and digits without case and diacritics, in their order, each once.
///
/// A single letter or digit is left out, except in scripts that write whole words with one sign.
pub fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect_words(text, &mut found);
    found
}

/// The words of a domain: the whole name as A-labels, each name that contains it, and the words of its labels.
///
/// `mail.example.org` gives `mail.example.org`, `example.org`, `mail` and `example`; the last label says too little to be
/// searched for. A text that is no domain gives nothing.
pub fn domain_words(domain: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect_domain_words(domain, &mut found);
    found
}

/// The words that a card is found by: its names, nicknames, organisations, and the domains of its addresses.
pub fn card_words(card: &Card) -> Vec<String> {
    let mut found = Vec::new();
    card.full_name().iter().for_each(|name| collect_words(name, &mut found));
    card.name_components()
        .filter(|(kind, _)| *kind != "separator")
        .for_each(|(_, part)| collect_words(part, &mut found));
    card.nicknames().chain(card.organizations()).for_each(|name| collect_words(name, &mut found));
    card.emails().filter_map(|address| address.rsplit_once('@')).for_each(|(_, domain)| {
        collect_domain_words(domain.trim(), &mut found);
    });
    found
}

/// The words to look for when somebody types this: a domain as one word, anything else as its words.
///
/// A card that matches has every one of them among its [`card_words`].
pub fn query_words(text: &str) -> Vec<String> {
    let text = text.trim();
    let text = text.strip_prefix('@').unwrap_or(text);
    let last_label = text.rsplit('.').next().unwrap_or_default();
    match normal_domain(text) {
        Ok(domain) if last_label.chars().count() >= MIN_WORD_CHARS => vec![domain.into_owned()],
        _ => words(text),
    }
}

fn collect_words(text: &str, found: &mut Vec<String>) {
    let levelled = level(text);
    for word in levelled.split(|c: char| !c.is_alphanumeric()) {
        let short = word.chars().count() < MIN_WORD_CHARS && !word.chars().all(is_word_by_itself);
        if !short && !word.is_empty() {
            keep(cut(word), found);
        }
    }
}

fn collect_domain_words(domain: &str, found: &mut Vec<String>) {
    let Ok(name) = normal_domain(domain) else { return };
    let mut rest: &str = &name;
    while rest.contains('.') {
        keep(rest, found);
        rest = rest.split_once('.').map_or("", |(_, parent)| parent);
    }
    let readable = readable_domain(&name);
    if let Some((labels, _top)) = readable.rsplit_once('.') {
        collect_words(labels, found);
    }
}

fn keep(word: &str, found: &mut Vec<String>) {
    if found.len() < MAX_WORDS && !found.iter().any(|known| known == word) {
        found.push(word.to_owned());
    }
}

fn cut(word: &str) -> &str {
    word.char_indices().nth(MAX_WORD_CHARS).and_then(|(end, _)| word.get(..end)).unwrap_or(word)
}

/// A text without case, diacritics and compatibility forms; `ß`, `ẞ` and `ss` are alike. Spaces and signs stay.
pub fn level(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut levelled = String::with_capacity(text.len());
    let bare = text.nfkd().filter(|c| !is_combining_mark(*c));
    let folded = bare.flat_map(char::to_lowercase).flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    for c in folded.nfkd().filter(|c| !is_combining_mark(*c)) {
        match spelled(c) {
            Some(letters) => levelled.push_str(letters),
            None => levelled.push(c),
        }
    }
    levelled
}

/// Letters that Unicode does not take apart, as those write them who have no such key.
const fn spelled(c: char) -> Option<&'static str> {
    Some(match c {
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'æ' => "ae",
        'œ' => "oe",
        'þ' => "th",
        _ => return None,
    })
}

/// Ideographs, kana and Hangul.
const fn is_word_by_itself(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_diacritics_and_special_letters_do_not_matter() {
        for (one, other) in [
            ("Élodie", "ELODIE"),
            ("Łukasz", "lukasz"),
            ("Strauß", "STRAUSS"),
            ("STRAUẞ", "strauss"),
            ("Œuvre", "oeuvre"),
            ("Σίσυφος", "ΣΙΣΥΦΟΣ"),
            ("İstanbul", "istanbul"),
            ("ｆｕｌｌ", "full"),
            ("e\u{301}lan", "\u{e9}lan"),
        ] {
            assert_eq!(words(one), words(other), "{one} {other}");
        }
    }

    #[test]
    fn words_are_split_at_anything_else_and_single_letters_are_left_out() {
        assert_eq!(words("Jean-Pierre O'Neill, S. & Co 42"), ["jean", "pierre", "neill", "co", "42"]);
        assert_eq!(words("王 小明"), ["王", "小明"]);
        assert_eq!(words("a b - ."), Vec::<String>::new());
    }

    #[test]
    fn a_domain_gives_itself_its_parents_and_its_labels() {
        assert_eq!(domain_words("Mail.Example.org"), ["mail.example.org", "example.org", "mail", "example"]);
        assert_eq!(domain_words("bücher.example"), ["xn--bcher-kva.example", "bucher"]);
        assert_eq!(domain_words("not a domain"), Vec::<String>::new());
    }

    #[test]
    fn what_people_type_is_found_among_the_words_of_the_card() {
        let card = Card::parse(
            r#"{"@type":"Card","name":{"components":[{"kind":"given","value":"Élodie"},{"kind":"surname","value":"Martin"}]},
                "nicknames":{"n":{"name":"Lolo"}},"organizations":{"o":{"name":"Crédit du Port"}},
                "emails":{"e":{"address":"e.martin@mail.bücher.example"}}}"#,
        )
        .unwrap();
        let found = card_words(&card);
        for query in ["elodie MARTIN", "lolo", "credit port", "bücher.example", "@mail.bücher.example", "bucher"] {
            let wanted = query_words(query);
            assert!(
                !wanted.is_empty() && wanted.iter().all(|word| found.contains(word)),
                "{query}: {wanted:?} {found:?}"
            );
        }
        assert!(!found.contains(&"e.martin".to_owned()));
    }

    #[test]
    fn count_and_length_are_bounded() {
        let many: String = (0..500).map(|number| format!("word{number} ")).collect();
        assert_eq!(words(&many).len(), MAX_WORDS);
        assert_eq!(words(&"é".repeat(500)), ["e".repeat(MAX_WORD_CHARS)]);
    }

    proptest! {
        #[test]
        fn levelling_what_is_levelled_changes_nothing(text in "\\PC{0,40}") {
            for word in words(&text) {
                prop_assert_eq!(words(&word), vec![word.clone()]);
            }
            domain_words(&text);
            query_words(&text);
        }
    }
}
