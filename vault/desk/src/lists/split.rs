//! A segment split off: its contacts become a list of their own.
//!
//! Nothing is open after it that was not open before, and nothing takes fewer hands: both lists are closed, what officers have blocked is
//! blocked twice, and the gate releases neither by itself.

use carnet_core::gate::{SegmentKind, Verdict};
use carnet_core::keys::VaultKey;
use carnet_core::ledger::Bulk;
use carnet_core::model::{ContactId, Controller, ControllerId, DecisionKind, DecisionScope, List, ListId, ListStatus};
use carnet_core::policy::Operation;
use carnet_store::{CheckRow, SegmentRow, SourceRow, Tx, WriteTx};

use super::act::{Act, target_of};
use super::close::{check_name, end_release};
use super::decide::{NewDecision, current_check, officers_block};
use super::seal::{
    opened_check, opened_members, opened_segment, opened_sentence, opened_source, sealed_sentence, sealed_source,
};
use super::segments::segments_of;
use crate::{Desk, DeskError};

/// What became of a list that was split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListSplit {
    /// The new list.
    pub list: ListId,
    /// What the new list stands at: held or blocked.
    pub status: ListStatus,
    /// How many contacts went into it.
    pub moved: u64,
    /// What the other stands at now: it waits for a check, or is blocked.
    pub rest: ListStatus,
    /// How many contacts stayed.
    pub left: u64,
}

impl Desk<'_> {
    /// Makes a list of their own of the contacts of one segment of a list's last check.
    ///
    /// Both are closed then. The new list has the owner, the origin and the sentences of the other; it is blocked where the gate or officers
    /// have blocked these contacts, and held otherwise. What is left is judged again; it stays blocked if officers have blocked it.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Unknown`] for a segment that the check does not name; [`DeskError::Exists`] for a name that is
    /// taken; [`DeskError::Invalid`] for a segment that is all of the list or of which nobody is left, and for a list that is not as it was
    /// checked.
    pub fn split_list(
        &self,
        controller: &Controller,
        list: ListId,
        segment: u32,
        into: &str,
    ) -> Result<ListSplit, DeskError> {
        check_name(into)?;
        let condemned = self.compared_if_condemned(Operation::ListSplit, controller, list)?;
        self.act(Operation::ListSplit, controller, list, |tx, act| {
            let from = act.standing.list.clone();
            splittable(from.status)?;
            let check = current_check(tx, act)?;
            let segment = segment_of(tx, act, &check, segment)?;
            let overlap = self.may_move(act, &check, segment.number)?;
            let members = members_of(tx, act, &segment)?;
            let decisions = tx.list_decisions(controller.id, list)?;
            let block = officers_block(&act.ring.vault, &decisions)?.map(str::to_owned);
            let closed = block.is_some() || segment.verdict == Verdict::Block;
            let new = List {
                id: ListId::new(),
                name: into.to_owned(),
                status: if closed { ListStatus::Blocked } else { ListStatus::Held },
                created: act.now,
                ..from.clone()
            };
            if tx.list_named(controller.id, into)?.is_some() {
                return Err(DeskError::Exists("a list of this name"));
            }
            tx.list_insert(&new)?;
            let moved = tx.list_members_move(controller.id, (list, new.id), &members)?;
            let moved_count = u64::try_from(moved.len()).unwrap_or(u64::MAX);
            let left = act.standing.members.saturating_sub(moved_count);
            if moved.is_empty() {
                return Err(DeskError::Invalid("nobody of this segment is in the list any more".to_owned()));
            }
            if left == 0 {
                return Err(all_of_it());
            }
            copy_sources(tx, &act.ring.vault, controller.id, (list, new.id))?;
            if let Some(condemned) = &condemned {
                condemned.go_along(tx, ((controller.id, list), act.standing.members), (new.id, &moved))?;
            }
            let rest = if block.is_some() { ListStatus::Blocked } else { ListStatus::Checking };
            end_release(tx, &act.ring.vault, &from, &mut act.draft)?;
            if from.status != rest {
                tx.list_move(&from, rest)?;
            }
            act.draft.touch(new.id);
            self.put_splits(tx, act, (&segment, overlap, &new), block.as_deref())?;
            act.draft.count("moved", moved_count);
            act.draft.count("left", left);
            act.draft.0.bulk = Some(Bulk::of(moved));
            Ok(ListSplit { list: new.id, status: new.status, moved: moved_count, rest, left })
        })
    }

    /// Whether a segment consists of what another controller's list shares, which officers alone may move: the contacts of the new list
    /// would be the names of that one.
    fn may_move(&self, act: &Act<'_>, check: &CheckRow, number: u32) -> Result<bool, DeskError> {
        let report = opened_check(&act.ring.vault, check)?.report;
        if report.rows_judged < report.rows {
            return Err(DeskError::Invalid(
                "this list was judged as a sample, so that nobody knows who else would be in a segment; it is not split".to_owned(),
            ));
        }
        let kind = report.segments.iter().find(|one| one.number == number).map(|one| one.kind);
        let is_overlap = kind == Some(SegmentKind::Overlap);
        if is_overlap && !self.may(Operation::ListVet, &target_of(&act.standing)) {
            return Err(DeskError::Denied(
                "What a list shares with another controller's is for a compliance officer to move.".to_owned(),
            ));
        }
        Ok(is_overlap)
    }

    /// Keeps the decision on both lists. The officers' word goes with the new one.
    fn put_splits(
        &self,
        tx: &mut WriteTx<'_>,
        act: &mut Act<'_>,
        (segment, overlap, new): (&SegmentRow, bool, &List),
        block: Option<&str>,
    ) -> Result<(), DeskError> {
        let (number, label) = (segment.number, opened_segment(&act.ring.vault, segment)?);
        let label = if overlap { "rows shared with another controller's list".to_owned() } else { label };
        let (from, reason) = (act.standing.list.name.clone(), self.errand.reason.trim());
        let of = |code, text| NewDecision {
            check: Some(segment.check),
            code,
            scope: DecisionScope::Segment,
            ..NewDecision::of(DecisionKind::Split, text)
        };
        let text = format!("Segment {number} ({label}) went into the list {:?}: {reason}", new.name);
        self.put_decision(tx, act, &of(None, &text))?;
        let text = format!("This was segment {number} ({label}) of the list {from:?}: {reason}");
        self.put_decision_on(tx, act, new.id, &of(block, &text))?;
        Ok(())
    }
}

fn splittable(status: ListStatus) -> Result<(), DeskError> {
    match status {
        ListStatus::Held | ListStatus::Released | ListStatus::Blocked => Ok(()),
        ListStatus::Received | ListStatus::Checking | ListStatus::Withdrawn => Err(DeskError::Invalid(format!(
            "this list is {status}; a list is split after its check, along the segments that the gate has found"
        ))),
    }
}

fn all_of_it() -> DeskError {
    DeskError::Invalid("this segment is all that the list holds; there is nothing to split it from".to_owned())
}

fn segment_of(tx: &mut Tx<'_>, act: &Act<'_>, check: &CheckRow, number: u32) -> Result<SegmentRow, DeskError> {
    let found = segments_of(tx, check)?.into_iter().find(|one| one.number == number);
    let segment =
        found.ok_or_else(|| DeskError::Unknown { what: "segment", name: number.to_string(), command: "list show" })?;
    opened_segment(&act.ring.vault, &segment)?;
    Ok(segment)
}

fn members_of(tx: &mut Tx<'_>, act: &Act<'_>, segment: &SegmentRow) -> Result<Vec<ContactId>, DeskError> {
    let sealed = tx.list_segment_members(segment)?;
    let members = opened_members(&act.ring.vault, segment, &sealed)?;
    if members.is_empty() { Err(all_of_it()) } else { Ok(members) }
}

/// What the owner said of the sources goes along, with who said it and when.
fn copy_sources(
    tx: &mut WriteTx<'_>,
    key: &VaultKey,
    controller: ControllerId,
    (from, to): (ListId, ListId),
) -> Result<(), DeskError> {
    for row in tx.list_sources(controller, from)? {
        let at = (controller, to, row.tag);
        let value = sealed_source(key, at, &opened_source(key, &row)?);
        let sentence =
            opened_sentence(key, &row)?.map(|(text, by, when)| (sealed_sentence(key, at, (by, when), &text), by, when));
        tx.list_source_put(&SourceRow { list: to, value, rows: 0, sentence, ..row })?;
    }
    Ok(())
}
