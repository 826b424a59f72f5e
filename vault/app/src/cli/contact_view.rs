//! How an opened contact and its consents are printed.

use std::io::{self, Write};

use carnet_core::model::{Authority, ConsentKind, Controller, NO_PURPOSE, Purpose, PurposeId, Standing, Timestamp};
use carnet_desk::{ContactView, Desk, PurposeStanding, RecordedConsent};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::{Output, moment};

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
        writeln!(out, "  in the vault  since {}, revision {}", moment(view.added), view.revision)?;
        writeln!(out, "  came from     {}", view.provenance.origin)?;
        let by = view.provenance.brought_by.as_deref().unwrap_or("unknown");
        writeln!(out, "                {}, brought by {by} at {}", view.provenance.kind, moment(view.provenance.at))?;
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
        let (word, since) = standing(one);
        let since = since.map_or_else(|| "at an unknown time".to_owned(), |at| format!("since {}", moment(at)));
        writeln!(out, "\n{}: {word} {since}", name_of(one.purpose, purposes))?;
        for recorded in &one.history {
            chain_link(out, recorded)?;
        }
    }
    Ok(())
}

fn chain_link(out: &mut dyn Write, recorded: &RecordedConsent) -> io::Result<()> {
    let event = &recorded.event;
    let kind = event.kind.to_string();
    let at = event.at.map_or_else(|| "time not known".to_owned(), moment);
    let word = match event.authority {
        Authority::OwnAct => "own act",
        Authority::Claim => "claim",
    };
    let place = recorded.index.map_or_else(|| "waiting".to_owned(), |index| format!("entry {index}"));
    writeln!(out, "  {kind:<10} {at}  ({word}; recorded {}, ledger {place})", moment(event.recorded_at))?;
    if let Ok(Value::Object(evidence)) = serde_json::to_value(&event.evidence) {
        for (field, value) in evidence {
            writeln!(out, "             {}: {}", field.replace('-', " "), in_words(&value))?;
        }
    }
    if let Some(notice) = &event.notice {
        writeln!(out, "             notice: {notice}")?;
    }
    // Only a yes needs proving (Art. 7(1)); a no counts however it came.
    let missing: Vec<String> = match event.kind {
        ConsentKind::Given | ConsentKind::Confirmed => event.missing().iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    };
    if !missing.is_empty() {
        writeln!(out, "             missing: {}", missing.join(", "))?;
    }
    Ok(())
}

/// A value of the evidence: a holder as `NAME (CC)`, several things with commas between them.
fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Array(items) if items.is_empty() => "nobody".to_owned(),
        Value::Array(items) => items.iter().map(in_words).collect::<Vec<_>>().join(", "),
        Value::Object(holder) => match (holder.get("name"), holder.get("country")) {
            (Some(name), Some(country)) => format!("{} ({})", in_words(name), in_words(country)),
            (Some(name), None) => in_words(name),
            _ => value.to_string(),
        },
        other => other.to_string(),
    }
}

fn standing_value(one: &PurposeStanding, purposes: &[Purpose]) -> Value {
    let history: Vec<Value> = one
        .history
        .iter()
        .map(|recorded| {
            let missing: Vec<String> = recorded.event.missing().iter().map(ToString::to_string).collect();
            let mut value = snake_case(serde_json::to_value(&recorded.event).unwrap_or(Value::Null));
            if let Value::Object(members) = &mut value {
                members.insert("entry".to_owned(), json!(recorded.entry.to_string()));
                members.insert("index".to_owned(), json!(recorded.index));
                members.insert("missing".to_owned(), json!(missing));
            }
            value
        })
        .collect();
    json!({
        "purpose": name_of(one.purpose, purposes),
        "purpose_id": one.purpose.to_string(),
        "standing": standing(one).0,
        "permits": one.permits(),
        "since": one.state.since.map(|at| at.to_string()),
        "suppressed_since": one.suppressed_since.map(|at: Timestamp| at.to_string()),
        "history": history,
    })
}

/// Stored members have hyphens; what programs read has underscores, as everywhere else here.
fn snake_case(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            members.into_iter().map(|(name, member)| (name.replace('-', "_"), snake_case(member))).collect()
        }
        Value::Array(items) => items.into_iter().map(snake_case).collect(),
        other => other,
    }
}

/// Where it stands in a word, and since when.
fn standing(one: &PurposeStanding) -> (&'static str, Option<Timestamp>) {
    let word = match one.state.standing {
        Standing::Given { .. } | Standing::Unknown if one.suppressed_since.is_some() => {
            return ("suppressed", one.suppressed_since);
        }
        Standing::Given { confirmed: true } => "given and confirmed",
        Standing::Given { confirmed: false } => "given",
        Standing::Withdrawn => "withdrawn",
        Standing::Objected => "objected",
        Standing::Expired => "expired",
        Standing::Unknown => "unknown",
    };
    (word, one.state.since)
}

fn name_of(id: PurposeId, purposes: &[Purpose]) -> String {
    if id == NO_PURPOSE {
        return "no named purpose".to_owned();
    }
    purposes.iter().find(|one| one.id == id).map_or_else(|| id.to_string(), |one| one.name.to_string())
}

fn line<'a>(out: &mut dyn Write, label: &str, values: impl Iterator<Item = &'a str>) -> io::Result<()> {
    let values: Vec<&str> = values.collect();
    if values.is_empty() { Ok(()) } else { writeln!(out, "  {label:<12}  {}", values.join(", ")) }
}
