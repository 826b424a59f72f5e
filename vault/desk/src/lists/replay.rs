//! A check made again: the same policy over the same inputs has to give the same report, byte for byte.

use carnet_core::gate::Verdict;
use carnet_core::ledger::{EntryError, Event};
use carnet_core::model::{CheckId, Controller, ListId, Timestamp};
use carnet_core::policy::Operation;

use super::check::unchecked;
use super::seal::opened_check;
use crate::{Desk, DeskError};

/// What came of making the last check of a list again, as of the time at which it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replay {
    /// Which check.
    pub check: CheckId,
    /// As of when.
    pub judged_at: Timestamp,
    /// What was said then, and what is said now.
    pub verdicts: (Verdict, Verdict),
    /// Whether the thresholds are the same.
    pub same_policy: bool,
    /// Whether it is the same version of the program.
    pub same_program: bool,
    /// Whether the list is as it was, and the vault remembers of it what it did.
    pub same_inputs: bool,
    /// Whether the report is the same, byte for byte.
    pub same_report: bool,
}

impl Replay {
    /// Whether the report that is kept is not what its policy and its inputs give.
    pub const fn contradicts(&self) -> bool {
        self.same_policy && self.same_program && self.same_inputs && !self.same_report
    }
}

impl Desk<'_> {
    /// Makes the last check of a list again, and keeps nothing of it but that it was done.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Invalid`] for a list that was never checked, and without a gate.
    pub fn replay_list(&self, controller: &Controller, list: ListId) -> Result<Replay, DeskError> {
        self.allowed_on(Operation::ListShow, controller, list)?;
        let check = self.vault.store.read(|tx| tx.list_last_check(controller.id, list))?.ok_or_else(unchecked)?;
        let kept = self.vault.with_keys(|ring| opened_check(&ring.vault, &check))?.report;
        let claimed = self.claimed(controller.id, list)?;
        let again = self.judged(controller, list, (claimed, kept.judged_at), None)?;
        self.act(Operation::ListShow, controller, list, |_, act| {
            act.draft.0.event = Event::new("list.replay").map_err(EntryError::from)?;
            act.draft.touch(check.id);
            Ok(())
        })?;
        Ok(Replay {
            check: check.id,
            judged_at: kept.judged_at,
            verdicts: (kept.verdict, again.verdict),
            same_policy: again.policy == check.policy,
            same_program: again.report.program == kept.program,
            same_inputs: again.inputs == check.inputs,
            same_report: again.report.to_bytes() == kept.to_bytes(),
        })
    }
}
