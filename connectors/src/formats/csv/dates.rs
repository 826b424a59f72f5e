//! Dates and times in the layouts that exports have, read without guessing.
//!
//! Which of two numbers is the day is a property of a column, found from all of its values that were looked at and never
//! from one row. A time of day without a zone is told as such; what becomes of it is decided [elsewhere](super::moments).

use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Serialize};

use super::date_cursor::{Cursor, Day, YEARS, clock, day};

/// Which of two numbers comes first in the dates of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// 31/12/2024.
    DayFirst,
    /// 12/31/2024.
    MonthFirst,
}

/// A date as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// With its offset: one moment.
    Moment(jiff::Timestamp),
    /// With a time of day, and no zone.
    Local(DateTime),
    /// A day alone.
    Day(Date),
    /// A day of every year: month and day.
    Yearly(i8, i8),
}

/// Why a text is not read as a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoDate {
    /// Not a date of any calendar.
    Unreadable,
    /// A year of two digits.
    YearOfTwoDigits,
    /// Day and month could be either way round.
    Ambiguous,
    /// A zone by an abbreviation, of which the same is used in several places of the world.
    UnknownZone,
}

/// Reads a date. Blank fields and words for "nothing" are not given to it.
pub(super) fn read(text: &str, order: Option<DateOrder>) -> Result<Written, NoDate> {
    let mut cursor = Cursor { rest: text.trim() };
    if let Some(written) = number(cursor.rest) {
        return written;
    }
    let date = cursor.date(order)?;
    if cursor.rest.is_empty() {
        return match date {
            Day::Full(date) => Ok(Written::Day(date)),
            Day::Yearly(month, day) => Ok(Written::Yearly(month, day)),
        };
    }
    let Day::Full(date) = date else { return Err(NoDate::Unreadable) };
    let time = cursor.time().ok_or(NoDate::Unreadable)?;
    let local = date.to_datetime(time);
    match cursor.offset()? {
        None => Ok(Written::Local(local)),
        Some(offset) => offset.to_timestamp(local).map(Written::Moment).map_err(|_| NoDate::Unreadable),
    }
}

/// What the dates of a column say about their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct OrderVotes {
    day_first: usize,
    month_first: usize,
    either: usize,
}

impl OrderVotes {
    pub(super) fn count(&mut self, text: &str) {
        let Some(pair) = Cursor { rest: text.trim() }.two_numbers() else { return };
        match pair {
            (13..=31, 1..=12) => self.day_first += 1,
            (1..=12, 13..=31) => self.month_first += 1,
            (first @ 1..=12, second @ 1..=12) if first != second => self.either += 1,
            _ => {}
        }
    }

    /// The order that the column has, if it has one.
    pub(super) const fn order(self) -> Option<DateOrder> {
        match (self.day_first, self.month_first) {
            (1.., 0) => Some(DateOrder::DayFirst),
            (0, 1..) => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }

    /// Whether there are dates that only an order could settle, and none is found.
    pub(super) const fn is_unsettled(self) -> bool {
        self.order().is_none() && self.either + self.day_first + self.month_first > 0
    }
}

/// The days of Excel count from here; its 1900 had a 29 February, which no date of ours is old enough to meet.
const EXCEL_EPOCH: Date = jiff::civil::date(1899, 12, 30);

/// Dates written as one number: seconds or milliseconds since 1970, YYYYMMDD, or the serial number of a spreadsheet.
fn number(text: &str) -> Option<Result<Written, NoDate>> {
    let (whole, fraction) = match text.split_once(['.', ',']) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !are_digits(whole) || fraction.is_some_and(|fraction| !are_digits(fraction)) {
        return None;
    }
    let value: i64 = whole.parse().ok()?;
    let written = match (whole.len(), fraction) {
        (5, _) => serial(value, fraction),
        (8, None) => compact_day(value).map(Written::Day),
        (14, None) => compact_day(value / 1_000_000)
            .zip(clock(value / 10_000 % 100, value / 100 % 100, value % 100, 0))
            .map(|(date, time)| Written::Local(date.to_datetime(time))),
        (9 | 10, _) => since_1970(jiff::Timestamp::from_second(value)),
        (13, None) => since_1970(jiff::Timestamp::from_millisecond(value)),
        _ => None,
    };
    // With a dot, such as `1.3`, it may be the beginning of a date in another layout.
    match (written, fraction) {
        (Some(written), _) => Some(Ok(written)),
        (None, Some(_)) => None,
        (None, None) => Some(Err(NoDate::Unreadable)),
    }
}

/// A moment in a year that dates in words may have, too: a telephone number is no time in another century.
fn since_1970(moment: Result<jiff::Timestamp, jiff::Error>) -> Option<Written> {
    let moment = moment.ok()?;
    let year = i64::from(moment.to_zoned(jiff::tz::TimeZone::UTC).year());
    YEARS.contains(&year).then_some(Written::Moment(moment))
}

/// Days of the 1900 system, which every spreadsheet program of today writes; the fraction is the time of day.
fn serial(days: i64, fraction: Option<&str>) -> Option<Written> {
    let date = EXCEL_EPOCH.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    if !YEARS.contains(&i64::from(date.year())) {
        return None;
    }
    let Some(fraction) = fraction else { return Some(Written::Day(date)) };
    let billionths: i64 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let seconds = (billionths * 86_400 + 500_000_000) / 1_000_000_000;
    let span = jiff::Span::new().try_seconds(seconds).ok()?;
    date.to_datetime(Time::midnight()).checked_add(span).ok().map(Written::Local)
}

fn compact_day(value: i64) -> Option<Date> {
    day(value / 10_000, value / 100 % 100, value % 100)
}

#[cfg(test)]
#[path = "dates_tests.rs"]
mod tests;
