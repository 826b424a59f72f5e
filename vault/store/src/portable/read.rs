//! Reading tables out.

use diesel::connection::DefaultLoadingMode;
use diesel::pg::{PgConnection, PgRowByRowLoadingMode};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;

use super::rows::EncodedRow;
use super::{ColumnKind, PortableColumn, PortableTable};
use crate::StoreError;
use crate::engine::{Db, on};
use crate::tx::Tx;

/// Tables of diesel's own, and of nobody's vault.
const NOT_OURS: &str = "__diesel_schema_migrations";

/// The salts of contacts.
const SALTS: &str = "contact_salts";

const SQLITE_COLUMNS: &str = "SELECT m.name AS of_table, c.name AS name, c.type AS kind, \
     CAST(c.pk AS TEXT) AS place FROM sqlite_schema m, pragma_table_info(m.name) c \
     WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name, c.name";
const POSTGRES_COLUMNS: &str = "SELECT c.table_name::text AS of_table, c.column_name::text AS name, \
     c.data_type::text AS kind, coalesce(array_position(i.indkey::int2[], c.ordinal_position::int2) + 1, 0)::text AS place \
     FROM information_schema.columns c \
     JOIN pg_class t ON t.relname = c.table_name AND t.relnamespace = current_schema()::regnamespace AND t.relkind = 'r' \
     LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary \
     WHERE c.table_schema = current_schema() ORDER BY c.table_name COLLATE \"C\", c.column_name COLLATE \"C\"";

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Text)]
    of_table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    place: String,
}

impl Tx<'_> {
    /// The tables of the vault, by their names.
    ///
    /// # Errors
    /// The database's own failure; [`StoreError::Migration`] where a column holds what none of ours does.
    pub fn portable_tables(&mut self) -> Result<Vec<PortableTable>, StoreError> {
        tables(self.db)
    }

    /// The newest step of the schema.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn schema_version(&mut self) -> Result<String, StoreError> {
        #[derive(QueryableByName)]
        struct Version {
            #[diesel(sql_type = Text)]
            version: String,
        }
        let newest = format!("SELECT version FROM {NOT_OURS} ORDER BY version DESC LIMIT 1");
        let found: Vec<Version> = on!(&mut *self.db, connection => diesel::sql_query(newest).load(connection))?;
        Ok(found.into_iter().next().map(|one| one.version).unwrap_or_default())
    }

    /// Gives the rows of a table one after the other, encoded, in the order of its primary key; says how many
    /// there were. Salts that were shredded are left out.
    ///
    /// # Errors
    /// What `take` returns, or the database's own failure.
    pub fn portable_rows<E: From<StoreError>>(
        &mut self,
        table: &PortableTable,
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<u64, E> {
        let select = select(table, matches!(self.db, Db::Postgres(_)));
        match &mut *self.db {
            Db::Sqlite(connection) => sqlite_rows(connection, &select, &mut take),
            Db::Postgres(connection) => postgres_rows(connection, &select, &mut take),
        }
    }
}

pub(super) fn tables(db: &mut Db) -> Result<Vec<PortableTable>, StoreError> {
    let sql = if let Db::Sqlite(_) = db { SQLITE_COLUMNS } else { POSTGRES_COLUMNS };
    let found: Vec<Found> = on!(db, connection => diesel::sql_query(sql).load(connection))?;
    let mut tables = Vec::new();
    for columns in found.chunk_by(|one, next| one.of_table == next.of_table) {
        let Some(name) = columns.first().map(|one| one.of_table.clone()).filter(|name| name != NOT_OURS) else {
            continue;
        };
        let mut key: Vec<(u32, &String)> = columns
            .iter()
            .map(|one| (one.place.parse().unwrap_or(0), &one.name))
            .filter(|(place, _)| *place > 0)
            .collect();
        key.sort_unstable();
        let key = key.into_iter().map(|(_, name)| name.clone()).collect();
        let columns = columns.iter().map(|one| Ok(PortableColumn { name: one.name.clone(), kind: kind(&one.kind)? }));
        tables.push(PortableTable { name, columns: columns.collect::<Result<_, StoreError>>()?, key });
    }
    Ok(tables)
}

fn kind(declared: &str) -> Result<ColumnKind, StoreError> {
    match declared {
        "INTEGER" | "bigint" => Ok(ColumnKind::Integer),
        "TEXT" | "text" => Ok(ColumnKind::Text),
        "BLOB" | "bytea" => Ok(ColumnKind::Bytes),
        other => Err(StoreError::Migration(format!("a column of type {other} is none of this program's"))),
    }
}

/// Names stand in quotes; they are the schema's, never a caller's.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

fn select(table: &PortableTable, postgres: bool) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    let key: Vec<String> = table
        .key
        .iter()
        .map(|name| {
            let is_text = |column: &PortableColumn| column.name == *name && column.kind == ColumnKind::Text;
            // A server sorts words as its language does; SQLite by their bytes.
            let bytewise = if postgres && table.columns.iter().any(is_text) { " COLLATE \"C\"" } else { "" };
            format!("{}{bytewise}", quoted(name))
        })
        .collect();
    // A salt that was shredded is none.
    let only = match (table.name == SALTS, postgres) {
        (false, _) => "",
        (true, false) => " WHERE salt <> zeroblob(16)",
        (true, true) => " WHERE salt <> decode(repeat('00', 16), 'hex')",
    };
    format!("SELECT {} FROM {}{only} ORDER BY {}", columns.join(", "), quoted(&table.name), key.join(", "))
}

fn sqlite_rows<E: From<StoreError>>(
    connection: &mut SqliteConnection,
    select: &str,
    take: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<u64, E> {
    let rows = diesel::sql_query(select).load_iter::<EncodedRow, DefaultLoadingMode>(connection);
    handed_on(rows.map_err(StoreError::from)?, take)
}

fn postgres_rows<E: From<StoreError>>(
    connection: &mut PgConnection,
    select: &str,
    take: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<u64, E> {
    // Row by row: libpq would otherwise hold the whole table in memory.
    let rows = diesel::sql_query(select).load_iter::<EncodedRow, PgRowByRowLoadingMode>(connection);
    handed_on(rows.map_err(StoreError::from)?, take)
}

fn handed_on<E: From<StoreError>>(
    rows: impl Iterator<Item = QueryResult<EncodedRow>>,
    take: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<u64, E> {
    let mut count = 0;
    for row in rows {
        take(&row.map_err(StoreError::from)?.0)?;
        count += 1;
    }
    Ok(count)
}
