//! From what a source says about one person's consent to claims: one rule for every file and every provider.
//!
//! # The rule
//! 1. A sign-up time, or an explicit yes, is a claim of `Given`. A status such as "subscribed" alone is none: it says what
//!    a provider does, not what the subject did.
//!    Where the source says that the account holder brought the contact (an import), a sign-up time is that of the import
//!    and no claim; only an explicit yes is.
//! 2. A confirmation time, or an explicit "confirmed: yes", is a claim of `Confirmed`. A status "confirmed" alone is none,
//!    because providers set it on import.
//! 3. Neither is claimed of somebody who never opted in, has said no, or was archived; `Confirmed` not of somebody who is
//!    pending.
//! 4. Unsubscribed, opted out or blocked is a claim of `Withdrawn`; a complaint or objection one of `Objected`. Both stand
//!    even if their time cannot be read: a stop is not lost for want of a date.
//! 5. A bounce is no claim: nobody has said anything.
//! 6. A time that is not one moment leaves the time missing, and its text in the notes of the evidence. Nothing is filled in,
//!    and no claim borrows the proof of another.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::incoming::{Claim, Undeliverable};
use crate::model::text_enum::text_enum;
use crate::model::{ConsentKind, Evidence, Timestamp};

text_enum! {
    /// Where a source says that somebody stands, from the least strict to the strictest.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    Status, "a status" {
        /// Receives messages. Says nothing about who decided that.
        Subscribed = "subscribed",
        /// Receives messages, after a confirmation or an import that counted as one.
        Confirmed = "confirmed",
        /// Was asked to confirm and has not.
        Pending = "pending",
        /// Put away by the account holder: says nothing about the subject, and is no consent.
        Archived = "archived",
        /// In the account for another reason, such as an order.
        NeverOptedIn = "never-opted-in",
        /// Messages come back.
        Bounced = "bounced",
        /// Barred by the account holder, for a reason that the source does not give; it may well be a wish of the subject.
        Blocked = "blocked",
        /// Left.
        Unsubscribed = "unsubscribed",
        /// Reported messages as unwanted.
        Complained = "complained",
    }
}

/// What a note calls a sign-up time that is not one moment.
const SIGN_UP_TIME: &str = "sign-up time";

/// Whether the notes of a proof hold a sign-up time that could not be read as one moment, such as one without a zone.
pub fn has_vague_sign_up_time(evidence: &Evidence) -> bool {
    let begins =
        |line: &str| line.strip_prefix(SIGN_UP_TIME).is_some_and(|rest| rest.starts_with(" as the source has it"));
    evidence.notes.as_deref().is_some_and(|notes| notes.lines().any(begins))
}

/// A time as a source gives it.
#[derive(Clone, PartialEq, Eq)]
pub enum Moment {
    /// One moment.
    Known(Timestamp),
    /// The beginning of a day, the time of which the source does not give; its text.
    Day(Timestamp, String),
    /// A time that is not one moment, for want of a zone or an order of day and month; its text.
    Vague(String),
    /// Something else; its text.
    Unreadable(String),
}

impl Moment {
    /// The moment that it is, or that its day begins with.
    pub const fn at(&self) -> Option<Timestamp> {
        match self {
            Self::Known(at) | Self::Day(at, _) => Some(*at),
            Self::Vague(_) | Self::Unreadable(_) => None,
        }
    }

    const fn is_time(&self) -> bool {
        !matches!(self, Self::Unreadable(_))
    }

    fn note(&self, what: &str) -> Option<String> {
        match self {
            Self::Known(_) => None,
            Self::Day(_, text) => Some(format!("{what}, of which only the day is known: {text}")),
            Self::Vague(text) | Self::Unreadable(text) => Some(format!("{what} as the source has it: {text}")),
        }
    }
}

/// What a source says about one person's consent to one purpose. Empty is what it does not say.
#[derive(Clone, Default)]
pub struct Statement {
    /// The purpose in the source's words.
    pub purpose: Option<String>,
    /// The status.
    pub status: Option<Status>,
    /// An explicit yes or no to being written to.
    pub opted_in: Option<bool>,
    /// Whether the account holder has brought the contact, by importing it: then nobody signed up at the sign-up time.
    pub imported: bool,
    /// An explicit yes to having confirmed.
    pub confirmed: bool,
    /// An explicit yes to having left.
    pub opted_out: bool,
    /// An explicit yes to having complained.
    pub complained: bool,
    /// When the subject signed up.
    pub given_at: Option<Moment>,
    /// When the subject was asked to confirm.
    pub requested_at: Option<Moment>,
    /// When the subject confirmed.
    pub confirmed_at: Option<Moment>,
    /// When the subject left.
    pub withdrawn_at: Option<Moment>,
    /// When the subject objected or complained.
    pub objected_at: Option<Moment>,
    /// When the subject was informed (Art. 14(3)).
    pub notified_at: Option<Moment>,
    /// Why the subject left, in the source's words.
    pub withdrawal_reason: Option<String>,
    /// The proof of the sign-up.
    pub evidence: Evidence,
    /// The network address that the confirmation came from.
    pub confirmed_ip_address: Option<IpAddr>,
    /// Messages come back.
    pub undeliverable: Option<Undeliverable>,
}

impl Statement {
    /// Whether the source may claim a yes at all.
    fn may_say_yes(&self) -> bool {
        !matches!(self.status, Some(Status::NeverOptedIn | Status::Archived)) && self.opted_in != Some(false)
    }

    fn says_given(&self) -> bool {
        let signed_up = !self.imported && self.given_at.as_ref().is_some_and(Moment::is_time);
        self.may_say_yes() && (signed_up || self.opted_in == Some(true))
    }

    fn says_confirmed(&self) -> bool {
        let said = self.confirmed_at.as_ref().is_some_and(Moment::is_time) || self.confirmed;
        said && self.may_say_yes() && self.status != Some(Status::Pending)
    }

    fn says_withdrawn(&self) -> bool {
        self.withdrawn_at.is_some()
            || self.opted_out
            || matches!(self.status, Some(Status::Unsubscribed | Status::Blocked))
    }

    fn says_objected(&self) -> bool {
        self.objected_at.is_some() || self.complained || self.status == Some(Status::Complained)
    }

    /// Whether a confirmation is later than a sign-up, both of which are known moments.
    pub fn is_confirmed_after_sign_up(&self) -> bool {
        let at = |moment: &Option<Moment>| moment.as_ref().and_then(Moment::at);
        matches!((at(&self.given_at), at(&self.confirmed_at)), (Some(given), Some(confirmed)) if confirmed > given)
    }

    /// Whether there is proof of a yes that is not claimed, so that it goes nowhere.
    pub fn has_stray_proof(&self) -> bool {
        let proof = self.evidence.ip_address.is_some()
            || self.confirmed_ip_address.is_some()
            || self.evidence.wording.is_some()
            || self.evidence.form_url.is_some();
        proof && !self.says_given() && !self.says_confirmed()
    }

    /// What it says of deliverability.
    pub fn deliverability(&self) -> Option<Undeliverable> {
        self.undeliverable.or_else(|| (self.status == Some(Status::Bounced)).then(Undeliverable::default))
    }

    /// The claims, in the order in which they happen to a consent.
    pub fn into_claims(mut self) -> Vec<Claim> {
        let [given, confirmed] = [self.says_given(), self.says_confirmed()];
        let [withdrawn, objected] = [self.says_withdrawn(), self.says_objected()];
        let count = [given, confirmed, withdrawn, objected].into_iter().filter(|said| *said).count();
        let mut claims = Vec::with_capacity(count);
        if given || confirmed {
            self.complete_proof(confirmed);
        }
        if given {
            claims.push(self.given());
        }
        if confirmed {
            claims.push(self.confirmed(given));
        }
        if withdrawn {
            let reason = self.withdrawal_reason.take().map(|reason| format!("reason given: {reason}"));
            let blocked = (self.status == Some(Status::Blocked))
                .then(|| "barred by the account holder; the source does not say why".to_owned());
            claims.push(self.stop(
                ConsentKind::Withdrawn,
                self.withdrawn_at.as_ref(),
                "withdrawal time",
                [reason, blocked],
            ));
        }
        if objected {
            claims.push(self.stop(ConsentKind::Objected, self.objected_at.as_ref(), "objection time", [None, None]));
        }
        claims
    }

    /// Both times of the double opt-in belong to the proof of a yes.
    fn complete_proof(&mut self, confirmed: bool) {
        let requested = self.requested_at.take();
        self.evidence.requested_at = requested.as_ref().and_then(Moment::at);
        let mut notes = vec![requested.and_then(|moment| moment.note("time of the request to confirm"))];
        self.evidence.notified_at = self.notified_at.as_ref().and_then(Moment::at);
        notes.push(self.notified_at.as_ref().and_then(|moment| moment.note("time of the information")));
        if confirmed {
            self.evidence.confirmed_at = self.confirmed_at.as_ref().and_then(Moment::at);
            notes.push(self.confirmed_at.as_ref().and_then(|moment| moment.note("confirmation time")));
        }
        if self.imported {
            let time = |moment: &Moment| match moment {
                Moment::Known(at) => Some(format!("time of the import at the source: {at}")),
                _ => moment.note("time of the import at the source"),
            };
            notes.push(self.given_at.as_ref().and_then(time));
        }
        add_notes(&mut self.evidence, notes);
    }

    fn given(&mut self) -> Claim {
        let given_at = self.given_at.take().filter(|_| !self.imported);
        let mut evidence = std::mem::take(&mut self.evidence);
        // The confirmation, if there is one, is told by the next claim too.
        self.evidence.requested_at = evidence.requested_at;
        self.evidence.confirmed_at = evidence.confirmed_at;
        let at = given_at.as_ref().and_then(Moment::at);
        add_notes(&mut evidence, [given_at.and_then(|moment| moment.note(SIGN_UP_TIME))]);
        Claim { kind: ConsentKind::Given, purpose: self.purpose.clone(), at, evidence }
    }

    fn confirmed(&mut self, given: bool) -> Claim {
        let mut evidence = std::mem::take(&mut self.evidence);
        if given || self.confirmed_ip_address.is_some() {
            evidence.ip_address = self.confirmed_ip_address;
        }
        let at = self.confirmed_at.as_ref().and_then(Moment::at);
        Claim { kind: ConsentKind::Confirmed, purpose: self.purpose.clone(), at, evidence }
    }

    fn stop(&self, kind: ConsentKind, at: Option<&Moment>, what: &str, notes: [Option<String>; 2]) -> Claim {
        let mut evidence = Evidence::default();
        add_notes(&mut evidence, notes.into_iter().chain([at.and_then(|moment| moment.note(what))]));
        Claim { kind, purpose: self.purpose.clone(), at: at.and_then(Moment::at), evidence }
    }
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Known(_) => "Known",
            Self::Day(..) => "Day",
            Self::Vague(_) => "Vague",
            Self::Unreadable(_) => "Unreadable",
        })
    }
}

impl std::fmt::Debug for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Statement");
        shown.field("status", &self.status).field("opted_in", &self.opted_in).finish_non_exhaustive()
    }
}

/// Adds lines to the notes of a proof.
pub fn add_notes(evidence: &mut Evidence, notes: impl IntoIterator<Item = Option<String>>) {
    for note in notes.into_iter().flatten() {
        match &mut evidence.notes {
            Some(text) => {
                text.push('\n');
                text.push_str(&note);
            }
            empty => *empty = Some(note),
        }
    }
}

#[cfg(test)]
#[path = "statement_tests.rs"]
mod tests;
