//! How long the gate takes for a list of so many invented rows, and how much memory.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Instant;

use carnet_core::gate::{Claimed, GatePolicy, Knowledge, Memory, Row, Rows, Subject, inspect};
use carnet_core::model::Timestamp;

const GIVEN: [&str; 6] = ["Ada", "Jean-Pierre", "Zoé", "Bärbel", "MARIA", "Łukasz"];
const SOURCES: [&str; 5] = ["newsletter", "compte client", "site web", "demande de devis", "salon transport 2025"];

/// One row of a list that is like a large one of subscribers: names and firms repeat, addresses do not.
struct Invented {
    email: String,
    surname: String,
    organisation: String,
}

impl Invented {
    fn of(number: u64) -> Self {
        let (family, firm) = (number * 7_919 % 40_009, number * 31 % 9_973);
        Self {
            email: format!("Person{number}.F{family}@firm{firm}.example"),
            surname: format!("Famille{family}"),
            organisation: format!("Maison {firm}"),
        }
    }

    fn row(&self, number: u64) -> Row<'_> {
        let pick = |from: usize| usize::try_from(number).unwrap() % from;
        let opted_in = 1_720_000_000 + i64::try_from(number * 631 % 50_000_000).unwrap();
        let opted_in = opted_in.div_euclid(86_400) * 86_400 + 28_800 + opted_in.rem_euclid(40_000);
        let at = |second: i64| Timestamp::from_us(second * 1_000_000).ok();
        let ip: IpAddr = match (number.is_multiple_of(4), u32::try_from(number % 4_000_000).unwrap()) {
            (true, low) => Ipv6Addr::from((0x2001_0db8_u128 << 96) | u128::from(low)).into(),
            (false, low) => Ipv4Addr::from(0x6440_0000 + low).into(),
        };
        Row {
            position: number + 2,
            email: &self.email,
            given: GIVEN.get(pick(GIVEN.len())).unwrap(),
            surname: &self.surname,
            organisation: &self.organisation,
            country: "FR",
            opted_in_at: at(opted_in),
            confirmed_at: at(opted_in + 200 + i64::try_from(number % 90).unwrap()),
            last_activity_at: at(opted_in + 90_000),
            ip: Some(ip),
            source: SOURCES.get(pick(SOURCES.len())).unwrap(),
            wording: "v3",
            ..Row::default()
        }
    }
}

/// Feeds and judges a list, and prints what that took.
pub(crate) fn measure(count: u64) {
    let (policy, knowledge) = (GatePolicy::builtin(), Knowledge::builtin());
    let began = Instant::now();
    let letters: usize = (0..count).map(|number| Invented::of(number).row(number).email.len()).sum();
    let inventing = began.elapsed();
    let mut rows = Rows::new();
    let began = Instant::now();
    for number in 0..count {
        let invented = Invented::of(number);
        rows.push(&invented.row(number));
    }
    let feeding = began.elapsed().saturating_sub(inventing);
    let fed_bytes = resident_bytes();
    let began = Instant::now();
    let now = "2026-06-01T09:00:00Z".parse().unwrap();
    let (memory, claimed) = (Memory::default(), Claimed::default());
    let subject =
        Subject { rows: &rows, knowledge: &knowledge, memory: &memory, claimed: &claimed, policy: &policy, now };
    let inspection = inspect(&subject);
    let judging = began.elapsed();
    println!(
        "{count} rows ({letters} letters of addresses), {} held, {}: push {:.2} s, inspect {:.2} s; resident at most {}, {} after push",
        rows.len(),
        inspection.report.verdict,
        feeding.as_secs_f64(),
        judging.as_secs_f64(),
        megabytes(resident_bytes()),
        megabytes(fed_bytes),
    );
}

/// The most memory that this process has had, if the system says.
fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1_024)
}

fn megabytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "unknown".to_owned(), |bytes| format!("{} MB", bytes / 1_000_000))
}
