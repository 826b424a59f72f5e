//! `carnet import`: lists come in, are looked back on, and are taken back.

mod chain;
mod files;
mod outlet;
mod past;
mod rejects;
mod report;
mod sink;
mod watch;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use carnet_connectors::formats::csv::{Mapping, Override, Zone};
use carnet_connectors::formats::{Format, OpenOptions};
use carnet_core::model::{Controller, LawfulBasis, ProvenanceKind, PurposeId, Slug};
use carnet_desk::{Desk, NewImport};
use clap::{Args, Subcommand};

pub(super) use self::files::Files;
use self::files::mapping_text;
use self::rejects::Rejects;
use self::report::Report;
use self::sink::Sink;
use self::watch::Waiting;
use super::{Global, Of};
use crate::failure::Failure;
use crate::output::Output;
use crate::session::{at_desk, parsed};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, subcommand_value_name = "COMMAND")]
pub(crate) struct Import {
    #[command(subcommand)]
    past: Option<Past>,
    /// Files to import, one after the other; - for standard input
    ///
    /// CSV of any layout, vCard, JSContact or LDIF, also in .gz and .zip. A file that is called like a command below, such as
    /// undo, is given with its folder: ./undo
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// List that the contacts join; made if there is none of this name
    #[arg(long, short, value_name = "NAME", required = true)]
    list: Option<String>,
    /// From whom and how they came, as you would tell the people (Art. 14)
    #[arg(long, value_name = "SENTENCE", required = true)]
    origin: Option<String>,
    /// Purpose that the consents in the files are for, by its handle, unless a file names one itself
    ///
    /// Without it, a consent that names no purpose is recorded for none: it permits no use until somebody says what it was for,
    /// and a refusal holds for every use.
    #[arg(long, short, value_name = "NAME")]
    purpose: Option<String>,
    /// Lawful basis of that purpose, to be sure that it is the one you think; nothing is imported if it is another
    #[arg(long, value_name = "BASIS", requires = "purpose")]
    basis: Option<String>,
    /// Do everything but write to the vault, and show what would come of it
    #[arg(long)]
    dry_run: bool,
    /// File for what cannot be imported, to be corrected and imported again; without it, the first 20 are told
    ///
    /// Made for its owner alone (mode 0600), together with FILE.toml, the mapping that it needs to be read again. An import that
    /// goes on appends to it.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    reading: Reading,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How files are read")]
pub(super) struct Reading {
    /// csv, vcard, jscontact or ldif [default: found by itself]
    #[arg(long)]
    format: Option<String>,
    /// What a column is, such as "Sign-up date=consent.given-at"; keep keeps it in the card, ignore leaves it out
    ///
    /// The column by its head, or #3 for the third. May be given several times; --dry-run shows what each column was taken for.
    #[arg(long, value_name = "COLUMN=FIELD")]
    map: Vec<String>,
    /// Mapping that was saved by --save-claims or printed by `import show`, in place of finding one
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// Save the mapping, to be changed and used again with --claims
    #[arg(long, value_name = "FILE")]
    save_claims: Option<PathBuf>,
    /// Zone of times that say none, if you know it, such as Europe/Paris
    #[arg(long, value_name = "ZONE")]
    zone: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Past {
    /// List a controller's imports, the newest first
    Ls {
        #[command(flatten)]
        of: Of,
    },
    /// Show an import: its origin, its numbers, and the mapping that was used
    Show {
        /// Its id
        id: String,
        #[command(flatten)]
        of: Of,
    },
    /// Make imported contacts findable by words of their names, where an import was cut short before that
    Words {
        #[command(flatten)]
        of: Of,
    },
    /// Take an import back: contacts that came by it alone go, others are as before; refusals stay
    Undo {
        /// Its id
        id: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        of: Of,
    },
}

impl Import {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<ExitCode, Failure> {
        at_desk(global, output, |desk| match &self.past {
            None => self.import(desk, output),
            Some(Past::Ls { of }) => past::ls(desk, of, output),
            Some(Past::Show { id, of }) => past::show(desk, id, of, output),
            Some(Past::Words { of }) => words::words(desk, of, output),
            Some(Past::Undo { id, yes, of }) => past::undo(desk, id, *yes, of, output),
        })
    }

    fn import(&self, desk: &Desk<'_>, output: &Output) -> Result<ExitCode, Failure> {
        let controller = self.of.controller(desk)?;
        let purpose = self.purpose(desk, &controller)?;
        let mut files = Files::open(&self.files, &self.reading.options()?)?;
        let new = NewImport {
            list: self.list.clone().unwrap_or_default(),
            kind: ProvenanceKind::File,
            origin: self.origin.clone().unwrap_or_default(),
            file_name: files.names.clone(),
            purpose,
            reading: files.reading()?,
        };
        let rejects = Rejects::open(self.rejects.as_deref(), &self.files, &files.facts, files.places.clone())?;
        self.reading.save(&files)?;
        let mut waiting = Waiting::new(rejects, files.track.clone(), *output)?;
        let result = if self.dry_run {
            desk.rehearse_import(&controller, &new, &mut files.source, &mut waiting)
        } else {
            desk.import(&controller, &new, &mut files.source, &mut waiting)
        };
        waiting.end();
        let (was_stopped, stops) = (waiting.was_stopped(), waiting.stops_now());
        let rejected = waiting.rejects.finish();
        let outcome = result.map_err(|error| self.cut_short(error.into()))?;
        let rejected = rejected?;
        let was_cut = rejected.cut;
        if outcome.state.has_ended() && !self.dry_run {
            words::tag(desk, &controller, output, stops)?;
        }
        let was_stopped = was_stopped && !outcome.state.has_ended();
        Report { outcome: &outcome, new: &new, controller: &controller, facts: &files.facts, rejected, was_stopped }
            .show(desk, output)?;
        Ok(if was_stopped {
            ExitCode::from(watch::INTERRUPTED)
        } else if was_cut {
            // What could not be read to its end must not look like a whole list to a script.
            ExitCode::from(2)
        } else {
            ExitCode::SUCCESS
        })
    }

    /// A failure on the way: what is written stays, and the same command goes on.
    fn cut_short(&self, failure: Failure) -> Failure {
        use carnet_desk::ErrorKind::{Conflict, Storage};
        if self.dry_run || !matches!(failure.kind, Conflict | Storage) {
            return failure;
        }
        let sentence = format!("{}; the same command goes on from where it stopped", failure.sentence);
        Failure { sentence, ..failure }
    }

    fn purpose(&self, desk: &Desk<'_>, controller: &Controller) -> Result<Option<PurposeId>, Failure> {
        let Some(name) = &self.purpose else { return Ok(None) };
        let name: Slug = parsed(name, "--purpose")?;
        let id = desk.purpose_named(controller.id, &name)?;
        let Some(basis) = &self.basis else { return Ok(Some(id)) };
        let basis: LawfulBasis = parsed(basis, "--basis")?;
        let all = desk.list_purposes(controller.id)?;
        match all.iter().find(|purpose| purpose.id == id && purpose.basis != basis) {
            None => Ok(Some(id)),
            Some(purpose) => Err(Failure::invalid(format!(
                "the purpose {name} has the lawful basis {}, not {basis}; nothing was imported: give the basis that it has, or \
                 another purpose",
                purpose.basis
            ))),
        }
    }
}

impl Reading {
    pub(super) fn options(&self) -> Result<OpenOptions, Failure> {
        Ok(OpenOptions {
            format: self.format.as_deref().map(|word| parsed::<Format>(word, "--format")).transpose()?,
            mapping: self.mapping()?,
            overrides: self.map.iter().map(|text| parsed::<Override>(text, "--map")).collect::<Result<_, _>>()?,
            zone: self.zone.as_deref().map(|text| parsed::<Zone>(text, "--zone")).transpose()?,
            ..OpenOptions::default()
        })
    }

    fn mapping(&self) -> Result<Option<Mapping>, Failure> {
        let Some(path) = &self.claims else { return Ok(None) };
        let text = std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?;
        let mapping = Mapping::from_text(&text);
        mapping.map(Some).map_err(|error| Failure::invalid(format!("{}: {error}", path.display())))
    }

    /// Saves the mapping where nothing is yet, or the same.
    fn save(&self, files: &Files) -> Result<(), Failure> {
        let Some(path) = &self.save_claims else { return Ok(()) };
        let text = mapping_text(files.mapping()?)?;
        if std::fs::read_to_string(path).is_ok_and(|known| known == text) {
            return Ok(());
        }
        let sink = Sink::open_any(path)?;
        if !sink.is_new() {
            return Err(Failure::invalid(format!(
                "--save-claims: {} is there already; name another file, or use it with --claims",
                path.display()
            )));
        }
        sink.keep_text(&text).map_err(|error| Failure::file(path, &error))
    }
}
