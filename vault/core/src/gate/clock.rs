//! Which hour a clock on the wall shows, by country: enough to tell night from day, and the same on every machine.
//!
//! A table of one zone for each country in place of the zone database, whose version would change old verdicts. Summer time is that of
//! the European Union since 1996: from the last Sunday of March to the last of October, 01:00 UTC.

use super::stats::share;

/// Countries with summer time, by their offset in winter in hours.
const WITH_SUMMER_TIME: [(&str, i64); 41] = [
    ("AD", 1),
    ("AL", 1),
    ("AT", 1),
    ("BA", 1),
    ("BE", 1),
    ("BG", 2),
    ("CH", 1),
    ("CY", 2),
    ("CZ", 1),
    ("DE", 1),
    ("DK", 1),
    ("EE", 2),
    ("ES", 1),
    ("FI", 2),
    ("FR", 1),
    ("GB", 0),
    ("GR", 2),
    ("HR", 1),
    ("HU", 1),
    ("IE", 0),
    ("IT", 1),
    ("LI", 1),
    ("LT", 2),
    ("LU", 1),
    ("LV", 2),
    ("MC", 1),
    ("MD", 2),
    ("ME", 1),
    ("MK", 1),
    ("MT", 1),
    ("NL", 1),
    ("NO", 1),
    ("PL", 1),
    ("PT", 0),
    ("RO", 2),
    ("RS", 1),
    ("SE", 1),
    ("SI", 1),
    ("SK", 1),
    ("UA", 2),
    ("XK", 1),
];

/// Countries without it.
const WITHOUT: [(&str, i64); 16] = [
    ("AE", 4),
    ("AR", -3),
    ("BY", 3),
    ("CI", 0),
    ("CN", 8),
    ("DZ", 1),
    ("GP", -4),
    ("IN", 5),
    ("IS", 0),
    ("JP", 9),
    ("MA", 1),
    ("MQ", -4),
    ("RE", 4),
    ("SN", 0),
    ("TN", 1),
    ("TR", 3),
];

/// Seconds that the clocks of a country are ahead of UTC at this moment; `None` for one that is not known, or has several.
pub(super) fn offset_s(country: [u8; 2], at_s: i64) -> Option<i64> {
    let find =
        |table: &[(&str, i64)]| table.iter().find(|(code, _)| code.as_bytes() == country).map(|(_, hours)| *hours);
    if let Some(hours) = find(&WITHOUT) {
        return Some(hours * 3_600);
    }
    find(&WITH_SUMMER_TIME).map(|hours| (hours + i64::from(is_summer(at_s))) * 3_600)
}

/// By how many seconds UTC is ahead of the clock on the wall of those who signed up at these times, as far as the times tell: people sleep,
/// and the six hours in which fewest of them do something are their night. 0 unless another clock than UTC makes at most half as many people
/// sign up between midnight and six, and few; of times that are drawn by lot no clock does.
pub(super) fn utc_ahead_s(times: impl Iterator<Item = i64>) -> i64 {
    const LEAST: u64 = 200;
    const FEW: f64 = 0.09;
    let mut hours = [0_u64; 24];
    for at in times {
        let hour = usize::try_from(at.rem_euclid(86_400).div_euclid(3_600)).unwrap_or(0);
        hours.iter_mut().skip(hour).take(1).for_each(|rows| *rows += 1);
    }
    let all: u64 = hours.iter().sum();
    let night = |ahead: usize| hours.iter().cycle().skip(ahead).take(6).sum::<u64>();
    let quietest = (0..24).min_by_key(|ahead| (night(*ahead), (*ahead).min(24 - *ahead))).unwrap_or(0);
    if all < LEAST || night(quietest) * 2 > night(0) || share(night(quietest), all) > FEW {
        return 0;
    }
    let ahead = i64::try_from(quietest).unwrap_or(0);
    (if ahead > 12 { ahead - 24 } else { ahead }) * 3_600
}

fn is_summer(at_s: i64) -> bool {
    let days = at_s.div_euclid(86_400);
    let year = year_of(days);
    let change = |month: i64| last_sunday(year, month) * 86_400 + 3_600;
    (change(3)..change(10)).contains(&at_s)
}

/// Days since 1970 of the last Sunday of a month that has 31 days.
fn last_sunday(year: i64, month: i64) -> i64 {
    let last = days_of(year, month, 31);
    // 1970-01-01 was a Thursday, four days after a Sunday.
    last - (last + 4).rem_euclid(7)
}

/// Days since 1970 of a date of the Gregorian calendar (Howard Hinnant, days_from_civil).
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year - era * 400;
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn year_of(days: i64) -> i64 {
    let mut year = 1970 + days.div_euclid(366);
    while days_of(year + 1, 1, 1) <= days {
        year += 1;
    }
    while days_of(year, 1, 1) > days {
        year -= 1;
    }
    year
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    fn hours(country: [u8; 2], at: &str) -> Option<i64> {
        let at: Timestamp = at.parse().unwrap();
        let ahead_s = offset_s(country, at.as_us() / 1_000_000)?;
        Some(ahead_s / 3_600)
    }

    #[test]
    fn clocks_are_those_of_the_country_and_the_season() {
        for (country, at, ahead) in [
            (b"FR", "2024-01-15T12:00:00Z", 1),
            (b"FR", "2024-07-15T12:00:00Z", 2),
            (b"FR", "2024-03-31T00:59:59Z", 1),
            (b"FR", "2024-03-31T01:00:00Z", 2),
            (b"DE", "2025-10-26T00:59:59Z", 2),
            (b"DE", "2025-10-26T01:00:00Z", 1),
            (b"GB", "2026-06-01T00:00:00Z", 1),
            (b"RE", "2026-06-01T00:00:00Z", 4),
        ] {
            assert_eq!(hours(*country, at), Some(ahead), "{} {at}", country.escape_ascii());
        }
        assert_eq!(hours(*b"ZZ", "2026-06-01T00:00:00Z"), None);
    }

    #[test]
    fn a_list_is_read_by_the_clock_that_lets_its_people_sleep() {
        // Ten people in each waking hour, none asleep, by a clock that is so many hours behind UTC.
        let people = |behind: i64| (0..180).map(move |n| (6 + n / 10 + behind) * 3_600 + n);
        let ahead = |behind| utc_ahead_s(people(behind).chain(people(behind))) / 3_600;
        assert_eq!((ahead(0), ahead(5), ahead(-8)), (0, 5, -8));
        assert_eq!(utc_ahead_s(people(5)), 0, "too few to tell");
        assert_eq!(utc_ahead_s((0..2_400).map(|n| n * 36)), 0, "at all hours");
    }

    #[test]
    fn the_tables_are_sorted_and_apart() {
        let codes: Vec<&str> = WITH_SUMMER_TIME.iter().map(|(code, _)| *code).collect();
        assert!(codes.is_sorted() && WITHOUT.iter().all(|(code, _)| !codes.contains(code)));
        assert_eq!(days_of(1970, 1, 1), 0);
        assert_eq!((year_of(-1), year_of(0), year_of(364), year_of(365)), (1969, 1970, 1970, 1971));
    }
}
