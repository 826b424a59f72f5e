//! The words that columns go by, and the word that a head of a column becomes before it is compared.

use std::collections::HashMap;
use std::sync::LazyLock;

use carnet_core::intake::level;
use serde::Deserialize;

use super::field::Field;

const HEADERS: &str = include_str!("data/headers.toml");
const HINTS: &str = include_str!("data/hints.toml");

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Hints {
    about: Vec<String>,
    against: Vec<String>,
    neither: Vec<String>,
}

static PARTS: LazyLock<Hints> = LazyLock::new(|| toml::from_str(HINTS).unwrap_or_default());

/// What a head that is not known lets expect of the cells under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// They are about consent: a no may well be one.
    About,
    /// They are about somebody who wants nothing any more.
    Against,
}

impl Hint {
    pub(super) fn of(head: &str) -> Option<Self> {
        let words: Vec<String> = head.split(|c: char| !c.is_alphanumeric()).map(key).collect();
        // From the beginning of each word on, and on across blanks: "non contattare" is written in many ways.
        let tails: Vec<String> =
            (0..words.len()).map(|at| words.iter().skip(at).map(String::as_str).collect()).collect();
        let begins = |part: &String| tails.iter().any(|tail| tail.starts_with(part));
        if PARTS.neither.iter().any(begins) {
            return None;
        }
        if PARTS.against.iter().any(begins) {
            return Some(Self::Against);
        }
        let key = key(head);
        PARTS.about.iter().any(|part| key.contains(part)).then_some(Self::About)
    }
}

static WORDS: LazyLock<HashMap<String, Field>> = LazyLock::new(|| {
    // The text is part of the program; a test reads it whole.
    let fields: HashMap<String, Vec<String>> = toml::from_str(HEADERS).unwrap_or_default();
    fields
        .iter()
        .filter_map(|(field, words)| Some((field.parse::<Field>().ok()?, words)))
        .flat_map(|(field, words)| words.iter().map(move |word| (key(word), field)))
        .collect()
});

/// The letters and digits of a head, without case and accents.
pub(super) fn key(head: &str) -> String {
    level(head).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// What a column is by its head alone.
pub(super) fn field(head: &str) -> Option<Field> {
    let key = key(head);
    let known = WORDS.get(&key).copied();
    known.or_else(|| {
        let bare = key.trim_end_matches(|c: char| c.is_ascii_digit());
        WORDS.get(bare).copied().filter(|field| field.may_repeat() || key.ends_with('1'))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_word_of_the_table_is_read_and_means_one_thing() {
        let fields: HashMap<String, Vec<String>> = toml::from_str(HEADERS).unwrap();
        let mut met = HashMap::new();
        for (field, words) in &fields {
            let parsed: Field = field.parse().unwrap_or_else(|_| panic!("{field}"));
            for word in words {
                assert!(!key(word).is_empty());
                let other = met.insert(key(word), field);
                assert!(other.is_none_or(|other| other == field), "{word}: {field} and {other:?}");
                assert_eq!(super::field(word), Some(parsed), "{word}");
            }
        }
    }

    #[test]
    fn heads_are_found_as_people_write_them() {
        for (head, field) in [
            ("E-Mail", "email"),
            ("ADRESSE  E-MAIL", "email"),
            ("Prénom", "name.given"),
            ("PRENOM", "name.given"),
            ("Straße", "address.street"),
            ("Date d’inscription", "consent.given-at"),
            ("opt_in_ip", "consent.ip-address"),
            ("Phone 2", "phone"),
            ("Bestätigt am", "consent.confirmed-at"),
        ] {
            assert_eq!(super::field(head).map(Field::as_str), Some(field), "{head}");
        }
    }

    #[test]
    fn parts_of_heads_that_are_not_known_are_keys_and_tell_about_consent() {
        let hints: Hints = toml::from_str(HINTS).unwrap();
        assert!(hints.about.iter().chain(&hints.against).chain(&hints.neither).all(|part| *part == key(part)));
        for (head, hint) in [
            ("Consenso al trattamento", Some(Hint::About)),
            ("Συγκατάθεση πελάτη", Some(Hint::About)),
            ("GDPR ok", Some(Hint::About)),
            ("Non contattare più", Some(Hint::Against)),
            ("Unsub campaign", Some(Hint::Against)),
            ("Unsubscribe URL", None),
            ("Lien de désinscription", None),
            ("Newsletter opens", None),
            ("SMS consent", None),
            ("Telefono/Email", None),
            ("Estado notificación", None),
            ("Shoe size", None),
            ("Customer since", None),
        ] {
            assert_eq!(Hint::of(head), hint, "{head}");
        }
    }

    #[test]
    fn that_a_record_was_made_is_no_sign_up() {
        let heads = [
            "Created",
            "Created At",
            "Date added",
            "ADDED_TIME",
            "date ajout",
            "Erstellt am",
            "Last changed",
            "Modified",
            "City 2",
        ];
        let known: HashSet<_> = heads.iter().filter(|head| super::field(head).is_some()).collect();
        assert!(known.is_empty(), "{known:?}");
    }
}
