//! Whose database it is: a vault's, nobody's, or another program's, which is left exactly as it is.
//!
//! A SQLite file says so in its header, which is read before SQLite opens the file: opening alone could already change
//! it, by finishing another program's transaction or by switching the journal's mode.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::connect::BUSY_TIMEOUT;
use super::{Db, Location};
use crate::StoreError;

/// What the header of a vault's SQLite file says at offset 68: `crnt`.
const APPLICATION_ID: u32 = 0x6372_6e74;
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The header of a SQLite file (sqlite.org/fileformat2.html, section 1.3), up to the application id.
const HEADER_BYTES: u64 = 72;

/// Who made a database that this program may open. Another program's is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// This program.
    Carnet,
    /// Nobody yet: there is nothing in it.
    Nobody,
}

/// Files that this process has looked into, and found or made to be a vault's.
static OURS: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Whose file it is, from its first bytes.
///
/// A file is read here once in the life of a process, before SQLite opens it: closing any descriptor of a file gives up
/// all locks that the process holds on it (POSIX advisory locks), those of SQLite's open connections included, and
/// another process would then take the log of a vault at work for one left behind (sqlite.org/howtocorrupt.html, 2.2).
pub(super) fn owner_of_file(file: &Path) -> Result<Owner, StoreError> {
    let place = || Location::Sqlite(file.to_owned()).to_string();
    let found = fs::metadata(file).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => StoreError::NoVault { place: place() },
        _ => unusable(file, &error),
    })?;
    if !found.is_file() {
        return Err(StoreError::NotADatabase { place: place() });
    }
    let name = fs::canonicalize(file).map_err(|error| unusable(file, &error))?;
    let mut ours = OURS.lock().unwrap_or_else(PoisonError::into_inner);
    if ours.contains(&name) && found.len() > 0 {
        return Ok(Owner::Carnet);
    }
    let owner = owner_by_header(file, &place)?;
    if owner == Owner::Carnet {
        ours.insert(name);
    }
    Ok(owner)
}

/// Notes that a file was made by this process, so that it is never read beside SQLite.
pub(super) fn remember_as_ours(file: &Path) {
    if let Ok(name) = fs::canonicalize(file) {
        OURS.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
    }
}

fn owner_by_header(file: &Path, place: &dyn Fn() -> String) -> Result<Owner, StoreError> {
    let opened = File::open(file).map_err(|error| unusable(file, &error))?;
    let mut header = Vec::new();
    opened.take(HEADER_BYTES).read_to_end(&mut header).map_err(|error| unusable(file, &error))?;
    if header.is_empty() {
        return Ok(Owner::Nobody);
    }
    if !header.starts_with(MAGIC) {
        return Err(StoreError::NotADatabase { place: place() });
    }
    match header.last_chunk::<4>() {
        Some(id) if u32::from_be_bytes(*id) == APPLICATION_ID => Ok(Owner::Carnet),
        _ => Err(StoreError::Foreign { place: place() }),
    }
}

/// Writes into an unfinished file that it is ours.
pub(super) fn mark_as_ours(connection: &mut SqliteConnection) -> QueryResult<()> {
    connection.batch_execute(&format!("PRAGMA application_id = {APPLICATION_ID}"))
}

/// Whether the file is marked as ours, as SQLite sees it: after the journal of a process that was killed was played back.
pub(super) fn is_marked(connection: &mut SqliteConnection) -> QueryResult<bool> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        id: i64,
    }
    connection.batch_execute(&format!("PRAGMA busy_timeout = {}", BUSY_TIMEOUT.as_millis()))?;
    let found: Found =
        diesel::sql_query("SELECT application_id AS id FROM pragma_application_id").get_result(connection)?;
    Ok(found.id == i64::from(APPLICATION_ID))
}

/// Refuses a PostgreSQL schema that holds another program's tables. Those of extensions are nobody's.
pub(crate) fn refuse_foreign(db: &mut Db, location: &Location) -> Result<(), StoreError> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        tables: i64,
        #[diesel(sql_type = diesel::sql_types::Bool)]
        ours: bool,
    }
    const TABLES: &str = "
        SELECT count(*) FILTER (WHERE relname <> '__diesel_schema_migrations') AS tables,
               EXISTS (SELECT FROM information_schema.columns WHERE table_schema = current_schema()
                       AND table_name = 'vault' AND column_name = 'ledger_vkey') AS ours
        FROM pg_class
        WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
          AND relkind IN ('r', 'p')
          AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass
                          AND objid = pg_class.oid AND deptype = 'e')";
    let Db::Postgres(connection) = db else { return Ok(()) };
    let found: Found = diesel::sql_query(TABLES).get_result(connection)?;
    if found.tables > 0 && !found.ours {
        return Err(StoreError::Foreign { place: location.to_string() });
    }
    Ok(())
}

/// Why a file cannot be had.
pub(super) fn unusable(file: &Path, error: &io::Error) -> StoreError {
    let place = Location::Sqlite(file.to_owned()).to_string();
    match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly { place },
        io::ErrorKind::StorageFull => StoreError::DiskFull,
        io::ErrorKind::IsADirectory => StoreError::NotADatabase { place },
        _ => StoreError::Unavailable { place, reason: error.to_string() },
    }
}
