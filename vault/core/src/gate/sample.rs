//! Invented lists for tests: honest as they come, to be spoilt by the test.

use std::net::IpAddr;

use super::claimed::Claimed;
use super::inspect::{Inspection, Subject, inspect};
use super::knowledge::Knowledge;
use super::memory::Memory;
use super::policy::GatePolicy;
use super::report::SignalReport;
use super::row::Row;
use super::rows::Rows;
use super::signal::SignalId;
use crate::intake::{Reject, RejectReason};
use crate::model::Timestamp;

pub(super) const NOW: &str = "2026-06-01T09:00:00Z";

/// One row that owns its texts.
#[derive(Debug, Clone, Default)]
pub(super) struct Person {
    pub(super) email: String,
    pub(super) given: String,
    pub(super) surname: String,
    pub(super) organisation: String,
    pub(super) country: String,
    pub(super) has_phone: bool,
    pub(super) opted_in_s: Option<i64>,
    pub(super) confirmed_s: Option<i64>,
    pub(super) notified_s: Option<i64>,
    pub(super) active_s: Option<i64>,
    pub(super) ip: Option<IpAddr>,
    pub(super) source: String,
    pub(super) wording: String,
    pub(super) has_bare_yes: bool,
    pub(super) has_vague_time: bool,
}

pub(super) fn at(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_us() / 1_000_000
}

const SURNAMES: [&str; 8] = ["Exemple", "Muster", "Beispiel", "Specimen", "Sample", "Campione", "Ejemplo", "Voorbeeld"];

/// What could not be read, with these bytes.
pub(super) fn rejected(raw: &[u8]) -> Reject {
    Reject { line: 1, column: 1, reason: RejectReason::Quotes, raw: Some(raw.to_vec()) }
}

/// Subscribers with a double opt-in: by day, confirmed within minutes, one in four by IPv6.
pub(super) fn subscribers(count: usize) -> Vec<Person> {
    (0..count)
        .map(|number| {
            let surname = SURNAMES[number % SURNAMES.len()];
            let given = format!("Ada{}", letters(number));
            let day = i64::try_from(number * 13 % 400).unwrap();
            let opted_in =
                at("2025-03-01T00:00:00Z") + day * 86_400 + 8 * 3_600 + i64::try_from(number * 641 % 43_000).unwrap();
            let ip = if number % 4 == 0 {
                format!("2001:db8:{:x}::{:x}", number % 9_999, number + 1)
            } else {
                format!("100.{}.{}.{}", 64 + number % 60, number / 200 % 250, 1 + number % 200)
            };
            Person {
                email: format!("{}.{}@mail{}.example", given.to_lowercase(), surname.to_lowercase(), number * 37 % 97),
                given,
                surname: surname.to_owned(),
                country: "FR".to_owned(),
                opted_in_s: Some(opted_in),
                confirmed_s: Some(opted_in + 60 + i64::try_from(number % 7).unwrap() * 90),
                active_s: Some(opted_in + 86_400 * 30),
                ip: ip.parse().ok(),
                source: "https://shop.example/newsletter".to_owned(),
                wording: "v1".to_owned(),
                ..Person::default()
            }
        })
        .collect()
}

/// A number in letters, so that names differ in letters.
pub(super) fn letters(mut number: usize) -> String {
    let mut text = String::new();
    loop {
        text.push(char::from(b'a' + u8::try_from(number % 26).unwrap()));
        number /= 26;
        if number == 0 {
            return text;
        }
    }
}

/// Rows at lines 2, 3, 4.
pub(super) fn rows(people: &[Person]) -> Rows {
    let mut rows = Rows::new();
    let time = |at: Option<i64>| at.map(|at| Timestamp::from_us(at * 1_000_000).unwrap());
    for (position, person) in (2..).zip(people) {
        rows.push(&Row {
            position,
            email: &person.email,
            given: &person.given,
            surname: &person.surname,
            organisation: &person.organisation,
            country: &person.country,
            has_phone: person.has_phone,
            opted_in_at: time(person.opted_in_s),
            has_vague_time: person.has_vague_time,
            has_bare_yes: person.has_bare_yes,
            confirmed_at: time(person.confirmed_s),
            notified_at: time(person.notified_s),
            last_activity_at: time(person.active_s),
            ip: person.ip,
            source: &person.source,
            wording: &person.wording,
            method: "",
        });
    }
    rows
}

/// Everything beside the rows.
#[derive(Default)]
pub(super) struct World {
    pub(super) knowledge: Knowledge,
    pub(super) memory: Memory,
    pub(super) claimed: Claimed,
}

impl World {
    pub(super) fn new() -> Self {
        Self { knowledge: Knowledge::builtin(), ..Self::default() }
    }

    pub(super) fn judge_rows(&self, rows: &Rows) -> Inspection {
        let policy = GatePolicy::builtin();
        let now = NOW.parse().unwrap();
        let (knowledge, memory, claimed) = (&self.knowledge, &self.memory, &self.claimed);
        inspect(&Subject { rows, knowledge, memory, claimed, policy: &policy, now })
    }

    pub(super) fn judge(&self, people: &[Person]) -> Inspection {
        self.judge_rows(&rows(people))
    }

    /// The signal where it is strongest, if it gave points.
    pub(super) fn signal(&self, id: SignalId, people: &[Person]) -> Option<SignalReport> {
        self.judge(people).report.signals.into_iter().find(|signal| signal.id == id)
    }

    /// Its points, 0 for none.
    pub(super) fn points(&self, id: SignalId, people: &[Person]) -> u32 {
        self.signal(id, people).map_or(0, |signal| signal.points)
    }

    /// Whether the signal was looked at, in any segment.
    pub(super) fn is_judged(&self, id: SignalId, people: &[Person]) -> bool {
        !self.judge(people).report.not_judged.iter().any(|not| not.id == id)
    }
}
