//! One typed configuration, from `carnet.toml` in the data folder, the environment and the flags, in that order of
//! growing weight. Clap reads the last two; this module reads the file and says what holds.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use carnet_connectors::dns::{Settings, Zone};
use carnet_core::model::domain::normal_domain;
use carnet_desk::Location;
use serde::{Deserialize, Serialize};

use crate::cli::Global;
use crate::failure::Failure;

/// The file's name in the data folder.
pub(crate) const FILE: &str = "carnet.toml";

/// What `carnet.toml` may hold.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// `sqlite:FILE` (relative to the data folder) or `postgres://...`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Where the root key is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_file: Option<PathBuf>,
    /// The account that the command line acts as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// A folder of policies in place of those in the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<PathBuf>,
    /// Domains of the operator's own at which every address arrives: exports to others carry tracing addresses there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canary_domains: Vec<String>,
    /// The resolver that the gate asks whether firms of a list take mail, such as `127.0.0.1:53`. Nobody is asked without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_resolver: Option<String>,
    /// Block lists that it asks through that resolver, such as `NAME=dbl` for the operator's own copy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dns_zones: Vec<String>,
}

/// What holds for this run.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// The database.
    pub database: Location,
    /// The root key's file.
    pub key_file: PathBuf,
    /// The account to act as.
    pub account: String,
    /// A folder of policies.
    pub policies: Option<PathBuf>,
    /// Domains at which tracing addresses may be.
    pub canary_domains: Vec<String>,
    /// Whom the gate asks about domains, if anybody.
    pub dns: Option<Settings>,
}

impl Config {
    /// Puts file, environment and flags together.
    pub(crate) fn read(global: &Global) -> Result<Self, Failure> {
        let data = data_folder(global)?;
        let path = data.join(FILE);
        let file = match fs::read_to_string(&path) {
            Ok(text) => toml::from_str(&text).map_err(|error| {
                let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
                let line = before.matches('\n').count() + 1;
                Failure::invalid(format!("{}, line {line}: {}", path.display(), error.message()))
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => File::default(),
            Err(error) => return Err(Failure::file(&path, &error)),
        };
        Self::of(global, data, file)
    }

    /// Whether there is a vault to open: it has a configuration, or its key is where it would be.
    pub(crate) fn has_vault(&self) -> bool {
        self.data.join(FILE).exists() || self.key_file.exists()
    }

    /// The same for a vault that is about to be made: an existing file is not looked at.
    pub(crate) fn of(global: &Global, data: PathBuf, file: File) -> Result<Self, Failure> {
        let database = global.database.clone().or(file.database).unwrap_or_else(|| "sqlite:vault.db".to_owned());
        let database: Location =
            database.parse().map_err(|error: carnet_desk::LocationError| Failure::invalid(error.to_string()))?;
        let from_file = |path: PathBuf| data.join(path);
        let domains = file.canary_domains.iter().map(|name| {
            let normal = normal_domain(name).map(|name| name.into_owned());
            normal.map_err(|error| Failure::invalid(format!("{FILE}: canary_domains: {error}")))
        });
        Ok(Self {
            database: database.in_folder(&data),
            key_file: global
                .key_file
                .clone()
                .or_else(|| file.key_file.map(from_file))
                .unwrap_or_else(|| default_key_file(&data)),
            account: global.account.clone().or(file.account).unwrap_or_else(|| "owner".to_owned()),
            canary_domains: domains.collect::<Result<_, _>>()?,
            dns: dns(file.dns_resolver.as_deref(), &file.dns_zones)?,
            policies: global.policies.clone().or_else(|| file.policies.map(from_file)),
            data,
        })
    }
}

/// Whom to ask about domains.
pub(crate) fn dns(resolver: Option<&str>, zones: &[String]) -> Result<Option<Settings>, Failure> {
    let Some(resolver) = resolver else {
        return if zones.is_empty() {
            Ok(None)
        } else {
            Err(Failure::invalid(format!("{FILE}: dns_zones needs dns_resolver, through which they are asked")))
        };
    };
    let address = resolver.parse().map_err(|_| {
        Failure::invalid(format!("{resolver:?} is no resolver; give its address with its port, such as 127.0.0.1:53"))
    })?;
    let zones = zones.iter().map(|zone| zone.parse::<Zone>().map_err(|error| Failure::invalid(error.to_string())));
    Ok(Some(Settings { zones: zones.collect::<Result<_, _>>()?, ..Settings::new(address) }))
}

/// The data folder: flag, environment, or the user's own.
pub(crate) fn data_folder(global: &Global) -> Result<PathBuf, Failure> {
    if let Some(data) = &global.data {
        return Ok(data.clone());
    }
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("XDG_DATA_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".local/share")))
        .map(|base| base.join("carnet"))
        .ok_or_else(|| Failure::invalid("where is the vault? Name its folder with --data or CARNET_DATA"))
}

/// Beside the data folder and not in it: whoever copies the folder has not copied the key.
pub(crate) fn default_key_file(data: &Path) -> PathBuf {
    let mut name = data.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

/// Writes `carnet.toml`: whole or not at all, since a vault whose file is cut short looks for its key elsewhere.
pub(crate) fn write(data: &Path, file: &File) -> Result<(), Failure> {
    let path = data.join(FILE);
    let unfinished = path.with_extension("unfinished");
    let text = toml::to_string(file).map_err(|error| Failure::invalid(error.to_string()))?;
    let made = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished);
    made.and_then(|mut made| made.write_all(text.as_bytes()).and_then(|()| made.sync_all()))
        .and_then(|()| fs::rename(&unfinished, &path))
        .and_then(|()| fs::File::open(data)?.sync_all())
        .map_err(|error| Failure::file(&path, &error))
}
