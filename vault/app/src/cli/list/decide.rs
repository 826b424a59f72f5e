//! What is decided about a list: a release, a split.

use carnet_core::model::Timestamp;
use carnet_desk::{Desk, NewRelease, ReleaseOutcome};
use serde_json::json;

use super::One;
use crate::failure::Failure;
use crate::output::{Output, counted, moment};
use crate::session::parsed;

pub(super) fn release(
    desk: &Desk<'_>,
    one: &One,
    (code, until): (&str, Option<&str>),
    output: &Output,
) -> Result<(), Failure> {
    let (controller, list) = one.find(desk)?;
    let new = NewRelease { code: parsed(code, "--code")?, until: until.map(date).transpose()? };
    match desk.release_list(&controller, list, &new)? {
        ReleaseOutcome::Released { until, renewed } => {
            let value = json!({
                "list": list.to_string(), "name": one.name, "done": "released", "until": until.to_string(), "renewed": renewed,
            });
            let instead = if renewed { ", in place of the release that it had" } else { "" };
            output.say(&value, &format!("{}: released until {}{instead}", one.name, moment(until)))
        }
        ReleaseOutcome::Proposed { drawn } => {
            let value = json!({ "list": list.to_string(), "name": one.name, "done": "proposed", "drawn": drawn });
            let sentence = format!(
                "{}: still blocked. Your proposal is kept, and {} drawn that the owner has to prove; `carnet list proofs` shows \
                 them. Once all are accepted, another officer releases the list",
                one.name,
                counted(drawn, "contact was", "contacts were"),
            );
            output.say(&value, &sentence)
        }
    }
}

pub(super) fn split(desk: &Desk<'_>, one: &One, (segment, into): (u32, &str), output: &Output) -> Result<(), Failure> {
    let (controller, list) = one.find(desk)?;
    let done = desk.split_list(&controller, list, segment, into)?;
    let value = json!({
        "list": list.to_string(), "name": one.name, "done": "split", "status": done.rest.as_str(), "contacts": done.left,
        "into": { "list": done.list.to_string(), "name": into, "status": done.status.as_str(), "contacts": done.moved },
    });
    let sentence = format!(
        "{}: split. {into} has {} and is {}; {} stayed in {}, which is {}",
        one.name,
        counted(done.moved, "contact", "contacts"),
        done.status,
        counted(done.left, "contact", "contacts"),
        one.name,
        done.rest,
    );
    output.say(&value, &sentence)
}

/// A day, or a time with its zone.
fn date(text: &str) -> Result<Timestamp, Failure> {
    if text.len() == "2027-05-31".len() {
        return parsed(&format!("{text}T00:00:00Z"), "--until");
    }
    parsed(text, "--until")
}
