//! `carnet demo`: the main job on invented data, in a throwaway vault that nothing else knows of.

mod gate;
mod import;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use carnet_core::ledger::{Channel, TrustPolicy, Verdict, verify_bundle};
use carnet_core::model::{
    Authority, CardBuilder, CollectionMethod, ConsentKind, ContactId, Controller, Evidence, NoticeHash, ProvenanceKind,
    PurposeId, Role, RoleGrant, Slug, Timestamp,
};
use carnet_desk::{Desk, DeskError, Errand, ExchangeGate, NewConsent, NewContact, NewProvenance, NewPurpose, Vault};
use clap::Args;
use serde_json::{Value, json};

use super::{Global, init};
use crate::failure::Failure;
use crate::output::Output;
use crate::session::{errand, parsed};

/// What `carnet demo` takes.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Keep the vault in this folder, which must not exist yet, to look around in it afterwards
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

const PEOPLE: [(&str, &str, &str, &str); 6] = [
    ("Ada Martin", "ada.martin@atelier.example", "+33 1 99 00 00 01", "Atelier des Tilleuls"),
    ("Bruno Keller", "bruno.keller@keller.example", "+49 30 23125 001", "Keller Optik"),
    ("Chiara Conti", "chiara@conti.example", "+39 02 0000 0001", "Studio Conti"),
    ("Dorian Petit", "dorian.petit@example.org", "+33 1 99 00 00 02", "Librairie du Canal"),
    ("Elif Aydin", "elif.aydin@example.org", "+33 1 99 00 00 03", "Aydin Conseil"),
    ("Farid Benali", "farid@benali.example", "+33 1 99 00 00 04", "Benali Traiteur"),
];
const NOTICE: &str = "We write to you once a month about our exhibitions. You can say no in every letter, or at \
                      privacy@association.example. We keep your address for three years after your last answer.";

/// What the steps work on.
struct Stage<'v> {
    owner: Desk<'v>,
    officer: Desk<'v>,
    auditor: Desk<'v>,
    controller: Controller,
    purpose: PurposeId,
    notice: NoticeHash,
}

impl Demo {
    pub(crate) fn run(self, output: &Output) -> Result<(), Failure> {
        let begun = Instant::now();
        let throwaway = tempfile::Builder::new().prefix("carnet-demo-").tempdir()?;
        let kept = self.keep.clone();
        if let Some(folder) = kept.as_ref().filter(|folder| folder.exists()) {
            return Err(Failure::invalid(format!(
                "{} is there already; choose a folder that is not",
                folder.display()
            )));
        }
        let data = kept.clone().unwrap_or_else(|| throwaway.path().join("vault"));
        let global = Global { data: Some(data.clone()), reason: Some("demonstration".to_owned()), ..Global::default() };
        let mut told = Told { output, lines: 0 };

        let (vault, config) = init::make(&global, "owner", false)?.finish()?;
        let vault = vault.with_gate(Arc::new(ExchangeGate::builtin()));
        told.step(
            "A vault, sealed from its first byte",
            &format!("{} and its key {}", config.database, config.key_file.display()),
        )?;
        let stage = declare(&vault, &global, &mut told)?;
        let contacts = add_contacts(&stage, &mut told)?;
        consents(&stage, &contacts, &mut told)?;
        refusals(&stage, &contacts, &mut told)?;
        erasure(&stage, &contacts, &mut told)?;
        import::import(&stage, &mut told)?;
        gate::gate(&stage, throwaway.path(), &mut told)?;
        let entries = ledger(&vault, &stage, throwaway.path(), &mut told)?;
        crate::checkpoint::keep(&data, &vault, output);

        let value = json!({
            "contacts": stage.owner.status()?.contacts,
            "entries": entries,
            "verdict": "verified",
            "kept": kept,
            "seconds": begun.elapsed().as_secs_f64(),
        });
        output.show(&value, |out| {
            writeln!(out, "\nAll of this took {:.1} s.", begun.elapsed().as_secs_f64())?;
            match &kept {
                Some(folder) => {
                    let folder = folder.display();
                    writeln!(out, "The vault is kept. Look around in it:")?;
                    let of = format!("--controller \"{}\" --reason \"looking around\"", stage.controller.name);
                    writeln!(out, "  carnet --data {folder} contact show ada.martin@atelier.example {of}")?;
                    writeln!(out, "  carnet --data {folder} list report partners --as officer {of}")?;
                    writeln!(out, "  carnet --data {folder} audit tail")
                }
                None => writeln!(
                    out,
                    "The vault is gone again; `carnet demo --keep DIR` leaves it to look around in, `carnet init` makes a real one.\n\
                     Read on: README.md, docs/cli.md, docs/security.md."
                ),
            }
        })
    }
}

/// Tells people what happened, a step a line; programs read the result alone.
struct Told<'o> {
    output: &'o Output,
    lines: u32,
}

impl Told<'_> {
    fn step(&mut self, what: &str, how: &str) -> Result<(), Failure> {
        self.lines += 1;
        if !self.output.is_json() {
            let lines = self.lines;
            self.output.show(&Value::Null, |out| writeln!(out, "{lines:>2}. {what}\n      {how}"))?;
        }
        Ok(())
    }
}

fn declare<'v>(vault: &'v Vault, global: &Global, told: &mut Told<'_>) -> Result<Stage<'v>, Failure> {
    let desk = |name: &str| -> Result<Desk<'v>, Failure> {
        let name: Slug = parsed(name, "account")?;
        let errand: Errand = errand(global, Channel::CommandLine);
        Ok(vault.desk(&name, errand)?)
    };
    let owner = desk("owner")?;
    for (name, role) in [("officer", Role::Compliance), ("auditor", Role::Auditor)] {
        owner.add_account(parsed(name, "account")?, vec![RoleGrant { role, controller: None }])?;
    }
    let controller = owner.add_controller("Association des Tilleuls", parsed("FR", "country")?, None)?;
    let purpose = owner.add_purpose(
        controller.id,
        NewPurpose {
            name: parsed("newsletter", "purpose")?,
            title: "Monthly letter about exhibitions".to_owned(),
            dpv: parsed("DirectMarketing", "dpv")?,
            basis: parsed("consent", "basis")?,
        },
    )?;
    let notice = owner.add_notice(controller.id, "Sign-up form, autumn", parsed("en", "language")?, NOTICE)?;
    told.step(
        "Who decides, why, and what people were told",
        &format!(
            "controller {}, purpose {} on consent, notice {:.16}…",
            controller.name,
            purpose.name,
            notice.hash().to_string()
        ),
    )?;
    let (officer, auditor) = (desk("officer")?, desk("auditor")?);
    Ok(Stage { owner, officer, auditor, controller, purpose: purpose.id, notice: notice.hash() })
}

fn add_contacts(stage: &Stage<'_>, told: &mut Told<'_>) -> Result<Vec<ContactId>, Failure> {
    let mut ids = Vec::new();
    for (name, email, phone, organization) in PEOPLE {
        let card = CardBuilder::new().full_name(name).email(email).phone(phone).organization(organization).build();
        let provenance = NewProvenance {
            kind: ProvenanceKind::SubjectForm,
            origin: "You signed up at our stand on the autumn fair".to_owned(),
            file_name: None,
            holders: Some(Vec::new()),
        };
        let card = card.map_err(|error| Failure::invalid(error.to_string()))?;
        ids.push(stage.owner.add_contact(&stage.controller, &NewContact { card, provenance, own_act: false })?);
    }
    told.step("Contacts, each under its own key, each with where it came from", &format!("{} added", ids.len()))?;
    let found = stage.owner.find_contacts(&stage.controller, "atelier")?;
    let name = found.found.first().and_then(|one| one.name.clone()).unwrap_or_default();
    told.step("Found again by keyed tags, without opening the others", &format!("\"atelier\" finds {name}"))?;
    Ok(ids)
}

fn consents(stage: &Stage<'_>, contacts: &[ContactId], told: &mut Told<'_>) -> Result<(), Failure> {
    let consent = |kind: ConsentKind| NewConsent {
        purpose: stage.purpose,
        kind,
        at: Some(Timestamp::now()),
        authority: Authority::OwnAct,
        notice: Some(stage.notice),
        evidence: Evidence {
            method: Some(CollectionMethod::PaperForm),
            source: Some("stand on the autumn fair".to_owned()),
            affirmative_act: Some(true),
            collector: Some(stage.controller.name.clone()),
            holders: Some(Vec::new()),
            ..Evidence::default()
        },
    };
    for contact in contacts {
        stage.owner.record_consent(&stage.controller, *contact, &consent(ConsentKind::Given))?;
    }
    let Some(second) = contacts.get(1) else { return Ok(()) };
    stage.owner.record_consent(&stage.controller, *second, &consent(ConsentKind::Withdrawn))?;
    let claim = NewConsent { authority: Authority::Claim, ..consent(ConsentKind::Given) };
    stage.owner.record_consent(&stage.controller, *second, &claim)?;
    let standing = stage.officer.consent_history(&stage.controller, *second)?;
    let (events, permits) = standing.first().map_or((0, true), |one| (one.history.len(), one.permits()));
    if permits {
        return Err(Failure::invalid("a claim lifted a withdrawal: please report this"));
    }
    told.step(
        "Consent with its proof; a withdrawal that no later claim lifts",
        &format!("{}: {events} events kept, and the answer stays no", PEOPLE.get(1).map_or("", |person| person.0)),
    )
}

fn refusals(stage: &Stage<'_>, contacts: &[ContactId], told: &mut Told<'_>) -> Result<(), Failure> {
    let Some(first) = contacts.first() else { return Ok(()) };
    match stage.auditor.show_contact(&stage.controller, *first) {
        Err(DeskError::Denied(because)) => {
            told.step("An auditor may read the ledger, never a contact; the try is recorded", &because)
        }
        _ => Err(Failure::invalid("the auditor could open a contact: please report this")),
    }
}

fn erasure(stage: &Stage<'_>, contacts: &[ContactId], told: &mut Told<'_>) -> Result<(), Failure> {
    let Some(last) = contacts.last() else { return Ok(()) };
    let plan = stage.officer.plan_erasure(&stage.controller, *last)?;
    stage.officer.carry_out_erasure(&plan)?;
    told.step(
        "Erased: the 16 bytes are gone without which nobody opens that contact, in any copy",
        &format!(
            "{} stays as {} keyed hash, so that no import brings it back",
            PEOPLE.last().map_or("", |person| person.0),
            plan.suppressions
        ),
    )
}

fn ledger(vault: &Vault, stage: &Stage<'_>, scratch: &std::path::Path, told: &mut Told<'_>) -> Result<u64, Failure> {
    let report = stage.auditor.audit_verify(&[])?;
    if let Some(problem) = report.problems.first() {
        return Err(Failure::invalid(format!("the ledger does not verify: {problem}; please report this")));
    }
    told.step(
        "Every act is in the ledger, and rows and entries agree",
        &format!("{} entries, {} contacts, {} consent events", report.entries, report.contacts, report.consent_events),
    )?;
    let folder = scratch.join("ledger");
    let exported = stage.auditor.audit_export(&folder)?;
    let trust = TrustPolicy::of_log(vault.ledger_key().clone()).map_err(|error| Failure::invalid(error.to_string()))?;
    match verify_bundle(&folder, &trust, &[]).verdict {
        Verdict::Verified => told.step(
            "Verified again as an auditor would: without vault, root key or network",
            &format!("{} entries lead to the root that the vault signed", exported.size),
        )?,
        _ => return Err(Failure::invalid("the exported ledger does not verify: please report this")),
    }
    Ok(exported.size)
}
