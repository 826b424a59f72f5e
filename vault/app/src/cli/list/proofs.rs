//! `carnet list proofs`: what was drawn from a blocked list, shown by its owner and judged by an officer.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use carnet_core::model::ContactId;
use carnet_desk::{Desk, ProofView};
use clap::Args;
use serde_json::{Value, json};

use super::show::Names;
use super::{One, said};
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::session::parsed;

#[derive(Debug, Args)]
pub(crate) struct Proofs {
    #[command(flatten)]
    one: One,
    /// The contact, by its id, that a proof is shown for or judged
    #[arg(long, value_name = "ID")]
    contact: Option<String>,
    /// What proves it, and where it is kept; by the owner of the list
    #[arg(long, value_name = "TEXT", requires = "contact", conflicts_with_all = ["accept", "refuse"])]
    note: Option<String>,
    /// A file that shows it: its hash is kept, the file stays with you
    #[arg(long, value_name = "FILE", requires = "note")]
    file: Option<PathBuf>,
    /// The proof holds; by an officer
    #[arg(long, requires = "contact", conflicts_with = "refuse")]
    accept: bool,
    /// It does not hold, or there is none; by an officer. The list then stays shut until it is checked again
    #[arg(long, requires = "contact")]
    refuse: bool,
}

impl Proofs {
    pub(super) fn run(&self, desk: &Desk<'_>, output: &Output) -> Result<(), Failure> {
        let Some(contact) = &self.contact else { return self.show(desk, output) };
        let contact: ContactId = parsed(contact, "--contact")?;
        let (controller, list) = self.one.find(desk)?;
        if let Some(note) = &self.note {
            let mut file = match &self.file {
                Some(path) => Some(File::open(path).map_err(|error| Failure::file(path, &error))?),
                None => None,
            };
            let file = file.as_mut().map(|file| file as &mut dyn Read);
            desk.show_proof(&controller, list, contact, note, file)?;
            return said(&self.one, list, ("shown", "the proof is noted; an officer judges it"), output);
        }
        if !self.accept && !self.refuse {
            return Err(Failure::invalid("say what about this contact: --note TEXT, --accept or --refuse"));
        }
        desk.judge_proof(&controller, list, contact, self.accept)?;
        let sentence = if self.accept {
            ("accepted", "the proof is accepted")
        } else {
            ("refused", "the proof is refused; the list stays shut until it is checked again")
        };
        said(&self.one, list, sentence, output)
    }

    fn show(&self, desk: &Desk<'_>, output: &Output) -> Result<(), Failure> {
        let (controller, list) = self.one.find(desk)?;
        let drawn = desk.list_proofs(&controller, list)?;
        let names = Names::of(desk)?;
        let values: Value = drawn
            .iter()
            .map(|one| {
                json!({
                    "contact": one.contact.to_string(),
                    "address": one.address,
                    "state": one.state.as_str(),
                    "note": one.note,
                    "file_sha256": one.file_hash,
                    "judgement": one.judgement,
                    "shown_by": one.shown_by.map(|id| names.name(id)),
                    "judged_by": one.judged_by.map(|id| names.name(id)),
                    "changed": one.changed.to_string(),
                })
            })
            .collect();
        output.show(&values, |out| {
            if drawn.is_empty() {
                return writeln!(
                    out,
                    "Nothing was drawn: proofs are asked for when an officer proposes to release a blocked list."
                );
            }
            let row = |one: &ProofView| {
                let address = one.address.clone().unwrap_or_default();
                vec![one.contact.to_string(), address, one.state.to_string(), one.note.clone().unwrap_or_default()]
            };
            table(out, &["CONTACT", "ADDRESS", "STATE", "PROOF"], &drawn.iter().map(row).collect::<Vec<_>>())
        })
    }
}
