//! `carnet contact`: adding, finding, opening, changing and erasing contacts.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use carnet_connectors::formats::jscontact::CardReader;
use carnet_core::model::{Card, CardBuilder, CardEntry, CardPatch, ContactId, Controller, ProvenanceKind};
use carnet_desk::{Desk, ErrorKind, NewContact, NewProvenance};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::contact_view;
use super::{Global, Of};
use crate::failure::Failure;
use crate::output::{Output, counted, moment, table};
use crate::session::{at_desk, confirmed, parsed};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a contact, from fields or from JSContact cards
    ///
    /// A card that cannot be read or taken costs none of the others; it is listed, and the exit code is 2.
    #[command(after_long_help = "Examples:\n  \
        carnet contact add --name \"Ada Martin\" --email ada@example.org --origin \"You signed up at our stand\"\n  \
        carnet contact add --card members.ndjson --way file --origin \"You are on our list of members\"")]
    Add(Box<Add>),
    /// Find contacts by e-mail address, phone number, @domain, or words of names and organisations
    #[command(after_long_help = "Examples:\n  carnet contact find ada@example.org --reason \"she called\"\n  \
        carnet contact find \"+33 1 99 00 00 01\" --reason \"who called\"\n  \
        carnet contact find @example.org --reason \"a letter to the firm\"\n  \
        carnet contact find \"ada martin\" --reason \"she called\"")]
    Find {
        /// What to look for
        query: String,
        #[command(flatten)]
        of: Of,
    },
    /// Open a contact: its card, where it came from, and the chain behind each purpose
    Show {
        /// Its id or e-mail address
        contact: String,
        #[command(flatten)]
        of: Of,
    },
    /// Change some of a contact and keep the rest (Art. 16)
    Edit(Box<Edit>),
    /// Erase a contact: everything but a keyed hash that keeps it from coming back (Art. 17)
    Erase {
        /// Its id or e-mail address
        contact: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        of: Of,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// File of JSContact cards: one card, an array, or one a line; - for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["email", "name", "given", "surname", "phone", "org", "title", "note", "language"])]
    card: Option<PathBuf>,
    /// Full name
    #[arg(long)]
    name: Option<String>,
    /// Given name
    #[arg(long)]
    given: Option<String>,
    /// Surname
    #[arg(long)]
    surname: Option<String>,
    /// E-mail address; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    email: Vec<String>,
    /// Phone number; may be given several times
    #[arg(long, value_name = "NUMBER")]
    phone: Vec<String>,
    /// Organisation
    #[arg(long, value_name = "NAME")]
    org: Option<String>,
    /// Job title
    #[arg(long)]
    title: Option<String>,
    /// Note
    #[arg(long)]
    note: Option<String>,
    /// Language that the person speaks (BCP 47)
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// From whom and how it came, as you would tell the person (Art. 14)
    #[arg(long, value_name = "SENTENCE")]
    origin: String,
    /// By which way: subject-form, file, provider, server, manual-entry, third-party, public-source
    #[arg(long, value_name = "KIND", default_value = "manual-entry")]
    way: String,
    /// The person asked for it: brings back somebody who was erased or objected
    #[arg(long)]
    own_act: bool,
    #[command(flatten)]
    of: Of,
}

#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// Its id or e-mail address
    contact: String,
    /// New full name
    #[arg(long)]
    name: Option<String>,
    /// Add an e-mail address
    #[arg(long, value_name = "ADDRESS")]
    add_email: Vec<String>,
    /// Remove an e-mail address
    #[arg(long, value_name = "ADDRESS")]
    remove_email: Vec<String>,
    /// Add a phone number
    #[arg(long, value_name = "NUMBER")]
    add_phone: Vec<String>,
    /// Remove a phone number
    #[arg(long, value_name = "NUMBER")]
    remove_phone: Vec<String>,
    /// New organisation
    #[arg(long, value_name = "NAME")]
    org: Option<String>,
    /// New job title
    #[arg(long)]
    title: Option<String>,
    /// New note
    #[arg(long)]
    note: Option<String>,
    #[command(flatten)]
    of: Of,
}

impl Command {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<ExitCode, Failure> {
        at_desk(global, output, |desk| match &self {
            Self::Add(add) => add.run(desk, output),
            Self::Find { query, of } => find(desk, query, of, output).map(|()| ExitCode::SUCCESS),
            Self::Show { contact, of } => {
                let controller = of.controller(desk)?;
                let view = desk.show_contact(&controller, desk.contact_named(&controller, contact)?)?;
                contact_view::show(desk, &controller, &view, output).map(|()| ExitCode::SUCCESS)
            }
            Self::Edit(edit) => edit.run(desk, output).map(|()| ExitCode::SUCCESS),
            Self::Erase { contact, yes, of } => erase(desk, contact, *yes, of, output).map(|()| ExitCode::SUCCESS),
        })
    }
}

impl Add {
    fn run(&self, desk: &Desk<'_>, output: &Output) -> Result<ExitCode, Failure> {
        let controller = self.of.controller(desk)?;
        let kind: ProvenanceKind = parsed(&self.way, "--way")?;
        let provenance =
            NewProvenance { kind, origin: self.origin.clone(), file_name: self.file_name(), holders: None };
        match &self.card {
            None => {
                let new = NewContact { card: self.built()?, provenance, own_act: self.own_act };
                let id = desk.add_contact(&controller, &new)?;
                output.say(&json!({ "id": id.to_string() }), &format!("Contact added: {id}"))?;
                Ok(ExitCode::SUCCESS)
            }
            Some(path) if path.as_os_str() == "-" => {
                self.add_all(desk, &controller, &provenance, io::stdin().lock(), output)
            }
            Some(path) => {
                let file = File::open(path).map_err(|error| Failure::file(path, &error))?;
                self.add_all(desk, &controller, &provenance, file, output)
            }
        }
    }

    fn file_name(&self) -> Option<String> {
        self.card.as_ref()?.file_name().map(|name| name.to_string_lossy().into_owned()).filter(|name| name != "-")
    }

    fn built(&self) -> Result<Card, Failure> {
        let mut card = CardBuilder::new();
        for email in &self.email {
            card = card.email(email);
        }
        for phone in &self.phone {
            card = card.phone(phone);
        }
        let said = |text: &Option<String>| text.clone().unwrap_or_default();
        card = card.full_name(&said(&self.name)).given(&said(&self.given)).surname(&said(&self.surname));
        card = card.organization(&said(&self.org)).title(&said(&self.title)).note(&said(&self.note));
        card = card.language(&said(&self.language));
        card.build().map_err(|error| Failure::invalid(error.to_string()))
    }

    /// Adds every card that can be read; a bad one costs none of the others, and makes the exit code 2. Where the vault
    /// itself fails, what was added before is told all the same, so that the rest can be given again.
    fn add_all(
        &self,
        desk: &Desk<'_>,
        controller: &Controller,
        provenance: &NewProvenance,
        source: impl io::Read,
        output: &Output,
    ) -> Result<ExitCode, Failure> {
        let (mut added, mut rejected, mut stopped) = (Vec::new(), Vec::new(), None);
        for card in CardReader::new(source) {
            match card {
                Ok(card) => {
                    let new = NewContact { card, provenance: provenance.clone(), own_act: self.own_act };
                    match desk.add_contact(controller, &new) {
                        Ok(id) => added.push(id.to_string()),
                        Err(error) if matches!(error.kind(), ErrorKind::Invalid | ErrorKind::Conflict) => {
                            rejected.push(format!("card {}: {error}", added.len() + rejected.len() + 1));
                        }
                        Err(error) => {
                            let number = added.len() + rejected.len() + 1;
                            let Failure { kind, sentence } = error.into();
                            stopped = Some(Failure { kind, sentence: format!("stopped at card {number}: {sentence}") });
                            break;
                        }
                    }
                }
                Err(reject) => {
                    rejected.push(format!("line {}, column {}: {}", reject.line, reject.column, reject.reason))
                }
            }
        }
        output.show(&json!({ "added": added, "rejected": rejected }), |out| {
            for reject in &rejected {
                writeln!(out, "rejected  {reject}")?;
            }
            writeln!(out, "{} added, {} rejected", added.len(), rejected.len())
        })?;
        if let Some(failure) = stopped {
            return Err(failure);
        }
        Ok(if rejected.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) })
    }
}

impl Edit {
    fn run(&self, desk: &Desk<'_>, output: &Output) -> Result<(), Failure> {
        let controller = self.of.controller(desk)?;
        let id = desk.contact_named(&controller, &self.contact)?;
        let mut patch = CardPatch::new();
        if let Some(name) = &self.name {
            patch = patch.full_name(name);
        }
        let entries =
            [(CardEntry::Organization, &self.org), (CardEntry::Title, &self.title), (CardEntry::Note, &self.note)];
        for (entry, value) in entries {
            if let Some(value) = value {
                patch = patch.set(entry, value);
            }
        }
        for (entry, removed, added) in [
            (CardEntry::Email, &self.remove_email, &self.add_email),
            (CardEntry::Phone, &self.remove_phone, &self.add_phone),
        ] {
            patch = removed.iter().fold(patch, |patch, value| patch.remove(entry, value));
            patch = added.iter().fold(patch, |patch, value| patch.add(entry, value));
        }
        if patch.is_empty() {
            return Err(Failure::invalid(
                "nothing to change; say what with --name, --add-email, --remove-email, --org ...",
            ));
        }
        desk.edit_contact(&controller, id, &patch)?;
        output.say(&json!({ "id": id.to_string() }), &format!("Contact changed: {id}"))
    }
}

fn find(desk: &Desk<'_>, query: &str, of: &Of, output: &Output) -> Result<(), Failure> {
    let controller = of.controller(desk)?;
    let outcome = desk.find_contacts(&controller, query)?;
    if desk.imports_without_words(&controller)? > 0 {
        output.note(
            "Some imported contacts are not found by words of their names yet: `carnet import words` makes them so.",
        );
    }
    let values: Vec<Value> = outcome
        .found
        .iter()
        .map(|one| json!({ "id": one.id.to_string(), "name": one.name, "emails": one.emails, "organizations": one.organizations }))
        .collect();
    output.show(&json!({ "found": values, "more": outcome.more }), |out| {
        if outcome.found.is_empty() {
            return writeln!(out, "Nobody found.");
        }
        let rows: Vec<_> = outcome
            .found
            .iter()
            .map(|one| {
                let name = one.name.clone().unwrap_or_default();
                vec![one.id.to_string(), name, one.emails.join(", "), one.organizations.join(", ")]
            })
            .collect();
        table(out, &["ID", "NAME", "E-MAIL", "ORGANISATION"], &rows)?;
        if outcome.more {
            writeln!(out, "There are more; look for something narrower.")?;
        }
        Ok(())
    })
}

fn erase(desk: &Desk<'_>, contact: &str, yes: bool, of: &Of, output: &Output) -> Result<(), Failure> {
    let controller = of.controller(desk)?;
    let id: ContactId = desk.contact_named(&controller, contact)?;
    let plan = desk.plan_erasure(&controller, id)?;
    if !yes {
        output.note(&format!(
            "This erases contact {id}, here since {}, with {}, for good: no key, no backup brings it back.\n\
             Keyed hashes of its e-mail addresses ({}) stay, so that no import brings the person back.",
            moment(plan.added),
            counted(plan.consent_events as u64, "consent event", "consent events"),
            plan.suppressions
        ));
        confirmed("Erase?", "nothing was erased")?;
    }
    desk.carry_out_erasure(&plan)?;
    let value =
        json!({ "erased": id.to_string(), "suppressions": plan.suppressions, "consent_events": plan.consent_events });
    output.say(&value, &format!("Contact erased: {id}"))
}
