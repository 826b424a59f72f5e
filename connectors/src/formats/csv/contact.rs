//! The part of a row that becomes a card.

use carnet_core::intake::{self, WarningKind};
use carnet_core::model::{
    AddressParts, CardParts, Context, Country, EmailError, EmailParts, Language, PartialDate, PhoneFeature, PhoneParts,
};

use super::dates::{self, DateOrder, Written};
use super::field::{AddressPart, Field};
use super::words::is_nothing;

/// A card while its row is read.
#[derive(Default)]
pub(super) struct Contact<'v> {
    pub(super) parts: CardParts<'v>,
    /// Addresses without a context, at work and at home.
    addresses: [AddressParts<'v>; 3],
    /// Addresses that are some.
    pub(super) good_emails: usize,
    /// The first that is none, by its column.
    pub(super) bad_email: Option<(usize, EmailError)>,
}

/// What a cell of a contact could not be.
pub(super) enum Left {
    Nothing,
    /// Left out of its field, and to be kept under the name of its column.
    Kept(Option<WarningKind>),
    /// Taken as it is.
    Taken(WarningKind),
}

impl<'v> Contact<'v> {
    /// Takes a cell that is not blank.
    pub(super) fn take(&mut self, field: Field, value: &'v str, column: usize, order: Option<DateOrder>) -> Left {
        let is_typed = matches!(field, Field::Email(_) | Field::Phone(..) | Field::Birth | Field::Language);
        if is_typed && is_nothing(value) {
            return Left::Nothing;
        }
        let parts = &mut self.parts;
        match field {
            Field::Email(context) => self.email(context, value, column),
            Field::Phone(context, feature) => return self.phone(context, feature, value),
            Field::FullName => parts.full_name = value,
            Field::Name(part) => parts.name.push((part, value)),
            Field::Nickname => parts.nickname = value,
            Field::Organization => parts.organization = value,
            Field::Unit => parts.unit = value,
            Field::Title => parts.title = value,
            Field::Address(part, context) => self.address(part, context, value),
            Field::Language => match value.replace('_', "-").parse::<Language>() {
                Ok(_) if !value.contains('_') => parts.language = value,
                Ok(_) => {
                    // `fr_FR` of POSIX: the card holds tags of BCP 47, and the rest under the name of the column.
                    parts.language = value.split('_').next().unwrap_or(value);
                    return Left::Kept(None);
                }
                Err(_) => return Left::Kept(Some(WarningKind::LanguageUnreadable)),
            },
            Field::Birth => match birth(value, order) {
                Ok(date) => parts.birth = Some(date),
                Err(kind) => return Left::Kept(Some(kind)),
            },
            Field::Link => parts.links.push(value),
            Field::Keywords => parts.keywords.extend(split(value, &[",", ";", ":::", "|"]).map(unquoted)),
            Field::Note => parts.notes.push(value),
            Field::Ignore
            | Field::Source
            | Field::Consent(_)
            | Field::Undeliverable
            | Field::UndeliverableAt
            | Field::LastActivityAt
            | Field::Rest => {}
        }
        Left::Nothing
    }

    fn email(&mut self, context: Option<Context>, value: &'v str, column: usize) {
        let mut add = |address: &'v str| self.parts.emails.push(EmailParts { address, context });
        let error = match intake::email(value) {
            Ok(_) => {
                add(value);
                self.good_emails += 1;
                return;
            }
            Err(error) => error,
        };
        let several = || split(value, &[":::", ";", ",", "|", " ", "\n"]);
        if several().nth(1).is_some() && several().all(|part| intake::email(part).is_ok()) {
            several().for_each(&mut add);
            self.good_emails += several().count();
            return;
        }
        // `Ada Example <ada@example.org>`
        let named = value.strip_suffix('>').and_then(|value| value.rsplit_once('<'));
        if let Some((name, address)) = named.filter(|(_, address)| intake::email(address).is_ok()) {
            add(address);
            self.good_emails += 1;
            let name = unquoted(name.trim());
            match self.parts.full_name {
                "" => self.parts.full_name = name,
                known if known != name => self.parts.notes.push(value),
                _ => {}
            }
            return;
        }
        // The card keeps it as it is, beside another that can be read.
        add(value);
        self.bad_email = self.bad_email.or(Some((column, error)));
    }

    fn phone(&mut self, context: Option<Context>, feature: Option<PhoneFeature>, value: &'v str) -> Left {
        for number in split(value, &[":::"]) {
            // An apostrophe makes a text of it in spreadsheets.
            let number = number.strip_prefix('\'').unwrap_or(number);
            self.parts.phones.push(PhoneParts { number, context, feature });
        }
        let mangled = value.contains(['E', 'e'])
            && value.contains('+')
            && value.chars().all(|c| c.is_ascii_digit() || "Ee+.,".contains(c));
        if mangled { Left::Taken(WarningKind::NumberMangled) } else { Left::Nothing }
    }

    fn address(&mut self, part: AddressPart, context: Option<Context>, value: &'v str) {
        let [bare, work, private] = &mut self.addresses;
        let address = match context {
            None => bare,
            Some(Context::Work) => work,
            Some(Context::Private) => private,
        };
        address.context = context;
        match part {
            AddressPart::Full => address.full = value,
            AddressPart::Street => address.street = value,
            AddressPart::Extension => address.extension = value,
            AddressPart::Locality => address.locality = value,
            AddressPart::Region => address.region = value,
            AddressPart::Postcode => address.postcode = value,
            AddressPart::Country if value.parse::<Country>().is_ok() => address.country_code = value,
            AddressPart::Country => address.country = value,
        }
    }

    /// Puts in order what came in the order of the columns.
    pub(super) fn finish(&mut self) {
        self.parts.name.sort_by_key(|(part, _)| *part);
        let filled = self.addresses.iter().filter(|address| !address.as_ref().is_empty());
        self.parts.addresses.extend(filled);
    }
}

fn birth(value: &str, order: Option<DateOrder>) -> Result<PartialDate, WarningKind> {
    let of = |date: jiff::civil::Date| (i16::from(date.month()), i16::from(date.day()), Some(date.year()));
    let (month, day, year) = match dates::read(value, order) {
        Ok(Written::Day(date)) => of(date),
        Ok(Written::Local(local)) => of(local.date()),
        Ok(Written::Yearly(month, day)) => (i16::from(month), i16::from(day), None),
        // A moment is a day only in some zone.
        Ok(Written::Moment(_)) | Err(dates::NoDate::Unreadable | dates::NoDate::UnknownZone) => {
            return Err(WarningKind::DateUnreadable);
        }
        Err(dates::NoDate::YearOfTwoDigits) => return Err(WarningKind::YearOfTwoDigits),
        Err(dates::NoDate::Ambiguous) => return Err(WarningKind::DateAmbiguous),
    };
    let small = |number: i16| u8::try_from(number).map_err(|_| WarningKind::DateUnreadable);
    Ok(PartialDate { year: year.and_then(|year| u16::try_from(year).ok()), month: small(month)?, day: small(day)? })
}

/// The parts of a text between any of some separators, those that are not blank.
fn split<'v>(text: &'v str, separators: &'static [&'static str]) -> impl Iterator<Item = &'v str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let first = separators.iter().filter_map(|sign| Some((text.find(sign)?, sign.len()))).min();
        let (part, after) = match first {
            Some((at, length)) => (text.get(..at), text.get(at + length..)),
            None => (Some(text), None),
        };
        rest = after;
        part
    })
    .map(str::trim)
    .filter(|part| !part.is_empty())
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use carnet_core::model::Card;

    use super::*;

    #[test]
    fn several_addresses_in_one_cell_are_several() {
        for (cell, expected) in [
            ("a@example.org ::: b@example.org", vec!["a@example.org", "b@example.org"]),
            ("a@example.org; b@example.org;", vec!["a@example.org", "b@example.org"]),
            ("\"Ada E\" <ada@example.org>", vec!["ada@example.org"]),
        ] {
            let mut contact = Contact::default();
            contact.take(Field::Email(None), cell, 0, None);
            let card = Card::from_parts(&contact.parts).unwrap();
            assert_eq!(card.emails().collect::<Vec<_>>(), expected);
            assert_eq!((contact.good_emails, contact.bad_email), (expected.len(), None));
        }
    }

    #[test]
    fn the_name_around_an_address_is_kept() {
        let mut contact = Contact::default();
        contact.take(Field::Email(None), "\"Ada E\" <ada@example.org>", 0, None);
        assert_eq!(contact.parts.full_name, "Ada E");
    }

    #[test]
    fn a_number_that_a_spreadsheet_has_rounded_is_told() {
        let mut contact = Contact::default();
        assert!(matches!(
            contact.take(Field::Phone(None, None), "3.36E+10", 0, None),
            Left::Taken(WarningKind::NumberMangled)
        ));
        assert!(matches!(contact.take(Field::Phone(None, None), "'+33 1 99 00 12 34", 0, None), Left::Nothing));
        assert_eq!(contact.parts.phones[1].number, "+33 1 99 00 12 34");
    }

    #[test]
    fn labels_are_taken_apart() {
        let mut contact = Contact::default();
        contact.take(Field::Keywords, "\"news\",\"a b\" ::: * myContacts", 0, None);
        assert_eq!(contact.parts.keywords, ["news", "a b", "* myContacts"]);
    }
}
