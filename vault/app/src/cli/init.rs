//! `carnet init`: a new vault, its root key, and the recovery words that are shown once.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use carnet_core::keys::{self, KeyFile, KeyFileError, RootKey};
use carnet_core::ledger::Channel;
use carnet_core::model::Slug;
use carnet_core::policy::AccessPolicy;
use carnet_desk::{Errand, ErrorKind, Vault};
use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use zeroize::Zeroizing;

use super::Global;
use super::key::on_one_line;
use crate::config::{self, Config};
use crate::failure::Failure;
use crate::lock::{self, Lock, Matter};
use crate::output::Output;
use crate::{checkpoint, session};

/// What `carnet init` takes.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Handle of the first account, which owns everything
    #[arg(long, default_value = "owner", value_name = "NAME")]
    owner: String,
    /// Seal the root key under a passphrase instead of keeping it in a plain file
    #[arg(long)]
    passphrase: bool,
}

/// A vault that was just made. Its key file has its final name only after [`Made::finish`].
pub(crate) struct Made {
    pub vault: Vault,
    pub words: Zeroizing<String>,
    pub config: Config,
    lock: Lock,
}

impl Init {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<(), Failure> {
        let made = make(global, &self.owner, self.passphrase)?;
        checkpoint::keep(&made.config.data, &made.vault, output);
        self.tell(&made, output)?;
        // Only now: words that were never shown are shown by the next `init`, as long as the key file is not finished.
        made.finish().map(drop)
    }

    fn tell(&self, made: &Made, output: &Output) -> Result<(), Failure> {
        let Made { vault, words, config, .. } = made;
        let value = json!({
            "vault": vault.id().to_string(),
            "data": config.data,
            "database": config.database.to_string(),
            "key_file": config.key_file,
            "account": self.owner,
            "ledger_key": vault.ledger_key().to_string(),
            "recovery_words": on_one_line(words),
        });
        output.show(&value, |out| {
            writeln!(out, "Vault made in {}", config.data.display())?;
            writeln!(out, "  database    {}", config.database)?;
            writeln!(out, "  root key    {}", config.key_file.display())?;
            writeln!(out, "  account     {} (owner)", self.owner)?;
            writeln!(out, "  ledger key  {}", vault.ledger_key())?;
            writeln!(out, "\nRecovery words, shown once. Write them on paper and keep them away from this machine:\n")?;
            writeln!(out, "{}", words.as_str())?;
            writeln!(out, "\nWithout the root key or these words nobody can open the vault, we included.")?;
            writeln!(out, "Next: carnet controller add \"My association\" --country FR")
        })
    }
}

impl Made {
    /// Gives the key file its name: from here on the vault counts as made.
    pub(crate) fn finish(self) -> Result<(Vault, Config), Failure> {
        keys::promote(&self.config.key_file)?;
        drop(self.lock);
        Ok((self.vault, self.config))
    }
}

/// Makes the folder, the key, the database and the configuration. Cut short anywhere, it goes on where it stopped: until
/// all is done and told the key is in the staged file, which no finished vault has without its key file beside it.
pub(crate) fn make(global: &Global, owner: &str, with_passphrase: bool) -> Result<Made, Failure> {
    let owner: Slug = session::parsed(owner, "--owner")?;
    let data = config::data_folder(global)?;
    let file = config::File {
        database: Some(global.database.clone().unwrap_or_else(|| "sqlite:vault.db".to_owned())),
        key_file: Some(key_file(global, &data, with_passphrase)?),
        account: Some(owner.to_string()),
        policies: global.policies.as_deref().map(absolute).transpose()?,
        ..config::File::default()
    };
    let config = Config::of(global, data.clone(), file.clone())?;
    let access = session::access(&config)?;
    refuse_finished(&config)?;
    let passphrase = with_passphrase.then(|| choose_passphrase(global)).transpose()?;
    DirBuilder::new().recursive(true).mode(0o700).create(&data).map_err(|error| Failure::file(&data, &error))?;
    let lock = lock::take(&data, Matter::Keys)?;
    refuse_finished(&config)?;

    let (root, taken_up) = staged_key(&config.key_file, passphrase.as_ref())?;
    let words = Zeroizing::new(format!("{:#}", root.to_words().reveal()));
    let begun = Begun { config: &config, access, owner, errand: session::errand(global, Channel::Init) };
    let vault = if taken_up { begun.take_up(root, &words)? } else { begun.found(root)? };
    config::write(&data, &file)?;
    Ok(Made { vault, words, config, lock })
}

/// A vault is finished when its key file has its name. Where a staged key waits instead, `init` was cut short.
fn refuse_finished(config: &Config) -> Result<(), Failure> {
    let there = |path: &Path| fs::symlink_metadata(path).is_ok();
    let configured = there(&config.data.join(config::FILE));
    if configured && (there(&config.key_file) || keys::staged(&config.key_file)?.is_none()) {
        let sentence = format!("there is already a vault in {}; nothing was changed", config.data.display());
        return Err(Failure { kind: ErrorKind::Conflict, sentence });
    }
    if there(&config.key_file) {
        return Err(KeyFileError::Exists { path: config.key_file.clone() }.into());
    }
    Ok(())
}

/// A new root key, safely on disk beside its final name; or the one that an interrupted `init` left there.
fn staged_key(key_file: &Path, passphrase: Option<&SecretString>) -> Result<(RootKey, bool), Failure> {
    if let Some(staged) = keys::staged(key_file)? {
        // A process that was killed between making the file and writing it leaves it empty.
        if fs::metadata(&staged).is_ok_and(|found| found.len() > 0) {
            return Ok((key_left_behind(&staged, passphrase)?, true));
        }
        keys::discard(key_file)?;
    }
    let root = RootKey::generate();
    match passphrase {
        Some(passphrase) => keys::stage_sealed(key_file, &root, passphrase)?,
        None => keys::stage_plain(key_file, &root)?,
    }
    Ok((root, false))
}

fn key_left_behind(staged: &Path, passphrase: Option<&SecretString>) -> Result<RootKey, Failure> {
    match (KeyFile::read(staged)?, passphrase) {
        (KeyFile::Plain(root), None) => Ok(root),
        (KeyFile::Passphrase(slot), Some(passphrase)) => Ok(slot.open(passphrase)?),
        _ => {
            Err(Failure::invalid("this vault was begun the other way, with or without --passphrase; repeat it as then"))
        }
    }
}

/// What founding a vault takes beside its root key.
struct Begun<'c> {
    config: &'c Config,
    access: AccessPolicy,
    owner: Slug,
    errand: Errand,
}

impl Begun<'_> {
    fn found(self, root: RootKey) -> Result<Vault, Failure> {
        let place = self.config.database.clone();
        let founded = Vault::found(place, root, self.access, self.owner, &self.errand).map_err(Failure::from);
        founded.inspect_err(|failure| {
            if failure.kind == ErrorKind::Conflict {
                // The database is another vault's: this key opens nothing and never will.
                drop(keys::discard(&self.config.key_file));
            }
        })
    }

    /// The vault that a left-behind key opens is ours to finish; where it opens none, one is founded with it.
    fn take_up(self, root: RootKey, words: &str) -> Result<Vault, Failure> {
        match Vault::open(self.config.database.clone(), root, self.access.clone()) {
            Ok(vault) => {
                let known = vault.desk(&self.owner, self.errand).map(drop);
                known
                    .map_err(|_| Failure::invalid("this vault was begun with another --owner; give the same again"))?;
                Ok(vault)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.found(RootKey::from_words(words).map_err(|error| Failure::invalid(error.to_string()))?)
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// An absolute path: the vault must open from wherever it is called.
fn key_file(global: &Global, data: &Path, sealed: bool) -> Result<PathBuf, Failure> {
    let chosen = match &global.key_file {
        Some(path) => path.clone(),
        None if sealed => data.join("root.key"),
        None => config::default_key_file(data),
    };
    absolute(&chosen)
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| Failure::file(path, &error))
}

fn choose_passphrase(global: &Global) -> Result<SecretString, Failure> {
    let first = session::passphrase(global, "New passphrase: ")?;
    if first.expose_secret().is_empty() {
        return Err(KeyFileError::EmptyPassphrase.into());
    }
    if global.passphrase_file.is_none() {
        let again = session::passphrase(global, "The same again: ")?;
        if first.expose_secret() != again.expose_secret() {
            return Err(Failure::invalid("the two passphrases differ; nothing was made"));
        }
    }
    Ok(first)
}
