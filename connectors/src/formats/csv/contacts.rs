//! From the cells of a row to a contact with what its source claims.

use carnet_core::intake::{Incoming, Moment, RejectReason, Status, ValueFault, Warning, WarningKind};
use carnet_core::model::{Card, CardParts, ConsentKind};

use super::consent::{Manner, Said};
use super::contact::{Contact, Left};
use super::dates::{self, DateOrder};
use super::field::{ConsentField, Field};
use super::formula::unguarded;
use super::headers::Hint;
use super::mapping::{Column, Mapping};
use super::rest::Rest;
use super::scan::{Cell, unescape_into};
use super::tally::Tally;
use super::words::{Reader, is_nothing};

/// Reads the rows of one mapping.
pub(super) struct Contacts {
    columns: Vec<Column>,
    /// What the heads of columns that no field is known for let expect, in their order.
    hints: Vec<Option<Hint>>,
    zone: Option<super::moments::Zone>,
    status: Option<Status>,
    confirmed_after_sign_up: bool,
    words: Reader,
    quote: u8,
    /// Whether cells were guarded against being run, as our own exports do.
    guarded: bool,
    tally: Tally,
    /// The text of cells that had doubled quotes, and their places in it.
    unescaped: String,
    places: Vec<std::ops::Range<usize>>,
}

/// Why a row is no contact, and the cell that is to blame.
pub(super) struct Fault {
    pub(super) column: Option<usize>,
    pub(super) reason: RejectReason,
}

impl From<RejectReason> for Fault {
    fn from(reason: RejectReason) -> Self {
        Self { column: None, reason }
    }
}

impl Contacts {
    pub(super) fn new(mapping: &Mapping, quote: u8) -> Self {
        Self {
            columns: mapping.columns.clone(),
            hints: mapping.columns.iter().map(hint_of).collect(),
            zone: mapping.zone.clone(),
            status: mapping.status,
            confirmed_after_sign_up: mapping.confirmed_after_sign_up,
            words: Reader::new(&mapping.words),
            quote,
            guarded: mapping.preset.as_deref() == Some("carnet"),
            tally: Tally::default(),
            unescaped: String::new(),
            places: Vec::new(),
        }
    }

    pub(super) fn warnings(&self) -> Vec<Warning> {
        let name = |index| self.columns.get(index).map(|column: &Column| column.name.clone()).unwrap_or_default();
        self.tally.warnings(name)
    }

    /// Reads a row.
    pub(super) fn read(&mut self, row: &str, cells: &[Cell], line: usize) -> Result<Incoming, Fault> {
        let (unescaped, places) = (std::mem::take(&mut self.unescaped), std::mem::take(&mut self.places));
        let (unescaped, places) = self.unescape(row, cells, unescaped, places);
        let mut escaped = places.iter().cloned();
        let guarded = self.guarded;
        let values = cells.iter().map(|cell| {
            let value = if cell.escaped {
                escaped.next().and_then(|place| unescaped.get(place))
            } else {
                row.get(cell.start..cell.end)
            };
            let value = value.unwrap_or_default();
            unguarded(value).filter(|_| guarded).map_or_else(|| plain(value), str::trim)
        });
        let read = self.assemble(values, line);
        self.tally.end_row(read.is_ok(), line);
        (self.unescaped, self.places) = (unescaped, places);
        read
    }

    fn unescape(
        &self,
        row: &str,
        cells: &[Cell],
        mut text: String,
        mut places: Vec<std::ops::Range<usize>>,
    ) -> (String, Vec<std::ops::Range<usize>>) {
        text.clear();
        places.clear();
        for cell in cells.iter().filter(|cell| cell.escaped) {
            let start = text.len();
            unescape_into(&mut text, row.get(cell.start..cell.end).unwrap_or_default(), self.quote);
            places.push(start..text.len());
        }
        (text, places)
    }

    /// Makes a contact of the values of a row, in the order of the columns.
    pub(super) fn assemble<'v>(
        &mut self,
        values: impl Iterator<Item = &'v str>,
        line: usize,
    ) -> Result<Incoming, Fault> {
        let Self { columns, hints, words, tally, .. } = self;
        let mut contact = Contact::default();
        let mut said = Said::default();
        // Names of columns are needed for as long as the values are.
        let mut kept: Vec<(usize, &'v str)> = Vec::new();
        let mut about_claims: Vec<(usize, &'v str)> = Vec::new();
        let mut rest = None;
        for (index, ((value, column), hint)) in values.zip(columns.iter()).zip(hints.iter()).enumerate() {
            if value.is_empty() {
                continue;
            }
            let left = match column.field {
                None if hint.is_some_and(|hint| is_doubt(hint, value, words)) => {
                    said.is_doubted = true;
                    Left::Kept(Some(WarningKind::ConsentDoubted))
                }
                None => Left::Kept(None),
                Some(Field::Ignore) => Left::Nothing,
                Some(Field::Rest) => {
                    rest = Rest::read(value);
                    if rest.is_some() { Left::Nothing } else { Left::Kept(None) }
                }
                Some(
                    field @ (Field::Source
                    | Field::Consent(_)
                    | Field::Undeliverable
                    | Field::UndeliverableAt
                    | Field::LastActivityAt),
                ) => {
                    let manner = Manner { order: column.order, zone: column.zone.as_ref().or(self.zone.as_ref()) };
                    said.take(field, value, manner, words).map_err(|fault| value_fault(index, column, fault))?
                }
                Some(field) => contact.take(field, value, index, column.order),
            };
            match left {
                Left::Nothing if column.field.is_some_and(says_with_a_claim) => about_claims.push((index, value)),
                Left::Nothing => {}
                Left::Taken(kind) => {
                    tally.note(index, kind);
                    if column.field.is_some_and(says_with_a_claim) || kind == WarningKind::IpUnreadable {
                        about_claims.push((index, value));
                    }
                }
                Left::Kept(kind) => {
                    kept.push((index, value));
                    kind.iter().for_each(|kind| tally.note(index, *kind));
                }
            }
        }
        if let Some((index, error)) = contact.bad_email.filter(|_| contact.good_emails == 0) {
            let column = columns.get(index);
            return Err(column.map_or_else(
                || RejectReason::NoContact.into(),
                |column| value_fault(index, column, ValueFault::Email(error)),
            ));
        }
        if contact.good_emails == 0 && contact.parts.phones.is_empty() {
            return Err(RejectReason::NoContact.into());
        }
        let incoming = self.incoming(contact, said, kept, &about_claims, line)?;
        match rest {
            Some(rest) => rest.with(incoming).map_err(|error| RejectReason::Card(error).into()),
            None => Ok(incoming),
        }
    }

    fn incoming<'v>(
        &mut self,
        mut contact: Contact<'v>,
        mut said: Said,
        mut kept: Vec<(usize, &'v str)>,
        about_claims: &[(usize, &'v str)],
        line: usize,
    ) -> Result<Incoming, Fault> {
        self.status.iter().for_each(|status| said.status(*status));
        if said.is_doubted {
            said.statement.opted_in = Some(false);
        }
        if self.confirmed_after_sign_up && said.drop_early_confirmation() {
            self.note_for(ConsentField::ConfirmedAt, WarningKind::ConfirmationNotLater);
        }
        if said.statement.has_stray_proof() {
            self.note_for(ConsentField::IpAddress, WarningKind::ProofWithoutConsent);
        }
        let undeliverable = said.statement.deliverability();
        let notified_at = said.statement.notified_at.as_ref().and_then(Moment::at);
        let last_activity_at = said.last_activity_at;
        let claims = said.statement.into_claims();
        let claimed = |kinds: &[ConsentKind]| claims.iter().any(|claim| kinds.contains(&claim.kind));
        let has_yes = claimed(&[ConsentKind::Given, ConsentKind::Confirmed]);
        let has_no = claimed(&[ConsentKind::Withdrawn]);
        // What nothing takes with it stays in the card.
        let is_taken = |index: usize| match self.columns.get(index).and_then(|column| column.field) {
            Some(Field::Consent(ConsentField::WithdrawalReason)) => has_no,
            Some(Field::Consent(ConsentField::Status)) => !claims.is_empty() || undeliverable.is_some(),
            _ => has_yes,
        };
        kept.extend(about_claims.iter().filter(|(index, _)| !is_taken(*index)));
        kept.sort_by_key(|(index, _)| *index);
        contact.finish();
        let named = |(index, value): &(usize, _)| Some((self.columns.get(*index)?.name.as_str(), *value));
        let parts = CardParts { columns: kept.iter().filter_map(named).collect(), ..contact.parts };
        let card = Card::from_parts(&parts).map_err(RejectReason::Card)?;
        let of_card = Incoming::of_card(card, line);
        Ok(Incoming { claims, undeliverable, source: said.source, notified_at, last_activity_at, ..of_card })
    }

    /// Notes what no one cell is to blame for, at the column that it is about.
    fn note_for(&mut self, field: ConsentField, kind: WarningKind) {
        let is_about = |column: &Column| column.field == Some(Field::Consent(field));
        let index = self
            .columns
            .iter()
            .position(is_about)
            .or_else(|| self.columns.iter().position(|column| matches!(column.field, Some(Field::Consent(_)))));
        self.tally.note(index.unwrap_or_default(), kind);
    }
}

/// Nothing is doubted of a column of which somebody says what it is, also that it is just kept.
fn hint_of(column: &Column) -> Option<Hint> {
    if column.field.is_none() && !column.keep { Hint::of(&column.name) } else { None }
}

/// Whether a cell under a head that is not known may say that the subject does not agree. A bare 0 is a count more often than that.
fn is_doubt(hint: Hint, value: &str, words: &mut Reader) -> bool {
    if is_nothing(value) || value == "0" {
        return false;
    }
    let is_stop = words.status(value).is_some_and(|status| status > Status::Pending);
    is_stop
        || match (hint, words.yes_or_no(value)) {
            (Hint::About, yes) => yes == Some(false),
            (Hint::Against, Some(yes)) => yes,
            (Hint::Against, None) => is_date(value),
        }
}

/// Whether a cell is a date, whichever way round.
fn is_date(value: &str) -> bool {
    [DateOrder::DayFirst, DateOrder::MonthFirst].iter().any(|order| dates::read(value, Some(*order)).is_ok())
}

/// Whether a field is told by a claim alone, so that without one it would be lost unsaid. The proof of a yes is not among
/// them: without a yes it is left out, and counted.
const fn says_with_a_claim(field: Field) -> bool {
    matches!(
        field,
        Field::Consent(
            ConsentField::Status
                | ConsentField::OptedIn
                | ConsentField::Confirmed
                | ConsentField::GivenAt
                | ConsentField::RequestedAt
                | ConsentField::ConfirmedAt
                | ConsentField::NotifiedAt
                | ConsentField::WithdrawalReason
                | ConsentField::Method
                | ConsentField::WordingVersion
                | ConsentField::Language
                | ConsentField::UserAgent
                | ConsentField::Collector
                | ConsentField::Purpose
                | ConsentField::List
                | ConsentField::Note
        )
    )
}

fn value_fault(index: usize, column: &Column, fault: ValueFault) -> Fault {
    Fault { column: Some(index), reason: RejectReason::Value { field: column.name.as_str().into(), fault } }
}

/// A value without the blanks around it, and without the formula `="..."` that makes a text of it in spreadsheets.
fn plain(value: &str) -> &str {
    let value = value.trim();
    let text = || value.strip_prefix("=\"")?.strip_suffix('"').filter(|text| !text.contains('"'));
    if value.starts_with('=') { text().unwrap_or(value).trim() } else { value }
}
