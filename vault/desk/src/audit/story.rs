//! What the entries say should be in the tables, compared with what is there.

use std::collections::{BTreeMap, BTreeSet};

use carnet_core::ledger::{Act, Bulk, Entry, ObjectId};
use carnet_core::model::{ConsentEventId, ContactId, ControllerId, EntryId};
use carnet_store::{SUPPRESSIONS, Tx};

use super::releases::Releases;
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
    /// Entries that tell of many contacts at once, whose ids stand beside them.
    bulks: BTreeMap<(ControllerId, EntryId), BulkEntry>,
    /// How many consent events bulk entries recorded of each contact, less those that were taken back.
    in_bulk: BTreeMap<Subject, i64>,
    /// Releases of lists.
    releases: Releases,
    /// Entries whose details are gone, with the contacts that they name.
    without_details: BTreeMap<u64, Vec<Subject>>,
}

/// An entry that tells of many contacts at once.
struct BulkEntry {
    index: u64,
    bulk: Bulk,
    /// Whether it takes back what another has recorded.
    undoes: bool,
}

impl Story {
    pub(super) fn tell(&mut self, index: u64, entry: &Entry) {
        if let (Some(controller), Some(added)) = (entry.controller, entry.counts.get(SUPPRESSIONS)) {
            *self.suppressions.entry(controller).or_default() += added;
        }
        self.releases.tell(index, entry);
        match entry.event.as_str() {
            "contact.add" => self.added.extend(subjects(entry).map(|one| (one, index))),
            "contact.edit" => subjects(entry).for_each(|one| *self.edits.entry(one).or_default() += 1),
            "contact.erase" => self.erased.extend(subjects(entry)),
            "import.chunk" | "import.undo" => {
                if let (Some(controller), Some(bulk)) = (entry.controller, entry.bulk) {
                    let undoes = entry.event.as_str() == "import.undo";
                    self.bulks.insert((controller, entry.id), BulkEntry { index, bulk, undoes });
                }
            }
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

    pub(super) fn compare(&mut self, tx: &mut Tx<'_>, report: &mut AuditReport) -> Result<(), DeskError> {
        self.tell_bulks(tx, report)?;
        let present: BTreeMap<Subject, u64> = tx
            .contact_revisions()?
            .into_iter()
            .map(|(controller, id, revision)| ((controller, id), revision))
            .collect();
        report.contacts = u64::try_from(present.len()).unwrap_or(u64::MAX);
        self.compare_contacts(&present, report);
        self.compare_consents(&present, tx, report)?;
        self.compare_suppressions(tx, report)?;
        self.releases.compare(tx, report)?;
        for (index, subjects) in &self.without_details {
            if !subjects.iter().any(|one| self.erased.contains(one)) {
                report.problem(AuditProblem::VanishedDetails(*index));
            }
        }
        Ok(())
    }

    /// Reads what stands beside bulk entries, as far as it is what their roots cover.
    fn tell_bulks(&mut self, tx: &mut Tx<'_>, report: &mut AuditReport) -> Result<(), DeskError> {
        for ((controller, entry), BulkEntry { index, bulk, undoes }) in &self.bulks {
            let Some(touched) = tx.bulk(*controller, *entry)? else {
                report.problem(AuditProblem::VanishedBulk(*index));
                continue;
            };
            if Bulk::of_touched(&touched) != *bulk {
                report.problem(AuditProblem::ChangedBulk(*index));
                continue;
            }
            for one in touched {
                let subject = (*controller, one.contact);
                match one.act {
                    Act::Added => drop(self.added.insert(subject, *index)),
                    Act::Kept => {}
                    Act::Removed => drop(self.erased.insert(subject)),
                }
                if one.changes > 0 {
                    *self.edits.entry(subject).or_default() += u64::from(one.changes);
                }
                if one.events > 0 {
                    let events = i64::from(one.events);
                    *self.in_bulk.entry(subject).or_default() += if *undoes { -events } else { events };
                }
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
        let all = tx.consent_ids()?;
        report.consent_events = u64::try_from(all.len()).unwrap_or(u64::MAX);
        let mut events: BTreeSet<(Subject, ConsentEventId)> = BTreeSet::new();
        let mut in_bulk: BTreeMap<Subject, i64> = BTreeMap::new();
        for (controller, contact, id, entry) in all {
            if self.bulks.contains_key(&(controller, entry)) {
                *in_bulk.entry((controller, contact)).or_default() += 1;
            } else {
                events.insert(((controller, contact), id));
            }
        }
        self.compare_bulk_consents(present, &in_bulk, report);
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

impl Story {
    fn compare_bulk_consents(
        &self,
        present: &BTreeMap<Subject, u64>,
        found: &BTreeMap<Subject, i64>,
        report: &mut AuditReport,
    ) {
        let of = |counts: &BTreeMap<Subject, i64>, subject| counts.get(subject).copied().unwrap_or_default();
        for subject in found.keys().filter(|subject| !present.contains_key(subject)) {
            report.problem(AuditProblem::RevivedContact(subject.1));
        }
        for subject in present.keys() {
            let (found, recorded) = (of(found, subject), of(&self.in_bulk, subject));
            if found != recorded {
                report.problem(AuditProblem::BulkConsents { id: subject.1, found, recorded });
            }
        }
    }
}

/// The contacts that an entry names, of the controller that it is about.
fn subjects(entry: &Entry) -> impl Iterator<Item = Subject> {
    entry
        .controller
        .into_iter()
        .flat_map(|controller| ids(entry, "contact").map(move |id| (controller, ContactId::from_bytes(id))))
}

pub(super) fn ids<'e>(entry: &'e Entry, kind: &'static str) -> impl Iterator<Item = [u8; 16]> + use<'e> {
    entry.objects.iter().filter_map(move |object| match object.id {
        ObjectId::Uuid(bytes) if object.kind.as_str() == kind => Some(bytes),
        _ => None,
    })
}
