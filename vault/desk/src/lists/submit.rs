//! The owner says that a list is complete, and asks for its check.

use carnet_core::gate::Audience;
use carnet_core::model::{Controller, DecisionKind, ImportState, ListId, ListStatus};
use carnet_core::policy::Operation;
use carnet_store::{ImportRow, SourceRow};

use super::act::step;
use super::decide::NewDecision;
use super::scan::Marks;
use super::seal::sealed_source;
use super::sources::Named;
use crate::{Desk, DeskError};

/// A list that was submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Submitted {
    /// How many rows it has.
    pub rows: u64,
    /// How many sources they name.
    pub sources: u64,
    /// How many rows name none, and go by the origin that was given at their import.
    pub unsaid: u64,
}

impl Desk<'_> {
    /// Submits a list to the gate: from here on nothing joins it, and it waits for its check. `audience` is whom the owner says it is
    /// of.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::NoSentence`] while a source has no sentence; [`DeskError::Invalid`] for an empty
    /// list, an import into it that has not ended, and a list that was submitted before; [`DeskError::ListOvertaken`].
    pub fn submit_list(
        &self,
        controller: &Controller,
        list: ListId,
        audience: Option<Audience>,
    ) -> Result<Submitted, DeskError> {
        self.submittable(controller, list)?;
        let named = self.named_sources(controller.id, list)?;
        self.put_submission(controller, list, (&named, audience))
    }

    /// Whether a list may be submitted, as far as can be said before its rows are read.
    pub(super) fn submittable(&self, controller: &Controller, list: ListId) -> Result<(), DeskError> {
        let standing = self.allowed_on(Operation::ListSubmit, controller, list)?;
        step(standing.list.status, ListStatus::Checking).map(drop)?;
        if standing.members == 0 {
            return Err(DeskError::Invalid("this list is empty; there is nothing to check".to_owned()));
        }
        Ok(())
    }

    /// Keeps that a list was submitted, whose rows name these sources.
    pub(super) fn put_submission(
        &self,
        controller: &Controller,
        list: ListId,
        (named, audience): (&Named, Option<Audience>),
    ) -> Result<Submitted, DeskError> {
        self.act(Operation::ListSubmit, controller, list, |tx, act| {
            if act.standing.list.status != ListStatus::Received {
                let status = act.standing.list.status;
                return Err(DeskError::Invalid(format!(
                    "this list is {status}; only one that is received is submitted"
                )));
            }
            if tx.import_unfinished(controller.id, list)?.is_some() {
                let hint =
                    "an import into this list has not ended; finish it, or take it back with `carnet import undo`";
                return Err(DeskError::Invalid(hint.to_owned()));
            }
            let imports: Vec<ImportRow> =
                tx.import_all(controller.id)?.into_iter().filter(|one| one.list == list).collect();
            if let Some(cut) = imports.iter().find(|one| one.state == ImportState::Cut && !is_made_good(one, &imports)) {
                return Err(DeskError::Invalid(format!(
                    "import {0} into this list could not read its file to the end; import the whole file, or take that back with \
                     `carnet import undo {0}`",
                    cut.id
                )));
            }
            let now = Marks::of(tx, (controller.id, list), act.standing.members)?;
            if now != named.marks {
                return Err(DeskError::ListOvertaken);
            }
            let known = tx.list_sources(controller.id, list)?;
            let (mut missing, mut rows_missing) = (0, 0);
            for (tag, (value, rows)) in &named.sources {
                let row = known.iter().find(|row| row.tag == *tag);
                let sentence = row.and_then(|row| row.sentence.clone());
                if sentence.is_none() {
                    missing += 1;
                    rows_missing += rows;
                    continue;
                }
                let at = (controller.id, list, *tag);
                let value = row.map_or_else(|| sealed_source(&act.ring.vault, at, value), |row| row.value.clone());
                let counted = SourceRow { controller: controller.id, list, tag: *tag, value, rows: *rows, sentence };
                tx.list_source_put(&counted)?;
            }
            if missing > 0 {
                return Err(DeskError::NoSentence { sources: missing, rows: rows_missing });
            }
            let text = self.errand.reason.clone();
            let code = audience.map(Audience::as_str);
            self.put_decision(tx, act, &NewDecision { code, ..NewDecision::of(DecisionKind::Submit, &text) })?;
            tx.list_move(&act.standing.list, ListStatus::Checking)?;
            let sources = u64::try_from(named.sources.len()).unwrap_or(u64::MAX);
            act.draft.count("rows", act.standing.members);
            act.draft.count("sources", sources);
            Ok(Submitted { rows: act.standing.members, sources, unsaid: named.unsaid })
        })
    }
}

/// Whether a whole import came after one that was cut short, of at least as much.
fn is_made_good(cut: &ImportRow, imports: &[ImportRow]) -> bool {
    let is_whole = |one: &ImportRow| one.state == ImportState::Finished;
    imports.iter().any(|one| is_whole(one) && one.started > cut.started && one.counts.read >= cut.counts.read)
}
