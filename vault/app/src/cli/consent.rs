//! `carnet consent`: recording what somebody agreed to or refused, and showing the proof.

use std::net::IpAddr;

use carnet_core::model::{Authority, Evidence, Holder, Timestamp};
use carnet_desk::NewConsent;
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Global, Of, contact_view};
use crate::failure::Failure;
use crate::output::Output;
use crate::session::{at_desk, parsed};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Record that somebody agreed, confirmed, withdrew or objected; nothing recorded before is changed
    ///
    /// What is not given is recorded as missing, and never filled in.
    #[command(after_long_help = "Examples:\n  \
        carnet consent record ada@example.org -p newsletter -k given --own-act --at 2026-03-01T10:00:00Z \\\n      \
        --method paper-form --source \"autumn fair\" --affirmative-act true --reason \"her form\"\n  \
        carnet consent record ada@example.org -p newsletter -k withdrawn --own-act --reason \"she called\"")]
    Record(Box<Recorded>),
    /// Show everything that a contact agreed to or refused, with its evidence and its entries in the ledger
    History {
        /// Its id or e-mail address
        contact: String,
        #[command(flatten)]
        of: Of,
    },
}

/// What happened, and what proves it.
#[derive(Debug, Args)]
pub(crate) struct Recorded {
    /// The contact, by id or e-mail address
    contact: String,
    /// Purpose, by its handle
    #[arg(long, short, value_name = "NAME")]
    purpose: String,
    /// given, confirmed, withdrawn, expired or objected
    #[arg(long, short)]
    kind: String,
    /// When it happened, with zone, such as 2026-11-22T09:30:00Z
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The person's own act, seen by you; without it, what somebody else says, which never lifts a refusal
    #[arg(long)]
    own_act: bool,
    /// Notice that the person was shown, by its hash
    #[arg(long, value_name = "HASH")]
    notice: Option<String>,
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    evidence: EvidenceFlags,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Evidence (ISO/IEC TS 27560)")]
pub(crate) struct EvidenceFlags {
    /// How: web-form, message-link, message, paper-form, telephone, in-person, account-setting, or other words
    #[arg(long)]
    method: Option<String>,
    /// Where: the site, shop, event or desk
    #[arg(long)]
    source: Option<String>,
    /// The sentence that was agreed to, word for word
    #[arg(long)]
    wording: Option<String>,
    /// Its version, as the collector calls it
    #[arg(long, value_name = "VERSION")]
    wording_version: Option<String>,
    /// Language that it was in (BCP 47)
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// Address of the form
    #[arg(long, value_name = "URL")]
    form_url: Option<String>,
    /// SHA-256 of the form as it was then
    #[arg(long, value_name = "HASH")]
    form_hash: Option<String>,
    /// SHA-256 of a picture of it
    #[arg(long, value_name = "HASH")]
    screenshot_hash: Option<String>,
    /// Network address that the act came from
    #[arg(long, value_name = "IP")]
    ip_address: Option<String>,
    /// Browser that it came from, as it called itself
    #[arg(long, value_name = "TEXT")]
    user_agent: Option<String>,
    /// Whether the person ticked it themselves
    #[arg(long, value_name = "BOOL")]
    affirmative_act: Option<bool>,
    /// Double opt-in: when the confirmation was asked for
    #[arg(long, value_name = "TIME")]
    requested_at: Option<String>,
    /// Double opt-in: when the person confirmed from the mailbox
    #[arg(long, value_name = "TIME")]
    confirmed_at: Option<String>,
    /// When the person was told who holds the contact, and from where it came (Art. 14)
    #[arg(long, value_name = "TIME")]
    notified_at: Option<String>,
    /// Until when it holds
    #[arg(long, value_name = "TIME")]
    valid_until: Option<String>,
    /// Who collected it
    #[arg(long, value_name = "NAME")]
    collector: Option<String>,
    /// Who was named as getting the data; may be given several times
    #[arg(long = "named-recipient", value_name = "NAME")]
    named_recipients: Vec<String>,
    /// Who held the contact since, in order, as NAME or NAME:CC; may be given several times
    #[arg(long = "holder", value_name = "NAME[:CC]")]
    holders: Vec<String>,
    /// How the person was told that they can withdraw
    #[arg(long, value_name = "TEXT")]
    withdrawal_method: Option<String>,
    /// Anything else
    #[arg(long)]
    notes: Option<String>,
}

impl Command {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<(), Failure> {
        at_desk(global, output, |desk| match &self {
            Self::Record(new) => {
                let controller = new.of.controller(desk)?;
                let purpose = desk.purpose_named(controller.id, &parsed(&new.purpose, "--purpose")?)?;
                let consent = NewConsent {
                    purpose,
                    kind: parsed(&new.kind, "--kind")?,
                    at: time(new.at.as_deref(), "--at")?,
                    authority: if new.own_act { Authority::OwnAct } else { Authority::Claim },
                    notice: new.notice.as_deref().map(|hash| parsed(hash, "--notice")).transpose()?,
                    evidence: new.evidence.evidence()?,
                };
                let contact = desk.contact_named(&controller, &new.contact)?;
                let id = desk.record_consent(&controller, contact, &consent)?;
                let value = json!({ "id": id.to_string(), "contact": contact.to_string() });
                output.say(&value, &format!("Recorded: {} for {}", consent.kind, new.purpose))
            }
            Self::History { contact, of } => {
                let controller = of.controller(desk)?;
                let contact = desk.contact_named(&controller, contact)?;
                let standings = desk.consent_history(&controller, contact)?;
                contact_view::show_standings(desk, &controller, &standings, output)
            }
        })
    }
}

impl EvidenceFlags {
    fn evidence(&self) -> Result<Evidence, Failure> {
        let holders = self.holders.iter().map(|text| holder(text)).collect::<Result<Vec<_>, _>>()?;
        Ok(Evidence {
            method: self.method.as_deref().map(|text| parsed(text, "--method")).transpose()?,
            source: self.source.clone(),
            wording: self.wording.clone(),
            wording_version: self.wording_version.clone(),
            affirmative_act: self.affirmative_act,
            language: self.language.as_deref().map(|text| parsed(text, "--language")).transpose()?,
            form_url: self.form_url.clone(),
            form_hash: self.form_hash.as_deref().map(|text| parsed(text, "--form-hash")).transpose()?,
            screenshot_hash: self
                .screenshot_hash
                .as_deref()
                .map(|hash| parsed(hash, "--screenshot-hash"))
                .transpose()?,
            ip_address: self.ip_address.as_deref().map(|text| parsed::<IpAddr>(text, "--ip-address")).transpose()?,
            user_agent: self.user_agent.clone(),
            requested_at: time(self.requested_at.as_deref(), "--requested-at")?,
            confirmed_at: time(self.confirmed_at.as_deref(), "--confirmed-at")?,
            notified_at: time(self.notified_at.as_deref(), "--notified-at")?,
            valid_until: time(self.valid_until.as_deref(), "--valid-until")?,
            collector: self.collector.clone(),
            named_recipients: (!self.named_recipients.is_empty()).then(|| self.named_recipients.clone()),
            holders: (!holders.is_empty()).then_some(holders),
            withdrawal_method: self.withdrawal_method.clone(),
            notes: self.notes.clone(),
        })
    }
}

fn time(text: Option<&str>, flag: &str) -> Result<Option<Timestamp>, Failure> {
    text.map(|text| parsed(text, flag)).transpose()
}

fn holder(text: &str) -> Result<Holder, Failure> {
    let (name, country) = match text.rsplit_once(':') {
        Some((name, country)) => (name, Some(parsed(country, "--holder")?)),
        None => (text, None),
    };
    Ok(Holder { name: name.to_owned(), country, from: None, until: None })
}
