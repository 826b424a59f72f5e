//! Releases: by one officer, or, of a blocked list, by two of them after a sample of proofs.

use std::collections::BinaryHeap;

use carnet_core::keys::Salt;
use carnet_core::model::{
    ContactId, Controller, DecisionId, DecisionKind, ListId, ListStatus, ProofState, ReasonCode, Timestamp,
};
use carnet_core::policy::Operation;
use carnet_store::{CheckRow, DecisionRow, ProofRow, Tx, WriteTx};
use sha2::{Digest as _, Sha256};

use super::act::Act;
use super::close::wrong_code;
use super::decide::{NewDecision, current_check, unsealed};
use super::proofs::opened_note;
use super::seal::{opened_decision, seal_proof};
use crate::{Desk, DeskError};

/// How many contacts of a blocked list have to be proven: if all of 30 are good, at most 10 % of the list is bad, with a
/// certainty of 95 %.
const SAMPLE: usize = 30;
/// How many ids are read at once to draw from.
const PAGE: u32 = 10_000;

/// How a list is released. The words are those of the errand's reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewRelease {
    /// Why, in a word.
    pub code: ReasonCode,
    /// Until when; as long as the policy lets it, if nobody says.
    pub until: Option<Timestamp>,
}

/// What came of releasing a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseOutcome {
    /// It may be used.
    Released {
        /// Until then.
        until: Timestamp,
        /// Whether it was released already: this release stands in place of that one.
        renewed: bool,
    },
    /// It is blocked: so many of its contacts were drawn, have to be proven, and then another officer releases it.
    Proposed {
        /// How many.
        drawn: u64,
    },
}

impl Desk<'_> {
    /// Releases a list that is held, renews a release, or takes one of the two steps that release a blocked list: the
    /// first officer proposes, and contacts are drawn; the second, once all of them are proven, releases.
    ///
    /// # Errors
    /// [`DeskError::Denied`], also to the officer who proposed; [`DeskError::Invalid`] for a code that is no reason to
    /// release, a time that the policy does not allow, a list that is not as it was checked, and while proofs are missing.
    pub fn release_list(
        &self,
        controller: &Controller,
        list: ListId,
        new: &NewRelease,
    ) -> Result<ReleaseOutcome, DeskError> {
        if !ReasonCode::FOR_RELEASE.contains(&new.code) {
            return Err(wrong_code(new.code, &ReasonCode::FOR_RELEASE, "release"));
        }
        self.act(Operation::ListRelease, controller, list, |tx, act| {
            let until = self.until(new, act.now)?;
            let check = current_check(tx, act)?;
            let text = self.errand.reason.clone();
            if act.standing.list.status != ListStatus::Blocked {
                let renewed = self.put_release(tx, act, &check, (new.code, until, &text))?;
                return Ok(ReleaseOutcome::Released { until, renewed });
            }
            let Some(proposal) = open_proposal(tx, act, &check)? else {
                return self.propose(tx, act, &check, (new.code, until));
            };
            if proposal.account == self.account.id {
                return Err(DeskError::Denied(ONE_OFFICER.to_owned()));
            }
            let missing = self.unproven(tx, act, &proposal)?;
            if missing > 0 {
                return Err(DeskError::Invalid(format!(
                    "{missing} of the proofs that were drawn are not accepted yet; `carnet list proofs` shows them"
                )));
            }
            let until = proposal.expires.map_or(until, |proposed| proposed.min(until));
            let renewed = self.put_release(tx, act, &check, (new.code, until, &text))?;
            Ok(ReleaseOutcome::Released { until, renewed })
        })
    }

    fn until(&self, new: &NewRelease, now: Timestamp) -> Result<Timestamp, DeskError> {
        let rules = self.vault.access.release();
        let latest = rules.latest(now).map_err(|error| DeskError::Invalid(error.to_string()))?;
        match new.until {
            None => Ok(latest),
            Some(until) if now < until && until <= latest => Ok(until),
            Some(_) => Err(DeskError::Invalid(format!(
                "a release holds from now on for at most {} months, until {latest}; give a time before that",
                rules.months
            ))),
        }
    }

    /// Proposes to release a blocked list, and draws what has to be proven.
    fn propose(
        &self,
        tx: &mut WriteTx<'_>,
        act: &mut Act<'_>,
        check: &CheckRow,
        (code, until): (ReasonCode, Timestamp),
    ) -> Result<ReleaseOutcome, DeskError> {
        let list = act.standing.list.clone();
        let text = self.errand.reason.clone();
        let new = NewDecision {
            check: Some(check.id),
            code: Some(code.as_str()),
            expires: Some(until),
            ..NewDecision::of(DecisionKind::Propose, &text)
        };
        act.draft.0.event =
            carnet_core::ledger::Event::new("list.propose").map_err(carnet_core::ledger::EntryError::from)?;
        let proposal = self.put_decision(tx, act, &new)?;
        let keys = act.ring.controller(list.controller)?;
        let drawn = draw(tx, act)?;
        for contact in &drawn {
            let salt = tx.contact_salt(list.controller, *contact)?.ok_or(DeskError::ListOvertaken)?;
            let key = keys.current().contact_key(*contact, &salt);
            let row = ProofRow {
                controller: list.controller,
                list: list.id,
                proposal,
                contact: *contact,
                state: ProofState::Open,
                shown_by: None,
                judged_by: None,
                note: unsealed(&act.ring.vault),
                changed: act.now,
            };
            tx.list_proof_insert(&seal_proof(&key, row, b""))?;
        }
        let drawn = u64::try_from(drawn.len()).unwrap_or(u64::MAX);
        act.draft.count("drawn", drawn);
        Ok(ReleaseOutcome::Proposed { drawn })
    }

    /// How many of the proofs are not accepted. Each is opened: a state that was edited in the database does not count.
    fn unproven(&self, tx: &mut Tx<'_>, act: &Act<'_>, proposal: &DecisionRow) -> Result<usize, DeskError> {
        let keys = act.ring.controller(proposal.controller)?;
        let proofs = tx.list_proofs(proposal.controller, proposal.list, proposal.id)?;
        let mut missing = 0;
        for proof in &proofs {
            opened_note(tx, &keys, proof)?;
            let by_another = proof.judged_by.is_some() && proof.judged_by != proof.shown_by;
            missing += usize::from(proof.state != ProofState::Accepted || !by_another);
        }
        Ok(missing)
    }
}

const ONE_OFFICER: &str =
    "A blocked list is released by two officers: you have proposed it, another one has to release it.";

/// The proposal that holds: on this check, after every block, with something left of what was drawn.
pub(super) fn open_proposal(
    tx: &mut Tx<'_>,
    act: &Act<'_>,
    check: &CheckRow,
) -> Result<Option<DecisionRow>, DeskError> {
    let decisions = tx.list_decisions(check.controller, check.list)?;
    let of_check = |one: &&DecisionRow| one.check == Some(check.id);
    if decisions.iter().filter(of_check).any(|one| one.kind == DecisionKind::Fail) {
        return Err(DeskError::Invalid(
            "a proof that was drawn from this list does not hold; it stays blocked until it is checked again"
                .to_owned(),
        ));
    }
    let blocked = decisions.iter().rev().find(|one| one.kind == DecisionKind::Block).map(|one| one.id);
    let holds = |one: &&DecisionRow| one.kind == DecisionKind::Propose && blocked.is_none_or(|block| one.id > block);
    let Some(proposal) = decisions.iter().rev().filter(of_check).find(holds) else { return Ok(None) };
    opened_decision(&act.ring.vault, proposal)?;
    let left = tx.list_proofs(check.controller, check.list, proposal.id)?.len();
    Ok(Some(proposal.clone()).filter(|_| left > 0))
}

/// Draws contacts of a list at random, in the order of their ids: those whose hash with a number that nobody knew before
/// is smallest.
fn draw(tx: &mut Tx<'_>, act: &Act<'_>) -> Result<Vec<ContactId>, DeskError> {
    let list = &act.standing.list;
    let lot = Salt::random();
    let mut drawn: BinaryHeap<([u8; 32], ContactId)> = BinaryHeap::with_capacity(SAMPLE + 1);
    let mut after = None;
    loop {
        let page = tx.list_ids_for_draw(list.controller, list.id, after, PAGE)?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        for contact in page {
            let hash = Sha256::new_with_prefix(lot.as_bytes()).chain_update(contact.as_bytes()).finalize();
            drawn.push((hash.into(), contact));
            if drawn.len() > SAMPLE {
                drawn.pop();
            }
        }
    }
    let mut drawn: Vec<ContactId> = drawn.into_iter().map(|(_, contact)| contact).collect();
    drawn.sort_unstable();
    if drawn.is_empty() {
        return Err(DeskError::Invalid("this list is empty; there is nothing to prove".to_owned()));
    }
    Ok(drawn)
}

/// The proposal that somebody shows or judges proofs for.
pub(super) fn proposal_of(tx: &mut Tx<'_>, act: &Act<'_>) -> Result<DecisionId, DeskError> {
    let none =
        || DeskError::Invalid("no proofs were drawn from this list that could be shown or judged now".to_owned());
    if act.standing.list.status != ListStatus::Blocked {
        return Err(none());
    }
    let check = current_check(tx, act)?;
    Ok(open_proposal(tx, act, &check)?.ok_or_else(none)?.id)
}
