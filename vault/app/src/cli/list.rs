//! `carnet list`: what lists stand at, what their owners say of them, and what officers decide.

mod decide;
mod judge;
mod proofs;
mod show;
mod sources;

use carnet_core::model::{Controller, LaterEvidence, ListId, ReasonCode};
use carnet_desk::Desk;
use clap::{Args, Subcommand};
use serde_json::json;

use super::check::Page;
use super::{Global, Of};
use crate::failure::Failure;
use crate::output::Output;
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
    /// Make the last check again and compare: the same policy over the same inputs has to give the same report, byte for byte
    ///
    /// As of the time of the check, and with nothing kept but that it was done. If a contact was changed or erased since, or another list
    /// was, the inputs differ and it says so.
    Replay(One),
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
        after_long_help = "Kinds: canary (somebody else wrote to a tracing address of an export), trap (an address of it is one), complaints\n\
        (more than 0.08 %), bounces (more than 8 %); whoever reports them has measured\n\nExample:\n  \
        carnet list evidence News --kind bounces \"9.5 % of the letter of 3 May came back\""
    )]
    Evidence {
        #[command(flatten)]
        one: One,
        /// Which kind: canary, trap, complaints or bounces
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
            Self::Submit { one, audience } => judge::submit(desk, one, audience.as_deref(), output),
            Self::Check(one) => judge::check(desk, one, output),
            Self::Replay(one) => judge::replay(desk, one, output),
            Self::Report { one, page } => judge::report(desk, one, page, output),
            Self::Release { one, code, until } => decide::release(desk, one, (code, until.as_deref()), output),
            Self::Block { one, code } => {
                let (controller, list) = one.find(desk)?;
                desk.block_list(&controller, list, parsed::<ReasonCode>(code, "--code")?)?;
                said(one, list, ("blocked", "Blocked, for everybody but two officers"), output)
            }
            Self::Split { one, segment, into } => decide::split(desk, one, (*segment, into), output),
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
