//! What an import costs: a whole one, beside loading the same file in plain text.
//!
//! `cargo bench -p carnet --bench import -- [ROWS]...` (1,000,000 where none is said); PostgreSQL takes part where
//! `CARNET_TEST_POSTGRES` names a server (`tests/run -- cargo bench ...`). Each arm runs in a process of its own, so that
//! its peak of memory is its own, and the arms take turns.
//!
//! | arm | what it does |
//! | --- | --- |
//! | import | reads the file, seals and tags every contact, keeps its consent event, ledger and list; on the disk |
//! | plain | reads the file with the `csv` crate, inserts its eight columns into one table with a unique index on the address, in one transaction of the bundled SQLite under the same settings; on PostgreSQL COPY of the file as it is |
//! | rows | on PostgreSQL, what it takes the server to COPY the rows of the import alone, from files beside it, into the same tables |
#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot work should stop")]

use std::fs::{File, Permissions};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use carnet_connectors::formats::{OpenOptions, open_file};
use carnet_core::intake::Reject;
use carnet_core::keys::RootKey;
use carnet_core::ledger::Channel;
use carnet_core::model::{DpvPurpose, LawfulBasis, ProvenanceKind};
use carnet_core::policy::AccessPolicy;
use carnet_desk::{Errand, NewImport, NewPurpose, Vault, Watch};
use carnet_tests::TestDatabase;
use diesel::connection::SimpleConnection as _;
use diesel::pg::{CopyFormat, CopyHeader, PgConnection};
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;
use schema::plain;

const ROWS: u64 = 1_000_000;
const ROUNDS: usize = 3;

mod schema {
    diesel::table! {
        plain (email) {
            email -> Text,
            given -> Text,
            surname -> Text,
            organisation -> Text,
            phone -> Text,
            opted_in -> Text,
            ip -> Text,
            source -> Text,
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [arm, file, place] = arguments.as_slice() {
        return run_arm(arm, Path::new(file), place);
    }
    let mut sizes: Vec<u64> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if sizes.is_empty() {
        sizes.push(ROWS);
    }
    let folder = tempfile::tempdir().unwrap();
    for rows in sizes {
        let file = folder.path().join(format!("{rows}.csv"));
        write_list(&file, rows);
        compare("sqlite", rows, &file, TestDatabase::sqlite);
        if std::env::var_os("CARNET_TEST_POSTGRES").is_some() {
            compare("postgres", rows, &file, TestDatabase::postgres);
        } else {
            println!("postgres: not measured, CARNET_TEST_POSTGRES names no server");
        }
        std::fs::remove_file(file).unwrap();
    }
}

fn compare(engine: &str, rows: u64, file: &Path, database: impl Fn() -> TestDatabase) {
    println!("\n{engine}, {rows} rows, {} MB", file.metadata().unwrap().len() / 1_000_000);
    println!("{:>8} {:>10} {:>12} {:>10} {:>8}", "arm", "seconds", "rows/s", "memory MB", "ratio");
    for _ in 0..ROUNDS {
        let plain = measured("plain", file, &database());
        let db = database();
        let mut arms = vec![("plain", plain), ("import", measured("import", file, &db))];
        if engine == "postgres" {
            arms.push(("rows", measured("rows", file, &db)));
        }
        for (arm, (seconds, memory)) in arms {
            let speed = f64::from(u32::try_from(rows).unwrap()) / seconds;
            println!("{arm:>8} {seconds:>10.1} {speed:>12.0} {memory:>10.0} {:>8.2}", plain.0 / seconds);
        }
    }
}

/// Seconds and the peak of memory of one arm.
fn measured(arm: &str, file: &Path, db: &TestDatabase) -> (f64, f64) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let done = command.arg(arm).arg(file).arg(db.url()).output().unwrap();
    assert!(done.status.success(), "{arm}: {}", String::from_utf8_lossy(&done.stderr));
    // As `run_arm` prints them.
    let line = String::from_utf8(done.stdout).unwrap();
    let (seconds, megabytes) = line.trim_end().split_once(' ').unwrap();
    (seconds.parse().unwrap(), megabytes.parse().unwrap())
}

/// One arm in this process: prints seconds and the peak of memory in MB.
fn run_arm(arm: &str, file: &Path, place: &str) {
    let seconds = match (arm, place.starts_with("postgres")) {
        ("import", _) => import(file, place),
        ("rows", _) => rows_postgres(place),
        ("plain", false) => plain_sqlite(file, place),
        _ => plain_postgres(file, place),
    };
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    println!("{seconds} {}", kilobytes / 1024);
}

/// Keeps nothing; a bench has no rejects.
struct NoRejects;

impl Watch for NoRejects {
    fn reject(&mut self, reject: &Reject) -> io::Result<()> {
        Err(io::Error::other(reject.to_string()))
    }
}

fn import(file: &Path, place: &str) -> f64 {
    let errand = || Errand { channel: Channel::CommandLine, os_user: None, reason: "to measure".to_owned() };
    let account = "owner".parse().unwrap();
    let vault = Vault::found(place.parse().unwrap(), RootKey::generate(), AccessPolicy::builtin(), account, &errand());
    let vault = vault.unwrap();
    let desk = vault.desk(&"owner".parse().unwrap(), errand()).unwrap();
    let controller = desk.add_controller("Port Cooperative", "FR".parse().unwrap(), None).unwrap();
    let (title, dpv) = ("Letters".to_owned(), DpvPurpose::all().next().unwrap());
    let purpose = NewPurpose { name: "newsletter".parse().unwrap(), title, dpv, basis: LawfulBasis::Consent };
    let purpose = desk.add_purpose(controller.id, purpose).unwrap().id;
    let new = NewImport {
        list: "fair".to_owned(),
        kind: ProvenanceKind::File,
        origin: "signed up at the harbour fair".to_owned(),
        file_name: None,
        purpose: Some(purpose),
        reading: String::new(),
    };
    let began = Instant::now();
    let mut opened = open_file(File::open(file).unwrap(), None, &OpenOptions::default()).unwrap();
    let report = desk.import(&controller, &new, opened.first_mut().unwrap().source.as_mut(), &mut NoRejects).unwrap();
    assert_eq!((report.counts.new, report.counts.consents), (report.counts.read, report.counts.read));
    began.elapsed().as_secs_f64()
}

fn plain_sqlite(file: &Path, place: &str) -> f64 {
    let began = Instant::now();
    let mut connection = SqliteConnection::establish(place.trim_start_matches("sqlite:")).unwrap();
    connection
        .batch_execute(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY;
             CREATE TABLE plain (email TEXT, given TEXT, surname TEXT, organisation TEXT, phone TEXT, opted_in TEXT,
                                 ip TEXT, source TEXT);
             CREATE UNIQUE INDEX plain_email ON plain (email);",
        )
        .unwrap();
    let mut reader = csv::Reader::from_path(file).unwrap();
    let mut record = csv::StringRecord::new();
    connection
        .transaction(|connection| {
            while reader.read_record(&mut record).unwrap() {
                let mut insert = diesel::sql_query("INSERT INTO plain VALUES (?, ?, ?, ?, ?, ?, ?, ?)").into_boxed();
                for cell in &record {
                    insert = insert.bind::<Text, _>(cell.to_owned());
                }
                insert.execute(connection)?;
            }
            QueryResult::Ok(())
        })
        .unwrap();
    began.elapsed().as_secs_f64()
}

fn plain_postgres(file: &Path, place: &str) -> f64 {
    let began = Instant::now();
    let mut connection = PgConnection::establish(place).unwrap();
    connection
        .batch_execute(
            "CREATE TABLE plain (email TEXT, given TEXT, surname TEXT, organisation TEXT, phone TEXT, opted_in TEXT,
                                 ip TEXT, source TEXT);
             CREATE UNIQUE INDEX plain_email ON plain (email);",
        )
        .unwrap();
    diesel::copy_from(plain::table)
        .from_raw_data(plain::table, |copy| {
            let (mut file, mut buffer) = (File::open(file).unwrap(), vec![0; 1 << 16]);
            loop {
                let read = file.read(&mut buffer).unwrap();
                if read == 0 {
                    return Ok(()) as diesel::QueryResult<()>;
                }
                copy.write_all(buffer.get(..read).unwrap()).unwrap();
            }
        })
        .with_format(CopyFormat::Csv)
        .with_header(CopyHeader::Set(true))
        .execute(&mut connection)
        .unwrap();
    began.elapsed().as_secs_f64()
}

/// What an import has written, once more: out of the tables into files, and by COPY back into the empty tables, in the order in which it came.
fn rows_postgres(place: &str) -> f64 {
    const TABLES: [&str; 7] = [
        "contact_salts",
        "contacts",
        "contact_emails",
        "contact_tag_lists",
        "list_members",
        "consent_events",
        "contact_tags",
    ];
    let folder = tempfile::tempdir().unwrap();
    // The server writes there, who is somebody else.
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let mut connection = PgConnection::establish(place).unwrap();
    let file = |table: &str| folder.path().join(table).display().to_string();
    for table in TABLES {
        let out = format!("COPY {table} TO '{}' (FORMAT binary); TRUNCATE {table}", file(table));
        connection.batch_execute(&out).unwrap();
    }
    let began = Instant::now();
    for table in TABLES {
        connection.batch_execute(&format!("COPY {table} FROM '{}' (FORMAT binary)", file(table))).unwrap();
    }
    began.elapsed().as_secs_f64()
}

/// A list of invented people, the same at every run, whose addresses come in no order.
fn write_list(file: &Path, rows: u64) {
    let mut out = BufWriter::new(File::create(file).unwrap());
    writeln!(out, "email,first name,last name,company,phone,optin_time,optin_ip,source").unwrap();
    let given = ["Ann", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gwen", "Hugo"];
    let surnames = ["Example", "Sample", "Specimen", "Paradigm", "Doe", "Muster"];
    let pick =
        |names: &[&'static str], number: u64| *names.get(usize::try_from(number).unwrap() % names.len()).unwrap();
    let mut random = 1_u64;
    for row in 0..rows {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (one, other) = (random >> 33, random >> 40);
        writeln!(
            out,
            "{}.{:x}{row}@firm{}.example.org,{},{},Firm {} Ltd,+331990{:05},2024-{:02}-{:02}T{:02}:{:02}:{:02}Z,192.0.2.{},form of the fair",
            pick(&given, one).to_lowercase(),
            one,
            other % 5000,
            pick(&given, one),
            pick(&surnames, other),
            other % 5000,
            one % 100_000,
            1 + one % 12,
            1 + other % 28,
            one % 24,
            other % 60,
            one % 60,
            1 + other % 250,
        )
        .unwrap();
    }
    out.flush().unwrap();
}
