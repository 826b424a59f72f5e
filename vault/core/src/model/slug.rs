//! Handles that people type: names of purposes, of accounts, of controllers on the command line.

use std::fmt;
use std::str::FromStr;

/// A short handle: lower-case letters, digits and single hyphens, such as `spring-newsletter`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(Box<str>);

/// The text cannot be a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not a handle; expected 1 to {max} lower-case letters (a to z), digits and single hyphens, \
     beginning with a letter, such as spring-newsletter", max = Slug::MAX_CHARS
)]
pub struct SlugError;

impl Slug {
    /// The longest handle.
    pub const MAX_CHARS: usize = 63;

    /// The handle as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        let begins_well = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if begins_well && plain && text.len() <= Self::MAX_CHARS && !text.ends_with('-') && !text.contains("--") {
            Ok(Self(text.into()))
        } else {
            Err(SlugError)
        }
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slug({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_kept_as_typed() {
        assert_eq!("spring-newsletter-2".parse::<Slug>().unwrap().as_str(), "spring-newsletter-2");
        assert!("a".repeat(63).parse::<Slug>().is_ok());
    }

    #[test]
    fn capitals_spaces_accents_and_stray_hyphens_are_refused_with_an_example() {
        for text in ["", "Spring", "2nd", "a b", "été", "-a", "a-", "a--b", "a_b", &"a".repeat(64)] {
            assert!(text.parse::<Slug>().is_err(), "{text:?} was accepted");
        }
        assert!(SlugError.to_string().contains("spring-newsletter"));
    }
}
