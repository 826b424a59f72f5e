//! `carnet key`: rotating the root key or a controller's master key, and recovering a lost key file.

use std::io::{self, BufRead as _, IsTerminal as _};

use carnet_core::keys::{self, KeyFile, RootKey, write_plain, write_sealed};
use carnet_core::ledger::Channel;
use carnet_core::model::Slug;
use carnet_desk::{Desk, ErrorKind, Vault};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use zeroize::Zeroizing;

use super::{Global, Of};
use crate::config::Config;
use crate::failure::Failure;
use crate::lock::{self, Matter};
use crate::output::{Output, counted};
use crate::session::{self, at_desk, errand, parsed};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Replace the root key, or a controller's master key
    ///
    /// The root key is replaced at once, and new recovery words are printed. A master key is replaced by sealing its
    /// controller's contacts again; that can be interrupted, and goes on when the command is repeated.
    #[command(after_long_help = "Examples:\n  carnet key rotate --root --reason \"the key file was copied\"\n  \
                                 carnet key rotate --controller \"My association\" --reason \"once a year\"")]
    Rotate(Rotate),
    /// Write a new key file from the 24 recovery words, read from standard input
    ///
    /// The words must open the vault before anything is written, and a key file that is there is never overwritten.
    Recover {
        /// Seal the root key under a passphrase instead of keeping it in a plain file
        #[arg(long)]
        passphrase: bool,
    },
}

/// Which key to replace.
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// Replace the root key
    #[arg(long, conflicts_with = "controller")]
    root: bool,
    /// With --root: seal the new root key under a passphrase
    #[arg(long, requires = "root")]
    passphrase: bool,
    /// With --root --passphrase: file that holds the new passphrase [default: ask]
    #[arg(long, requires = "passphrase", value_name = "FILE")]
    new_passphrase_file: Option<std::path::PathBuf>,
    #[command(flatten)]
    of: Of,
}

impl Command {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<(), Failure> {
        match self {
            Self::Rotate(rotate) if rotate.root => rotate.root(global, output),
            Self::Rotate(rotate) => at_desk(global, output, |desk| rotate.master(desk, output)),
            Self::Recover { passphrase } => recover(global, passphrase, output),
        }
    }
}

impl Rotate {
    /// The new key is on disk beside the old one before the vault changes, and takes its name after: whenever this is cut
    /// short, one of the two files opens the vault, and the next command finds out which.
    fn root(&self, global: &Global, output: &Output) -> Result<(), Failure> {
        let config = Config::read(global)?;
        // A key that was sealed under a passphrase never becomes a plain file for want of a flag.
        let sealed = self.passphrase || matches!(KeyFile::read(&config.key_file), Ok(KeyFile::Passphrase(_)));
        let passphrase = sealed.then(|| self.new_passphrase(global)).transpose()?;
        let lock = lock::take(&config.data, Matter::Keys)?;
        let vault = session::open_locked(&config, global, output, &lock)?;
        // The vault opens with the key file, so a staged one was left behind by a rotation that changed nothing.
        keys::discard(&config.key_file)?;
        let account: Slug = parsed(&config.account, "--as")?;
        let desk = vault.desk(&account, errand(global, Channel::CommandLine))?;
        let new = RootKey::generate();
        let words = Zeroizing::new(format!("{:#}", new.to_words().reveal()));
        match &passphrase {
            Some(passphrase) => keys::stage_sealed(&config.key_file, &new, passphrase)?,
            None => keys::stage_plain(&config.key_file, &new)?,
        }
        if let Err(error) = desk.rotate_root(new) {
            // A database that failed may have committed all the same: then the staged key is the one that opens the vault.
            if error.kind() != ErrorKind::Storage {
                keys::discard(&config.key_file)?;
            }
            return Err(error.into());
        }
        crate::checkpoint::keep(&config.data, &vault, output);
        let value = json!({ "rotated": "root", "key_file": config.key_file, "recovery_words": on_one_line(&words) });
        output.show(&value, |out| {
            writeln!(out, "Root key replaced: {}", config.key_file.display())?;
            writeln!(out, "\nThe old recovery words open the backups that were taken until now, and nothing else: keep them as long, and take a new backup. The new ones, shown once:\n")?;
            writeln!(out, "{}", words.as_str())
        })?;
        Ok(keys::promote(&config.key_file)?)
    }

    fn new_passphrase(&self, global: &Global) -> Result<SecretString, Failure> {
        let path = self.new_passphrase_file.clone().or_else(|| global.passphrase_file.clone());
        session::passphrase(&Global { passphrase_file: path, ..global.clone() }, "New passphrase: ")
    }

    fn master(&self, desk: &Desk<'_>, output: &Output) -> Result<(), Failure> {
        let controller = self.of.controller(desk)?;
        let mut rotation = desk.begin_rotation(&controller)?;
        let total = desk.contact_count(&controller)?;
        let bar = progress(total, output);
        bar.set_position(rotation.resealed);
        while rotation.finished.is_none() {
            rotation = desk.step_rotation(&controller)?;
            bar.set_position(rotation.resealed);
        }
        bar.finish_and_clear();
        let (resealed, generation) = (rotation.resealed, rotation.to_generation);
        output.say(
            &json!({ "rotated": controller.name, "generation": generation, "resealed": resealed }),
            &format!(
                "Master key of {} replaced: {} sealed under generation {generation}",
                controller.name,
                counted(resealed, "contact", "contacts")
            ),
        )
    }
}

/// Recovery words without the numbers that they have on paper.
pub(super) fn on_one_line(words: &str) -> String {
    words.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).collect::<Vec<_>>().join(" ")
}

fn progress(total: u64, output: &Output) -> ProgressBar {
    if output.is_json() || !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} contacts, {per_sec}, {eta} left");
    bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// Recovery words from standard input, on as many lines as they like.
pub(super) fn typed_words(output: &Output) -> Result<Zeroizing<String>, Failure> {
    if io::stdin().is_terminal() {
        output.note("Type the 24 recovery words, then Enter and Ctrl-D:");
    }
    let mut typed = Zeroizing::new(String::new());
    for line in io::stdin().lock().lines() {
        typed.push_str(&Zeroizing::new(line?));
        typed.push(' ');
    }
    Ok(typed)
}

/// The words must open this vault before anything is written, and an existing key file is never overwritten.
fn recover(global: &Global, with_passphrase: bool, output: &Output) -> Result<(), Failure> {
    let config = Config::read(global)?;
    let typed = typed_words(output)?;
    let root = || RootKey::from_words(&typed).map_err(|error| Failure::invalid(error.to_string()));
    Vault::open(config.database.clone(), root()?, session::access(&config)?)?;
    if with_passphrase {
        let new = session::passphrase(global, "New passphrase: ")?;
        if new.expose_secret().is_empty() {
            return Err(Failure::invalid("an empty passphrase protects nothing; nothing was written"));
        }
        write_sealed(&config.key_file, &root()?, &new)?;
    } else {
        write_plain(&config.key_file, &root()?)?;
    }
    output.say(
        &json!({ "key_file": config.key_file }),
        &format!("The words open this vault; key file written: {}", config.key_file.display()),
    )
}
