//! Where a vault's database is. We parse the URL ourselves: diesel and libpq each guess at what they do not recognise,
//! and a mistyped URL must be refused, never become a new empty file.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use url::Url;

/// A database that this house can stand on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// One file, SQLite bundled.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(PostgresUrl),
}

/// A checked PostgreSQL URL. Its password never shows in `Debug` or `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl(Url);

/// The text does not name a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    /// No scheme that we know.
    #[error("the database is neither sqlite:FILE nor postgres://USER@HOST/NAME; it begins with {0:?}")]
    Scheme(String),
    /// The part after `sqlite:` is empty.
    #[error("sqlite: needs the name of a file, as in sqlite:vault.db")]
    NoFile,
    /// `sqlite://` and then no third slash: would be a host, and a file has none.
    #[error(
        "after sqlite:// a file is named from the root, as in sqlite:///srv/vault.db; for a relative one write sqlite:vault.db"
    )]
    SqliteHost,
    /// A parameter after the name of a file.
    #[error("sqlite: takes no parameters, and a file's name may hold no question mark; write sqlite:FILE alone")]
    SqliteParameter,
    /// Not a URL at all.
    #[error("the PostgreSQL URL cannot be read ({0}); expected postgres://USER@HOST[:PORT]/NAME[?sslmode=verify-full]")]
    Url(url::ParseError),
    /// A part is missing.
    #[error("the PostgreSQL URL has no {0}; expected postgres://USER@HOST[:PORT]/NAME[?sslmode=verify-full]")]
    Missing(&'static str),
    /// A parameter that libpq or we do not take, or its value.
    #[error(
        "the PostgreSQL URL's parameter {0} is not one of sslmode, sslrootcert, sslcert, sslkey, connect_timeout, application_name"
    )]
    Parameter(String),
    /// An unknown or unsafe `sslmode`.
    #[error(
        "sslmode={0} is not accepted: choose verify-full (the default away from this machine), verify-ca, require or disable; allow and prefer fall back to clear text unnoticed"
    )]
    SslMode(String),
}

const PARAMETERS: [&str; 6] = ["sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout", "application_name"];
const SSL_MODES: [&str; 4] = ["verify-full", "verify-ca", "require", "disable"];

impl FromStr for Location {
    type Err = LocationError;

    fn from_str(text: &str) -> Result<Self, LocationError> {
        match text.split_once(':') {
            Some(("sqlite", file)) => sqlite_file(file).map(Self::Sqlite),
            Some(("postgres" | "postgresql", _)) => PostgresUrl::parse(text).map(Self::Postgres),
            _ => Err(LocationError::Scheme(text.chars().take_while(|c| c.is_ascii_alphanumeric()).take(12).collect())),
        }
    }
}

fn sqlite_file(name: &str) -> Result<PathBuf, LocationError> {
    if name.contains('?') {
        return Err(LocationError::SqliteParameter);
    }
    match name.strip_prefix("//") {
        Some(rest) if !rest.starts_with('/') => Err(LocationError::SqliteHost),
        _ if name.trim_matches('/').is_empty() => Err(LocationError::NoFile),
        _ => Ok(PathBuf::from(name)),
    }
}

impl Location {
    /// The same location, a relative file taken as lying in `folder`.
    pub fn in_folder(self, folder: &Path) -> Self {
        match self {
            Self::Sqlite(file) => Self::Sqlite(folder.join(file)),
            postgres => postgres,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(file) => write!(f, "sqlite:{}", file.display()),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

impl PostgresUrl {
    fn parse(text: &str) -> Result<Self, LocationError> {
        let mut url = Url::parse(text).map_err(LocationError::Url)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(LocationError::Missing("host"))?.to_owned();
        if url.path().trim_start_matches('/').is_empty() {
            return Err(LocationError::Missing("database name"));
        }
        if let Some((unknown, _)) = url.query_pairs().find(|(name, _)| !PARAMETERS.contains(&name.as_ref())) {
            return Err(LocationError::Parameter(unknown.into_owned()));
        }
        let given = |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let mode = given("sslmode");
        if let Some(mode) = mode.as_deref().filter(|mode| !SSL_MODES.contains(mode)) {
            return Err(LocationError::SslMode(mode.to_owned()));
        }
        let default_mode = if is_this_machine(&host) { "disable" } else { "verify-full" };
        let verifies = mode.as_deref().unwrap_or(default_mode).starts_with("verify");
        let root = given("sslrootcert").is_none().then(system_certificates).flatten().filter(|_| verifies);
        if mode.is_none() {
            url.query_pairs_mut().append_pair("sslmode", default_mode);
        }
        if let Some(root) = root {
            url.query_pairs_mut().append_pair("sslrootcert", &root);
        }
        Ok(Self(url))
    }

    /// The URL as libpq takes it, password included.
    pub(crate) fn reveal(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        if shown.password().is_some() && shown.set_password(Some("***")).is_err() {
            return f.write_str("postgres://***");
        }
        shown.set_query(None);
        f.write_str(shown.as_str())
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The machine's own bundle of certificates: an OpenSSL that is linked in does not know where the distribution keeps it.
fn system_certificates() -> Option<String> {
    let file = openssl_probe::probe().cert_file?;
    file.to_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_url_is_refused_and_never_taken_for_a_file() {
        for text in [
            "postgre://u@h/db",
            "host=127.0.0.1 dbname=x",
            "vault.db",
            "/srv/vault.db",
            "",
            "mysql://h/d",
            "sqlite:",
            "sqlite:///",
            "sqlite://vault.db",
            "sqlite:vault.db?mode=rw",
        ] {
            assert!(text.parse::<Location>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_file_is_named_from_the_root_or_from_where_one_stands() {
        for (text, file) in
            [("sqlite:vault.db", "vault.db"), ("sqlite:/srv/v", "/srv/v"), ("sqlite:///srv/v", "/srv/v")]
        {
            assert_eq!(text.parse(), Ok(Location::Sqlite(PathBuf::from(file))), "{text}");
        }
    }

    #[test]
    fn a_postgres_url_needs_a_host_and_a_name_and_known_parameters() {
        for (text, part) in [
            ("postgres:///db", "host"),
            ("postgres://u@h", "database name"),
            ("postgres://u@h/db?ssl_mode=require", "ssl_mode"),
            ("postgres://u@h/db?sslmode=prefer", "prefer"),
        ] {
            let error = text.parse::<Location>().unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn away_from_this_machine_the_server_is_verified_unless_asked_otherwise() {
        let Location::Postgres(url) = "postgres://u@db.example/v".parse().unwrap() else { panic!("a server") };
        assert!(url.reveal().contains("sslmode=verify-full"));
        let Location::Postgres(url) = "postgres://u@db.example/v?sslmode=require".parse().unwrap() else {
            panic!("a server")
        };
        assert!(!url.reveal().contains("verify-full"));
        let Location::Postgres(url) = "postgres://u@127.0.0.1:5433/v".parse().unwrap() else { panic!("a server") };
        assert!(url.reveal().contains("sslmode=disable"));
    }

    #[test]
    fn a_password_is_never_shown() {
        let location: Location = "postgres://u:hush@db.example/v".parse().unwrap();
        assert!(!format!("{location} {location:?}").contains("hush"));
    }
}
