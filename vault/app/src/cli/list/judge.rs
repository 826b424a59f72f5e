//! A list before the gate: submitted, checked, checked again to compare, and what the gate has said.

use carnet_core::gate::Audience;
use carnet_core::model::{ListId, ListStatus};
use carnet_desk::{Desk, ErrorKind, ListCheck};
use serde_json::{Map, Value, json};

use super::super::check::Page;
use super::One;
use crate::failure::Failure;
use crate::output::{Output, counted, moment};
use crate::session::parsed;

pub(super) fn submit(desk: &Desk<'_>, one: &One, audience: Option<&str>, output: &Output) -> Result<(), Failure> {
    let audience = audience.map(|word| parsed::<Audience>(word, "--audience")).transpose()?;
    let (controller, list) = one.find(desk)?;
    let (done, check) = desk.submit_and_check_list(&controller, list, audience)?;
    let mut value = checked_value(one, list, &check);
    value.extend([
        ("rows".to_owned(), done.rows.into()),
        ("sources".to_owned(), done.sources.into()),
        ("rows_without_source".to_owned(), done.unsaid.into()),
    ]);
    let sentence = format!(
        "{}: submitted with {}, from {}; nothing joins it any more. {}",
        one.name,
        counted(done.rows, "contact", "contacts"),
        counted(done.sources, "source", "sources"),
        checked_sentence(&check),
    );
    output.say(&value.into(), &sentence)
}

pub(super) fn check(desk: &Desk<'_>, one: &One, output: &Output) -> Result<(), Failure> {
    let (controller, list) = one.find(desk)?;
    let check = desk.check_list(&controller, list)?;
    let value = checked_value(one, list, &check);
    output.say(&value.into(), &format!("{}: {}", one.name, checked_sentence(&check)))
}

fn checked_value(one: &One, list: ListId, check: &ListCheck) -> Map<String, Value> {
    let pairs: [(&str, Value); 7] = [
        ("list", list.to_string().into()),
        ("name", one.name.clone().into()),
        ("done", "checked".into()),
        ("verdict", check.verdict.as_str().into()),
        ("points", check.points.into()),
        ("judged", check.judged.into()),
        ("status", check.status.as_str().into()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn checked_sentence(check: &ListCheck) -> String {
    let points = counted(check.points.into(), "point", "points");
    let next = match check.status {
        ListStatus::Released => "it is released",
        ListStatus::Blocked => "it is blocked, and it takes two officers and proofs to release it",
        _ => "it is held until a compliance officer decides",
    };
    format!("The gate says {}, {points}; {next}. `carnet list report --reason ...` shows why", check.verdict)
}

pub(super) fn report(desk: &Desk<'_>, one: &One, page: &Page, output: &Output) -> Result<(), Failure> {
    let (controller, list) = one.find(desk)?;
    let view = desk.show_list(&controller, list)?;
    let check = view.check.ok_or_else(|| Failure {
        kind: ErrorKind::NotFound,
        sentence: format!("the gate has not looked at {} yet; `carnet list submit` sends it there", one.name),
    })?;
    if !check.current {
        output.note("The list is not as it was when the gate looked at it.");
    }
    page.show(&view.summary.list.name, &check.report, output)
}

pub(super) fn replay(desk: &Desk<'_>, one: &One, output: &Output) -> Result<(), Failure> {
    let (controller, list) = one.find(desk)?;
    let replay = desk.replay_list(&controller, list)?;
    let (then, now) = replay.verdicts;
    if replay.contradicts() {
        let sentence = format!(
            "{}: the report of the check of {} is not what its policy and its inputs give: it says {then}, they give {now}. Have the list \
             checked again, and the vault looked after: `carnet audit verify`",
            one.name,
            moment(replay.judged_at),
        );
        return Err(Failure { kind: ErrorKind::Damaged, sentence });
    }
    let value = json!({
        "list": list.to_string(), "name": one.name, "done": "replayed", "check": replay.check.to_string(),
        "judged_at": replay.judged_at.to_string(), "verdict": then.as_str(), "verdict_now": now.as_str(),
        "same_policy": replay.same_policy, "same_program": replay.same_program,
        "same_inputs": replay.same_inputs, "same_report": replay.same_report,
    });
    let at = moment(replay.judged_at);
    let sentence = if replay.same_report {
        format!("{}: {then}, as on {at}: the same report, byte for byte", one.name)
    } else {
        let parts = [
            (replay.same_policy, "the policy"),
            (replay.same_program, "the program"),
            (replay.same_inputs, "the list, or what the vault remembers of it,"),
        ];
        let other: Vec<&str> = parts.iter().filter(|(same, _)| !same).map(|(_, part)| *part).collect();
        format!(
            "{}: not judged as on {at}, so the two cannot be compared: {} changed since; {then} then, {now} now",
            one.name,
            other.join(" and ")
        )
    };
    output.say(&value, &sentence)
}
