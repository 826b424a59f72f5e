//! What the ledger costs: appends beside bare inserts of the same rows, and verification.
//!
//! `cargo bench -p carnet-store --bench ledger`, with `-- --full` for the sizes that are reported; PostgreSQL takes part
//! where `CARNET_TEST_POSTGRES` names a server (`tests/run -- cargo bench ...`), whose durability is then the server's
//! own. All arms of an engine run in one process, in turn, round after round, so that whatever else the machine does
//! meets them all alike; each figure is the median of the rounds, each ratio the median of the ratios within a round.
//!
//! | arm | what one operation does |
//! | --- | --- |
//! | append | `Store::write` that changes nothing but the ledger: encode, hash, insert, new head, signed checkpoint |
//! | bare | one `INSERT` of the same four columns, encoded and hashed beforehand, in a transaction of its own |
//!
//! Sixty-four bare callers share one connection behind a lock on SQLite, where 64 connections would only wait for each
//! other, and have one connection each on PostgreSQL.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::expect_used, reason = "a bench that cannot write should stop")]

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::Instant;

use carnet_core::ledger::{Actor, Channel, Entry, Event, Frontier, NoteSigner, leaf_hash};
use carnet_core::model::{AccountId, ContactId, ControllerId, EntryId, ProvenanceId};
use carnet_store::{LockedStore, Record, Store, StoreError};
use carnet_tests::{Engine, TestDatabase};
use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use schema::bare_entries;

mod schema {
    diesel::table! {
        bare_entries (idx) {
            idx -> BigInt,
            id -> Binary,
            body -> Binary,
            leaf_hash -> Binary,
        }
    }
}

const CALLERS: usize = 64;

/// How much is done.
struct Sizes {
    rounds: usize,
    alone: usize,
    each_together: usize,
    verified: u64,
}

const QUICK: Sizes = Sizes { rounds: 3, alone: 200, each_together: 10, verified: 100_000 };
const FULL: Sizes = Sizes { rounds: 9, alone: 1_000, each_together: 60, verified: 1_000_000 };

fn main() {
    let sizes = if std::env::args().any(|argument| argument == "--full") { FULL } else { QUICK };
    print_appends(&TestDatabase::sqlite(), &sizes);
    if std::env::var_os("CARNET_TEST_POSTGRES").is_some() {
        print_appends(&TestDatabase::postgres(), &sizes);
    } else {
        println!("\npostgres: not measured, CARNET_TEST_POSTGRES names no server");
    }
    print_verification(sizes.verified);
}

/// As the desk records the adding of a contact.
fn entry() -> Entry {
    let event = Event::new("contact.add").expect("an event");
    let actor = Actor { account: Some(AccountId::new()), channel: Channel::CommandLine, os_user: Some(1000) };
    Entry {
        controller: Some(ControllerId::new()),
        objects: vec![ContactId::new().into(), ProvenanceId::new().into()],
        policy: Some([0x11; 32]),
        commitment: Some([0x22; 32]),
        ..Entry::new(event, actor)
    }
}

fn append(store: &Store, entry: Entry) {
    let done: Result<(), StoreError> = store.write(|_| Ok((Record { entry, details: None }, ())));
    done.expect("appended");
}

/// The opponent: a table like the ledger's, under the same settings, and nothing else.
struct Bare {
    connections: Vec<Mutex<Connected>>,
    next: AtomicI64,
}

enum Connected {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

type Row = (Vec<u8>, Vec<u8>, Vec<u8>);

impl Bare {
    fn new(db: &TestDatabase) -> Self {
        let (bytes, settings, end) = match db.engine() {
            Engine::Sqlite => {
                ("BLOB", "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;", "STRICT")
            }
            Engine::Postgres => ("BYTEA", "", ""),
        };
        let integer = if db.engine() == Engine::Sqlite { "INTEGER" } else { "BIGINT" };
        let table = format!(
            "CREATE TABLE bare_entries (idx {integer} NOT NULL PRIMARY KEY, id {bytes} NOT NULL UNIQUE,
             body {bytes} NOT NULL, leaf_hash {bytes} NOT NULL) {end};"
        );
        let mut first = Connected::to(db);
        first.run(&format!("{settings} {table}"));
        let more = if db.engine() == Engine::Sqlite { 0 } else { CALLERS - 1 };
        let connections = std::iter::once(first).chain((0..more).map(|_| Connected::to(db))).map(Mutex::new).collect();
        Self { connections, next: AtomicI64::new(0) }
    }

    fn insert(&self, caller: usize, (id, body, hash): Row) {
        let connection = self.connections.get(caller % self.connections.len()).expect("a connection");
        let idx = self.next.fetch_add(1, Ordering::Relaxed);
        let row = (
            bare_entries::idx.eq(idx),
            bare_entries::id.eq(id),
            bare_entries::body.eq(body),
            bare_entries::leaf_hash.eq(hash),
        );
        let insert = diesel::insert_into(bare_entries::table).values(row);
        let inserted = match &mut *connection.lock().expect("nobody panics") {
            Connected::Sqlite(connection) => connection.immediate_transaction(|connection| insert.execute(connection)),
            Connected::Postgres(connection) => connection.transaction(|connection| insert.execute(connection)),
        };
        inserted.expect("inserted");
    }
}

impl Connected {
    fn to(db: &TestDatabase) -> Self {
        match db.path() {
            // A file beside the vault's, on the same disk.
            Some(file) => Self::Sqlite(
                SqliteConnection::establish(&file.with_file_name("bare.sqlite").to_string_lossy()).expect("opened"),
            ),
            None => Self::Postgres(PgConnection::establish(&db.url()).expect("connected")),
        }
    }

    fn run(&mut self, sql: &str) {
        match self {
            Self::Sqlite(connection) => connection.batch_execute(sql),
            Self::Postgres(connection) => connection.batch_execute(sql),
        }
        .expect("the table is made");
    }
}

fn row(entry: &Entry) -> Row {
    let body = entry.encode().expect("encoded");
    let hash = leaf_hash(&body).as_bytes().to_vec();
    (entry.id.as_bytes().to_vec(), body, hash)
}

/// Operations per second of that many callers, each doing its share of what was prepared.
fn rate<T: Send>(prepared: Vec<Vec<T>>, operation: impl Fn(usize, T) + Sync) -> f64 {
    let operations: usize = prepared.iter().map(Vec::len).sum();
    let operation = &operation;
    let began = Instant::now();
    thread::scope(|scope| {
        for (caller, things) in prepared.into_iter().enumerate() {
            scope.spawn(move || things.into_iter().for_each(|thing| operation(caller, thing)));
        }
    });
    operations as f64 / began.elapsed().as_secs_f64()
}

fn entries(callers: usize, each: usize) -> Vec<Vec<Entry>> {
    (0..callers).map(|_| (0..each).map(|_| entry()).collect()).collect()
}

fn print_appends(db: &TestDatabase, sizes: &Sizes) {
    let signer = NoteSigner::new("ledger.example/bench", &[7; 32]).expect("a signer");
    let location = db.url().parse().expect("a location");
    // On PostgreSQL both share the database; the vault will not move in where another's table is.
    let store = LockedStore::create(location).expect("made").unlock(signer).expect("unlocked");
    let bare = Bare::new(db);
    println!(
        "\n{}: median of {} interleaved rounds, {} bytes an entry",
        db.engine(),
        sizes.rounds,
        row(&entry()).1.len()
    );
    println!("  {:<12}{:>14}{:>14}{:>16}", "callers", "append/s", "bare/s", "append : bare");
    for (callers, each) in [(1, sizes.alone), (CALLERS, sizes.each_together)] {
        let rounds: Vec<(f64, f64)> = (0..sizes.rounds)
            .map(|_| {
                let rows = entries(callers, each).iter().map(|all| all.iter().map(row).collect()).collect();
                let ours = rate(entries(callers, each), |_, entry| append(&store, entry));
                (ours, rate(rows, |caller, row| bare.insert(caller, row)))
            })
            .collect();
        let ours = median(rounds.iter().map(|(ours, _)| *ours));
        let theirs = median(rounds.iter().map(|(_, theirs)| *theirs));
        let ratio = median(rounds.iter().map(|(ours, theirs)| ours / theirs));
        println!("  {callers:<12}{ours:>14.0}{theirs:>14.0}{ratio:>16.2}");
    }
}

/// What verification does to each entry: decode, which compares the one spelling, hash, and append to the tree.
fn print_verification(count: u64) {
    let template = entry();
    let bodies: Vec<Vec<u8>> =
        (0..count).map(|_| Entry { id: EntryId::new(), ..template.clone() }.encode().expect("encoded")).collect();
    let mut frontier = Frontier::default();
    for body in &bodies {
        frontier.append(leaf_hash(body));
    }
    let began = Instant::now();
    let mut verified = Frontier::default();
    for body in &bodies {
        Entry::decode(body).expect("decoded");
        verified.append(leaf_hash(body));
    }
    let seconds = began.elapsed().as_secs_f64();
    assert_eq!(verified.root(), frontier.root(), "the roots are equal");
    let megabytes = bodies.iter().map(Vec::len).sum::<usize>() as f64 / 1e6;
    println!("\nverification of {count} entries ({megabytes:.0} MB), one thread: {seconds:.2} s");
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
