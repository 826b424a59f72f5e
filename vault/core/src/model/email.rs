//! E-mail addresses: read once, kept in the one form that tags are made of, masked wherever they are printed.
//!
//! Two spellings of one mailbox must give one value, and two mailboxes never the same: case and the writing of the
//! domain are levelled, dots and `+tags` are left alone, because only some providers ignore them. Where lists are compared with each other
//! a mailbox is what counts ([`EmailAddress::mailbox`]).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use super::domain::{DomainError, normal_domain};

/// An address in its normal form: trimmed, lower case, the domain as A-labels.
///
/// `Debug` and `Display` show a mask such as `a***@example.org`; [`as_str`](Self::as_str) reveals it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress {
    text: Box<str>,
    at: usize,
}

/// The text is not an e-mail address. Says where, never what: the text is personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmailError {
    /// Nothing is there.
    #[error("the e-mail address is empty; expected one such as name@example.org")]
    Empty,
    /// There is no `@`.
    #[error("the e-mail address has no @; expected one such as name@example.org")]
    NoAt,
    /// Nothing before the `@`.
    #[error("nothing stands before the @ of the e-mail address; expected one such as name@example.org")]
    NoLocalPart,
    /// More than 64 octets before the `@` (RFC 5321 section 4.5.3.1.1).
    #[error("the part before the @ is longer than 64 bytes; check for text that was glued to it")]
    LocalPartTooLong,
    /// More than 254 octets (RFC 5321 section 4.5.3.1.3, less the angle brackets).
    #[error("the e-mail address is longer than 254 bytes; check for several addresses in one field")]
    TooLong,
    /// A dot at an end of the local part, or two in a row.
    #[error("the part before the @ begins or ends with a dot, or has two in a row; check its dots")]
    Dots,
    /// A character that needs quotes, or none allows.
    #[error(
        "character {position} of the e-mail address cannot stand there; check for spaces, commas, brackets or a second @"
    )]
    Character {
        /// Counted from 1, in characters of the trimmed text.
        position: usize,
    },
    /// A quoted local part whose quotes do not close, or hold a control character.
    #[error("the quotes before the @ do not close, or hold a character that they may not")]
    Quotes,
    /// The domain is not one.
    #[error("the e-mail address is not usable: {0}")]
    Domain(DomainError),
}

const MAX_LOCAL_BYTES: usize = 64;
const MAX_BYTES: usize = 254;

impl EmailAddress {
    /// The address in clear. Only for sealing, tagging, sending, and showing to somebody with a reason.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`, in clear.
    pub fn local_part(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// The domain, as A-labels in lower case.
    pub fn domain(&self) -> &str {
        self.text.get(self.at + 1..).unwrap_or_default()
    }

    /// The mailbox that the address most likely reaches, in clear: without the detail behind a `+` (RFC 5233), and where the provider is known
    /// to ignore dots, without them. For comparing lists alone: two people may share it, and nothing is sent to it.
    pub fn mailbox(&self) -> Cow<'_, str> {
        let (local, domain) = (self.local_part(), self.domain());
        let user = match local.split_once('+') {
            Some((user, _)) if !user.is_empty() && !local.starts_with('"') => user,
            _ => local,
        };
        match domain {
            "gmail.com" | "googlemail.com" => Cow::Owned(format!("{}@gmail.com", user.replace('.', ""))),
            _ if user.len() == local.len() => Cow::Borrowed(&self.text),
            _ => Cow::Owned(format!("{user}@{domain}")),
        }
    }
}

impl FromStr for EmailAddress {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        let text = text.trim_matches(is_blank);
        if text.is_empty() {
            return Err(EmailError::Empty);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::NoAt)?;
        let local = normal_local_part(local)?;
        if local.len() > MAX_LOCAL_BYTES {
            return Err(EmailError::LocalPartTooLong);
        }
        let domain = normal_domain(domain).map_err(EmailError::Domain)?;
        let mut whole = String::with_capacity(local.len() + 1 + domain.len());
        whole.push_str(&local);
        whole.push('@');
        whole.push_str(&domain);
        if whole.len() > MAX_BYTES {
            return Err(EmailError::TooLong);
        }
        Ok(Self { text: whole.into(), at: local.len() })
    }
}

/// Spaces, and the invisible characters that spreadsheets and web pages leave around an address.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn normal_local_part(local: &str) -> Result<Cow<'_, str>, EmailError> {
    if local.is_empty() {
        return Err(EmailError::NoLocalPart);
    }
    if let Some(rest) = local.strip_prefix('"') {
        return unquoted(rest.strip_suffix('"').ok_or(EmailError::Quotes)?).map(Cow::Owned);
    }
    check_atoms(local)?;
    let local = levelled(local);
    if matches!(local, Cow::Owned(_)) {
        // NFC turns a few signs into ASCII that may not stand there: the Greek question mark is a semicolon.
        check_atoms(&local)?;
    }
    if !has_sound_dots(&local) {
        return Err(EmailError::Dots);
    }
    Ok(local)
}

fn check_atoms(local: &str) -> Result<(), EmailError> {
    match local.chars().position(|c| !is_atom(c) && c != '.') {
        Some(index) => Err(EmailError::Character { position: index + 1 }),
        None => Ok(()),
    }
}

/// RFC 5321 section 4.1.2 with RFC 6531: a quoted string equals the plain one wherever plain would do.
fn unquoted(inside: &str) -> Result<String, EmailError> {
    let mut content = String::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            '\\' => chars.next().ok_or(EmailError::Quotes)?,
            '"' => return Err(EmailError::Quotes),
            other => other,
        };
        if c.is_control() || is_invisible(c) {
            return Err(EmailError::Quotes);
        }
        content.push(c);
    }
    let content = levelled(&content).into_owned();
    if has_sound_dots(&content) && content.chars().all(|c| is_atom(c) || c == '.') {
        return Ok(content);
    }
    Ok(format!("\"{}\"", content.replace('\\', "\\\\").replace('"', "\\\"")))
}

fn is_atom(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' => true,
        '!' | '#' | '$' | '%' | '&' | '\'' | '*' | '+' | '-' | '/' | '=' | '?' | '^' | '_' | '`' | '{' | '|' | '}'
        | '~' => true,
        _ => !c.is_ascii() && !c.is_control() && !is_blank(c),
    }
}

fn has_sound_dots(local: &str) -> bool {
    !local.is_empty() && !local.starts_with('.') && !local.ends_with('.') && !local.contains("..")
}

/// Lower case; outside ASCII also NFC, so that one accent typed in two ways is one address (RFC 6532 section 3.1).
fn levelled(local: &str) -> Cow<'_, str> {
    if !local.is_ascii() {
        let lower: String = local.nfc().flat_map(char::to_lowercase).collect();
        return Cow::Owned(lower.nfc().collect());
    }
    if local.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(local.to_ascii_lowercase())
    } else {
        Cow::Borrowed(local)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.text.chars().next().unwrap_or('*');
        write!(f, "{first}***@{}", self.domain())
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kept(text: &str) -> String {
        text.parse::<EmailAddress>().unwrap().as_str().to_owned()
    }

    #[test]
    fn spellings_of_one_mailbox_become_one_value() {
        assert_eq!(kept(" Ada.Lovelace@Example.ORG. "), "ada.lovelace@example.org");
        assert_eq!(kept("\u{feff}ada@bücher.example\u{a0}"), "ada@xn--bcher-kva.example");
        assert_eq!(kept("\"ada\"@example.org"), kept("ada@example.org"));
        assert_eq!(kept("rene\u{301}@example.org"), kept("REN\u{c9}@example.org"));
    }

    #[test]
    fn dots_and_plus_tags_tell_mailboxes_apart() {
        assert_eq!(kept("a.d.a+news@example.org"), "a.d.a+news@example.org");
        assert_ne!(kept("a.da@example.org"), kept("ada@example.org"));
    }

    #[test]
    fn a_mailbox_is_the_same_behind_details_and_dots_that_its_provider_ignores() {
        for (text, mailbox) in [
            ("Ada+news@example.org", "ada@example.org"),
            ("a.da@example.org", "a.da@example.org"),
            ("+news@example.org", "+news@example.org"),
            (concat!("a.d.a+x+y@", "googlemail.com"), concat!("ada@", "gmail.com")),
            ("\"a b+c\"@example.org", "\"a b+c\"@example.org"),
        ] {
            let address: EmailAddress = text.parse().unwrap();
            assert_eq!(address.mailbox(), mailbox, "{text}");
        }
    }

    #[test]
    fn parts_can_be_read_and_printing_masks() {
        let address: EmailAddress = "ada@example.org".parse().unwrap();
        assert_eq!((address.local_part(), address.domain()), ("ada", "example.org"));
        assert_eq!(address.to_string(), "a***@example.org");
        assert_eq!(format!("{address:?}"), "EmailAddress(a***@example.org)");
    }

    #[test]
    fn each_broken_address_is_refused_for_its_own_reason_without_being_repeated() {
        for (text, reason) in [
            ("", EmailError::Empty),
            (" \u{200b} ", EmailError::Empty),
            ("zebulon", EmailError::NoAt),
            ("@example.org", EmailError::NoLocalPart),
            (".zebulon@example.org", EmailError::Dots),
            ("zeb..ulon@example.org", EmailError::Dots),
            ("zeb ulon@example.org", EmailError::Character { position: 4 }),
            ("zebulon@x.test,b@example.org", EmailError::Character { position: 8 }),
            ("zebulon\u{37e}@example.org", EmailError::Character { position: 8 }),
            ("<zebulon@example.org", EmailError::Character { position: 1 }),
            ("\"zebulon@example.org", EmailError::Quotes),
            ("zebulon@", EmailError::Domain(DomainError::Empty)),
            ("zebulon@localhost", EmailError::Domain(DomainError::NotFull)),
            ("zebulon@[192.0.2.1]", EmailError::Domain(DomainError::Address)),
        ] {
            let error = text.parse::<EmailAddress>().unwrap_err();
            assert_eq!(error, reason, "{text:?}");
            assert!(!error.to_string().contains("zeb"), "{error}");
        }
        assert_eq!(
            format!("{}@example.org", "a".repeat(65)).parse::<EmailAddress>(),
            Err(EmailError::LocalPartTooLong)
        );
        let long = format!("{}@{}.example.org", "a".repeat(60), vec!["b".repeat(60); 3].join("."));
        assert_eq!(long.parse::<EmailAddress>(), Err(EmailError::TooLong));
    }

    #[test]
    fn quotes_stay_where_they_are_needed() {
        assert_eq!(kept("\"Ada L\"@example.org"), "\"ada l\"@example.org");
        assert_eq!(kept(r#""a\"b@c"@example.org"#), r#""a\"b@c"@example.org"#);
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_what_is_accepted_is_already_normal(
            text in "\\PC{0,40}|[A-Za-zéÉΣßİ.\"+ \\\\]{0,12}@[a-zA-ZéÉß.-]{1,20}\\.(org|test|EXAMPLE)"
        ) {
            if let Ok(address) = text.parse::<EmailAddress>() {
                let again: EmailAddress = address.as_str().parse().unwrap();
                prop_assert_eq!(again.as_str(), address.as_str());
            }
        }
    }
}
