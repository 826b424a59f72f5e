//! `carnet audit`: reading, verifying, proving and exporting the ledger.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use carnet_core::ledger::{Report, TlogProof, TrustPolicy, Verdict, VerifierKey, verify_bundle};
use carnet_core::model::EntryId;
use carnet_desk::{DetailsView, ErrorKind, LedgerView};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Global;
use crate::checkpoint;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::{Output, counted, moment};
use crate::session::{at_desk, parsed};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the newest entries, newest first
    Tail {
        /// How many
        #[arg(short = 'n', long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        count: u32,
    },
    /// Verify the ledger: the vault's own, an exported folder, or one proof
    ///
    /// Without flags: computes the vault's ledger again from its entries and compares it with its checkpoint, with those
    /// kept outside, and with the rows that it says were added and erased.
    ///
    /// Exit codes: 0 verified, 1 tampered, 2 incomplete or unreadable, 3 policy not met; 4 and more as for every command.
    #[command(after_long_help = "Examples:\n  carnet audit verify --checkpoint kept-elsewhere.txt\n  \
                                 carnet audit verify --offline DIR --key VKEY\n  \
                                 carnet audit verify --proof ENTRY.tlog-proof --entry ENTRY.json --key VKEY")]
    Verify(Verify),
    /// Write a proof that an entry is in the ledger, and the entry itself, as two files for a third party
    Prove {
        /// The entry's id
        entry: EntryId,
        /// Where to write; the entry goes to FILE.json [default: ENTRY.tlog-proof]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Copy the ledger into a folder that can be verified without the vault
    Export {
        /// The folder; one that holds an older export is brought up to date
        folder: PathBuf,
    },
    /// Print the newest signed checkpoint: keep it away from this machine
    Checkpoint,
}

/// What to verify, and whom to believe.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Verify this exported folder; needs neither vault, nor root key, nor network
    #[arg(long, value_name = "DIR", conflicts_with = "proof")]
    offline: Option<PathBuf>,
    /// Verify this proof file; needs --entry
    #[arg(long, value_name = "FILE", requires = "entry")]
    proof: Option<PathBuf>,
    /// The entry that the proof is about
    #[arg(long, value_name = "FILE", requires = "proof")]
    entry: Option<PathBuf>,
    /// The ledger's public key, as `carnet status` prints it
    #[arg(long, value_name = "VKEY", conflicts_with = "trust")]
    key: Option<String>,
    /// A trust policy instead of one key: log, witnesses, quorum (C2SP tlog-policy)
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// A checkpoint that was kept from earlier; may be given several times
    #[arg(long = "checkpoint", value_name = "FILE")]
    checkpoints: Vec<PathBuf>,
}

impl Command {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<ExitCode, Failure> {
        match &self {
            Self::Tail { count } => at_desk(global, output, |desk| {
                let views = desk.audit_tail(*count)?;
                let accounts = desk.known_accounts()?;
                let name = |id| accounts.iter().find(|one| one.id == id).map(|one| one.name.to_string());
                output.show(&views.iter().map(value).collect(), |out| {
                    views.iter().try_for_each(|view| {
                        let who = view
                            .entry
                            .actor
                            .account
                            .map_or_else(|| "-".to_owned(), |id| name(id).unwrap_or_else(|| id.to_string()));
                        let event = view.entry.event.to_string();
                        writeln!(
                            out,
                            "{:>8}  {}  {event:<16} {who:<12} {}",
                            view.index,
                            moment(view.entry.at),
                            said(view)
                        )
                    })
                })
            }),
            Self::Verify(verify) => {
                return match verify.run(global, output) {
                    // What could not be read is not thereby tampered with, which is what 1 says here.
                    Err(failure) if failure.kind == ErrorKind::Storage => Ok(output.failure_as(&failure, 2)),
                    result => result,
                };
            }
            Self::Prove { entry, out } => at_desk(global, output, |desk| {
                let (proof, bytes) = desk.audit_prove(*entry)?;
                let path = out.clone().unwrap_or_else(|| PathBuf::from(format!("{entry}.tlog-proof")));
                let entry_path = path.with_extension("json");
                write(&path, proof.to_string().as_bytes())?;
                write(&entry_path, &bytes)?;
                output.say(
                    &json!({ "proof": path, "entry": entry_path, "index": proof.index }),
                    &format!("Entry {} proved: {} and {}", proof.index, path.display(), entry_path.display()),
                )
            }),
            Self::Export { folder } => at_desk(global, output, |desk| {
                let exported = desk.audit_export(folder)?;
                output.say(
                    &json!({ "folder": folder, "entries": exported.size, "root": exported.root.to_string() }),
                    &format!(
                        "{} exported to {}\nVerify anywhere: carnet audit verify --offline {} --key VKEY",
                        counted(exported.size, "entry", "entries"),
                        folder.display(),
                        folder.display()
                    ),
                )
            }),
            Self::Checkpoint => at_desk(global, output, |desk| {
                let note = desk.audit_checkpoint()?.to_string();
                output.show(&json!({ "checkpoint": note }), |out| write!(out, "{note}"))
            }),
        }
        .map(|()| ExitCode::SUCCESS)
    }
}

impl Verify {
    fn run(&self, global: &Global, output: &Output) -> Result<ExitCode, Failure> {
        let verdict = match (&self.offline, &self.proof, &self.entry) {
            (Some(folder), _, _) => self.folder(folder, output)?,
            (None, Some(proof), Some(entry)) => self.one_proof(proof, entry, output)?,
            _ => self.vault(global, output)?,
        };
        Ok(ExitCode::from(verdict))
    }

    fn trust(&self) -> Result<TrustPolicy, Failure> {
        match (&self.trust, &self.key) {
            (Some(path), _) => {
                let text = fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
                TrustPolicy::parse(&text).map_err(|error| Failure::invalid(error.to_string()))
            }
            (None, Some(key)) => {
                let key: VerifierKey = parsed(key, "--key")?;
                TrustPolicy::of_log(key).map_err(|error| Failure::invalid(error.to_string()))
            }
            (None, None) => Err(Failure::invalid("say whom to believe: --key VKEY, or --trust FILE")),
        }
    }

    fn folder(&self, folder: &Path, output: &Output) -> Result<u8, Failure> {
        let older = self.checkpoints.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?;
        let report = verify_bundle(folder, &self.trust()?, &older);
        output.show(&report_value(&report), |out| {
            writeln!(out, "{}", sentence(&report))?;
            for finding in &report.findings {
                let index = finding.index.map_or_else(String::new, |index| format!(" entry {index}:"));
                writeln!(out, "  {}:{index} {}", finding.file, finding.problem)?;
            }
            Ok(())
        })?;
        Ok(report.verdict.exit_code())
    }

    fn one_proof(&self, proof: &Path, entry: &Path, output: &Output) -> Result<u8, Failure> {
        let trust = self.trust()?;
        let (bytes, entry) = (read(proof)?, read(entry)?);
        let judged = TlogProof::parse(&bytes).and_then(|proof| Ok((proof.index, proof.verify_under(&entry, &trust)?)));
        match judged {
            Ok((index, checkpoint)) => {
                let value = json!({ "verdict": "verified", "index": index, "size": checkpoint.size, "origin": checkpoint.origin });
                output
                    .say(&value, &format!("Verified: entry {index} of {} in {}", checkpoint.size, checkpoint.origin))?;
                Ok(0)
            }
            Err(error) => {
                output.say(
                    &json!({ "verdict": "tampered", "problem": error.to_string() }),
                    &format!("Not proved: {error}"),
                )?;
                Ok(1)
            }
        }
    }

    fn vault(&self, global: &Global, output: &Output) -> Result<u8, Failure> {
        let config = Config::read(global)?;
        let mut outside: Vec<_> = checkpoint::read(&checkpoint::path(&config.data))?.into_iter().collect();
        for path in &self.checkpoints {
            let missing = || Failure::file(path, &std::io::Error::from(std::io::ErrorKind::NotFound));
            outside.push(checkpoint::read(path)?.ok_or_else(missing)?);
        }
        at_desk(global, output, |desk| {
            let report = desk.audit_verify(&outside)?;
            let verdict = if report.is_clean() { "verified" } else { "tampered" };
            let problems: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
            let value = json!({
                "verdict": verdict,
                "entries": report.entries,
                "root": report.root.to_string(),
                "contacts": report.contacts,
                "consent_events": report.consent_events,
                "first_bad_index": report.first_bad_index(),
                "problems": problems,
                "problems_left_out": report.problems_left_out,
            });
            output.show(&value, |out| {
                if report.is_clean() {
                    return writeln!(
                        out,
                        "Verified: {}; {} and {} are as they say.",
                        counted(report.entries, "entry", "entries"),
                        counted(report.contacts, "contact", "contacts"),
                        counted(report.consent_events, "consent event", "consent events")
                    );
                }
                writeln!(
                    out,
                    "Tampered with: {} in {}.",
                    counted(problems.len() as u64 + report.problems_left_out, "problem", "problems"),
                    counted(report.entries, "entry", "entries")
                )?;
                problems.iter().try_for_each(|problem| writeln!(out, "  {problem}"))
            })?;
            Ok(u8::from(!report.is_clean()))
        })
    }
}

fn sentence(report: &Report) -> String {
    match report.verdict {
        Verdict::Verified => {
            format!("Verified: {}, as the ledger signed them.", counted(report.entries, "entry", "entries"))
        }
        Verdict::Tampered { first_bad_index: Some(index) } => format!("Tampered with: the first bad entry is {index}."),
        Verdict::Tampered { first_bad_index: None } => "Tampered with.".to_owned(),
        Verdict::Incomplete { first_missing_index: Some(index) } => {
            format!("Incomplete: evidence is missing from entry {index} on.")
        }
        Verdict::Incomplete { first_missing_index: None } => "Incomplete: there is no checkpoint.".to_owned(),
        Verdict::PolicyNotMet => "Policy not met: a trusted signature is missing.".to_owned(),
    }
}

fn report_value(report: &Report) -> Value {
    let (verdict, index) = match report.verdict {
        Verdict::Verified => ("verified", None),
        Verdict::Tampered { first_bad_index } => ("tampered", first_bad_index),
        Verdict::Incomplete { first_missing_index } => ("incomplete", first_missing_index),
        Verdict::PolicyNotMet => ("policy-not-met", None),
    };
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|one| json!({ "file": one.file, "index": one.index, "problem": one.problem.to_string() }))
        .collect();
    json!({
        "verdict": verdict,
        "index": index,
        "entries": report.entries,
        "size": report.checkpoint.as_ref().map(|one| one.size),
        "origin": report.checkpoint.as_ref().map(|one| one.origin.clone()),
        "entries_lead_to_root": report.entries_lead_to_root,
        "findings": findings,
        "findings_left_out": report.findings_left_out,
    })
}

fn value(view: &LedgerView) -> Value {
    let entry = view.entry.encode().ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or(Value::Null);
    let details = match &view.details {
        DetailsView::Opened { reason, os_user, more } => json!({ "reason": reason, "os_user": os_user, "more": more }),
        DetailsView::Erased => json!("erased"),
        DetailsView::Withheld => json!("withheld"),
        DetailsView::Contradicts => json!("contradicts"),
        DetailsView::None => Value::Null,
    };
    json!({ "index": view.index, "entry": entry, "details": details })
}

fn said(view: &LedgerView) -> String {
    let counted = view.entry.objects.len();
    let touched = match view.entry.objects.first() {
        Some(first) if counted > 1 => format!("{} {} and {} more", first.kind, first.id, counted - 1),
        Some(first) => format!("{} {}", first.kind, first.id),
        None => String::new(),
    };
    let details = match &view.details {
        DetailsView::Opened { reason, os_user, .. } => {
            let user = os_user.as_ref().map_or_else(String::new, |name| format!(" [{name}]"));
            if reason.is_empty() { user } else { format!("  \"{reason}\"{user}") }
        }
        DetailsView::Erased => " (details erased)".to_owned(),
        DetailsView::Withheld => " (details withheld)".to_owned(),
        DetailsView::Contradicts => " (DETAILS CONTRADICT THE ENTRY)".to_owned(),
        DetailsView::None => String::new(),
    };
    format!("{touched}{details}").trim_start().to_owned()
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::file(path, &error))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    fs::write(path, bytes).map_err(|error| Failure::file(path, &error))
}
