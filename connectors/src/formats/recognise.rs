//! Which format a document is, by how it begins.

use std::io::{Cursor, Read};

use super::bytes::Text;

/// A format of contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table of any layout.
    Csv,
    /// vCard 2.1, 3.0 or 4.0.
    VCard,
    /// JSContact (RFC 9553).
    JsContact,
    /// LDAP Data Interchange Format (RFC 2849).
    Ldif,
}

/// The text is no format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a format; expected one of csv, vcard, jscontact, ldif")]
pub struct UnknownFormat;

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Csv, Self::VCard, Self::JsContact, Self::Ldif];

    /// Its word on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::VCard => "vcard",
            Self::JsContact => "jscontact",
            Self::Ldif => "ldif",
        }
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.as_str() == text).ok_or(UnknownFormat)
    }
}

/// Tells a format by how a document begins; by the ending of its name only where that says nothing. `None` for documents with tags.
pub(super) fn recognise(start: &[u8], name: Option<&str>) -> Option<Format> {
    let mut text = Vec::new();
    // Reading from memory does not fail.
    let _ = Text::new(Cursor::new(start)).read_to_end(&mut text);
    let text = text.trim_ascii_start();
    let lines = || text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let begins = |line: &[u8], word: &str| {
        line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
    };
    let is_markup = ["<!doctype", "<html", "<?xml", "<head", "<body"].iter().any(|tag| begins(text, tag));
    if is_markup {
        return None;
    }
    if begins(text, "BEGIN:VCARD") {
        return Some(Format::VCard);
    }
    if matches!(text.first(), Some(b'{' | 0x1e)) || (text.first() == Some(&b'[') && is_json_list(text)) {
        return Some(Format::JsContact);
    }
    let mut entries = lines().filter(|line| !line.starts_with(b"#")).take(2);
    if entries.any(|line| begins(line, "dn:")) {
        return Some(Format::Ldif);
    }
    let ending = name.and_then(|name| name.rsplit_once('.')).map(|(_, ending)| ending.to_ascii_lowercase());
    // A file that says nothing by its beginning may still be damaged at its beginning alone.
    Some(match ending.as_deref() {
        Some("vcf" | "vcard") => Format::VCard,
        Some("ldif" | "ldf") => Format::Ldif,
        Some("json" | "ndjson" | "jscontact") => Format::JsContact,
        _ => Format::Csv,
    })
}

fn is_json_list(text: &[u8]) -> bool {
    let inside = text.get(1..).unwrap_or_default().trim_ascii_start();
    matches!(inside.first(), None | Some(b'{' | b']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_apart_by_how_they_begin() {
        for (bytes, format) in [
            (&b"email\na@example.org\n"[..], Format::Csv),
            (b"\xef\xbb\xbf\r\nbegin:vcard\r\n", Format::VCard),
            (b"\xff\xfeB\0E\0G\0I\0N\0:\0V\0C\0A\0R\0D\0\r\0\n\0", Format::VCard),
            (b" [ {\"@type\":\"Card\"}]", Format::JsContact),
            (b"{\"@type\":\"Card\"}\n", Format::JsContact),
            (b"# people\nversion: 1\n\ndn: cn=Ada,dc=example\n", Format::Ldif),
            (b"dn:: Y24=\n", Format::Ldif),
            (b"[note],email\nx,a@example.org\n", Format::Csv),
        ] {
            assert_eq!(recognise(bytes, None), Some(format), "{}", String::from_utf8_lossy(bytes));
        }
        assert_eq!(recognise(b"junk\nBEGIN:VCARD\n", Some("a.VCF")), Some(Format::VCard));
        assert_eq!(recognise(b"<!DOCTYPE html><html>", None), None);
        Format::ALL.iter().for_each(|format| assert_eq!(format.as_str().parse(), Ok(*format)));
        assert!("xlsx".parse::<Format>().is_err());
    }
}
