//! The PostgreSQL server of one test run: its addresses, its certificates, and SQL from outside.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The PostgreSQL server that `tests/run` started, with TLS offered and not demanded.
///
/// Its certificate names `localhost` and `127.0.0.1`, and nothing else.
#[derive(Clone, Debug)]
pub struct PostgresServer {
    url: String,
    authority: PathBuf,
    wrong_authority: PathBuf,
    other_host: String,
    binaries: PathBuf,
}

impl PostgresServer {
    /// The server of this test run.
    ///
    /// # Panics
    /// If there is none: a test that needs a server fails without it, and is never skipped silently.
    pub fn get() -> &'static Self {
        static SERVER: OnceLock<PostgresServer> = OnceLock::new();
        SERVER.get_or_init(|| Self::find(|name| env::var(name).ok()).unwrap_or_else(|reason| panic!("{reason}")))
    }

    fn find(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let wanted = |name: &str| {
            variable(name).filter(|value| !value.is_empty()).ok_or_else(|| {
                format!(
                    "this test needs a PostgreSQL server, and {name} names none: `tests/run store` starts one and runs \
                     the store's tests, `tests/run -- cargo test ...` starts one for any other command, and \
                     CARNET_TEST_ENGINES=sqlite asks for no PostgreSQL"
                )
            })
        };
        Ok(Self {
            url: wanted("CARNET_TEST_POSTGRES")?,
            authority: wanted("CARNET_TEST_POSTGRES_CA")?.into(),
            wrong_authority: wanted("CARNET_TEST_POSTGRES_WRONG_CA")?.into(),
            other_host: wanted("CARNET_TEST_POSTGRES_OTHER_HOST")?,
            binaries: wanted("CARNET_TEST_POSTGRES_BIN")?.into(),
        })
    }

    /// URL of one database as superuser, without parameters: `postgres://user:password@127.0.0.1:port/database`.
    pub fn url(&self, database: &str) -> String {
        let end = self.url.rfind('/').unwrap_or(self.url.len());
        let (server, _) = self.url.split_at(end);
        format!("{server}/{database}")
    }

    /// The same URL through an address that the server's certificate does not name.
    pub fn url_by_other_host(&self, database: &str) -> String {
        self.url(database).replacen("127.0.0.1", &self.other_host, 1)
    }

    /// The authority that signed the server's certificate, for `sslrootcert`.
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// An authority that signed nothing here: `sslmode=verify-full` with it must fail.
    pub fn wrong_authority(&self) -> &Path {
        &self.wrong_authority
    }

    /// Makes an empty database of a name not used before, and returns the name.
    pub fn database_create(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("carnet_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        self.query("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    /// Removes a database, ending whatever sessions are still open on it.
    pub fn database_drop(&self, name: &str) -> Result<(), String> {
        self.try_query("postgres", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).map(drop)
    }

    /// Runs SQL past the program, as an intruder or an administrator would.
    ///
    /// Returns one line for each row, columns separated by `|`.
    ///
    /// # Panics
    /// If a statement fails.
    pub fn query(&self, database: &str, sql: &str) -> String {
        self.try_query(database, sql).unwrap_or_else(|reason| panic!("{reason}"))
    }

    fn try_query(&self, database: &str, sql: &str) -> Result<String, String> {
        let mut psql = Command::new(self.binaries.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
        psql.arg("--dbname").arg(self.url(database)).arg("--command").arg(sql);
        super::output_of(psql)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> PostgresServer {
        PostgresServer::find(|name| {
            Some(
                if name == "CARNET_TEST_POSTGRES" { "postgres://u:p@127.0.0.1:5/postgres" } else { "127.0.0.2" }.into(),
            )
        })
        .unwrap()
    }

    #[test]
    fn a_missing_server_is_a_sentence_that_names_the_way_to_one() {
        let reason = PostgresServer::find(|_| None).unwrap_err();
        assert!(reason.contains("`tests/run store`"), "{reason}");
        assert!(reason.contains("CARNET_TEST_ENGINES=sqlite"), "{reason}");
    }

    #[test]
    fn an_empty_variable_is_a_missing_server() {
        assert!(PostgresServer::find(|_| Some(String::new())).is_err());
    }

    #[test]
    fn urls_keep_user_and_port_and_change_database_and_host() {
        assert_eq!(server().url("a"), "postgres://u:p@127.0.0.1:5/a");
        assert_eq!(server().url_by_other_host("a"), "postgres://u:p@127.0.0.2:5/a");
    }
}
