//! What an intruder or an administrator can do: SQL past the store, in the words of both engines.

use carnet_tests::{Engine, TestDatabase};

/// Every table of the vault, those that others refer to first.
pub(crate) const TABLES: [&str; 30] = [
    "vault",
    "vault_keys",
    "controllers",
    "controller_keys",
    "key_rotations",
    "accounts",
    "account_grants",
    "purposes",
    "notices",
    "provenances",
    "contacts",
    "contact_salts",
    "contact_emails",
    "contact_tags",
    "contact_originals",
    "consent_events",
    "suppressions",
    "lists",
    "list_members",
    "list_sources",
    "list_checks",
    "list_segments",
    "list_decisions",
    "list_releases",
    "list_proofs",
    "recipients",
    "ledger_entries",
    "ledger_queue",
    "ledger_nodes",
    "ledger_head",
];
/// The rest of them: what no other row needs.
pub(crate) const DETAILS: &str = "ledger_details";

/// Bytes as a literal.
pub(crate) fn blob(db: &TestDatabase, bytes: &[u8]) -> String {
    match db.engine() {
        Engine::Sqlite => format!("x'{}'", hex(bytes)),
        Engine::Postgres => format!("'\\x{}'::bytea", hex(bytes)),
    }
}

/// A text as a literal, given by its bytes.
pub(crate) fn text(db: &TestDatabase, bytes: &[u8]) -> String {
    match db.engine() {
        Engine::Sqlite => format!("CAST(x'{}' AS TEXT)", hex(bytes)),
        Engine::Postgres => format!("convert_from('\\x{}', 'UTF8')", hex(bytes)),
    }
}

/// The values of one column of bytes, or of text by its bytes.
pub(crate) fn bytes_of(db: &TestDatabase, column: &str, rest: &str) -> Vec<Vec<u8>> {
    let sql = match db.engine() {
        Engine::Sqlite => format!("SELECT hex({column}) FROM {rest}"),
        Engine::Postgres => format!("SELECT encode({column}::bytea, 'hex') FROM {rest}"),
    };
    db.query(&sql).lines().map(unhex).collect()
}

/// A number.
pub(crate) fn number(db: &TestDatabase, sql: &str) -> i64 {
    db.query(sql).parse().unwrap()
}

pub(crate) fn count(db: &TestDatabase, table: &str) -> i64 {
    number(db, &format!("SELECT count(*) FROM {table}"))
}

/// A fingerprint of every row but the ledger's.
pub(crate) fn rows(db: &TestDatabase) -> String {
    db.query(&rows_sql(db))
}

/// The same, and the number of entries, in one look.
pub(crate) fn rows_and_entries(db: &TestDatabase) -> (String, i64) {
    let all = db.query(&format!("{} SELECT count(*) FROM ledger_entries", rows_sql(db)));
    let (rows, entries) = all.rsplit_once('\n').unwrap();
    (rows.to_owned(), entries.parse().unwrap())
}

fn rows_sql(db: &TestDatabase) -> String {
    let of = |table: &&str| match db.engine() {
        Engine::Sqlite => format!("SELECT '{table}', hex(sha3_query('SELECT * FROM {table} ORDER BY 1, 2, 3'));"),
        Engine::Postgres => {
            format!("SELECT '{table}', md5(string_agg(r::text, '|' ORDER BY r::text)) FROM {table} r;")
        }
    };
    TABLES.iter().filter(|table| !table.starts_with("ledger")).map(of).collect()
}

/// Keeps these tables as they are now, to be put back by [`put_back`].
pub(crate) fn keep(db: &TestDatabase, tables: &[&str]) {
    let of = |table: &&str| {
        format!("DROP TABLE IF EXISTS kept_{table}; CREATE TABLE kept_{table} AS SELECT * FROM {table};")
    };
    db.query(&tables.iter().map(of).collect::<String>());
}

/// Puts back what was kept, as if nothing had happened since.
pub(crate) fn put_back(db: &TestDatabase, tables: &[&str]) {
    let of = |table: &&str| format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table};");
    past_constraints(db, &tables.iter().map(of).collect::<String>());
}

/// Damages the database in the very transaction that appends the next entry.
pub(crate) fn after_next_entry(db: &TestDatabase, damage: &str) {
    db.query(&match db.engine() {
        Engine::Sqlite => format!("CREATE TRIGGER damage AFTER UPDATE OF size ON ledger_head BEGIN {damage}; END"),
        Engine::Postgres => format!(
            "CREATE FUNCTION damage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {damage}; RETURN NULL; END $$;
             CREATE TRIGGER damage AFTER UPDATE OF size ON ledger_head FOR EACH ROW EXECUTE FUNCTION damage()"
        ),
    });
}

/// Runs SQL as one who can turn foreign keys and triggers off.
pub(crate) fn past_constraints(db: &TestDatabase, sql: &str) {
    match db.engine() {
        Engine::Sqlite => db.query(sql),
        Engine::Postgres => db.query(&format!("SET session_replication_role = replica; {sql}")),
    };
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}
