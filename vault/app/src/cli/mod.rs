//! The command line: one file for each command. Each prints for people, or one JSON value with `--json`.

mod account;
mod audit;
mod backup;
mod check;
mod consent;
mod contact;
mod contact_view;
mod controller;
mod demo;
mod export;
mod import;
mod init;
mod key;
mod list;
mod notice;
mod purpose;
mod status;
mod trap;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;

/// An encrypted vault for contacts that can say where each came from and what it agreed to.
#[derive(Debug, Parser)]
#[command(
    name = "carnet",
    version,
    max_term_width = 100,
    after_help = "Start with `carnet demo` to see the whole of it on invented data, or `carnet init` to make a vault.\n\
                  Exit codes: 0 done, 1 storage, 2 wrong request, 4 not allowed, 5 not found, 6 conflict, 7 key,\n\
                  8 damaged or tampered with. `audit verify` has its own: see its help."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Global {
    /// Folder of the vault [default: ~/.local/share/carnet]
    #[arg(
        long,
        global = true,
        env = "CARNET_DATA",
        hide_env_values = true,
        value_name = "DIR",
        help_heading = "Vault"
    )]
    pub data: Option<PathBuf>,
    /// Database: sqlite:FILE or postgres://USER@HOST/NAME [default: what `init` chose]
    #[arg(
        long,
        global = true,
        env = "CARNET_DATABASE",
        hide_env_values = true,
        value_name = "URL",
        help_heading = "Vault"
    )]
    pub database: Option<String>,
    /// File of the root key [default: beside the data folder, DIR.key]
    #[arg(
        long,
        global = true,
        env = "CARNET_KEY_FILE",
        hide_env_values = true,
        value_name = "FILE",
        help_heading = "Vault"
    )]
    pub key_file: Option<PathBuf>,
    /// File that holds the passphrase, where the root key has one [default: ask]
    #[arg(
        long,
        global = true,
        env = "CARNET_PASSPHRASE_FILE",
        hide_env_values = true,
        value_name = "FILE",
        help_heading = "Vault"
    )]
    pub passphrase_file: Option<PathBuf>,
    /// Folder of policies in place of those in the program
    #[arg(
        long,
        global = true,
        env = "CARNET_POLICIES",
        hide_env_values = true,
        value_name = "DIR",
        help_heading = "Vault"
    )]
    pub policies: Option<PathBuf>,
    /// Account to act as [default: the one that `init` made]
    #[arg(
        long = "as",
        global = true,
        env = "CARNET_AS",
        hide_env_values = true,
        value_name = "ACCOUNT",
        help_heading = "Who and why"
    )]
    pub account: Option<String>,
    /// Why: kept sealed in the ledger; needed wherever a person's data are opened
    #[arg(
        long,
        global = true,
        env = "CARNET_REASON",
        hide_env_values = true,
        value_name = "TEXT",
        help_heading = "Who and why"
    )]
    pub reason: Option<String>,
    /// Print one JSON value instead of text
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a new vault and its root key
    ///
    /// The root key is written to a file of mode 0600 beside the folder of the vault (DIR.key), or sealed under a
    /// passphrase inside it. The 24 recovery words printed here are the only other way to the data: write them down and
    /// keep them elsewhere. If this is interrupted, repeat it: it goes on where it stopped, and prints the words then.
    #[command(after_long_help = "Examples:\n  carnet init\n  carnet init --passphrase\n  \
                                 carnet init --database postgres://carnet@db.example/vault")]
    Init(init::Init),
    /// Show the whole of it on invented data, in a throwaway vault
    ///
    /// Controller, purpose, notice, contacts with their consent, a withdrawal, a refused look, an erasure, the ledger
    /// verified here and offline.
    Demo(demo::Demo),
    /// Show what the vault holds and how it is
    Status,
    /// Organisations whose contacts are kept (Art. 4(7) GDPR)
    #[command(subcommand)]
    Controller(controller::Command),
    /// Why contacts are kept, and on which ground (Art. 5(1)(b), 6(1))
    #[command(subcommand)]
    Purpose(purpose::Command),
    /// Texts that people are shown, versioned by their hash (Art. 13, 14)
    #[command(subcommand)]
    Notice(notice::Command),
    /// Who may act here, and in which roles
    #[command(subcommand)]
    Account(account::Command),
    /// Add, find, open, change and erase contacts
    #[command(subcommand)]
    Contact(contact::Command),
    /// Record what somebody agreed to or refused, and show the proof
    #[command(subcommand)]
    Consent(consent::Command),
    /// Import a list, and keep what it proves; show and take back earlier imports
    ///
    /// What the files say about consent is recorded with its evidence, as somebody else's word: it can tighten where somebody
    /// stands, and never lifts a refusal. What they do not say is recorded as missing. Whoever was erased or has objected stays
    /// out. The list can be used once a compliance officer has released it. Stopped or killed, the same command goes on.
    #[command(after_long_help = "Examples:\n  \
        carnet import list.csv --list News --origin \"You signed up on our site\" --purpose newsletter --dry-run\n  \
        carnet import list.csv --list News --origin \"You signed up on our site\" --purpose newsletter --rejects bad.csv\n  \
        carnet import bad.csv --list News --origin \"You signed up on our site\" --purpose newsletter\n  \
        carnet import ls\n  \
        carnet import undo 01a2054d-19c5-7d6b-84c2-8e11f4b0b26e\n\n\
        Exit codes beside the usual ones: 0 also with rejects, 2 if a file could not be read to its end, 130 after Ctrl-C.")]
    Import(Box<import::Import>),
    /// Look at files as the gate does, for lists that were bought, swapped, scraped or made up; nothing is stored
    ///
    /// Any format that `import` reads. Without a vault the files are judged by themselves; with one also against what it remembers:
    /// other controllers' lists, condemned lists, objections.
    #[command(after_long_help = "Examples:\n  carnet check offer.csv\n  carnet check offer.csv --html offer.html\n  \
        carnet --json check a.vcf b.csv.gz --basis consent --reason \"an offer from a broker\"\n\n\
        The exit code is 0 whatever the verdict; programs read `verdict` with --json.")]
    Check(Box<check::Check>),
    /// Say where lists come from, submit them, and decide whether they may be used
    ///
    /// A list is closed until a compliance officer releases it, and for as long as nobody does. Its owner says of every source how the
    /// addresses came, submits it, and answers; the gate looks at it; an officer who does not own it decides. A release ends by itself,
    /// and at once when something is learned that speaks against the list.
    #[command(subcommand)]
    List(list::Command),
    /// Hand a released list to a recipient, in a file that only the recipient opens
    ///
    /// Whoever the lawful basis of the purpose does not cover, and whoever has refused, stays here, and is counted by reason. The
    /// file opens with `age`, and `carnet import` takes it back with its consents. FILE.manifest.json beside it says how many left,
    /// with the hashes, and names nobody. Nothing stands under the final name until the ledger has recorded the end.
    #[command(after_long_help = "Examples:\n  \
        carnet export News --purpose newsletter --recipient \"Example Mailing SAS\" --country FR --to news.csv.age \\\n    \
        --age-recipient age1... --reason \"the letter of May\"\n  \
        carnet export News --purpose newsletter --recipient \"Association\" --format vcard --to news.vcf.age \\\n    \
        --encrypt-passphrase-file words.txt --reason \"to move to another program\"\n\n\
        Open it with: age --decrypt --identity KEY-FILE news.csv.age > news.csv")]
    Export(Box<export::Export>),
    /// Addresses that no list of people has; for compliance officers
    #[command(subcommand)]
    Trap(trap::Command),
    /// Take backups, prove that they can be restored, and restore them
    ///
    /// Two sites at least. A backup counts once it was restored: `run` does that each time, and `alarm` tells of the age of the last
    /// proof. Sites hold nothing that could be read without the root key; restic opens them without Carnet.
    #[command(subcommand)]
    Backup(backup::Command),
    /// Rotate keys, recover a lost key file
    #[command(subcommand)]
    Key(key::Command),
    /// Read, verify, prove and export the ledger
    #[command(subcommand)]
    Audit(audit::Command),
    /// Print completions for a shell: carnet completions bash > ...
    Completions {
        /// bash, zsh, fish, elvish or powershell
        shell: clap_complete::Shell,
    },
}

/// Runs the command that was asked for.
pub(crate) fn run(arguments: Arguments, output: &Output) -> Result<ExitCode, Failure> {
    let global = &arguments.global;
    match arguments.command {
        Command::Init(init) => init.run(global, output)?,
        Command::Demo(demo) => demo.run(output)?,
        Command::Status => status::run(global, output)?,
        Command::Controller(command) => command.run(global, output)?,
        Command::Purpose(command) => command.run(global, output)?,
        Command::Notice(command) => command.run(global, output)?,
        Command::Account(command) => command.run(global, output)?,
        Command::Contact(command) => return command.run(global, output),
        Command::Consent(command) => command.run(global, output)?,
        Command::Import(import) => return import.run(global, output),
        Command::Check(check) => check.run(global, output)?,
        Command::List(command) => command.run(global, output)?,
        Command::Export(export) => export.run(global, output)?,
        Command::Trap(command) => command.run(global, output)?,
        Command::Backup(command) => return command.run(global, output),
        Command::Key(command) => command.run(global, output)?,
        Command::Audit(command) => return command.run(global, output),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "carnet", &mut script);
            let script = String::from_utf8_lossy(&script);
            output.show(&json!({ "shell": shell.to_string(), "script": script }), |out| write!(out, "{script}"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A command line that clap does not understand, or one that asks for help: told to people as clap does, to programs as
/// every other failure is.
pub(crate) fn misread(error: &clap::Error) -> ExitCode {
    let for_programs = std::env::args_os().any(|argument| argument == "--json");
    if error.use_stderr() && for_programs {
        let said = error.to_string();
        // What follows is the usage, for people.
        let said = said.split("Usage:").next().unwrap_or(&said);
        let sentence = said.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" ");
        return Output::new(true).failure(&Failure::invalid(sentence));
    }
    // Nobody is left to tell when the stream is closed, as in `carnet --help | head`.
    drop(error.print());
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

/// For which controller a command works.
#[derive(Debug, Clone, Args)]
pub(crate) struct Of {
    /// Controller, by name or id; not needed where the vault has only one
    #[arg(long, short = 'c', env = "CARNET_CONTROLLER", hide_env_values = true, value_name = "NAME")]
    controller: Option<String>,
}

impl Of {
    /// The controller that was named, or the only one there is.
    pub(crate) fn controller(&self, desk: &carnet_desk::Desk<'_>) -> Result<carnet_core::model::Controller, Failure> {
        if let Some(name) = &self.controller {
            return Ok(desk.controller_named(name)?);
        }
        let mut all = desk.list_controllers()?;
        match (all.pop(), all.is_empty()) {
            (Some(only), true) => Ok(only),
            (None, _) => Err(Failure::invalid(
                "there is no controller yet; add one with `carnet controller add NAME --country FR`",
            )),
            (Some(_), false) => {
                Err(Failure::invalid("this vault has several controllers; say which with --controller"))
            }
        }
    }
}
