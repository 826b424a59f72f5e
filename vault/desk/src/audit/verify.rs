//! Verifying the ledger: computed again from its entries, and compared with its checkpoint, its kept nodes, checkpoints
//! kept outside, and the rows that it tells of.

use std::collections::BTreeMap;

use carnet_core::ledger::{Checkpoint, Entry, Frontier, Note, TreeHash, empty_root, leaf_hash};
use carnet_core::model::{ConsentEventId, ContactId, ControllerId, EntryId, ListId};
use carnet_core::policy::{Operation, Target};
use carnet_store::{LedgerHead, LedgerNode, LedgerRow, NODE_LEVELS, StoreError, Tx};

use super::PAGE_ENTRIES;
use super::story::Story;
use crate::{Desk, DeskError, Vault};

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
    /// A kept root of a subtree, from which proofs are made, is not what the entries lead to.
    #[error(
        "the kept hash number {index} over {} entries each is not what the entries lead to: proofs made from it fail",
        256_u64.saturating_pow(u32::try_from(*level).unwrap_or(u32::MAX))
    )]
    NodeDiffers {
        /// How many times 256 leaves were taken together.
        level: u64,
        /// Its index among those of its level.
        index: u64,
    },
    /// The head contradicts itself.
    #[error("the ledger's head was changed: its size and its hashes do not go together")]
    HeadDamaged,
    /// The damage keeps new entries from being written, this verification's own among them.
    #[error("no entry can be appended to the ledger any more, so that nothing can be done in this vault")]
    CannotContinue,
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
    /// The sealed details of an entry are gone, though no erasure took them.
    #[error("the details of entry {0} are gone, but no contact that it names was erased")]
    VanishedDetails(u64),
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
    /// Refusals were taken away, or put in, behind the vault's back.
    #[error(
        "controller {controller} has {found} refusals, but the ledger recorded {recorded}: opt-outs were taken away or put in"
    )]
    Suppressions {
        /// Whose.
        controller: ControllerId,
        /// How many there are.
        found: u64,
        /// How many the ledger says were added.
        recorded: u64,
    },
    /// A consent event is there that no entry recorded.
    #[error("consent event {0} is in the vault, but no entry of the ledger recorded it")]
    UnrecordedConsent(ConsentEventId),
    /// What a bulk entry did to which contacts is not beside it any more.
    #[error("the list of contacts of entry {0} is gone")]
    VanishedBulk(u64),
    /// What stands beside a bulk entry is not what its root covers.
    #[error("the list of contacts of entry {0} was changed: it does not lead to the root in the entry")]
    ChangedBulk(u64),
    /// Consent events of imports were taken away, or put in.
    #[error("contact {id} has {found} consent events of imports, but the ledger recorded {recorded}")]
    BulkConsents {
        /// The contact.
        id: ContactId,
        /// How many there are.
        found: i64,
        /// How many the ledger says there should be.
        recorded: i64,
    },
    /// A list has a release that nobody gave.
    #[error("list {0} has a release that no entry of the ledger gave it")]
    UnrecordedRelease(ListId),
    /// A list has a release that was ended.
    #[error("a release of list {0} was ended by entry {1} and is in force again: an older row was put back")]
    RevivedRelease(ListId, u64),
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

    /// The lowest index of an entry that was changed, is missing or malformed.
    pub fn first_bad_index(&self) -> Option<u64> {
        let index = |problem: &AuditProblem| match problem {
            AuditProblem::Missing(index) | AuditProblem::Changed(index) | AuditProblem::Malformed(index) => {
                Some(*index)
            }
            _ => None,
        };
        self.problems.iter().filter_map(index).min()
    }

    fn empty() -> Self {
        let (problems, problems_left_out) = (Vec::new(), 0);
        Self { entries: 0, root: empty_root(), contacts: 0, consent_events: 0, problems, problems_left_out }
    }

    pub(super) fn problem(&mut self, problem: AuditProblem) {
        if self.problems.contains(&problem) {
            return;
        }
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        } else {
            self.problems_left_out += 1;
        }
    }
}

impl Desk<'_> {
    /// Computes the ledger again from its entries, and compares it with its checkpoint, with checkpoints kept outside,
    /// and with the rows that it says were added and erased.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; what is wrong with the ledger is in the report.
    pub fn audit_verify(&self, outside: &[Note]) -> Result<AuditReport, DeskError> {
        self.authorise(Operation::AuditVerify, &Target::Vault)?;
        let mut report = self.vault.store.read(|tx| self.vault.verified(tx, outside))?;
        let mut draft = self.draft("audit.verify")?;
        draft.count("entries", report.entries);
        draft.count("problems", u64::try_from(report.problems.len()).unwrap_or(u64::MAX) + report.problems_left_out);
        match self.record_only(draft, []) {
            // What is wrong with the ledger must be told, above all where it is so wrong that telling leaves no entry.
            Err(DeskError::Store(_)) if !report.is_clean() => report.problem(AuditProblem::CannotContinue),
            recorded => recorded?,
        }
        Ok(report)
    }
}

impl Vault {
    /// The same for the vault's own sake; nothing is recorded.
    pub(crate) fn audited(&self) -> Result<AuditReport, DeskError> {
        self.store.read(|tx| self.verified(tx, &[]))
    }

    fn verified(&self, tx: &mut Tx<'_>, outside: &[Note]) -> Result<AuditReport, DeskError> {
        let mut report = AuditReport::empty();
        let mut walk = Walk::default();
        for note in outside {
            match Checkpoint::open(note, &self.ledger_key) {
                Ok(checkpoint) => walk.outside.push(checkpoint),
                Err(_) => report.problem(AuditProblem::Checkpoint),
            }
        }
        walk.details = tx.ledger_detail_ids()?;
        walk.details.sort_unstable();
        walk.all(tx, &mut report)?;
        report.entries = walk.frontier.size();
        report.root = walk.frontier.root();
        self.compare_head(tx, &walk.frontier, &mut report)?;
        walk.compare_nodes(tx, &mut report)?;
        for checkpoint in walk.outside.iter().filter(|one| one.size > walk.frontier.size()) {
            report.problem(AuditProblem::OutsideCheckpoint { size: checkpoint.size });
        }
        walk.story.compare(tx, &mut report)?;
        Ok(report)
    }

    fn compare_head(&self, tx: &mut Tx<'_>, frontier: &Frontier, report: &mut AuditReport) -> Result<(), DeskError> {
        let head = match tx.ledger_head() {
            Err(StoreError::Damaged { .. }) => {
                report.problem(AuditProblem::HeadDamaged);
                return Ok(());
            }
            head => head?,
        };
        let Some(LedgerHead { size, frontier: kept, checkpoint }) = head else {
            report.problem(AuditProblem::NoHead);
            return Ok(());
        };
        if size < frontier.size() {
            report.problem(AuditProblem::BeyondHead(size));
        }
        if size > frontier.size() {
            report.problem(AuditProblem::Missing(frontier.size()));
        }
        if kept != *frontier {
            report.problem(AuditProblem::RootDiffers);
        }
        let stated =
            Note::parse(checkpoint.as_bytes()).ok().and_then(|note| Checkpoint::open(&note, &self.ledger_key).ok());
        if stated.is_none_or(|stated| (stated.size, stated.root) != (frontier.size(), frontier.root())) {
            report.problem(AuditProblem::Checkpoint);
        }
        Ok(())
    }
}

/// One reading of every entry, and what is gathered on the way.
#[derive(Default)]
struct Walk {
    outside: Vec<Checkpoint>,
    /// The entries whose details are there, sorted.
    details: Vec<EntryId>,
    frontier: Frontier,
    /// The roots of full subtrees that the entries lead to.
    nodes: BTreeMap<(u64, u64), TreeHash>,
    story: Story,
    /// Whether an entry was missing: from there on no hash can be checked against the tree.
    gap: bool,
    next: u64,
}

impl Walk {
    fn all(&mut self, tx: &mut Tx<'_>, report: &mut AuditReport) -> Result<(), DeskError> {
        loop {
            let rows = tx.ledger_entries(self.next, PAGE_ENTRIES)?;
            if rows.is_empty() {
                break;
            }
            rows.iter().for_each(|row| self.entry(row, report));
        }
        // Committed, but without an index yet: their rows are there already.
        for (id, body) in tx.ledger_queued()? {
            match Entry::decode(&body) {
                Ok(entry) if entry.id == id => self.tell(self.next, &entry),
                _ => report.problem(AuditProblem::Malformed(self.next)),
            }
        }
        Ok(())
    }

    fn entry(&mut self, row: &LedgerRow, report: &mut AuditReport) {
        if row.index != self.next {
            report.problem(AuditProblem::Missing(self.next));
            self.gap = true;
        }
        self.next = row.index.saturating_add(1);
        let hash = leaf_hash(&row.body);
        if hash != row.leaf_hash {
            report.problem(AuditProblem::Changed(row.index));
        }
        match Entry::decode(&row.body) {
            Ok(entry) if entry.id == row.id => self.tell(row.index, &entry),
            _ => report.problem(AuditProblem::Malformed(row.index)),
        }
        if !self.gap {
            self.append(hash, report);
        }
    }

    fn tell(&mut self, index: u64, entry: &Entry) {
        self.story.tell(index, entry);
        if entry.commitment.is_some() && self.details.binary_search(&entry.id).is_err() {
            self.story.lacks_details(index, entry);
        }
    }

    fn append(&mut self, hash: TreeHash, report: &mut AuditReport) {
        let nodes = &mut self.nodes;
        self.frontier.append_with(hash, |level, index, hash| {
            if level > 0 && level % NODE_LEVELS == 0 {
                nodes.insert((u64::from(level / NODE_LEVELS), index), hash);
            }
        });
        let size = self.frontier.size();
        if self.outside.iter().any(|one| one.size == size && one.root != self.frontier.root()) {
            report.problem(AuditProblem::OutsideCheckpoint { size });
        }
    }

    fn compare_nodes(&mut self, tx: &mut Tx<'_>, report: &mut AuditReport) -> Result<(), DeskError> {
        if self.gap {
            return Ok(());
        }
        for LedgerNode { level, index, hash } in tx.ledger_nodes()? {
            if self.nodes.remove(&(level, index)) != Some(hash) {
                report.problem(AuditProblem::NodeDiffers { level, index });
            }
        }
        for (level, index) in std::mem::take(&mut self.nodes).into_keys() {
            report.problem(AuditProblem::NodeDiffers { level, index });
        }
        Ok(())
    }
}
