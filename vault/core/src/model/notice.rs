//! The exact text that a subject was shown (Art. 13, 14), versioned by its hash.

use super::{Language, NoticeHash};

/// One version of a notice. Another text, were it one space longer, is another version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    hash: NoticeHash,
    name: String,
    language: Language,
    text: String,
}

/// The text cannot be kept as a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoticeError {
    /// No name.
    #[error("the notice has no name; expected one such as \"Newsletter form, spring 2026\"")]
    NoName,
    /// Nothing that a subject could have read.
    #[error("the notice has no text; expected the exact words that subjects are shown")]
    NoText,
    /// More than anybody would read.
    #[error("the notice is longer than {} KiB; keep the text that subjects are shown, without images or markup of the page", Notice::MAX_BYTES / 1024)]
    TooLong,
}

impl Notice {
    /// The longest text.
    pub const MAX_BYTES: usize = 256 * 1024;

    /// A notice with this exact text.
    ///
    /// # Errors
    /// [`NoticeError`] if name or text is blank, or the text too long.
    pub fn new(name: &str, language: Language, text: &str) -> Result<Self, NoticeError> {
        if name.trim().is_empty() {
            return Err(NoticeError::NoName);
        }
        if text.trim().is_empty() {
            return Err(NoticeError::NoText);
        }
        if text.len() > Self::MAX_BYTES {
            return Err(NoticeError::TooLong);
        }
        let hash = NoticeHash::of(text.as_bytes());
        Ok(Self { hash, name: name.trim().to_owned(), language, text: text.to_owned() })
    }

    /// Its version: SHA-256 of [`text`](Self::text) in UTF-8.
    pub fn hash(&self) -> NoticeHash {
        self.hash
    }

    /// What people call it. Not part of the version.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The language that it is written in.
    pub fn language(&self) -> &Language {
        &self.language
    }

    /// The exact words, line ends included.
    pub fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(text: &str) -> Result<Notice, NoticeError> {
        Notice::new(" Spring form ", "fr".parse().unwrap(), text)
    }

    #[test]
    fn the_version_is_the_hash_of_the_exact_text() {
        let one = notice("Nous vous écrirons.\n").unwrap();
        assert_eq!(one.hash(), NoticeHash::of("Nous vous écrirons.\n".as_bytes()));
        assert_ne!(one.hash(), notice("Nous vous écrirons.").unwrap().hash());
        assert_eq!((one.name(), one.language().as_str()), ("Spring form", "fr"));
    }

    #[test]
    fn blank_and_endless_notices_are_refused() {
        assert_eq!(notice(" \n").unwrap_err(), NoticeError::NoText);
        assert_eq!(notice(&"a".repeat(Notice::MAX_BYTES + 1)).unwrap_err(), NoticeError::TooLong);
        assert_eq!(Notice::new("", "fr".parse().unwrap(), "x").unwrap_err(), NoticeError::NoName);
    }
}
