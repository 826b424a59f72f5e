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
}

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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ada<'a>() -> CardParts<'a> {
        CardParts {
            full_name: "Ada \"A\" Example",
            name: vec![(NamePart::Title, ""), (NamePart::Given, "Ada"), (NamePart::Surname, "Example")],
            nickname: "Dada",
            organization: "Example & Co",
            unit: "R\\D",
            title: "Clerk",
            emails: vec![
                EmailParts { address: "ada@example.org", context: Some(Context::Work) },
                EmailParts { address: "", context: None },
                EmailParts { address: "a@example.test", context: None },
            ],
            phones: vec![PhoneParts {
                number: "+33 1 99 00 12 34",
                context: Some(Context::Private),
                feature: Some(PhoneFeature::Mobile),
            }],
            addresses: vec![
                AddressParts {
                    street: "1 rue de l'Exemple",
                    locality: "Lyon",
                    postcode: "69001",
                    country_code: "FR",
                    context: Some(Context::Work),
                    ..AddressParts::default()
                },
                AddressParts::default(),
                AddressParts { full: "2 High Street\nLeeds", ..AddressParts::default() },
            ],
            language: "fr",
            birth: Some(PartialDate { year: None, month: 2, day: 29 }),
            links: vec!["https://example.org/ada"],
            keywords: vec!["news", "", "news", "shop"],
            notes: vec!["met\tat the fair\u{1}"],
        }
    }

    #[test]
    fn what_is_written_is_what_rfc_9553_asks_for_and_reads_back() {
        let card = Card::from_parts(&ada()).unwrap();
        let expected = concat!(
            r#"{"@type":"Card","version":"1.0","name":{"components":[{"kind":"given","value":"Ada"},"#,
            r#"{"kind":"surname","value":"Example"}],"full":"Ada \"A\" Example"},"nicknames":{"k1":{"name":"Dada"}},"#,
            r#""organizations":{"o1":{"name":"Example & Co","units":[{"name":"R\\D"}]}},"titles":{"t1":{"name":"Clerk"}},"#,
            r#""emails":{"e1":{"address":"ada@example.org","contexts":{"work":true}},"e2":{"address":"a@example.test"}},"#,
            r#""phones":{"p1":{"number":"+33 1 99 00 12 34","features":{"mobile":true},"contexts":{"private":true}}},"#,
            r#""addresses":{"a1":{"components":[{"kind":"name","value":"1 rue de l'Exemple"},{"kind":"locality","value":"Lyon"},"#,
            r#"{"kind":"postcode","value":"69001"}],"countryCode":"FR","contexts":{"work":true}},"#,
            r#""a2":{"full":"2 High Street\nLeeds"}},"preferredLanguages":{"l1":{"language":"fr"}},"#,
            r#""anniversaries":{"b1":{"kind":"birth","date":{"month":2,"day":29}}},"#,
            r#""links":{"l1":{"uri":"https://example.org/ada"}},"keywords":{"news":true,"shop":true},"#,
            r#""notes":{"n1":{"note":"met\tat the fair\u0001"}}}"#,
        );
        assert_eq!(card.to_text(), expected);
        assert_eq!(card.value(), Card::parse(expected).unwrap().value());
        assert_eq!(card.main_email(), Some("ada@example.org"));
        assert_eq!(card.full_name().unwrap(), "Ada \"A\" Example");
    }

    #[test]
    fn nothing_gives_a_card_with_nothing_in_it() {
        assert_eq!(Card::from_parts(&CardParts::default()).unwrap().to_text(), r#"{"@type":"Card","version":"1.0"}"#);
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let note = "a".repeat(Card::MAX_BYTES);
        let parts = CardParts { notes: vec![&note], ..CardParts::default() };
        assert!(matches!(Card::from_parts(&parts), Err(CardError::TooLarge { .. })));
    }

    proptest! {
        #[test]
        fn any_parts_give_a_card_that_parses_and_says_the_same(
            texts in proptest::collection::vec("\\PC{0,12}|[\"\\\\\n\r\t\u{0}-\u{1f}a]{0,6}", 14), year in proptest::option::of(1_u16..3000)
        ) {
            let text = |index: usize| texts[index].as_str();
            let parts = CardParts {
                full_name: text(0),
                name: NamePart::ALL.iter().enumerate().map(|(index, part)| (*part, text(index))).collect(),
                organization: text(1),
                unit: text(2),
                emails: vec![EmailParts { address: text(3), context: None }, EmailParts { address: text(4), context: Some(Context::Work) }],
                phones: vec![PhoneParts { number: text(5), ..PhoneParts::default() }],
                addresses: vec![AddressParts { street: text(6), country: text(7), ..AddressParts::default() }],
                birth: Some(PartialDate { year, month: 1, day: 31 }),
                keywords: texts.iter().map(String::as_str).collect(),
                notes: vec![text(8), text(9)],
                links: vec![text(10)],
                nickname: text(11),
                title: text(12),
                language: text(13),
            };
            let card = Card::from_parts(&parts).unwrap();
            let parsed = Card::parse(card.to_text()).unwrap();
            prop_assert_eq!(card.emails().collect::<Vec<_>>(), parsed.emails().collect::<Vec<_>>());
            prop_assert_eq!(card.phones().collect::<Vec<_>>(), parsed.phones().collect::<Vec<_>>());
            prop_assert_eq!(card.main_email(), parsed.main_email());
            prop_assert_eq!(card.value(), parsed.value());
        }
    }
}
