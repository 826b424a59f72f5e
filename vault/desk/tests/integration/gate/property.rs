//! Whatever is done in whatever order: nobody but an officer opens a list, or the gate where the policy lets it; and what ran
//! out or was suspended stays shut.

use std::cell::Cell;
use std::time::Duration;

use carnet_core::gate::Verdict;
use carnet_core::model::{LaterEvidence, ListId, ListStatus, ReasonCode, Timestamp};
use carnet_core::policy::AccessPolicy;
use carnet_desk::{DeskError, NewRelease, ReleaseOutcome};
use carnet_tests::{Engine, TestDatabase, for_each_engine};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::super::house::{House, policy};
use super::super::imports::{Rows, Told, into_list, row};
use super::{second_officer, used};

#[derive(Debug, Clone, Copy)]
enum Act {
    Import(Verdict),
    Describe,
    Submit,
    Check,
    Ask,
    Answer,
    Release { soon: bool },
    Block,
    Prove,
    Judge(bool),
    Withdraw,
    Suspend,
    Wait,
}

const OTHERS: [&str; 4] = ["operator", "owner", "auditor", "nobody"];
const OFFICERS: [&str; 2] = ["officer", "second"];

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
        1 => Just(Act::Wait),
    ]
}

/// What somebody with a perfect memory knows of a list.
struct Known<'h> {
    house: &'h House,
    name: String,
    list: Option<ListId>,
    rows: usize,
    /// Until when it was released, unless something has ended that.
    until: Option<Timestamp>,
    /// What the last check said, and whether any said something else or anything was decided.
    clear: bool,
    touched: bool,
}

impl Known<'_> {
    fn play(&mut self, account: &str, act: Act) {
        let (desk, ours) = (self.house.desk(account), &self.house.ours.controller);
        if let Act::Import(verdict) = act {
            return self.import(account, verdict);
        }
        let Some(list) = self.list else { return };
        let proofs = |state: &str| {
            let all = self.house.desk("operator").list_proofs(ours, list).unwrap_or_default();
            all.into_iter().find(|one| one.state.as_str() == state).map(|one| one.contact)
        };
        match act {
            Act::Import(_) => {}
            Act::Describe => drop(desk.describe_source(ours, list, "Fair", "You left your card")),
            Act::Submit => drop(desk.submit_list(ours, list)),
            Act::Check => {
                if let Ok(check) = desk.check_list(ours, list) {
                    self.touched |= check.verdict != Verdict::Clear;
                    self.clear = check.verdict == Verdict::Clear;
                    let opened = check.status == ListStatus::Released;
                    assert!(!opened || (self.clear && !self.touched), "the gate has opened {check:?}");
                    self.until = opened.then(|| Timestamp::now().months_later(12).unwrap());
                }
            }
            Act::Ask => self.touched |= desk.ask_about_list(ours, list, "who?").is_ok(),
            Act::Answer => self.touched |= desk.answer_about_list(ours, list, "I").is_ok(),
            Act::Release { soon } => {
                let until = Timestamp::from_us(Timestamp::now().as_us() + 60_000).unwrap();
                let new = NewRelease { code: ReasonCode::ProofSeen, until: soon.then_some(until) };
                if let Ok(outcome) = desk.release_list(ours, list, &new) {
                    assert!(OFFICERS.contains(&account), "{account} has released a list");
                    self.touched = true;
                    if let ReleaseOutcome::Released { until } = outcome {
                        self.until = Some(until);
                    }
                }
            }
            Act::Block => {
                if desk.block_list(ours, list, ReasonCode::Scraped).is_ok() {
                    (self.touched, self.until) = (true, None);
                }
            }
            Act::Prove => drop(proofs("open").map(|one| desk.show_proof(ours, list, one, "form", None))),
            Act::Judge(holds) => drop(proofs("proven").map(|one| desk.judge_proof(ours, list, one, holds))),
            Act::Withdraw => {
                if desk.withdraw_list(ours, list).is_ok() {
                    (self.touched, self.until) = (true, None);
                }
            }
            Act::Suspend => {
                if desk.report_evidence(ours, list, LaterEvidence::Complaints, "many").is_ok() {
                    (self.touched, self.until) = (true, None);
                }
            }
            Act::Wait => std::thread::sleep(Duration::from_millis(70)),
        }
    }

    fn import(&mut self, account: &str, verdict: Verdict) {
        self.rows += 1;
        let address = format!("{}.{}@example.org", self.name, self.rows);
        let mut source = Rows::of(vec![Ok(row(verdict.as_str(), &address, 2))]);
        let desk = self.house.desk(account);
        let new = into_list(&self.name, None);
        if let Ok(report) = desk.import(&self.house.ours.controller, &new, &mut source, &mut Told::default()) {
            self.list = Some(report.place.unwrap().1);
            self.until = None;
        }
    }

    /// It may be used exactly while it is released as far as anybody knows.
    fn compare(&self, by_itself: bool, officers: bool) {
        let Some(list) = self.list else { return };
        let before = Timestamp::now();
        let done = used(self.house, &self.house.ours, list);
        let after = Timestamp::now();
        match &done {
            Ok(_) => {
                let until = self.until.expect("it is used, and nobody has released it, or it was ended");
                assert!(before < until, "it is used after its release ran out");
                assert!(officers || (by_itself && self.clear && !self.touched), "nobody who may has opened it");
            }
            Err(DeskError::Denied(_)) => {
                assert!(self.until.is_none_or(|until| until <= after), "it is released, and shut");
            }
            Err(other) => panic!("{other}"),
        }
    }
}

fn run(db: &TestDatabase, policy: AccessPolicy, by_itself: bool, accounts: &'static [&'static str]) {
    let house = House::found_under(db, policy);
    second_officer(&house);
    let number = Cell::new(0);
    let cases = if db.engine() == Engine::Sqlite { 40 } else { 12 };
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let acts = prop::collection::vec((prop::sample::select(accounts), act()), 1..40);
    let outcome = runner.run(&acts, |acts| {
        number.set(number.get() + 1);
        let name = format!("list{}", number.get());
        let mut known = Known { house: &house, name, list: None, rows: 0, until: None, clear: false, touched: false };
        known.play("operator", Act::Import(Verdict::Clear));
        for (account, act) in &acts {
            known.play(account, *act);
            known.compare(by_itself, accounts.iter().any(|one| OFFICERS.contains(one)));
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
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
