//! The two engines behind one connection type: where they are, how they are opened, migrated and locked.

mod connect;
mod group;
mod location;
mod migrate;
mod owner;

pub use location::{Location, LocationError, PostgresUrl};

pub(crate) use connect::{Manager, establish_existing, establish_new};
pub(crate) use group::Group;
pub(crate) use migrate::{bring_up_to_date, is_vault};
pub(crate) use owner::refuse_foreign;

use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;

/// One connection, to either engine.
#[derive(diesel::MultiConnection)]
pub(crate) enum Db {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// The same query compiled for each engine, for what diesel cannot express over both at once (upserts, batches).
macro_rules! on {
    ($db:expr, $c:ident => $body:expr) => {
        match $db {
            $crate::engine::Db::Postgres($c) => $body,
            $crate::engine::Db::Sqlite($c) => $body,
        }
    };
}
pub(crate) use on;
