//! Filling an empty database with tables that were read out of another.

use std::collections::HashSet;

use carnet_core::model::{ContactId, ControllerId, Timestamp};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};

use super::keyring::SaltRow;
use super::read::{quoted, tables};
use super::rows::{RowError, Value, decoded};
use super::{ColumnKind, PortableColumn, PortableTable};
use crate::StoreError;
use crate::engine::{Db, Location, bring_up_to_date, establish_new, is_vault, on, refuse_foreign};
use crate::rows::exactly;
use crate::schema::{contact_salts, contacts, restorations};
use crate::tx::Tx;

/// How many values one statement takes: SQLite allows 32,766, PostgreSQL 65,535.
const VALUES_MAX: usize = 30_000;
/// The row by which a vault is known to be one; it comes last.
const VAULT: &str = "vault";
/// Where tags of an import wait, on one of the engines.
const RUNS: &str = "tag_runs";
/// The field of e-mail addresses in it.
const EMAIL: i64 = 1;
/// Tables that get rows from two sides, which may be the same: those that runs are spread over, and what both halves know.
const FROM_TWO_SIDES: [&str; 3] = ["condemned_tags", "contact_emails", "contact_tags"];
/// Tables that others refer to.
const FIRST: [&str; 2] = ["accounts", "controllers"];

/// A database that is no vault yet: nobody can open it before [`Filler::finish`].
pub struct Filler {
    db: Db,
    place: Location,
    tables: Vec<PortableTable>,
    /// Rows of the table `vault`, held back until the end.
    vault: Vec<u8>,
}

impl Filler {
    /// Makes the tables of a vault at an empty place; what an earlier filling left there that was cut short is removed.
    ///
    /// # Errors
    /// [`StoreError::VaultExists`] if there is a vault, [`StoreError::Foreign`] or [`StoreError::NotADatabase`] if something
    /// else is there; it is left as it is.
    pub fn create(place: Location) -> Result<Self, StoreError> {
        let mut db = establish_new(&place)?;
        refuse_foreign(&mut db, &place)?;
        let mut tx = Tx { db: &mut db };
        if is_vault(tx.db)? && tx.vault_exists()? && !(bring_up_to_date(tx.db).is_ok() && tx.is_restoring()?) {
            return Err(StoreError::VaultExists { place: place.to_string() });
        }
        bring_up_to_date(&mut db)?;
        if let Db::Sqlite(connection) = &mut db {
            // Rows come table by table; the whole was consistent when it was read.
            diesel::sql_query("PRAGMA foreign_keys = OFF").execute(connection)?;
        }
        let tables = ordered(tables(&mut db)?);
        for table in tables.iter().rev() {
            let delete = format!("DELETE FROM {}", quoted(&table.name));
            on!(&mut db, connection => diesel::sql_query(delete).execute(connection))?;
        }
        Ok(Self { db, place, tables, vault: Vec::new() })
    }

    /// The newest step of the schema that it is filled under.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn schema(&mut self) -> Result<String, StoreError> {
        Tx { db: &mut self.db }.schema_version()
    }

    /// The tables to fill, those first that others refer to.
    pub fn tables(&self) -> &[PortableTable] {
        &self.tables
    }

    /// Adds rows of a table, encoded one behind the other; says how many. All of them or none.
    ///
    /// # Errors
    /// [`StoreError::Portable`] for what are no rows of this table, or the database's own failure.
    pub fn fill(&mut self, table: &PortableTable, rows: &[u8]) -> Result<u64, StoreError> {
        if table.name == VAULT {
            self.vault.extend_from_slice(rows);
            return Ok(u64::try_from(decoded(rows, table.columns.len())?.len()).unwrap_or(u64::MAX));
        }
        if table.name == RUNS {
            return self.spread(table, rows);
        }
        self.insert(table, rows)
    }

    fn insert(&mut self, table: &PortableTable, rows: &[u8]) -> Result<u64, StoreError> {
        let rows = decoded(rows, table.columns.len())?;
        inserted(&mut self.db, table, &rows)?;
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }

    /// Runs are a matter of one engine, and of the moment: what waits in them goes where it belongs.
    fn spread(&mut self, runs: &PortableTable, rows: &[u8]) -> Result<u64, StoreError> {
        let rows = decoded(rows, runs.columns.len())?;
        for row in &rows {
            let damaged = StoreError::Damaged { table: RUNS, column: "tags" };
            let column = |name: &str| runs.columns.iter().position(|one| one.name == name).and_then(|at| row.get(at));
            let (
                Some(controller),
                Some(Value::Integer(field)),
                Some(Value::Bytes(tags)),
                Some(Value::Bytes(contacts)),
                Some(Value::Bytes(overlaps)),
            ) = (column("controller_id"), column("field"), column("tags"), column("contacts"), column("overlap_tags"))
            else {
                return Err(damaged);
            };
            let (tags, contacts, overlaps) =
                (tags.as_chunks::<16>().0, contacts.as_chunks::<16>().0, overlaps.as_chunks::<16>().0);
            let of_emails = *field == EMAIL;
            if tags.len() != contacts.len() || (of_emails && overlaps.len() != tags.len()) {
                return Err(damaged);
            }
            let name = if of_emails { "contact_emails" } else { "contact_tags" };
            let table = self.tables.iter().find(|table| table.name == name).cloned().ok_or(damaged)?;
            let spread: Vec<Vec<Value<'_>>> = (0..tags.len())
                .map(|at| {
                    let value = |column: &PortableColumn| match column.name.as_str() {
                        "controller_id" => *controller,
                        "field" => Value::Integer(*field),
                        "tag" => cell(tags, at),
                        "contact_id" => cell(contacts, at),
                        _ => cell(overlaps, at),
                    };
                    table.columns.iter().map(value).collect()
                })
                .collect();
            inserted(&mut self.db, &table, &spread)?;
        }
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }

    /// Makes a vault of what was filled in.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where no row says which vault this is, or the database's own failure.
    pub fn finish(mut self) -> Result<Location, StoreError> {
        if self.vault.is_empty() {
            return Err(StoreError::NotFound("the row that says which vault this is"));
        }
        // Two statements in this order: a vault that is marked cannot be opened, and one without its row is none.
        on!(&mut self.db, connection => diesel::insert_into(restorations::table)
            .values((restorations::id.eq(1), restorations::began_us.eq(Timestamp::now().as_us())))
            .execute(connection))?;
        let vault = std::mem::take(&mut self.vault);
        if let Some(table) = self.tables.iter().find(|table| table.name == VAULT).cloned() {
            self.insert(&table, &vault)?;
        }
        if let Db::Sqlite(connection) = &mut self.db {
            diesel::sql_query("PRAGMA foreign_keys = ON").execute(connection)?;
        }
        Ok(self.place)
    }

    /// Contacts that have no salt, though none was erased.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn without_salt(&mut self) -> Result<HashSet<(ControllerId, ContactId)>, StoreError> {
        let rows: Vec<(Vec<u8>, Vec<u8>)> = contacts::table
            .left_join(
                contact_salts::table.on(contact_salts::controller_id
                    .eq(contacts::controller_id)
                    .and(contact_salts::contact_id.eq(contacts::id))),
            )
            .filter(contact_salts::salt.nullable().is_null())
            .select((contacts::controller_id, contacts::id))
            .load(&mut self.db)?;
        rows.iter()
            .map(|(controller, id)| {
                let controller = ControllerId::from_bytes(exactly(controller, "contacts", "controller_id")?);
                Ok((controller, ContactId::from_bytes(exactly(id, "contacts", "id")?)))
            })
            .collect()
    }

    /// Adds salts of contacts that have none.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn salts_add(&mut self, salts: &[SaltRow]) -> Result<(), StoreError> {
        self.db.transaction(|db| {
            for row in salts {
                let values = (
                    contact_salts::controller_id.eq(row.controller.as_bytes().as_slice()),
                    contact_salts::contact_id.eq(row.contact.as_bytes().as_slice()),
                    contact_salts::salt.eq(row.salt.as_bytes().as_slice()),
                );
                on!(&mut *db, connection => diesel::insert_into(contact_salts::table).values(values).execute(connection))?;
            }
            Ok(())
        })
    }
}

/// Those first that others refer to; then the rest by their names; last what is spread over others, and what makes it a vault.
fn ordered(mut tables: Vec<PortableTable>) -> Vec<PortableTable> {
    tables.sort_by_key(|table| match table.name.as_str() {
        name if FIRST.contains(&name) => 0,
        RUNS => 2,
        VAULT => 3,
        _ => 1,
    });
    tables
}

fn cell(column: &[[u8; 16]], row: usize) -> Value<'_> {
    column.get(row).map_or(Value::Null, |one| Value::Bytes(one.as_slice()))
}

/// Inserts rows, all of them or none. A tag that is there already stays.
fn inserted(db: &mut Db, table: &PortableTable, rows: &[Vec<Value<'_>>]) -> Result<(), StoreError> {
    let batch = (VALUES_MAX / table.columns.len().max(1)).max(1);
    let numbered = matches!(db, Db::Postgres(_));
    db.transaction(|db| {
        for batch in rows.chunks(batch) {
            let sql = insertion(table, batch.len(), numbered);
            on!(&mut *db, connection => {
                let mut insert = diesel::sql_query(sql).into_boxed();
                for (value, column) in batch.iter().flat_map(|row| row.iter().zip(&table.columns)) {
                    insert = match (column.kind, value) {
                        (ColumnKind::Integer, Value::Integer(number)) => insert.bind::<Nullable<BigInt>, _>(Some(*number)),
                        (ColumnKind::Integer, Value::Null) => insert.bind::<Nullable<BigInt>, _>(None::<i64>),
                        (ColumnKind::Text, Value::Text(text)) => insert.bind::<Nullable<Text>, _>(Some(*text)),
                        (ColumnKind::Text, Value::Null) => insert.bind::<Nullable<Text>, _>(None::<&str>),
                        (ColumnKind::Bytes, Value::Bytes(bytes)) => insert.bind::<Nullable<Binary>, _>(Some(*bytes)),
                        (ColumnKind::Bytes, Value::Null) => insert.bind::<Nullable<Binary>, _>(None::<&[u8]>),
                        _ => return Err(RowError { columns: table.columns.len() }.into()),
                    };
                }
                insert.execute(connection)?;
            });
        }
        Ok::<_, StoreError>(())
    })
}

fn insertion(table: &PortableTable, rows: usize, numbered: bool) -> String {
    let names: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    let mut sql = format!("INSERT INTO {} ({}) VALUES ", quoted(&table.name), names.join(", "));
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..names.len() {
            let comma = if column == 0 { "" } else { ", " };
            let number = row * names.len() + column + 1;
            sql.push_str(&if numbered { format!("{comma}${number}") } else { format!("{comma}?") });
        }
        sql.push(')');
    }
    if FROM_TWO_SIDES.contains(&table.name.as_str()) {
        sql.push_str(" ON CONFLICT DO NOTHING");
    }
    sql
}
