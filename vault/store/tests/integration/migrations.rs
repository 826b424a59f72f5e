//! Both engines take the same steps and end at the same tables, which a PostgreSQL that shards could take over.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use carnet_store::LockedStore;
use carnet_tests::{Engine, TestDatabase, for_each_engine};
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};

use crate::schema::{declared, migrated, rows};
use crate::support::location;

/// Small tables that a sharded PostgreSQL would keep whole on every node, or on one: Citus calls them reference and
/// local tables. All others are distributed by their controller.
const NOT_DISTRIBUTED: [&str; 12] = [
    "account_grants",
    "accounts",
    "backup_sites",
    "backup_snapshots",
    "controllers",
    "ledger_entries",
    "ledger_head",
    "ledger_nodes",
    "ledger_queue",
    "restorations",
    "vault",
    "vault_keys",
];

fn folder(engine: Engine) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(engine.to_string())
}

fn names(engine: Engine) -> BTreeSet<String> {
    let entries = fs::read_dir(folder(engine)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// Everything that makes up the schema, one line a thing.
fn dump(db: &TestDatabase) -> String {
    db.query(match db.engine() {
        Engine::Sqlite => "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name",
        Engine::Postgres => {
            "SELECT 'column', table_name, concat_ws(' ', ordinal_position, column_name, data_type, is_nullable, column_default)
               FROM information_schema.columns WHERE table_schema = 'public'
             UNION ALL SELECT 'index', tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
             UNION ALL SELECT 'constraint', conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
               FROM pg_constraint WHERE connamespace = 'public'::regnamespace
             ORDER BY 1, 2, 3"
        }
    })
}

/// Every table, and every index with a name of its own.
fn objects(db: &TestDatabase) -> Vec<String> {
    let list = match db.engine() {
        Engine::Sqlite => "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_autoindex%'",
        Engine::Postgres => {
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relname NOT LIKE '%_pkey'"
        }
    };
    db.query(list).lines().map(str::to_owned).collect()
}

fn migrate(db: &TestDatabase, up: bool) {
    let steps = FileBasedMigrations::from_path(folder(db.engine())).unwrap();
    match db.engine() {
        Engine::Sqlite => {
            let mut connection = SqliteConnection::establish(db.path().unwrap().to_str().unwrap()).unwrap();
            if up { connection.run_pending_migrations(steps) } else { connection.revert_all_migrations(steps) }
                .unwrap();
        }
        Engine::Postgres => {
            let mut connection = PgConnection::establish(&db.url()).unwrap();
            if up { connection.run_pending_migrations(steps) } else { connection.revert_all_migrations(steps) }
                .unwrap();
        }
    }
}

#[test]
fn both_engines_have_the_same_steps_and_each_can_be_undone() {
    let steps = names(Engine::Sqlite);
    assert_eq!(steps, names(Engine::Postgres));
    for engine in [Engine::Sqlite, Engine::Postgres] {
        for step in &steps {
            for file in ["up.sql", "down.sql"] {
                assert!(folder(engine).join(step).join(file).is_file(), "{engine} {step} {file}");
            }
        }
    }
}

#[test]
fn up_down_up_ends_where_up_ended_and_down_leaves_nothing() {
    for_each_engine(|db| {
        migrate(db, true);
        let first = dump(db);
        migrate(db, false);
        assert_eq!(objects(db), ["__diesel_schema_migrations"]);
        migrate(db, true);
        assert_eq!(dump(db), first);
    });
}

#[test]
fn the_program_sees_the_columns_that_the_migrations_make() {
    for_each_engine(|db| {
        drop(LockedStore::create(location(db)).unwrap());
        let (declared, migrated) = (declared(), migrated(db));
        assert_eq!(declared.keys().collect::<Vec<_>>(), migrated.keys().collect::<Vec<_>>());
        for (name, table) in &declared {
            assert_eq!(Some(table), migrated.get(name), "{name}");
        }
    });
}

#[test]
fn every_distributed_table_is_keyed_by_its_controller_first() {
    let tables = declared();
    for (name, table) in &tables {
        let distributed = !NOT_DISTRIBUTED.contains(&name.as_str());
        assert_eq!(distributed, table.has("controller_id") && name != "account_grants", "{name}");
        assert_eq!(distributed, table.key.first().is_some_and(|first| first == "controller_id"), "{name}");
    }
}

#[test]
fn no_unique_index_of_a_distributed_table_spans_controllers() {
    for_each_engine(|db| {
        drop(LockedStore::create(location(db)).unwrap());
        let unique = match db.engine() {
            Engine::Sqlite => {
                "SELECT m.name, i.name, c.name FROM sqlite_schema m, pragma_index_list(m.name) i, pragma_index_info(i.name) c
                 WHERE m.type = 'table' AND i.\"unique\" AND c.seqno = 0"
            }
            Engine::Postgres => {
                "SELECT indrelid::regclass, indexrelid::regclass, attname FROM pg_index
                 JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
                 WHERE indisunique AND indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)"
            }
        };
        let indexes = rows::<3>(db, unique);
        assert!(indexes.len() > 15, "the query finds the indexes: {indexes:?}");
        for [table, index, first] in indexes {
            if declared().contains_key(&table) && !NOT_DISTRIBUTED.contains(&table.as_str()) {
                assert_eq!(first, "controller_id", "{index} of {table}");
            }
        }
    });
}

#[test]
fn no_foreign_key_leads_from_one_distribution_to_another() {
    for_each_engine(|db| {
        drop(LockedStore::create(location(db)).unwrap());
        let foreign = match db.engine() {
            Engine::Sqlite => {
                "SELECT m.name, f.\"from\", f.\"table\", coalesce(f.\"to\", '') FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
                 WHERE m.type = 'table'"
            }
            Engine::Postgres => {
                "SELECT conrelid::regclass, a.attname, confrelid::regclass, b.attname FROM pg_constraint
                 JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]
                 JOIN pg_attribute b ON b.attrelid = confrelid AND b.attnum = confkey[1]
                 WHERE contype = 'f' AND cardinality(conkey) = 1
                 UNION ALL SELECT conrelid::regclass, 'several', confrelid::regclass, 'several' FROM pg_constraint
                 WHERE contype = 'f' AND cardinality(conkey) > 1"
            }
        };
        let keys = rows::<4>(db, foreign);
        assert!(keys.len() > 5, "the query finds the foreign keys: {keys:?}");
        for [table, from, to_table, to] in keys {
            let whole = |name: &str| NOT_DISTRIBUTED.contains(&name);
            let along_the_controller = from == "controller_id" && (to_table == "controllers" || to == "controller_id");
            assert!(along_the_controller || (whole(&table) && whole(&to_table)), "{table}.{from} to {to_table}.{to}");
        }
    });
}
