//! Bringing a database to the schema of this program, and refusing one that a newer program has changed.

use diesel::migration::{MigrationSource, MigrationVersion};
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::Db;
use crate::StoreError;

pub(super) const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
pub(super) const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Whether the database holds a vault's tables at all.
pub(crate) fn is_vault(db: &mut Db) -> Result<bool, StoreError> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        found: i64,
    }
    let (sqlite, postgres) = (
        "SELECT count(*) AS found FROM sqlite_schema WHERE type = 'table' AND name = 'vault'",
        "SELECT count(*) AS found FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = 'vault'",
    );
    let rows: Vec<Found> = match db {
        Db::Sqlite(connection) => diesel::sql_query(sqlite).load(connection)?,
        Db::Postgres(connection) => diesel::sql_query(postgres).load(connection)?,
    };
    Ok(rows.iter().any(|row| row.found > 0))
}

/// Runs what is missing, after making sure that nothing unknown has been run.
pub(crate) fn bring_up_to_date(db: &mut Db) -> Result<(), StoreError> {
    match db {
        Db::Sqlite(connection) => run(connection, SQLITE),
        Db::Postgres(connection) => run(connection, POSTGRES),
    }
}

fn run<C, B>(connection: &mut C, source: EmbeddedMigrations) -> Result<(), StoreError>
where
    B: diesel::backend::Backend,
    C: MigrationHarness<B>,
    EmbeddedMigrations: MigrationSource<B>,
{
    let known: Vec<MigrationVersion<'static>> =
        source.migrations().map_err(failed)?.iter().map(|migration| migration.name().version().as_owned()).collect();
    let applied = connection.applied_migrations().map_err(failed)?;
    if let Some(newer) = applied.iter().find(|version| !known.contains(version)) {
        return Err(StoreError::Newer { version: newer.to_string() });
    }
    if applied.len() < known.len() {
        connection.run_pending_migrations(source).map_err(failed)?;
    }
    Ok(())
}

/// A full disk or a busy file is said to be one here too.
fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> StoreError {
    let message = error.to_string();
    StoreError::from_message(&message).unwrap_or(StoreError::Migration(message))
}
