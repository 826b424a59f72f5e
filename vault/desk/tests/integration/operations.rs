//! Every public method of the desk, as one call each: for the tests that ask the same of all of them.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use carnet_core::backup::{Content, SnapshotState};
use carnet_core::gate::Claimed;
use carnet_core::keys::RootKey;
use carnet_core::model::{
    Authority, CardEntry, CardPatch, ConsentKind, ContactId, DpvPurpose, EntryId, ImportId, LaterEvidence, LawfulBasis,
    ListId, ListStatus, MarkKind, ReasonCode, Role, SiteId, Timestamp,
};
use carnet_core::policy::{BackupRules, Operation};
use carnet_desk::{
    Desk, DeskError, ErasurePlan, NewExport, NewPurpose, NewRelease, NewSite, Outcome, SnapshotFiles, UndoPlan,
};
use carnet_tests::TestDatabase;

use super::gate::{imported_list, to};
use super::house::{Firm, House, card, consent, granted, new_contact, slug};
use super::imports::{Rows, Told, into_list};

/// What a call is asked about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Vault,
    Controller,
    Appointment,
    /// This list, which the operator has brought in.
    List(&'static str),
}

/// One method of the desk.
pub(crate) struct Method {
    /// Its name in the source.
    pub(crate) name: &'static str,
    pub(crate) operation: Operation,
    pub(crate) asked: Asked,
    /// The one entry that it leaves, and the kinds of objects that the entry names; none where it shows nobody's data
    /// and changes nothing.
    pub(crate) leaves: Option<(&'static str, &'static [&'static str])>,
    pub(crate) call: fn(&Stage<'_>, &Desk<'_>, &Firm) -> Result<(), DeskError>,
}

/// A vault with something for each method to work on, for each controller.
pub(crate) struct Stage<'t> {
    pub(crate) house: House,
    pub(crate) db: &'t TestDatabase,
    entry: EntryId,
    site: SiteId,
    /// A snapshot of the vault as it was then.
    halves: (Files, Files),
    of_ours: Props,
    of_theirs: Props,
    fresh: Cell<u32>,
}

/// A trap that is there to be removed.
const DOOMED_TRAP: &str = "doomed@trap.example";

struct Props {
    contact: ContactId,
    plan: ErasurePlan,
    import: ImportId,
    undo: UndoPlan,
    /// Contacts of blocked lists that have to be proven: one that nothing was shown for yet, and one that an officer judges.
    drawn: (ContactId, ContactId),
}

impl<'t> Stage<'t> {
    pub(crate) fn set(db: &'t TestDatabase) -> Self {
        let house = House::found(db);
        let entry = house.desk("officer").audit_tail(1).unwrap().first().unwrap().entry.id;
        house.desk("officer").add_trap(DOOMED_TRAP, MarkKind::TrapOwn).unwrap();
        let (of_ours, of_theirs) = (Props::of(&house, &house.ours), Props::of(&house, &house.theirs));
        let site = house.desk("owner").add_backup_site(&new_site(BARN)).unwrap().id;
        house.desk("owner").add_backup_site(&new_site(DOOMED_SITE)).unwrap();
        let halves = {
            let owner = house.desk("owner");
            (half(&owner, Content::Rows), half(&owner, Content::Keyring))
        };
        Self { house, db, entry, site, halves, of_ours, of_theirs, fresh: Cell::new(0) }
    }

    fn props(&self, firm: &Firm) -> &Props {
        if firm.controller.id == self.house.ours.controller.id { &self.of_ours } else { &self.of_theirs }
    }

    /// The list of this name, and what it stands at now.
    pub(crate) fn list(&self, firm: &Firm, name: &str) -> (ListId, ListStatus) {
        let all = self.house.desk("officer").lists(&firm.controller).unwrap();
        all.iter().find(|one| one.list.name == name).map(|one| (one.list.id, one.list.status)).unwrap()
    }

    /// A name that was not used before.
    fn fresh(&self) -> String {
        self.fresh.set(self.fresh.get() + 1);
        format!("n{}", self.fresh.get())
    }
}

impl Props {
    fn of(house: &House, firm: &Firm) -> Self {
        let (operator, officer) = (house.desk("operator"), house.desk("officer"));
        let add = |email: &str| operator.add_contact(&firm.controller, &new_contact(card("Ann", email))).unwrap();
        let (contact, doomed) = (add("ann@example.org"), add("doomed@example.org"));
        let import = |list: &str| {
            let mut source = Rows::of(Vec::new());
            let new = into_list(list, Some(firm.newsletter));
            let report = operator.import(&firm.controller, &new, &mut source, &mut Told::default()).unwrap();
            report.place.unwrap().0
        };
        let (kept, undone) = (import("kept"), import("undone"));
        let undo = operator.plan_undo(&firm.controller, undone).unwrap();
        for (list, status) in [
            ("to-submit", ListStatus::Received),
            ("to-hand-in", ListStatus::Received),
            ("to-check", ListStatus::Checking),
            ("to-release", ListStatus::Held),
            ("to-block", ListStatus::Held),
            ("to-ask", ListStatus::Held),
            ("to-answer", ListStatus::Held),
            ("to-suspend", ListStatus::Held),
            ("to-use", ListStatus::Released),
            ("to-prove", ListStatus::Blocked),
            ("to-vet", ListStatus::Blocked),
        ] {
            to(house, firm, imported_list(house, firm, list, &[("Ann", None)]), status);
        }
        let to_split = imported_list(house, firm, "to-split", &[("Ann", None), ("review", None)]);
        to(house, firm, to_split, ListStatus::Held);
        let list = |name: &str| operator.list_named(&firm.controller, name).unwrap();
        officer.ask_about_list(&firm.controller, list("to-answer"), "Where is the form?").unwrap();
        let code = NewRelease { code: ReasonCode::ProofSeen, until: None };
        let drawn = ["to-prove", "to-vet"].map(|name| {
            officer.release_list(&firm.controller, list(name), &code).unwrap();
            operator.list_proofs(&firm.controller, list(name)).unwrap()[0].contact
        });
        operator.show_proof(&firm.controller, list("to-vet"), drawn[1], "form 17", None).unwrap();
        let plan = officer.plan_erasure(&firm.controller, doomed).unwrap();
        Self { contact, plan, import: kept, undo, drawn: (drawn[0], drawn[1]) }
    }
}

/// A site that is there, and one that is there to be removed.
const BARN: &str = "barn";
const DOOMED_SITE: &str = "attic";

fn new_site(name: &str) -> NewSite {
    let (country, parent_country) = ("FR".parse().unwrap(), "FR".parse().unwrap());
    NewSite { name: slug(name), folder: format!("/mnt/{name}"), password: "0123".to_owned(), country, parent_country }
}

fn outcome(site: SiteId) -> Outcome {
    Outcome {
        site,
        id: [7; 32],
        content: Content::Rows,
        state: SnapshotState::Stored,
        taken: Timestamp::now(),
        contacts: 1,
        lost: 0,
        bytes: 1,
        added: 1,
        proven: None,
        problem: None,
    }
}

/// Files of a snapshot, in memory.
pub(crate) struct Files(BTreeMap<String, Vec<u8>>);

impl SnapshotFiles for Files {
    fn file(&self, path: &str) -> Result<Vec<u8>, DeskError> {
        self.0.get(path).cloned().ok_or_else(|| DeskError::Snapshot(format!("there is no {path}")))
    }
}

/// One half of the vault.
pub(crate) fn half(desk: &Desk<'_>, content: Content) -> Files {
    let mut files = BTreeMap::new();
    let mut take = |path: String, bytes: Vec<u8>| {
        files.insert(path, bytes);
        Ok(())
    };
    desk.snapshot(SiteId::new(), content, &BTreeMap::new(), &mut take).unwrap();
    Files(files)
}

const fn method(
    name: &'static str,
    operation: Operation,
    asked: Asked,
    leaves: Option<(&'static str, &'static [&'static str])>,
    call: fn(&Stage<'_>, &Desk<'_>, &Firm) -> Result<(), DeskError>,
) -> Method {
    Method { name, operation, asked, leaves, call }
}

/// Every method; an erasure comes last, because it takes a prop away.
pub(crate) const METHODS: [Method; 75] = [
    // First: once the root key is another, older snapshots open with the older one alone.
    method("drill", Operation::BackupRun, Asked::Vault, None, |stage, desk, _| {
        let scratch = TestDatabase::sqlite();
        let (rows, keyring) = &stage.halves;
        desk.drill(scratch.url().parse().unwrap(), (rows, keyring), &mut |_, _| ()).map(drop)
    }),
    method("status", Operation::StatusRead, Asked::Vault, None, |_, desk, _| desk.status().map(drop)),
    method("controller_named", Operation::ControllerLs, Asked::Controller, None, |_, desk, firm| {
        desk.controller_named(&firm.controller.name).map(drop)
    }),
    method("purpose_named", Operation::PurposeLs, Asked::Controller, None, |_, desk, firm| {
        desk.purpose_named(firm.controller.id, &slug("newsletter")).map(drop)
    }),
    method("contact_named", Operation::ContactFind, Asked::Controller, None, |_, desk, firm| {
        match desk.contact_named(&firm.controller, "nobody@example.org") {
            Err(DeskError::NoContact) => Ok(()),
            other => other.map(drop),
        }
    }),
    method("contact_count", Operation::StatusRead, Asked::Controller, None, |_, desk, firm| {
        desk.contact_count(&firm.controller).map(drop)
    }),
    // Shows an account only itself where it may see no other, and so refuses nobody.
    method("known_accounts", Operation::AccountLs, Asked::Vault, None, |_, desk, _| desk.known_accounts().map(drop)),
    method(
        "add_controller",
        Operation::ControllerAdd,
        Asked::Vault,
        Some(("controller.add", &["controller"])),
        |stage, desk, _| desk.add_controller(&stage.fresh(), "FR".parse().unwrap(), None).map(drop),
    ),
    method(
        "add_purpose",
        Operation::PurposeAdd,
        Asked::Controller,
        Some(("purpose.add", &["purpose"])),
        |stage, desk, firm| {
            let dpv = DpvPurpose::all().next().unwrap();
            let new =
                NewPurpose { name: slug(&stage.fresh()), title: "A use".to_owned(), dpv, basis: LawfulBasis::Consent };
            desk.add_purpose(firm.controller.id, new).map(drop)
        },
    ),
    method("list_purposes", Operation::PurposeLs, Asked::Controller, None, |_, desk, firm| {
        desk.list_purposes(firm.controller.id).map(drop)
    }),
    method(
        "add_notice",
        Operation::NoticeAdd,
        Asked::Controller,
        Some(("notice.add", &["notice"])),
        |stage, desk, firm| {
            desk.add_notice(firm.controller.id, "Form", "en".parse().unwrap(), &stage.fresh()).map(drop)
        },
    ),
    method("list_notices", Operation::NoticeLs, Asked::Controller, None, |_, desk, firm| {
        desk.list_notices(firm.controller.id).map(drop)
    }),
    method(
        "add_account",
        Operation::AccountAdd,
        Asked::Appointment,
        Some(("account.add", &["account", "controller"])),
        |stage, desk, firm| {
            desk.add_account(slug(&stage.fresh()), vec![granted(Role::Operator, firm.controller.id)]).map(drop)
        },
    ),
    method("list_accounts", Operation::AccountLs, Asked::Vault, None, |_, desk, _| desk.list_accounts().map(drop)),
    method(
        "add_contact",
        Operation::ContactAdd,
        Asked::Controller,
        Some(("contact.add", &["contact", "provenance"])),
        |stage, desk, firm| {
            let email = format!("{}@example.org", stage.fresh());
            desk.add_contact(&firm.controller, &new_contact(card("Ben", &email))).map(drop)
        },
    ),
    method(
        "edit_contact",
        Operation::ContactEdit,
        Asked::Controller,
        Some(("contact.edit", &["contact"])),
        |stage, desk, firm| {
            let patch = CardPatch::new().set(CardEntry::Note, &stage.fresh());
            desk.edit_contact(&firm.controller, stage.props(firm).contact, &patch)
        },
    ),
    method(
        "find_contacts",
        Operation::ContactFind,
        Asked::Controller,
        Some(("contact.find", &["contact"])),
        |_, desk, firm| desk.find_contacts(&firm.controller, "ann@example.org").map(drop),
    ),
    method(
        "show_contact",
        Operation::ContactShow,
        Asked::Controller,
        Some(("contact.show", &["contact"])),
        |stage, desk, firm| desk.show_contact(&firm.controller, stage.props(firm).contact).map(drop),
    ),
    method(
        "record_consent",
        Operation::ConsentRecord,
        Asked::Controller,
        Some(("consent.record", &["contact", "purpose", "consent"])),
        |stage, desk, firm| {
            let consent = consent(firm.newsletter, ConsentKind::Given, None, Authority::Claim);
            desk.record_consent(&firm.controller, stage.props(firm).contact, &consent).map(drop)
        },
    ),
    method(
        "consent_history",
        Operation::ConsentHistory,
        Asked::Controller,
        Some(("consent.history", &["contact"])),
        |stage, desk, firm| desk.consent_history(&firm.controller, stage.props(firm).contact).map(drop),
    ),
    method("audit_tail", Operation::AuditTail, Asked::Vault, Some(("audit.tail", &[])), |_, desk, _| {
        desk.audit_tail(3).map(drop)
    }),
    method("audit_verify", Operation::AuditVerify, Asked::Vault, Some(("audit.verify", &[])), |_, desk, _| {
        desk.audit_verify(&[]).map(drop)
    }),
    method("audit_prove", Operation::AuditProve, Asked::Vault, Some(("audit.prove", &["entry"])), |stage, desk, _| {
        desk.audit_prove(stage.entry).map(drop)
    }),
    method("audit_checkpoint", Operation::AuditCheckpoint, Asked::Vault, None, |_, desk, _| {
        desk.audit_checkpoint().map(drop)
    }),
    method("audit_export", Operation::AuditExport, Asked::Vault, Some(("audit.export", &[])), |stage, desk, _| {
        desk.audit_export(&stage.db.folder().join("export")).map(drop)
    }),
    method("rotate_root", Operation::KeyRotate, Asked::Vault, Some(("key.rotate", &[])), |_, desk, _| {
        desk.rotate_root(RootKey::generate())
    }),
    // A second call before the last step takes up the rotation that the first began, and leaves no second entry.
    method("begin_rotation", Operation::KeyRotate, Asked::Controller, Some(("key.rotate", &[])), |_, desk, firm| {
        desk.begin_rotation(&firm.controller).map(drop)
    }),
    method("step_rotation", Operation::KeyRotate, Asked::Controller, Some(("key.reseal", &[])), |_, desk, firm| {
        desk.step_rotation(&firm.controller).map(drop)
    }),
    method("plan_erasure", Operation::ContactErase, Asked::Controller, None, |stage, desk, firm| {
        desk.plan_erasure(&firm.controller, stage.props(firm).contact).map(drop)
    }),
    method(
        "carry_out_erasure",
        Operation::ContactErase,
        Asked::Controller,
        Some(("contact.erase", &["contact"])),
        |stage, desk, firm| desk.carry_out_erasure(&stage.props(firm).plan),
    ),
    // An import leaves an entry when it begins, one for each chunk, and one at its end.
    method(
        "import",
        Operation::ListImport,
        Asked::Controller,
        Some(("import.finish", &["import", "list"])),
        |stage, desk, firm| {
            let new = into_list(&stage.fresh(), Some(firm.newsletter));
            desk.import(&firm.controller, &new, &mut Rows::of(Vec::new()), &mut Told::default()).map(drop)
        },
    ),
    method(
        "rehearse_import",
        Operation::ListImport,
        Asked::Controller,
        Some(("import.rehearse", &[])),
        |stage, desk, firm| {
            let new = into_list(&stage.fresh(), Some(firm.newsletter));
            desk.rehearse_import(&firm.controller, &new, &mut Rows::of(Vec::new()), &mut Told::default()).map(drop)
        },
    ),
    method("imports", Operation::ListLs, Asked::Controller, None, |_, desk, firm| {
        desk.imports(&firm.controller).map(drop)
    }),
    method("lists", Operation::ListLs, Asked::Controller, None, |_, desk, firm| desk.lists(&firm.controller).map(drop)),
    method("imports_without_words", Operation::ListLs, Asked::Controller, None, |_, desk, firm| {
        desk.imports_without_words(&firm.controller).map(drop)
    }),
    method(
        "tag_words",
        Operation::ListImport,
        Asked::Controller,
        Some(("import.words", &["import"])),
        |_, desk, firm| desk.tag_words(&firm.controller).map(drop),
    ),
    method("plan_undo", Operation::ListUndo, Asked::List("kept"), None, |stage, desk, firm| {
        desk.plan_undo(&firm.controller, stage.props(firm).import).map(drop)
    }),
    method(
        "undo_import",
        Operation::ListUndo,
        Asked::List("undone"),
        Some(("import.undo", &["import", "list"])),
        |stage, desk, firm| desk.undo_import(&stage.props(firm).undo),
    ),
    method("list_named", Operation::ListLs, Asked::Controller, None, |_, desk, firm| {
        desk.list_named(&firm.controller, "kept").map(drop)
    }),
    method(
        "show_list",
        Operation::ListShow,
        Asked::List("kept"),
        Some(("list.show", &["list"])),
        |stage, desk, firm| desk.show_list(&firm.controller, stage.list(firm, "kept").0).map(drop),
    ),
    method(
        "list_sources",
        Operation::ListShow,
        Asked::List("kept"),
        Some(("list.show", &["list"])),
        |stage, desk, firm| desk.list_sources(&firm.controller, stage.list(firm, "kept").0).map(drop),
    ),
    method(
        "list_proofs",
        Operation::ListShow,
        Asked::List("to-prove"),
        Some(("list.show", &["list"])),
        |stage, desk, firm| desk.list_proofs(&firm.controller, stage.list(firm, "to-prove").0).map(drop),
    ),
    method(
        "describe_source",
        Operation::ListDescribe,
        Asked::List("kept"),
        Some(("list.describe", &["list"])),
        |stage, desk, firm| {
            let sentence = "You left your card at our stand";
            desk.describe_source(&firm.controller, stage.list(firm, "kept").0, "Fair", sentence)
        },
    ),
    method("preview_list", Operation::ListPreview, Asked::Controller, Some(("list.preview", &[])), |_, desk, firm| {
        desk.preview_list(&firm.controller)?.finish(Claimed::default()).map(drop)
    }),
    method(
        "submit_list",
        Operation::ListSubmit,
        Asked::List("to-submit"),
        Some(("list.submit", &["list", "decision"])),
        |stage, desk, firm| desk.submit_list(&firm.controller, stage.list(firm, "to-submit").0, None).map(drop),
    ),
    method(
        "submit_and_check_list",
        Operation::ListSubmit,
        Asked::List("to-hand-in"),
        Some(("list.check", &["list", "check"])),
        |stage, desk, firm| {
            desk.submit_and_check_list(&firm.controller, stage.list(firm, "to-hand-in").0, None).map(drop)
        },
    ),
    method(
        "check_list",
        Operation::ListCheck,
        Asked::List("to-check"),
        Some(("list.check", &["list", "check"])),
        |stage, desk, firm| desk.check_list(&firm.controller, stage.list(firm, "to-check").0).map(drop),
    ),
    method(
        "replay_list",
        Operation::ListShow,
        Asked::List("to-use"),
        Some(("list.replay", &["list", "check"])),
        |stage, desk, firm| desk.replay_list(&firm.controller, stage.list(firm, "to-use").0).map(drop),
    ),
    method(
        "release_list",
        Operation::ListRelease,
        Asked::List("to-release"),
        Some(("list.release", &["list", "decision", "release"])),
        |stage, desk, firm| {
            let new = NewRelease { code: ReasonCode::ProofSeen, until: None };
            desk.release_list(&firm.controller, stage.list(firm, "to-release").0, &new).map(drop)
        },
    ),
    method(
        "block_list",
        Operation::ListBlock,
        Asked::List("to-block"),
        Some(("list.block", &["list", "decision"])),
        |stage, desk, firm| desk.block_list(&firm.controller, stage.list(firm, "to-block").0, ReasonCode::Swapped),
    ),
    method(
        "split_list",
        Operation::ListSplit,
        Asked::List("to-split"),
        Some(("list.split", &["list", "list", "decision", "decision"])),
        |stage, desk, firm| {
            desk.split_list(&firm.controller, stage.list(firm, "to-split").0, 2, &stage.fresh()).map(drop)
        },
    ),
    method(
        "ask_about_list",
        Operation::ListAsk,
        Asked::List("to-ask"),
        Some(("list.ask", &["list", "decision"])),
        |stage, desk, firm| desk.ask_about_list(&firm.controller, stage.list(firm, "to-ask").0, "From whom?"),
    ),
    method(
        "answer_about_list",
        Operation::ListAnswer,
        Asked::List("to-answer"),
        Some(("list.answer", &["list", "decision"])),
        |stage, desk, firm| desk.answer_about_list(&firm.controller, stage.list(firm, "to-answer").0, "In folder B"),
    ),
    method(
        "report_evidence",
        Operation::ListSuspend,
        Asked::List("to-suspend"),
        Some(("list.suspend", &["list", "decision"])),
        |stage, desk, firm| {
            let list = stage.list(firm, "to-suspend").0;
            desk.report_evidence(&firm.controller, list, LaterEvidence::Bounces, "9 % came back").map(drop)
        },
    ),
    method(
        "show_proof",
        Operation::ListProve,
        Asked::List("to-prove"),
        Some(("list.prove", &["list", "contact"])),
        |stage, desk, firm| {
            let (list, drawn) = (stage.list(firm, "to-prove").0, stage.props(firm).drawn.0);
            desk.show_proof(&firm.controller, list, drawn, "form 18", None)
        },
    ),
    method(
        "judge_proof",
        Operation::ListVet,
        Asked::List("to-vet"),
        Some(("list.vet", &["list", "contact"])),
        |stage, desk, firm| {
            let (list, drawn) = (stage.list(firm, "to-vet").0, stage.props(firm).drawn.1);
            desk.judge_proof(&firm.controller, list, drawn, true)
        },
    ),
    method(
        "use_list",
        Operation::ListUse,
        Asked::List("to-use"),
        Some(("list.use", &["list", "release"])),
        |stage, desk, firm| desk.use_list(&firm.controller, stage.list(firm, "to-use").0, None).map(drop),
    ),
    // An export leaves an entry when it begins, and another when it has ended.
    method(
        "export_list",
        Operation::ListExport,
        Asked::List("to-use"),
        Some(("list.export", &["list", "release", "purpose", "export"])),
        |stage, desk, firm| {
            let new = NewExport {
                purpose: firm.newsletter,
                recipient: "Example Mailing".to_owned(),
                country: None,
                format: "csv",
                canary_domains: Vec::new(),
            };
            desk.export_list(&firm.controller, stage.list(firm, "to-use").0, new).map(drop)
        },
    ),
    method(
        "add_backup_site",
        Operation::BackupSiteAdd,
        Asked::Vault,
        Some(("backup.site-add", &["site"])),
        |stage, desk, _| desk.add_backup_site(&new_site(&stage.fresh())).map(drop),
    ),
    method("plan_backup_site", Operation::BackupSiteAdd, Asked::Vault, None, |stage, desk, _| {
        desk.plan_backup_site(&slug(&stage.fresh()), "/nowhere")
    }),
    method(
        "remove_backup_site",
        Operation::BackupSiteAdd,
        Asked::Vault,
        Some(("backup.site-rm", &["site"])),
        |_, desk, _| desk.remove_backup_site(&slug(DOOMED_SITE)).map(drop),
    ),
    method("list_backup_sites", Operation::BackupLs, Asked::Vault, None, |_, desk, _| {
        desk.list_backup_sites().map(drop)
    }),
    method("open_backup_sites", Operation::BackupRun, Asked::Vault, None, |_, desk, _| {
        desk.open_backup_sites(None).map(drop)
    }),
    method("backup_sheet", Operation::BackupSheet, Asked::Vault, Some(("backup.sheet", &["site"])), |_, desk, _| {
        desk.backup_sheet(&slug(BARN)).map(drop)
    }),
    method("snapshot", Operation::BackupRun, Asked::Vault, Some(("backup.begin", &["site"])), |stage, desk, _| {
        desk.snapshot(stage.site, Content::Rows, &BTreeMap::new(), &mut |_, _| Ok(())).map(drop)
    }),
    method("record_backup", Operation::BackupRun, Asked::Vault, Some(("backup.run", &["site"])), |stage, desk, _| {
        desk.record_backup(&outcome(stage.site))
    }),
    method(
        "record_forgotten",
        Operation::BackupRun,
        Asked::Vault,
        Some(("backup.forget", &["site"])),
        |stage, desk, _| desk.record_forgotten(stage.site, &[[7; 32]]),
    ),
    method("list_backups", Operation::BackupLs, Asked::Vault, None, |_, desk, _| desk.list_backups().map(drop)),
    method("backup_alarms", Operation::BackupLs, Asked::Vault, None, |_, desk, _| {
        desk.backup_alarms(&BackupRules::builtin(), Timestamp::now()).map(drop)
    }),
    method("lost_salts", Operation::BackupRun, Asked::Vault, None, |_, desk, _| desk.lost_salts([]).map(drop)),
    method("add_trap", Operation::TrapAdd, Asked::Vault, Some(("trap.add", &[])), |stage, desk, _| {
        desk.add_trap(&format!("{}@trap.example", stage.fresh()), MarkKind::TrapRecycled).map(drop)
    }),
    method("traps", Operation::TrapLs, Asked::Vault, Some(("trap.ls", &[])), |_, desk, _| desk.traps().map(drop)),
    method("remove_trap", Operation::TrapRm, Asked::Vault, Some(("trap.rm", &[])), |_, desk, _| {
        desk.remove_trap(DOOMED_TRAP)
    }),
    method(
        "withdraw_list",
        Operation::ListWithdraw,
        Asked::List("undone"),
        Some(("list.withdraw", &["list", "decision"])),
        |stage, desk, firm| desk.withdraw_list(&firm.controller, stage.list(firm, "undone").0),
    ),
    // Shows an account only what it may see, and so refuses nobody.
    method("list_controllers", Operation::ControllerLs, Asked::Vault, None, |_, desk, _| {
        desk.list_controllers().map(drop)
    }),
];

#[test]
fn no_method_of_the_desk_is_missing_here() {
    let mut declared = BTreeSet::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut |text| {
        for part in text.split("impl Desk<'_> {").skip(1).chain(text.split("impl<'v> Desk<'v> {").skip(1)) {
            let body = part.split("\n}\n").next().unwrap();
            let names = body.split("    pub fn ").skip(1).map(|rest| rest.split(['(', '<']).next().unwrap().to_owned());
            declared.extend(names);
        }
    });
    let listed: BTreeSet<String> = METHODS.iter().map(|one| one.name.to_owned()).collect();
    assert_eq!(declared, listed);
}

fn sources(folder: &Path, read: &mut impl FnMut(&str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, read);
        } else {
            read(&fs::read_to_string(&path).unwrap());
        }
    }
}
