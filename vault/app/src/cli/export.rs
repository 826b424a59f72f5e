//! `carnet export`: a released list, to a recipient, in a file that only the recipient opens.

mod delivery;
mod manifest;

use std::io::IsTerminal as _;
use std::path::PathBuf;

use carnet_connectors::age::Recipient;
use carnet_connectors::formats::ExportFormat;
use carnet_core::model::{Controller, ListId};
use carnet_desk::{ExportReport, NewExport};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{Global, Of};
use crate::config::Config;
use crate::failure::Failure;
use crate::output::{Output, counted};
use crate::session::{at_desk, parsed};

pub(crate) use delivery::{Delivered, Order, deliver};

/// What `carnet export` takes.
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The list, by name or id
    #[arg(value_name = "LIST")]
    name: String,
    #[command(flatten)]
    of: Of,
    /// For what, by name: its lawful basis says who may leave
    #[arg(long, value_name = "PURPOSE")]
    purpose: String,
    /// File to write; beside it goes FILE.manifest.json, which holds no contact
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Who receives it, as the people would be told (Art. 15(1)(c))
    #[arg(long, value_name = "WHO")]
    recipient: String,
    /// Where the recipient is established, such as FR
    #[arg(long, value_name = "COUNTRY")]
    country: Option<String>,
    /// Public key that the recipient gave you, as age-keygen prints it: age1...
    #[arg(
        long,
        value_name = "KEY",
        conflicts_with = "encrypt_passphrase_file",
        required_unless_present = "encrypt_passphrase_file"
    )]
    age_recipient: Option<String>,
    /// File with a passphrase that the recipient knows, in place of a key
    #[arg(long, value_name = "FILE")]
    encrypt_passphrase_file: Option<PathBuf>,
    /// csv, ndjson, vcard or jscontact
    #[arg(long, value_name = "FORMAT", default_value = "csv")]
    format: String,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

impl Export {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<(), Failure> {
        let format: ExportFormat = parsed(&self.format, "--format")?;
        let recipient = self.encryption()?;
        let country = self.country.as_deref().map(|code| parsed(code, "--country")).transpose()?;
        let domains = Config::read(global)?.canary_domains;
        at_desk(global, output, |desk| {
            let controller = self.of.controller(desk)?;
            let list = desk.list_named(&controller, &self.name)?;
            let purpose = desk.purpose_named(controller.id, &parsed(&self.purpose, "--purpose")?)?;
            let own = is_itself(&self.recipient, &controller);
            let new = NewExport {
                purpose,
                recipient: self.recipient.clone(),
                country,
                format: format.as_str(),
                canary_domains: if own { Vec::new() } else { domains.clone() },
            };
            let bar = bar(*output)?;
            let order =
                Order { new, purpose: &self.purpose, format, to: &self.to, encryption: &recipient, force: self.force };
            let done = deliver(desk, (&controller, list), &order, &mut |seen, members| {
                bar.set_length(members);
                bar.set_position(seen);
            });
            bar.finish_and_clear();
            self.show((&controller, list), &done?, (own, domains.is_empty()), output)
        })
    }

    fn encryption(&self) -> Result<Recipient, Failure> {
        if let Some(key) = &self.age_recipient {
            return parsed(key, "--age-recipient");
        }
        let Some(path) = &self.encrypt_passphrase_file else {
            return Err(Failure::invalid("an export is encrypted: give --age-recipient or --encrypt-passphrase-file"));
        };
        let text = zeroize::Zeroizing::new(std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?);
        let passphrase = text.trim_end_matches(['\r', '\n']);
        if passphrase.is_empty() {
            return Err(Failure::invalid(format!("{} holds no passphrase", path.display())));
        }
        Ok(Recipient::Passphrase(SecretString::from(passphrase)))
    }

    fn show(
        &self,
        (controller, list): (&Controller, ListId),
        done: &Delivered,
        (own, no_domains): (bool, bool),
        output: &Output,
    ) -> Result<(), Failure> {
        let report = &done.report;
        let value = json!({
            "export": report.id.to_string(), "list": list.to_string(), "controller": controller.name,
            "file": self.to, "manifest": done.manifest, "format": self.format,
            "members": report.members, "left": report.left, "withheld": withheld(report),
            "traced": report.canaries > 0, "sha256": hex::encode(done.file.sha256), "at": report.at.to_string(),
        });
        let traced = match (report.canaries > 0, own) {
            (true, _) => "It carries tracing addresses: the gate finds them in any list that holds a copy.",
            (false, true) => "It carries no tracing addresses, because the controller itself uses it.",
            (false, false) if no_domains => {
                "It carries no tracing addresses: no canary_domains are configured (docs/howto/export.md)."
            }
            (false, false) => "It carries no tracing addresses: the list is too small to hide them in.",
        };
        output.show(&value, |out| {
            let contacts = counted(report.members, "contact", "contacts");
            writeln!(out, "{}: {} of {contacts} to {}", self.name, report.left, self.recipient)?;
            for (reason, number) in &report.withheld {
                writeln!(out, "  {number} withheld: {}", sentence(reason.as_str()))?;
            }
            writeln!(out, "{traced}")?;
            writeln!(out, "File      {}", self.to.display())?;
            writeln!(out, "Manifest  {}", done.manifest.display())?;
            writeln!(out, "Open it with: age --decrypt {}{}", self.key_hint(), self.to.display())
        })
    }

    fn key_hint(&self) -> &'static str {
        if self.age_recipient.is_some() { "--identity KEY-FILE " } else { "" }
    }
}

/// Whether the recipient is the controller: its own list in its own hands is no disclosure.
fn is_itself(recipient: &str, controller: &Controller) -> bool {
    recipient.trim().to_lowercase() == controller.name.to_lowercase()
}

fn withheld(report: &ExportReport) -> Value {
    report
        .withheld
        .iter()
        .map(|(reason, number)| (reason.to_string(), json!(number)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn sentence(reason: &str) -> &'static str {
    match reason {
        "consent-missing" => "the purpose asks for a consent, and none is on record",
        "withdrawn" => "they took their consent back",
        "objected" => "they objected",
        "expired" => "their consent ran out",
        "suppressed" => "an address of theirs is refused",
        _ => "they have no address that could be written to or called",
    }
}

fn bar(output: Output) -> Result<ProgressBar, Failure> {
    if output.is_json() || !std::io::stderr().is_terminal() {
        return Ok(ProgressBar::hidden());
    }
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len} contacts, {per_sec}, {eta} left")
        .map_err(|error| Failure::invalid(error.to_string()))?;
    Ok(ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(4)).with_style(style))
}
