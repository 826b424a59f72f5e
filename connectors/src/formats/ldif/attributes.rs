//! The lines of one record: unfolded, comments left out, names apart from values (RFC 2849, `ldif-attrval-record`).

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::records::Block;
use crate::formats::RejectReason;
use crate::formats::line_ends::PhysicalLines;

/// Writers pad base64 or do not, and leave bits over at its end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// One attribute with one value.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    /// The description as it was written, options included: `cn;lang-fr`.
    pub(super) description: String,
    pub(super) value: AttributeValue,
    /// Counted in the record, from 0.
    pub(super) line: usize,
}

/// A value. Without text in it, bytes are bytes: a photograph, a certificate, or text in another character set.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum AttributeValue {
    Text(String),
    Bytes(Vec<u8>),
}

impl Attribute {
    /// The name without options, in lower case.
    pub(super) fn name(&self) -> String {
        self.description.split(';').next().unwrap_or_default().to_ascii_lowercase()
    }

    /// The options, which say of the value that it is in a language or a form of its own.
    pub(super) fn options(&self) -> impl Iterator<Item = &str> {
        self.description.split(';').skip(1)
    }
}

/// The attributes of a record, `dn` first.
///
/// # Errors
/// The line, counted in the record from 0, and what is wrong with it.
pub(super) fn attributes(block: &Block<'_>) -> Result<Vec<Attribute>, (usize, RejectReason)> {
    let mut attributes: Vec<Attribute> = Vec::new();
    for (number, line) in unfolded(block) {
        if line.starts_with(b"#") {
            continue;
        }
        let attribute = attribute(number, &line).map_err(|reason| (number, reason))?;
        let name = attribute.name();
        if attributes.is_empty() && name != "dn" {
            return Err((number, RejectReason::NameMissing));
        }
        // RFC 2849: a record that begins so is a change. One that adds an entry is all of that entry, and the only form in
        // which Active Directory's `ldifde` exports any.
        if attributes.len() == 1 && matches!(name.as_str(), "changetype" | "control") {
            if name == "control" || !is_addition(&attribute.value) {
                return Err((number, RejectReason::ChangeRecord));
            }
            continue;
        }
        attributes.push(attribute);
    }
    Ok(attributes)
}

fn is_addition(value: &AttributeValue) -> bool {
    matches!(value, AttributeValue::Text(text) if text.trim().eq_ignore_ascii_case("add"))
}

/// Lines put together with what continues them, each with its number.
fn unfolded(block: &Block<'_>) -> Vec<(usize, Vec<u8>)> {
    let mut lines: Vec<(usize, Vec<u8>)> = Vec::new();
    for line in PhysicalLines::new(block.bytes, block.line_end) {
        match (line.bytes.strip_prefix(b" "), lines.last_mut()) {
            (Some(rest), Some((_, whole))) => whole.extend_from_slice(rest),
            _ => lines.push((line.number, line.bytes.to_vec())),
        }
    }
    lines
}

fn attribute(line: usize, bytes: &[u8]) -> Result<Attribute, RejectReason> {
    let colon = memchr::memchr(b':', bytes).ok_or(RejectReason::NotAnAttribute)?;
    let (description, rest) = bytes.split_at_checked(colon).ok_or(RejectReason::NotAnAttribute)?;
    let description = std::str::from_utf8(description).ok().map(str::trim).filter(|text| is_description(text));
    let description = description.ok_or(RejectReason::NotAnAttribute)?.to_owned();
    let value = match rest {
        [b':', b':', value @ ..] => match BASE64.decode(value.trim_ascii()) {
            Ok(bytes) => String::from_utf8(bytes)
                .map_or_else(|error| AttributeValue::Bytes(error.into_bytes()), AttributeValue::Text),
            Err(_) => return Err(RejectReason::NotBase64),
        },
        [b':', b'<', ..] => return Err(RejectReason::Reference),
        [b':', value @ ..] => {
            let value = value.iter().position(|byte| *byte != b' ').and_then(|start| value.get(start..));
            let value = value.unwrap_or_default();
            if value.contains(&0) {
                return Err(RejectReason::ZeroByte);
            }
            let text = std::str::from_utf8(value).map_err(|_| RejectReason::NotUtf8)?;
            AttributeValue::Text(text.to_owned())
        }
        _ => return Err(RejectReason::NotAnAttribute),
    };
    Ok(Attribute { description, value, line })
}

/// A name or an OID with its options (RFC 4512 section 2.5). Underscores are none of it, but old Netscape programs write them.
fn is_description(text: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    text.split(';').all(|part| !part.is_empty() && part.bytes().all(is_sign))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::line_ends::LineEnd;

    fn read(text: &str) -> Result<Vec<(String, AttributeValue)>, (usize, RejectReason)> {
        let block = Block { bytes: text.as_bytes(), first_line: 1, line_end: LineEnd::Feed };
        attributes(&block).map(|all| all.into_iter().map(|one| (one.description, one.value)).collect())
    }

    fn fault(line: &str) -> RejectReason {
        read(&format!("dn: cn=x\n{line}\n")).err().map(|(_, reason)| reason).unwrap()
    }

    #[test]
    fn values_are_plain_or_base64_and_go_on_behind_a_space() {
        let text = "dn: cn=Ada\ncn;lang-fr:Ada \n  B.\n# not\n this\nsn::QsOp\ndescription:\njpegPhoto:: //\n 8=\n";
        let plain = |name: &str, value: &str| (name.to_owned(), AttributeValue::Text(value.to_owned()));
        let expected = [
            plain("dn", "cn=Ada"),
            plain("cn;lang-fr", "Ada  B."),
            plain("sn", "Bé"),
            plain("description", ""),
            ("jpegPhoto".to_owned(), AttributeValue::Bytes(vec![0xff, 0xff])),
        ];
        assert!(read(text).is_ok_and(|found| found == expected));
    }

    #[test]
    fn each_fault_has_its_reason() {
        assert_eq!(fault("and more text"), RejectReason::NotAnAttribute);
        assert_eq!(fault("two words: x"), RejectReason::NotAnAttribute);
        assert_eq!(fault("sn:: not base64!"), RejectReason::NotBase64);
        assert_eq!(fault("jpegPhoto:< file:///etc/hostname"), RejectReason::Reference);
        assert_eq!(fault("changetype: delete"), RejectReason::ChangeRecord);
        assert_eq!(fault("changetype: modify"), RejectReason::ChangeRecord);
        assert!(read("dn: cn=x\nchangetype: add\ncn: x\n").is_ok_and(|found| found.len() == 2));
        assert_eq!(fault("control: 1.2.3 true"), RejectReason::ChangeRecord);
        assert_eq!(fault("sn: a\0b"), RejectReason::ZeroByte);
        assert_eq!(read("sn: x\ndn: cn=x\n").err(), Some((0, RejectReason::NameMissing)));
    }
}
