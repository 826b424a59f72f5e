//! Opening a connection, and the settings that each engine must run under.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, R2D2Connection as _};
use diesel::sqlite::SqliteConnection;

use super::owner::{Owner, is_marked, mark_as_ours, owner_of_file, remember_as_ours, unusable};
use super::{Db, Location};
use crate::StoreError;

/// How long a writer waits for another process to finish before it says so.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

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

/// Connects to a database that is there; a SQLite file is never made here, nor touched unless it is a vault's.
pub(crate) fn establish_existing(location: &Location) -> Result<Db, StoreError> {
    match location {
        Location::Sqlite(file) => match owner_of_file(file)? {
            Owner::Carnet => {
                let mut connection = open_sqlite(file)?;
                // Opening may have undone a making that was cut short: what is left is nobody's, and must stay empty,
                // since a file with anything in it but our mark is taken for another program's.
                if !is_marked(&mut connection).map_err(|error| StoreError::from(error).at(location))? {
                    return Err(StoreError::NoVault { place: location.to_string() });
                }
                configured(connection, file)
            }
            Owner::Nobody => Err(StoreError::NoVault { place: location.to_string() }),
        },
        Location::Postgres(url) => {
            let connection = PgConnection::establish(url.reveal())
                .map_err(|error| StoreError::Unavailable { place: url.to_string(), reason: refusal(&error) })?;
            Ok(Db::Postgres(connection))
        }
    }
}

/// Connects to the place of a new vault: a SQLite file is made, readable by its owner alone. One that is there must be
/// empty, or have been made by this program.
pub(crate) fn establish_new(location: &Location) -> Result<Db, StoreError> {
    let Location::Sqlite(file) = location else { return establish_existing(location) };
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    match made {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if let Owner::Nobody = owner_of_file(file)? {
                fs::set_permissions(file, fs::Permissions::from_mode(0o600)).map_err(|error| unusable(file, &error))?;
            }
        }
        Err(error) => return Err(unusable(file, &error)),
    }
    remember_as_ours(file);
    let mut connection = open_sqlite(file)?;
    mark_as_ours(&mut connection).map_err(|error| StoreError::from(error).at(location))?;
    configured(connection, file)
}

fn open_sqlite(file: &Path) -> Result<SqliteConnection, StoreError> {
    let place = Location::Sqlite(file.to_owned());
    let name = file.to_str().ok_or_else(|| StoreError::NotADatabase { place: place.to_string() })?;
    let absolute = if file.is_absolute() { name.to_owned() } else { format!("./{name}") };
    SqliteConnection::establish(&absolute).map_err(|error| {
        let reason = error.to_string();
        match StoreError::from_message(&reason) {
            Some(known) => known.at(&place),
            None => StoreError::Unavailable { place: place.to_string(), reason },
        }
    })
}

/// The write-ahead log lets readers go on beside the writer; every commit reaches the disk (`synchronous = FULL`), since
/// an acknowledged withdrawal must not vanish with the power; what is deleted is overwritten with zeros.
fn configured(mut connection: SqliteConnection, file: &Path) -> Result<Db, StoreError> {
    let settings = format!(
        "PRAGMA busy_timeout = {};
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;",
        BUSY_TIMEOUT.as_millis()
    );
    let set = connection.batch_execute(&settings);
    set.map_err(|error| StoreError::from(error).at(&Location::Sqlite(file.to_owned())))?;
    Ok(Db::Sqlite(connection))
}

/// What libpq says, on one line and without the connection string.
fn refusal(error: &ConnectionError) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}
