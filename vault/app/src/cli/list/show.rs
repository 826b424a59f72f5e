//! `carnet list ls` and `show`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use carnet_core::model::{AccountId, ListStatus, Timestamp};
use carnet_desk::{CheckView, DecisionView, Desk, ListSummary, ListView, Segment};
use serde_json::{Value, json};

use super::super::Of;
use super::One;
use crate::failure::Failure;
use crate::output::{Output, counted, moment, table};

/// Whether a time by which somebody should have decided has passed. Nothing follows from it.
fn is_overdue(due: Option<Timestamp>) -> bool {
    due.is_some_and(|due| due < Timestamp::now())
}

pub(super) fn ls(desk: &Desk<'_>, of: &Of, output: &Output) -> Result<(), Failure> {
    let all = desk.lists(&of.controller(desk)?)?;
    let values: Value = all.iter().map(|one| Value::Object(summary(one))).collect();
    output.show(&values, |out| {
        if all.is_empty() {
            return writeln!(out, "There is no list yet; `carnet import` makes one.");
        }
        let row = |one: &ListSummary| {
            let due = match one.due {
                Some(due) if is_overdue(one.due) => format!("{} (overdue)", moment(due)),
                Some(due) => moment(due),
                None => String::new(),
            };
            vec![
                one.list.name.clone(),
                one.list.status.to_string(),
                one.contacts.to_string(),
                one.until.map(moment).unwrap_or_default(),
                due,
            ]
        };
        let rows: Vec<_> = all.iter().map(row).collect();
        table(out, &["LIST", "STATUS", "CONTACTS", "USABLE UNTIL", "DECISION DUE"], &rows)
    })
}

pub(super) fn summary(one: &ListSummary) -> serde_json::Map<String, Value> {
    let value = json!({
        "list": one.list.id.to_string(),
        "name": one.list.name,
        "status": one.list.status.as_str(),
        "contacts": one.contacts,
        "owner": one.list.owner.to_string(),
        "created": one.list.created.to_string(),
        "until": one.until.map(|at| at.to_string()),
        "due": one.due.map(|at| at.to_string()),
        "overdue": is_overdue(one.due),
    });
    match value {
        Value::Object(map) => map,
        _ => serde_json::Map::new(),
    }
}

/// The handles of the accounts that this one may see.
pub(super) struct Names(BTreeMap<AccountId, String>);

impl Names {
    pub(super) fn of(desk: &Desk<'_>) -> Result<Self, Failure> {
        let known = desk.known_accounts()?.into_iter();
        Ok(Self(known.map(|one| (one.id, one.name.to_string())).collect()))
    }

    pub(super) fn name(&self, id: AccountId) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| id.to_string())
    }
}

pub(super) fn show(desk: &Desk<'_>, one: &One, output: &Output) -> Result<(), Failure> {
    let (controller, list) = one.find(desk)?;
    let view = desk.show_list(&controller, list)?;
    let names = Names::of(desk)?;
    output.show(&value(&view, &names)?, |out| people(out, &view, &names))
}

fn value(view: &ListView, names: &Names) -> Result<Value, Failure> {
    let mut value = summary(&view.summary);
    let check = view.check.as_ref().map(check_value).transpose()?;
    let decisions: Vec<Value> = view
        .decisions
        .iter()
        .map(|one| {
            json!({
                "decision": one.kind.as_str(),
                "at": one.at.to_string(),
                "by": names.name(one.account),
                "code": one.code,
                "text": one.text,
                "expires": one.expires.map(|at| at.to_string()),
            })
        })
        .collect();
    let release = view.release.map(|one| {
        json!({
            "granted": one.granted.to_string(),
            "expires": one.expires.to_string(),
            "ended": one.ended.map(|at| at.to_string()),
        })
    });
    value.extend([
        ("usable".to_owned(), view.usable.into()),
        ("check".to_owned(), check.unwrap_or(Value::Null)),
        ("release".to_owned(), release.unwrap_or(Value::Null)),
        ("question".to_owned(), json!(view.question)),
        ("decisions".to_owned(), decisions.into()),
    ]);
    Ok(Value::Object(value))
}

fn check_value(check: &CheckView) -> Result<Value, Failure> {
    let report: Value = serde_json::from_slice(&check.report)
        .map_err(|_| Failure::from(carnet_desk::DeskError::Content("report of the gate")))?;
    let segments: Vec<Value> = check.segments.iter().map(segment_value).collect();
    Ok(json!({
        "verdict": check.verdict.as_str(),
        "points": check.points,
        "rows": check.judged,
        "policy": check.policy,
        "at": check.at.to_string(),
        "current": check.current,
        "segments": segments,
        "report": report,
    }))
}

fn segment_value(one: &Segment) -> Value {
    json!({
        "number": one.number, "key": one.key, "rows": one.rows, "verdict": one.verdict.as_str(), "quarantined": one.quarantined,
    })
}

fn people(out: &mut dyn Write, view: &ListView, names: &Names) -> io::Result<()> {
    let list = &view.summary.list;
    writeln!(out, "List {}, {}", list.name, list.status)?;
    writeln!(out, "  contacts  {}", view.summary.contacts)?;
    writeln!(out, "  owner     {}", names.name(list.owner))?;
    writeln!(out, "  use       {}", usable(view))?;
    if let Some(due) = view.summary.due {
        let late = if is_overdue(Some(due)) { ", which has passed; it stays held until somebody decides" } else { "" };
        writeln!(out, "  due       an officer should decide by {}{late}", moment(due))?;
    }
    match &view.check {
        None => writeln!(out, "  gate      has not looked at it")?,
        Some(check) => {
            let rows = counted(check.judged, "row", "rows");
            let stale = if check.current { "" } else { "; the list has changed since" };
            writeln!(
                out,
                "  gate      {}, {} points over {rows}, {}{stale}",
                check.verdict,
                check.points,
                moment(check.at)
            )?;
            for one in &check.segments {
                let apart = if one.quarantined { "; better split off" } else { "" };
                let rows = counted(one.rows, "row", "rows");
                writeln!(out, "            segment {}: {}, {rows}: {}{apart}", one.number, one.key, one.verdict)?;
            }
        }
    }
    if let Some(question) = &view.question {
        writeln!(out, "\nAn officer asks: {question}\nAnswer with `carnet list answer`.")?;
    }
    if !view.decisions.is_empty() {
        writeln!(out)?;
        let row = |one: &DecisionView| {
            let code = one.code.clone().unwrap_or_default();
            vec![moment(one.at), one.kind.to_string(), names.name(one.account), code, one.text.clone()]
        };
        table(out, &["WHEN", "WHAT", "BY", "REASON", "WORDS"], &view.decisions.iter().map(row).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Whether the list may be used, and if not, what comes next.
fn usable(view: &ListView) -> String {
    match (view.summary.list.status, view.summary.until) {
        (ListStatus::Released, Some(until)) if view.usable => format!("you may use it until {}", moment(until)),
        (ListStatus::Released, Some(until)) => format!("released until {}, but not to this account", moment(until)),
        (ListStatus::Received, _) => "not yet: it is not submitted".to_owned(),
        (ListStatus::Checking, _) => "not yet: it waits for the gate".to_owned(),
        (ListStatus::Held | ListStatus::Released, _) => match view.release {
            Some(release) if release.ended.is_some() => {
                "no: its release was ended, and an officer decides anew".to_owned()
            }
            Some(release) => format!("no: its release ran out on {}", moment(release.expires)),
            None => "no: it waits for a compliance officer".to_owned(),
        },
        (ListStatus::Blocked, _) => "no: it is blocked, and it takes two officers and proofs to release it".to_owned(),
        (ListStatus::Withdrawn, _) => "no: it was taken back".to_owned(),
    }
}
