//! Telephone numbers in their one international form (ITU-T E.164), masked wherever they are printed.

use std::fmt;

use phonenumber::{Mode, country};

use super::Country;

/// A number in the form `+` and digits, without extension.
///
/// `Debug` and `Display` show a mask such as `+33*******78`; [`as_str`](Self::as_str) reveals it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneNumber(Box<str>);

/// The text is not a telephone number. The text itself is personal and not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PhoneError {
    /// Nothing is there.
    #[error("the telephone number is empty; expected one such as +33 1 99 00 12 34")]
    Empty,
    /// Letters or other signs.
    #[error(
        "character {position} of the telephone number cannot stand there; expected digits, spaces, dots, hyphens and brackets"
    )]
    Character {
        /// Counted from 1, in characters of the trimmed text.
        position: usize,
    },
    /// National form, and no country to read it in.
    #[error("the telephone number has no country code; write it as +33 1 99 00 12 34, or say which country it is from")]
    NoCountry,
    /// Fewer digits than any number has.
    #[error("the telephone number is too short; check for missing digits")]
    TooShort,
    /// More digits than any number has (15 with the country code).
    #[error("the telephone number is too long; check for several numbers in one field")]
    TooLong,
    /// A country code that nobody has.
    #[error("the telephone number begins with a country code that does not exist; check its first digits")]
    UnknownCountryCode,
    /// Digits that the numbering plan reads in more than one way.
    #[error("the telephone number cannot be placed in its country's numbering plan; check its digits")]
    Unplaced,
}

impl PhoneNumber {
    /// Reads a number; one in national form is taken to be from `region`.
    ///
    /// An extension (`;ext=12`, `x12`, `ext. 12`) is read and left out. Whether the number is in service or in a range
    /// that its country uses is not judged: ranges are opened faster than tables are published.
    ///
    /// # Errors
    /// [`PhoneError`] if it is not a number, or none that can be placed in a country.
    pub fn parse(text: &str, region: Option<Country>) -> Result<Self, PhoneError> {
        let digits = dialled(text)?;
        let region: Option<country::Id> = region.and_then(|country| country.as_str().parse().ok());
        let digits = match digits.strip_prefix("00") {
            // The usual international prefix (ITU-T E.123); a known region brings its own.
            Some(rest) if region.is_none() => format!("+{rest}"),
            _ => digits,
        };
        if region.is_none() && !digits.starts_with('+') {
            return Err(PhoneError::NoCountry);
        }
        let mut found = international(region.filter(|_| !digits.starts_with('+')), &digits)?;
        // A national prefix is only recognised in international form once its country is known, so the first reading
        // may leave one behind; a number that a second reading still changes is none that a network could place.
        let settled = international(None, &found)?;
        if settled != found {
            found = settled;
            if international(None, &found)? != found {
                return Err(PhoneError::Unplaced);
            }
        }
        Ok(Self(found.into()))
    }

    /// The digits that [`parse`](Self::parse) leaves out behind a number: those of its extension. Empty if it has none.
    pub fn extension(text: &str) -> String {
        let text = trimmed(text);
        let end = text.chars().enumerate().position(|(index, c)| ends_number(text, index, c));
        end.map_or_else(String::new, |end| text.chars().skip(end).filter(char::is_ascii_digit).collect())
    }

    /// The number in clear, such as `+33199001234`. Only for sealing, tagging, and showing to somebody with a reason.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn international(region: Option<country::Id>, digits: &str) -> Result<String, PhoneError> {
    let number = phonenumber::parse(region, digits).map_err(|error| reason(&error))?;
    if number.code().value() == 0 {
        return Err(PhoneError::UnknownCountryCode);
    }
    let text = number.format().mode(Mode::E164).to_string();
    match text.len() {
        0..=7 => Err(PhoneError::TooShort),
        8..=16 if text.bytes().skip(1).all(|byte| byte.is_ascii_digit()) => Ok(text),
        8..=16 => Err(PhoneError::Unplaced),
        _ => Err(PhoneError::TooLong),
    }
}

fn reason(error: &phonenumber::ParseError) -> PhoneError {
    match error {
        phonenumber::ParseError::InvalidCountryCode => PhoneError::UnknownCountryCode,
        phonenumber::ParseError::TooLong | phonenumber::ParseError::MalformedInteger(_) => PhoneError::TooLong,
        _ => PhoneError::TooShort,
    }
}

/// What one would dial: `+` and ASCII digits. The parsing library is never given anything else.
fn dialled(text: &str) -> Result<String, PhoneError> {
    let text = trimmed(text);
    let scheme = text.get(..4).filter(|start| start.eq_ignore_ascii_case("tel:")).map_or(0, str::len);
    let mut digits = String::new();
    for (index, c) in text.chars().enumerate().skip(scheme) {
        match c {
            _ if ends_number(text, index, c) => break,
            '+' | '\u{ff0b}' if digits.is_empty() => digits.push('+'),
            '0'..='9' => digits.push(c),
            '\u{ff10}'..='\u{ff19}' => digits.extend(char::from_digit(u32::from(c) - 0xff10, 10)),
            ' ' | '.' | '-' | '/' | '(' | ')' | '[' | ']' | '\u{a0}' | '\u{ad}' => {}
            '\u{2009}'..='\u{2015}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' | '\u{2212}' => {}
            _ => return Err(PhoneError::Character { position: index + 1 }),
        }
        if digits.len() > 32 {
            return Err(PhoneError::TooLong);
        }
    }
    if digits.is_empty() { Err(PhoneError::Empty) } else { Ok(digits) }
}

fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{206f}' | '\u{feff}'))
}

/// Whether this character begins what comes after a number: an extension, or parameters of a `tel:` URI (RFC 3966).
fn ends_number(text: &str, index: usize, c: char) -> bool {
    match c {
        ';' => true,
        'x' | 'X' | 'e' | 'E' | 'p' | 'P' | '#' => is_extension(text, index),
        _ => false,
    }
}

/// Whether an extension, and nothing else, follows from this character on.
fn is_extension(text: &str, index: usize) -> bool {
    let rest: String = text.chars().skip(index).collect::<String>().to_lowercase();
    ["extension", "ext.", "ext", "poste", "x", "#"].iter().any(|word| {
        rest.strip_prefix(word).is_some_and(|number| {
            let number = number.trim();
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    })
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = self.0.len().saturating_sub(5);
        write!(f, "{}{}{}", self.0.get(..3).unwrap_or_default(), "*".repeat(hidden), {
            self.0.get(self.0.len().saturating_sub(2)..).unwrap_or_default()
        })
    }
}

impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneNumber({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kept(text: &str, region: Option<&str>) -> String {
        PhoneNumber::parse(text, region.map(|code| code.parse().unwrap())).unwrap().as_str().to_owned()
    }

    #[test]
    fn writings_of_one_number_become_one_value() {
        for text in [
            "+33199001234",
            "+33 (0)1 99 00 12 34",
            "0033 1 99 00 12 34",
            "01 99 00 12 34",
            "01.99.00.12.34",
            "01-99-00-12-34 poste 12",
            "tel:+33-1-99-00-12-34;ext=12",
            "０１ ９９００ １２３４",
        ] {
            assert_eq!(kept(text, Some("FR")), "+33199001234", "{text:?}");
        }
        assert_eq!(kept("0033 1 99 00 12 34", None), "+33199001234");
        assert_eq!(kept("+39 06 1234 5678", Some("FR")), "+390612345678");
    }

    #[test]
    fn an_extension_is_what_follows_the_number() {
        for text in
            ["01 99 00 12 34 poste 12", "+33199001234x12", "tel:+33-1-99-00-12-34;ext=12", " 0199001234 EXT. 12 "]
        {
            assert_eq!(PhoneNumber::extension(text), "12", "{text:?}");
        }
        for text in ["01 99 00 12 34", "tel:+33-1-99-00-12-34", "", "none"] {
            assert_eq!(PhoneNumber::extension(text), "", "{text:?}");
        }
    }

    #[test]
    fn printing_masks_the_number() {
        let number = PhoneNumber::parse("+33199001278", None).unwrap();
        assert_eq!(number.to_string(), "+33*******78");
        assert_eq!(format!("{number:?}"), "PhoneNumber(+33*******78)");
    }

    #[test]
    fn each_broken_number_is_refused_for_its_own_reason() {
        for (text, reason) in [
            ("", PhoneError::Empty),
            ("tel:", PhoneError::Empty),
            ("call me", PhoneError::Character { position: 1 }),
            ("01 99 00 12 34", PhoneError::NoCountry),
            ("+33 1", PhoneError::TooShort),
            ("+33 199001234 0199001234", PhoneError::TooLong),
            ("+999 1234567", PhoneError::UnknownCountryCode),
        ] {
            assert_eq!(PhoneNumber::parse(text, None), Err(reason), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_what_is_accepted_is_already_normal(
            text in "\\PC{0,30}|[+0-9() .x-]{0,24}|(tel:)?\\+?[0-9]{5,16}",
            region in proptest::option::of(proptest::sample::select(vec!["FR", "DE", "IT", "GB", "US", "BR", "AQ"])),
        ) {
            let region: Option<Country> = region.map(|code| code.parse().unwrap());
            if let Ok(number) = PhoneNumber::parse(&text, region) {
                prop_assert_eq!(PhoneNumber::parse(number.as_str(), region).unwrap(), number.clone());
                prop_assert_eq!(PhoneNumber::parse(number.as_str(), None).unwrap(), number);
            }
        }
    }
}
