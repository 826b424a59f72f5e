//! Domain names as DNS compares them: lower case, A-labels (RFC 5890), no final dot.

use std::borrow::Cow;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

/// The text is not a domain name that mail can be sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DomainError {
    /// Nothing is there.
    #[error("the domain is missing; expected a name such as example.org")]
    Empty,
    /// More than 253 octets (RFC 1035 section 2.3.4).
    #[error("the domain is longer than 253 characters; check for text that was glued to it")]
    TooLong,
    /// No dot inside.
    #[error("the domain has no dot; expected a full name such as example.org")]
    NotFull,
    /// An empty part, or one of more than 63 octets.
    #[error("a part of the domain is empty or longer than 63 characters; check its dots")]
    Label,
    /// A character that no host name has.
    #[error("the domain has a character that no host name has; only letters, digits, hyphens and dots are allowed")]
    Character,
    /// An IP address in place of a name.
    #[error("the domain is an IP address; expected a name such as example.org")]
    Address,
    /// A name that IDNA (UTS 46) does not allow.
    #[error("the domain is not a valid international name (IDNA); check it against how its owner writes it")]
    International,
}

/// The name as DNS compares it; borrowed when nothing had to change.
///
/// # Errors
/// [`DomainError`] unless it is a full host name of at least two parts (RFC 1123 section 2.1, UTS 46).
pub fn normal_domain(text: &str) -> Result<Cow<'_, str>, DomainError> {
    let text = text.strip_suffix('.').unwrap_or(text);
    if text.is_empty() {
        return Err(DomainError::Empty);
    }
    if text.starts_with('[') {
        return Err(DomainError::Address);
    }
    let plain = text.is_ascii() && !text.split('.').any(begins_like_a_label);
    let name = if plain { lower(text) } else { international(text)? };
    check(&name)?;
    Ok(name)
}

/// The name as its owner writes it: A-labels shown in their script.
pub fn readable_domain(name: &str) -> String {
    idna::domain_to_unicode(name).0
}

fn begins_like_a_label(part: &str) -> bool {
    part.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"))
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

fn international(text: &str) -> Result<Cow<'_, str>, DomainError> {
    let name = Uts46::new()
        .to_ascii(text.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Ignore)
        .map_err(|_| DomainError::International)?;
    // Some characters map to a final dot, which was only looked for before the mapping.
    Ok(match name.strip_suffix('.') {
        Some(rest) => Cow::Owned(rest.to_owned()),
        None => name,
    })
}

fn check(name: &str) -> Result<(), DomainError> {
    if name.len() > 253 {
        return Err(DomainError::TooLong);
    }
    let mut last = "";
    let mut labels = 0;
    for label in name.split('.') {
        if label.is_empty() || label.len() > 63 {
            return Err(DomainError::Label);
        }
        let sound = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !sound || label.starts_with('-') || label.ends_with('-') {
            return Err(DomainError::Character);
        }
        labels += 1;
        last = label;
    }
    if last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(if labels == 4 { DomainError::Address } else { DomainError::Character });
    }
    if labels < 2 { Err(DomainError::NotFull) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_lowered_and_international_ones_become_a_labels() {
        for (given, kept) in [
            ("example.org", "example.org"),
            ("Mail.EXAMPLE.org.", "mail.example.org"),
            ("Bücher.example", "xn--bcher-kva.example"),
            ("XN--bcher-kva.example", "xn--bcher-kva.example"),
            ("r3---sn.example.org", "r3---sn.example.org"),
            ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ] {
            assert_eq!(normal_domain(given).unwrap(), kept);
        }
        assert_eq!(readable_domain("xn--bcher-kva.example"), "bücher.example");
    }

    #[test]
    fn each_broken_name_is_refused_for_its_own_reason() {
        for (given, reason) in [
            ("", DomainError::Empty),
            (".", DomainError::Empty),
            ("localhost", DomainError::NotFull),
            ("example..org", DomainError::Label),
            (".example.org", DomainError::Label),
            ("exa_mple.org", DomainError::Character),
            ("-example.org", DomainError::Character),
            ("example org.test", DomainError::Character),
            ("192.0.2.1", DomainError::Address),
            ("[192.0.2.1]", DomainError::Address),
            ("xn--a.example", DomainError::International),
        ] {
            assert_eq!(normal_domain(given), Err(reason), "{given:?}");
        }
        let long = vec!["a".repeat(60); 5].join(".");
        assert_eq!(normal_domain(&long), Err(DomainError::TooLong));
    }

    proptest! {
        #[test]
        fn a_name_once_normal_stays_as_it_is(text in "[a-zA-Z0-9.ßéÉİ。-]{1,30}|\\PC{0,30}") {
            if let Ok(name) = normal_domain(&text) {
                prop_assert_eq!(normal_domain(&name).unwrap(), name.as_ref());
            }
        }
    }
}
