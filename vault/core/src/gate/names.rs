//! How a firm makes addresses of names: its nomenclature, read from addresses and names that belong together.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use crate::intake::level;

/// What stands between two parts of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Separator {
    None,
    Dot,
    Hyphen,
    Underscore,
}

impl Separator {
    const ALL: [Self; 4] = [Self::None, Self::Dot, Self::Hyphen, Self::Underscore];

    const fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Dot => ".",
            Self::Hyphen => "-",
            Self::Underscore => "_",
        }
    }
}

/// What stands in a part of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part {
    First,
    Last,
    FirstLetter,
    LastLetter,
}

impl Part {
    const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
            Self::FirstLetter => "f",
            Self::LastLetter => "l",
        }
    }
}

/// The way in which a firm makes addresses, such as `first.last` or `flast`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pattern {
    one: Part,
    other: Option<(Separator, Part)>,
}

/// The text is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a pattern of addresses; expected one such as first.last, f.last, flast, last_first or first")]
pub struct PatternError;

const PAIRS: [(Part, Part); 8] = [
    (Part::First, Part::Last),
    (Part::Last, Part::First),
    (Part::FirstLetter, Part::Last),
    (Part::Last, Part::FirstLetter),
    (Part::First, Part::LastLetter),
    (Part::LastLetter, Part::First),
    (Part::FirstLetter, Part::LastLetter),
    (Part::LastLetter, Part::FirstLetter),
];

impl Pattern {
    fn all() -> impl Iterator<Item = Self> {
        let alone = [Part::First, Part::Last].into_iter().map(|one| Self { one, other: None });
        let pairs = PAIRS.into_iter().flat_map(|(one, other)| {
            Separator::ALL.into_iter().map(move |separator| Self { one, other: Some((separator, other)) })
        });
        alone.chain(pairs)
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        Self::all().find(|pattern| pattern.to_string() == text).ok_or(PatternError)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.one.as_str())?;
        match self.other {
            Some((separator, other)) => write!(f, "{}{}", separator.as_str(), other.as_str()),
            None => Ok(()),
        }
    }
}

/// Names in the writings that addresses use, without case, accents and blanks; each worked out once.
#[derive(Default)]
pub(super) struct Writings(HashMap<u32, Vec<String>>);

impl Writings {
    /// The pattern by which this local part follows from a name, if it does by one. Digits at the end and tags do not count.
    ///
    /// Given name and surname come with the number that their text has in the list.
    pub(super) fn pattern(&mut self, local: &str, given: (u32, &str), surname: (u32, &str)) -> Option<Pattern> {
        let local = bare(local);
        if local.is_empty() {
            return None;
        }
        for (id, text) in [given, surname] {
            self.0.entry(id).or_insert_with(|| writings(text));
        }
        let (given, surname) = (self.0.get(&given.0)?, self.0.get(&surname.0)?);
        given.iter().find_map(|given| surname.iter().find_map(|surname| pattern(local, given, surname)))
    }
}

/// A local part without a tag and without digits at its end.
pub(super) fn bare(local: &str) -> &str {
    let local = local.split_once('+').map_or(local, |(bare, _)| bare);
    let bare = local.trim_end_matches(|c: char| c.is_ascii_digit());
    let bare = bare.trim_end_matches(['.', '-', '_']);
    if bare.is_empty() { local } else { bare }
}

/// The writings of one part of a name: in one word, with its hyphens, and with umlauts written out.
fn writings(text: &str) -> Vec<String> {
    let plain = level(text);
    let mut writings = Vec::with_capacity(3);
    let mut add = |writing: String| {
        if !writing.is_empty() && !writings.contains(&writing) {
            writings.push(writing);
        }
    };
    let letters = |text: &str, keep: &[char]| -> String {
        text.chars().filter(|c| c.is_alphanumeric() || keep.contains(c)).collect()
    };
    add(letters(&plain, &[]));
    if plain.contains(['-', ' ']) {
        add(letters(&plain.replace(' ', "-"), &['-']));
    }
    if text.chars().any(|c| matches!(c, 'ä' | 'ö' | 'ü' | 'Ä' | 'Ö' | 'Ü' | 'ß' | 'ø' | 'å')) {
        let written_out: String = text
            .to_lowercase()
            .chars()
            .flat_map(|c| {
                let two = match c {
                    'ä' => "ae",
                    'ö' | 'ø' => "oe",
                    'ü' => "ue",
                    'ß' => "ss",
                    'å' => "aa",
                    _ => "",
                };
                two.chars().chain(two.is_empty().then_some(c)).collect::<Vec<_>>()
            })
            .collect();
        add(letters(&level(&written_out), &[]));
    }
    writings
}

fn pattern(local: &str, given: &str, surname: &str) -> Option<Pattern> {
    if local == given && given != surname {
        return Some(Pattern { one: Part::First, other: None });
    }
    if local == surname && given != surname {
        return Some(Pattern { one: Part::Last, other: None });
    }
    let letter = |text: &'_ str| text.chars().next().map_or(0, char::len_utf8);
    for (one, other) in PAIRS {
        let text = |part: Part| match part {
            Part::First => given,
            Part::Last => surname,
            Part::FirstLetter => given.get(..letter(given)).unwrap_or_default(),
            Part::LastLetter => surname.get(..letter(surname)).unwrap_or_default(),
        };
        let Some(rest) = local.strip_prefix(text(one)) else { continue };
        let Some(between) = rest.strip_suffix(text(other)) else { continue };
        if let Some(separator) = Separator::ALL.into_iter().find(|separator| separator.as_str() == between) {
            return Some(Pattern { one, other: Some((separator, other)) });
        }
    }
    None
}

/// How the letters of a name are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Case {
    /// Nothing is there, or a script without case.
    None,
    Lower,
    Upper,
    Title,
}

impl Case {
    pub(super) fn of(text: &str) -> Self {
        let (mut upper, mut lower) = (0_u32, 0_u32);
        for c in text.chars() {
            upper += u32::from(c.is_uppercase());
            lower += u32::from(c.is_lowercase());
        }
        match (upper, lower) {
            (0, 0) => Self::None,
            (0, _) => Self::Lower,
            (2.., 0) => Self::Upper,
            _ => Self::Title,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "-",
            Self::Lower => "lower case",
            Self::Upper => "CAPITALS",
            Self::Title => "Capitalised",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(local: &str, given: &str, surname: &str) -> Option<String> {
        Writings::default().pattern(local, (1, given), (2, surname)).map(|pattern| pattern.to_string())
    }

    #[test]
    fn patterns_are_read_from_names_as_people_write_them() {
        for (local, given, surname, pattern) in [
            ("ada.example", "Ada", "EXAMPLE", "first.last"),
            ("aexample", "Ada", "Example", "flast"),
            ("a.example", "ADA", "Example", "f.last"),
            ("example_ada", "Ada", "Example", "last_first"),
            ("examplea", "Ada", "Example", "lastf"),
            ("ada", "Ada", "Example", "first"),
            ("example", "Ada", "Example", "last"),
            ("ada-example12", "Ada", "Example", "first-last"),
            ("ada.example+news", "Ada", "Example", "first.last"),
            ("jeanpierre.deoliveira", "Jean-Pierre", "De Oliveira", "first.last"),
            ("jean-pierre.martin", "Jean-Pierre", "Martin", "first.last"),
            ("klingelhoefer.b", "Bianca", "Klingelhöfer", "last.f"),
            ("b.klingelhofer", "Bianca", "KLINGELHÖFER", "f.last"),
        ] {
            assert_eq!(found(local, given, surname).as_deref(), Some(pattern), "{local}");
        }
        for (local, given, surname) in [("contact", "Ada", "Example"), ("x1", "Ada", "Example"), ("ada", "", "Example")]
        {
            assert_eq!(found(local, given, surname), None, "{local}");
        }
    }

    #[test]
    fn every_pattern_reads_back_and_another_word_is_refused() {
        for pattern in Pattern::all() {
            assert_eq!(pattern.to_string().parse(), Ok(pattern));
        }
        assert_eq!("f.l.a".parse::<Pattern>(), Err(PatternError));
    }

    #[test]
    fn cases() {
        for (text, case) in [
            ("", Case::None),
            ("李", Case::None),
            ("ada", Case::Lower),
            ("van riet", Case::Lower),
            ("ADA", Case::Upper),
            ("A", Case::Title),
            ("Ada", Case::Title),
            ("van Riet", Case::Title),
        ] {
            assert_eq!(Case::of(text), case, "{text}");
        }
    }
}
