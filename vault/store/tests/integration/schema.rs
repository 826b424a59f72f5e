//! The tables as the program and each engine see them, in one form that can be compared.

use std::collections::BTreeMap;
use std::str::FromStr;

use carnet_tests::{Engine, TestDatabase};

const SOURCE: &str = include_str!("../../src/schema.rs");

/// A column; its type in diesel's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) nullable: bool,
}

/// A table; its primary key in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) key: Vec<String>,
}

impl Table {
    pub(crate) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|one| one.name == column)
    }
}

/// What `schema.rs` says.
pub(crate) fn declared() -> BTreeMap<String, Table> {
    let blocks = SOURCE.split("diesel::table! {").skip(1);
    blocks
        .map(|block| {
            let (head, body) = block.split_once(") {").unwrap();
            let (name, key) = head.trim().split_once(" (").unwrap();
            let columns = body.lines().filter_map(|line| line.trim().strip_suffix(',')?.split_once(" -> "));
            let columns = columns.map(|(name, kind)| {
                let bare = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
                Column { name: name.to_owned(), kind: bare.unwrap_or(kind).to_owned(), nullable: bare.is_some() }
            });
            (name.to_owned(), Table { columns: columns.collect(), key: key.split(", ").map(str::to_owned).collect() })
        })
        .collect()
}

/// What the database says.
pub(crate) fn migrated(db: &TestDatabase) -> BTreeMap<String, Table> {
    let columns = match db.engine() {
        Engine::Sqlite => {
            "SELECT m.name, c.name, c.type, c.\"notnull\" = 0 FROM sqlite_schema m, pragma_table_info(m.name) c
             WHERE m.type = 'table' ORDER BY m.name, c.cid"
        }
        Engine::Postgres => {
            "SELECT table_name, column_name, data_type, (is_nullable = 'YES')::int FROM information_schema.columns
             WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
        }
    };
    let keys = match db.engine() {
        Engine::Sqlite => {
            "SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c
             WHERE m.type = 'table' AND c.pk > 0 ORDER BY m.name, c.pk"
        }
        Engine::Postgres => {
            "SELECT conrelid::regclass, attname FROM pg_constraint, unnest(conkey) WITH ORDINALITY AS k (n, place)
             JOIN pg_attribute ON attnum = n WHERE contype = 'p' AND attrelid = conrelid
             AND connamespace = 'public'::regnamespace ORDER BY conrelid, place"
        }
    };
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for [table, name, kind, nullable] in rows(db, columns) {
        let column = Column { name, kind: diesel_kind(&kind), nullable: nullable == "1" };
        tables.entry(table).or_default().columns.push(column);
    }
    for [table, name] in rows(db, keys) {
        tables.get_mut(&table).unwrap().key.push(name);
    }
    tables.remove("__diesel_schema_migrations").expect("diesel's own table");
    tables
}

/// The answer of a query as rows of exactly `N` columns.
pub(crate) fn rows<const N: usize>(db: &TestDatabase, sql: &str) -> Vec<[String; N]> {
    let answer = db.query(sql);
    answer
        .lines()
        .map(|line| line.split('|').map(|one| String::from_str(one).unwrap()).collect::<Vec<_>>().try_into().unwrap())
        .collect()
}

fn diesel_kind(kind: &str) -> String {
    let known = match kind {
        "INTEGER" | "bigint" => "BigInt",
        "BLOB" | "bytea" => "Binary",
        "TEXT" | "text" => "Text",
        other => other,
    };
    known.to_owned()
}
