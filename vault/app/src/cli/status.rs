//! `carnet status`: what the vault holds and how it is.

use serde_json::json;

use super::Global;
use crate::failure::Failure;
use crate::output::{Output, counted, moment};
use crate::session::at_desk;

pub(crate) fn run(global: &Global, output: &Output) -> Result<(), Failure> {
    at_desk(global, output, |desk| {
        let status = desk.status()?;
        let rotations: Vec<_> = status
            .rotations
            .iter()
            .map(|(name, row)| json!({ "controller": name, "to_generation": row.to_generation, "resealed": row.resealed }))
            .collect();
        let value = json!({
            "vault": status.vault.to_string(),
            "database": status.database,
            "created": status.created.to_string(),
            "account": desk.account().name.to_string(),
            "controllers": status.controllers,
            "contacts": status.contacts,
            "ledger": { "entries": status.entries, "waiting": status.waiting, "key": status.ledger_key },
            "rotations": rotations,
        });
        output.show(&value, |out| {
            writeln!(out, "Vault {} made {}", status.vault, moment(status.created))?;
            writeln!(out, "  database     {}", status.database)?;
            writeln!(out, "  acting as    {}", desk.account().name)?;
            writeln!(out, "  controllers  {}", status.controllers)?;
            writeln!(out, "  contacts     {}", status.contacts)?;
            writeln!(
                out,
                "  ledger       {}, {} waiting",
                counted(status.entries, "entry", "entries"),
                status.waiting
            )?;
            writeln!(out, "  ledger key   {}", status.ledger_key)?;
            for (name, row) in &status.rotations {
                writeln!(
                    out,
                    "  rotation     {name}: {} sealed under generation {}; `carnet key rotate --controller` goes on",
                    counted(row.resealed, "contact", "contacts"),
                    row.to_generation
                )?;
            }
            Ok(())
        })
    })
}
