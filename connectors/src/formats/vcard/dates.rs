//! Dates and times of vCard in those of JSContact, and back. What is not exactly the same in both is left alone.

use serde_json::{Map, Value, json};

/// A vCard timestamp, basic or extended, in UTC (RFC 6350 section 4.3.5) as a UTCDateTime (RFC 9553 section 1.4.5).
pub(super) fn utc_from_vcard(text: &str) -> Option<String> {
    let plain: String = text.trim().chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let (date, time) = plain.strip_suffix('Z')?.split_once('T')?;
    let (date, time) = (digits(date, 8)?, digits(time, 6)?);
    let [year, month, day] = parts(date, [4, 2, 2])?;
    let [hour, minute, second] = parts(time, [2, 2, 2])?;
    let sound = (1..=12).contains(&number(month)?) && (1..=31).contains(&number(day)?);
    let sound = sound && number(hour)? < 24 && number(minute)? < 60 && number(second)? <= 60;
    sound.then(|| format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

/// A UTCDateTime without fractions as a vCard timestamp.
pub(super) fn vcard_from_utc(text: &str) -> Option<String> {
    let basic: String = text.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    (utc_from_vcard(&basic)? == text).then_some(basic)
}

/// A `BDAY` and its like as a PartialDate or Timestamp (RFC 9553 section 2.8.1).
pub(super) fn date_from_vcard(text: &str) -> Option<Value> {
    if let Some(utc) = utc_from_vcard(text) {
        return Some(json!({ "@type": "Timestamp", "utc": utc }));
    }
    let (year, rest) = match text.strip_prefix("--") {
        Some(rest) => (None, rest),
        None => {
            let (year, rest) = text.split_at_checked(4)?;
            (Some(number(digits(year, 4)?)?), rest.strip_prefix('-').unwrap_or(rest))
        }
    };
    let (month, day) = match rest.len() {
        0 => (None, None),
        2 => (Some(rest), None),
        4 => rest.split_at_checked(2).map(|(month, day)| (Some(month), Some(day)))?,
        5 => rest.split_once('-').map(|(month, day)| (Some(month), Some(day)))?,
        _ => return None,
    };
    // Without its hyphen, YYYYMM could be anything; RFC 6350 has none.
    if month.is_some() && day.is_none() && year.is_some() && text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    let mut date = Map::new();
    let month = part(month, 12)?;
    let day = part(day, 31)?;
    for (name, value) in [("year", year), ("month", month), ("day", day)] {
        date.extend(value.map(|value| (name.to_owned(), value.into())));
    }
    (!date.is_empty() && year != Some(0)).then_some(Value::Object(date))
}

/// The vCard form of a PartialDate or Timestamp; members that it takes are removed, others stay.
pub(super) fn vcard_from_date(date: &mut Map<String, Value>) -> Option<String> {
    // A date without `@type` is a PartialDate (RFC 9553 section 2.8.1), which has no `utc`.
    if date.get("@type").is_some_and(|name| name == "Timestamp") {
        let text = vcard_from_utc(date.get("utc")?.as_str()?)?;
        date.shift_remove("utc");
        date.shift_remove("@type");
        return Some(text);
    }
    let get = |name: &str| date.get(name).and_then(Value::as_u64);
    let text = match (get("year"), get("month"), get("day")) {
        (Some(year), Some(month), Some(day)) => format!("{year:04}{month:02}{day:02}"),
        (Some(year), Some(month), None) => format!("{year:04}-{month:02}"),
        (Some(year), None, None) => format!("{year:04}"),
        (None, Some(month), Some(day)) => format!("--{month:02}{day:02}"),
        (None, Some(month), None) => format!("--{month:02}"),
        _ => return None,
    };
    let back = date_from_vcard(&text)?;
    let same = |name: &str| date.get(name) == back.get(name);
    if !(same("year") && same("month") && same("day")) {
        return None;
    }
    date.retain(|name, value| {
        !(matches!(name.as_str(), "year" | "month" | "day") || name == "@type" && value == "PartialDate")
    });
    Some(text)
}

fn digits(text: &str, length: usize) -> Option<&str> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

fn parts(text: &str, lengths: [usize; 3]) -> Option<[&str; 3]> {
    let (first, rest) = text.split_at_checked(lengths[0])?;
    let (second, third) = rest.split_at_checked(lengths[1])?;
    Some([first, second, third])
}

fn number(digits: &str) -> Option<u64> {
    digits.parse().ok()
}

/// A month or a day within its bound; `None` if it is out of it.
fn part(text: Option<&str>, bound: u64) -> Option<Option<u64>> {
    match text {
        None => Some(None),
        Some(text) => number(digits(text, 2)?).filter(|value| (1..=bound).contains(value)).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_of_every_writer_are_read() {
        for (text, date) in [
            ("19850412", json!({"year": 1985, "month": 4, "day": 12})),
            ("1985-04-12", json!({"year": 1985, "month": 4, "day": 12})),
            ("1985-04", json!({"year": 1985, "month": 4})),
            ("1985", json!({"year": 1985})),
            ("--0412", json!({"month": 4, "day": 12})),
            ("--04-12", json!({"month": 4, "day": 12})),
            ("--04", json!({"month": 4})),
            ("1985-04-12T23:10:00Z", json!({"@type": "Timestamp", "utc": "1985-04-12T23:10:00Z"})),
        ] {
            assert_eq!(date_from_vcard(text), Some(date), "{text}");
        }
    }

    #[test]
    fn what_has_no_equal_is_left_alone() {
        for text in [
            "",
            "circa 1800",
            "---12",
            "19851332",
            "198504",
            "0000-00-00",
            "19850412T1010",
            "1985-04-12T10:00:00+02:00",
            "--1",
        ] {
            assert_eq!(date_from_vcard(text), None, "{text}");
        }
        assert_eq!(utc_from_vcard("20240101T101010.5Z"), None);
        assert_eq!(vcard_from_utc("2024-01-01T10:10:10.5Z"), None);
    }

    #[test]
    fn a_date_is_written_without_what_it_does_not_say() {
        let write = |date: Value| vcard_from_date(&mut date.as_object().unwrap().clone());
        assert_eq!(write(json!({"@type": "PartialDate", "month": 4, "day": 12})).unwrap(), "--0412");
        let timestamp = json!({"@type": "Timestamp", "utc": "2024-01-01T10:10:10Z"});
        assert_eq!(write(timestamp).unwrap(), "20240101T101010Z");
        for date in [
            json!({"day": 12}),
            json!({"year": 12345}),
            json!({"month": 13}),
            json!({"year": 1985, "day": 1}),
            json!({"year": "x", "month": 4}),
            json!({"utc": "2024-01-01T10:10:10Z"}),
            json!({"@type": "Timestamp", "year": 1985}),
        ] {
            assert_eq!(write(date.clone()), None, "{date}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "[0-9TZ:-]{0,20}|\\PC{0,12}") {
            if let Some(date) = date_from_vcard(&text) {
                let written = vcard_from_date(&mut date.as_object().unwrap().clone()).unwrap();
                prop_assert_eq!(date_from_vcard(&written), Some(date));
            }
        }
    }
}
