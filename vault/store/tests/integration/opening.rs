//! What is opened and what is made: never another program's data, never a file by mistake.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use carnet_store::{Location, LockedStore, StoreError};
use carnet_tests::{Engine, TestDatabase, for_each_engine};

use crate::support::{files, found, ledger_must_be_whole, location, note, reopen};

fn open_error(location: Location) -> StoreError {
    LockedStore::open(location).err().expect("it was opened")
}

fn create_error(location: Location) -> StoreError {
    LockedStore::create(location).err().expect("it was made")
}

fn sqlite(file: &Path) -> Location {
    Location::Sqlite(file.to_owned())
}

#[test]
fn a_mistyped_url_makes_no_file() {
    let db = TestDatabase::sqlite();
    let folder = db.folder().display();
    for text in [
        format!("{folder}/vault.sqlite"),
        format!("sqlite//{folder}/vault.sqlite"),
        format!("sqllite:{folder}/vault.sqlite"),
        format!("sqlite:{folder}/vault.sqlite?mode=rwc"),
        "sqlite://vault.sqlite".to_owned(),
        "host=127.0.0.1 dbname=vault".to_owned(),
        "postgress://127.0.0.1/vault".to_owned(),
    ] {
        let parsed = text.parse::<Location>().map(LockedStore::create);
        assert!(parsed.is_err(), "{text}");
    }
    assert!(files(db.folder()).is_empty());
}

#[test]
fn a_missing_vault_is_said_to_be_missing_and_is_not_made() {
    for_each_engine(|db| {
        let error = open_error(location(db));
        assert!(matches!(error, StoreError::NoVault { .. }), "{error:?}");
        assert!(error.to_string().contains("carnet init"), "{error}");
        assert!(files(db.folder()).is_empty());
    });
    let db = TestDatabase::sqlite();
    let elsewhere = sqlite(&db.folder().join("no-such-folder/vault.sqlite"));
    assert!(matches!(open_error(elsewhere.clone()), StoreError::NoVault { .. }));
    let error = create_error(elsewhere);
    assert!(error.to_string().contains("No such file"), "{error}");
}

#[test]
fn what_is_not_sqlite_is_refused_and_stays_as_it_is() {
    let db = TestDatabase::sqlite();
    for (name, bytes) in [
        ("letter.txt", b"Dear Sir or Madam, please find enclosed our list of contacts.\n".repeat(100)),
        ("short", b"x".to_vec()),
        ("almost", b"SQLite format 2\0 and what follows is something else".repeat(90)),
    ] {
        let file = db.folder().join(name);
        fs::write(&file, &bytes).unwrap();
        for error in [open_error(sqlite(&file)), create_error(sqlite(&file))] {
            assert!(matches!(&error, StoreError::NotADatabase { place } if place.contains(name)), "{error:?}");
        }
        assert!(fs::read(&file).unwrap() == bytes);
    }
    assert!(matches!(open_error(sqlite(db.folder())), StoreError::NotADatabase { .. }));
    assert!(matches!(create_error(sqlite(db.folder())), StoreError::NotADatabase { .. }));
    assert_eq!(files(db.folder()).len(), 3, "no journal beside them");
}

#[test]
fn another_programs_database_is_refused_and_stays_as_it_is() {
    let tables = [
        "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1)",
        "CREATE TABLE vault (id INTEGER PRIMARY KEY); INSERT INTO vault VALUES (1)",
        "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
         INSERT INTO __diesel_schema_migrations (version) VALUES ('20200101000000'); CREATE TABLE posts (id INTEGER PRIMARY KEY)",
    ];
    for_each_engine(|engine| {
        for sql in tables {
            let db = TestDatabase::new(engine.engine());
            if db.engine() == Engine::Sqlite {
                // In this mode SQLite would finish the other program's work when the file is merely opened.
                db.query("PRAGMA journal_mode = WAL");
            }
            db.query(sql);
            let list = match db.engine() {
                Engine::Sqlite => "SELECT name FROM sqlite_schema ORDER BY name",
                Engine::Postgres => "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
            };
            let (names, before) = (db.query(list), files(db.folder()));
            for error in [open_error(location(&db)), create_error(location(&db))] {
                assert!(matches!(error, StoreError::Foreign { .. }), "{error:?}");
                assert!(error.to_string().contains("nothing was changed"), "{error}");
            }
            assert!(files(db.folder()) == before, "byte for byte");
            assert_eq!(db.query(list), names);
        }
    });
}

#[test]
fn a_sqlite_database_of_another_program_without_tables_is_not_taken_either() {
    let db = TestDatabase::sqlite();
    db.query("PRAGMA user_version = 3; VACUUM");
    let before = files(db.folder());
    assert!(matches!(create_error(location(&db)), StoreError::Foreign { .. }));
    assert!(files(db.folder()) == before);
}

#[test]
fn a_vault_of_a_newer_program_is_refused_and_stays_as_it_is() {
    for_each_engine(|db| {
        drop(found(location(db)));
        db.query("INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000001')");
        let error = open_error(location(db));
        assert!(matches!(&error, StoreError::Newer { version } if version == "20991231000001"), "{error:?}");
        assert!(matches!(create_error(location(db)), StoreError::VaultExists { .. }));
        db.query("DELETE FROM __diesel_schema_migrations WHERE version = '20991231000001'");
        assert_eq!(ledger_must_be_whole(&reopen(location(db))), 1);
    });
}

#[test]
fn a_vault_is_made_once() {
    for_each_engine(|db| {
        let store = found(location(db));
        let id = store.read(|tx| tx.vault()).unwrap().id;
        let error = create_error(location(db));
        assert!(matches!(error, StoreError::VaultExists { .. }), "{error:?}");
        assert_eq!(store.read(|tx| tx.vault()).unwrap().id, id);
        note(&store, "test.note").unwrap();
        drop(store);
        assert!(matches!(create_error(location(db)), StoreError::VaultExists { .. }));
        assert_eq!(ledger_must_be_whole(&reopen(location(db))), 2);
    });
}

#[test]
fn a_vault_whose_making_was_cut_short_is_no_vault_and_is_taken_up_again() {
    for_each_engine(|db| {
        drop(LockedStore::create(location(db)).unwrap());
        assert!(matches!(open_error(location(db)), StoreError::NoVault { .. }));
        drop(found(location(db)));
        assert_eq!(ledger_must_be_whole(&reopen(location(db))), 1);
    });
    // Cut short even earlier: an empty file, and one that only says whose it is.
    for sql in ["", "PRAGMA application_id = 1668443764"] {
        let db = TestDatabase::sqlite();
        fs::write(db.path().unwrap(), "").unwrap();
        db.query(sql);
        assert!(matches!(open_error(location(&db)), StoreError::NoVault { .. }));
        assert_eq!(ledger_must_be_whole(&found(location(&db))), 1);
    }
    let db = TestDatabase::new(Engine::Sqlite);
    drop(LockedStore::create(location(&db)).unwrap());
    assert_eq!(db.query("PRAGMA application_id"), "1668443764");
}

#[test]
fn a_making_that_sqlite_undoes_when_it_is_opened_leaves_the_place_to_the_next() {
    let db = TestDatabase::sqlite();
    db.query("PRAGMA application_id = 1668443764");
    // Killed between the first write and the end of its transaction: the journal says that the file was empty before.
    let mut journal = vec![0; 512];
    let header = [&[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7][..], &[0; 12], &[0, 0, 2, 0], &[0, 0, 16, 0]];
    header.concat().into_iter().zip(&mut journal).for_each(|(from, to)| *to = from);
    let path = db.path().unwrap().display().to_string();
    fs::write(format!("{path}-journal"), journal).unwrap();
    assert!(matches!(open_error(location(&db)), StoreError::NoVault { .. }));
    assert_eq!(ledger_must_be_whole(&found(location(&db))), 1);
}

#[test]
fn nobody_else_may_read_the_file_nor_what_lies_beside_it() {
    let modes = |db: &TestDatabase| -> Vec<(String, u32)> {
        let names = files(db.folder()).into_iter().map(|(name, _)| name);
        names
            .map(|name| (fs::metadata(db.folder().join(&name)).unwrap().permissions().mode() & 0o777, name))
            .map(|(mode, name)| (name, mode))
            .collect()
    };
    let expected = ["vault.sqlite", "vault.sqlite-shm", "vault.sqlite-wal"].map(|name| (name.to_owned(), 0o600));
    let db = TestDatabase::sqlite();
    let store = found(location(&db));
    note(&store, "test.note").unwrap();
    assert_eq!(modes(&db), expected);

    let db = TestDatabase::sqlite();
    fs::write(db.path().unwrap(), "").unwrap();
    fs::set_permissions(db.path().unwrap(), fs::Permissions::from_mode(0o644)).unwrap();
    let store = found(location(&db));
    note(&store, "test.note").unwrap();
    assert_eq!(modes(&db), expected, "an empty file that somebody had made");
}
