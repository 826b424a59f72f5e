//! `carnet notice`: the exact texts that people are shown.

use std::path::PathBuf;

use carnet_core::model::{Notice, Timestamp};
use clap::Subcommand;
use serde_json::{Value, json};

use super::{Global, Of};
use crate::failure::Failure;
use crate::output::{Output, moment, table};
use crate::session::{at_desk, parsed};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a version of a notice; its text is fixed from then on by its hash
    #[command(after_long_help = "Example:\n  carnet notice add \"Sign-up form, spring\" --language fr --file form.txt")]
    Add {
        /// What you call it, such as "Newsletter form, spring"
        name: String,
        /// Language of the text (BCP 47), such as fr
        #[arg(long, value_name = "TAG")]
        language: String,
        /// File with the exact text
        #[arg(long, value_name = "FILE", required_unless_present = "text", conflicts_with = "text")]
        file: Option<PathBuf>,
        /// The exact text
        #[arg(long)]
        text: Option<String>,
        #[command(flatten)]
        of: Of,
    },
    /// List a controller's notices, newest first
    Ls {
        #[command(flatten)]
        of: Of,
    },
}

impl Command {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<(), Failure> {
        at_desk(global, output, |desk| match &self {
            Self::Add { name, language, file, text, of } => {
                let controller = of.controller(desk)?;
                let text = match (file, text) {
                    (Some(path), _) => std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?,
                    (None, text) => text.clone().unwrap_or_default(),
                };
                let made = desk.add_notice(controller.id, name, parsed(language, "--language")?, &text)?;
                output.say(&value(&made, None), &format!("Notice {:?} added: {}", made.name(), made.hash()))
            }
            Self::Ls { of } => {
                let controller = of.controller(desk)?;
                let all = desk.list_notices(controller.id)?;
                let values: Value = all.iter().map(|(notice, created)| value(notice, Some(*created))).collect();
                output.show(&values, |out| {
                    let rows: Vec<_> = all
                        .iter()
                        .map(|(notice, created)| {
                            let (name, language) = (notice.name().to_owned(), notice.language().to_string());
                            vec![name, language, moment(*created), notice.hash().to_string()]
                        })
                        .collect();
                    table(out, &["NAME", "LANGUAGE", "SINCE", "HASH"], &rows)
                })
            }
        })
    }
}

/// A notice, with the time when it was added where that is known.
fn value(one: &Notice, created: Option<Timestamp>) -> Value {
    let mut value = json!({
        "hash": one.hash().to_string(),
        "name": one.name(),
        "language": one.language().to_string(),
        "text": one.text(),
    });
    if let (Some(members), Some(created)) = (value.as_object_mut(), created) {
        members.insert("created".to_owned(), json!(created.to_string()));
    }
    value
}
