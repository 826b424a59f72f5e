//! What lists stand at, and why.

use std::collections::BTreeMap;
use std::fmt;

use carnet_core::gate::{ExampleRow, Report, Row, Verdict, name_in};
use carnet_core::model::{
    AccountId, ContactId, Controller, ControllerId, DecisionKind, List, ListId, ListStatus, Timestamp,
};
use carnet_core::policy::{Operation, Target};
use carnet_store::{CheckRow, DecisionRow, ListStanding, Tx};

use super::act::{Act, standing, target_of};
use super::ask::open_question;
use super::decide::is_current;
use super::gate::Segment;
use super::scan::Marks;
use super::seal::{CheckWords, opened_check, opened_decision};
use super::segments::opened_segments;
use crate::contacts::opened_with_salt;
use crate::{Desk, DeskError};

/// A list in a row of lists.
#[derive(Debug, Clone)]
pub struct ListSummary {
    /// The list, with what it stands at now.
    pub list: List,
    /// How many contacts it has.
    pub contacts: u64,
    /// Until when it may be used, if it may.
    pub until: Option<Timestamp>,
    /// By when an officer should decide, if it waits for one. Nothing follows from its passing.
    pub due: Option<Timestamp>,
}

/// A list, and what was said and decided about it.
#[derive(Debug, Clone)]
pub struct ListView {
    /// As in a row of lists.
    pub summary: ListSummary,
    /// Whether this account may use it now.
    pub usable: bool,
    /// What the gate said last, if it has looked.
    pub check: Option<CheckView>,
    /// The release that is in force, or the last one that was.
    pub release: Option<ReleaseView>,
    /// The question that waits for the owner's answer.
    pub question: Option<String>,
    /// What was decided, asked and answered, the oldest first.
    pub decisions: Vec<DecisionView>,
}

/// What the gate said of a list.
#[derive(Debug, Clone)]
pub struct CheckView {
    /// What it proposes.
    pub verdict: Verdict,
    /// The points against the list.
    pub points: u32,
    /// How many rows were judged.
    pub judged: u64,
    /// The version of the thresholds, as 64 hexadecimal digits.
    pub policy: String,
    /// The segments and what each came to.
    pub segments: Vec<Segment>,
    /// The report, as the gate wrote it for officers, or for those who want to use the list.
    pub report: Report,
    /// When.
    pub at: Timestamp,
    /// Whether the list is still as it was checked.
    pub current: bool,
}

/// A release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseView {
    /// Since when.
    pub granted: Timestamp,
    /// Until when at most.
    pub expires: Timestamp,
    /// When it was ended before that.
    pub ended: Option<Timestamp>,
}

/// A decision. `Debug` shows no words.
#[derive(Clone)]
pub struct DecisionView {
    /// What was decided.
    pub kind: DecisionKind,
    /// By whom.
    pub account: AccountId,
    /// Why, in a word.
    pub code: Option<String>,
    /// Why, in words; of later evidence only for officers.
    pub text: String,
    /// Until when it holds, if not for good.
    pub expires: Option<Timestamp>,
    /// When.
    pub at: Timestamp,
}

impl fmt::Debug for DecisionView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecisionView").field("kind", &self.kind).field("at", &self.at).finish_non_exhaustive()
    }
}

/// What those are told who want to use a list, of what speaks against it.
const WITHHELD: &str = "Evidence held by compliance.";
/// What a list is called to those who may not see it.
const OTHER_LIST: &str = "another controller's list";

impl Desk<'_> {
    /// A controller's lists, by name, each with what it stands at now.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Open`] when a release was edited behind the vault's back.
    pub fn lists(&self, controller: &Controller) -> Result<Vec<ListSummary>, DeskError> {
        self.authorise(Operation::ListLs, &Target::Controller(controller.id))?;
        self.vault.with_keys(|ring| {
            self.vault.store.read(|tx| {
                let now = Timestamp::now();
                let lists = tx.list_all(controller.id)?;
                lists
                    .into_iter()
                    .map(|list| {
                        let standing = standing(tx, ring, controller.id, list.id, now)?;
                        let check = tx.list_last_check(controller.id, list.id)?;
                        let decisions = tx.list_decisions(controller.id, list.id)?;
                        self.summary(standing, check.as_ref(), &decisions)
                    })
                    .collect()
            })
        })
    }

    /// A list, and why it stands at what it stands at.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Open`] when a row was edited behind the vault's back.
    pub fn show_list(&self, controller: &Controller, list: ListId) -> Result<ListView, DeskError> {
        self.act(Operation::ListShow, controller, list, |tx, act| {
            let usable = self.may(Operation::ListUse, &target_of(&act.standing));
            let checks = tx.list_checks(controller.id, list)?;
            let decisions = tx.list_decisions(controller.id, list)?;
            let marks = Marks::of(tx, (controller.id, list), act.standing.members)?;
            let key = &act.ring.vault;
            let decides = self.may(Operation::ListVet, &target_of(&act.standing));
            let check = checks.first().map(|check| {
                let CheckWords { report, examples, lists } = opened_check(key, check)?;
                let report = if decides { report } else { report.for_owner() };
                let shown = self.examples(tx, act, &examples)?;
                let report = report.with_examples(|at| shown.get(&at).cloned());
                let names = self.names_of(tx, &lists)?;
                let report = report.with_names(&names);
                let mut segments = opened_segments(tx, key, check)?;
                for segment in &mut segments {
                    name_in(&mut segment.key, &names);
                }
                Ok::<_, DeskError>(CheckView {
                    verdict: check.verdict,
                    points: check.points,
                    judged: check.judged,
                    policy: check.policy.iter().map(|byte| format!("{byte:02x}")).collect(),
                    segments,
                    report,
                    at: check.at,
                    current: is_current(check, &decisions, marks),
                })
            });
            let question = open_question(&decisions).map(|one| opened_decision(key, one)).transpose()?;
            let release = tx.list_last_release(controller.id, list)?;
            let views = decisions.iter().map(|one| {
                let text = opened_decision(key, one)?;
                let withheld = one.kind == DecisionKind::Suspend && !decides;
                Ok::<_, DeskError>(DecisionView {
                    kind: one.kind,
                    account: one.account,
                    code: one.code.clone().filter(|_| !withheld),
                    text: if withheld { WITHHELD.to_owned() } else { text },
                    expires: one.expires,
                    at: one.at,
                })
            });
            Ok(ListView {
                usable,
                check: check.transpose()?,
                release: release.map(|one| ReleaseView {
                    granted: one.granted,
                    expires: one.expires,
                    ended: one.ended,
                }),
                question,
                decisions: views.collect::<Result<_, _>>()?,
                summary: self.summary(act.standing.clone(), checks.first(), &decisions)?,
            })
        })
    }

    /// What examples look like today, masked. Who is gone is not shown.
    fn examples(
        &self,
        tx: &mut Tx<'_>,
        act: &Act<'_>,
        examples: &BTreeMap<u64, ContactId>,
    ) -> Result<BTreeMap<u64, ExampleRow>, DeskError> {
        let controller = act.standing.list.controller;
        let keys = act.ring.controller(controller)?;
        let mut ids: Vec<ContactId> = examples.values().copied().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut cards = BTreeMap::new();
        for (row, salt) in tx.contacts_for_check(controller, &ids)? {
            cards.insert(row.id, opened_with_salt(&keys, &row, &salt)?);
        }
        let shown = examples.iter().filter_map(|(at, id)| {
            let row = Row::of_card(cards.get(id)?, *at);
            Some((*at, ExampleRow::of(*at, row.email, (row.given, row.surname))))
        });
        Ok(shown.collect())
    }

    /// What the lists of other controllers are called to this account: by name where it may see them.
    pub(super) fn names_of(
        &self,
        tx: &mut Tx<'_>,
        lists: &BTreeMap<String, (ControllerId, ListId)>,
    ) -> Result<BTreeMap<String, String>, DeskError> {
        let mut names = BTreeMap::new();
        for (label, (controller, id)) in lists {
            let standing = tx.list_standing(*controller, *id, Timestamp::now())?;
            let known = standing.filter(|one| self.may(Operation::ListShow, &target_of(one)));
            let name = known.map_or_else(
                || OTHER_LIST.to_owned(),
                |one| format!("the list {:?} of another controller", one.list.name),
            );
            names.insert(label.clone(), name);
        }
        Ok(names)
    }

    fn summary(
        &self,
        standing: ListStanding,
        check: Option<&CheckRow>,
        decisions: &[DecisionRow],
    ) -> Result<ListSummary, DeskError> {
        let ListStanding { list, effective, release, members } = standing;
        let since = waits_since(effective, list.status, check, decisions);
        let due = since.map(|since| self.vault.access.release().due(since)).transpose();
        let due = due.map_err(|error| DeskError::Invalid(error.to_string()))?;
        let list = List { status: effective, ..list };
        Ok(ListSummary { list, contacts: members, until: release.map(|one| one.expires), due })
    }
}

/// Since when an officer is waited for: the check, or what was said since. Not while the owner is asked, and not for a
/// release that ran out.
fn waits_since(
    effective: ListStatus,
    stored: ListStatus,
    check: Option<&CheckRow>,
    decisions: &[DecisionRow],
) -> Option<Timestamp> {
    if effective != ListStatus::Held || stored != ListStatus::Held || open_question(decisions).is_some() {
        return None;
    }
    let counts = |kind| matches!(kind, DecisionKind::Answer | DecisionKind::Suspend | DecisionKind::Split);
    let said = decisions.iter().filter(|one| counts(one.kind));
    said.map(|one| one.at).chain(check.map(|check| check.at)).max()
}
