//! Contacts to a table, which a person opens in a spreadsheet and our own reader takes back whole.
//!
//! Each row is read again before it is written: what the reader would not make of the cells goes into the last column, as JSON.
//! So nothing is lost, whatever a card holds, and the column is blank for the contacts of an ordinary list.

use std::io::{self, Write};

use carnet_core::intake::{CONSENTS_MEMBER, Claim, Incoming, with_claims};
use carnet_core::model::{Card, ConsentKind, Context, NamePart, PhoneFeature, Timestamp};
use carnet_core::outgoing::Outgoing;
use serde_json::{Map, Value};

use super::contacts::Contacts;
use super::field::{AddressPart, ConsentField, Field};
use super::formula::guarded;
use super::mapping::{Column, Mapping};
use super::presets::Preset;

/// Its name among the exports that are known.
const PRESET: &str = "carnet";
/// Where the source is kept of a contact that no consent names it for.
const SOURCE_MEMBER: &str = "carnet.example:source";
/// Several values in one cell.
const BETWEEN: &str = " ::: ";

/// Heads of the columns, in their order. What they are is said by the preset, where the reader finds it.
const HEADS: [&str; 51] = [
    "Email",
    "Work email",
    "Home email",
    "Phone",
    "Mobile",
    "Work phone",
    "Home phone",
    "Fax",
    "Full name",
    "Name prefix",
    "First name",
    "Middle name",
    "Last name",
    "Second last name",
    "Name suffix",
    "Credentials",
    "Nickname",
    "Company",
    "Department",
    "Job title",
    "Address",
    "Street",
    "Address line 2",
    "City",
    "Region",
    "Postcode",
    "Country",
    "Language",
    "Birthday",
    "Website",
    "Tags",
    "Notes",
    "Source",
    "Status",
    "Opted in",
    "Opt-in date",
    "Opt-in IP",
    "Opt-in method",
    "Consent text",
    "Consent version",
    "Consent language",
    "Form URL",
    "User agent",
    "Collector",
    "Purpose",
    "Confirmation sent",
    "Confirmed",
    "Confirmation date",
    "Confirmation IP",
    "Notice date",
    "Carnet",
];

/// Heads of the columns of an export, in their order.
pub fn heads() -> &'static [&'static str] {
    &HEADS
}

/// Writes contacts as rows, in UTF-8 with a byte order mark, which spreadsheets ask for.
pub struct CsvWriter<W> {
    output: W,
    columns: Vec<Field>,
    cells: Vec<String>,
    reader: Contacts,
    row: String,
}

impl<W: Write> CsvWriter<W> {
    /// Begins a table with its heads.
    ///
    /// # Errors
    /// What writing fails with.
    pub fn new(mut output: W) -> io::Result<Self> {
        let preset = Preset::named(PRESET);
        let field = |head: &&str| preset.and_then(|preset| preset.field(head)).unwrap_or(Field::Ignore);
        let columns: Vec<Field> = HEADS.iter().map(field).collect();
        let named = HEADS.iter().zip(&columns).map(|(head, field)| Column {
            name: (*head).to_owned(),
            field: Some(*field),
            ..Column::default()
        });
        let mapping = Mapping { preset: Some(PRESET.to_owned()), columns: named.collect(), ..Mapping::default() };
        let mut row = "\u{feff}".to_owned();
        push_row(&mut row, HEADS.iter().copied());
        output.write_all(row.as_bytes())?;
        let cells = vec![String::new(); HEADS.len()];
        Ok(Self { output, columns, cells, reader: Contacts::new(&mapping, b'"'), row })
    }

    /// Writes one contact.
    ///
    /// # Errors
    /// What writing fails with.
    pub fn write(&mut self, contact: &Outgoing) -> io::Result<()> {
        self.cells.iter_mut().for_each(String::clear);
        if let Some(card) = contact.card.value().as_object() {
            self.put_card(card);
        }
        self.put_claims(contact);
        self.put_rest(contact);
        self.row.clear();
        push_row(&mut self.row, self.cells.iter().map(String::as_str));
        self.output.write_all(self.row.as_bytes())
    }

    /// Ends the table.
    ///
    /// # Errors
    /// What writing fails with.
    pub fn finish(mut self) -> io::Result<W> {
        self.output.flush()?;
        Ok(self.output)
    }

    /// Adds a value to a cell, behind those that are there.
    fn put(&mut self, field: Field, value: &str) {
        let cell = self.columns.iter().position(|column| *column == field).and_then(|at| self.cells.get_mut(at));
        if let Some(cell) = cell.filter(|_| !value.is_empty()) {
            if !cell.is_empty() {
                cell.push_str(if field == Field::Keywords { "," } else { BETWEEN });
            }
            cell.push_str(value);
        }
    }

    fn put_card(&mut self, card: &Map<String, Value>) {
        for entry in entries(card, "emails") {
            self.put(Field::Email(context(entry)), text(entry, "address"));
        }
        for entry in entries(card, "phones") {
            self.put(phone_field(entry), text(entry, "number"));
        }
        if let Some(name) = card.get("name") {
            self.put(Field::FullName, text(name, "full"));
            let parts = name.get("components").and_then(Value::as_array).into_iter().flatten();
            for part in parts {
                if let Ok(kind) = text(part, "kind").parse::<NamePart>() {
                    self.put(Field::Name(kind), text(part, "value"));
                }
            }
        }
        for (member, name, field) in [
            ("nicknames", "name", Field::Nickname),
            ("organizations", "name", Field::Organization),
            ("titles", "name", Field::Title),
            ("preferredLanguages", "language", Field::Language),
            ("links", "uri", Field::Link),
            ("notes", "note", Field::Note),
        ] {
            if let Some(entry) = entries(card, member).next() {
                self.put(field, text(entry, name));
            }
        }
        let units = entries(card, "organizations").next().and_then(|entry| entry.get("units")?.as_array()?.first());
        self.put(Field::Unit, units.map(|unit| text(unit, "name")).unwrap_or_default());
        for keyword in card.get("keywords").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
            self.put(Field::Keywords, keyword);
        }
        if let Some(address) = entries(card, "addresses").next() {
            self.put_address(address);
        }
        let birth = entries(card, "anniversaries").find(|entry| text(entry, "kind") == "birth");
        self.put(Field::Birth, &birth.and_then(|entry| day(entry.get("date")?)).unwrap_or_default());
    }

    fn put_address(&mut self, address: &Value) {
        self.put(Field::Address(AddressPart::Full, None), text(address, "full"));
        for part in address.get("components").and_then(Value::as_array).into_iter().flatten() {
            let field = match text(part, "kind") {
                "name" => AddressPart::Street,
                "apartment" | "floor" | "building" | "extension" => AddressPart::Extension,
                "locality" => AddressPart::Locality,
                "region" => AddressPart::Region,
                "postcode" => AddressPart::Postcode,
                "country" => AddressPart::Country,
                _ => continue,
            };
            self.put(Field::Address(field, None), text(part, "value"));
        }
        if !address.get("components").is_some_and(|parts| parts.to_string().contains("\"country\"")) {
            self.put(Field::Address(AddressPart::Country, None), text(address, "countryCode"));
        }
    }

    fn put_claims(&mut self, contact: &Outgoing) {
        let of = |kind: ConsentKind| contact.claims.iter().find(|claim| claim.kind == kind);
        let (given, confirmed) = (of(ConsentKind::Given), of(ConsentKind::Confirmed));
        let source = given.or(confirmed).and_then(|claim| claim.evidence.source.as_deref());
        let of_card = || contact.card.value().get(SOURCE_MEMBER).and_then(Value::as_str);
        self.put(Field::Source, source.or_else(of_card).unwrap_or_default());
        let mut put = |field: ConsentField, value: &str| self.put(Field::Consent(field), value);
        if let Some(claim) = given.or(confirmed) {
            put(ConsentField::Status, if confirmed.is_some() { "confirmed" } else { "subscribed" });
            put(ConsentField::Purpose, claim.purpose.as_deref().unwrap_or_default());
        }
        if let Some(claim) = given {
            put(ConsentField::OptedIn, "yes");
            put(ConsentField::GivenAt, &time(claim.at));
            proof(claim, &mut put);
        }
        if let Some(claim) = confirmed {
            put(ConsentField::Confirmed, "yes");
            put(ConsentField::ConfirmedAt, &time(claim.at));
            let ip = claim.evidence.ip_address.map(|ip| ip.to_string()).unwrap_or_default();
            put(ConsentField::ConfirmedIpAddress, &ip);
            if given.is_none() {
                proof(claim, &mut put);
            }
        }
    }

    /// What the reader would not make of these cells.
    fn put_rest(&mut self, contact: &Outgoing) {
        let values: Vec<&str> = self.cells.iter().map(|cell| cell.trim()).collect();
        let read = self.reader.assemble(values.into_iter(), 1).ok();
        let rest = rest(contact, read.as_ref());
        if !rest.is_empty() {
            self.put(Field::Rest, &Value::Object(rest).to_string());
        }
    }
}

/// The proof of a yes, as far as it has columns.
fn proof(claim: &Claim, put: &mut impl FnMut(ConsentField, &str)) {
    let evidence = &claim.evidence;
    let word = |text: &Option<String>| text.clone().unwrap_or_default();
    put(ConsentField::IpAddress, &evidence.ip_address.map(|ip| ip.to_string()).unwrap_or_default());
    put(ConsentField::Method, evidence.method.as_ref().map(|method| method.as_str()).unwrap_or_default());
    put(ConsentField::Wording, &word(&evidence.wording));
    put(ConsentField::WordingVersion, &word(&evidence.wording_version));
    put(ConsentField::Language, &evidence.language.as_ref().map(ToString::to_string).unwrap_or_default());
    put(ConsentField::FormUrl, &word(&evidence.form_url));
    put(ConsentField::UserAgent, &word(&evidence.user_agent));
    put(ConsentField::Collector, &word(&evidence.collector));
    put(ConsentField::RequestedAt, &time(evidence.requested_at));
    put(ConsentField::NotifiedAt, &time(evidence.notified_at));
}

/// The members that a row has to bring beside its cells; `null` where the cells say what the card does not.
fn rest(contact: &Outgoing, read: Option<&Incoming>) -> Map<String, Value> {
    let card = contact.card.value().as_object().cloned().unwrap_or_default();
    let empty = Map::new();
    let made = read.and_then(|read| read.card.value().as_object()).unwrap_or(&empty);
    let claims_differ = read.is_none_or(|read| read.claims != contact.claims);
    let mut rest = Map::new();
    for (member, value) in &card {
        let by_source = member == SOURCE_MEMBER
            && read.is_some_and(|read| {
                let told = |claim: &Claim| claim.evidence.source == read.source;
                read.source.as_deref() == value.as_str() && !read.claims.iter().any(told)
            });
        if made.get(member) != Some(value) && !by_source {
            rest.insert(member.clone(), value.clone());
        }
    }
    for member in made.keys().filter(|member| !card.contains_key(*member)) {
        rest.insert(member.clone(), Value::Null);
    }
    if claims_differ {
        let carried = Card::parse(r#"{"@type":"Card"}"#).and_then(|bare| with_claims(&bare, &contact.claims)).ok();
        let claims = carried.and_then(|card| card.value().get(CONSENTS_MEMBER).cloned());
        rest.insert(CONSENTS_MEMBER.to_owned(), claims.unwrap_or_else(|| Value::Array(Vec::new())));
    }
    rest
}

fn entries<'c>(card: &'c Map<String, Value>, member: &str) -> impl Iterator<Item = &'c Value> {
    card.get(member).and_then(Value::as_object).into_iter().flat_map(Map::values)
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn has(entry: &Value, set: &str, word: &str) -> bool {
    entry.get(set).and_then(|set| set.get(word)).and_then(Value::as_bool) == Some(true)
}

fn context(entry: &Value) -> Option<Context> {
    Context::ALL.iter().copied().find(|context| has(entry, "contexts", context.as_str()))
}

/// The column of a number; one of several uses goes to the first that has a column.
fn phone_field(entry: &Value) -> Field {
    let feature =
        [PhoneFeature::Mobile, PhoneFeature::Fax].into_iter().find(|one| has(entry, "features", one.as_str()));
    match (feature, context(entry)) {
        (Some(feature), _) => Field::Phone(None, Some(feature)),
        (None, context) => Field::Phone(context, None),
    }
}

fn day(date: &Value) -> Option<String> {
    let number = |field: &str| date.get(field).and_then(Value::as_u64);
    Some(format!("{:04}-{:02}-{:02}", number("year")?, number("month")?, number("day")?))
}

fn time(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

/// Cells with commas between them (RFC 4180), those guarded that would be run.
fn push_row<'c>(row: &mut String, cells: impl Iterator<Item = &'c str>) {
    for (index, cell) in cells.enumerate() {
        if index > 0 {
            row.push(',');
        }
        let cell = guarded(cell);
        if cell.contains([',', '"', '\n', '\r', ';', '\t']) || cell.trim() != cell {
            row.push('"');
            row.push_str(&cell.replace('"', "\"\""));
            row.push('"');
        } else {
            row.push_str(&cell);
        }
    }
    row.push_str("\r\n");
}
