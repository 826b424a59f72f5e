//! How an opened contact and its consents are printed.

use std::io::{self, Write};

use carnet_core::model::{Authority, Controller, Purpose, PurposeId, Standing, Timestamp};
use carnet_desk::{ContactView, Desk, PurposeStanding, RecordedConsent};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::Output;

/// Prints a contact: card, origin, and each purpose with the chain behind it.
pub(crate) fn show(
    desk: &Desk<'_>,
    controller: &Controller,
    view: &ContactView,
    output: &Output,
) -> Result<(), Failure> {
    let purposes = desk.list_purposes(controller.id)?;
    let card: Value = serde_json::from_str(view.card.to_text()).unwrap_or(Value::Null);
    let value = json!({
        "id": view.id.to_string(),
        "controller": controller.name,
        "revision": view.revision,
        "added": view.added.to_string(),
        "changed": view.changed.to_string(),
        "card": card,
        "provenance": {
            "id": view.provenance.id.to_string(),
            "way": view.provenance.kind.to_string(),
            "origin": view.provenance.origin,
            "file": view.provenance.file_name,
            "brought_by": view.provenance.brought_by,
            "at": view.provenance.at.to_string(),
        },
        "purposes": view.purposes.iter().map(|one| standing_value(one, &purposes)).collect::<Vec<_>>(),
    });
    output.show(&value, |out| {
        writeln!(out, "{}", view.card.full_name().unwrap_or(std::borrow::Cow::Borrowed("(no name)")))?;
        writeln!(out, "  id            {}", view.id)?;
        line(out, "e-mail", view.card.emails())?;
        line(out, "phone", view.card.phones())?;
        line(out, "organisation", view.card.organizations())?;
        line(out, "title", view.card.titles())?;
        line(out, "note", view.card.notes())?;
        writeln!(out, "  in the vault  since {}, revision {}", view.added, view.revision)?;
        writeln!(out, "  came from     {}", view.provenance.origin)?;
        let by = view.provenance.brought_by.as_deref().unwrap_or("unknown");
        writeln!(out, "                {}, brought by {by} at {}", view.provenance.kind, view.provenance.at)?;
        chains(out, &view.purposes, &purposes)
    })
}

/// Prints where a contact stands with each purpose, and why.
pub(crate) fn show_standings(
    desk: &Desk<'_>,
    controller: &Controller,
    standings: &[PurposeStanding],
    output: &Output,
) -> Result<(), Failure> {
    let purposes = desk.list_purposes(controller.id)?;
    let values: Value = standings.iter().map(|one| standing_value(one, &purposes)).collect();
    output.show(&values, |out| chains(out, standings, &purposes))
}

fn chains(out: &mut dyn Write, standings: &[PurposeStanding], purposes: &[Purpose]) -> io::Result<()> {
    if standings.is_empty() {
        return writeln!(out, "\nNothing was ever agreed to or refused.");
    }
    for one in standings {
        let since = one.state.since.map_or_else(|| "at an unknown time".to_owned(), |at| format!("since {at}"));
        writeln!(out, "\n{}: {} {since}", name_of(one.purpose, purposes), standing_word(one))?;
        for recorded in &one.history {
            chain_link(out, recorded)?;
        }
    }
    Ok(())
}

fn chain_link(out: &mut dyn Write, recorded: &RecordedConsent) -> io::Result<()> {
    let event = &recorded.event;
    let at = event.at.map_or_else(|| "time not known".to_owned(), |at| at.to_string());
    let word = match event.authority {
        Authority::OwnAct => "own act",
        Authority::Claim => "claim",
    };
    let place = recorded.index.map_or_else(|| "waiting".to_owned(), |index| format!("entry {index}"));
    writeln!(out, "  {:<10} {at}  ({word}; recorded {}, ledger {place})", event.kind, event.recorded_at)?;
    if let Ok(Value::Object(evidence)) = serde_json::to_value(&event.evidence) {
        for (field, value) in evidence {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            writeln!(out, "             {field}: {text}")?;
        }
    }
    if let Some(notice) = &event.notice {
        writeln!(out, "             notice: {notice}")?;
    }
    let missing: Vec<String> = event.missing().iter().map(ToString::to_string).collect();
    if !missing.is_empty() {
        writeln!(out, "             missing: {}", missing.join(", "))?;
    }
    Ok(())
}

fn standing_value(one: &PurposeStanding, purposes: &[Purpose]) -> Value {
    let history: Vec<Value> = one
        .history
        .iter()
        .map(|recorded| {
            let missing: Vec<String> = recorded.event.missing().iter().map(ToString::to_string).collect();
            let event = serde_json::to_value(&recorded.event).unwrap_or(Value::Null);
            json!({ "entry": recorded.entry.to_string(), "index": recorded.index, "event": event, "missing": missing })
        })
        .collect();
    json!({
        "purpose": name_of(one.purpose, purposes),
        "purpose_id": one.purpose.to_string(),
        "standing": standing_word(one),
        "permits": one.permits(),
        "since": one.state.since.map(|at| at.to_string()),
        "suppressed_since": one.suppressed_since.map(|at: Timestamp| at.to_string()),
        "history": history,
    })
}

fn standing_word(one: &PurposeStanding) -> &'static str {
    match one.state.standing {
        Standing::Given { .. } if !one.permits() => "suppressed",
        Standing::Given { confirmed: true } => "given and confirmed",
        Standing::Given { confirmed: false } => "given",
        Standing::Withdrawn => "withdrawn",
        Standing::Objected => "objected",
        Standing::Expired => "expired",
        Standing::Unknown if one.suppressed_since.is_some() => "suppressed",
        Standing::Unknown => "unknown",
    }
}

fn name_of(id: PurposeId, purposes: &[Purpose]) -> String {
    purposes.iter().find(|one| one.id == id).map_or_else(|| id.to_string(), |one| one.name.to_string())
}

fn line<'a>(out: &mut dyn Write, label: &str, values: impl Iterator<Item = &'a str>) -> io::Result<()> {
    let values: Vec<&str> = values.collect();
    if values.is_empty() { Ok(()) } else { writeln!(out, "  {label:<12}  {}", values.join(", ")) }
}
