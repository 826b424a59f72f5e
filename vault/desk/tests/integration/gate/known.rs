//! What somebody with a perfect memory knows of lists, compared with what can be used.

use std::time::Duration;

use carnet_core::gate::Verdict;
use carnet_core::model::{LaterEvidence, ListId, ListStatus, ReasonCode, Timestamp};
use carnet_desk::{DeskError, ListCheck, NewRelease, ReleaseOutcome};

use super::super::house::House;
use super::super::imports::{Rows, Told, into_list, row};
use super::used;

pub(super) const OFFICERS: [&str; 2] = ["officer", "second"];

/// What somebody tries.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
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
    Split(u32),
    Wait,
}

/// What somebody with a perfect memory knows of a list.
pub(super) struct Known {
    name: String,
    list: ListId,
    /// Until when it was released, unless something has ended that.
    until: Option<Timestamp>,
    /// What the last check said, and whether any said something else or anything was decided.
    clear: bool,
    touched: bool,
    /// Whether officers have blocked it, or what it was split off; and which of them has proposed to release it.
    blocked: bool,
    proposer: Option<String>,
}

impl Known {
    fn new(name: String, list: ListId) -> Self {
        Self { name, list, until: None, clear: false, touched: false, blocked: false, proposer: None }
    }

    /// Something was decided that closes it.
    fn close(&mut self) {
        (self.touched, self.until) = (true, None);
    }

    fn play(&mut self, house: &House, account: &str, act: Act) {
        let (desk, ours, list) = (house.desk(account), &house.ours.controller, self.list);
        let proofs = |state: &str| {
            let all = house.desk("operator").list_proofs(ours, list).unwrap_or_default();
            all.into_iter().find(|one| one.state.as_str() == state).map(|one| one.contact)
        };
        match act {
            Act::Import(_) | Act::Split(_) => {}
            Act::Describe => drop(desk.describe_source(ours, list, "Fair", "You left your card")),
            Act::Submit => drop(desk.submit_list(ours, list, None)),
            Act::Check => {
                if let Ok(check) = desk.check_list(ours, list) {
                    self.checked(check);
                }
            }
            Act::Ask => self.touched |= desk.ask_about_list(ours, list, "who?").is_ok(),
            Act::Answer => self.touched |= desk.answer_about_list(ours, list, "I").is_ok(),
            Act::Release { soon } => {
                let until = Timestamp::from_us(Timestamp::now().as_us() + 60_000).unwrap();
                let new = NewRelease { code: ReasonCode::ProofSeen, until: soon.then_some(until) };
                if let Ok(outcome) = desk.release_list(ours, list, &new) {
                    self.decided(account, outcome);
                }
            }
            Act::Block => {
                if desk.block_list(ours, list, ReasonCode::Scraped).is_ok() {
                    self.close();
                    (self.blocked, self.proposer) = (true, None);
                }
            }
            Act::Prove => drop(proofs("open").map(|one| desk.show_proof(ours, list, one, "form", None))),
            Act::Judge(holds) => {
                let judged = proofs("proven").map(|one| desk.judge_proof(ours, list, one, holds));
                if matches!(judged, Some(Ok(()))) && !holds {
                    (self.blocked, self.proposer) = (true, None);
                }
            }
            Act::Withdraw => {
                if desk.withdraw_list(ours, list).is_ok() {
                    self.close();
                }
            }
            Act::Suspend => {
                if desk.report_evidence(ours, list, LaterEvidence::Complaints, "many").is_ok() {
                    self.close();
                }
            }
            Act::Wait => std::thread::sleep(Duration::from_millis(70)),
        }
    }

    fn checked(&mut self, check: ListCheck) {
        self.touched |= check.verdict != Verdict::Clear;
        self.clear = check.verdict == Verdict::Clear;
        self.proposer = None;
        let opened = check.status == ListStatus::Released;
        assert!(!opened || (self.clear && !self.touched), "the gate has opened {check:?}");
        assert!(!self.blocked || check.status == ListStatus::Blocked, "the gate has undone a block: {check:?}");
        self.until = opened.then(|| Timestamp::now().months_later(12).unwrap());
    }

    fn decided(&mut self, account: &str, outcome: ReleaseOutcome) {
        assert!(OFFICERS.contains(&account), "{account} has released a list");
        self.touched = true;
        match outcome {
            ReleaseOutcome::Proposed { .. } => self.proposer = Some(account.to_owned()),
            ReleaseOutcome::Released { until, .. } => {
                let proposer = self.proposer.take();
                let two = proposer.as_deref().is_some_and(|first| first != account);
                assert!(!self.blocked || two, "{account} alone has released what officers have blocked");
                (self.blocked, self.until) = (false, Some(until));
            }
        }
    }

    /// It may be used exactly while it is released as far as anybody knows.
    pub(super) fn compare(&self, house: &House, by_itself: bool, officers: bool) {
        let before = Timestamp::now();
        let done = used(house, &house.ours, self.list);
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

/// A list and all that was split off it.
pub(super) struct Family<'h> {
    house: &'h House,
    pub(super) lists: Vec<Known>,
    rows: usize,
}

impl<'h> Family<'h> {
    pub(super) fn new(house: &'h House) -> Self {
        Self { house, lists: Vec::new(), rows: 0 }
    }

    pub(super) fn import(&mut self, account: &str, name: &str, verdict: Verdict) {
        self.rows += 1;
        let address = format!("{name}.{}@example.org", self.rows);
        let mut source = Rows::of(vec![Ok(row(verdict.as_str(), &address, 2))]);
        let new = into_list(name, None);
        let desk = self.house.desk(account);
        if let Ok(report) = desk.import(&self.house.ours.controller, &new, &mut source, &mut Told::default()) {
            match self.lists.iter_mut().find(|one| one.name == name) {
                Some(known) => known.until = None,
                None => self.lists.push(Known::new(name.to_owned(), report.place.unwrap().1)),
            }
        }
    }

    fn split(&mut self, account: &str, at: usize, segment: u32) {
        let name = format!("{}.{}", self.lists[0].name, self.lists.len());
        let known = &mut self.lists[at];
        let desk = self.house.desk(account);
        if let Ok(split) = desk.split_list(&self.house.ours.controller, known.list, segment, &name) {
            known.close();
            known.proposer = None;
            let mut new = Known::new(name, split.list);
            (new.touched, new.blocked) = (true, known.blocked);
            let both = (split.status, split.rest);
            assert!(!known.blocked || both == (ListStatus::Blocked, ListStatus::Blocked), "{both:?}");
            self.lists.push(new);
        }
    }

    pub(super) fn play(&mut self, account: &str, act: Act, at: usize) {
        let at = at % self.lists.len();
        match act {
            Act::Import(verdict) => self.import(account, &self.lists[at].name.clone(), verdict),
            Act::Split(segment) => self.split(account, at, segment),
            _ => self.lists[at].play(self.house, account, act),
        }
    }
}
