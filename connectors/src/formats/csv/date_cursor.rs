//! The parts of a written date, one after the other.

use carnet_core::intake::level;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use super::dates::{DateOrder, NoDate};

/// Years outside are typing errors, in lists of living people.
pub(super) const YEARS: std::ops::RangeInclusive<i64> = 1850..=2150;

pub(super) fn day(year: i64, month: i64, day: i64) -> Option<Date> {
    if !YEARS.contains(&year) {
        return None;
    }
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

pub(super) fn clock(hour: i64, minute: i64, second: i64, microsecond: i64) -> Option<Time> {
    // A leap second is told as the one before it, as everywhere else.
    let second = if second == 60 { 59 } else { second };
    Time::new(
        i8::try_from(hour).ok()?,
        i8::try_from(minute).ok()?,
        i8::try_from(second).ok()?,
        i32::try_from(microsecond * 1_000).ok()?,
    )
    .ok()
}

pub(super) enum Day {
    Full(Date),
    /// Month and day of every year.
    Yearly(i8, i8),
}

pub(super) struct Cursor<'a> {
    pub(super) rest: &'a str,
}

impl<'a> Cursor<'a> {
    pub(super) fn date(&mut self, order: Option<DateOrder>) -> Result<Day, NoDate> {
        if let Some(date) = self.yearly() {
            return Ok(date);
        }
        match self.digits(4) {
            Some((year, 4)) => self.after_year(year).ok_or(NoDate::Unreadable),
            Some((first, 1 | 2)) => self.after_small_number(first, order),
            Some(_) => Err(NoDate::Unreadable),
            None => self.after_word(order),
        }
        .map(Day::Full)
    }

    /// The first two numbers of a date such as 31/12/2024, the order of which only its column can tell.
    pub(super) fn two_numbers(&mut self) -> Option<(i64, i64)> {
        let (first, 1 | 2) = self.digits(2)? else { return None };
        self.one_of(&['/', '-'])?;
        let (second, _) = self.digits(2)?;
        self.one_of(&['/', '-'])?;
        self.digits(4).map(|_| (first, second))
    }

    /// `--MM-DD`, as vCard and Google write a birthday without its year.
    fn yearly(&mut self) -> Option<Day> {
        let rest = self.rest.strip_prefix("--")?;
        let (month, day) = rest.split_once('-').or_else(|| rest.split_at_checked(2))?;
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        // A leap year, so that 29 February is one.
        Date::new(2000, month, day).ok()?;
        self.rest = "";
        Some(Day::Yearly(month, day))
    }

    fn after_year(&mut self, year: i64) -> Option<Date> {
        let separator = self.one_of(&['-', '/', '.'])?;
        let (month, _) = self.digits(2)?;
        self.one_of(&[separator])?;
        let (number, _) = self.digits(2)?;
        day(year, month, number)
    }

    fn after_small_number(&mut self, first: i64, order: Option<DateOrder>) -> Result<Date, NoDate> {
        let separator = self.one_of(&['/', '-', '.', ' ']).ok_or(NoDate::Unreadable)?;
        self.spaces();
        if let Some(word) = self.word() {
            let month = month(word).ok_or(NoDate::Unreadable)?;
            let year = self.year()?;
            return day(year, month, first).ok_or(NoDate::Unreadable);
        }
        let (second, _) = self.digits(2).ok_or(NoDate::Unreadable)?;
        let year = self.year()?;
        // Wherever dates are written with dots, the day comes first.
        let order = order.or((separator == '.').then_some(DateOrder::DayFirst));
        let (number, month) = match order {
            Some(DateOrder::DayFirst) => (first, second),
            Some(DateOrder::MonthFirst) => (second, first),
            None if first == second => (first, second),
            None if day(year, first, second).is_none() && day(year, second, first).is_none() => {
                return Err(NoDate::Unreadable);
            }
            None => return Err(NoDate::Ambiguous),
        };
        day(year, month, number).ok_or(NoDate::Unreadable)
    }

    /// `March 1, 2024`, or a weekday and then any other layout.
    fn after_word(&mut self, order: Option<DateOrder>) -> Result<Date, NoDate> {
        let word = self.word().ok_or(NoDate::Unreadable)?;
        self.any_of(&['.', ',', ' ']);
        let Some((first, length)) = self.digits(2) else {
            let month_follows = self.rest.starts_with(char::is_alphabetic);
            return if is_weekday(word) && month_follows { self.after_word(order) } else { Err(NoDate::Unreadable) };
        };
        match month(word) {
            Some(month) => {
                if self.word().is_some_and(|ending| !["st", "nd", "rd", "th"].contains(&ending)) {
                    return Err(NoDate::Unreadable);
                }
                let year = self.year()?;
                day(year, month, first).ok_or(NoDate::Unreadable)
            }
            None if is_weekday(word) && length <= 2 => self.after_small_number(first, order),
            None => Err(NoDate::Unreadable),
        }
    }

    /// The separator before a year, and the year.
    fn year(&mut self) -> Result<i64, NoDate> {
        if !self.any_of(&['/', '-', '.', ',', ' ']) {
            return Err(NoDate::Unreadable);
        }
        match self.digits(4) {
            Some((year, 4)) => Ok(year),
            Some((_, 2)) => Err(NoDate::YearOfTwoDigits),
            _ => Err(NoDate::Unreadable),
        }
    }

    /// A time of day and what leads to it.
    pub(super) fn time(&mut self) -> Option<Time> {
        if !self.any_of(&['T', 't', ' ', ',', '\u{a0}', '\u{202f}']) {
            return None;
        }
        for word in ["at ", "à ", "um ", "- "] {
            self.rest = self.rest.strip_prefix(word).unwrap_or(self.rest);
        }
        let (hour, _) = self.digits(2)?;
        self.one_of(&[':', 'h', 'H', '.'])?;
        let (minute, 2) = self.digits(2)? else { return None };
        let (mut second, mut microsecond) = (0, 0);
        if self.one_of(&[':', '.']).is_some() {
            second = self.digits(2)?.0;
            if self.one_of(&['.', ',']).is_some() {
                if let Some((value, count)) = self.digits(6) {
                    microsecond = (count..6).fold(value, |value, _| value * 10);
                }
                // What is finer is dropped, not rounded: a time may not move past another.
                while self.digits(9).is_some() {}
            }
        }
        let hour = match self.half_of_day() {
            None => hour,
            Some(after_noon) if (1..=12).contains(&hour) => hour % 12 + if after_noon { 12 } else { 0 },
            Some(_) => return None,
        };
        clock(hour, minute, second, microsecond)
    }

    /// `am` or `pm`; whether it is after noon.
    fn half_of_day(&mut self) -> Option<bool> {
        let rest = self.rest.trim_start();
        for (word, after_noon) in [("am", false), ("pm", true), ("a.m.", false), ("p.m.", true)] {
            let found = rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
            let after = rest.get(word.len()..).unwrap_or_default();
            if found && !after.starts_with(char::is_alphanumeric) {
                self.rest = after;
                return Some(after_noon);
            }
        }
        None
    }

    /// The offset from UTC and all that follows; `None` if nothing does.
    pub(super) fn offset(&mut self) -> Result<Option<Offset>, NoDate> {
        self.spaces();
        if self.rest.is_empty() {
            return Ok(None);
        }
        let named = ["UTC", "GMT", "Z", "z", "utc"].into_iter().find_map(|name| self.rest.strip_prefix(name));
        if let Some(rest) = named {
            self.rest = rest;
            if rest.is_empty() {
                return Ok(Some(Offset::UTC));
            }
        }
        let Some(sign) = self.one_of(&['+', '-', '\u{2212}']) else {
            let abbreviated = named.is_none() && self.rest.chars().all(|c| c.is_ascii_alphabetic());
            return Err(if abbreviated { NoDate::UnknownZone } else { NoDate::Unreadable });
        };
        let (hours, 2) = self.digits(2).ok_or(NoDate::Unreadable)? else { return Err(NoDate::Unreadable) };
        self.one_of(&[':']);
        let (minutes, _) = self.digits(2).unwrap_or((0, 0));
        // Some programs write the name of the zone behind it, which adds nothing.
        let name = self.rest.trim_start_matches([' ', '(']);
        if name.starts_with(|c: char| !c.is_alphabetic()) || minutes > 59 {
            return Err(NoDate::Unreadable);
        }
        let seconds = i32::try_from(hours * 3_600 + minutes * 60).map_err(|_| NoDate::Unreadable)?;
        let seconds = if sign == '+' { seconds } else { -seconds };
        Offset::from_seconds(seconds).map(Some).map_err(|_| NoDate::Unreadable)
    }

    /// A number of at most so many digits, and how many it has.
    fn digits(&mut self, at_most: usize) -> Option<(i64, usize)> {
        let count = self.rest.bytes().take(at_most).take_while(u8::is_ascii_digit).count();
        let (number, rest) = self.rest.split_at_checked(count)?;
        let value = number.parse().ok()?;
        self.rest = rest;
        Some((value, count))
    }

    fn word(&mut self) -> Option<&'a str> {
        let end = self.rest.find(|c: char| !c.is_alphabetic()).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn one_of(&mut self, signs: &[char]) -> Option<char> {
        let sign = self.rest.chars().next().filter(|sign| signs.contains(sign))?;
        self.rest = self.rest.get(sign.len_utf8()..)?;
        Some(sign)
    }

    /// Skips any of these; whether there were some.
    fn any_of(&mut self, signs: &[char]) -> bool {
        let rest = self.rest.trim_start_matches(signs);
        let skipped = rest.len() < self.rest.len();
        self.rest = rest;
        skipped
    }

    fn spaces(&mut self) {
        self.any_of(&[' ', '\u{a0}', '\u{202f}']);
    }
}

/// Months by the beginnings of their names in English, French and German, levelled.
const MONTHS: [&[&str]; 12] = [
    &["jan", "janv", "january", "janvier", "januar", "janner"],
    &["feb", "fev", "fevr", "february", "fevrier", "februar"],
    &["mar", "mars", "march", "marz", "maerz", "mrz"],
    &["apr", "avr", "april", "avril"],
    &["may", "mai"],
    &["jun", "june", "juin", "juni"],
    &["jul", "juil", "july", "juillet", "juli"],
    &["aug", "aou", "august", "aout"],
    &["sep", "sept", "september", "septembre"],
    &["oct", "okt", "october", "octobre", "oktober"],
    &["nov", "november", "novembre"],
    &["dec", "dez", "december", "decembre", "dezember"],
];

/// Weekdays by the beginnings of their names in the same languages; enough, since a date must follow.
const WEEKDAYS: [&str; 19] = [
    "mon", "tue", "wed", "thu", "fri", "sat", "sun", "lun", "mar", "mer", "jeu", "ven", "sam", "dim", "die", "mit",
    "don", "fre", "son",
];

fn month(word: &str) -> Option<i64> {
    let word = level(word);
    let index = MONTHS.iter().position(|names| names.contains(&word.as_str()))?;
    i64::try_from(index).ok().map(|index| index + 1)
}

fn is_weekday(word: &str) -> bool {
    let word = level(word);
    WEEKDAYS.iter().any(|weekday| word.starts_with(weekday))
}
