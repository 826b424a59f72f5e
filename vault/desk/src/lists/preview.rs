//! The gate's view of a list that is not in the vault: nothing of it is kept.

use std::collections::HashSet;

use carnet_core::gate::{Claimed, Report, Row};
use carnet_core::intake::{Incoming, Reject, TagValues};
use carnet_core::keys::Tag;
use carnet_core::model::{AccountId, Controller, ListId, ListStatus, Timestamp};
use carnet_core::policy::{Operation, Target};

use super::recall::Recall;
use super::survey::Survey;
use crate::cores::on_all_cores;
use crate::seal::{overlap_tags_of, suppression_tags_of};
use crate::{Desk, DeskError};

/// A list of a controller that is looked at without being brought in. Memory grows with it, by some 150 bytes a row.
pub struct Preview<'d> {
    desk: &'d Desk<'d>,
    controller: Controller,
    survey: Survey,
}

impl Desk<'_> {
    /// Begins to look at a list for a controller, as an import would bring it in.
    ///
    /// # Errors
    /// [`DeskError::Denied`].
    pub fn preview_list<'d>(&'d self, controller: &Controller) -> Result<Preview<'d>, DeskError> {
        self.authorise(Operation::ListPreview, &Target::Controller(controller.id))?;
        Ok(Preview::new(self, controller))
    }

    /// Whether this account vets a controller's lists, such as one that nobody owns yet.
    fn vets_lists_of(&self, controller: &Controller) -> bool {
        let (id, owner) = (ListId::from_bytes([0; 16]), AccountId::from_bytes([0; 16]));
        self.may(Operation::ListVet, &Target::List { id, controller: controller.id, owner, status: ListStatus::Held })
    }
}

impl<'d> Preview<'d> {
    pub(crate) fn new(desk: &'d Desk<'d>, controller: &Controller) -> Self {
        Self { desk, controller: controller.clone(), survey: Survey::new() }
    }

    /// Takes the next contacts of the list, in its order. Best some thousands at once: the vault is asked about all of them together.
    ///
    /// # Errors
    /// The store's own failure.
    pub fn push<'i>(&mut self, contacts: impl IntoIterator<Item = &'i Incoming>) -> Result<(), DeskError> {
        let vault = self.desk.vault;
        let ring = vault.keyring();
        let keys = ring.controller(self.controller.id)?;
        let contacts: Vec<&Incoming> = contacts.into_iter().collect();
        if contacts.is_empty() {
            return Ok(());
        }
        let read = on_all_cores(&contacts, |incoming| {
            let values = TagValues::of(&incoming.card, Some(self.controller.country));
            // Opened here, where all cores do it.
            let _ = incoming.card.value();
            Ok((suppression_tags_of(&values, &keys), overlap_tags_of(&values, &ring.overlap)))
        })?;
        let all: Vec<Tag> = read.iter().flat_map(|(refusals, _)| refusals).copied().collect();
        let refused = vault.store.read(|tx| tx.suppressions_among(self.controller.id, &all))?;
        let refused: HashSet<Tag> = refused.into_iter().map(|one| one.tag).collect();
        for (incoming, (refusals, tags)) in contacts.into_iter().zip(&read) {
            let is_suppressed = refusals.iter().any(|tag| refused.contains(tag));
            // Several contacts may stand on one line, such as those of an array.
            let position = self.survey.next_position();
            let row = Row { position, ..Row::of_incoming(incoming) };
            self.survey.push(&row, tags, is_suppressed);
        }
        Ok(())
    }

    /// Takes what could not be read.
    pub fn push_rejected(&mut self, reject: &Reject) {
        self.survey.push_rejected(reject);
    }

    /// What the gate says of all that was taken. For who vets lists with all that the vault remembers. For others with the controller's own
    /// objections and, from 500 rows on, other controllers' lists: a file of few addresses would tell which are traps, were condemned, or
    /// are in whose list. That it was looked at is recorded.
    ///
    /// # Errors
    /// The store's own failure; [`DeskError::Invalid`] in a vault without a gate.
    pub fn finish(self, claimed: Claimed) -> Result<Report, DeskError> {
        let (desk, controller) = (self.desk, self.controller.id);
        let report = self.judged(claimed)?;
        let mut draft = desk.draft("list.preview")?.of_controller(controller);
        draft.count("rows", report.rows);
        draft.count("points", u64::from(report.points));
        desk.record_only(draft, [])?;
        Ok(report)
    }

    /// The same for who records it otherwise.
    pub(crate) fn judged(self, claimed: Claimed) -> Result<Report, DeskError> {
        let Self { desk, controller, survey, .. } = self;
        let gate = desk.vault.gate()?;
        let vets = desk.vets_lists_of(&controller);
        let (report, lists) = desk.vault.with_keys(|ring| {
            let recall = Recall::new((desk.vault, ring), (&controller, None), claimed, Timestamp::now());
            // Whoever may try any address would learn which are traps, or in whose lists they are.
            let recall = if vets { recall } else { recall.of_lists_alone() };
            let looked = gate.preview(&survey, &recall);
            desk.record_compared(controller.id, None, &recall)?;
            looked
        })?;
        let report = if vets { report } else { report.for_owner() };
        let names = desk.vault.store.read(|tx| desk.names_of(tx, &lists))?;
        Ok(report.with_names(&names))
    }
}
