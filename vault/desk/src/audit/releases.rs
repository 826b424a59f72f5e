//! Releases of lists, as the entries tell of them: which were given, and which were ended. A row that no entry gave, or that
//! somebody has put back as it was before its end, would let a list be used.

use std::collections::{BTreeMap, BTreeSet};

use carnet_core::ledger::Entry;
use carnet_core::model::{ControllerId, ReleaseId};
use carnet_store::Tx;

use super::story::ids;
use super::verify::{AuditProblem, AuditReport};
use crate::DeskError;
use crate::lists::ENDED_RELEASE;

#[derive(Default)]
pub(super) struct Releases {
    given: BTreeSet<(ControllerId, ReleaseId)>,
    /// By the index of the entry that ended it.
    ended: BTreeMap<(ControllerId, ReleaseId), u64>,
}

impl Releases {
    pub(super) fn tell(&mut self, index: u64, entry: &Entry) {
        let Some(controller) = entry.controller else { return };
        if matches!(entry.event.as_str(), "list.release" | "list.check") {
            self.given.extend(ids(entry, "release").map(|id| (controller, ReleaseId::from_bytes(id))));
        }
        let ended = ids(entry, ENDED_RELEASE).map(|id| ((controller, ReleaseId::from_bytes(id)), index));
        self.ended.extend(ended);
    }

    pub(super) fn compare(&self, tx: &mut Tx<'_>, report: &mut AuditReport) -> Result<(), DeskError> {
        for row in tx.list_releases_all()? {
            let release = (row.controller, row.id);
            if !self.given.contains(&release) {
                report.problem(AuditProblem::UnrecordedRelease(row.list));
            } else if let Some(index) = self.ended.get(&release).filter(|_| row.ended.is_none()) {
                report.problem(AuditProblem::RevivedRelease(row.list, *index));
            }
        }
        Ok(())
    }
}
