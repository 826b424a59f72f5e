//! Earlier imports: listed, shown, taken back.

use std::process::ExitCode;

use carnet_core::model::ImportId;
use carnet_desk::{Desk, DeskError, ImportView};
use serde_json::{Value, json};

use super::super::Of;
use super::report::{counts_value, numbers};
use crate::failure::Failure;
use crate::output::{Output, counted, moment, table};
use crate::session::{confirmed, parsed};

pub(super) fn ls(desk: &Desk<'_>, of: &Of, output: &Output) -> Result<ExitCode, Failure> {
    let all = desk.imports(&of.controller(desk)?)?;
    let values: Value = all.iter().map(value).collect();
    output.show(&values, |out| {
        if all.is_empty() {
            return writeln!(out, "Nothing was imported yet.");
        }
        let row = |one: &ImportView| {
            let counts = &one.counts;
            vec![
                one.id.to_string(),
                moment(one.started),
                one.list.1.clone(),
                one.state.to_string(),
                counts.read.to_string(),
                counts.new.to_string(),
                counts.rejected.to_string(),
            ]
        };
        let header = ["ID", "BEGUN", "LIST", "STATE", "READ", "NEW", "REJECTED"];
        table(out, &header, &all.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn show(desk: &Desk<'_>, id: &str, of: &Of, output: &Output) -> Result<ExitCode, Failure> {
    let id: ImportId = parsed(id, "ID")?;
    let all = desk.imports(&of.controller(desk)?)?;
    let unknown = || DeskError::Unknown { what: "import", name: id.to_string(), command: "import ls" };
    let one = all.into_iter().find(|one| one.id == id).ok_or_else(unknown)?;
    output.show(&value(&one), |out| {
        writeln!(out, "Import {}, {}", one.id, one.state)?;
        writeln!(out, "  list          {}, {}", one.list.1, one.list.2)?;
        writeln!(out, "  origin        {}", one.provenance.origin)?;
        if let Some(files) = &one.provenance.file_name {
            writeln!(out, "  files         {files}")?;
        }
        writeln!(out, "  begun         {}", moment(one.started))?;
        writeln!(out, "  last written  {}\n", moment(one.changed))?;
        numbers(out, &one.counts)?;
        writeln!(out, "\nHow it was read (that of one table can be saved and given to --claims):")?;
        one.reading.lines().try_for_each(|line| writeln!(out, "  {line}"))
    })?;
    Ok(ExitCode::SUCCESS)
}

fn value(one: &ImportView) -> Value {
    let mut value = counts_value(&one.counts);
    let more = json!({
        "import": one.id.to_string(),
        "list": one.list.0.to_string(),
        "list_name": one.list.1,
        "status": one.list.2.as_str(),
        "state": one.state.as_str(),
        "origin": one.provenance.origin,
        "files": one.provenance.file_name,
        "started": one.started.to_string(),
        "changed": one.changed.to_string(),
        "mapping": one.reading,
    });
    if let Value::Object(more) = more {
        value.extend(more);
    }
    Value::Object(value)
}

pub(super) fn undo(desk: &Desk<'_>, id: &str, yes: bool, of: &Of, output: &Output) -> Result<ExitCode, Failure> {
    let id: ImportId = parsed(id, "ID")?;
    let plan = desk.plan_undo(&of.controller(desk)?, id)?;
    if !yes {
        let contacts = |number| counted(number, "contact", "contacts");
        output.note(&format!(
            "This takes import {id} into {} back:\n  {} that came by it alone: removed for good\n  {} that it added to: as before \
             it\n  {} that somebody has changed since: stay as they are\n  {} that came by it: stay, no import lifts them",
            plan.list,
            contacts(plan.removes),
            contacts(plan.restores),
            contacts(plan.keeps),
            counted(plan.refusals, "refusal", "refusals"),
        ));
        confirmed("Undo?", "nothing was undone")?;
    }
    desk.undo_import(&plan)?;
    let value = json!({
        "undone": id.to_string(),
        "removed": plan.removes,
        "restored": plan.restores,
        "kept": plan.keeps,
        "refusals": plan.refusals,
    });
    output.say(&value, &format!("Import undone: {id}"))?;
    Ok(ExitCode::SUCCESS)
}
