//! The lines of one card as it was written: unfolded, header and value apart, bytes not yet text.
//!
//! Four ways to continue a line are in use: a space in front (RFC 6350 section 3.2), the same in vCard 2.1 where the space
//! belongs to the text, a `=` at the end (quoted-printable), and base64 that just goes on.

use std::borrow::Cow;

use super::charset::decode;
use super::property::{Header, colon, has_unquoted_colon, parse_header};
use super::version::Version;
use crate::formats::line_ends::{LineEnd, Physical, PhysicalLines};

/// A property as it stands in the card.
pub(super) struct Line<'a> {
    /// Counted in the card, from 0.
    pub(super) number: usize,
    pub(super) header: Header,
    pub(super) value: Cow<'a, [u8]>,
    /// Whether the value is a card that stands in lines of its own (vCard 2.1 `AGENT`).
    pub(super) is_card: bool,
}

/// A line that is no property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoProperty {
    /// Counted in the card, from 0.
    pub(super) number: usize,
}

/// The properties of one card, `BEGIN` and `END` included.
pub(super) struct Lines<'a> {
    physical: PhysicalLines<'a>,
    version: Version,
}

impl<'a> Lines<'a> {
    pub(super) fn new(bytes: &'a [u8], end: LineEnd, version: Version) -> Self {
        Self { physical: PhysicalLines::new(bytes, end), version }
    }

    fn read(&mut self, first: Physical<'a>) -> Result<Line<'a>, NoProperty> {
        let no_property = NoProperty { number: first.number };
        let mut whole = Cow::Borrowed(first.bytes);
        let (mut scanned, mut quoted) = (0, false);
        while !has_unquoted_colon(whole.get(scanned..).unwrap_or_default(), &mut quoted) {
            scanned = whole.len();
            if !self.unfold(&mut whole) {
                break;
            }
        }
        let end = colon(&whole).ok_or(no_property)?;
        let header = whole.get(..end).and_then(|header| decode(header, None, true)).ok_or(no_property)?;
        let header = parse_header(&header).ok_or(no_property)?;
        let mut value = match whole {
            Cow::Borrowed(whole) => Cow::Borrowed(whole.get(end + 1..).unwrap_or_default()),
            Cow::Owned(whole) => Cow::Owned(whole.get(end + 1..).unwrap_or_default().to_vec()),
        };
        if header.name == "AGENT" && value.trim_ascii().is_empty() && self.physical.peek().is_some_and(begins_card) {
            return Ok(Line { number: first.number, header, value: Cow::Owned(self.nested_card()), is_card: true });
        }
        let encoding = header.params.single("ENCODING").unwrap_or_default();
        if encoding.eq_ignore_ascii_case("QUOTED-PRINTABLE") || encoding.eq_ignore_ascii_case("Q") {
            self.join_soft_breaks(&mut value);
        } else {
            while self.unfold(&mut value) {}
            if encoding.eq_ignore_ascii_case("BASE64") || encoding.eq_ignore_ascii_case("B") {
                self.join_base64(&mut value);
            }
        }
        Ok(Line { number: first.number, header, value, is_card: false })
    }

    /// Appends the next line if a space says that it continues this one.
    fn unfold(&mut self, line: &mut Cow<'a, [u8]>) -> bool {
        if !matches!(self.physical.next_byte(), Some(b' ' | b'\t')) {
            return false;
        }
        let next = self.physical.next().map(|line| line.bytes).unwrap_or_default();
        let kept = if self.version == Version::V2_1 { 0 } else { 1 };
        line.to_mut().extend_from_slice(next.get(kept..).unwrap_or_default());
        true
    }

    fn join_soft_breaks(&mut self, value: &mut Cow<'a, [u8]>) {
        // Only what was added last can end in a soft break.
        let mut from = 0;
        loop {
            let added = value.get(from..).unwrap_or_default().trim_ascii_end();
            if added.ends_with(b"=") {
                let kept = from + added.len() - 1;
                let Some(next) = self.physical.peek().filter(|next| !ends_card(next)) else { return };
                self.physical.next();
                let value = value.to_mut();
                value.truncate(kept);
                value.extend_from_slice(next);
                from = kept;
            } else {
                from = value.len();
                if !self.unfold(value) {
                    return;
                }
            }
        }
    }

    /// Base64 that its writer did not indent: no line of it has a colon.
    fn join_base64(&mut self, value: &mut Cow<'a, [u8]>) {
        let is_base64 =
            |line: &[u8]| line.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
        while let Some(next) = self.physical.peek().map(<[u8]>::trim_ascii).filter(|next| !next.is_empty()) {
            if !is_base64(next) {
                return;
            }
            self.physical.next();
            value.to_mut().extend_from_slice(next);
        }
    }

    fn nested_card(&mut self) -> Vec<u8> {
        let mut card = Vec::new();
        let mut depth = 0_usize;
        for line in self.physical.by_ref() {
            card.extend_from_slice(line.bytes);
            card.push(b'\n');
            if begins_card(line.bytes) {
                depth += 1;
            } else if ends_card(line.bytes) {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
        }
        card
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Result<Line<'a>, NoProperty>;

    fn next(&mut self) -> Option<Self::Item> {
        let first = self.physical.find(|line| !line.bytes.trim_ascii().is_empty())?;
        Some(self.read(first))
    }
}

/// Whether a line is `BEGIN:VCARD`. Behind a CR, another way to end lines may begin with it.
pub(super) fn begins_card(line: &[u8]) -> bool {
    let line = line.split(|byte| *byte == b'\r').next().unwrap_or_default();
    line.trim_ascii_end().eq_ignore_ascii_case(b"BEGIN:VCARD")
}

/// Whether a line is `END:VCARD`.
pub(super) fn ends_card(line: &[u8]) -> bool {
    line.trim_ascii_end().eq_ignore_ascii_case(b"END:VCARD")
}

/// Whether a line announces a card that stands in the lines behind it.
pub(super) fn announces_card(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    let named = line.get(..5).is_some_and(|name| name.eq_ignore_ascii_case(b"AGENT"));
    named && matches!(line.get(5), Some(b':' | b';')) && colon(line) == Some(line.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, version: Version) -> Vec<(usize, String, String)> {
        Lines::new(text.as_bytes(), LineEnd::Feed, version)
            .map(|line| {
                let line = line.unwrap_or_else(|NoProperty { number }| panic!("line {number} is no property"));
                (line.number, line.header.name, String::from_utf8(line.value.into_owned()).unwrap())
            })
            .collect()
    }

    fn row(number: usize, name: &str, value: &str) -> (usize, String, String) {
        (number, name.to_owned(), value.to_owned())
    }

    #[test]
    fn folded_lines_are_joined_in_header_and_value_and_inside_a_character() {
        let text = "NOTE;X-A=\r\n b:one \r\n  two\r\n\tthree\r\nFN:x\r\n";
        assert_eq!(read(text, Version::V3), [row(0, "NOTE", "one  twothree"), row(4, "FN", "x")]);
        assert_eq!(read("NOTE:one\n two\n", Version::V2_1), [row(0, "NOTE", "one two")]);
        let text = "ADR;GEO=\"geo:1,\r\n 2\";LABEL=\"a:\r\n b\":;;x\r\nFN:y\r\n";
        assert_eq!(read(text, Version::V4), [row(0, "ADR", ";;x"), row(3, "FN", "y")]);
        let split = b"FN:Ren\xc3\n \xa9e\n";
        let line = Lines::new(split, LineEnd::Feed, Version::V4).next().unwrap().unwrap_or_else(|_| panic!());
        assert_eq!(&line.value[..], "Renée".as_bytes());
    }

    #[test]
    fn quoted_printable_goes_on_behind_a_soft_break_and_stops_at_the_end() {
        let text = "NOTE;QUOTED-PRINTABLE:one=\r\n two= \r\nthree\r\nTEL;ENCODING=QUOTED-PRINTABLE:1=\r\nEND:VCARD\r\n";
        assert_eq!(
            read(text, Version::V2_1),
            [row(0, "NOTE", "one twothree"), row(3, "TEL", "1="), row(4, "END", "VCARD")]
        );
    }

    #[test]
    fn base64_goes_on_with_or_without_spaces_up_to_an_empty_line_or_a_property() {
        let text = "PHOTO;BASE64:QUJD\r\n  REVG\r\n\r\nKEY;ENCODING=B:QUJD\nREVG\nR0g=\nFN:x\n";
        assert_eq!(
            read(text, Version::V2_1),
            [row(0, "PHOTO", "QUJD  REVG"), row(3, "KEY", "QUJDREVGR0g="), row(6, "FN", "x")]
        );
    }

    #[test]
    fn an_agent_is_a_card_in_the_card() {
        let text = "AGENT:\nBEGIN:VCARD\nFN:y\nEND:VCARD\nFN:x\n";
        let agent = "BEGIN:VCARD\nFN:y\nEND:VCARD\n";
        assert_eq!(read(text, Version::V2_1), [row(0, "AGENT", agent), row(4, "FN", "x")]);
        assert!(announces_card(b"agent;HOME:") && !announces_card(b"AGENT:CID:x") && !announces_card(b"AGENTS:"));
    }

    #[test]
    fn what_is_no_property_is_named_by_its_line() {
        let mut lines = Lines::new(b"FN:x\n\nnonsense\nEMAIL:y\n", LineEnd::Feed, Version::V3);
        assert!(lines.next().unwrap().is_ok());
        assert_eq!(lines.next().unwrap().err(), Some(NoProperty { number: 2 }));
        assert!(lines.next().unwrap().is_ok());
    }
}
