//! Language tags (BCP 47, RFC 5646), checked for their form; the registry of subtags is not consulted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A language tag in the recommended case: `fr`, `pt-BR`, `zh-Hant`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(Box<str>);

/// The text cannot be a language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a language tag; expected the form of BCP 47, such as fr, en-GB or zh-Hant")]
pub struct LanguageError;

impl Language {
    /// The tag as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The primary language alone: `pt` for `pt-BR`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(text: &str) -> Result<Self, LanguageError> {
        // RFC 5646 section 4.4.1 asks for room for 35 characters; longer tags are not met outside of attacks.
        if text.len() > 35 {
            return Err(LanguageError);
        }
        let mut tag = String::with_capacity(text.len());
        let mut in_extension = false;
        for (place, subtag) in text.split('-').enumerate() {
            let sound = (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric());
            let alphabetic = subtag.bytes().all(|byte| byte.is_ascii_alphabetic());
            if !sound || (place == 0 && !(alphabetic && (2..=3).contains(&subtag.len()))) {
                return Err(LanguageError);
            }
            if place > 0 {
                tag.push('-');
            }
            in_extension |= subtag.len() == 1;
            match subtag.len() {
                2 if place > 0 && alphabetic && !in_extension => tag.push_str(&subtag.to_ascii_uppercase()),
                4 if place > 0 && alphabetic && !in_extension => {
                    let (first, rest) = subtag.split_at(1);
                    tag.push_str(&first.to_ascii_uppercase());
                    tag.push_str(&rest.to_ascii_lowercase());
                }
                _ => tag.push_str(&subtag.to_ascii_lowercase()),
            }
        }
        Ok(Self(tag.into()))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({})", self.0)
    }
}

impl Serialize for Language {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Language {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tags_take_their_recommended_case() {
        for (given, kept) in [("FR", "fr"), ("pt-br", "pt-BR"), ("ZH-HANT-tw", "zh-Hant-TW"), ("de-1996", "de-1996")] {
            assert_eq!(given.parse::<Language>().unwrap().as_str(), kept);
        }
        assert_eq!("pt-BR".parse::<Language>().unwrap().primary(), "pt");
    }

    #[test]
    fn names_of_languages_and_broken_tags_are_refused() {
        for text in ["", "french", "f", "fr_FR", "fr-", "-fr", "français", "fr-abcdefghi", "12"] {
            assert!(text.parse::<Language>().is_err(), "{text:?} was accepted");
        }
    }

    proptest! {
        #[test]
        fn reading_a_tag_twice_changes_nothing(text in "\\PC{0,40}") {
            if let Ok(tag) = text.parse::<Language>() {
                prop_assert_eq!(tag.as_str().parse::<Language>().unwrap(), tag);
            }
        }
    }
}
