//! What a written time becomes: a moment, or its text where it is none.
//!
//! A time of day without a zone is not a moment. It becomes one only if somebody says the zone ([`Zone`]); else the time is
//! missing and the text is kept beside the proof. A day alone begins somewhere too, so it needs the zone as well, and that only
//! the day is known is kept beside it. Times that clocks showed twice or never stay text.

use std::fmt;
use std::str::FromStr;

use carnet_core::intake::{Moment, WarningKind};
use carnet_core::model::Timestamp;
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::dates::{self, DateOrder, NoDate, Written};

/// The zone that times without one are in, on somebody's word.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    name: Box<str>,
    zone: TimeZone,
}

/// The text is no zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a time zone; expected a name such as Europe/Paris, UTC, or an offset such as +01:00")]
pub struct ZoneError;

impl Zone {
    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.name
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, ZoneError> {
        let zone = match offset(text) {
            Some(offset) => TimeZone::fixed(offset),
            None if text.eq_ignore_ascii_case("utc") => TimeZone::UTC,
            None => TimeZone::get(text).map_err(|_| ZoneError)?,
        };
        Ok(Self { name: text.into(), zone })
    }
}

/// `+01:00`
fn offset(text: &str) -> Option<Offset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.strip_prefix(['+', '-'])?.split_once(':')?;
    if (hours.len(), minutes.len()) != (2, 2) {
        return None;
    }
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    let seconds = i32::from(hours) * 3_600 + i32::from(minutes) * 60;
    Offset::from_seconds(sign * seconds).ok().filter(|_| minutes < 60)
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.name)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Text of a value that is kept beside a proof is cut here: a proof is not a place for essays.
const MAX_KEPT_CHARS: usize = 200;

/// What a written time becomes, and what there is to say about it.
pub(super) fn moment(text: &str, order: Option<DateOrder>, zone: Option<&Zone>) -> (Moment, Option<WarningKind>) {
    match dates::read(text, order) {
        Ok(Written::Moment(at)) => known(at, text),
        Ok(Written::Local(local)) => match zone {
            None => (Moment::Vague(kept(text)), Some(WarningKind::ZoneMissing)),
            Some(zone) => match zone.zone.to_ambiguous_timestamp(local).unambiguous() {
                Ok(at) => known(at, text),
                Err(_) => (Moment::Vague(kept(text)), Some(WarningKind::ClockChange)),
            },
        },
        Ok(Written::Day(day)) => match zone {
            None => (Moment::Vague(kept(text)), Some(WarningKind::ZoneMissing)),
            Some(zone) => {
                let midnight = day.to_datetime(jiff::civil::Time::midnight());
                match zone.zone.to_ambiguous_timestamp(midnight).compatible().ok().and_then(timestamp) {
                    Some(at) => (Moment::Day(at, kept(text)), Some(WarningKind::DayOnly)),
                    None => (Moment::Unreadable(kept(text)), Some(WarningKind::DateUnreadable)),
                }
            }
        },
        Ok(Written::Yearly(..)) | Err(NoDate::Unreadable) => {
            (Moment::Unreadable(kept(text)), Some(WarningKind::DateUnreadable))
        }
        Err(NoDate::YearOfTwoDigits) => (Moment::Vague(kept(text)), Some(WarningKind::YearOfTwoDigits)),
        Err(NoDate::Ambiguous) => (Moment::Vague(kept(text)), Some(WarningKind::DateAmbiguous)),
        Err(NoDate::UnknownZone) => (Moment::Vague(kept(text)), Some(WarningKind::ZoneMissing)),
    }
}

fn known(at: jiff::Timestamp, text: &str) -> (Moment, Option<WarningKind>) {
    match timestamp(at) {
        Some(at) => (Moment::Known(at), None),
        None => (Moment::Unreadable(kept(text)), Some(WarningKind::DateUnreadable)),
    }
}

fn timestamp(at: jiff::Timestamp) -> Option<Timestamp> {
    Timestamp::from_us(at.as_microsecond()).ok()
}

pub(super) fn kept(text: &str) -> String {
    text.chars().take(MAX_KEPT_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        name.parse().unwrap()
    }

    fn at(text: &str, zone: Option<&Zone>) -> String {
        match moment(text, None, zone).0 {
            Moment::Known(at) => at.to_string(),
            Moment::Day(at, text) => format!("{text} from {at}"),
            Moment::Vague(text) => format!("vague {text}"),
            Moment::Unreadable(text) => format!("unreadable {text}"),
        }
    }

    #[test]
    fn a_time_with_a_zone_is_a_moment_whatever_is_assumed() {
        let paris = zone("Europe/Paris");
        for text in ["2024-03-01T10:00:00Z", "2024-03-01 11:00:00 +0100 CET", "1709287200"] {
            assert_eq!(at(text, None), "2024-03-01T10:00:00Z");
            assert_eq!(at(text, Some(&paris)), "2024-03-01T10:00:00Z");
        }
    }

    #[test]
    fn a_time_without_a_zone_becomes_a_moment_only_on_somebodys_word() {
        assert_eq!(at("2024-07-01 10:00:00", None), "vague 2024-07-01 10:00:00");
        assert_eq!(at("2024-07-01 10:00:00", Some(&zone("Europe/Paris"))), "2024-07-01T08:00:00Z");
        assert_eq!(at("2024-07-01 10:00:00", Some(&zone("-05:00"))), "2024-07-01T15:00:00Z");
        assert_eq!(at("2024-07-01", None), "vague 2024-07-01");
        assert_eq!(at("2024-07-01", Some(&zone("utc"))), "2024-07-01 from 2024-07-01T00:00:00Z");
    }

    #[test]
    fn the_hour_that_clocks_repeat_or_skip_stays_text() {
        let paris = zone("Europe/Paris");
        assert_eq!(moment("2024-10-27 02:30:00", None, Some(&paris)).1, Some(WarningKind::ClockChange));
        assert_eq!(at("2024-03-31 02:30:00", Some(&paris)), "vague 2024-03-31 02:30:00");
    }

    #[test]
    fn a_zone_by_its_abbreviation_alone_is_none() {
        assert_eq!(at("2024-07-01 10:00:00 CST", Some(&zone("UTC"))), "vague 2024-07-01 10:00:00 CST");
    }

    #[test]
    fn zones_read_back_and_others_are_refused() {
        for name in ["Europe/Paris", "UTC", "+05:30"] {
            assert_eq!(serde_json::to_string(&zone(name)).unwrap(), format!("\"{name}\""));
        }
        for name in ["", "Paris", "CEST", "+1", "+01:75", "+99:00"] {
            assert!(name.parse::<Zone>().is_err(), "{name}");
        }
    }
}
