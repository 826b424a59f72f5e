//! Proof, times and network addresses.

use super::{points, spoilt};
use crate::gate::sample::{NOW, Person, World, at, subscribers};
use crate::gate::signal::SignalId;

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
    assert_eq!(points(SignalId::P1, &spoilt(500, 450, unsourced)), 4, "beside some that have one");
    assert_eq!(points(SignalId::P1, &spoilt(500, 500, unsourced)), 0, "the list has one source, and its owner says it");
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
        let minute = i64::try_from(number / 20).unwrap();
        person.opted_in_s = Some(at("2026-05-12T09:00:00Z") + minute * 60);
    };
    assert_eq!(points(SignalId::T1, &spoilt(200, 200, scanned)), 3, "twenty a minute and nothing said");
    let at_a_fair = |number: usize, person: &mut Person| {
        scanned(number, person);
        "salon-energie-2026".clone_into(&mut person.source);
    };
    assert!(!World::new().is_judged(SignalId::T1, &spoilt(200, 200, at_a_fair)), "a fair");
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
    // People of a country with several clocks, awake for 18 hours from seven on, five hours behind UTC.
    let (waking, awake_s) = (12 * 3_600, 18 * 3_600);
    let awake = |number: usize, person: &mut Person| {
        "US".clone_into(&mut person.country);
        let second = i64::try_from(number * 7_919).unwrap() % awake_s;
        person.opted_in_s = person.opted_in_s.map(|at| at - at.rem_euclid(86_400) + waking + second);
    };
    assert_eq!(points(SignalId::T2, &spoilt(400, 400, awake)), 0);
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
    let earlier = |seconds: i64| {
        move |_: usize, person: &mut Person| person.confirmed_s = person.opted_in_s.map(|at| at - seconds)
    };
    assert_eq!(points(SignalId::T3, &spoilt(400, 2, earlier(301))), 6, "two that cannot be");
    assert_eq!(points(SignalId::T3, &spoilt(400, 1, earlier(301))), 0, "one may be a slip");
    assert_eq!(points(SignalId::T3, &spoilt(400, 400, earlier(300))), 0, "clocks of two servers");
    assert_eq!(points(SignalId::T3, &spoilt(1_001, 2, earlier(301))), 0, "one in five hundred");
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
