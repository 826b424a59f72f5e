//! The gate's judgement of a list, kept as a fact, and what follows from it.

use carnet_core::gate::{Audience, Claimed, Verdict};
use carnet_core::model::{CheckId, Controller, ControllerId, DecisionKind, ListId, ListStatus, ReasonCode, Timestamp};
use carnet_core::policy::Operation;
use carnet_store::{CheckRow as StoredCheck, WriteTx};

use super::act::{Act, step};
use super::close::end_release;
use super::decide::{is_untouched, unsealed};
use super::gate::Judgement;
use super::recall::Recall;
use super::scan::{Marks, Scan};
use super::seal::seal_check;
use super::segments::put_segments;
use super::sources::{Named, imports_until, is_among};
use super::submit::Submitted;
use crate::imports::purpose_of;
use crate::{Desk, DeskError};

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListCheck {
    /// Its id.
    pub id: CheckId,
    /// What the gate proposes.
    pub verdict: Verdict,
    /// The points against the list.
    pub points: u32,
    /// How many rows were judged.
    pub judged: u64,
    /// What the list stands at now.
    pub status: ListStatus,
}

/// A list that was judged, and what it was then.
struct Looked {
    marks: Marks,
    last: Option<CheckId>,
    judgement: Judgement,
}

impl Desk<'_> {
    /// Has the gate look at a list that was submitted, or, by an officer, at one that was decided on.
    ///
    /// Nothing is written before the judgement: a check that is cut short leaves the list as closed as it was, to be checked
    /// again. One that another check or an import has overtaken decides nothing.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Invalid`] for a list that was not submitted, and without a gate;
    /// [`DeskError::ListOvertaken`].
    pub fn check_list(&self, controller: &Controller, list: ListId) -> Result<ListCheck, DeskError> {
        let standing = self.allowed_on(Operation::ListCheck, controller, list)?;
        checkable(standing.list.status)?;
        let claimed = self.claimed(controller.id, list)?;
        let marks = self.marks(controller.id, list)?;
        let looked = self.looked_at(controller, list, (claimed, marks), None)?;
        self.conclude(controller, list, &looked)
    }

    /// Submits a list and has the gate look at it, reading it once: [`submit_list`](Self::submit_list), then
    /// [`check_list`](Self::check_list).
    ///
    /// # Errors
    /// Those of both. What the second fails with leaves the list submitted.
    pub fn submit_and_check_list(
        &self,
        controller: &Controller,
        list: ListId,
        audience: Option<Audience>,
    ) -> Result<(Submitted, ListCheck), DeskError> {
        self.submittable(controller, list)?;
        let claimed = Claimed { audience, ..self.claimed(controller.id, list)? };
        let marks = self.marks(controller.id, list)?;
        let mut named = Named::new(marks);
        let looked = self.looked_at(controller, list, (claimed, marks), Some(&mut named))?;
        let submitted = self.put_submission(controller, list, (&named, audience))?;
        self.allowed_on(Operation::ListCheck, controller, list)?;
        Ok((submitted, self.conclude(controller, list, &looked)?))
    }

    /// Judges a list, which had these marks before, as it is now, and counts its sources if somebody wants them.
    fn looked_at(
        &self,
        controller: &Controller,
        list: ListId,
        (claimed, marks): (Claimed, Marks),
        named: Option<&mut Named>,
    ) -> Result<Looked, DeskError> {
        let last = self.vault.store.read(|tx| tx.list_last_check(controller.id, list))?.map(|check| check.id);
        let judgement = self.judged(controller, list, (claimed, Timestamp::now()), named)?;
        Ok(Looked { marks, last, judgement })
    }

    /// Keeps a judgement, if the list is still the one that was judged.
    fn conclude(&self, controller: &Controller, list: ListId, looked: &Looked) -> Result<ListCheck, DeskError> {
        let Looked { marks: before, last, judgement } = looked;
        if judgement.verdict == Verdict::Clear && judgement.judged == 0 {
            return Err(DeskError::Invalid("the gate has judged no row of this list; nothing was decided".to_owned()));
        }
        self.act(Operation::ListCheck, controller, list, |tx, act| {
            checkable(act.standing.list.status)?;
            let now = Marks::of(tx, (controller.id, list), act.standing.members)?;
            // Whoever was erased meanwhile is not missed; who joined would not have been judged.
            let grown = (now.imports, now.changes) != (before.imports, before.changes) || now.members > before.members;
            let newest = tx.list_last_check(controller.id, list)?.map(|check| check.id);
            if grown || newest != *last || tx.import_unfinished(controller.id, list)?.is_some() {
                return Err(DeskError::ListOvertaken);
            }
            self.keep_check(tx, act, judgement, now)
        })
    }

    /// The gate's judgement as of a time. That contacts of other controllers were opened for it is recorded, whatever becomes of it. The
    /// sources of the list are counted on the way if somebody wants them.
    pub(super) fn judged(
        &self,
        controller: &Controller,
        list: ListId,
        (claimed, then): (Claimed, Timestamp),
        mut named: Option<&mut Named>,
    ) -> Result<Judgement, DeskError> {
        let gate = self.vault.gate()?;
        self.vault.with_keys(|ring| {
            let keys = ring.controller(controller.id)?;
            let place = (controller.id, list);
            let recall = Recall::new((self.vault, ring), (controller, Some(list)), claimed, then);
            let mut scan = Scan::new(&self.vault.store, (&keys, &ring.overlap), place);
            // Anew if keys were renewed meanwhile.
            let mut named = named.as_deref_mut();
            if let Some(named) = &mut named {
                **named = Named::new(named.marks);
            }
            let mut counted = Ok(());
            let mut rows = scan.by_ref().inspect(|row| {
                if let (Some(named), Ok(())) = (&mut named, &counted) {
                    counted = named.count(&keys, row);
                }
            });
            let judgement = gate.judge(&mut rows, &recall);
            self.record_compared(place.0, Some(place.1), &recall)?;
            counted?;
            // What went wrong with a row comes first: then the judgement is of a part.
            scan.finish()?;
            judgement
        })
    }

    /// Records how many contacts of other controllers were opened, if any were.
    pub(super) fn record_compared(
        &self,
        controller: ControllerId,
        list: Option<ListId>,
        recall: &Recall<'_>,
    ) -> Result<(), DeskError> {
        if recall.opened() == 0 {
            return Ok(());
        }
        let mut draft = self.draft("list.compare")?.of_controller(controller);
        list.into_iter().for_each(|list| draft.touch(list));
        draft.count("rows", recall.opened());
        self.record_only(draft, [])
    }

    /// What the owner says of a list: on which basis it is used, if all its imports name one purpose's, and of whom it is.
    pub(super) fn claimed(&self, controller: ControllerId, list: ListId) -> Result<Claimed, DeskError> {
        self.vault.with_keys(|ring| {
            self.vault.store.read(|tx| {
                let purposes = tx.purpose_list(controller)?;
                let mut bases = Vec::new();
                let came = imports_until(tx, controller, list)?;
                for import in tx.import_all(controller)?.iter().filter(|one| is_among(&came, one)) {
                    let purpose = purpose_of(&ring.vault, self.vault.id, import)?;
                    bases.push(purposes.iter().find(|one| Some(one.id) == purpose).map(|one| one.basis));
                }
                let basis =
                    bases.first().copied().flatten().filter(|first| bases.iter().all(|one| *one == Some(*first)));
                let decisions = tx.list_decisions(controller, list)?;
                let submitted = decisions.iter().rev().find(|one| one.kind == DecisionKind::Submit);
                let audience = submitted.and_then(|one| one.code.as_deref()?.parse::<Audience>().ok());
                Ok(Claimed { basis, audience })
            })
        })
    }

    fn keep_check(
        &self,
        tx: &mut WriteTx<'_>,
        act: &mut Act<'_>,
        judgement: &Judgement,
        marks: Marks,
    ) -> Result<ListCheck, DeskError> {
        let list = act.standing.list.clone();
        let row = StoredCheck {
            controller: list.controller,
            list: list.id,
            id: CheckId::new(),
            policy: judgement.policy,
            inputs: judgement.inputs,
            verdict: judgement.verdict,
            points: judgement.points,
            judged: judgement.judged,
            imports: marks.imports,
            members: marks.members,
            changes: marks.changes,
            segments: u32::try_from(judgement.segments.len()).map_err(|_| DeskError::Content("judgement"))?,
            report: unsealed(&act.ring.vault),
            learnt: unsealed(&act.ring.vault),
            run_by: self.account.id,
            at: act.now,
        };
        let row = seal_check(&act.ring.vault, row, judgement)?;
        let checks = tx.list_checks(list.controller, list.id)?;
        let untouched = is_untouched(&checks, &tx.list_decisions(list.controller, list.id)?);
        tx.list_check_insert(&row)?;
        tx.condemned_purge(Recall::condemned_since(act.now))?;
        put_segments(tx, &act.ring.vault, &row, judgement)?;
        act.draft.touch(row.id);
        act.draft.count("rows", row.judged);
        act.draft.count("points", u64::from(row.points));
        act.more.push(("verdict", row.verdict.to_string()));
        let rules = self.vault.access.release();
        let by_itself =
            rules.by_itself && untouched && list.status == ListStatus::Checking && row.verdict == Verdict::Clear;
        let status = match (list.status, row.verdict) {
            (ListStatus::Blocked, _) | (_, Verdict::Block) => ListStatus::Blocked,
            _ if by_itself => ListStatus::Released,
            _ => ListStatus::Held,
        };
        if by_itself {
            let until = rules.latest(act.now).map_err(|error| DeskError::Invalid(error.to_string()))?;
            let text = "The gate has found nothing, and the policy releases such lists.";
            self.put_release(tx, act, &row, (ReasonCode::ClearVerdict, until, text))?;
        } else {
            // A release rests on the check before it.
            end_release(tx, &act.ring.vault, &list, &mut act.draft)?;
            if list.status != status {
                tx.list_move(&list, step(list.status, status)?)?;
            }
        }
        Ok(ListCheck { id: row.id, verdict: row.verdict, points: row.points, judged: row.judged, status })
    }
}

pub(super) fn unchecked() -> DeskError {
    DeskError::Invalid("the gate has not looked at this list yet; `carnet list submit` sends it there".to_owned())
}

fn checkable(status: ListStatus) -> Result<(), DeskError> {
    match status {
        ListStatus::Checking | ListStatus::Held | ListStatus::Released | ListStatus::Blocked => Ok(()),
        ListStatus::Received => {
            Err(DeskError::Invalid("this list is not submitted; `carnet list submit` does it".to_owned()))
        }
        ListStatus::Withdrawn => Err(DeskError::Invalid("this list is withdrawn".to_owned())),
    }
}
