//! Opening a connection, and the settings that each engine must run under.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, R2D2Connection as _};
use diesel::sqlite::SqliteConnection;

use super::{Db, Location};
use crate::StoreError;

/// How long a writer waits for another process to finish before it says so.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Makes connections for the pool of readers (SQLite) or of everybody (PostgreSQL).
pub(crate) struct Manager {
    pub(crate) location: Location,
}

impl ManageConnection for Manager {
    type Connection = Db;
    type Error = StoreError;

    fn connect(&self) -> Result<Db, StoreError> {
        let mut db = establish_existing(&self.location)?;
        if let Db::Sqlite(connection) = &mut db {
            connection.batch_execute("PRAGMA query_only = ON")?;
        }
        Ok(db)
    }

    fn is_valid(&self, db: &mut Db) -> Result<(), StoreError> {
        Ok(db.ping()?)
    }

    fn has_broken(&self, db: &mut Db) -> bool {
        std::thread::panicking() || db.is_broken()
    }
}

/// Connects to a database that is there; a SQLite file is never made here.
pub(crate) fn establish_existing(location: &Location) -> Result<Db, StoreError> {
    match location {
        Location::Sqlite(file) => {
            match fs::metadata(file) {
                Ok(found) if found.is_file() => {}
                Ok(_) => return Err(StoreError::NotADatabase { place: location.to_string() }),
                Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                    return Err(StoreError::ReadOnly { place: location.to_string() });
                }
                Err(_) => return Err(StoreError::NoVault { place: location.to_string() }),
            }
            open_sqlite(file)
        }
        Location::Postgres(url) => {
            let connection = PgConnection::establish(url.reveal())
                .map_err(|error| StoreError::Unavailable { place: url.to_string(), reason: refusal(&error) })?;
            Ok(Db::Postgres(connection))
        }
    }
}

/// Connects to the place of a new vault: a SQLite file is made, readable by its owner alone, and must not be there yet.
pub(crate) fn establish_new(location: &Location) -> Result<Db, StoreError> {
    if let Location::Sqlite(file) = location {
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
        made.map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => StoreError::VaultExists { place: location.to_string() },
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                StoreError::ReadOnly { place: location.to_string() }
            }
            std::io::ErrorKind::StorageFull => StoreError::DiskFull,
            _ => StoreError::Unavailable { place: location.to_string(), reason: error.to_string() },
        })?;
    }
    establish_existing(location)
}

/// The write-ahead log lets readers go on beside the writer; every commit reaches the disk (`synchronous = FULL`), since
/// an acknowledged withdrawal must not vanish with the power; what is deleted is overwritten with zeros.
fn open_sqlite(file: &Path) -> Result<Db, StoreError> {
    let place = || format!("sqlite:{}", file.display());
    let name = file.to_str().ok_or_else(|| StoreError::NotADatabase { place: place() })?;
    let absolute = if file.is_absolute() { name.to_owned() } else { format!("./{name}") };
    let mut connection = SqliteConnection::establish(&absolute)
        .map_err(|error| StoreError::Unavailable { place: place(), reason: error.to_string() })?;
    let settings = format!(
        "PRAGMA busy_timeout = {};
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;",
        BUSY_TIMEOUT.as_millis()
    );
    connection.batch_execute(&settings).map_err(|error| match StoreError::from(error) {
        StoreError::NotADatabase { .. } => StoreError::NotADatabase { place: place() },
        StoreError::ReadOnly { .. } => StoreError::ReadOnly { place: place() },
        other => other,
    })?;
    Ok(Db::Sqlite(connection))
}

/// What libpq says, on one line and without the connection string.
fn refusal(error: &ConnectionError) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}
