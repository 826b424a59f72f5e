//! From a configuration to an opened vault and a desk in it.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use carnet_connectors::dns;
use carnet_core::gate::GatePolicy;
use carnet_core::keys::{self, KeyFile, KeyFileError, RootKey};
use carnet_core::ledger::Channel;
use carnet_core::model::Slug;
use carnet_core::policy::AccessPolicy;
use carnet_desk::{Desk, DeskError, Errand, ErrorKind, ExchangeGate, OsUser, Vault};
use secrecy::SecretString;

use crate::cli::Global;
use crate::config::{self, Config};
use crate::failure::Failure;
use crate::lock::{self, Lock, Matter};
use crate::{checkpoint, output::Output};

/// Opens the vault, does some work at the desk, and leaves the new checkpoint outside the database.
pub(crate) fn at_desk<T>(
    global: &Global,
    output: &Output,
    work: impl FnOnce(&Desk<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    at_desk_with(&Config::read(global)?, global, output, work)
}

/// The same with a configuration that was read before.
pub(crate) fn at_desk_with<T>(
    config: &Config,
    global: &Global,
    output: &Output,
    work: impl FnOnce(&Desk<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let vault = open(config, global, output)?;
    let account: Slug = parsed(&config.account, "--as")?;
    let desk = vault.desk(&account, errand(global, Channel::CommandLine))?;
    let result = work(&desk);
    checkpoint::keep(&config.data, &vault, output);
    result
}

/// Opens the vault, even while another process replaces its root key, or after one was killed while it did.
pub(crate) fn open(config: &Config, global: &Global, output: &Output) -> Result<Vault, Failure> {
    match open_with(&config.key_file, config, global)? {
        Opened::Vault(vault) => Ok(*vault),
        Opened::WrongKey(wrong) => match lock::wait(&config.data, Matter::Keys) {
            Ok(lock) => open_locked(config, global, output, &lock),
            // A folder that cannot be written has no rotation in it.
            Err(_) => Err(wrong),
        },
    }
}

/// The same for who holds the lock on the keys: what is staged now was left behind. It takes the key file's place if the
/// vault opens with it and not with the key file; otherwise nothing was ever wrapped with it.
pub(crate) fn open_locked(config: &Config, global: &Global, output: &Output, _: &Lock) -> Result<Vault, Failure> {
    let wrong = match open_with(&config.key_file, config, global)? {
        Opened::Vault(vault) => return Ok(*vault),
        Opened::WrongKey(wrong) => wrong,
    };
    let Some(staged) = keys::staged(&config.key_file)? else { return Err(wrong) };
    match open_with(&staged, config, global)? {
        Opened::Vault(vault) => {
            keys::promote(&config.key_file)?;
            output.note(
                "carnet: finished a rotation of the root key that was cut short. If its new recovery words were not shown \
                 then, `carnet key rotate --root` makes others; the old ones open nothing any more.",
            );
            Ok(*vault)
        }
        Opened::WrongKey(_) => Err(wrong),
    }
}

/// What came of trying one key file.
enum Opened {
    Vault(Box<Vault>),
    WrongKey(Failure),
}

fn open_with(key_file: &Path, config: &Config, global: &Global) -> Result<Opened, Failure> {
    match Vault::open(config.database.clone(), root_key(key_file, config, global)?, access(config)?) {
        Ok(vault) => Ok(Opened::Vault(Box::new(vault.with_gate(Arc::new(gate(config)?))))),
        Err(DeskError::Key(wrong @ keys::KeyError::WrongRootKey { .. })) => {
            Ok(Opened::WrongKey(DeskError::from(wrong).into()))
        }
        Err(error) => Err(error.into()),
    }
}

/// The policy of the configured folder, or the program's own.
pub(crate) fn access(config: &Config) -> Result<AccessPolicy, Failure> {
    match &config.policies {
        Some(folder) => Ok(AccessPolicy::from_dir(folder).map_err(DeskError::from)?),
        None => Ok(AccessPolicy::builtin()),
    }
}

/// The gate with the thresholds of the configured folder, or the program's own; it asks DNS where that is configured.
pub(crate) fn gate(config: &Config) -> Result<ExchangeGate, Failure> {
    let gate = match &config.policies {
        Some(folder) => ExchangeGate::new(GatePolicy::from_dir(folder).map_err(DeskError::from)?),
        None => ExchangeGate::builtin(),
    };
    Ok(match config.dns.clone() {
        Some(settings) => gate.asking(Box::new(move |rows, knowledge| {
            dns::look_up(rows, &settings, knowledge).map(drop).map_err(|error| error.to_string())
        })),
        None => gate,
    })
}

/// The root key, by passphrase where its file asks for one.
pub(crate) fn root_key(path: &Path, config: &Config, global: &Global) -> Result<RootKey, Failure> {
    match KeyFile::read(path) {
        Ok(KeyFile::Plain(key)) => Ok(key),
        Ok(KeyFile::Passphrase(slot)) => Ok(slot.open(&passphrase(global, "Passphrase of the vault: ")?)?),
        Err(KeyFileError::Missing { .. }) if !config.data.join(config::FILE).exists() => Err(Failure {
            kind: ErrorKind::NotFound,
            sentence: format!(
                "there is no vault in {}; make one with `carnet init`, or name its folder with --data",
                config.data.display()
            ),
        }),
        Err(KeyFileError::Missing { .. }) if keys::staged(path)?.is_some() => Err(Failure {
            kind: ErrorKind::Key,
            sentence: format!(
                "the making of this vault was cut short before its key file {} was there; repeat `carnet init` as it was \
                 given then, it goes on where it stopped",
                path.display()
            ),
        }),
        Err(error) => Err(error.into()),
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

/// Asks the person at the terminal for a yes. Otherwise an error that says what was not done, such as `nothing was erased`.
pub(crate) fn confirmed(question: &str, refused: &str) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::invalid(format!("{refused}: repeat with --yes where nobody can be asked")));
    }
    io::stderr().write_all(format!("{question} [y/N] ").as_bytes())?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { Err(Failure::invalid(refused)) }
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
