//! `carnet trap`: addresses that no list of people has. For officers alone.

use carnet_core::model::MarkKind;
use clap::Subcommand;
use serde_json::{Value, json};

use super::Global;
use crate::failure::Failure;
use crate::output::{Output, counted, moment, table};
use crate::session::at_desk;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a trap; its address is kept sealed
    #[command(after_long_help = "Example:\n  \
        carnet trap add j.verger@trap.example --kind own --as officer --reason \"shown on the hidden page since May\"")]
    Add {
        /// The address
        address: String,
        /// own: only ever shown to programs that harvest pages; recycled: given up by its owner long ago
        #[arg(long, value_parser = ["own", "recycled"])]
        kind: String,
    },
    /// List the traps, and count the tracing addresses of each export
    Ls,
    /// Remove a trap
    Rm {
        /// The address
        address: String,
    },
}

impl Command {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<(), Failure> {
        at_desk(global, output, |desk| match &self {
            Self::Add { address, kind } => {
                let kind = if kind == "own" { MarkKind::TrapOwn } else { MarkKind::TrapRecycled };
                let suspended = desk.add_trap(address, kind)?;
                let names: Vec<&str> = suspended.iter().map(|list| list.name.as_str()).collect();
                let sentence = if names.is_empty() {
                    "Added; lists that have it will show it".to_owned()
                } else {
                    format!("Added. These lists hold it and are released no more: {}", names.join(", "))
                };
                output.say(&json!({ "done": "added", "kind": kind.as_str(), "suspended": names }), &sentence)
            }
            Self::Rm { address } => {
                desk.remove_trap(address)?;
                output.say(&json!({ "done": "removed" }), "Removed; what was checked before is not checked again")
            }
            Self::Ls => {
                let view = desk.traps()?;
                let traps = view.traps.iter().map(|one| {
                    json!({ "address": one.address, "kind": one.kind.as_str(), "created": one.created.to_string() })
                });
                let exports = view.canaries.iter().map(|one| {
                    json!({
                        "export": one.export.to_string(), "controller": one.controller.to_string(),
                        "at": one.created.to_string(), "canaries": one.canaries,
                    })
                });
                let value =
                    json!({ "traps": traps.collect::<Vec<Value>>(), "exports": exports.collect::<Vec<Value>>() });
                output.show(&value, |out| {
                    let rows = view.traps.iter();
                    let rows = rows.map(|one| vec![one.address.clone(), one.kind.to_string(), moment(one.created)]);
                    table(out, &["TRAP", "KIND", "SINCE"], &rows.collect::<Vec<_>>())?;
                    for one in &view.canaries {
                        let number = counted(one.canaries, "tracing address", "tracing addresses");
                        writeln!(out, "export {} of {}: {number}", one.export, moment(one.created))?;
                    }
                    Ok(())
                })
            }
        })
    }
}
