//! From a configuration to an opened vault and a desk in it.

use std::path::Path;

use carnet_core::keys::{KeyFile, RootKey, promote, staged};
use carnet_core::ledger::Channel;
use carnet_core::model::Slug;
use carnet_core::policy::AccessPolicy;
use carnet_desk::{Desk, DeskError, Errand, OsUser, Vault};
use secrecy::SecretString;

use crate::cli::Global;
use crate::config::Config;
use crate::failure::Failure;
use crate::{checkpoint, output::Output};

/// Opens the vault, does some work at the desk, and leaves the new checkpoint outside the database.
pub(crate) fn at_desk<T>(
    global: &Global,
    output: &Output,
    work: impl FnOnce(&Desk<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let config = Config::read(global)?;
    let vault = open(&config, global)?;
    let account: Slug = parsed(&config.account, "--as")?;
    let desk = vault.desk(&account, errand(global, Channel::CommandLine))?;
    let result = work(&desk);
    checkpoint::keep(&config.data, &vault, output);
    result
}

/// Opens the vault. A root key that was staged by an interrupted rotation is tried where the old one does not fit.
pub(crate) fn open(config: &Config, global: &Global) -> Result<Vault, Failure> {
    let access = access(config)?;
    let root = root_key(&config.key_file, global)?;
    match Vault::open(config.database.clone(), root, access.clone()) {
        Err(DeskError::Key(wrong @ carnet_core::keys::KeyError::WrongRootKey { .. })) => {
            let Some(staged) = staged(&config.key_file)? else { return Err(DeskError::Key(wrong).into()) };
            let vault = Vault::open(config.database.clone(), root_key(&staged, global)?, access)?;
            promote(&config.key_file)?;
            Ok(vault)
        }
        opened => Ok(opened?),
    }
}

/// The policy of the configured folder, or the program's own.
pub(crate) fn access(config: &Config) -> Result<AccessPolicy, Failure> {
    match &config.policies {
        Some(folder) => Ok(AccessPolicy::from_dir(folder).map_err(DeskError::from)?),
        None => Ok(AccessPolicy::builtin()),
    }
}

/// The root key, by passphrase where its file asks for one.
pub(crate) fn root_key(path: &Path, global: &Global) -> Result<RootKey, Failure> {
    match KeyFile::read(path)? {
        KeyFile::Plain(key) => Ok(key),
        KeyFile::Passphrase(slot) => Ok(slot.open(&passphrase(global, "Passphrase of the vault: ")?)?),
    }
}

/// A passphrase: from the file that was named, or asked for on the terminal. Never from a flag.
pub(crate) fn passphrase(global: &Global, prompt: &str) -> Result<SecretString, Failure> {
    let text = match &global.passphrase_file {
        Some(path) => std::fs::read_to_string(path).map_err(|error| Failure::file(path, &error))?,
        None => rpassword::prompt_password(prompt).map_err(|_| {
            Failure::invalid("a passphrase is needed and there is no terminal to ask on; give --passphrase-file")
        })?,
    };
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
}

/// Why this command runs, and who runs it.
pub(crate) fn errand(global: &Global, channel: Channel) -> Errand {
    let uid = nix::unistd::getuid();
    let name = nix::unistd::User::from_uid(uid).ok().flatten().map(|user| user.name);
    Errand {
        channel,
        os_user: Some(OsUser { uid: uid.as_raw(), name }),
        reason: global.reason.clone().unwrap_or_default(),
    }
}

/// A flag's value as one of the house's types, or a sentence that names the flag.
pub(crate) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str, flag: &str) -> Result<T, Failure> {
    text.parse().map_err(|error| Failure::invalid(format!("{flag}: {error}")))
}
