use proptest::prelude::*;

use super::*;
use crate::gate::memory::{CanaryHit, TrapHit, TrapKind};
use crate::gate::row::Row;
use crate::gate::sample::{NOW, Person, World, at, letters, rejected, rows, subscribers};
use crate::intake::{Reject, RejectReason};

fn verdict_of(people: &[Person]) -> Verdict {
    World::new().judge(people).report.verdict
}

fn reasons(people: &[Person]) -> String {
    World::new().judge(people).report.cannot_judge.join(" ")
}

#[test]
fn what_is_too_little_or_repeats_itself_is_never_clear() {
    assert_eq!(verdict_of(&[]), Verdict::Review);
    assert!(reasons(&[]).contains("no rows"));
    assert_eq!(verdict_of(&subscribers(1)), Verdict::Review);
    assert!(reasons(&subscribers(24)).contains("fewer than 25"));
    assert_eq!(verdict_of(&subscribers(25)), Verdict::Clear);
    let same = vec![subscribers(1).remove(0); 1_000];
    assert!(verdict_of(&same) > Verdict::Clear);
    assert!(reasons(&same).contains("repeat"));
}

#[test]
fn lists_without_names_dates_or_anything_known_get_an_honest_answer() {
    let change = |change: fn(&mut Person)| {
        let mut people = subscribers(300);
        people.iter_mut().for_each(change);
        people
    };
    let nameless = change(|person| {
        person.given.clear();
        person.surname.clear();
    });
    assert_eq!(verdict_of(&nameless), Verdict::Clear, "a newsletter may know no names");
    let dateless = change(|person| (person.opted_in_s, person.confirmed_s, person.active_s) = (None, None, None));
    assert_eq!(verdict_of(&dateless), Verdict::Review);
    let future = change(|person| {
        person.opted_in_s = person.opted_in_s.map(|at| at + 3 * 366 * 86_400);
        person.confirmed_s = person.opted_in_s.map(|at| at + 60);
    });
    assert_eq!(verdict_of(&future), Verdict::Review);
    let greek = change(|person| {
        "Αδα".clone_into(&mut person.given);
        "Παράδειγμα".clone_into(&mut person.surname);
    });
    assert_eq!(verdict_of(&greek), Verdict::Clear);
    let chinese = change(|person| {
        "爱达".clone_into(&mut person.given);
        "李".clone_into(&mut person.surname);
    });
    assert_eq!(verdict_of(&chinese), Verdict::Clear);
    let unknown = change(|person| *person = Person { email: std::mem::take(&mut person.email), ..Person::default() });
    assert_eq!(verdict_of(&unknown), Verdict::Review);
    let telephones = change(|person| person.email.clear());
    assert!(reasons(&telephones).contains("no e-mail address"));
    let zoneless = change(|person| (person.opted_in_s, person.has_vague_time) = (None, true));
    assert_eq!(verdict_of(&zoneless), Verdict::Review);
    assert!(reasons(&zoneless).contains("say the zone"));
    let batch = change(|person| {
        person.opted_in_s = Some(at("2026-01-01T09:00:00Z"));
        person.confirmed_s = Some(at("2026-01-01T09:04:00Z"));
    });
    assert!(reasons(&batch).contains("batch"));
}

#[test]
fn a_report_is_replayed_byte_for_byte_and_read_back() {
    let mut people = subscribers(400);
    people.iter_mut().take(60).for_each(|person| person.opted_in_s = None);
    let world = World::new();
    let (one, other) = (world.judge(&people).report, world.judge(&people).report);
    assert_eq!(one.to_bytes(), other.to_bytes());
    let read: Report = serde_json::from_slice(&one.to_bytes()).unwrap();
    assert_eq!(read.to_bytes(), one.to_bytes());
    people[0].surname.push('x');
    assert_ne!(world.judge(&people).report.inputs, one.inputs);
    let json: serde_json::Value = serde_json::from_slice(&one.to_bytes()).unwrap();
    assert_eq!(json["verdict"], "review");
    for member in ["id", "points", "value", "threshold", "rows"] {
        assert!(json["signals"][0].get(member).is_some(), "{member}");
    }
    assert!(json["segments"][1]["signals"][0]["points"].is_u64() && json["points"].is_u64());
}

#[test]
fn a_few_bad_rows_are_found_in_their_segment_and_held_alone() {
    let mut people = subscribers(2_000);
    for person in people.iter_mut().skip(300).take(40) {
        (person.opted_in_s, person.confirmed_s, person.ip) = (None, None, None);
        person.source.clear();
    }
    let inspection = World::new().judge(&people);
    assert_eq!(inspection.report.verdict, Verdict::Review);
    assert_eq!(inspection.quarantined(), (302..342).collect::<Vec<u64>>());
    assert_eq!(inspection.report.rows_quarantined, 40);
}

#[test]
fn rows_are_masked_and_an_owner_learns_nothing_of_canaries_and_traps() {
    let mut world = World::new();
    world.memory.canaries =
        Some([2, 3].map(|row| CanaryHit { row, export: "export".to_owned(), is_own: false }).to_vec());
    world.memory.traps = Some(vec![TrapHit { row: 4, kind: TrapKind::Own }]);
    let mut people = subscribers(100);
    people.iter_mut().take(30).for_each(|person| person.opted_in_s = None);
    let report = world.judge(&people).report;
    let whole = String::from_utf8(report.to_bytes()).unwrap();
    for person in &people {
        assert!(!whole.contains(&person.email), "an address is shown");
    }
    let own =
        |report: &Report| report.signals.iter().filter(|signal| signal.compliance_alone).cloned().collect::<Vec<_>>();
    assert!(own(&report).iter().all(|signal| !signal.rows.is_empty()) && own(&report).len() == 2);
    let told = report.for_owner();
    assert!(own(&told).is_empty());
    let told = String::from_utf8(told.to_bytes()).unwrap();
    assert!(report.for_owner().withheld && !told.contains("made for an export"));
    assert_eq!((report.verdict, report.for_owner().verdict), (Verdict::Block, Verdict::Block));
}

#[test]
fn a_list_longer_than_what_is_held_is_judged_by_blocks_and_says_so() {
    let people = subscribers(1_000);
    let mut list = Rows::with_limit_for_tests(2_000);
    for round in 0..10_u64 {
        for (position, person) in (round * 1_000 + 2..).zip(&people) {
            let email = format!("{}{}", letters(usize::try_from(round).unwrap()), person.email);
            list.push(&Row { position, email: &email, surname: &person.surname, ..Row::default() });
        }
    }
    let report = World::new().judge_rows(&list).report;
    assert_eq!((report.rows, report.verdict), (10_000, Verdict::Review));
    assert!(report.rows_judged <= 2_000 && report.cannot_judge.iter().all(|reason| !reason.contains("repeat")));
}

#[test]
fn the_order_of_rows_matters_to_signals_of_order_alone() {
    let mut people = subscribers(500);
    people.iter_mut().take(80).for_each(|person| person.opted_in_s = None);
    let before = World::new().judge(&people).report;
    people.reverse();
    let after = World::new().judge(&people).report;
    let told = |report: &Report| -> Vec<(SignalId, u32)> {
        let about = report.signals.iter().filter(|signal| signal.id.family() != 'O' && signal.id != SignalId::V6);
        about.map(|signal| (signal.id, signal.points)).collect()
    };
    assert_eq!(told(&before), told(&after));
    assert_eq!(before.verdict, after.verdict);
}

fn any_person() -> impl Strategy<Value = Person> {
    let text = || "\\PC{0,12}|[a-z]{0,8}";
    let time = || proptest::option::of(prop_oneof![any::<i32>().prop_map(i64::from), Just(i64::from(i32::MAX) * 60)]);
    let who = ("\\PC{0,20}|[a-z.+]{1,10}@[a-z]{1,6}\\.(example|com)", text(), text(), text(), "[A-Z]{0,3}");
    let when = (time(), time(), time(), time());
    let how = (proptest::option::of(any::<std::net::IpAddr>()), text(), text(), any::<[bool; 3]>());
    (who, when, how).prop_map(|(who, when, how)| Person {
        email: who.0,
        given: who.1,
        surname: who.2,
        organisation: who.3,
        country: who.4,
        opted_in_s: when.0,
        confirmed_s: when.1,
        notified_s: when.2,
        active_s: when.3,
        ip: how.0,
        source: how.1,
        wording: how.2,
        has_phone: how.3[0],
        has_bare_yes: how.3[1],
        has_vague_time: how.3[2],
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_rows_are_judged_and_replayed(people in proptest::collection::vec(any_person(), 0..60), now in any::<i32>()) {
        let world = World::new();
        let policy = GatePolicy::builtin();
        let list = rows(&people);
        let subject = Subject {
            rows: &list,
            knowledge: &world.knowledge,
            memory: &world.memory,
            claimed: &world.claimed,
            policy: &policy,
            now: Timestamp::from_us(i64::from(now) * 1_000_000).unwrap(),
        };
        let inspection = inspect(&subject);
        prop_assert_eq!(inspection.report.to_bytes(), inspect(&subject).report.to_bytes());
        let held = inspection.quarantined();
        prop_assert!(held.is_sorted() && u64::try_from(held.len()).unwrap() == inspection.report.rows_quarantined);
        prop_assert!(people.len() >= 25 || inspection.report.verdict > Verdict::Clear);
    }

    #[test]
    fn unproven_rows_never_make_a_list_clearer(bad in 0_usize..120) {
        let mut people = subscribers(200);
        let before = verdict_of(&people);
        for number in 0..bad {
            people.push(Person { email: format!("bought{number}@firm.example"), ..Person::default() });
        }
        let after = verdict_of(&people);
        prop_assert!(after >= before);
        prop_assert!(bad < 25 || after > Verdict::Clear);
    }
}

#[test]
fn the_present_is_given_and_kept() {
    let report = World::new().judge(&subscribers(30)).report;
    assert_eq!(report.judged_at.to_string(), NOW);
    assert_eq!(report.policy.hash.len(), 64);
}

#[test]
fn a_file_that_is_not_whole_is_never_clear() {
    let mut list = rows(&subscribers(400));
    list.push_rejected(&rejected(b"a row"));
    assert_eq!(World::new().judge_rows(&list).report.verdict, Verdict::Clear);
    list.push_rejected(&Reject {
        reason: RejectReason::Unreadable(std::io::ErrorKind::UnexpectedEof),
        ..rejected(b"")
    });
    let report = World::new().judge_rows(&list).report;
    assert_eq!(report.verdict, Verdict::Review);
    assert!(report.cannot_judge[0].contains("to its end"));
}
