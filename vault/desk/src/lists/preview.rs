//! The gate's view of a list that is not in the vault: nothing of it is kept.

use std::collections::HashSet;

use carnet_core::gate::{Claimed, Report, Row};
use carnet_core::intake::{Incoming, Reject, TagValues};
use carnet_core::keys::Tag;
use carnet_core::model::{AccountId, Controller, ListId, ListStatus, Timestamp};
use carnet_core::policy::{Operation, Target};

use super::gate::{ExchangeGate, Inspected};
use super::recall::Recall;
use super::survey::Survey;
use crate::seal::suppression_tags_of;
use crate::{Desk, DeskError};

/// How many rows are asked about at once.
const PAGE: usize = 4096;

/// A list of a controller that is looked at without being brought in. Memory grows with it, by some 150 bytes a row.
pub struct Preview<'d> {
    desk: &'d Desk<'d>,
    gate: &'d ExchangeGate,
    controller: Controller,
    survey: Survey,
    page: Vec<(Incoming, TagValues)>,
}

impl Desk<'_> {
    /// Begins to look at a list for a controller, as an import would bring it in.
    ///
    /// # Errors
    /// [`DeskError::Denied`] to an account that may not import.
    pub fn preview_list<'d>(
        &'d self,
        controller: &Controller,
        gate: &'d ExchangeGate,
    ) -> Result<Preview<'d>, DeskError> {
        self.authorise(Operation::ListImport, &Target::Controller(controller.id))?;
        let (survey, page) = (Survey::new(), Vec::new());
        Ok(Preview { desk: self, gate, controller: controller.clone(), survey, page })
    }
}

impl Preview<'_> {
    /// Takes the next contact of the list.
    ///
    /// # Errors
    /// The store's own failure.
    pub fn push(&mut self, incoming: Incoming) -> Result<(), DeskError> {
        let values = TagValues::of(&incoming.card, Some(self.controller.country));
        self.page.push((incoming, values));
        if self.page.len() < PAGE { Ok(()) } else { self.turn() }
    }

    /// Takes what could not be read.
    ///
    /// # Errors
    /// The store's own failure.
    pub fn push_rejected(&mut self, reject: &Reject) -> Result<(), DeskError> {
        // Rows are digested in their order.
        self.turn()?;
        self.survey.push_rejected(reject.raw.as_deref().unwrap_or_default());
        Ok(())
    }

    fn turn(&mut self) -> Result<(), DeskError> {
        let page = std::mem::take(&mut self.page);
        if page.is_empty() {
            return Ok(());
        }
        let ring = self.desk.vault.keyring();
        let keys = ring.controller(self.controller.id)?;
        let refusals: Vec<Vec<Tag>> = page.iter().map(|(_, values)| suppression_tags_of(values, &keys)).collect();
        let all: Vec<Tag> = refusals.iter().flatten().copied().collect();
        let refused = self.desk.vault.store.read(|tx| tx.suppressions_among(self.controller.id, &all))?;
        let refused: HashSet<Tag> = refused.into_iter().map(|one| one.tag).collect();
        for ((incoming, values), refusals) in page.iter().zip(&refusals) {
            let tags: Vec<Tag> = values.emails.iter().map(|address| ring.overlap.email_tag(address.as_str())).collect();
            let is_suppressed = refusals.iter().any(|tag| refused.contains(tag));
            self.survey.push(&Row::of_incoming(incoming), &tags, is_suppressed);
        }
        Ok(())
    }

    /// What the gate says of all that was taken, against what the vault remembers: whole for who vets lists, otherwise without what
    /// only compliance may see. That it was looked at is recorded.
    ///
    /// # Errors
    /// The store's own failure.
    pub fn finish(mut self, claimed: Claimed) -> Result<Report, DeskError> {
        self.turn()?;
        let Self { desk, gate, controller, survey, .. } = self;
        let Inspected { inspection, lists, .. } = desk.vault.with_keys(|ring| {
            // A rotation of keys changes nothing of what was surveyed; it is judged once.
            let recall = Recall::new((desk.vault, ring), (&controller, None), claimed, Timestamp::now());
            gate.inspect(&survey, &recall)
        })?;
        let mut draft = desk.draft("list.preview")?.of_controller(controller.id);
        draft.count("rows", inspection.report.rows);
        draft.count("points", u64::from(inspection.report.points));
        desk.record_only(draft, [])?;
        // As of a list that nobody owns yet.
        let (id, owner) = (ListId::from_bytes([0; 16]), AccountId::from_bytes([0; 16]));
        let target = Target::List { id, controller: controller.id, owner, status: ListStatus::Held };
        let whole = desk.may(Operation::ListVet, &target);
        let report = if whole { inspection.report } else { inspection.report.for_owner() };
        let names = desk.vault.store.read(|tx| desk.names_of(tx, &lists))?;
        Ok(report.with_names(&names))
    }
}
