//! Each signal: a list that fires it, one that does not, and the boundary.

use crate::gate::claimed::{Audience, Claimed};
use crate::gate::memory::{CanaryHit, Condemned, DomainMix, OtherList, Pair, Theirs, TrapHit, TrapKind};
use crate::gate::sample::{NOW, Person, World, at, letters, subscribers};
use crate::gate::signal::SignalId;

/// The people, the first so many of them changed.
fn spoilt(count: usize, bad: usize, change: impl Fn(usize, &mut Person)) -> Vec<Person> {
    let mut people = subscribers(count);
    people.iter_mut().enumerate().take(bad).for_each(|(number, person)| change(number, person));
    people
}

fn points(id: SignalId, people: &[Person]) -> u32 {
    World::new().points(id, people)
}

#[test]
fn honest_people_fire_nothing() {
    let world = World::new();
    for count in [25, 100, 500, 2_000] {
        let report = world.judge(&subscribers(count)).report;
        assert_eq!((report.points, report.verdict.as_str()), (0, "clear"), "{count}: {:?}", report.signals);
    }
}

#[test]
fn p1_proof() {
    let without = |_: usize, person: &mut Person| person.opted_in_s = None;
    assert_eq!(points(SignalId::P1, &spoilt(500, 0, without)), 0);
    assert_eq!(points(SignalId::P1, &spoilt(500, 500, without)), 4);
    let unsourced = |_: usize, person: &mut Person| person.source.clear();
    assert_eq!(points(SignalId::P1, &spoilt(500, 500, unsourced)), 4);
    let uncertain = |_: usize, person: &mut Person| (person.ip, person.confirmed_s) = (None, None);
    assert_eq!(points(SignalId::P1, &spoilt(500, 500, uncertain)), 4);
    let informed = |_: usize, person: &mut Person| {
        (person.ip, person.confirmed_s, person.notified_s) = (None, None, person.opted_in_s);
    };
    assert_eq!(points(SignalId::P1, &spoilt(500, 500, informed)), 0);
    // 13 of 500 are 2.6 %, at least 1.53 %; 12 are at least 1.38 %.
    let some = |_: usize, person: &mut Person| person.opted_in_s = None;
    assert_eq!(points(SignalId::P1, &spoilt(500, 13, some)), 3);
    assert_eq!(points(SignalId::P1, &spoilt(500, 12, some)), 0);
}

#[test]
fn p2_yes_and_nothing_else() {
    let yes = |_: usize, person: &mut Person| "OUI".clone_into(&mut person.wording);
    assert_eq!(points(SignalId::P2, &spoilt(200, 200, yes)), 3);
    assert_eq!(points(SignalId::P2, &subscribers(200)), 0);
    let bare = |_: usize, person: &mut Person| {
        person.wording.clear();
        person.has_bare_yes = true;
    };
    assert_eq!(points(SignalId::P2, &spoilt(200, 200, bare)), 3);
    let mute = |_: usize, person: &mut Person| person.wording.clear();
    assert!(!World::new().is_judged(SignalId::P2, &spoilt(200, 200, mute)));
}

#[test]
fn t1_one_second() {
    let same = |_: usize, person: &mut Person| person.opted_in_s = Some(at("2026-05-12T09:00:00Z"));
    assert_eq!(points(SignalId::T1, &spoilt(200, 200, same)), 3);
    assert_eq!(points(SignalId::T1, &spoilt(200, 20, same)), 3);
    assert_eq!(points(SignalId::T1, &spoilt(200, 19, same)), 0, "fewer than twenty");
    let scanned = |number: usize, person: &mut Person| {
        let minute = i64::try_from(number / 25).unwrap();
        person.opted_in_s = Some(at("2026-05-12T09:00:00Z") + minute * 60);
        "salon-energie-2026".clone_into(&mut person.source);
    };
    assert!(!World::new().is_judged(SignalId::T1, &spoilt(500, 500, scanned)), "a fair");
}

#[test]
fn t2_night() {
    let uniform = |number: usize, person: &mut Person| {
        let second = i64::try_from(number * 7_919 % 86_400).unwrap();
        person.opted_in_s = person.opted_in_s.map(|at| at - at.rem_euclid(86_400) + second);
    };
    assert_eq!(points(SignalId::T2, &spoilt(400, 400, uniform)), 5);
    assert_eq!(points(SignalId::T2, &subscribers(400)), 0);
    let by_night = |_: usize, person: &mut Person| {
        person.opted_in_s = person.opted_in_s.map(|at| at - at.rem_euclid(86_400) + 3 * 3_600);
        person.confirmed_s = person.opted_in_s.map(|at| at + 60);
    };
    // 58 of 400 are 14.5 %, at least 11.4 %; 54 are at least 10.5 %.
    assert_eq!(points(SignalId::T2, &spoilt(400, 58, by_night)), 5);
    assert_eq!(points(SignalId::T2, &spoilt(400, 54, by_night)), 0);
    let none = |_: usize, person: &mut Person| person.opted_in_s = None;
    assert!(!World::new().is_judged(SignalId::T2, &spoilt(100, 100, none)));
}

#[test]
fn t3_confirmations() {
    let late = |number: usize, person: &mut Person| {
        person.confirmed_s = person.opted_in_s.map(|at| at + i64::try_from(number % 24).unwrap() * 3_600 + 60);
    };
    assert_eq!(points(SignalId::T3, &spoilt(400, 400, late)), 5);
    assert_eq!(points(SignalId::T3, &subscribers(400)), 0);
    let before = |_: usize, person: &mut Person| person.confirmed_s = person.opted_in_s.map(|at| at - 1);
    assert_eq!(points(SignalId::T3, &spoilt(400, 1, before)), 6, "one that cannot be");
    let delayed = |minutes: i64| {
        move |_: usize, person: &mut Person| person.confirmed_s = person.opted_in_s.map(|at| at + minutes * 60)
    };
    assert_eq!(points(SignalId::T3, &spoilt(400, 400, delayed(121))), 5);
    assert_eq!(points(SignalId::T3, &spoilt(400, 400, delayed(120))), 0);
    let unconfirmed = |_: usize, person: &mut Person| person.confirmed_s = None;
    assert!(!World::new().is_judged(SignalId::T3, &spoilt(100, 100, unconfirmed)));
}

#[test]
fn t4_times_that_cannot_be() {
    let future = |_: usize, person: &mut Person| {
        (person.opted_in_s, person.confirmed_s, person.active_s) = (Some(at(NOW) + 2 * 86_400), None, None);
    };
    assert_eq!(points(SignalId::T4, &spoilt(400, 3, future)), 6);
    assert_eq!(points(SignalId::T4, &spoilt(400, 2, future)), 0);
    let active_before = |number: usize, person: &mut Person| {
        person.active_s = person.opted_in_s.map(|at| at - 2 * 86_400 - i64::try_from(number).unwrap());
    };
    assert_eq!(points(SignalId::T4, &spoilt(400, 40, active_before)), 6);
    let imported = |number: usize, person: &mut Person| {
        active_before(number, person);
        person.opted_in_s = Some(at("2026-04-11T09:00:00Z"));
    };
    assert_eq!(points(SignalId::T4, &spoilt(400, 400, imported)), 0, "the time of an import is later than life");
    let mut world = World::new();
    world.knowledge.existed_since_s.insert("v1".to_owned(), at("2026-01-01T00:00:00Z"));
    assert_eq!(world.points(SignalId::T4, &subscribers(400)), 6, "the text did not exist yet");
}

#[test]
fn i1_impossible_addresses() {
    let multicast = |number: usize, person: &mut Person| person.ip = format!("239.1.2.{}", number % 250).parse().ok();
    assert_eq!(points(SignalId::I1, &spoilt(200, 30, multicast)), 6);
    assert_eq!(points(SignalId::I1, &spoilt(100, 1, multicast)), 0, "one may be a test");
    assert_eq!(points(SignalId::I1, &subscribers(200)), 0);
    // 6 of 200 are at least 1.4 %, 4 at least 0.8 %.
    assert_eq!(points(SignalId::I1, &spoilt(200, 6, multicast)), 6);
    assert_eq!(points(SignalId::I1, &spoilt(200, 4, multicast)), 0);
}

#[test]
fn i2_shape_of_addresses() {
    let v4 = |number: usize, person: &mut Person| {
        person.ip = format!("100.70.{}.{}", number / 200, 1 + number % 200).parse().ok();
    };
    assert_eq!(points(SignalId::I2, &spoilt(120, 120, v4)), 5);
    assert_eq!(points(SignalId::I2, &spoilt(119, 119, v4)), 0);
    assert_eq!(points(SignalId::I2, &subscribers(400)), 0);
    let one = |_: usize, person: &mut Person| person.ip = "100.70.0.1".parse().ok();
    assert_eq!(points(SignalId::I2, &spoilt(100, 40, one)), 5, "one address");
    assert_eq!(points(SignalId::I2, &spoilt(100, 15, one)), 0);
    let mut world = World::new();
    world.knowledge.hosting = vec![("198.18.0.0".parse().unwrap(), "198.19.255.255".parse().unwrap())];
    let hosted = |number: usize, person: &mut Person| person.ip = format!("198.18.1.{}", number % 250).parse().ok();
    assert_eq!(world.points(SignalId::I2, &spoilt(200, 100, hosted)), 5);
    assert_eq!(world.points(SignalId::I2, &spoilt(200, 40, hosted)), 0);
    // A part with IPv4 alone, beside a rest that has both.
    let other_form = |number: usize, person: &mut Person| {
        v4(number, person);
        "elsewhere".clone_into(&mut person.source);
    };
    assert_eq!(points(SignalId::I2, &spoilt(400, 40, other_form)), 5);
    assert_eq!(points(SignalId::I2, &spoilt(400, 39, other_form)), 0);
}

/// Business contacts of so many firms, all of one pattern.
fn colleagues(count: usize, firms: usize) -> Vec<Person> {
    let mut people = subscribers(count);
    for (number, person) in people.iter_mut().enumerate() {
        let firm = format!("firm{}", number % firms);
        person.email = format!("{}.{}@{firm}.example", person.given.to_lowercase(), person.surname.to_lowercase());
        person.organisation = firm;
    }
    people
}

fn guess(person: &mut Person) {
    let (_, domain) = person.email.rsplit_once('@').unwrap();
    person.email = format!("{}{}@{domain}", &person.given.to_lowercase()[..1], person.surname.to_lowercase());
}

#[test]
fn n1_against_the_firms_pattern() {
    let mut world = World::new();
    assert!(!world.is_judged(SignalId::N1, &colleagues(100, 10)));
    for firm in 0..10 {
        world.knowledge.patterns.insert(format!("firm{firm}.example"), "first.last".parse().unwrap());
    }
    let guessed = |bad: usize| {
        let mut people = colleagues(100, 10);
        people.iter_mut().take(bad).for_each(guess);
        people
    };
    assert_eq!(world.points(SignalId::N1, &guessed(0)), 0);
    assert_eq!(world.points(SignalId::N1, &guessed(10)), 5, "at least 5.5 %");
    assert_eq!(world.points(SignalId::N1, &guessed(9)), 0, "at least 4.8 %");
    assert_eq!(world.points(SignalId::N1, &guessed(50)), 8);
}

#[test]
fn n2_several_guesses() {
    let twice = |pairs: usize| {
        let mut people = colleagues(200, 20);
        for number in 0..pairs {
            let mut second = people[number].clone();
            guess(&mut second);
            people.push(second);
        }
        people
    };
    assert_eq!(points(SignalId::N2, &twice(0)), 0);
    assert_eq!(points(SignalId::N2, &twice(20)), 8);
    assert_eq!(points(SignalId::N2, &twice(1)), 0);
    assert_eq!(points(SignalId::N2, &subscribers(1)), 0);
}

#[test]
fn n3_firms_of_several_patterns() {
    let mut world = World::new();
    let mut people = colleagues(400, 40);
    people.iter_mut().step_by(3).for_each(guess);
    assert!(!world.is_judged(SignalId::N3, &people), "nobody said business");
    world.claimed = Claimed { audience: Some(Audience::Business), ..Claimed::default() };
    assert_eq!(world.points(SignalId::N3, &people), 4);
    assert_eq!(world.points(SignalId::N3, &colleagues(400, 40)), 0);
    let mut few = colleagues(190, 19);
    few.iter_mut().step_by(3).for_each(guess);
    assert_eq!(world.points(SignalId::N3, &few), 0, "nineteen firms");
}

#[test]
fn r1_posts() {
    let post = |number: usize, person: &mut Person| person.email = format!("contact@firm{number}.example");
    assert_eq!(points(SignalId::R1, &spoilt(200, 100, post)), 6);
    assert_eq!(points(SignalId::R1, &spoilt(200, 40, post)), 3);
    // 34 of 200 are at least 12.4 %; 30 at least 10.7 %.
    assert_eq!(points(SignalId::R1, &spoilt(200, 34, post)), 3);
    assert_eq!(points(SignalId::R1, &spoilt(200, 30, post)), 0);
}

#[test]
fn r2_marks_of_a_copy() {
    let marked = |number: usize, person: &mut Person| person.email = format!("u003ename{number}@firm.example");
    assert_eq!(points(SignalId::R2, &spoilt(200, 5, marked)), 7);
    assert_eq!(points(SignalId::R2, &spoilt(200, 1, marked)), 0);
    let mut list = crate::gate::sample::rows(&subscribers(200));
    for _ in 0..5 {
        list.push_rejected(b"jean[at]firm.example");
    }
    let report = World::new().judge_rows(&list).report;
    assert!(report.signals.iter().any(|signal| signal.id == SignalId::R2), "rows that are no addresses count too");
}

#[test]
fn r3_names() {
    let nameless = |_: usize, person: &mut Person| person.surname.clear();
    assert_eq!(points(SignalId::R3, &spoilt(200, 200, nameless)), 2);
    assert_eq!(points(SignalId::R3, &subscribers(200)), 0);
}

#[test]
fn d1_dead_domains() {
    let mut world = World::new();
    let at_dead = |number: usize, person: &mut Person| {
        person.email = format!("name{number}@gone{}.example", number % 60);
        "Firm".clone_into(&mut person.organisation);
    };
    assert!(!world.is_judged(SignalId::D1, &spoilt(400, 60, at_dead)), "nobody asked");
    world.knowledge.dead = Some((0..60).map(|number| format!("gone{number}.example")).collect());
    assert_eq!(world.points(SignalId::D1, &spoilt(400, 60, at_dead)), 5);
    assert_eq!(world.points(SignalId::D1, &spoilt(400, 32, at_dead)), 3);
    assert_eq!(world.points(SignalId::D1, &spoilt(400, 20, at_dead)), 0);
    let one_firm = |number: usize, person: &mut Person| {
        at_dead(number, person);
        person.email = format!("name{number}@gone0.example");
    };
    assert_eq!(world.points(SignalId::D1, &spoilt(400, 60, one_firm)), 0, "of one firm three count");
}

#[test]
fn d2_d3_d5_domains() {
    let with = |domain: &'static str| {
        move |number: usize, person: &mut Person| person.email = format!("name{number}@{domain}")
    };
    assert_eq!(points(SignalId::D2, &spoilt(400, 24, with("mailinator.com"))), 2);
    assert_eq!(points(SignalId::D2, &spoilt(400, 10, with("mailinator.com"))), 0);
    assert_eq!(points(SignalId::D3, &spoilt(400, 20, with("orangee.fr"))), 2);
    assert_eq!(points(SignalId::D3, &spoilt(400, 200, with("orange.fr"))), 0);
    assert_eq!(points(SignalId::D3, &spoilt(400, 8, with("orangee.fr"))), 0);
    let mut world = World::new();
    assert!(!world.is_judged(SignalId::D5, &subscribers(100)));
    world.knowledge.blocklisted = Some(["mail1.example".to_owned()].into());
    assert_eq!(world.points(SignalId::D5, &spoilt(400, 40, with("mail1.example"))), 2);
    assert_eq!(world.points(SignalId::D5, &subscribers(400)), 0);
}

#[test]
fn d4_kinds_of_domains() {
    let mut world = World::new();
    assert!(!world.is_judged(SignalId::D4, &subscribers(400)));
    world.memory.peers = Some(DomainMix { free: 0.8, business: 0.18, school: 0.01, public: 0.01 });
    assert_eq!(world.points(SignalId::D4, &subscribers(400)), 2);
    world.memory.peers = Some(DomainMix { free: 0.0, business: 0.98, school: 0.01, public: 0.01 });
    assert_eq!(world.points(SignalId::D4, &subscribers(400)), 0);
}

#[test]
fn o1_alphabet() {
    let mut people = subscribers(400);
    assert_eq!(points(SignalId::O1, &people), 0);
    people.sort_by(|one, other| one.email.cmp(&other.email));
    assert_eq!(points(SignalId::O1, &people), 1);
    assert!(!World::new().is_judged(SignalId::O1, &people[..30]));
}

#[test]
fn o2_written_by_somebody_else() {
    let pasted = |_: usize, person: &mut Person| {
        person.surname = person.surname.to_uppercase();
        (person.confirmed_s, person.notified_s) = (None, person.opted_in_s);
    };
    assert_eq!(points(SignalId::O2, &spoilt(400, 40, pasted)), 3);
    let other_proof =
        |_: usize, person: &mut Person| (person.confirmed_s, person.notified_s) = (None, person.opted_in_s);
    assert_eq!(points(SignalId::O2, &spoilt(400, 40, other_proof)), 0, "one trait is another form of the same firm");
    assert_eq!(points(SignalId::O2, &spoilt(400, 210, pasted)), 3, "whichever part is smaller");
    assert_eq!(points(SignalId::O2, &spoilt(400, 24, pasted)), 0, "too few for a segment");
}

#[test]
fn a1_a2_age() {
    let old = |_: usize, person: &mut Person| {
        person.opted_in_s = person.opted_in_s.map(|at| at - 4 * 366 * 86_400);
        person.confirmed_s = person.opted_in_s.map(|at| at + 60);
        person.active_s = None;
    };
    assert_eq!(points(SignalId::A1, &spoilt(400, 200, old)), 5);
    assert_eq!(points(SignalId::A1, &spoilt(400, 100, old)), 0);
    let heard_of = |number: usize, person: &mut Person| {
        old(number, person);
        person.active_s = Some(at("2025-12-01T00:00:00Z"));
    };
    assert_eq!(points(SignalId::A1, &spoilt(400, 400, heard_of)), 0);
    let silent = |_: usize, person: &mut Person| person.active_s = None;
    assert_eq!(points(SignalId::A2, &spoilt(400, 396, silent)), 2);
    assert_eq!(points(SignalId::A2, &spoilt(400, 380, silent)), 0);
    assert!(!World::new().is_judged(SignalId::A2, &spoilt(400, 400, silent)), "the list does not say");
}

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
        world.memory.traps = traps(count, TrapKind::Own);
        assert_eq!(world.points(SignalId::C1, &subscribers(400)), expected);
    }
    for (count, expected) in [(2, 0), (3, 5)] {
        world.memory.traps = traps(count, TrapKind::Recycled);
        assert_eq!(world.points(SignalId::C2, &subscribers(400)), expected);
    }
    world.memory.traps = traps(3, TrapKind::Recycled);
    assert_eq!(world.points(SignalId::C2, &subscribers(1_000)), 0, "at least 0.1 %");
}

#[test]
fn c3_canaries() {
    let mut world = World::new();
    let canary = |row, is_own| CanaryHit { row, export: "export".to_owned(), is_own };
    world.memory.canaries = vec![canary(2, true), canary(3, true)];
    assert_eq!(world.points(SignalId::C3, &subscribers(400)), 0, "one's own come home");
    world.memory.canaries = vec![canary(2, false)];
    let report = world.judge(&subscribers(400)).report;
    assert_eq!((report.points, report.verdict.as_str()), (6, "review"));
    world.memory.canaries = vec![canary(2, false), canary(9, false)];
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
    world.memory.condemned = Some(Condemned { rows: (2..202).collect(), worst_honest_share: None });
    assert!(!world.is_judged(SignalId::V2, &subscribers(400)));
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
    Theirs { email: person.email.clone(), given: person.given.clone(), surname: person.surname.clone() }
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
    for (rows, expected) in [(250, 8), (300, 0), (199, 0)] {
        let mut list = other(&people, rows.min(250), scattered, same);
        list.rows = rows;
        world.memory.lists = vec![list];
        assert_eq!(world.points(SignalId::V1, &people), expected, "{rows}");
    }
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
    assert_eq!(world.points(SignalId::V5, &people), 0, "one trait of four");
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
