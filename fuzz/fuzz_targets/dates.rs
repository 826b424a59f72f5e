//! Any text as a date of a consent: a time comes only from a text that has one, and the text is never lost.
#![no_main]

use carnet_connectors::formats::csv::{CsvOptions, CsvReader, DateOrder, Mapping};
use carnet_core::intake::Incoming;
use carnet_core::model::{ConsentKind, Timestamp};
use carnet_fuzz::target;

target!(|text: &str| {
    // One cell that any dialect reads alike.
    if text.contains(['"', '\r', '\n', '\0']) || text.trim() != text || text.is_empty() || text.starts_with('=') {
        return;
    }
    for order in [None, Some(DateOrder::DayFirst), Some(DateOrder::MonthFirst)] {
        for zone in [None, Some("Europe/Paris"), Some("UTC")] {
            check(text, order, zone);
        }
    }
});

fn check(text: &str, order: Option<DateOrder>, zone: Option<&str>) {
    let Some(contact) = read(text, order, zone) else { return };
    let stop = contact.claims.iter().find(|claim| claim.kind == ConsentKind::Withdrawn);
    let given = contact.claims.iter().find(|claim| claim.kind == ConsentKind::Given);
    let told =
        |at: Option<Timestamp>, notes: &Option<String>| at.is_some() || notes.as_deref().is_some_and(|n| !n.is_empty());
    if let Some(given) = given {
        assert!(told(given.at, &given.evidence.notes), "no time and no text");
        assert!(stop.is_some(), "a yes at a time that is no time for a no");
        assert_eq!(given.at, stop.and_then(|stop| stop.at));
        // The one writing of a moment is read as that moment, whatever is known of order and zone.
        if let Some(at) = given.at {
            let again = read(&at.to_string(), order, zone).expect("a moment is a date");
            assert_eq!(again.claims.first().and_then(|claim| claim.at), Some(at), "{text:?}");
        }
    } else {
        let kept = contact.card.to_text();
        let is_kept = stop.is_none()
            || kept.contains("opt-in")
            || contact.claims.iter().any(|claim| claim.evidence.notes.is_some());
        assert!(is_kept, "{text:?} was lost: {kept}");
    }
}

/// The contact of a file with this text as the time of a yes and as that of a no.
fn read(text: &str, order: Option<DateOrder>, zone: Option<&str>) -> Option<Incoming> {
    let order = match order {
        None => "",
        Some(DateOrder::DayFirst) => "order = \"day-first\"\n",
        Some(DateOrder::MonthFirst) => "order = \"month-first\"\n",
    };
    let zone = zone.map(|zone| format!("zone = \"{zone}\"\n")).unwrap_or_default();
    let mapping = format!(
        "{zone}[[column]]\nname = \"email\"\nfield = \"email\"\n[[column]]\nname = \"opt-in\"\nfield = \"consent.given-at\"\n{order}\
         [[column]]\nname = \"opt-out\"\nfield = \"consent.withdrawn-at\"\n{order}"
    );
    let mapping = Mapping::from_text(&mapping).expect("the mapping is sound");
    let options =
        CsvOptions { mapping: Some(mapping), separator: Some(b','), header: Some(true), ..CsvOptions::default() };
    let file = format!("\u{feff}email,opt-in,opt-out\r\nada@example.org,\"{text}\",\"{text}\"\r\n");
    let mut reader = CsvReader::new(file.as_bytes(), &options).expect("the mapping fits");
    reader.next().and_then(Result::ok)
}
