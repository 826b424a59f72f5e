//! Objections, traps, canaries, and what other lists of the vault show.

use super::spoilt;
use crate::gate::memory::{CanaryHit, Condemned, OtherList, Pair, Theirs, TrapHit, TrapKind};
use crate::gate::sample::{Person, World, at, letters, subscribers};
use crate::gate::signal::SignalId;

#[test]
fn s1_objections() {
    let mut world = World::new();
    assert!(!world.is_judged(SignalId::S1, &subscribers(400)));
    world.memory.suppressed = Some((2..10).collect());
    assert_eq!(world.points(SignalId::S1, &subscribers(400)), 4, "8 of 400, at least 1.0 %");
    world.memory.suppressed = Some((2..8).collect());
    assert_eq!(world.points(SignalId::S1, &subscribers(400)), 0, "6 of 400, at least 0.7 %");
}

#[test]
fn c1_c2_traps() {
    let mut world = World::new();
    let traps = |count: u64, kind| (2..2 + count).map(|row| TrapHit { row, kind }).collect::<Vec<_>>();
    for (count, expected) in [(0, 0), (1, 6), (2, 8)] {
        world.memory.traps = Some(traps(count, TrapKind::Own));
        assert_eq!(world.points(SignalId::C1, &subscribers(400)), expected);
    }
    for (count, expected) in [(2, 0), (3, 5)] {
        world.memory.traps = Some(traps(count, TrapKind::Recycled));
        assert_eq!(world.points(SignalId::C2, &subscribers(400)), expected);
    }
    world.memory.traps = Some(traps(3, TrapKind::Recycled));
    assert_eq!(world.points(SignalId::C2, &subscribers(1_000)), 0, "at least 0.1 %");
}

#[test]
fn c3_canaries() {
    let mut world = World::new();
    let canary = |row, is_own| CanaryHit { row, export: "export".to_owned(), is_own };
    world.memory.canaries = Some(vec![canary(2, true), canary(3, true)]);
    assert_eq!(world.points(SignalId::C3, &subscribers(400)), 0, "one's own come home");
    world.memory.canaries = Some(vec![canary(2, false)]);
    let report = world.judge(&subscribers(400)).report;
    assert_eq!((report.points, report.verdict.as_str()), (6, "review"));
    world.memory.canaries = Some(vec![canary(2, false), canary(9, false)]);
    let report = world.judge(&subscribers(400)).report;
    assert_eq!((report.points, report.verdict.as_str()), (12, "block"));
}

#[test]
fn c4_tags_of_others() {
    let mut world = World::new();
    let tagged = |number: usize, person: &mut Person| person.email = format!("name{number}+otherfirm@mail.example");
    assert!(!world.is_judged(SignalId::C4, &spoilt(400, 3, tagged)));
    world.knowledge.organisations = ["otherfirm".to_owned()].into();
    for (count, expected) in [(1, 0), (2, 3), (3, 7)] {
        assert_eq!(world.points(SignalId::C4, &spoilt(400, count, tagged)), expected);
    }
}

#[test]
fn v2_condemned() {
    let mut world = World::new();
    assert!(!world.is_judged(SignalId::V2, &subscribers(400)), "nothing was condemned");
    for (rows, expected) in [(80, 0), (120, 4), (200, 8)] {
        world.memory.condemned = Some(Condemned { rows: (2..2 + rows).collect(), worst_honest_share: None });
        assert_eq!(
            world.points(SignalId::V2, &subscribers(400)),
            expected,
            "{rows} of 400, and no honest list to compare with"
        );
    }
    for (worst, expected) in [(0.46, 0), (0.42, 4), (0.31, 4), (0.29, 8), (0.0, 8)] {
        world.memory.condemned = Some(Condemned { rows: (2..202).collect(), worst_honest_share: Some(worst) });
        assert_eq!(world.points(SignalId::V2, &subscribers(400)), expected, "{worst}");
    }
}

/// Another list that has the first so many rows, in an order and with spellings.
fn other(
    people: &[Person],
    shared: usize,
    there: impl Fn(usize) -> u64,
    theirs: impl Fn(&Person) -> Theirs,
) -> OtherList {
    let pairs = people.iter().take(shared).enumerate();
    OtherList {
        label: "another controller's list".to_owned(),
        is_same_controller: false,
        rows: 1_000,
        pairs: pairs
            .map(|(number, person)| Pair {
                row: u64::try_from(number).unwrap() + 2,
                there: there(number),
                theirs: Some(theirs(person)),
            })
            .collect(),
    }
}

fn same(person: &Person) -> Theirs {
    let [email, given, surname] = [&person.email, &person.given, &person.surname].map(String::clone);
    Theirs { email, given, surname, ..Theirs::default() }
}

/// The surname with its last letter twice.
fn doubled(surname: &str) -> String {
    format!("{surname}{}", &surname[surname.len() - 1..])
}

fn scattered(number: usize) -> u64 {
    u64::try_from(number * 7_919 % 10_007).unwrap()
}

#[test]
fn an_overlap_alone_proves_nothing_and_ones_own_lists_never_score() {
    let people = subscribers(400);
    let mut world = World::new();
    world.memory.lists = vec![other(&people, 250, scattered, same)];
    assert_eq!(world.judge(&people).report.points, 0);
    let mut own = other(&people, 400, |number| u64::try_from(number).unwrap(), same);
    (own.is_same_controller, own.rows) = (true, 400);
    world.memory.lists = vec![own];
    let report = world.judge(&people).report;
    assert_eq!(report.points, 0);
    assert!(report.not_judged.iter().any(|not| not.id == SignalId::V1));
}

#[test]
fn v1_a_whole_list() {
    let people = subscribers(400);
    let mut world = World::new();
    for (shared, all, expected) in [(250, 250, 8), (250, 300, 0), (199, 199, 0)] {
        let mut list = other(&people, shared, scattered, same);
        list.rows = all;
        world.memory.lists = vec![list];
        assert_eq!(world.points(SignalId::V1, &people), expected, "{shared} of {all}");
    }
}

#[test]
fn v8_copied_proof() {
    let people = subscribers(400);
    let mut world = World::new();
    let ahead = |seconds: i64| {
        move |person: &Person| Theirs {
            opted_in_s: person.opted_in_s.map(|at| at + seconds),
            ip: person.ip,
            ..same(person)
        }
    };
    world.memory.lists = vec![other(&people, 40, scattered, ahead(0))];
    assert_eq!(world.points(SignalId::V8, &people), 9);
    world.memory.lists = vec![other(&people, 40, scattered, ahead(1))];
    assert_eq!(world.points(SignalId::V8, &people), 0, "another second");
    let elsewhere = |person: &Person| Theirs { ip: "192.0.2.1".parse().ok(), ..ahead(0)(person) };
    world.memory.lists = vec![other(&people, 40, scattered, elsewhere)];
    assert_eq!(world.points(SignalId::V8, &people), 0, "another address");
    world.memory.lists = vec![other(&people, 40, scattered, same)];
    assert!(!world.is_judged(SignalId::V8, &people), "they say no times");
    let mut fair = people.clone();
    // Badges that are read within one day, to the minute.
    let (opening, minute) = (at("2026-05-12T09:00:00Z"), 60);
    fair.iter_mut().for_each(|person| {
        let later = person.opted_in_s.unwrap_or_default().rem_euclid(20_000);
        person.opted_in_s = Some(opening + later / minute * minute);
        "salon-energie-2026".clone_into(&mut person.source);
    });
    world.memory.lists = vec![other(&fair, 40, scattered, ahead(0))];
    assert!(!world.is_judged(SignalId::V8, &fair), "one badge, two exhibitors");
}

#[test]
fn v3_copied_errors() {
    let mut people = subscribers(400);
    let wrong_there = |person: &Person| Theirs { surname: doubled(&person.surname), ..same(person) };
    let mut world = World::new();
    world.memory.lists = vec![other(&people, 40, scattered, wrong_there)];
    assert_eq!(world.points(SignalId::V3, &people), 0, "here they are right");
    assert!(world.is_judged(SignalId::V3, &people));
    people.iter_mut().take(40).for_each(|person| person.surname = doubled(&person.surname));
    let copied: Vec<Person> = people.clone();
    world.memory.lists = vec![other(&copied, 40, scattered, same)];
    assert_eq!(world.points(SignalId::V3, &people), 9);
    let mut unread = other(&copied, 40, scattered, same);
    unread.pairs.iter_mut().for_each(|pair| pair.theirs = None);
    world.memory.lists = vec![unread];
    assert!(!world.is_judged(SignalId::V3, &people));
}

#[test]
fn v4_copied_spellings() {
    let odd = |count: usize| {
        let mut people = subscribers(400);
        people.iter_mut().take(count).for_each(|person| person.email = person.email.to_uppercase());
        people
    };
    let mut world = World::new();
    for (count, expected) in [(5, 0), (12, 9)] {
        let people = odd(count);
        world.memory.lists = vec![other(&people, 100, scattered, same)];
        assert_eq!(world.points(SignalId::V4, &people), expected, "{count}");
    }
    world.memory.lists = vec![other(&odd(12), 100, scattered, same)];
    assert_eq!(world.points(SignalId::V4, &subscribers(400)), 0, "spelled otherwise here");
    // Three of each kind.
    let mut few = odd(3);
    few.iter_mut().skip(3).take(3).for_each(|person| person.surname = doubled(&person.surname));
    world.memory.lists = vec![other(&few, 100, scattered, same)];
    assert_eq!(world.points(SignalId::V4, &few), 9, "capitals and errors add up");
    assert_eq!(world.points(SignalId::V4, &odd(3)), 0, "the errors are corrected here");
    world.memory.lists = vec![other(&odd(100), 100, scattered, same)];
    assert!(!world.is_judged(SignalId::V4, &odd(100)), "a habit");
}

#[test]
fn v5_a_foreign_body() {
    let foreign = |_: usize, person: &mut Person| {
        "elsewhere".clone_into(&mut person.source);
        (person.confirmed_s, person.notified_s) = (None, person.opted_in_s);
    };
    let mut world = World::new();
    let people = spoilt(400, 60, foreign);
    world.memory.lists = vec![other(&people, 60, scattered, same)];
    let inspection = world.judge(&people);
    let signal = inspection.report.signals.iter().find(|signal| signal.id == SignalId::V5).unwrap();
    assert_eq!(signal.points, 8);
    assert_eq!(inspection.quarantined(), (2..62).collect::<Vec<u64>>(), "the segment that is shared, and no other row");
    assert_eq!(world.points(SignalId::V5, &subscribers(400)), 0);
    let other_source = |_: usize, person: &mut Person| "elsewhere".clone_into(&mut person.source);
    let people = spoilt(400, 60, other_source);
    assert_eq!(world.points(SignalId::V5, &people), 0, "another source alone: the visitors of one fair");
    let other_spelling = |_: usize, person: &mut Person| person.surname = person.surname.to_uppercase();
    let people = spoilt(400, 60, other_spelling);
    assert_eq!(world.points(SignalId::V5, &people), 4, "all of them are spelled otherwise");
    // Staff of one large customer.
    let mut staff = spoilt(400, 60, foreign);
    staff
        .iter_mut()
        .take(60)
        .enumerate()
        .for_each(|(number, person)| person.email = format!("{}@large.example", letters(number)));
    assert!(!world.is_judged(SignalId::V5, &staff));
}

#[test]
fn v6_copied_order() {
    let people = subscribers(400);
    let mut world = World::new();
    for (shared, expected) in [(100, 6), (49, 0)] {
        world.memory.lists = vec![other(&people, shared, |number| u64::try_from(number).unwrap() * 3, same)];
        assert_eq!(world.points(SignalId::V6, &people), expected, "{shared}");
    }
    world.memory.lists = vec![other(&people, 100, scattered, same)];
    assert_eq!(world.points(SignalId::V6, &people), 0);
    let mut sorted = subscribers(400);
    sorted.sort_by(|one, other| one.email.cmp(&other.email));
    world.memory.lists = vec![other(&sorted, 100, |number| u64::try_from(number).unwrap(), same)];
    assert!(!world.is_judged(SignalId::V6, &sorted), "the alphabet explains it");
}

#[test]
fn v7_a_source_that_is_anothers_list() {
    let elsewhere = |_: usize, person: &mut Person| "website".clone_into(&mut person.source);
    let mut world = World::new();
    for (shared, expected) in [(60, 5), (50, 0)] {
        let people = spoilt(400, 60, elsewhere);
        world.memory.lists = vec![other(&people, shared, scattered, same)];
        assert_eq!(world.points(SignalId::V7, &people), expected, "{shared} of 60");
    }
    let few = spoilt(400, 24, elsewhere);
    world.memory.lists = vec![other(&few, 24, scattered, same)];
    assert_eq!(world.points(SignalId::V7, &few), 0, "too few");
    let people = spoilt(400, 60, elsewhere);
    world.memory.lists = vec![other(&people, 400, scattered, same)];
    assert!(!world.is_judged(SignalId::V7, &people), "the other list has everybody");
    let at_a_fair = |number: usize, person: &mut Person| {
        "salon-energie-2026".clone_into(&mut person.source);
        person.opted_in_s = Some(at("2026-05-12T09:00:00Z") + i64::try_from(number).unwrap() * 60);
    };
    let visitors = spoilt(400, 60, at_a_fair);
    world.memory.lists = vec![other(&visitors, 60, scattered, same)];
    assert!(!world.is_judged(SignalId::V7, &visitors), "the organiser met them too");
}
