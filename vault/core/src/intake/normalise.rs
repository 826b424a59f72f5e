//! The values that blind index tags are made of: addresses and numbers of a card in their normal forms.

use crate::model::{Card, Country, EmailAddress, EmailError, PhoneError, PhoneNumber};

/// Reads an address as lists write it: also `mailto:name@example.org` and `<name@example.org>`.
///
/// # Errors
/// [`EmailError`], which does not repeat the text.
pub fn email(text: &str) -> Result<EmailAddress, EmailError> {
    let text = text.trim();
    let bare = match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => text.get(7..).unwrap_or_default(),
        _ => text.strip_prefix('<').and_then(|inner| inner.strip_suffix('>')).unwrap_or(text),
    };
    bare.parse()
}

/// Reads a number, also as a `tel:` URI; one in national form is taken to be from `region`.
///
/// # Errors
/// [`PhoneError`], which does not repeat the text.
pub fn phone(text: &str, region: Option<Country>) -> Result<PhoneNumber, PhoneError> {
    PhoneNumber::parse(text, region)
}

/// What a card is found by, and what of it could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TagValues {
    /// Its addresses, each once, in the card's order.
    pub emails: Vec<EmailAddress>,
    /// Its numbers, each once, in the card's order.
    pub phones: Vec<PhoneNumber>,
    /// Addresses and numbers that are none. The card keeps them; no tag finds them.
    pub unread: Vec<Unread>,
}

/// An address or number of a card that could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unread {
    /// Which of the card's addresses, or of its numbers, from 0.
    pub index: usize,
    /// What is wrong with it.
    pub reason: UnreadReason,
}

/// Why a value could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadReason {
    /// An address.
    #[error(transparent)]
    Email(EmailError),
    /// A number.
    #[error(transparent)]
    Phone(PhoneError),
}

impl TagValues {
    /// The addresses and numbers of a card. Its words cost more and are made later, by [`card_words`](super::card_words).
    pub fn of(card: &Card, region: Option<Country>) -> Self {
        let mut values = Self::default();
        for (index, text) in card.emails().enumerate() {
            match email(text) {
                Ok(address) if values.emails.contains(&address) => {}
                Ok(address) => values.emails.push(address),
                Err(reason) => values.unread.push(Unread { index, reason: UnreadReason::Email(reason) }),
            }
        }
        for (index, text) in card.phones().enumerate() {
            match phone(text, region) {
                Ok(number) if values.phones.contains(&number) => {}
                Ok(number) => values.phones.push(number),
                Err(reason) => values.unread.push(Unread { index, reason: UnreadReason::Phone(reason) }),
            }
        }
        values
    }

    /// What is wrong with the first address that is none: it could never be found or refused. A number that cannot be read
    /// stays on the card and is not looked up; no rule hangs on it.
    pub fn unread_email(&self) -> Option<EmailError> {
        self.unread.iter().find_map(|unread| match unread.reason {
            UnreadReason::Email(error) => Some(error),
            UnreadReason::Phone(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_read_as_lists_write_it() {
        for text in ["ada@example.org", " <ADA@example.org> ", "mailto:ada@example.org", "MAILTO:Ada@Example.org"] {
            assert_eq!(email(text).unwrap().as_str(), "ada@example.org", "{text:?}");
        }
    }

    #[test]
    fn a_card_gives_each_value_once_and_says_what_it_could_not_read() {
        let card = Card::parse(
            r#"{"@type":"Card","emails":{"a":{"address":"Ada@example.org"},"b":{"address":"none"},"c":{"address":"ada@EXAMPLE.org"}},
                "phones":{"a":{"number":"01 99 00 12 34"},"b":{"number":"tel:+33-1-99-00-12-34"},"c":{"number":"ask"}}}"#,
        )
        .unwrap();
        let values = TagValues::of(&card, Some("FR".parse().unwrap()));
        assert_eq!(values.emails.len(), 1);
        assert_eq!(values.phones.iter().map(PhoneNumber::as_str).collect::<Vec<_>>(), ["+33199001234"]);
        let expected = [
            Unread { index: 1, reason: UnreadReason::Email(EmailError::NoAt) },
            Unread { index: 2, reason: UnreadReason::Phone(PhoneError::Character { position: 1 }) },
        ];
        assert_eq!(values.unread, expected);
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_normal_forms_stay(text in "(mailto:|<)?\\PC{0,20}@?[a-z.]{0,12}>?") {
            if let Ok(address) = email(&text) {
                prop_assert_eq!(email(address.as_str()).unwrap(), address);
            }
        }
    }
}
