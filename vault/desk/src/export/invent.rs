//! Persons who do not exist, and who look like the rows of a list.
//!
//! The look of one row (which columns are filled, how the name is written, how the address follows from it) is worn by a
//! person with the given name of another row and the surname of a third. What could lead to a real person or into a real
//! house is made anew or left out: addresses, numbers, streets, dates, network addresses.

use std::collections::BTreeSet;
use std::net::IpAddr;

use carnet_core::intake::{self, Claim};
use carnet_core::model::{Card, EmailAddress, Timestamp};
use carnet_core::outgoing::Outgoing;
use serde_json::{Map, Value, json};

use super::lots::Lots;

/// Members of a card that say nothing about one person alone.
const KEPT: [&str; 7] =
    ["@type", "version", "kind", "language", "preferredLanguages", "keywords", "carnet.example:source"];
/// Parts of a postal address that no household is found by.
const KEPT_PLACES: [&str; 4] = ["locality", "region", "postcode", "country"];
const HOUR_US: i64 = 3_600_000_000;
const DAY_US: i64 = 24 * HOUR_US;

/// A person with an address at a domain; `None` if these rows have no names to make one of.
pub(super) fn invented(lots: &mut Lots, looks: &[Outgoing], domain: &str) -> Option<(Outgoing, EmailAddress)> {
    let look = lots.pick(looks)?.clone();
    let names: Vec<Name> = looks.iter().filter_map(|one| Name::of(&one.card)).collect();
    let (given, surname) = (lots.pick(&names)?.given.clone(), lots.pick(&names)?.surname.clone());
    let own = Name::of(&look.card);
    let is_real = |name: &Name| same(&name.given, &given) && same(&name.surname, &surname);
    if names.iter().any(is_real) {
        return None;
    }
    let person = Name { given, surname };
    let address = address(lots, &look.card, own.as_ref(), &person, domain)?;
    let source = look.card.value().as_object()?;
    let card = card(lots, source, own.as_ref(), &person, &address)?;
    let shift = i64::try_from(lots.below_u64(20 * 24)).unwrap_or_default() * HOUR_US - 10 * DAY_US;
    let jitter = i64::try_from(lots.below_u64(3_600_000_000)).unwrap_or_default();
    let claims = look.claims.iter().map(|claim| moved(lots, claim, shift + jitter)).collect();
    Some((Outgoing { card, claims }, address))
}

/// Given name and surname of a row.
struct Name {
    given: String,
    surname: String,
}

impl Name {
    fn of(card: &Card) -> Option<Self> {
        if let (Some(given), Some(surname)) = (card.given(), card.surname()) {
            return Some(Self { given: given.to_owned(), surname: surname.to_owned() });
        }
        let full = card.full_name()?;
        let (given, surname) = full.trim().split_once(' ')?;
        let sound = |part: &str| part.chars().all(|c| c.is_alphabetic() || " -'’".contains(c));
        (sound(given) && sound(surname)).then(|| Self { given: given.to_owned(), surname: surname.trim().to_owned() })
    }
}

fn same(one: &str, other: &str) -> bool {
    intake::level(one) == intake::level(other)
}

/// A name as an address has it: small letters without accents, words joined.
fn plain(name: &str) -> String {
    intake::level(name).chars().filter(char::is_ascii_alphanumeric).collect()
}

/// An address that follows from the name as that of the look follows from its own.
fn address(lots: &mut Lots, look: &Card, own: Option<&Name>, person: &Name, domain: &str) -> Option<EmailAddress> {
    let (given, surname) = (plain(&person.given), plain(&person.surname));
    let initial = given.get(..1)?.to_owned();
    let local = look.main_email().and_then(|email| email.split_once('@')).map(|(local, _)| local.to_lowercase());
    let pattern = local.zip(own).map(|(local, own)| (local, plain(&own.given), plain(&own.surname)));
    let mut made = match pattern {
        Some((local, first, last)) if !first.is_empty() && !last.is_empty() && local.contains(&last) => {
            let with_surname = local.replacen(&last, "\u{1}", 1);
            let with_given = if with_surname.contains(&first) {
                with_surname.replacen(&first, &given, 1)
            } else {
                with_surname.replacen(first.get(..1)?, &initial, 1)
            };
            let digits = with_given.chars().map(|c| if c.is_ascii_digit() { digit(lots) } else { c });
            digits.collect::<String>().replacen('\u{1}', &surname, 1)
        }
        _ => format!("{given}.{surname}"),
    };
    made.retain(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    intake::email(&format!("{made}@{domain}")).ok()
}

fn digit(lots: &mut Lots) -> char {
    char::from_digit(u32::try_from(lots.below(10)).unwrap_or_default(), 10).unwrap_or('0')
}

/// The card of the look with another person in it.
fn card(
    lots: &mut Lots,
    look: &Map<String, Value>,
    own: Option<&Name>,
    person: &Name,
    address: &EmailAddress,
) -> Option<Card> {
    let mut card = Map::new();
    for (member, value) in look {
        let made = match member.as_str() {
            "uid" => Some(json!(format!("urn:uuid:{}", carnet_core::model::ContactId::new()))),
            "name" => Some(name(value, own, person)),
            "emails" => first(value, |fields| drop(fields.insert("address".to_owned(), json!(address.as_str())))),
            "phones" => phone(lots, value),
            "addresses" => place(value),
            "organizations" => first(value, |fields| {
                fields.retain(|field, _| field == "name");
                fields.insert("name".to_owned(), json!(organization(address.domain())));
            }),
            "titles" => first(value, |fields| fields.retain(|field, _| field == "name" || field == "kind")),
            "anniversaries" => birth(lots, value),
            kept if KEPT.contains(&kept) => Some(value.clone()),
            _ => None,
        };
        if let Some(made) = made {
            card.insert(member.clone(), made);
        }
    }
    Card::parse(&Value::Object(card).to_string()).ok()
}

/// The first entry of a member, changed.
fn first(value: &Value, change: impl FnOnce(&mut Map<String, Value>)) -> Option<Value> {
    let (id, entry) = value.as_object()?.iter().next()?;
    let mut fields = entry.as_object()?.clone();
    change(&mut fields);
    Some(json!({ id.as_str(): fields }))
}

/// The name in the order, the parts and the capitals of the look.
fn name(value: &Value, own: Option<&Name>, person: &Name) -> Value {
    let mut name = value.clone();
    let dressed = |text: &str, new: &str| match text {
        text if text.chars().any(char::is_lowercase) => new.to_owned(),
        _ => new.to_uppercase(),
    };
    if let Some(parts) = name.get_mut("components").and_then(Value::as_array_mut) {
        parts.retain(|part| {
            matches!(part.get("kind").and_then(Value::as_str), Some("given" | "surname" | "title" | "separator"))
        });
        let mut told = BTreeSet::new();
        parts.retain(|part| told.insert(part.get("kind").and_then(Value::as_str).unwrap_or_default().to_owned()));
        for part in parts {
            let new = match part.get("kind").and_then(Value::as_str) {
                Some("given") => &person.given,
                Some("surname") => &person.surname,
                _ => continue,
            };
            let text = part.get("value").and_then(Value::as_str).map(|text| dressed(text, new));
            if let (Some(fields), Some(text)) = (part.as_object_mut(), text) {
                fields.insert("value".to_owned(), json!(text));
            }
        }
    }
    if let (Some(full), Some(fields)) = (value.get("full").and_then(Value::as_str), name.as_object_mut()) {
        let surname_first = own.is_some_and(|own| {
            let full = intake::level(full);
            full.find(&intake::level(&own.surname))
                .zip(full.find(&intake::level(&own.given)))
                .is_some_and(|(s, g)| s < g)
        });
        let (given, surname) = (&person.given, dressed(full, &person.surname));
        let given = dressed(full, given);
        let written = if surname_first { format!("{surname} {given}") } else { format!("{given} {surname}") };
        fields.insert("full".to_owned(), json!(written));
        fields.remove("sortAs");
        fields.remove("phonetic");
    }
    name
}

/// A number of those that no subscriber has (ARCEP, decision 2018-0881: 01 99 00, 06 39 98; Ofcom: 07700 900, 020 7946 0),
/// in the writing of the look; none for other countries.
fn phone(lots: &mut Lots, value: &Value) -> Option<Value> {
    let written = value.as_object()?.values().next()?.get("number")?.as_str()?;
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let national =
        digits.strip_prefix("33").or_else(|| digits.strip_prefix("0033")).or_else(|| digits.strip_prefix('0'));
    let (prefix, rest) = match national {
        Some(number) if number.len() == 9 && !digits.starts_with("44") => {
            let mobile = number.starts_with(['6', '7']);
            let lead = digits.strip_suffix(number).unwrap_or_default();
            (format!("{lead}{}", if mobile { "63998" } else { "19900" }), 4)
        }
        _ => {
            let number = digits.strip_prefix("44").filter(|number| number.len() == 10)?;
            (
                if number.starts_with('7') { "447700900" } else { "4420794600" }.to_owned(),
                if number.starts_with('7') { 3 } else { 2 },
            )
        }
    };
    let mut new: Vec<char> = prefix.chars().collect();
    new.extend((0..rest).map(|_| digit(lots)));
    let mut new = new.into_iter();
    let dressed: String =
        written.chars().map(|c| if c.is_ascii_digit() { new.next().unwrap_or(c) } else { c }).collect();
    first(value, |fields| drop(fields.insert("number".to_owned(), json!(dressed))))
}

/// The town, without street and house.
fn place(value: &Value) -> Option<Value> {
    let mut kept = false;
    let place = first(value, |fields| {
        fields.retain(|field, _| matches!(field.as_str(), "components" | "countryCode" | "contexts" | "isOrdered"));
        if let Some(parts) = fields.get_mut("components").and_then(Value::as_array_mut) {
            parts.retain(|part| {
                part.get("kind").and_then(Value::as_str).is_some_and(|kind| KEPT_PLACES.contains(&kind))
            });
            kept = !parts.is_empty();
        }
    });
    place.filter(|_| kept)
}

/// Another day of the same year.
fn birth(lots: &mut Lots, value: &Value) -> Option<Value> {
    let (month, day) = (1 + lots.below(12), 1 + lots.below(28));
    first(value, |fields| {
        if let Some(date) = fields.get_mut("date").and_then(Value::as_object_mut) {
            date.insert("month".to_owned(), json!(month));
            date.insert("day".to_owned(), json!(day));
        }
    })
}

/// What a firm of this domain would be called.
fn organization(domain: &str) -> String {
    let label = domain.split('.').next().unwrap_or(domain);
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    label.split('-').map(word).collect::<Vec<_>>().join(" ")
}

/// A claim as it would stand beside another row: all its times moved by the same, and from another place of the network.
fn moved(lots: &mut Lots, claim: &Claim, by_us: i64) -> Claim {
    let mut moved = claim.clone();
    let now = Timestamp::now().as_us();
    let shift = |at: Timestamp| Timestamp::from_us(at.as_us().saturating_add(by_us).min(now)).unwrap_or(at);
    moved.at = moved.at.map(shift);
    let evidence = &mut moved.evidence;
    for at in
        [&mut evidence.requested_at, &mut evidence.confirmed_at, &mut evidence.notified_at, &mut evidence.valid_until]
    {
        *at = at.map(shift);
    }
    evidence.ip_address = evidence.ip_address.map(|address| neighbour(lots, address));
    (evidence.screenshot_hash, evidence.notes) = (None, None);
    moved
}

/// Another address of the same network.
fn neighbour(lots: &mut Lots, address: IpAddr) -> IpAddr {
    let byte = |lots: &mut Lots| u8::try_from(1 + lots.below(254)).unwrap_or(1);
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            let other = byte(lots);
            IpAddr::from([a, b, c, if other == d { other ^ 1 } else { other }])
        }
        IpAddr::V6(v6) => {
            let mut octets = v6.octets();
            octets.iter_mut().skip(8).for_each(|octet| *octet = byte(lots));
            IpAddr::from(octets)
        }
    }
}
