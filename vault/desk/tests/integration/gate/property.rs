//! Whatever is done in whatever order: nobody but an officer opens a list, or the gate where the policy lets it; and what ran
//! out or was suspended stays shut.

use std::cell::Cell;

use carnet_core::gate::Verdict;
use carnet_core::policy::AccessPolicy;
use carnet_tests::{Engine, TestDatabase, for_each_engine};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::super::house::{House, policy};
use super::known::{Act, Family, OFFICERS};
use super::second_officer;

const OTHERS: [&str; 4] = ["operator", "owner", "auditor", "nobody"];

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => prop::sample::select(Verdict::ALL).prop_map(Act::Import),
        1 => Just(Act::Describe),
        5 => Just(Act::Submit),
        5 => Just(Act::Check),
        1 => Just(Act::Ask),
        1 => Just(Act::Answer),
        5 => any::<bool>().prop_map(|soon| Act::Release { soon }),
        1 => Just(Act::Block),
        3 => Just(Act::Prove),
        3 => prop::bool::weighted(0.8).prop_map(Act::Judge),
        1 => prop::bool::weighted(0.1).prop_map(|done| if done { Act::Withdraw } else { Act::Check }),
        1 => Just(Act::Suspend),
        6 => (1..3_u32).prop_map(Act::Split),
        1 => Just(Act::Wait),
    ]
}

fn run(db: &TestDatabase, policy: AccessPolicy, by_itself: bool, accounts: &'static [&'static str]) {
    let house = House::found_under(db, policy);
    second_officer(&house);
    let number = Cell::new(0);
    let cases = if db.engine() == Engine::Sqlite { 40 } else { 12 };
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let first = (prop::collection::vec(prop::sample::select(Verdict::ALL), 1..4), any::<bool>());
    let acts = prop::collection::vec((prop::sample::select(accounts), act(), 0..4_usize), 1..40);
    let officers = accounts.iter().any(|one| OFFICERS.contains(one));
    let outcome = runner.run(&(first, acts), |((first, is_checked), acts)| {
        number.set(number.get() + 1);
        let name = format!("list{}", number.get());
        let mut family = Family::new(&house);
        first.into_iter().for_each(|verdict| family.import("operator", &name, verdict));
        let begun = if is_checked { &[Act::Submit, Act::Check][..] } else { &[] };
        begun.iter().for_each(|act| family.play("operator", *act, 0));
        for (account, act, at) in &acts {
            family.play(account, *act, *at);
            family.lists.iter().for_each(|one| one.compare(&house, by_itself, officers));
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    // One way that is always gone.
    let mut family = Family::new(&house);
    for verdict in [Verdict::Clear, Verdict::Review] {
        family.import("operator", "fixed", verdict);
    }
    for act in [Act::Submit, Act::Check, Act::Split(2), Act::Check] {
        family.play("operator", act, 0);
        family.lists.iter().for_each(|one| one.compare(&house, by_itself, officers));
    }
    assert_eq!(family.lists.len(), 2);
    house.assert_clean();
}

fn by_itself() -> AccessPolicy {
    let folder = tempfile::tempdir().unwrap();
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies");
    std::fs::copy(format!("{policies}/access.cedar"), folder.path().join("access.cedar")).unwrap();
    let rules = std::fs::read_to_string(format!("{policies}/release.toml")).unwrap();
    let rules = rules.replace("by-itself = false", "by-itself = true");
    std::fs::write(folder.path().join("release.toml"), rules).unwrap();
    let policy = AccessPolicy::from_dir(folder.path()).unwrap();
    assert!(policy.release().by_itself && policy.version() != super::super::house::policy().version());
    policy
}

#[test]
fn nobody_but_an_officer_opens_a_list() {
    for_each_engine(|db| run(db, policy(), false, &OTHERS));
}

#[test]
fn where_the_policy_lets_the_gate_it_opens_what_is_clear_and_was_never_held_and_nobody_else_does() {
    for_each_engine(|db| run(db, by_itself(), true, &OTHERS));
}

#[test]
fn no_order_of_acts_of_anybody_opens_what_ran_out_or_was_ended() {
    const ALL: [&str; 6] = ["operator", "officer", "second", "operator", "officer", "owner"];
    for_each_engine(|db| {
        for (rules, lets) in [(policy(), false), (by_itself(), true)] {
            let db = TestDatabase::new(db.engine());
            run(&db, rules, lets, &ALL);
        }
    });
}
