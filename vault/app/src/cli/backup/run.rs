//! `carnet backup run`, `verify` and `drill`: every site in turn; one that fails keeps no other from its backup.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use carnet_connectors::backup::Share;
use carnet_core::backup::Content;
use carnet_desk::{BackupSite, Restored};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::{rules, site_name};
use crate::backup::{self, Plan, Report, Task};
use crate::cli::Global;
use crate::config::Config;
use crate::failure::Failure;
use crate::lock::{self, Matter};
use crate::output::{Output, counted};
use crate::session::at_desk_with;

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Only this site
    site: Option<String>,
    /// Read back what was written, but do not restore it: the backup is stored, and not proven
    #[arg(long)]
    no_drill: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Only this site
    site: Option<String>,
    /// Of all data, read only this share, such as 2/7
    #[arg(long, value_name = "N/M")]
    share: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Drill {
    /// The site
    site: String,
}

impl Run {
    pub(crate) fn run(&self, global: &Global, output: &Output) -> Result<ExitCode, Failure> {
        let config = Config::read(global)?;
        let plan = Plan {
            rules: rules(&config)?,
            configuration: configuration(&config)?,
            scratch: (!self.no_drill).then_some(config.data.as_path()),
        };
        let wanted = site_name(self.site.as_deref())?;
        at_desk_with(&config, global, output, |desk| {
            let _turn = lock::take(&config.data, Matter::Backups)?;
            let sites = desk.open_backup_sites(wanted.as_ref())?;
            let done = each(&sites, output, |site, told| backup::run(desk, site, &plan, told));
            let value = done.iter().map(|(site, result)| match result {
                Ok(report) => report_json(report),
                Err(failure) => failed_json(site, failure),
            });
            let value = json!({ "backups": value.collect::<Vec<Value>>() });
            output.show(&value, |out| {
                for (site, result) in &done {
                    match result {
                        Ok(report) => write!(out, "{}", report_text(report))?,
                        Err(failure) => writeln!(out, "{}: FAILED: {}", site.name, failure.sentence)?,
                    }
                }
                Ok(())
            })?;
            Ok(code(&done))
        })
    }
}

impl Verify {
    pub(crate) fn run(&self, global: &Global, output: &Output) -> Result<ExitCode, Failure> {
        let config = Config::read(global)?;
        let share = self.share.as_deref().map_or(Ok(Share::ALL), share)?;
        let wanted = site_name(self.site.as_deref())?;
        at_desk_with(&config, global, output, |desk| {
            let _turn = lock::take(&config.data, Matter::Backups)?;
            let sites = desk.open_backup_sites(wanted.as_ref())?;
            let done = each(&sites, output, |site, told| backup::verify(desk, site, share, told));
            let value = done.iter().map(|(site, result)| match result {
                Ok([rows, keyring]) => json!({
                    "site": site.name.to_string(), "state": rows.state.as_str(), "taken": rows.taken.to_string(),
                    "read_bytes": rows.bytes + keyring.bytes,
                }),
                Err(failure) => failed_json(site, failure),
            });
            let value = json!({ "verified": value.collect::<Vec<Value>>() });
            output.show(&value, |out| {
                for (site, result) in &done {
                    match result {
                        Ok([rows, keyring]) => {
                            let bytes = megabytes(rows.bytes + keyring.bytes);
                            writeln!(
                                out,
                                "{}: sound; {bytes} came back as they were written ({})",
                                site.name, rows.state
                            )?;
                        }
                        Err(failure) => writeln!(out, "{}: FAILED: {}", site.name, failure.sentence)?,
                    }
                }
                Ok(())
            })?;
            Ok(code(&done))
        })
    }
}

impl Drill {
    pub(crate) fn run(&self, global: &Global, output: &Output) -> Result<(), Failure> {
        let config = Config::read(global)?;
        let wanted = site_name(Some(&self.site))?;
        at_desk_with(&config, global, output, |desk| {
            let _turn = lock::take(&config.data, Matter::Backups)?;
            let sites = desk.open_backup_sites(wanted.as_ref())?;
            let mut done = each(&sites, output, |site, told| backup::drill_newest(desk, site, &config.data, told));
            let Some((site, result)) = done.pop() else { return Ok(()) };
            let (rows, restored) = result?;
            let value = json!({
                "site": site.name.to_string(), "state": rows.state.as_str(), "taken": rows.taken.to_string(),
                "restored": restored_json(&restored),
            });
            output.say(&value, &format!("{}: {}; {}", site.name, rows.state, restored_text(&restored)))
        })
    }
}

/// Does something with each site, and shows how far it is.
fn each<'s, T>(
    sites: &'s [BackupSite],
    output: &Output,
    mut work: impl FnMut(&BackupSite, &mut dyn FnMut(Task, u64, u64)) -> Result<T, Failure>,
) -> Vec<(&'s BackupSite, Result<T, Failure>)> {
    sites
        .iter()
        .map(|site| {
            let bar = bar(*output);
            let result = work(site, &mut |task, done, whole| {
                bar.set_message(format!("{}: {}", site.name, doing(task)));
                if whole > 0 {
                    bar.set_length(whole);
                }
                bar.set_position(done);
            });
            bar.finish_and_clear();
            (site, result)
        })
        .collect()
}

fn doing(task: Task) -> &'static str {
    match task {
        Task::Write(Content::Rows) => "writing rows",
        Task::Write(Content::Keyring) => "writing the keyring",
        Task::ReadBack => "reading back",
        Task::Drill => "restoring for proof",
        Task::LetGo => "letting go of old ones",
    }
}

pub(super) fn bar(output: Output) -> ProgressBar {
    if output.is_json() || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg:40} {bytes} {binary_bytes_per_sec}");
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(4));
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn code<T>(done: &[(&BackupSite, Result<T, Failure>)]) -> ExitCode {
    let worst = done.iter().find_map(|(_, result)| result.as_ref().err());
    worst.map_or(ExitCode::SUCCESS, |failure| ExitCode::from(failure.exit_code()))
}

fn failed_json(site: &BackupSite, failure: &Failure) -> Value {
    json!({ "site": site.name.to_string(), "state": "failed", "problem": failure.sentence })
}

fn report_json(report: &Report) -> Value {
    json!({
        "site": report.site.to_string(),
        "state": report.rows.state.as_str(),
        "taken": report.rows.taken.to_string(),
        "contacts": report.rows.contacts,
        "salts": report.keyring.contacts,
        "lost_salts": report.keyring.lost,
        "bytes": report.rows.bytes + report.keyring.bytes,
        "added": report.rows.added + report.keyring.added,
        "snapshot": backup::id_text(&report.rows.id),
        "keyring": backup::id_text(&report.keyring.id),
        "restored": report.restored.as_ref().map(restored_json),
        "let_go": { "snapshots": report.gone.0, "keyrings": report.gone.1 },
    })
}

fn report_text(report: &Report) -> String {
    let mut text = format!(
        "{}: {}, {}, {} ({} added)\n",
        report.site,
        report.rows.state,
        counted(report.rows.contacts, "contact", "contacts"),
        megabytes(report.rows.bytes + report.keyring.bytes),
        megabytes(report.rows.added + report.keyring.added),
    );
    match &report.restored {
        Some(restored) => text.push_str(&format!("  {}\n", restored_text(restored))),
        None => text.push_str("  read back; it counts once `carnet backup drill` has restored it\n"),
    }
    if report.keyring.lost > 0 {
        let lost = counted(report.keyring.lost, "contact has", "contacts have");
        text.push_str(&format!("  ALARM: {lost} lost their salt, and no erasure says why; older keyrings are kept\n"));
    }
    if report.gone != (0, 0) {
        let (snapshots, keyrings) =
            (counted(report.gone.0, "snapshot", "snapshots"), counted(report.gone.1, "keyring", "keyrings"));
        text.push_str(&format!("  let go of {snapshots} and {keyrings}\n"));
    }
    text
}

pub(super) fn restored_json(restored: &Restored) -> Value {
    json!({
        "vault": restored.vault.to_string(), "taken": restored.taken.to_string(),
        "keyring": restored.keyring.to_string(), "contacts": restored.contacts, "opened": restored.opened,
        "erased_again": restored.erased, "refused_again": restored.suppressed, "ended_again": restored.ended,
        "found_salts": restored.found_salts, "without_salt": restored.without_salt,
    })
}

fn restored_text(restored: &Restored) -> String {
    format!(
        "restored for proof: {}, {} opened, the ledger verifies",
        counted(restored.contacts, "contact", "contacts"),
        counted(restored.opened, "card", "cards")
    )
}

fn megabytes(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

fn share(text: &str) -> Result<Share, Failure> {
    let wrong = || Failure::invalid("--share is N/M, such as 2/7: the second of seven shares");
    let (number, parts) = text.split_once('/').ok_or_else(wrong)?;
    let (number, parts): (u32, u32) = (number.parse().map_err(|_| wrong())?, parts.parse().map_err(|_| wrong())?);
    if (1..=parts).contains(&number) { Ok(Share { number, parts }) } else { Err(wrong()) }
}

/// The files of the policy folder, where there is one: a restored vault should be judged as before.
fn configuration(config: &Config) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let Some(folder) = &config.policies else { return Ok(BTreeMap::new()) };
    let failed = |error: std::io::Error| Failure::file(folder, &error);
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_policy = path.extension().is_some_and(|one| one == "toml" || one == "cedar" || one == "cedarschema");
        if let (true, Some(name)) = (is_policy && path.is_file(), path.file_name().and_then(|name| name.to_str())) {
            files.insert(name.to_owned(), std::fs::read(&path).map_err(|error| Failure::file(&path, &error))?);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_one_of_so_many() {
        assert_eq!(share("2/7").unwrap(), Share { number: 2, parts: 7 });
        for wrong in ["0/7", "8/7", "2", "a/b", "/", "-1/7"] {
            assert!(share(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn bytes_are_told_in_the_unit_that_people_use() {
        assert_eq!([megabytes(999), megabytes(1_000), megabytes(12_345_678)], ["999 B", "1 kB", "12 MB"]);
    }
}
