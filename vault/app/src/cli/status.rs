//! `carnet status`: what the vault holds and how it is.

use carnet_core::backup::{SnapshotState, alarms};
use carnet_core::model::Timestamp;
use carnet_core::policy::BackupRules;
use carnet_desk::BackupStatus;
use serde_json::json;

use super::Global;
use super::backup::rules;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::{Output, counted, moment};
use crate::session::at_desk_with;

pub(crate) fn run(global: &Global, output: &Output) -> Result<(), Failure> {
    let config = Config::read(global)?;
    let rules = rules(&config)?;
    at_desk_with(&config, global, output, |desk| {
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
            "backups": status.backups.as_ref().map(|backups| json!({
                "sites": backups.sites.len(),
                "newest_proven": newest_proven(backups).map(|at| at.to_string()),
                "alarms": told(backups, &rules),
            })),
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
            match &status.backups {
                None => {}
                Some(backups) if backups.sites.is_empty() => {
                    writeln!(out, "  backups      none; `carnet backup site add` makes a place for them")?;
                }
                Some(backups) => {
                    let sites = counted(u64::try_from(backups.sites.len()).unwrap_or(u64::MAX), "site", "sites");
                    match newest_proven(backups) {
                        Some(at) => writeln!(out, "  backups      {sites}, newest proven {}", moment(at))?,
                        None => writeln!(out, "  backups      {sites}, nothing proven yet")?,
                    }
                    for alarm in told(backups, &rules) {
                        writeln!(out, "  ALARM        {alarm}")?;
                    }
                }
            }
            Ok(())
        })
    })
}

fn newest_proven(backups: &BackupStatus) -> Option<Timestamp> {
    let all = backups.sites.iter().flat_map(|site| &site.rows);
    all.filter(|one| one.state == SnapshotState::Proven).map(|one| one.at).max()
}

/// What somebody must look at.
fn told(backups: &BackupStatus, rules: &BackupRules) -> Vec<String> {
    let alarms = alarms(&backups.sites, backups.lost_salts, rules, Timestamp::now());
    alarms.iter().map(ToString::to_string).collect()
}
