//! `carnet controller`: the organisations that the vault serves.

use carnet_core::model::Controller;
use clap::Subcommand;
use serde_json::{Value, json};

use super::Global;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::session::{at_desk, parsed};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a controller, with keys of its own
    #[command(after_long_help = "Example:\n  \
        carnet controller add \"My association\" --country FR --email privacy@association.example")]
    Add {
        /// Its name, as people are told
        name: String,
        /// Where it is established, as two letters (ISO 3166-1), such as FR
        #[arg(long, value_name = "CC")]
        country: String,
        /// Where people write to it about their data
        #[arg(long, value_name = "ADDRESS")]
        email: Option<String>,
    },
    /// List the controllers that you may see
    Ls,
}

impl Command {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<(), Failure> {
        at_desk(global, output, |desk| match &self {
            Self::Add { name, country, email } => {
                let email = email.as_deref().map(|text| parsed(text, "--email")).transpose()?;
                let made = desk.add_controller(name, parsed(country, "--country")?, email)?;
                output.say(&value(&made), &format!("Controller {} added: {}", made.name, made.id))
            }
            Self::Ls => {
                let all = desk.list_controllers()?;
                let values: Value = all.iter().map(value).collect();
                output.show(&values, |out| {
                    let rows: Vec<_> = all
                        .iter()
                        .map(|one| vec![one.name.clone(), one.country.to_string(), one.id.to_string()])
                        .collect();
                    table(out, &["NAME", "COUNTRY", "ID"], &rows)
                })
            }
        })
    }
}

fn value(one: &Controller) -> Value {
    json!({
        "id": one.id.to_string(),
        "name": one.name,
        "country": one.country.to_string(),
        "email": one.email.as_ref().map(|email| email.as_str()),
    })
}
