//! `carnet backup ls` and `alarm`: what is known, and whether somebody must look.

use std::process::ExitCode;

use carnet_core::backup::{Alarm, Content};
use carnet_core::model::Timestamp;
use carnet_desk::SnapshotView;
use clap::Args;
use serde_json::{Value, json};

use super::rules;
use crate::backup::id_text;
use crate::cli::Global;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::{Output, moment, table};
use crate::session::{at_desk, at_desk_with};

#[derive(Debug, Args)]
pub(crate) struct AlarmCommand {
    /// Print nothing when all is well
    #[arg(long)]
    quiet: bool,
    /// Ring, so that you know that it would be heard
    #[arg(long)]
    test: bool,
}

pub(super) fn list(global: &Global, output: &Output) -> Result<(), Failure> {
    at_desk(global, output, |desk| {
        let all = desk.list_backups()?;
        let value = json!({ "backups": all.iter().map(as_json).collect::<Vec<Value>>() });
        output.show(&value, |out| {
            let rows = all.iter().map(|one| {
                let outcome = &one.outcome;
                vec![
                    one.site.to_string(),
                    outcome.content.as_str().to_owned(),
                    outcome.state.to_string(),
                    moment(outcome.taken),
                    outcome.contacts.to_string(),
                    id_text(&outcome.id).chars().take(8).collect(),
                    outcome.problem.clone().unwrap_or_default(),
                ]
            });
            let header = ["SITE", "WHAT", "STATE", "TAKEN", "CONTACTS", "ID", ""];
            table(out, &header, &rows.collect::<Vec<_>>())
        })
    })
}

fn as_json(one: &SnapshotView) -> Value {
    let outcome = &one.outcome;
    json!({
        "site": one.site.to_string(), "what": outcome.content.as_str(), "state": outcome.state.as_str(),
        "taken": outcome.taken.to_string(), "contacts": outcome.contacts, "lost_salts": outcome.lost,
        "bytes": outcome.bytes, "added": outcome.added, "id": id_text(&outcome.id),
        "proven": outcome.proven.map(|at| at.to_string()), "problem": outcome.problem,
    })
}

impl AlarmCommand {
    pub(crate) fn run(&self, global: &Global, output: &Output) -> Result<ExitCode, Failure> {
        let config = Config::read(global)?;
        let rules = rules(&config)?;
        at_desk_with(&config, global, output, |desk| {
            let alarms = desk.backup_alarms(&rules, Timestamp::now())?;
            let newest = newest_proven(&desk.list_backups()?);
            let rings = self.test || !alarms.is_empty();
            let value = json!({
                "alarm": rings, "test": self.test,
                "alarms": alarms.iter().map(|one| json!({ "kind": kind(one), "sentence": one.to_string() })).collect::<Vec<_>>(),
                "newest_proven": newest.map(|at| at.to_string()),
            });
            if rings || !self.quiet || output.is_json() {
                output.show(&value, |out| {
                    if self.test {
                        writeln!(out, "ALARM: this is a test, and was asked for")?;
                    }
                    for alarm in &alarms {
                        writeln!(out, "ALARM: {alarm}")?;
                    }
                    match newest {
                        Some(at) => writeln!(out, "The newest proven backup is of {}", moment(at)),
                        None => writeln!(out, "No backup was ever proven"),
                    }
                })?;
            }
            Ok(if rings { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        })
    }
}

fn newest_proven(all: &[SnapshotView]) -> Option<Timestamp> {
    let rows = all.iter().map(|one| &one.outcome).filter(|one| one.content == Content::Rows);
    rows.filter(|one| one.proven.is_some()).map(|one| one.taken).max()
}

const fn kind(alarm: &Alarm) -> &'static str {
    match alarm {
        Alarm::TooFewSites { .. } => "too-few-sites",
        Alarm::NeverProven { .. } => "never-proven",
        Alarm::TooOld { .. } => "too-old",
        Alarm::Failed { .. } => "failed",
        Alarm::Future { .. } => "future",
        Alarm::Shrunk { .. } => "shrunk",
        Alarm::KeptTooLong { .. } => "kept-too-long",
        Alarm::LostSalts { .. } => "lost-salts",
    }
}
