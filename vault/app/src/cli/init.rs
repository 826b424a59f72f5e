//! `carnet init`: a new vault, its root key, and the recovery words that are shown once.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use carnet_core::keys::{RootKey, write_plain, write_sealed};
use carnet_core::ledger::Channel;
use carnet_core::model::Slug;
use carnet_desk::{ErrorKind, Vault};
use clap::Args;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::Global;
use crate::config::{self, Config};
use crate::failure::Failure;
use crate::output::Output;
use crate::{checkpoint, session};

/// Makes a new vault.
///
/// Its root key is written to a file of mode 0600 beside the folder (DIR.key), or sealed under a passphrase inside it.
/// The 24 recovery words printed here are the only other way to the data: write them down and keep them elsewhere.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Handle of the first account, which owns everything
    #[arg(long, default_value = "owner", value_name = "NAME")]
    owner: String,
    /// Seal the root key under a passphrase instead of keeping it in a plain file
    #[arg(long)]
    passphrase: bool,
}

/// A vault that was just made.
pub(crate) struct Made {
    pub vault: Vault,
    pub words: String,
    pub config: Config,
}

impl Init {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<(), Failure> {
        let Made { vault, words, config } = make(global, &self.owner, self.passphrase)?;
        checkpoint::keep(&config.data, &vault, output);
        let value = json!({
            "vault": vault.id().to_string(),
            "data": config.data,
            "database": config.database.to_string(),
            "key_file": config.key_file,
            "account": self.owner,
            "ledger_key": vault.ledger_key().to_string(),
            "recovery_words": words.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).collect::<Vec<_>>().join(" "),
        });
        output.show(&value, |out| {
            writeln!(out, "Vault made in {}", config.data.display())?;
            writeln!(out, "  database    {}", config.database)?;
            writeln!(out, "  root key    {}", config.key_file.display())?;
            writeln!(out, "  account     {} (owner)", self.owner)?;
            writeln!(out, "  ledger key  {}", vault.ledger_key())?;
            writeln!(out, "\nRecovery words, shown once. Write them on paper and keep them away from this machine:\n")?;
            writeln!(out, "{words}")?;
            writeln!(out, "\nWithout the root key or these words nobody can open the vault, we included.")?;
            writeln!(out, "Next: carnet controller add \"My association\" --country FR")
        })
    }
}

/// Makes the folder, the key, the database and the configuration, in an order that can be cut short and repeated.
pub(crate) fn make(global: &Global, owner: &str, with_passphrase: bool) -> Result<Made, Failure> {
    let owner: Slug = session::parsed(owner, "--owner")?;
    let data = config::data_folder(global)?;
    let file = config::File {
        database: Some(global.database.clone().unwrap_or_else(|| "sqlite:vault.db".to_owned())),
        key_file: Some(key_file(global, &data, with_passphrase)?),
        account: Some(owner.to_string()),
        policies: global.policies.clone(),
    };
    if data.join(config::FILE).exists() {
        let sentence = format!("there is already a vault in {}; nothing was changed", data.display());
        return Err(Failure { kind: ErrorKind::Conflict, sentence });
    }
    let config = Config::of(global, data.clone(), file.clone())?;
    let access = session::access(&config)?;
    let new_passphrase = with_passphrase.then(|| choose_passphrase(global)).transpose()?;
    DirBuilder::new().recursive(true).mode(0o700).create(&data).map_err(|error| Failure::file(&data, &error))?;

    let root = RootKey::generate();
    let words = format!("{:#}", root.to_words().reveal());
    match &new_passphrase {
        Some(passphrase) => write_sealed(&config.key_file, &root, passphrase)?,
        None => write_plain(&config.key_file, &root)?,
    }
    let errand = session::errand(global, Channel::Init);
    let founded = Vault::found(config.database.clone(), root, access, owner, &errand).map_err(Failure::from);
    let written = founded.and_then(|vault| config::write(&data, &file).map(|()| vault));
    match written {
        Ok(vault) => Ok(Made { vault, words, config }),
        Err(failure) => {
            // The key opens nothing; left behind, it would stand in the way of the next try.
            drop(fs::remove_file(&config.key_file));
            Err(failure)
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
    std::path::absolute(&chosen).map_err(|error| Failure::file(&chosen, &error))
}

fn choose_passphrase(global: &Global) -> Result<secrecy::SecretString, Failure> {
    let first = session::passphrase(global, "New passphrase: ")?;
    if global.passphrase_file.is_none() {
        let again = session::passphrase(global, "The same again: ")?;
        if first.expose_secret() != again.expose_secret() {
            return Err(Failure::invalid("the two passphrases differ; nothing was made"));
        }
    }
    Ok(first)
}
