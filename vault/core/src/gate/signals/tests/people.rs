//! Names, roles, domains, order and age.

use super::{points, spoilt};
use crate::gate::claimed::{Audience, Claimed};
use crate::gate::memory::DomainMix;
use crate::gate::sample::{Person, World, at, rejected, rows, subscribers};
use crate::gate::signal::SignalId;

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
    let confirmed = |number: usize, person: &mut Person| person.email = format!("contact@firm{number}.example");
    assert_eq!(points(SignalId::R1, &spoilt(200, 100, confirmed)), 0, "somebody reads them");
    let posts = |posts: usize| {
        let mut people = spoilt(200, posts, confirmed);
        people.iter_mut().for_each(|person| person.confirmed_s = None);
        points(SignalId::R1, &people)
    };
    assert_eq!((posts(100), posts(40)), (6, 3));
    // 34 of 200 are at least 12.4 %; 30 at least 10.7 %.
    assert_eq!((posts(34), posts(30)), (3, 0));
}

#[test]
fn r2_marks_of_a_copy() {
    let marked = |number: usize, person: &mut Person| person.email = format!("u003ename{number}@firm.example");
    assert_eq!(points(SignalId::R2, &spoilt(200, 5, marked)), 7);
    assert_eq!(points(SignalId::R2, &spoilt(200, 1, marked)), 0);
    let mut list = rows(&subscribers(200));
    for _ in 0..5 {
        list.push_rejected(&rejected(b"jean[at]firm.example"));
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
