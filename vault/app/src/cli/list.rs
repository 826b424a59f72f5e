//! `carnet list`: what lists stand at, what their owners say of them, and what officers decide.

mod proofs;
mod show;
mod sources;

use carnet_core::gate::Audience;
use carnet_core::model::{Controller, LaterEvidence, ListId, ListStatus, ReasonCode, Timestamp};
use carnet_desk::{Desk, ErrorKind, ListCheck, NewRelease, ReleaseOutcome};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::check::Page;
use super::{Global, Of};
use crate::failure::Failure;
use crate::output::{Output, counted, moment};
use crate::session::{at_desk, parsed};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List a controller's lists: what each stands at now, and by when an officer should look
    Ls {
        #[command(flatten)]
        of: Of,
    },
    /// Show a list: whether it may be used, what the gate said, what was decided, asked and answered
    Show(One),
    /// Show where the rows of a list say that they come from, or write the sentence about one of these sources
    ///
    /// The sentence says from whom and how these addresses came, as the first message to the people would (Art. 14). Every source
    /// needs one before the list can be submitted. For rows that name no source the origin counts that was given at their import.
    #[command(after_long_help = "Examples:\n  carnet list sources News --reason \"before submitting it\"\n  \
        carnet list sources News --source \"Fair 2023\" --sentence \"You left your card at our stand on the fair of 2023\"")]
    Sources {
        #[command(flatten)]
        one: One,
        /// The source to write about, as the rows have it
        #[arg(long, value_name = "TEXT", requires = "sentence")]
        source: Option<String>,
        /// From whom and how its addresses came
        #[arg(long, value_name = "SENTENCE", requires = "source")]
        sentence: Option<String>,
    },
    /// Submit a list to the gate: it is complete, and nothing joins it any more
    ///
    /// The gate looks at it at once. An import into it takes it back to where it was before.
    Submit {
        #[command(flatten)]
        one: One,
        /// Whom the list is of: business or consumers
        #[arg(long, value_name = "WHOM")]
        audience: Option<String>,
    },
    /// Have the gate look again at a list that was submitted: after a crash, new facts, or another policy
    Check(One),
    /// Show the gate's report: every reason with its numbers, rows that show it, and what would cure it
    #[command(after_long_help = "Examples:\n  carnet list report News --reason \"before deciding\"\n  \
        carnet list report News --html news.html --as officer --reason \"for the file\"")]
    Report {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        page: Page,
    },
    /// Release a list for use, for a limited time; by a compliance officer who does not own it
    ///
    /// A blocked list takes two officers: the first proposes, and 30 of its contacts are drawn (all, if it has fewer). Once its owner
    /// has shown a proof for each and an officer has accepted every one, a second officer releases it by the same command.
    #[command(after_long_help = "Reasons: proof-seen, own-relation, false-alarm, private-book\n\nExamples:\n  \
        carnet list release News --code proof-seen --as officer --reason \"I saw the forms of the fair\"\n  \
        carnet list release News --code own-relation --until 2027-05-31 --as officer --reason \"members until then\"")]
    Release {
        #[command(flatten)]
        one: One,
        /// Why, in a word
        #[arg(long, value_name = "WORD")]
        code: String,
        /// Until when, such as 2027-05-31 [default: as long as the policy allows, 12 months]
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
    },
    /// Block a list; by a compliance officer. From then on it takes two officers and proofs to release it
    #[command(
        after_long_help = "Reasons: no-proof, unclear-source, bought, swapped, scraped, constructed, other-purpose, stale,\n\
        objections\n\nExample:\n  \
        carnet list block News --code swapped --as officer --reason \"half of it is the bakery's list of 2022\""
    )]
    Block {
        #[command(flatten)]
        one: One,
        /// Why, in a word
        #[arg(long, value_name = "WORD")]
        code: String,
    },
    /// Make a list of their own of the contacts of one segment; by the owner of a list, or by an officer
    ///
    /// Both lists are closed then: what is left is checked again, and the new list waits for an officer. Where the gate or an officer
    /// has blocked these contacts they stay blocked. `carnet list show` has the numbers of the segments.
    #[command(
        after_long_help = "Example:\n  carnet list split News --segment 2 --into \"News, bought\" --reason \"the rest is our own\""
    )]
    Split {
        #[command(flatten)]
        one: One,
        /// The number of the segment
        #[arg(long, value_name = "N")]
        segment: u32,
        /// The name of the new list
        #[arg(long, value_name = "NAME")]
        into: String,
    },
    /// Ask the owner of a list something; by a compliance officer
    Ask {
        #[command(flatten)]
        one: One,
        /// What you want to know
        question: String,
    },
    /// Answer the officer's question about a list of yours
    Answer {
        #[command(flatten)]
        one: One,
        /// What you know
        answer: String,
    },
    /// Report what was learned about a list since: a release of it ends at once, and an officer decides anew
    #[command(
        after_long_help = "Kinds: canary (somebody else wrote to a tracing address of an export), complaints (above 0.08 %), bounces\n\
        (above 8 %)\n\nExample:\n  \
        carnet list evidence News --kind bounces \"9.5 % of the letter of 3 May came back\""
    )]
    Evidence {
        #[command(flatten)]
        one: One,
        /// Which kind: canary, complaints or bounces
        #[arg(long, value_name = "WORD")]
        kind: String,
        /// What was learned
        what: String,
    },
    /// Take a list back for good: its contacts stay in the vault, and are used through this list no more
    Withdraw(One),
    /// Show the contacts of a blocked list that have to be proven, show a proof for one, or judge it
    #[command(after_long_help = "Examples:\n  carnet list proofs News --reason \"to find the forms\"\n  \
        carnet list proofs News --contact 01a2054d-19c5-7d6b-84c2-8e11f4b0b26e --note \"form 17 in folder B\" --file form17.pdf\n  \
        carnet list proofs News --contact 01a2054d-19c5-7d6b-84c2-8e11f4b0b26e --accept --as officer --reason \"seen\"")]
    Proofs(Box<proofs::Proofs>),
}

/// Which list.
#[derive(Debug, Clone, Args)]
pub(crate) struct One {
    /// The list, by name or id
    #[arg(value_name = "LIST")]
    name: String,
    #[command(flatten)]
    of: Of,
}

impl One {
    fn find(&self, desk: &Desk<'_>) -> Result<(Controller, ListId), Failure> {
        let controller = self.of.controller(desk)?;
        let list = desk.list_named(&controller, &self.name)?;
        Ok((controller, list))
    }
}

impl Command {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<(), Failure> {
        at_desk(global, output, |desk| match &self {
            Self::Ls { of } => show::ls(desk, of, output),
            Self::Show(one) => show::show(desk, one, output),
            Self::Sources { one, source: Some(source), sentence } => {
                sources::write(desk, one, (source, sentence.as_deref().unwrap_or_default()), output)
            }
            Self::Sources { one, .. } => sources::show(desk, one, output),
            Self::Submit { one, audience } => submit(desk, one, audience.as_deref(), output),
            Self::Check(one) => check(desk, one, output),
            Self::Report { one, page } => report(desk, one, page, output),
            Self::Release { one, code, until } => release(desk, one, (code, until.as_deref()), output),
            Self::Block { one, code } => {
                let (controller, list) = one.find(desk)?;
                desk.block_list(&controller, list, parsed::<ReasonCode>(code, "--code")?)?;
                said(one, list, ("blocked", "Blocked, for everybody but two officers"), output)
            }
            Self::Split { one, segment, into } => split(desk, one, (*segment, into), output),
            Self::Ask { one, question } => {
                let (controller, list) = one.find(desk)?;
                desk.ask_about_list(&controller, list, question)?;
                said(
                    one,
                    list,
                    (
                        "asked",
                        "Asked; the owner reads it with `carnet list show` and answers with `carnet list answer`",
                    ),
                    output,
                )
            }
            Self::Answer { one, answer } => {
                let (controller, list) = one.find(desk)?;
                desk.answer_about_list(&controller, list, answer)?;
                said(one, list, ("answered", "Answered; the officer decides"), output)
            }
            Self::Evidence { one, kind, what } => {
                let (controller, list) = one.find(desk)?;
                let ended = desk.report_evidence(&controller, list, parsed::<LaterEvidence>(kind, "--kind")?, what)?;
                let sentence = if ended {
                    "Kept; its release has ended, and an officer decides anew"
                } else {
                    "Kept for the officer; it was not released"
                };
                said(one, list, (if ended { "suspended" } else { "noted" }, sentence), output)
            }
            Self::Withdraw(one) => {
                let (controller, list) = one.find(desk)?;
                desk.withdraw_list(&controller, list)?;
                said(one, list, ("withdrawn", "Withdrawn for good"), output)
            }
            Self::Proofs(proofs) => proofs.run(desk, output),
        })
    }
}

/// Tells that something was done, in a word for programs and a sentence for people.
fn said(one: &One, list: ListId, (done, sentence): (&str, &str), output: &Output) -> Result<(), Failure> {
    output
        .say(&json!({ "list": list.to_string(), "name": one.name, "done": done }), &format!("{}: {sentence}", one.name))
}

fn submit(desk: &Desk<'_>, one: &One, audience: Option<&str>, output: &Output) -> Result<(), Failure> {
    let audience = audience.map(|word| parsed::<Audience>(word, "--audience")).transpose()?;
    let (controller, list) = one.find(desk)?;
    let done = desk.submit_list(&controller, list, audience)?;
    let check = desk.check_list(&controller, list)?;
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

fn check(desk: &Desk<'_>, one: &One, output: &Output) -> Result<(), Failure> {
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
    format!("The gate says {}, {points}; {next}. `carnet list report` shows why", check.verdict)
}

fn report(desk: &Desk<'_>, one: &One, page: &Page, output: &Output) -> Result<(), Failure> {
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

fn release(desk: &Desk<'_>, one: &One, (code, until): (&str, Option<&str>), output: &Output) -> Result<(), Failure> {
    let (controller, list) = one.find(desk)?;
    let new = NewRelease { code: parsed(code, "--code")?, until: until.map(date).transpose()? };
    match desk.release_list(&controller, list, &new)? {
        ReleaseOutcome::Released { until } => {
            let value =
                json!({ "list": list.to_string(), "name": one.name, "done": "released", "until": until.to_string() });
            output.say(&value, &format!("{}: released until {}", one.name, moment(until)))
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

fn split(desk: &Desk<'_>, one: &One, (segment, into): (u32, &str), output: &Output) -> Result<(), Failure> {
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
