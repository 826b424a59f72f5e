//! Files as people hand them in, judged without anything but the program: odd ones get an honest answer, and how a file is laid out
//! changes nothing.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::io::Cursor;

use carnet_connectors::formats::{OpenError, OpenOptions, open};
use carnet_core::gate::{
    Claimed, GatePolicy, Inspection, Knowledge, Memory, Report, Row, Rows, SignalId, Subject, Verdict, inspect,
};

/// Judges a file as `check` does: rows that can be read, and those that cannot.
fn judged(text: &str) -> Inspection {
    let mut rows = Rows::new();
    let input = Cursor::new(text.as_bytes().to_vec());
    for opened in open(Box::new(input), Some("list.csv"), &OpenOptions::default()).unwrap() {
        for incoming in opened.source {
            match incoming {
                Ok(incoming) => rows.push(&Row::of_incoming(&incoming)),
                Err(reject) => rows.push_rejected(&reject),
            }
        }
    }
    let (knowledge, memory, claimed) = (Knowledge::builtin(), Memory::default(), Claimed::default());
    let (policy, now) = (GatePolicy::builtin(), "2026-06-01T09:00:00Z".parse().unwrap());
    inspect(&Subject { rows: &rows, knowledge: &knowledge, memory: &memory, claimed: &claimed, policy: &policy, now })
}

fn report(text: &str) -> Report {
    judged(text).report
}

const HEAD: [&str; 8] =
    ["email", "first name", "last name", "optin date", "confirmed at", "optin ip", "source", "consent text"];
const GERMAN: [&str; 8] = [
    "E-Mail-Adresse",
    "Vorname",
    "Nachname",
    "Anmeldedatum",
    "Bestätigt am",
    "IP-Adresse",
    "Quelle",
    "Einwilligungstext",
];
const SURNAMES: [&str; 5] = ["Exemple", "Muster", "Campione", "Ejemplo", "Voorbeeld"];

/// Honest subscribers: by day, confirmed within minutes, one in four by IPv6.
fn subscribers(count: usize) -> Vec<[String; 8]> {
    let subscriber = |number: usize| {
        let letter = |place: usize| char::from(b'a' + u8::try_from(number / place % 26).unwrap());
        let (given, surname) = (format!("Ada{}{}", letter(1), letter(26)), SURNAMES[number % 5]);
        let (month, day, hour, minute) = (1 + number % 12, 1 + number * 7 % 28, 8 + number % 11, number * 13 % 50);
        let ip = match number % 4 {
            0 => format!("2001:db8:{number:x}::1"),
            _ => format!("100.{}.{}.{}", 64 + number % 60, number % 250, 1 + number % 200),
        };
        [
            format!("{}.{}{number}@mail{}.example", given.to_lowercase(), surname.to_lowercase(), number * 37 % 97),
            given,
            surname.to_owned(),
            format!("2025-{month:02}-{day:02}T{hour:02}:{minute:02}:07Z"),
            format!("2025-{month:02}-{day:02}T{hour:02}:{:02}:11Z", minute + 2 + number % 5),
            ip,
            "newsletter".to_owned(),
            "v1".to_owned(),
        ]
    };
    (0..count).map(subscriber).collect()
}

/// Some of them, and between them others that somebody bought: an address, a name, nothing else.
fn mixture(honest: usize, bought: usize) -> Vec<[String; 8]> {
    let mut rows = subscribers(honest);
    for number in 0..bought {
        let mut row: [String; 8] = Default::default();
        (row[0], row[1], row[2]) =
            (format!("g.handel{number}@firm{number}.example"), "Gerd".to_owned(), "Handel".to_owned());
        rows.insert(number * 3, row);
    }
    rows
}

/// A file of these columns, in this order.
fn file(head: &[&str], rows: &[[String; 8]], order: &[usize], separator: &str) -> String {
    let line = |cells: &[&str]| order.iter().map(|place| cells[*place]).collect::<Vec<_>>().join(separator) + "\n";
    let lines = rows.iter().map(|row| line(&row.each_ref().map(String::as_str)));
    line(head) + &lines.collect::<String>()
}

const PLAIN: [usize; 8] = [0, 1, 2, 3, 4, 5, 6, 7];

#[test]
fn the_layout_of_a_file_changes_nothing() {
    for (rows, expected) in [(subscribers(400), Verdict::Clear), (mixture(400, 40), Verdict::Review)] {
        let plain = judged(&file(&HEAD, &rows, &PLAIN, ","));
        assert_eq!(plain.report.verdict, expected);
        for (head, order, separator) in
            [(HEAD, [6, 3, 2, 0, 7, 5, 4, 1], ","), (GERMAN, PLAIN, ";"), (GERMAN, [7, 6, 5, 4, 3, 2, 1, 0], "\t")]
        {
            let other = judged(&file(&head, &rows, &order, separator));
            assert_eq!((other.report.verdict, other.report.points), (expected, plain.report.points), "{head:?}");
            assert_eq!(other.quarantined(), plain.quarantined(), "{head:?} {order:?}");
        }
    }
}

#[test]
fn without_names_honest_rows_pass_and_bought_ones_do_not() {
    let nameless = [0, 3, 4, 5, 6, 7];
    assert_eq!(report(&file(&HEAD, &subscribers(400), &nameless, ",")).verdict, Verdict::Clear);
    let found = judged(&file(&HEAD, &mixture(400, 40), &nameless, ","));
    assert_eq!((found.report.verdict, found.report.rows_quarantined), (Verdict::Review, 40));
}

#[test]
fn a_list_in_another_alphabet_is_judged_like_any_other() {
    for (given, surname) in [("Αδα", "Παράδειγμα"), ("Ада", "Пример"), ("爱达", "李"), ("آدا", "مثال")]
    {
        let mut rows = subscribers(400);
        for row in &mut rows {
            (row[1], row[2]) = (given.to_owned(), surname.to_owned());
        }
        assert_eq!(report(&file(&HEAD, &rows, &PLAIN, ",")).verdict, Verdict::Clear, "{given}");
        for row in rows.iter_mut().take(60) {
            (3..8).for_each(|place| row[place].clear());
        }
        let found = report(&file(&HEAD, &rows, &PLAIN, ","));
        assert_eq!((found.verdict, found.rows_quarantined), (Verdict::Review, 60), "{given}");
    }
}

#[test]
fn too_little_to_judge_is_said_and_never_clear() {
    let one = report(&file(&HEAD, &subscribers(1), &PLAIN, ","));
    assert!(one.verdict > Verdict::Clear && one.cannot_judge[0].contains("1 row"), "{:?}", one.cannot_judge);
    let head_alone = report(&file(&HEAD, &[], &PLAIN, ","));
    assert!(head_alone.verdict > Verdict::Clear && head_alone.cannot_judge[0].contains("no rows"));
    let same = vec![subscribers(1).remove(0); 500];
    let same = report(&file(&HEAD, &same, &PLAIN, ","));
    assert!(same.verdict > Verdict::Clear && same.cannot_judge.iter().any(|reason| reason.contains("repeat")));
    let empty = open(Box::new(Cursor::new(Vec::new())), Some("list.csv"), &OpenOptions::default());
    assert!(matches!(empty, Err(OpenError::Empty)), "an empty file is no list");
}

#[test]
fn without_dates_or_with_dates_to_come_nothing_is_proven() {
    let dateless = report(&file(&HEAD, &subscribers(300), &[0, 1, 2, 5, 6, 7], ","));
    assert!(dateless.verdict > Verdict::Clear && dateless.signals.iter().any(|signal| signal.id == SignalId::P1));
    let mut rows = subscribers(300);
    for row in &mut rows {
        (row[3], row[4]) = (row[3].replace("2025", "2031"), row[4].replace("2025", "2031"));
    }
    let future = report(&file(&HEAD, &rows, &PLAIN, ","));
    assert!(future.verdict > Verdict::Clear && future.signals.iter().any(|signal| signal.id == SignalId::T4));
}

#[test]
fn sixty_columns_that_nobody_knows_are_no_proof() {
    let head: Vec<String> = (0..60).map(|column| format!("xq{column}zz")).collect();
    let cell = |row: usize, column: usize| format!("w{}k{}", row * 31 % 97, column * 7);
    let line = |cells: Vec<String>| cells.join(";") + "\n";
    let without: String = (0..200).map(|row| line((0..60).map(|column| cell(row, column)).collect())).collect();
    let found = report(&(line(head.clone()) + &without));
    assert!(found.verdict > Verdict::Clear && !found.cannot_judge.is_empty(), "{:?}", found.cannot_judge);
    let with = (0..200).map(|row| {
        let address = |column| if column == 41 { format!("p{row}@firm{row}.example") } else { cell(row, column) };
        line((0..60).map(address).collect())
    });
    let found = report(&(line(head) + &with.collect::<String>()));
    assert_eq!(found.verdict, Verdict::Review);
}
