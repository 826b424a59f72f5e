//! `carnet backup restore`: a vault made of a backup.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use carnet_connectors::backup::{Repository as _, Restic};
use carnet_core::backup::{Content, Manifest};
use carnet_core::keys::{RootKey, write_plain};
use carnet_core::ledger::Channel;
use carnet_core::model::{Role, Timestamp};
use carnet_desk::{DeskError, ErrorKind, Restored, SnapshotFiles, Vault, restore};
use clap::Args;
use serde_json::json;

use super::run::restored_json;
use crate::backup::{Site, SnapshotReader, id_text, is_named};
use crate::cli::Global;
use crate::cli::key::typed_words;
use crate::config::{self, Config};
use crate::failure::Failure;
use crate::lock::{self, Matter};
use crate::output::{Output, counted, moment};
use crate::{checkpoint, session};

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The folder of a backup site
    #[arg(long, value_name = "FOLDER", required_unless_present = "from_files", conflicts_with = "from_files")]
    from: Option<PathBuf>,
    /// File with the site's password alone, as it is on the recovery sheet
    #[arg(long, value_name = "FILE", required_unless_present = "from_files")]
    site_password_file: Option<PathBuf>,
    /// A backup by its id, as `backup ls` or restic show it [default: the newest]
    #[arg(long, value_name = "ID")]
    snapshot: Option<String>,
    /// In place of a site: folder into which restic restored the rows
    #[arg(long, value_name = "FOLDER", requires = "keyring_files")]
    from_files: Option<PathBuf>,
    /// With --from-files: folder into which restic restored the newest keyring
    #[arg(long, value_name = "FOLDER", requires = "from_files")]
    keyring_files: Option<PathBuf>,
    /// Type the 24 recovery words in place of a key file, which is written anew
    #[arg(long)]
    recovery_words: bool,
}

impl Restore {
    pub(crate) fn run(&self, global: &Global, output: &Output) -> Result<(), Failure> {
        let data = config::data_folder(global)?;
        if data.join(config::FILE).exists() {
            let sentence =
                format!("there is a vault in {} already; restore into an empty folder, with --data", data.display());
            return Err(Failure { kind: ErrorKind::Conflict, sentence });
        }
        let database = global.database.clone().unwrap_or_else(|| "sqlite:vault.db".to_owned());
        let key_file = global.key_file.clone().unwrap_or_else(|| config::default_key_file(&data));
        let key_file = std::path::absolute(&key_file).map_err(|error| Failure::file(&key_file, &error))?;
        let mut file = config::File {
            database: Some(database),
            key_file: Some(key_file),
            policies: global.policies.as_deref().map(std::path::absolute).transpose()?,
            ..config::File::default()
        };
        let config = Config::of(global, data.clone(), file.clone())?;
        let root = self.root_key(&config, global, output)?;
        DirBuilder::new().recursive(true).mode(0o700).create(&data).map_err(|error| Failure::file(&data, &error))?;
        let _turn = lock::take(&data, Matter::Backups)?;
        // First, so that nothing is restored that then has no key beside it.
        if self.recovery_words {
            write_plain(&config.key_file, &root.0)?;
        }
        let restored = self.restored(&config, root.again()?, global, output);
        let (vault, restored) = restored.inspect_err(|_| {
            if self.recovery_words {
                drop(fs::remove_file(&config.key_file));
            }
        })?;
        file.account = Some(owner(&vault)?);
        config::write(&data, &file)?;
        checkpoint::keep(&data, &vault, output);
        tell(&config, &restored, output)
    }

    fn root_key(&self, config: &Config, global: &Global, output: &Output) -> Result<Root, Failure> {
        if !self.recovery_words && !config.key_file.exists() {
            let sentence = format!(
                "the root key is missing: type the recovery words with --recovery-words, or name its file with --key-file ({} is not there)",
                config.key_file.display()
            );
            return Err(Failure { kind: ErrorKind::Key, sentence });
        }
        if !self.recovery_words {
            return Ok(Root(session::root_key(&config.key_file, config, global)?));
        }
        if config.key_file.exists() {
            let sentence =
                format!("{} is there already; use it, or name another with --key-file", config.key_file.display());
            return Err(Failure { kind: ErrorKind::Conflict, sentence });
        }
        let words = typed_words(output)?;
        Ok(Root(RootKey::from_words(&words).map_err(|error| Failure::invalid(error.to_string()))?))
    }

    fn restored(
        &self,
        config: &Config,
        root: RootKey,
        global: &Global,
        output: &Output,
    ) -> Result<(Vault, Restored), Failure> {
        let place = config.database.clone();
        let (access, errand) = (session::access(config)?, session::errand(global, Channel::Init));
        let bar = super::run::bar(*output);
        let mut told = |done: u64, whole: u64| {
            bar.set_message("restoring");
            bar.set_length(whole);
            bar.set_position(done);
        };
        if let (Some(rows), Some(keyring)) = (&self.from_files, &self.keyring_files) {
            let (rows, keyring) = (Folder::of(rows)?, Folder::of(keyring)?);
            let keyrings: [&dyn SnapshotFiles; 1] = [&keyring];
            return Ok(restore(place, root, access, (&rows, &keyrings), &errand, &mut told)?);
        }
        let (Some(from), Some(password)) = (&self.from, &self.site_password_file) else {
            return Err(Failure::invalid("name the folder of a backup site with --from, and the file of its password"));
        };
        let password = fs::read_to_string(password).map_err(|error| Failure::file(password, &error))?;
        let site = Site::open_in(from, password.trim())?;
        let keyrings = readable(site.of(Content::Keyring), output)?;
        let newest = keyrings.first().map_or(0, |one| one.entries);
        let rows = readable(site.of(Content::Rows), output)?;
        let chosen = match &self.snapshot {
            Some(text) => rows.iter().find(|one| is_named(&one.id, text)),
            // The salts of the newest keyring belong to rows that were read before it.
            None => rows.iter().find(|one| one.entries <= newest),
        };
        let chosen = chosen.ok_or_else(|| Failure {
            kind: ErrorKind::NotFound,
            sentence: match &self.snapshot {
                Some(text) => format!("{} has no backup {text}; restic snapshots shows what it has", from.display()),
                None => format!("{} has no whole backup", from.display()),
            },
        })?;
        output.note(&format!("carnet: restoring {} of {}", id_text(&chosen.id), moment(chosen.taken)));
        let rows = SnapshotReader::open(&site.rows, &chosen.id)?;
        let keyrings = keyrings.iter().map(|one| SnapshotReader::open(&site.keyring, &one.id));
        let keyrings = keyrings.collect::<Result<Vec<_>, _>>()?;
        let keyrings: Vec<&dyn SnapshotFiles> = keyrings.iter().map(|one| one as &dyn SnapshotFiles).collect();
        let restored = restore(place, root, access, (&rows, &keyrings), &errand, &mut told);
        restored.map_err(|error| {
            let mut failure = Failure::from(error);
            if failure.kind == ErrorKind::Damaged {
                failure
                    .sentence
                    .push_str("; `restic snapshots` shows older ones for --snapshot, and the other site has its own");
            }
            failure
        })
    }
}

/// A snapshot whose manifest could be read.
struct Readable {
    id: [u8; 32],
    taken: Timestamp,
    /// How many entries the ledger had: a clock may be wrong, this is not.
    entries: u64,
}

/// The snapshots of a repository, the latest first by what their ledger says. Where one cannot be read that may be later than all
/// others, nobody knows what it would forbid.
fn readable(repository: &Restic, output: &Output) -> Result<Vec<Readable>, Failure> {
    let (mut found, mut unreadable) = (Vec::new(), Vec::new());
    for one in repository.snapshots()? {
        let reader = repository.read(&one.id);
        if reader.as_ref().is_ok_and(|reader| !reader.paths().contains(&Manifest::PATH)) {
            // Cut short before its manifest was written: no snapshot of anything.
            continue;
        }
        let manifest = reader.and_then(|reader| reader.file(Manifest::PATH));
        match manifest.ok().and_then(|bytes| Manifest::read(&bytes).ok()) {
            Some(manifest) => {
                found.push(Readable { id: one.id, taken: manifest.taken, entries: manifest.entries() });
            }
            None => unreadable.push(one),
        }
    }
    found.sort_by_key(|one| std::cmp::Reverse((one.entries, one.taken)));
    for one in unreadable {
        let sentence = format!("{} of {} cannot be read", id_text(&one.id), moment(one.at));
        if found.first().is_none_or(|newest| one.at > newest.taken) {
            let sentence = format!("the snapshot {sentence}, and nothing later is there: take the other site");
            return Err(Failure { kind: ErrorKind::Damaged, sentence });
        }
        output.note(&format!("carnet: the snapshot {sentence}, and is passed over"));
    }
    Ok(found)
}

/// The root key, which is needed twice.
struct Root(RootKey);

impl Root {
    fn again(&self) -> Result<RootKey, Failure> {
        let words = zeroize::Zeroizing::new(self.0.to_words().reveal().to_string());
        RootKey::from_words(&words).map_err(|error| Failure::invalid(error.to_string()))
    }
}

/// Files that another program took out of a repository.
struct Folder(PathBuf);

impl Folder {
    /// The folder that has the manifest: restic restores it below the one that it was told.
    fn of(folder: &Path) -> Result<Self, Failure> {
        let inner = folder.join("carnet");
        let found = [folder, inner.as_path()].into_iter().find(|one| one.join(Manifest::PATH).is_file());
        let missing = || Failure {
            kind: ErrorKind::NotFound,
            sentence: format!("{} has no {}: it is no restored backup", folder.display(), Manifest::PATH),
        };
        Ok(Self(found.ok_or_else(missing)?.to_owned()))
    }
}

impl SnapshotFiles for Folder {
    fn file(&self, path: &str) -> Result<Vec<u8>, DeskError> {
        let path = self.0.join(path);
        fs::read(&path).map_err(|source| DeskError::File { place: path.display().to_string(), source })
    }
}

/// The account that the command line acts as: an owner of everything.
fn owner(vault: &Vault) -> Result<String, Failure> {
    let accounts = vault.accounts()?;
    let owns = |roles: &[carnet_core::model::RoleGrant]| {
        roles.iter().any(|grant| grant.role == Role::Owner && grant.controller.is_none())
    };
    let owner = accounts.iter().filter(|one| owns(&one.roles)).min_by_key(|one| one.created);
    Ok(owner.map_or_else(|| "owner".to_owned(), |one| one.name.to_string()))
}

fn tell(config: &Config, restored: &Restored, output: &Output) -> Result<(), Failure> {
    let value = json!({
        "data": config.data, "database": config.database.to_string(), "restored": restored_json(restored),
    });
    output.show(&value, |out| {
        writeln!(out, "Vault {} restored in {}", restored.vault, config.data.display())?;
        writeln!(out, "  database  {}", config.database)?;
        writeln!(out, "  contacts  {}, as of {}", restored.contacts, moment(restored.taken))?;
        writeln!(out, "  salts     as of {}", moment(restored.keyring))?;
        if restored.erased + restored.suppressed > 0 {
            let erased = counted(restored.erased, "contact", "contacts");
            let refused = counted(restored.suppressed, "refusal", "refusals");
            writeln!(out, "  since     {erased} erased again, {refused} recorded again")?;
        }
        if restored.ended > 0 {
            let ended = counted(restored.ended, "release of a list", "releases of lists");
            writeln!(out, "            {ended} had ended since, and are none")?;
        }
        if restored.found_salts > 0 {
            let found = counted(restored.found_salts, "salt", "salts");
            writeln!(out, "  {found} that the newest keyring had lost came from an older one")?;
        }
        if restored.without_salt > 0 {
            let lost = counted(restored.without_salt, "contact has", "contacts have");
            writeln!(
                out,
                "  ALARM: {lost} no salt in any keyring of this site, and cannot be opened; try another site"
            )?;
        }
        writeln!(out, "Next: carnet audit verify")
    })
}
