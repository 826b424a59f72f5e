//! PostgreSQL over TLS, against a real server whose certificate names `localhost` and `127.0.0.1`.

use carnet_store::{Location, LockedStore, StoreError};
use carnet_tests::servers::PostgresServer;
use carnet_tests::{TestDatabase, for_postgres};

use crate::support::{found, note};

fn server() -> &'static PostgresServer {
    PostgresServer::get()
}

fn password() -> String {
    let url = server().url("x");
    let (credentials, _) = url.rsplit_once('@').unwrap();
    credentials.rsplit_once(':').unwrap().1.to_owned()
}

/// TLS version of this database's sessions that name themselves `application`, one a line; empty without TLS.
fn tls_of_sessions(db: &TestDatabase, application: &str) -> String {
    let name = db.name().unwrap();
    server().query(
        "postgres",
        &format!(
            "SELECT DISTINCT coalesce(version, 'clear') FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
             WHERE datname = '{name}' AND application_name = '{application}'"
        ),
    )
}

/// The sentence that opening this URL ends with.
fn refusal(url: &str) -> String {
    let location: Location = url.parse().unwrap();
    let Err(error) = LockedStore::create(location) else { panic!("{url} was opened") };
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error:?}");
    for text in [format!("{error}"), format!("{error:?}")] {
        assert!(!text.contains(&password()), "{text}");
    }
    error.to_string()
}

#[test]
fn with_require_every_session_is_encrypted() {
    for_postgres(|db| {
        let store = found(format!("{}?sslmode=require&application_name=require", db.url()).parse().unwrap());
        note(&store, "test.note").unwrap();
        let versions = tls_of_sessions(db, "require");
        assert!(versions.starts_with("TLSv1.") && !versions.contains("clear"), "{versions:?}");
    });
}

#[test]
fn with_verify_full_the_right_authority_is_trusted_and_the_session_encrypted() {
    for_postgres(|db| {
        let authority = server().authority().display();
        let url = format!("{}?sslmode=verify-full&sslrootcert={authority}&application_name=verify", db.url());
        let store = found(url.parse().unwrap());
        note(&store, "test.note").unwrap();
        let versions = tls_of_sessions(db, "verify");
        assert!(versions.starts_with("TLSv1.") && !versions.contains("clear"), "{versions:?}");
    });
}

#[test]
fn a_certificate_of_another_authority_is_refused_by_name_and_without_the_password() {
    for_postgres(|db| {
        let wrong = server().wrong_authority().display();
        for mode in ["verify-full", "verify-ca"] {
            let sentence = refusal(&format!("{}?sslmode={mode}&sslrootcert={wrong}", db.url()));
            assert!(sentence.contains("certificate verify failed"), "{sentence}");
        }
    });
}

#[test]
fn a_host_that_the_certificate_does_not_name_is_refused() {
    for_postgres(|db| {
        let (name, authority) = (db.name().unwrap(), server().authority().display());
        let other = server().url_by_other_host(name);
        let sentence = refusal(&format!("{other}?sslmode=verify-full&sslrootcert={authority}"));
        assert!(sentence.contains("does not match host name"), "{sentence}");
    });
}

#[test]
fn the_machines_own_authorities_do_not_vouch_for_a_certificate_they_did_not_sign() {
    for_postgres(|db| {
        let sentence = refusal(&format!("{}?sslmode=verify-full", db.url()));
        assert!(sentence.contains("certificate verify failed"), "{sentence}");
    });
}

#[test]
fn a_wrong_password_a_missing_database_and_a_dead_server_are_named_without_the_password() {
    for_postgres(|db| {
        let wrong = db.url().replacen(&password(), "not-the-password", 1);
        let sentence = refusal(&wrong);
        assert!(
            sentence.contains("password authentication failed") && !sentence.contains("not-the-password"),
            "{sentence}"
        );
        let missing = server().url("carnet_is_not_here");
        assert!(refusal(&missing).contains("does not exist"));
        let port = db.url().rsplit_once(':').unwrap().1.split_once('/').unwrap().0.to_owned();
        // Port 1 is tcpmux, which nobody runs.
        let dead = db.url().replacen(&format!(":{port}/"), ":1/", 1);
        assert!(refusal(&dead).contains("refused"));
    });
}
