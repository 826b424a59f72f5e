//! What can be asked of a vault: one name for each act, the same in policy, ledger, command line and API.
//!
//! Owns the list of operations. Who may do them is not decided here but in `policies/access.cedar`.

use std::fmt;
use std::str::FromStr;

/// One thing that people do with a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// Read the vault's state: engine, sizes, age of the last checkpoint.
    StatusRead,
    /// Add a controller.
    ControllerAdd,
    /// List controllers.
    ControllerLs,
    /// Add a purpose of a controller.
    PurposeAdd,
    /// List a controller's purposes.
    PurposeLs,
    /// Add a version of a notice.
    NoticeAdd,
    /// List a controller's notices.
    NoticeLs,
    /// Add an account with its roles.
    AccountAdd,
    /// List accounts and their roles.
    AccountLs,
    /// Add a contact.
    ContactAdd,
    /// Change a contact's card.
    ContactEdit,
    /// Look for contacts.
    ContactFind,
    /// Open a contact.
    ContactShow,
    /// Erase a contact (Art. 17 GDPR).
    ContactErase,
    /// Record a consent event: given, confirmed, withdrawn, objected.
    ConsentRecord,
    /// Read a contact's consent events with their evidence.
    ConsentHistory,
    /// Rotate the root key, or a controller's master key.
    KeyRotate,
    /// Read the ledger's newest entries.
    AuditTail,
    /// Verify the ledger.
    AuditVerify,
    /// Make a proof for one entry.
    AuditProve,
    /// Copy the ledger out for an auditor.
    AuditExport,
    /// Read the signed checkpoint.
    AuditCheckpoint,
    /// Read which lists there are, and what their imports did.
    ListLs,
    /// Import contacts into a list.
    ListImport,
    /// Remove what an import brought in.
    ListUndo,
    /// Have the gate look at a file that is not in the vault.
    ListPreview,
    /// Look into a list: its sources, what was decided about it, and the rows that show why.
    ListShow,
    /// Write from whom and how the addresses of a source came.
    ListDescribe,
    /// Say that a list is complete, and ask for its check.
    ListSubmit,
    /// Have the gate look at a list.
    ListCheck,
    /// Ask the owner of a list.
    ListAsk,
    /// Answer an officer's question about a list.
    ListAnswer,
    /// Show the proof that was drawn from a blocked list.
    ListProve,
    /// Take or refuse such a proof.
    ListVet,
    /// Make a list of their own of some of a list's rows.
    ListSplit,
    /// Report what was learned about a list later, which suspends its release.
    ListSuspend,
    /// Use a list: open its contacts for sending or export.
    ListUse,
    /// Export a list: hand its contacts to a recipient.
    ListExport,
    /// Release a list for use.
    ListRelease,
    /// Block a list.
    ListBlock,
    /// Take a list back.
    ListWithdraw,
    /// Add an address that nobody has: a trap.
    TrapAdd,
    /// List the traps, and count the canaries.
    TrapLs,
    /// Remove a trap.
    TrapRm,
    /// Add a place that keeps backups.
    BackupSiteAdd,
    /// List backup sites and what is known of their snapshots.
    BackupLs,
    /// Take, verify, restore for proof, and let go of snapshots.
    BackupRun,
    /// Write down what it takes to restore without this machine.
    BackupSheet,
}

/// The text names no operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no operation has this name; operations are named like contact.show")]
pub struct OperationError;

struct Traits {
    name: &'static str,
    phrase: &'static str,
    reads: bool,
    needs_reason: bool,
}

const fn reading(name: &'static str, phrase: &'static str) -> Traits {
    Traits { name, phrase, reads: true, needs_reason: false }
}

const fn opening(name: &'static str, phrase: &'static str) -> Traits {
    Traits { name, phrase, reads: true, needs_reason: true }
}

const fn changing(name: &'static str, phrase: &'static str) -> Traits {
    Traits { name, phrase, reads: false, needs_reason: false }
}

const fn deciding(name: &'static str, phrase: &'static str) -> Traits {
    Traits { name, phrase, reads: false, needs_reason: true }
}

impl Operation {
    /// Every operation, in the order of the policy's tables.
    pub const ALL: [Self; 48] = [
        Self::StatusRead,
        Self::ControllerAdd,
        Self::ControllerLs,
        Self::PurposeAdd,
        Self::PurposeLs,
        Self::NoticeAdd,
        Self::NoticeLs,
        Self::AccountAdd,
        Self::AccountLs,
        Self::ContactAdd,
        Self::ContactEdit,
        Self::ContactFind,
        Self::ContactShow,
        Self::ContactErase,
        Self::ConsentRecord,
        Self::ConsentHistory,
        Self::KeyRotate,
        Self::AuditTail,
        Self::AuditVerify,
        Self::AuditProve,
        Self::AuditExport,
        Self::AuditCheckpoint,
        Self::ListLs,
        Self::ListImport,
        Self::ListUndo,
        Self::ListPreview,
        Self::ListShow,
        Self::ListDescribe,
        Self::ListSubmit,
        Self::ListCheck,
        Self::ListAsk,
        Self::ListAnswer,
        Self::ListProve,
        Self::ListVet,
        Self::ListSplit,
        Self::ListSuspend,
        Self::ListUse,
        Self::ListExport,
        Self::ListRelease,
        Self::ListBlock,
        Self::ListWithdraw,
        Self::TrapAdd,
        Self::TrapLs,
        Self::TrapRm,
        Self::BackupSiteAdd,
        Self::BackupLs,
        Self::BackupRun,
        Self::BackupSheet,
    ];

    const fn traits(self) -> Traits {
        match self {
            Self::StatusRead => reading("status.read", "read the status"),
            Self::ControllerAdd => changing("controller.add", "add a controller"),
            Self::ControllerLs => reading("controller.ls", "list controllers"),
            Self::PurposeAdd => changing("purpose.add", "add a purpose"),
            Self::PurposeLs => reading("purpose.ls", "list purposes"),
            Self::NoticeAdd => changing("notice.add", "add a notice"),
            Self::NoticeLs => reading("notice.ls", "list notices"),
            Self::AccountAdd => deciding("account.add", "add an account with these roles"),
            Self::AccountLs => reading("account.ls", "list accounts"),
            Self::ContactAdd => changing("contact.add", "add a contact"),
            Self::ContactEdit => changing("contact.edit", "change a contact"),
            Self::ContactFind => opening("contact.find", "look for contacts"),
            Self::ContactShow => opening("contact.show", "open a contact"),
            Self::ContactErase => deciding("contact.erase", "erase a contact"),
            Self::ConsentRecord => changing("consent.record", "record a consent or its withdrawal"),
            Self::ConsentHistory => opening("consent.history", "read a contact's consent history"),
            Self::KeyRotate => deciding("key.rotate", "rotate keys"),
            Self::AuditTail => reading("audit.tail", "read the ledger"),
            Self::AuditVerify => reading("audit.verify", "verify the ledger"),
            Self::AuditProve => reading("audit.prove", "make a proof from the ledger"),
            Self::AuditExport => opening("audit.export", "export the ledger"),
            Self::AuditCheckpoint => reading("audit.checkpoint", "read the checkpoint"),
            Self::ListLs => reading("list.ls", "list lists and imports"),
            Self::ListImport => changing("list.import", "import contacts into a list"),
            Self::ListUndo => changing("list.undo", "undo an import"),
            Self::ListPreview => reading("list.preview", "have a file looked at by the gate"),
            Self::ListShow => opening("list.show", "look into this list"),
            Self::ListDescribe => changing("list.describe", "say where this list comes from"),
            Self::ListSubmit => changing("list.submit", "submit this list"),
            Self::ListCheck => changing("list.check", "have this list checked"),
            Self::ListAsk => changing("list.ask", "ask the owner of this list"),
            Self::ListAnswer => changing("list.answer", "answer for this list"),
            Self::ListProve => changing("list.prove", "show the proofs of this list"),
            Self::ListVet => deciding("list.vet", "judge the proofs of this list"),
            Self::ListSplit => deciding("list.split", "split this list"),
            Self::ListSuspend => changing("list.suspend", "report what was learned about this list"),
            Self::ListUse => deciding("list.use", "use this list"),
            Self::ListExport => deciding("list.export", "export this list"),
            Self::ListRelease => deciding("list.release", "release this list"),
            Self::ListBlock => deciding("list.block", "block this list"),
            Self::ListWithdraw => deciding("list.withdraw", "withdraw this list"),
            Self::TrapAdd => deciding("trap.add", "add a trap"),
            Self::TrapLs => opening("trap.ls", "list traps"),
            Self::TrapRm => deciding("trap.rm", "remove a trap"),
            Self::BackupSiteAdd => changing("backup.site-add", "add a backup site"),
            Self::BackupLs => reading("backup.ls", "list backups"),
            Self::BackupRun => changing("backup.run", "take and prove backups"),
            Self::BackupSheet => deciding("backup.sheet", "print the recovery sheet of a backup site"),
        }
    }

    /// The name by which policy, ledger, command line and API know it: `contact.show`.
    pub const fn name(self) -> &'static str {
        self.traits().name
    }

    /// The operation of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    /// What it does, to follow "may": `open a contact`.
    pub const fn phrase(self) -> &'static str {
        self.traits().phrase
    }

    /// Whether whoever asks must state why, in words of their own.
    ///
    /// True where a person's data is opened or leaves, and where something is decided that others must be able to
    /// question later. For the rest the operation's name is reason enough. Blank reasons are for the desk to refuse.
    pub const fn needs_reason(self) -> bool {
        self.traits().needs_reason
    }

    /// Whether it changes nothing but the ledger, which records that somebody looked.
    pub const fn is_read(self) -> bool {
        self.traits().reads
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Operation {
    type Err = OperationError;

    fn from_str(text: &str) -> Result<Self, OperationError> {
        Self::from_name(text).ok_or(OperationError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_found_again_by_its_name_and_no_other_text_is_one() {
        for operation in Operation::ALL {
            assert_eq!(operation.name().parse(), Ok(operation));
        }
        for text in ["", "contact", "contact.Show", "contact.show ", "list.*"] {
            assert_eq!(Operation::from_name(text), None, "{text:?}");
        }
    }

    #[test]
    fn opening_a_persons_data_and_deciding_over_a_list_both_need_a_reason() {
        for operation in [
            Operation::ContactFind,
            Operation::ContactShow,
            Operation::ConsentHistory,
            Operation::ContactErase,
            Operation::AuditExport,
            Operation::ListUse,
            Operation::ListExport,
            Operation::ListRelease,
            Operation::ListBlock,
        ] {
            assert!(operation.needs_reason(), "{operation}");
        }
    }

    #[test]
    fn nothing_whose_name_says_that_it_changes_something_counts_as_reading() {
        for operation in Operation::ALL {
            let verb = operation.name().rsplit('.').next().unwrap();
            let changes = [
                "add", "edit", "erase", "record", "rotate", "import", "undo", "use", "export", "rm", "release",
                "block", "withdraw", "describe", "submit", "check", "ask", "answer", "prove", "vet", "split",
                "suspend", "site-add", "run", "sheet",
            ];
            // Nothing that is asked of the ledger changes it: neither its proof nor its export.
            let reads = !changes.contains(&verb) || operation.name().starts_with("audit.");
            assert_eq!(operation.is_read(), reads, "{operation}");
        }
    }
}
