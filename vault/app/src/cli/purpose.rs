//! `carnet purpose`: why a controller keeps contacts, and on which ground.

use carnet_core::model::Purpose;
use carnet_desk::NewPurpose;
use clap::Subcommand;
use serde_json::{Value, json};

use super::{Global, Of};
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::session::{at_desk, parsed};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a purpose
    #[command(after_long_help = "Example:\n  \
        carnet purpose add newsletter --title \"Monthly letter\" --dpv DirectMarketing --basis consent")]
    Add {
        /// Its handle, such as newsletter
        name: String,
        /// What it is for, in the controller's words
        #[arg(long)]
        title: String,
        /// Term of the Data Privacy Vocabulary, such as DirectMarketing or ServiceProvision
        #[arg(long, value_name = "TERM")]
        dpv: String,
        /// Lawful basis (Art. 6(1)): consent, contract, legal-obligation, vital-interests, public-task, legitimate-interests
        #[arg(long)]
        basis: String,
        #[command(flatten)]
        of: Of,
    },
    /// List a controller's purposes
    Ls {
        #[command(flatten)]
        of: Of,
    },
}

impl Command {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<(), Failure> {
        at_desk(global, output, |desk| match &self {
            Self::Add { name, title, dpv, basis, of } => {
                let controller = of.controller(desk)?;
                let new = NewPurpose {
                    name: parsed(name, "NAME")?,
                    title: title.clone(),
                    dpv: parsed(dpv, "--dpv")?,
                    basis: parsed(basis, "--basis")?,
                };
                let made = desk.add_purpose(controller.id, new)?;
                output.say(&value(&made), &format!("Purpose {} added for {}", made.name, controller.name))
            }
            Self::Ls { of } => {
                let controller = of.controller(desk)?;
                let all = desk.list_purposes(controller.id)?;
                let values: Value = all.iter().map(value).collect();
                output.show(&values, |out| {
                    let row = |one: &Purpose| {
                        vec![one.name.to_string(), one.basis.to_string(), one.dpv.term().to_owned(), one.title.clone()]
                    };
                    table(out, &["NAME", "BASIS", "DPV", "TITLE"], &all.iter().map(row).collect::<Vec<_>>())
                })
            }
        })
    }
}

fn value(one: &Purpose) -> Value {
    json!({
        "id": one.id.to_string(),
        "name": one.name.to_string(),
        "title": one.title,
        "dpv": one.dpv.iri(),
        "basis": one.basis.to_string(),
        "basis_iri": one.basis.iri(),
        "created": one.created.to_string(),
    })
}
