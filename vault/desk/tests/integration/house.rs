//! A small vault to test in: two controllers, their purposes and notices, and an account for each role.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use carnet_core::gate::{ExampleRow, Learnt, PolicyUsed, Report, SignalId, SignalReport, Verdict};
use carnet_core::keys::RootKey;
use carnet_core::ledger::Channel;
use carnet_core::model::{
    Authority, Card, CardBuilder, ConsentKind, ContactId, Controller, ControllerId, DpvPurpose, Evidence, LawfulBasis,
    NoticeHash, ProvenanceKind, PurposeId, Role, RoleGrant, Slug, Timestamp,
};
use carnet_core::policy::AccessPolicy;
use carnet_desk::{
    CheckRow, Desk, DeskError, Errand, Gate, Judgement, Location, NewConsent, NewContact, NewProvenance, NewPurpose,
    OsUser, Others, Recall, Segment, Survey, Vault,
};
use carnet_tests::TestDatabase;

/// The user of the machine that all errands come from.
pub(crate) const UID: u32 = 4711;

/// What belongs to one controller.
pub(crate) struct Firm {
    pub(crate) controller: Controller,
    pub(crate) newsletter: PurposeId,
    pub(crate) invoicing: PurposeId,
    pub(crate) notice: NoticeHash,
}

/// A vault with everything declared and no contact in it.
pub(crate) struct House {
    pub(crate) vault: Vault,
    words: String,
    location: Location,
    pub(crate) ours: Firm,
    pub(crate) theirs: Firm,
}

impl House {
    /// Accounts: `owner`, `officer`, `operator`, `auditor` for the whole vault, and `nobody`.
    pub(crate) fn found(db: &TestDatabase) -> Self {
        Self::found_under(db, policy())
    }

    /// The same under another policy.
    pub(crate) fn found_under(db: &TestDatabase, policy: AccessPolicy) -> Self {
        let root = RootKey::generate();
        let words = root.to_words().reveal().to_string();
        let location: Location = db.url().parse().unwrap();
        let vault = Vault::found(location.clone(), root, policy, slug("owner"), &errand("a new vault")).unwrap();
        let vault = vault.with_gate(Arc::new(Told));
        let owner = vault.desk(&slug("owner"), errand("to set up")).unwrap();
        for (name, role) in [("officer", Role::Compliance), ("operator", Role::Operator), ("auditor", Role::Auditor)] {
            owner.add_account(slug(name), vec![RoleGrant { role, controller: None }]).unwrap();
        }
        owner.add_account(slug("nobody"), Vec::new()).unwrap();
        let (ours, theirs) = (firm(&owner, "Port Cooperative"), firm(&owner, "Hill Bakery"));
        drop(owner);
        Self { vault, words, location, ours, theirs }
    }

    /// The same vault as another process has it open.
    pub(crate) fn opened_again(&self) -> Vault {
        let root = RootKey::from_words(&self.words).unwrap();
        Vault::open(self.location.clone(), root, policy()).unwrap().with_gate(Arc::new(Told))
    }

    pub(crate) fn location(&self) -> Location {
        self.location.clone()
    }

    /// The root key that the vault was founded with, as words.
    pub(crate) fn words(&self) -> &str {
        &self.words
    }

    pub(crate) fn desk(&self, account: &str) -> Desk<'_> {
        desk(&self.vault, account)
    }

    pub(crate) fn desk_because(&self, account: &str, reason: &str) -> Desk<'_> {
        self.vault.desk(&slug(account), errand(reason)).unwrap()
    }

    /// Adds a contact of ours, by the operator.
    pub(crate) fn add(&self, card: Card) -> ContactId {
        self.desk("operator").add_contact(&self.ours.controller, &new_contact(card)).unwrap()
    }

    /// Records for a contact of ours, by the operator, that it did this just now.
    pub(crate) fn record(&self, contact: ContactId, kind: ConsentKind) {
        let consent = consent(self.ours.newsletter, kind, Some(Timestamp::now()), Authority::OwnAct);
        self.desk("operator").record_consent(&self.ours.controller, contact, &consent).unwrap();
    }

    /// Erases a contact of ours, by the officer.
    pub(crate) fn erase(&self, contact: ContactId) {
        let desk = self.desk("officer");
        let plan = desk.plan_erasure(&self.ours.controller, contact).unwrap();
        desk.carry_out_erasure(&plan).unwrap();
    }

    /// Verifies, and fails with what is wrong.
    pub(crate) fn assert_clean(&self) {
        assert_clean(&self.vault);
    }
}

/// Judges a list by the words in the names of its contacts: `block`, `review`; it fails on `crash` and stops at `lazy`. Segment 0
/// is the whole list, 1 has the names with `block`, 2 those with `review`, 3 those with `aside`, which are clear.
pub(crate) struct Told;

/// The segments of a list, of which these words were judged.
fn told_segments(verdict: Verdict, judged: &[(ContactId, String)]) -> (Vec<Segment>, Vec<(u32, Vec<ContactId>)>) {
    let segment = |number, key: &str, rows: usize, verdict| Segment {
        number,
        key: key.to_owned(),
        rows: rows.try_into().unwrap(),
        verdict,
        quarantined: number > 0 && verdict != Verdict::Clear,
    };
    let (mut segments, mut members) = (vec![segment(0, "all", judged.len(), verdict)], Vec::new());
    for (number, word, verdict) in
        [(1, "block", Verdict::Block), (2, "review", Verdict::Review), (3, "aside", Verdict::Clear)]
    {
        let found: Vec<ContactId> = judged.iter().filter(|(_, name)| name.contains(word)).map(|(id, _)| *id).collect();
        if !found.is_empty() {
            segments.push(segment(number, word, found.len(), verdict));
            members.push((number, found));
        }
    }
    (segments, members)
}

impl Gate for Told {
    fn judge(&self, rows: &mut dyn Iterator<Item = CheckRow>, _: &Recall<'_>) -> Result<Judgement, DeskError> {
        let (mut verdict, mut judged, mut examples) = (Verdict::Clear, Vec::new(), BTreeMap::new());
        for row in rows {
            let name = row.card.full_name().unwrap_or_default().to_lowercase();
            match name.as_str() {
                name if name.contains("crash") => return Err(DeskError::Invalid("the power is gone".to_owned())),
                name if name.contains("lazy") => break,
                name if name.contains("block") => verdict = verdict.max(Verdict::Block),
                name if name.contains("review") => verdict = verdict.max(Verdict::Review),
                _ => {}
            }
            examples.insert(row.position, row.contact);
            judged.push((row.contact, name));
        }
        let points = if verdict == Verdict::Clear { 0 } else { 7 };
        let (segments, members) = told_segments(verdict, &judged);
        let judged = u64::try_from(judged.len()).unwrap();
        Ok(Judgement {
            policy: [1; 32],
            inputs: [2; 32],
            verdict,
            points,
            judged,
            segments,
            members,
            report: told(verdict, judged),
            examples,
            lists: BTreeMap::new(),
            learnt: Learnt::default(),
        })
    }

    fn preview(&self, _: &Survey, _: &Recall<'_>) -> Result<(Report, Others), DeskError> {
        Ok((told(Verdict::Clear, 0), Others::new()))
    }
}

/// A report with one signal, which is for compliance alone and shows the first row.
fn told(verdict: Verdict, rows: u64) -> Report {
    let signal = SignalReport {
        id: SignalId::C3,
        title: "An address of an export".to_owned(),
        points: 6,
        value: 1.0,
        bound: 1.0,
        threshold: 1.0,
        peers: None,
        sentence: "1 row was made for an export.".to_owned(),
        law: Vec::new(),
        cure: "None.".to_owned(),
        segment: 0,
        compliance_alone: true,
        hits: 1,
        rows: vec![ExampleRow { position: 1, email: String::new(), name: String::new() }],
    };
    Report {
        format: 1,
        program: String::new(),
        verdict,
        points: 6,
        cannot_judge: Vec::new(),
        policy: PolicyUsed { number: 1, hash: "01".repeat(32) },
        inputs: "02".repeat(32),
        judged_at: Timestamp::now(),
        rows,
        rows_judged: rows,
        rejected: 0,
        rows_quarantined: 0,
        segments: Vec::new(),
        signals: vec![signal],
        not_judged: Vec::new(),
        shared: Vec::new(),
        withheld: false,
    }
}

pub(crate) fn assert_clean(vault: &Vault) {
    let report = desk(vault, "officer").audit_verify(&[]).unwrap();
    assert!(report.is_clean(), "{:#?}", report.problems);
}

fn firm(owner: &Desk<'_>, name: &str) -> Firm {
    let controller = owner.add_controller(name, "FR".parse().unwrap(), None).unwrap();
    let purpose = |handle: &str, basis: LawfulBasis| {
        let dpv: DpvPurpose = DpvPurpose::all().next().unwrap();
        let new = NewPurpose { name: slug(handle), title: format!("{handle} of {name}"), dpv, basis };
        owner.add_purpose(controller.id, new).unwrap().id
    };
    let (newsletter, invoicing) =
        (purpose("newsletter", LawfulBasis::Consent), purpose("invoicing", LawfulBasis::Contract));
    let text = format!("{name} writes to you twice a month.");
    let notice = owner.add_notice(controller.id, "Form", "en".parse().unwrap(), &text).unwrap().hash();
    Firm { controller, newsletter, invoicing, notice }
}

/// The program's policy, read once: that takes longer than most tests.
pub(crate) fn policy() -> AccessPolicy {
    static POLICY: OnceLock<AccessPolicy> = OnceLock::new();
    POLICY.get_or_init(AccessPolicy::builtin).clone()
}

pub(crate) fn desk<'v>(vault: &'v Vault, account: &str) -> Desk<'v> {
    vault.desk(&slug(account), errand("to try it")).unwrap()
}

pub(crate) fn errand(reason: &str) -> Errand {
    let os_user = Some(OsUser { uid: UID, name: Some("mallory".to_owned()) });
    Errand { channel: Channel::CommandLine, os_user, reason: reason.to_owned() }
}

pub(crate) fn slug(name: &str) -> Slug {
    name.parse().unwrap()
}

pub(crate) fn card(name: &str, email: &str) -> Card {
    CardBuilder::new().full_name(name).email(email).build().unwrap()
}

pub(crate) fn new_contact(card: Card) -> NewContact {
    let (origin, file_name) = ("typed from the form at the stand".to_owned(), None);
    let provenance = NewProvenance { kind: ProvenanceKind::ManualEntry, origin, file_name, holders: None };
    NewContact { card, provenance, own_act: false }
}

pub(crate) fn own_act(card: Card) -> NewContact {
    NewContact { own_act: true, ..new_contact(card) }
}

pub(crate) fn consent(
    purpose: PurposeId,
    kind: ConsentKind,
    at: Option<Timestamp>,
    authority: Authority,
) -> NewConsent {
    NewConsent { purpose, kind, at, authority, notice: None, evidence: Evidence::default() }
}

/// A role for one controller alone.
pub(crate) fn granted(role: Role, controller: ControllerId) -> RoleGrant {
    RoleGrant { role, controller: Some(controller) }
}
