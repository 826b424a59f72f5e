//! Databases for tests: empty, one for each test, gone when the test is over.
//!
//! It must not know what is in them: schema and rows are the store's.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::servers::{PostgresServer, output_of};

/// The database engines that the store runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file in the data folder.
    Sqlite,
    /// A server, by URL.
    Postgres,
}

impl Engine {
    /// Both engines, or fewer if `CARNET_TEST_ENGINES` asks for less, such as `sqlite`.
    ///
    /// # Panics
    /// If the variable names no engine, or one that does not exist.
    pub fn wanted() -> Vec<Self> {
        let asked = env::var("CARNET_TEST_ENGINES").unwrap_or_else(|_| "sqlite,postgres".to_owned());
        Self::parse_list(&asked).unwrap_or_else(|reason| panic!("{reason}"))
    }

    fn parse_list(asked: &str) -> Result<Vec<Self>, String> {
        asked
            .split(',')
            .map(|name| match name.trim() {
                "sqlite" => Ok(Self::Sqlite),
                "postgres" => Ok(Self::Postgres),
                other => Err(format!("CARNET_TEST_ENGINES names `{other}`; the engines are sqlite and postgres")),
            })
            .collect()
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        })
    }
}

/// An empty database and a folder beside it; both are removed when it is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    place: Place,
    folder: TempDir,
}

#[derive(Debug)]
enum Place {
    File(PathBuf),
    Server { database: String },
}

impl TestDatabase {
    /// A SQLite database: a file that does not exist yet, in a folder of its own.
    pub fn sqlite() -> Self {
        let folder = temporary_folder();
        Self { place: Place::File(folder.path().join("vault.sqlite")), folder }
    }

    /// A PostgreSQL database, made on the server that `tests/run` started.
    ///
    /// # Panics
    /// If there is no server.
    pub fn postgres() -> Self {
        Self { place: Place::Server { database: PostgresServer::get().database_create() }, folder: temporary_folder() }
    }

    /// A database of the given engine.
    pub fn new(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::sqlite(),
            Engine::Postgres => Self::postgres(),
        }
    }

    /// The engine that it is on.
    pub fn engine(&self) -> Engine {
        match self.place {
            Place::File(_) => Engine::Sqlite,
            Place::Server { .. } => Engine::Postgres,
        }
    }

    /// Where it is: `sqlite:///absolute/path` or `postgres://user:password@host:port/database`, without parameters.
    pub fn url(&self) -> String {
        match &self.place {
            Place::File(path) => format!("sqlite://{}", path.display()),
            Place::Server { database } => PostgresServer::get().url(database),
        }
    }

    /// The SQLite file; none on PostgreSQL.
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::File(path) => Some(path),
            Place::Server { .. } => None,
        }
    }

    /// The name on the server, for [`PostgresServer`]; none on SQLite.
    pub fn name(&self) -> Option<&str> {
        match &self.place {
            Place::File(_) => None,
            Place::Server { database } => Some(database),
        }
    }

    /// A temporary folder for whatever else the test writes; the SQLite file and its WAL are in it too.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs SQL past the store, as an intruder or an administrator would.
    ///
    /// Returns one line for each row, columns separated by `|`.
    ///
    /// # Panics
    /// If a statement fails.
    pub fn query(&self, sql: &str) -> String {
        match &self.place {
            Place::File(path) => {
                let mut sqlite3 = Command::new("sqlite3");
                sqlite3.args(["-batch", "-bail", "-init", "/dev/null", "-cmd", ".timeout 10000"]).arg(path).arg(sql);
                output_of(sqlite3).unwrap_or_else(|reason| panic!("{reason}"))
            }
            Place::Server { database } => PostgresServer::get().query(database, sql),
        }
    }
}

impl Drop for TestDatabase {
    #[expect(clippy::print_stderr, reason = "a second panic in a failing test would hide the first")]
    fn drop(&mut self) {
        if let Place::Server { database } = &self.place
            && let Err(reason) = PostgresServer::get().database_drop(database)
        {
            eprintln!("the test database {database} is left behind: {reason}");
        }
    }
}

/// Runs a test once on each wanted engine, each time with an empty database.
#[expect(clippy::print_stderr, reason = "the test runner shows it with a failure: on which engine it happened")]
pub fn for_each_engine(test: impl Fn(&TestDatabase)) {
    for engine in Engine::wanted() {
        eprintln!("engine: {engine}");
        test(&TestDatabase::new(engine));
    }
}

/// Runs a test of what only PostgreSQL has, such as TLS, unless `CARNET_TEST_ENGINES` asks for less.
#[expect(clippy::print_stderr, reason = "the test runner shows it to whoever asks for output")]
pub fn for_postgres(test: impl FnOnce(&TestDatabase)) {
    if Engine::wanted().contains(&Engine::Postgres) {
        test(&TestDatabase::postgres());
    } else {
        eprintln!("not run: CARNET_TEST_ENGINES asks for no PostgreSQL");
    }
}

pub(crate) fn temporary_folder() -> TempDir {
    tempfile::Builder::new()
        .prefix("carnet-test.")
        .tempdir()
        .unwrap_or_else(|error| panic!("a temporary folder cannot be made: {error}"))
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn engines_are_asked_for_by_name_and_a_wrong_name_is_refused() {
        assert_eq!(Engine::parse_list("sqlite"), Ok(vec![Engine::Sqlite]));
        assert_eq!(Engine::parse_list("sqlite, postgres"), Ok(vec![Engine::Sqlite, Engine::Postgres]));
        assert!(Engine::parse_list("mysql").unwrap_err().contains("`mysql`"));
        assert!(Engine::parse_list("").is_err());
    }

    #[test]
    fn each_engine_gets_an_empty_database_that_sql_reaches_from_outside() {
        let engines = RefCell::new(Vec::new());
        for_each_engine(|db| {
            assert_eq!(db.query("CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y')"), "");
            assert_eq!(db.query("SELECT a, b FROM t ORDER BY a"), "1|x\n2|y");
            engines.borrow_mut().push(db.engine());
        });
        assert_eq!(engines.into_inner(), Engine::wanted());
    }

    #[test]
    fn a_dropped_sqlite_database_leaves_no_folder() {
        let db = TestDatabase::sqlite();
        let folder = db.folder().to_owned();
        db.query("CREATE TABLE t (a INTEGER)");
        assert!(folder.join("vault.sqlite").is_file());
        drop(db);
        assert!(!folder.exists());
    }

    #[test]
    fn a_dropped_postgres_database_is_gone_although_a_session_is_open() {
        for_postgres(|_| {
            let db = TestDatabase::postgres();
            let name = db.name().unwrap().to_owned();
            let mut session = Command::new(env::var("CARNET_TEST_POSTGRES_BIN").unwrap() + "/psql")
                .arg(db.url())
                .stdin(std::process::Stdio::piped())
                .stdout(std::process::Stdio::null())
                .spawn()
                .unwrap();
            let sessions = format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'");
            while PostgresServer::get().query("postgres", &sessions) == "0" {}
            drop(db);
            drop(session.stdin.take());
            session.wait().unwrap();
            let left = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
            assert_eq!(PostgresServer::get().query("postgres", &left), "0");
        });
    }

    #[test]
    fn the_server_offers_tls_by_a_certificate_that_names_only_localhost() {
        for_postgres(|db| {
            let server = PostgresServer::get();
            let name = db.name().unwrap();
            let verified = |url: String, authority: &Path| {
                let mut psql = Command::new(env::var("CARNET_TEST_POSTGRES_BIN").unwrap() + "/psql");
                psql.arg(format!("{url}?sslmode=verify-full&sslrootcert={}", authority.display()))
                    .args(["-c", "SELECT 1"]);
                output_of(psql)
            };
            assert!(verified(server.url(name), server.authority()).is_ok());
            assert!(verified(server.url(name), server.wrong_authority()).unwrap_err().contains("certificate"));
            let other = verified(server.url_by_other_host(name), server.authority()).unwrap_err();
            assert!(other.contains("does not match host name"), "{other}");
        });
    }
}
