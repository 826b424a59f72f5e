//! Dates as exports write them, and texts that are none.

use proptest::prelude::*;

use super::*;

fn shown(text: &str, order: Option<DateOrder>) -> String {
    match read(text, order) {
        Ok(Written::Moment(at)) => at.to_string(),
        Ok(Written::Local(local)) => local.to_string(),
        Ok(Written::Day(day)) => day.to_string(),
        Ok(Written::Yearly(month, day)) => format!("{month} {day}"),
        Err(why) => format!("{why:?}"),
    }
}

/// Found by fuzzing: a telephone number under the head of a date was a consent in the year 2215.
#[test]
fn a_number_is_no_time_in_another_century() {
    assert_eq!(shown("7750115011", None), "Unreadable");
    assert_eq!(shown("9999999999999", None), "Unreadable");
    assert_eq!(shown("97501", None), "Unreadable");
    assert_eq!(shown("4102444799", None), "2099-12-31T23:59:59Z");
}

/// Found by fuzzing: a time that was written as seconds since 1970 kept its fraction, and the same time in words lost it.
#[test]
fn a_fraction_of_a_second_is_kept_to_the_microsecond_however_it_is_written() {
    for (text, us) in [
        ("1709287200607", 1_709_287_200_607_000),
        ("2024-03-01T10:00:00.607Z", 1_709_287_200_607_000),
        ("2024-03-01 11:00:00.123456 +0100 CET", 1_709_287_200_123_456),
        ("2024-03-01 10:00:00,1234569 UTC", 1_709_287_200_123_456),
        ("2024-03-01T10:00:00.Z", 1_709_287_200_000_000),
    ] {
        let Ok(Written::Moment(moment)) = read(text, None) else { panic!("{text}") };
        assert_eq!(moment.as_microsecond(), us, "{text}");
    }
}

#[test]
fn moments_are_read_with_any_way_of_writing_the_offset() {
    for text in [
        "2024-03-01T10:00:00Z",
        "2024-03-01T10:00:00.000Z",
        "2024-03-01T11:00:00+01:00",
        "2024-03-01 11:00 +01",
        "2024-03-01 10:00:00 UTC",
        "2024/03/01 10:00:00 GMT",
        "Fri, 01 Mar 2024 10:00:00 +0000",
        "Fri Mar 1, 2024 10:00 GMT+0000 (Coordinated Universal Time)",
        "1 March 2024 at 10:00 UTC",
        "01-Mar-2024 05:00:00 AM -0500",
        "1709287200",
        "1709287200000",
    ] {
        assert_eq!(shown(text, None), "2024-03-01T10:00:00Z", "{text}");
    }
}

#[test]
fn local_times_are_read_and_stay_local() {
    for text in [
        "2024-03-01 10:12:00",
        "2024-03-01T10:12",
        "2024-03-01 10:12:00.000",
        "1 mars 2024 à 10h12",
        "1. März 2024 um 10:12",
        "01.03.2024 10:12",
        "March 1st, 2024 10:12 AM",
        "20240301101200",
        "45352.425",
        "45352,425",
    ] {
        assert_eq!(shown(text, None), "2024-03-01T10:12:00", "{text}");
    }
    for (text, expected) in [("12:00 am", "00:00:00"), ("12:30 PM", "12:30:00"), ("11:05p.m.", "23:05:00")] {
        assert_eq!(shown(&format!("2024-03-01 {text}"), None), format!("2024-03-01T{expected}"));
    }
}

#[test]
fn days_are_read() {
    for text in
        ["2024-03-01", "2024/3/1", "20240301", "45352", "1 mars 2024", "01.03.2024", "Mar 1, 2024", "1-MAR-2024"]
    {
        assert_eq!(shown(text, None), "2024-03-01", "{text}");
    }
    assert_eq!(shown("1990-02-28", None), "1990-02-28");
    assert_eq!((shown("--02-29", None), shown("--0229", None)), ("2 29".to_owned(), "2 29".to_owned()));
}

#[test]
fn the_order_of_day_and_month_is_never_decided_by_one_row() {
    for text in ["03/04/2024", "25/12/2024", "12/25/2024", "3-4-2024 10:00"] {
        assert_eq!(shown(text, None), "Ambiguous", "{text}");
    }
    assert_eq!(shown("03/04/2024 10:00", Some(DateOrder::DayFirst)), "2024-04-03T10:00:00");
    assert_eq!(shown("03/04/2024", Some(DateOrder::MonthFirst)), "2024-03-04");
    assert_eq!(shown("12/25/2024", Some(DateOrder::DayFirst)), "Unreadable");
    assert_eq!(shown("05/05/2024", None), "2024-05-05");
}

#[test]
fn a_column_tells_its_order_unless_it_is_silent_or_contradicts_itself() {
    let votes = |texts: &[&str]| {
        let mut votes = OrderVotes::default();
        texts.iter().for_each(|text| votes.count(text));
        votes
    };
    assert_eq!(votes(&["03/04/2024", "25/12/2024 10:00"]).order(), Some(DateOrder::DayFirst));
    assert_eq!(votes(&["03/04/2024", "12-25-2024"]).order(), Some(DateOrder::MonthFirst));
    assert!(votes(&["03/04/2024", "01/02/2024"]).is_unsettled());
    assert!(votes(&["25/12/2024", "12/25/2024"]).is_unsettled());
    assert!(!votes(&["2024-03-04", "25.12.2024", "05/05/2024"]).is_unsettled());
}

#[test]
fn what_is_no_date_is_refused_for_its_reason() {
    for text in [
        "soon",
        "2024-13-01",
        "2024-02-30",
        "31/02/2024",
        "2024-03-01 25:00",
        "2024-03-01 10",
        "2024",
        "0001-01-01",
        "2024-03-01 10:00:00 +25:99",
        "2024-03-01x",
        "12.03",
        "123",
        "1 foo 2024",
        "March 2024",
        "--13-01",
        "10:00",
        "2024-03-01 13:00 pm",
        "99999999999999",
    ] {
        assert_eq!(shown(text, None), "Unreadable", "{text}");
    }
    for text in ["01/03/24", "03/01/24 10:15am", "1 mars 24"] {
        assert_eq!(shown(text, None), "YearOfTwoDigits", "{text}");
    }
    assert_eq!(shown("2024-03-01 10:00 CET", None), "UnknownZone");
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,30}|[0-9/.:TZ +-]{0,30}|[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4} ?[0-9:apm]{0,8}") {
        for order in [None, Some(DateOrder::DayFirst), Some(DateOrder::MonthFirst)] {
            let _ = read(&text, order);
        }
        OrderVotes::default().count(&text);
    }

    #[test]
    fn every_moment_reads_back(seconds in 0_i64..4_000_000_000, minutes in -14_i32 * 60..14 * 60) {
        let at = jiff::Timestamp::from_second(seconds).unwrap();
        let zoned = at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::Offset::from_seconds(minutes * 60).unwrap()));
        let text = zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string();
        prop_assert_eq!(read(&text, None), Ok(Written::Moment(at)));
    }
}
