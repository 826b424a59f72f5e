//! Bytes to text, in the character set that a line names or that its writer most likely meant.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Reads bytes in the named character set; `None` if they are not in it, or nobody knows it.
///
/// Bytes that are UTF-8 and not plain ASCII are read as UTF-8 whatever the name says, because that is what writers that
/// name the wrong set wrote. The one exception is a set that uses ASCII bytes for other signs, such as ISO-2022-JP.
///
/// Without a name, `lenient` reads what is not UTF-8 as Windows-1252 (which has all of ISO 8859-1), as old programs of
/// western Europe meant it, unless it has bytes that Windows-1252 does not use: then it is some other set.
pub(super) fn decode<'a>(bytes: &'a [u8], name: Option<&str>, lenient: bool) -> Option<Cow<'a, str>> {
    let named = name.map(|name| Encoding::for_label_no_replacement(name.trim().as_bytes()));
    if let Some(Some(encoding)) = named
        && !encoding.is_ascii_compatible()
        && encoding != UTF_8
    {
        return encoding.decode_without_bom_handling_and_without_replacement(bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(Cow::Borrowed(text));
    }
    match named {
        Some(Some(encoding)) if encoding != UTF_8 => {
            encoding.decode_without_bom_handling_and_without_replacement(bytes)
        }
        Some(_) => None,
        None if lenient && !bytes.iter().any(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)) => {
            WINDOWS_1252.decode_without_bom_handling_and_without_replacement(bytes)
        }
        None => None,
    }
}

/// Decodes quoted-printable (RFC 2045 section 6.7) in place of `text`; what is no escape stays as it is.
pub(super) fn unquote_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, behind)) = rest.split_first() {
        if *first == b'='
            && let [high, low, behind @ ..] = behind
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            out.push(high << 4 | low);
            rest = behind;
        } else {
            out.push(*first);
            rest = behind;
        }
    }
    out
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_the_set_that_it_is_in() {
        assert_eq!(decode(b"Ren\xe9e", Some("ISO-8859-1"), false).unwrap(), "Renée");
        assert_eq!(decode(b"\x8a\x94", Some("SHIFT_JIS"), false).unwrap(), "株");
        assert_eq!(decode(b"\x1b$B;3\x1b(B", Some("ISO-2022-JP"), false).unwrap(), "山");
        assert_eq!(decode("Renée".as_bytes(), Some("ISO-8859-1"), false).unwrap(), "Renée");
        assert_eq!(decode("Renée".as_bytes(), Some("x-nobody-knows"), false).unwrap(), "Renée");
        assert_eq!(decode(b"Ren\xe9e", None, true).unwrap(), "Renée");
    }

    #[test]
    fn what_cannot_be_known_is_not_guessed() {
        assert_eq!(decode(b"Ren\xe9e", None, false), None);
        assert_eq!(decode(b"Ren\xe9e", Some("x-nobody-knows"), true), None);
        assert_eq!(decode(b"Ren\xe9e", Some("UTF-8"), true), None);
        assert_eq!(decode(b"\x83\x81\x90", None, true), None);
    }

    #[test]
    fn quoted_printable_is_decoded_and_what_is_none_is_kept() {
        assert_eq!(unquote_printable(b"Ren=C3=a9e=3D=0D=0A 100=ZZ="), "Renée=\r\n 100=ZZ=".as_bytes());
    }
}
