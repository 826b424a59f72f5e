//! `carnet check`: the gate's view of files, with or without a vault. Nothing is stored.

use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::thread;

use carnet_core::gate::{Audience, Claimed, Report, Row, Rows};
use carnet_core::intake::{Incoming, Reject};
use carnet_core::model::{LawfulBasis, Timestamp};
use carnet_desk::ErrorKind;
use clap::Args;

use super::import::{Files, Reading};
use super::{Global, Of};
use crate::config::{self, Config};
use crate::failure::Failure;
use crate::output::Output;
use crate::session::{self, at_desk_with, parsed};
use crate::{gate_page, gate_report};

/// How many contacts are looked up at once.
const PAGE: usize = 4096;
/// How many pages wait to be looked up.
const PAGES: usize = 2;

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Files to look at, as one list; - for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Lawful basis that the list is meant to be used on, such as consent or legitimate-interests
    #[arg(long, value_name = "BASIS")]
    basis: Option<String>,
    /// Whom the list is of: business or consumers
    #[arg(long, value_name = "WHOM")]
    audience: Option<String>,
    /// Judge the files by themselves, also where there is a vault
    #[arg(long)]
    alone: bool,
    /// Ask this resolver whether firms with three rows or more take mail, such as 127.0.0.1:53 [default: nobody is asked]
    ///
    /// The questions tell the resolver whom the list is of: name one of your own.
    #[arg(long, value_name = "RESOLVER")]
    dns: Option<String>,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    reading: Reading,
}

/// Where a report goes beside the terminal.
#[derive(Debug, Clone, Args)]
pub(crate) struct Page {
    /// Also write the report as a page that prints well; the file must not exist yet
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Page {
    /// Shows a report of a list of this name: on the terminal, and as a page where one was asked for.
    pub(crate) fn show(&self, name: &str, report: &Report, output: &Output) -> Result<(), Failure> {
        if let Some(path) = &self.html {
            let made = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
            if made.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::AlreadyExists) {
                let sentence = format!("{} is there already; name another file with --html", path.display());
                return Err(Failure { kind: ErrorKind::Conflict, sentence });
            }
            made.and_then(|mut file| std::io::Write::write_all(&mut file, gate_page::page(name, report).as_bytes()))
                .map_err(|error| Failure::file(path, &error))?;
        }
        let value = serde_json::to_value(report).map_err(|error| Failure::invalid(error.to_string()))?;
        output.show(&value, |out| gate_report::write_text(out, report))
    }
}

/// Who takes the rows of a list one after the other.
trait Taker {
    fn take(&mut self, page: &[Incoming]) -> Result<(), Failure>;
    fn reject(&mut self, reject: &Reject);
}

impl Check {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<(), Failure> {
        let claimed = Claimed {
            basis: self.basis.as_deref().map(|word| parsed::<LawfulBasis>(word, "--basis")).transpose()?,
            audience: self.audience.as_deref().map(|word| parsed::<Audience>(word, "--audience")).transpose()?,
        };
        let mut files = Files::open(&self.files, &self.reading.options()?)?;
        let mut config = Config::read(global)?;
        if self.dns.is_some() {
            config.dns = config::dns(self.dns.as_deref(), &[])?;
        }
        let report = if self.alone || !config.has_vault() {
            output
                .note("Judged by itself: without a vault nobody remembers other lists, condemned ones or objections.");
            let mut rows = Rows::new();
            tell(&read(&mut files, &mut rows)?, output);
            session::gate(&config)?.inspect_alone(&rows, claimed, Timestamp::now())?
        } else {
            at_desk_with(&config, global, output, |desk| {
                let controller = self.of.controller(desk)?;
                let mut preview = desk.preview_list(&controller)?;
                tell(&read(&mut files, &mut preview)?, output);
                Ok(preview.finish(claimed)?)
            })?
        };
        let name = files.names.unwrap_or_else(|| "standard input".to_owned());
        self.page.show(&name, &report, output)
    }
}

/// How many rows that could not be read are told one by one.
const TOLD: usize = 3;

/// Says why rows could not be read.
fn tell(rejects: &[Reject], output: &Output) {
    for reject in rejects {
        output.note(&format!("Not read: {reject}"));
    }
    if rejects.len() == TOLD {
        output.note("`carnet import --dry-run` tells of every one, and how each column is read.");
    }
}

/// Reads on a thread of its own, and hands on a page at a time in the order of the source. The first of what could not be read comes back.
fn read(files: &mut Files, taker: &mut dyn Taker) -> Result<Vec<Reject>, Failure> {
    let mut rejects = Vec::new();
    let source = &mut files.source;
    let (to_taker, pages) = sync_channel::<Vec<Result<Incoming, Reject>>>(PAGES);
    thread::scope(|scope| {
        scope.spawn(move || {
            loop {
                let page: Vec<_> = source.by_ref().take(PAGE).collect();
                if page.is_empty() || to_taker.send(page).is_err() {
                    return;
                }
            }
        });
        // Dropped when this ends, so that a reader that still waits to hand something on leaves.
        for page in pages {
            let mut contacts = Vec::with_capacity(page.len());
            for item in page {
                match item {
                    Ok(incoming) => contacts.push(incoming),
                    Err(reject) => {
                        taker.take(&contacts)?;
                        contacts.clear();
                        taker.reject(&reject);
                        if rejects.len() < TOLD {
                            rejects.push(reject);
                        }
                    }
                }
            }
            taker.take(&contacts)?;
        }
        Ok(rejects)
    })
}

impl Taker for Rows {
    fn take(&mut self, page: &[Incoming]) -> Result<(), Failure> {
        for incoming in page {
            // Several contacts may stand on one line, such as those of an array.
            let position = self.seen() + 1;
            self.push(&Row { position, ..Row::of_incoming(incoming) });
        }
        Ok(())
    }

    fn reject(&mut self, reject: &Reject) {
        self.push_rejected(reject);
    }
}

impl Taker for carnet_desk::Preview<'_> {
    fn take(&mut self, page: &[Incoming]) -> Result<(), Failure> {
        Ok(self.push(page)?)
    }

    fn reject(&mut self, reject: &Reject) {
        self.push_rejected(reject);
    }
}
