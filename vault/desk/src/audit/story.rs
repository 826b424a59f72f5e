//! What the entries say should be in the tables, compared with what is there.

use std::collections::{BTreeMap, BTreeSet};

use carnet_core::ledger::{Entry, ObjectId};
use carnet_core::model::{ConsentEventId, ContactId, ControllerId};
use carnet_store::{SUPPRESSIONS, Tx};

use super::verify::{AuditProblem, AuditReport};
use crate::DeskError;

/// A contact of one controller: moved to another, it is not the same any more.
type Subject = (ControllerId, ContactId);

/// What the entries say should be in the tables. It is the same for every order of the entries: clocks of several
/// machines may place a change before what it changes.
#[derive(Default)]
pub(super) struct Story {
    /// Index of the entry that added it.
    added: BTreeMap<Subject, u64>,
    /// How many changes followed.
    edits: BTreeMap<Subject, u64>,
    erased: BTreeSet<Subject>,
    consents: BTreeMap<(Subject, ConsentEventId), u64>,
    /// How many refusals were added, which nothing takes away.
    suppressions: BTreeMap<ControllerId, u64>,
    /// Entries whose details are gone, with the contacts that they name.
    without_details: BTreeMap<u64, Vec<Subject>>,
}

impl Story {
    pub(super) fn tell(&mut self, index: u64, entry: &Entry) {
        if let (Some(controller), Some(added)) = (entry.controller, entry.counts.get(SUPPRESSIONS)) {
            *self.suppressions.entry(controller).or_default() += added;
        }
        match entry.event.as_str() {
            "contact.add" => self.added.extend(subjects(entry).map(|one| (one, index))),
            "contact.edit" => subjects(entry).for_each(|one| *self.edits.entry(one).or_default() += 1),
            "contact.erase" => self.erased.extend(subjects(entry)),
            "consent.record" => {
                if let Some(subject) = subjects(entry).next() {
                    let events = ids(entry, "consent").map(ConsentEventId::from_bytes);
                    self.consents.extend(events.map(|id| ((subject, id), index)));
                }
            }
            _ => {}
        }
    }

    pub(super) fn lacks_details(&mut self, index: u64, entry: &Entry) {
        self.without_details.insert(index, subjects(entry).collect());
    }

    pub(super) fn compare(&self, tx: &mut Tx<'_>, report: &mut AuditReport) -> Result<(), DeskError> {
        let present: BTreeMap<Subject, u64> = tx
            .contact_revisions()?
            .into_iter()
            .map(|(controller, id, revision)| ((controller, id), revision))
            .collect();
        report.contacts = u64::try_from(present.len()).unwrap_or(u64::MAX);
        self.compare_contacts(&present, report);
        self.compare_consents(&present, tx, report)?;
        self.compare_suppressions(tx, report)?;
        for (index, subjects) in &self.without_details {
            if !subjects.iter().any(|one| self.erased.contains(one)) {
                report.problem(AuditProblem::VanishedDetails(*index));
            }
        }
        Ok(())
    }

    fn compare_suppressions(&self, tx: &mut Tx<'_>, report: &mut AuditReport) -> Result<(), DeskError> {
        let found: BTreeMap<ControllerId, u64> = tx.suppression_counts()?.into_iter().collect();
        let controllers: BTreeSet<&ControllerId> = found.keys().chain(self.suppressions.keys()).collect();
        for controller in controllers {
            let of = |counts: &BTreeMap<ControllerId, u64>| counts.get(controller).copied().unwrap_or_default();
            let (found, recorded) = (of(&found), of(&self.suppressions));
            if found != recorded {
                report.problem(AuditProblem::Suppressions { controller: *controller, found, recorded });
            }
        }
        Ok(())
    }

    fn compare_contacts(&self, present: &BTreeMap<Subject, u64>, report: &mut AuditReport) {
        for (subject, found) in present {
            let id = subject.1;
            let recorded = 1 + self.edits.get(subject).copied().unwrap_or_default();
            if self.erased.contains(subject) {
                report.problem(AuditProblem::RevivedContact(id));
            } else if !self.added.contains_key(subject) {
                report.problem(AuditProblem::UnrecordedContact(id));
            } else if recorded != *found {
                report.problem(AuditProblem::Revision { id, found: *found, recorded });
            }
        }
        for (subject, index) in &self.added {
            if !present.contains_key(subject) && !self.erased.contains(subject) {
                report.problem(AuditProblem::VanishedContact(subject.1, *index));
            }
        }
    }

    fn compare_consents(
        &self,
        present: &BTreeMap<Subject, u64>,
        tx: &mut Tx<'_>,
        report: &mut AuditReport,
    ) -> Result<(), DeskError> {
        let events: BTreeSet<(Subject, ConsentEventId)> =
            tx.consent_ids()?.into_iter().map(|(controller, contact, id)| ((controller, contact), id)).collect();
        report.consent_events = u64::try_from(events.len()).unwrap_or(u64::MAX);
        for event in &events {
            if self.erased.contains(&event.0) {
                report.problem(AuditProblem::RevivedContact(event.0.1));
            } else if !self.consents.contains_key(event) {
                report.problem(AuditProblem::UnrecordedConsent(event.1));
            }
        }
        for ((subject, id), index) in &self.consents {
            if present.contains_key(subject) && !events.contains(&(*subject, *id)) {
                report.problem(AuditProblem::VanishedConsent(*id, *index));
            }
        }
        Ok(())
    }
}

/// The contacts that an entry names, of the controller that it is about.
fn subjects(entry: &Entry) -> impl Iterator<Item = Subject> {
    entry
        .controller
        .into_iter()
        .flat_map(|controller| ids(entry, "contact").map(move |id| (controller, ContactId::from_bytes(id))))
}

fn ids<'e>(entry: &'e Entry, kind: &'static str) -> impl Iterator<Item = [u8; 16]> + use<'e> {
    entry.objects.iter().filter_map(move |object| match object.id {
        ObjectId::Uuid(bytes) if object.kind.as_str() == kind => Some(bytes),
        _ => None,
    })
}
