//! Time as the vault keeps it: microseconds of UTC, written as RFC 3339.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan as _;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in UTC, to the microsecond.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// The text or number is not a moment that the vault can keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a time; expected RFC 3339 with a zone, such as 2026-11-22T09:30:00Z")]
pub struct TimeError;

impl Timestamp {
    /// The present moment by this machine's clock.
    pub fn now() -> Self {
        let now = jiff::Timestamp::now();
        Self::from_us(now.as_microsecond()).unwrap_or(Self(now))
    }

    /// The moment this many microseconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`TimeError`] outside the years -9999 to 9999.
    pub fn from_us(us: i64) -> Result<Self, TimeError> {
        jiff::Timestamp::from_microsecond(us).map(Self).map_err(|_| TimeError)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn as_us(self) -> i64 {
        self.0.as_microsecond()
    }

    /// The same time of day so many months later in UTC, on the last day of the month where it has no such day.
    ///
    /// # Errors
    /// [`TimeError`] past the year 9999.
    pub fn months_later(self, months: u8) -> Result<Self, TimeError> {
        let later = self.0.to_zoned(TimeZone::UTC).checked_add(i64::from(months).months());
        later.map(|later| Self(later.timestamp())).map_err(|_| TimeError)
    }

    /// Its week (ISO 8601: year and number), its month and its year, in UTC.
    pub fn calendar(self) -> ((i16, i8), (i16, i8), i16) {
        let date = self.0.to_zoned(TimeZone::UTC).date();
        let week = date.iso_week_date();
        ((week.year(), week.week()), (date.year(), date.month()), date.year())
    }

    /// The same time of day so many working days (Monday to Friday, UTC) later.
    ///
    /// # Errors
    /// [`TimeError`] past the year 9999.
    pub fn working_days_later(self, days: u8) -> Result<Self, TimeError> {
        let mut later = self.0.to_zoned(TimeZone::UTC);
        let mut left = days;
        while left > 0 {
            later = later.checked_add(1.day()).map_err(|_| TimeError)?;
            left -= u8::from(!matches!(later.weekday(), Weekday::Saturday | Weekday::Sunday));
        }
        Ok(Self(later.timestamp()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({})", self.0)
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let parsed: jiff::Timestamp = text.parse().map_err(|_| TimeError)?;
        Self::from_us(parsed.as_microsecond())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_without_zone_is_refused_and_one_with_an_offset_is_kept_in_utc() {
        assert!("2026-11-22T09:30:00".parse::<Timestamp>().is_err());
        let parsed: Timestamp = "2026-11-22T09:30:00.123456789+01:00".parse().unwrap();
        assert_eq!(parsed.to_string(), "2026-11-22T08:30:00.123456Z");
        assert_eq!(Timestamp::from_us(parsed.as_us()).unwrap(), parsed);
    }
}
