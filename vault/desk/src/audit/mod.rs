//! The ledger: reading it, verifying it against the vault's rows, proving an entry, taking a copy out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use carnet_core::ledger::{
    Checkpoint, Details, Entry, Frontier, HashSource as _, Note, ObjectId, TlogProof, TreeHash, leaf_hash, write_bundle,
};
use carnet_core::model::{ConsentEventId, ContactId, EntryId};
use carnet_core::policy::{Operation, Target};
use carnet_store::{LedgerRow, RecordDetails, StoreError, StoredTree, Tx};

use crate::keyring::Keyring;
use crate::record::{details_place_of_contact, details_place_of_vault};
use crate::{Desk, DeskError};

/// How many entries are read at a time.
const PAGE_ENTRIES: u32 = 4096;

/// An entry as it is shown.
#[derive(Debug, Clone)]
pub struct LedgerView {
    /// Its place in the ledger, from 0.
    pub index: u64,
    /// What it says to everybody.
    pub entry: Entry,
    /// What it says to those who may open it.
    pub details: DetailsView,
}

/// The sealed part of an entry.
#[derive(Debug, Clone)]
pub enum DetailsView {
    /// Opened, and what the entry commits to.
    Opened {
        /// Why it was done.
        reason: String,
        /// The user of the machine.
        os_user: Option<String>,
        /// Anything else.
        more: BTreeMap<String, String>,
    },
    /// The contact was erased, and the details with it.
    Erased,
    /// This account may not open them.
    Withheld,
    /// They are not what the entry commits to.
    Contradicts,
    /// It has none.
    None,
}

/// What verifying the ledger came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditReport {
    /// How many entries were verified.
    pub entries: u64,
    /// The root over them.
    pub root: TreeHash,
    /// Contacts in the vault.
    pub contacts: u64,
    /// Consent events in the vault.
    pub consent_events: u64,
    /// What is wrong, the first thing first; nothing when all is well.
    pub problems: Vec<AuditProblem>,
    /// How many more problems there are than are listed.
    pub problems_left_out: u64,
}

/// One thing that is wrong with the ledger, or between it and the rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditProblem {
    /// There is no head.
    #[error("the ledger has no head: its table was emptied")]
    NoHead,
    /// An index is missing.
    #[error("entry {0} is missing")]
    Missing(u64),
    /// The bytes do not hash to what was stored with them.
    #[error("entry {0} was changed: its hash is another")]
    Changed(u64),
    /// The bytes are not an entry, or another one's.
    #[error("entry {0} is not in the form in which entries are written")]
    Malformed(u64),
    /// There are more entries than the head counts.
    #[error("there are entries beyond the {0} that the head counts")]
    BeyondHead(u64),
    /// The entries do not lead to the root that the head has.
    #[error("the entries do not lead to the root of the ledger's head")]
    RootDiffers,
    /// The signed checkpoint is not of this ledger.
    #[error("the checkpoint is not signed by this vault's ledger key, or states another size or root")]
    Checkpoint,
    /// A checkpoint that was kept outside does not fit.
    #[error(
        "a checkpoint kept outside states {size} entries that are not in the ledger any more: it was cut back, or the database replaced by an older copy"
    )]
    OutsideCheckpoint {
        /// Its size.
        size: u64,
    },
    /// A contact is there that no entry added.
    #[error("contact {0} is in the vault, but no entry of the ledger added it")]
    UnrecordedContact(ContactId),
    /// A contact is gone that no entry erased.
    #[error("contact {0} was added by entry {1} and is gone, but no entry erased it")]
    VanishedContact(ContactId, u64),
    /// A contact is there that an entry erased.
    #[error("contact {0} was erased by the ledger and is in the vault again")]
    RevivedContact(ContactId),
    /// A contact's row is of another time than its last entry.
    #[error("contact {id} is at revision {found}, but the ledger left it at {recorded}: an older row was put back")]
    Revision {
        /// The contact.
        id: ContactId,
        /// What its row says.
        found: u64,
        /// What the ledger says.
        recorded: u64,
    },
    /// A consent event is there that no entry recorded.
    #[error("consent event {0} is in the vault, but no entry of the ledger recorded it")]
    UnrecordedConsent(ConsentEventId),
    /// A consent event is gone while its contact is not.
    #[error("consent event {0}, recorded by entry {1}, is gone")]
    VanishedConsent(ConsentEventId, u64),
}

/// Enough to see what happened; a table that was emptied would name every row.
const PROBLEMS_MAX: usize = 50;

impl AuditReport {
    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    fn problem(&mut self, problem: AuditProblem) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        } else {
            self.problems_left_out += 1;
        }
    }
}

impl Desk<'_> {
    /// The newest entries, newest first.
    ///
    /// # Errors
    /// [`DeskError::Denied`].
    pub fn audit_tail(&self, count: u32) -> Result<Vec<LedgerView>, DeskError> {
        self.authorise(Operation::AuditTail, &Target::Vault)?;
        let views = self.vault.with_keys(|ring| {
            self.vault.store.read(|tx| {
                let size = tx.ledger_head()?.map_or(0, |head| head.size);
                let rows = tx.ledger_entries(size.saturating_sub(u64::from(count)), count)?;
                rows.into_iter().rev().map(|row| self.view(tx, ring, row)).collect::<Result<Vec<_>, DeskError>>()
            })
        })?;
        self.record_only(self.draft("audit.tail")?, [])?;
        Ok(views)
    }

    fn view(&self, tx: &mut Tx<'_>, ring: &Keyring, row: LedgerRow) -> Result<LedgerView, DeskError> {
        let entry = Entry::decode(&row.body)?;
        let target = entry.controller.map_or(Target::Vault, Target::Controller);
        let details = if entry.commitment.is_none() {
            DetailsView::None
        } else if self.may(Operation::ConsentHistory, &target) || self.may(Operation::AccountLs, &target) {
            match tx.ledger_details(entry.controller, entry.id)? {
                Some(details) => self.opened(tx, ring, &entry, &details)?,
                None => DetailsView::Erased,
            }
        } else {
            DetailsView::Withheld
        };
        Ok(LedgerView { index: row.index, entry, details })
    }

    fn opened(
        &self,
        tx: &mut Tx<'_>,
        ring: &Keyring,
        entry: &Entry,
        details: &RecordDetails,
    ) -> Result<DetailsView, DeskError> {
        let bytes = match details.subject {
            None => ring.vault.open(&details_place_of_vault(self.vault.id, entry.id), &details.sealed)?,
            Some((controller, contact)) => {
                let Some(salt) = tx.contact_salt(controller, contact)? else { return Ok(DetailsView::Erased) };
                let key = ring.controller(controller)?.contact_key_for(&details.sealed, contact, &salt)?;
                key.open(&details_place_of_contact(controller, entry.id), &details.sealed)?
            }
        };
        let opened = Details::from_bytes(&bytes)?;
        if !opened.opens(entry) {
            return Ok(DetailsView::Contradicts);
        }
        Ok(DetailsView::Opened {
            reason: opened.reason().to_owned(),
            os_user: opened.os_user_name().map(str::to_owned),
            more: opened.more().clone(),
        })
    }

    /// Computes the ledger again from its entries, and compares it with its checkpoint, with checkpoints kept outside,
    /// and with the rows that it says were added and erased.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; what is wrong with the ledger is in the report.
    pub fn audit_verify(&self, outside: &[Note]) -> Result<AuditReport, DeskError> {
        self.authorise(Operation::AuditVerify, &Target::Vault)?;
        let report = self.vault.store.read(|tx| self.verified(tx, outside))?;
        let mut draft = self.draft("audit.verify")?;
        draft.count("entries", report.entries);
        draft.count("problems", u64::try_from(report.problems.len()).unwrap_or(u64::MAX) + report.problems_left_out);
        self.record_only(draft, [])?;
        Ok(report)
    }

    fn verified(&self, tx: &mut Tx<'_>, outside: &[Note]) -> Result<AuditReport, DeskError> {
        let mut report = AuditReport {
            entries: 0,
            root: carnet_core::ledger::empty_root(),
            contacts: 0,
            consent_events: 0,
            problems: Vec::new(),
            problems_left_out: 0,
        };
        let outside: Vec<Checkpoint> = outside
            .iter()
            .filter_map(|note| match Checkpoint::open(note, &self.vault.ledger_key) {
                Ok(checkpoint) => Some(checkpoint),
                Err(_) => {
                    report.problem(AuditProblem::Checkpoint);
                    None
                }
            })
            .collect();
        let mut story = Story::default();
        let frontier = walk(tx, &outside, &mut story, &mut report)?;
        report.entries = frontier.size();
        report.root = frontier.root();
        match tx.ledger_head()? {
            None => report.problem(AuditProblem::NoHead),
            Some(head) => {
                if head.size < frontier.size() {
                    report.problem(AuditProblem::BeyondHead(head.size));
                }
                (frontier.size()..head.size).take(1).for_each(|index| report.problem(AuditProblem::Missing(index)));
                if head.frontier.root() != frontier.root() {
                    report.problem(AuditProblem::RootDiffers);
                }
                let stated = Note::parse(head.checkpoint.as_bytes())
                    .ok()
                    .and_then(|note| Checkpoint::open(&note, &self.vault.ledger_key).ok());
                if stated.is_none_or(|stated| (stated.size, stated.root) != (frontier.size(), frontier.root())) {
                    report.problem(AuditProblem::Checkpoint);
                }
            }
        }
        for checkpoint in outside.iter().filter(|one| one.size > frontier.size()) {
            report.problem(AuditProblem::OutsideCheckpoint { size: checkpoint.size });
        }
        story.compare(tx, &mut report)?;
        Ok(report)
    }

    /// A proof that an entry is in the ledger: a file that stands alone (C2SP tlog-proof), and the entry's bytes.
    ///
    /// # Errors
    /// [`DeskError::Unknown`] when there is no such entry.
    pub fn audit_prove(&self, id: EntryId) -> Result<(TlogProof, Vec<u8>), DeskError> {
        self.authorise(Operation::AuditProve, &Target::Vault)?;
        let proof = self.vault.store.read(|tx| {
            let unknown = || DeskError::Unknown { what: "entry", name: id.to_string(), command: "audit tail" };
            let row = tx.ledger_entry(id)?.ok_or_else(unknown)?;
            let head = tx.ledger_head()?.ok_or_else(unknown)?;
            let hashes = StoredTree::new(tx)
                .inclusion_proof(head.size, row.index)
                .map_err(|error| DeskError::Ledger(error.to_string()))?;
            let checkpoint = parse_checkpoint(&head.checkpoint)?;
            Ok::<_, DeskError>((TlogProof { extra: None, index: row.index, hashes, checkpoint }, row.body))
        })?;
        let mut draft = self.draft("audit.prove")?;
        draft.touch(id);
        self.record_only(draft, [])?;
        Ok(proof)
    }

    /// The newest signed checkpoint.
    ///
    /// # Errors
    /// [`DeskError::Ledger`] when there is none.
    pub fn audit_checkpoint(&self) -> Result<Note, DeskError> {
        self.authorise(Operation::AuditCheckpoint, &Target::Vault)?;
        self.vault.checkpoint()?.ok_or_else(|| DeskError::Ledger("it has no checkpoint".to_owned()))
    }

    /// Writes the ledger into a folder that anybody can verify without the vault (C2SP tlog-tiles).
    ///
    /// # Errors
    /// [`DeskError::Ledger`] when a file cannot be written, or the ledger does not lead to its checkpoint.
    pub fn audit_export(&self, folder: &Path) -> Result<Checkpoint, DeskError> {
        self.authorise(Operation::AuditExport, &Target::Vault)?;
        // Recorded first, so that the copy that leaves says so itself.
        self.record_only(self.draft("audit.export")?, [])?;
        let exported = self.vault.store.read(|tx| {
            let head = tx.ledger_head()?.ok_or_else(|| DeskError::Ledger("it has no checkpoint".to_owned()))?;
            let checkpoint = parse_checkpoint(&head.checkpoint)?;
            write_bundle(folder, Bodies { tx, page: Vec::new().into_iter(), next: 0 }, &checkpoint)
                .map_err(|error| DeskError::Ledger(described(&error)))
        })?;
        Ok(exported.checkpoint)
    }
}

fn parse_checkpoint(text: &str) -> Result<Note, DeskError> {
    Note::parse(text.as_bytes()).map_err(|error| DeskError::Ledger(error.to_string()))
}

/// An error with its cause, on one line.
fn described(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error} ({cause})"),
        None => error.to_string(),
    }
}

/// The bytes of all entries in order, a page at a time.
struct Bodies<'t, 'd> {
    tx: &'t mut Tx<'d>,
    page: std::vec::IntoIter<LedgerRow>,
    next: u64,
}

impl Iterator for Bodies<'_, '_> {
    type Item = Result<Vec<u8>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.len() == 0 {
            match self.tx.ledger_entries(self.next, PAGE_ENTRIES) {
                Ok(rows) => self.page = rows.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
        let row = self.page.next()?;
        self.next = row.index + 1;
        Some(Ok(row.body))
    }
}

/// Reads every entry once: hashes it, decodes it, and keeps what it says about rows.
fn walk(
    tx: &mut Tx<'_>,
    outside: &[Checkpoint],
    story: &mut Story,
    report: &mut AuditReport,
) -> Result<Frontier, DeskError> {
    let mut frontier = Frontier::default();
    loop {
        let rows = tx.ledger_entries(frontier.size(), PAGE_ENTRIES)?;
        if rows.is_empty() {
            return Ok(frontier);
        }
        for row in rows {
            if row.index != frontier.size() {
                report.problem(AuditProblem::Missing(frontier.size()));
                return Ok(frontier);
            }
            let hash = leaf_hash(&row.body);
            if hash != row.leaf_hash {
                report.problem(AuditProblem::Changed(row.index));
            }
            match Entry::decode(&row.body) {
                Ok(entry) if entry.id == row.id => story.tell(row.index, &entry),
                _ => report.problem(AuditProblem::Malformed(row.index)),
            }
            frontier.append(hash);
            let contradicted = |one: &&Checkpoint| one.size == frontier.size() && one.root != frontier.root();
            if outside.iter().any(|one| contradicted(&one)) {
                report.problem(AuditProblem::OutsideCheckpoint { size: frontier.size() });
            }
        }
    }
}

/// What the entries say should be in the tables.
#[derive(Default)]
struct Story {
    /// Index of the entry that added it, and the revision that the entries lead to.
    added: BTreeMap<ContactId, (u64, u64)>,
    erased: BTreeSet<ContactId>,
    consents: BTreeMap<ConsentEventId, (ContactId, u64)>,
}

impl Story {
    fn tell(&mut self, index: u64, entry: &Entry) {
        let ids = |kind: &'static str| {
            entry.objects.iter().filter_map(move |object| match object.id {
                ObjectId::Uuid(bytes) if object.kind.as_str() == kind => Some(bytes),
                _ => None,
            })
        };
        let contacts = || ids("contact").map(ContactId::from_bytes);
        match entry.event.as_str() {
            "contact.add" => self.added.extend(contacts().map(|id| (id, (index, 1)))),
            "contact.edit" => {
                for id in contacts() {
                    if let Some((_, revision)) = self.added.get_mut(&id) {
                        *revision += 1;
                    }
                }
            }
            "contact.erase" => self.erased.extend(contacts()),
            "consent.record" => {
                if let Some(contact) = contacts().next() {
                    let events = ids("consent").map(ConsentEventId::from_bytes);
                    self.consents.extend(events.map(|id| (id, (contact, index))));
                }
            }
            _ => {}
        }
    }

    fn compare(&self, tx: &mut Tx<'_>, report: &mut AuditReport) -> Result<(), DeskError> {
        let present: BTreeMap<ContactId, u64> = tx.contact_revisions()?.into_iter().collect();
        report.contacts = u64::try_from(present.len()).unwrap_or(u64::MAX);
        for (id, found) in &present {
            match self.added.get(id) {
                _ if self.erased.contains(id) => report.problem(AuditProblem::RevivedContact(*id)),
                None => report.problem(AuditProblem::UnrecordedContact(*id)),
                Some((_, recorded)) if recorded != found => {
                    report.problem(AuditProblem::Revision { id: *id, found: *found, recorded: *recorded });
                }
                Some(_) => {}
            }
        }
        for (id, (index, _)) in &self.added {
            if !present.contains_key(id) && !self.erased.contains(id) {
                report.problem(AuditProblem::VanishedContact(*id, *index));
            }
        }
        let events: BTreeSet<ConsentEventId> = tx.consent_ids()?.into_iter().collect();
        report.consent_events = u64::try_from(events.len()).unwrap_or(u64::MAX);
        for id in events.iter().filter(|id| !self.consents.contains_key(id)) {
            report.problem(AuditProblem::UnrecordedConsent(*id));
        }
        for (id, (contact, index)) in &self.consents {
            if present.contains_key(contact) && !events.contains(id) {
                report.problem(AuditProblem::VanishedConsent(*id, *index));
            }
        }
        Ok(())
    }
}
