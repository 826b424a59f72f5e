//! New cards from the cells of a table, written as text at once.
//!
//! [`CardBuilder`](super::CardBuilder) is for one card; this is for millions. It makes the same kind of card, but no
//! JSON value, and no identifier: the text depends on the parts alone, so that the same row read twice is the same card.

use std::fmt::Write as _;

use super::card::{Card, Written};
use super::card_error::CardError;
use super::text_enum::text_enum;

text_enum! {
    /// A part of a name (RFC 9553 section 2.2.1.2).
    NamePart, "a part of a name" {
        /// Honorific: Dr, Madame.
        Title = "title",
        /// Given name.
        Given = "given",
        /// Further given names.
        Given2 = "given2",
        /// Surname.
        Surname = "surname",
        /// Second surname.
        Surname2 = "surname2",
        /// Jr, III.
        Generation = "generation",
        /// PhD, Esq.
        Credential = "credential",
    }
}

text_enum! {
    /// In which part of life something is used (section 1.5.1).
    Context, "a context" {
        /// At home.
        Private = "private",
        /// At work.
        Work = "work",
    }
}

text_enum! {
    /// What a telephone number is good for (section 2.3.3).
    PhoneFeature, "a feature of a telephone number" {
        /// A mobile telephone.
        Mobile = "mobile",
        /// A fax machine.
        Fax = "fax",
        /// A pager.
        Pager = "pager",
    }
}

/// An e-mail address as written, and where it is used.
#[derive(Clone, Copy, Default)]
pub struct EmailParts<'a> {
    /// The address.
    pub address: &'a str,
    /// Where it is used.
    pub context: Option<Context>,
}

/// A telephone number as written, and what it is for.
#[derive(Clone, Copy, Default)]
pub struct PhoneParts<'a> {
    /// The number.
    pub number: &'a str,
    /// Where it is used.
    pub context: Option<Context>,
    /// What it is good for.
    pub feature: Option<PhoneFeature>,
}

/// A postal address in parts (section 2.5.1). Empty parts are left out.
#[derive(Clone, Copy, Default)]
pub struct AddressParts<'a> {
    /// In one text.
    pub full: &'a str,
    /// Street and number.
    pub street: &'a str,
    /// Building, floor, flat: what does not go in the street line.
    pub extension: &'a str,
    /// Town.
    pub locality: &'a str,
    /// Region, state, canton.
    pub region: &'a str,
    /// Postcode.
    pub postcode: &'a str,
    /// Country by its name.
    pub country: &'a str,
    /// Country by its code of ISO 3166-1.
    pub country_code: &'a str,
    /// Where it is used.
    pub context: Option<Context>,
}

/// A calendar date of which the year may be missing (section 1.4.4).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PartialDate {
    /// The year, if it is known.
    pub year: Option<u16>,
    /// The month, from 1.
    pub month: u8,
    /// The day, from 1.
    pub day: u8,
}

/// What a card is made of. Empty texts and lists are left out.
#[derive(Clone, Default)]
pub struct CardParts<'a> {
    /// The name in one line.
    pub full_name: &'a str,
    /// The name in parts, in the order in which the card shall have them.
    pub name: Vec<(NamePart, &'a str)>,
    /// Nickname.
    pub nickname: &'a str,
    /// Organisation.
    pub organization: &'a str,
    /// Department or other unit of the organisation.
    pub unit: &'a str,
    /// Job title.
    pub title: &'a str,
    /// E-mail addresses.
    pub emails: Vec<EmailParts<'a>>,
    /// Telephone numbers.
    pub phones: Vec<PhoneParts<'a>>,
    /// Postal addresses.
    pub addresses: Vec<AddressParts<'a>>,
    /// The language that the subject prefers (BCP 47).
    pub language: &'a str,
    /// Date of birth.
    pub birth: Option<PartialDate>,
    /// Web pages.
    pub links: Vec<&'a str>,
    /// Labels, each once.
    pub keywords: Vec<&'a str>,
    /// Free notes.
    pub notes: Vec<&'a str>,
    /// What the source says in words of its own, as name and value; kept under [`COLUMNS_MEMBER`].
    pub columns: Vec<(&'a str, &'a str)>,
}

/// The member of a card that keeps what a source says in words of its own, as an object of texts.
///
/// A vendor-specific property (RFC 9553 section 1.8.1) begins with a domain name of the vendor, so that no two mean the same
/// by chance. The domain is one that RFC 2606 reserves: nobody else can come to own it.
pub const COLUMNS_MEMBER: &str = "carnet.example:columns";

impl Card {
    /// Writes a card without `uid`: the same parts always give the same text.
    ///
    /// # Errors
    /// [`CardError::TooLarge`] past [`Card::MAX_BYTES`].
    pub fn from_parts(parts: &CardParts<'_>) -> Result<Self, CardError> {
        let mut writer = Writer::new();
        writer.name(parts);
        writer.entries("nicknames", 'k', [parts.nickname], |writer, name| writer.member("name", name));
        writer.organization(parts);
        writer.entries("titles", 't', [parts.title], |writer, name| writer.member("name", name));
        writer.emails(&parts.emails);
        writer.phones(&parts.phones);
        writer.addresses(&parts.addresses);
        writer.entries("preferredLanguages", 'l', [parts.language], |writer, tag| writer.member("language", tag));
        writer.birth(parts.birth);
        writer.entries("links", 'l', parts.links.iter().copied(), |writer, uri| writer.member("uri", uri));
        writer.keywords(&parts.keywords);
        writer.entries("notes", 'n', parts.notes.iter().copied(), |writer, note| writer.member("note", note));
        writer.columns(&parts.columns);
        writer.text.push('}');
        Self::from_written(writer.text, writer.written)
    }
}

/// Most cards of a list fit, so that the text is allocated once.
const USUAL_BYTES: usize = 512;

struct Writer {
    text: String,
    /// `None` once an address or number had to be escaped and so does not stand in the text as it is.
    written: Option<Written>,
}

impl Writer {
    fn new() -> Self {
        let mut text = String::with_capacity(USUAL_BYTES);
        text.push_str(r#"{"@type":"Card","version":"1.0""#);
        Self { text, written: Some(Written::default()) }
    }

    /// `,"member":` or `"member":` right behind a bracket.
    fn label(&mut self, member: &str) {
        if !self.text.ends_with(['{', '[']) {
            self.text.push(',');
        }
        self.text.push('"');
        self.text.push_str(member);
        self.text.push_str("\":");
    }

    fn member(&mut self, member: &str, value: &str) {
        self.label(member);
        self.string(value);
    }

    fn string(&mut self, value: &str) {
        self.text.push('"');
        escape_into(&mut self.text, value);
        self.text.push('"');
    }

    /// A member that maps numbered keys to objects, of those values that are not empty.
    fn entries<T: AsRef<str> + Copy>(
        &mut self,
        member: &str,
        initial: char,
        values: impl IntoIterator<Item = T>,
        write: impl Fn(&mut Self, T),
    ) {
        let mut number = 0_u32;
        for value in values {
            if value.as_ref().is_empty() {
                continue;
            }
            number += 1;
            if number == 1 {
                self.label(member);
                self.text.push('{');
            }
            self.open_entry(initial, number);
            write(self, value);
            self.text.push('}');
        }
        if number > 0 {
            self.text.push('}');
        }
    }

    fn open_entry(&mut self, initial: char, number: u32) {
        self.text.push_str(if number == 1 { "\"" } else { ",\"" });
        self.text.push(initial);
        // Writing to a String does not fail.
        let _ = write!(self.text, "{number}");
        self.text.push_str("\":{");
    }

    fn name(&mut self, parts: &CardParts<'_>) {
        let mut filled = parts.name.iter().filter(|(_, value)| !value.is_empty()).peekable();
        if filled.peek().is_none() && parts.full_name.is_empty() {
            return;
        }
        self.label("name");
        self.text.push('{');
        if filled.peek().is_some() {
            self.label("components");
            self.text.push('[');
            for (kind, value) in filled {
                self.component(kind.as_str(), value);
            }
            self.text.push(']');
        }
        if !parts.full_name.is_empty() {
            self.member("full", parts.full_name);
        }
        self.text.push('}');
    }

    fn component(&mut self, kind: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        if !self.text.ends_with('[') {
            self.text.push(',');
        }
        self.text.push('{');
        self.member("kind", kind);
        self.member("value", value);
        self.text.push('}');
    }

    fn organization(&mut self, parts: &CardParts<'_>) {
        if parts.organization.is_empty() && parts.unit.is_empty() {
            return;
        }
        self.label("organizations");
        self.text.push_str(r#"{"o1":{"#);
        if !parts.organization.is_empty() {
            self.member("name", parts.organization);
        }
        if !parts.unit.is_empty() {
            self.label("units");
            self.text.push_str("[{");
            self.member("name", parts.unit);
            self.text.push_str("}]");
        }
        self.text.push_str("}}");
    }

    fn emails(&mut self, emails: &[EmailParts<'_>]) {
        self.entries("emails", 'e', emails.iter(), |writer, email| {
            let place = writer.placed("address", email.address);
            match place {
                Some(place) => writer.written.iter_mut().for_each(|written| written.emails.push(place.clone())),
                None => writer.written = None,
            }
            writer.context(email.context);
        });
    }

    fn phones(&mut self, phones: &[PhoneParts<'_>]) {
        self.entries("phones", 'p', phones.iter(), |writer, phone| {
            let place = writer.placed("number", phone.number);
            match place {
                Some(place) => writer.written.iter_mut().for_each(|written| written.phones.push(place.clone())),
                None => writer.written = None,
            }
            if let Some(feature) = phone.feature {
                writer.label("features");
                writer.set_of_one(feature.as_str());
            }
            writer.context(phone.context);
        });
    }

    /// Writes a string and says where, unless it had to be escaped.
    fn placed(&mut self, member: &str, value: &str) -> Option<std::ops::Range<usize>> {
        self.member(member, value);
        let end = self.text.len() - 1;
        let start = end.checked_sub(value.len())?;
        (self.text.get(start..end) == Some(value) && value.bytes().all(is_plain)).then_some(start..end)
    }

    fn context(&mut self, context: Option<Context>) {
        if let Some(context) = context {
            self.label("contexts");
            self.set_of_one(context.as_str());
        }
    }

    fn set_of_one(&mut self, word: &str) {
        self.text.push_str("{\"");
        self.text.push_str(word);
        self.text.push_str("\":true}");
    }

    fn addresses(&mut self, addresses: &[AddressParts<'_>]) {
        self.entries("addresses", 'a', addresses.iter(), |writer, address| {
            let parts = [
                ("name", address.street),
                ("apartment", address.extension),
                ("locality", address.locality),
                ("region", address.region),
                ("postcode", address.postcode),
                ("country", address.country),
            ];
            if parts.iter().any(|(_, value)| !value.is_empty()) {
                writer.label("components");
                writer.text.push('[');
                parts.iter().for_each(|(kind, value)| writer.component(kind, value));
                writer.text.push(']');
            }
            for (member, value) in [("countryCode", address.country_code), ("full", address.full)] {
                if !value.is_empty() {
                    writer.member(member, value);
                }
            }
            writer.context(address.context);
        });
    }

    fn birth(&mut self, birth: Option<PartialDate>) {
        let Some(date) = birth else { return };
        self.label("anniversaries");
        self.text.push_str(r#"{"b1":{"kind":"birth","date":{"#);
        if let Some(year) = date.year {
            let _ = write!(self.text, "\"year\":{year},");
        }
        let _ = write!(self.text, "\"month\":{},\"day\":{}}}}}}}", date.month, date.day);
    }

    fn keywords(&mut self, keywords: &[&str]) {
        for (index, keyword) in keywords.iter().enumerate() {
            // A member given twice would make the card unreadable.
            if keyword.is_empty() || keywords.iter().take(index).any(|earlier| earlier == keyword) {
                continue;
            }
            if self.text.ends_with("\":true") {
                self.text.push(',');
            } else {
                self.label("keywords");
                self.text.push('{');
            }
            self.string(keyword);
            self.text.push_str(":true");
        }
        if self.text.ends_with("\":true") {
            self.text.push('}');
        }
    }
}

impl Writer {
    fn columns(&mut self, columns: &[(&str, &str)]) {
        let filled = |(name, value): &(&str, &str)| !name.is_empty() && !value.is_empty();
        let mut written = false;
        for (index, (name, value)) in columns.iter().enumerate().filter(|(_, column)| filled(column)) {
            // A member given twice would make the card unreadable.
            if columns.iter().take(index).any(|earlier| earlier.0 == *name && filled(earlier)) {
                continue;
            }
            if !written {
                self.label(COLUMNS_MEMBER);
            }
            self.text.push(if written { ',' } else { '{' });
            written = true;
            self.string(name);
            self.text.push(':');
            self.string(value);
        }
        if written {
            self.text.push('}');
        }
    }
}

impl AsRef<str> for EmailParts<'_> {
    fn as_ref(&self) -> &str {
        self.address
    }
}

impl AsRef<str> for PhoneParts<'_> {
    fn as_ref(&self) -> &str {
        self.number
    }
}

/// The first part that is not empty: an address without any is none.
impl AsRef<str> for AddressParts<'_> {
    fn as_ref(&self) -> &str {
        let all = [
            self.full,
            self.street,
            self.extension,
            self.locality,
            self.region,
            self.postcode,
            self.country,
            self.country_code,
        ];
        all.into_iter().find(|part| !part.is_empty()).unwrap_or_default()
    }
}

/// Whether a byte stands in a JSON string as itself (RFC 8259 section 7).
const fn is_plain(byte: u8) -> bool {
    byte >= 0x20 && byte != b'"' && byte != b'\\'
}

fn escape_into(text: &mut String, value: &str) {
    let mut rest = value;
    while let Some(at) = rest.bytes().position(|byte| !is_plain(byte)) {
        let (plain, from) = rest.split_at(at);
        text.push_str(plain);
        let mut chars = from.chars();
        match chars.next() {
            Some('"') => text.push_str("\\\""),
            Some('\\') => text.push_str("\\\\"),
            Some('\n') => text.push_str("\\n"),
            Some('\r') => text.push_str("\\r"),
            Some('\t') => text.push_str("\\t"),
            Some(control) => {
                let _ = write!(text, "\\u{:04x}", u32::from(control));
            }
            None => {}
        }
        rest = chars.as_str();
    }
    text.push_str(rest);
}

#[cfg(test)]
#[path = "card_parts_tests.rs"]
mod tests;
