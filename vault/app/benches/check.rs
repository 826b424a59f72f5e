//! What the gate costs in a vault: a list of 200,000 contacts, from submitting it to its verdict, against a vault that holds a
//! million contacts of another controller; and tags against tags, without a vault.
//!
//! `cargo bench -p carnet --bench check -- [CONTACTS]...` (1,000,000 where none is said). Peak memory is that of the whole process,
//! both imports included.
//!
//! | arm | what it does |
//! | --- | --- |
//! | check | `submit_and_check_list`: every contact opened, its sources counted, its rows judged, its addresses met with all of the vault, shared rows opened |
//! | plain | the bundled SQLite joins the addresses of both lists in plain text, each with a unique index, and reads what both say |
//! | tags | an index of 10,000,000 tags is made, and 10,000,000 others are looked up in it |
//! | merge | both are sorted and merged |
#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot work should stop")]

use std::io::{self, Cursor};
use std::time::Instant;

use carnet_connectors::formats::{OpenOptions, open};
use carnet_core::gate::TagIndex;
use carnet_core::intake::Reject;
use carnet_core::keys::{RootKey, Tag};
use carnet_core::ledger::Channel;
use carnet_core::model::{Controller, DpvPurpose, LawfulBasis, ListId, ProvenanceKind};
use carnet_core::policy::AccessPolicy;
use carnet_desk::{Desk, DeskError, Errand, ExchangeGate, NewImport, NewPurpose, Vault, Watch};
use carnet_tests::TestDatabase;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::SqliteConnection;

const LIST: u64 = 200_000;
/// One row in so many is in both lists.
const SHARED: u64 = 10;
const TAGS: u64 = 10_000_000;

fn main() {
    let arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let mut sizes: Vec<u64> = arguments.filter_map(|argument| argument.parse().ok()).collect();
    if sizes.is_empty() {
        sizes.push(1_000_000);
    }
    println!("{:>24} {:>10} {:>10}", "arm", "seconds", "memory MB");
    for size in sizes {
        check(size);
        say(&format!("plain, {size}"), plain(size));
    }
    tags();
}

fn say(arm: &str, seconds: f64) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    println!("{arm:>24} {seconds:>10.2} {:>10}", kilobytes / 1024);
}

fn check(size: u64) {
    let db = TestDatabase::sqlite();
    let errand = || Errand { channel: Channel::CommandLine, os_user: None, reason: "to measure".to_owned() };
    let (root, policy) = (RootKey::generate(), AccessPolicy::builtin());
    let vault = Vault::found(db.url().parse().unwrap(), root, policy, "owner".parse().unwrap(), &errand()).unwrap();
    let vault = vault.with_gate(std::sync::Arc::new(ExchangeGate::builtin()));
    let desk = vault.desk(&"owner".parse().unwrap(), errand()).unwrap();
    let (theirs, ours) = (controller(&desk, "Port Cooperative"), controller(&desk, "Harbour Press"));
    let began = Instant::now();
    import(&desk, &theirs, 0..size, 1);
    say(&format!("import of {size}"), began.elapsed().as_secs_f64());
    let began = Instant::now();
    let list = import(&desk, &ours, 0..LIST, SHARED);
    say("import of the list", began.elapsed().as_secs_f64());
    assert!(matches!(desk.submit_list(&ours, list, None), Err(DeskError::NoSentence { .. })));
    for source in desk.list_sources(&ours, list).unwrap().sources {
        desk.describe_source(&ours, list, &source.value, "You signed up at the fair").unwrap();
    }
    let began = Instant::now();
    let (_, check) = desk.submit_and_check_list(&ours, list, None).unwrap();
    assert_eq!(check.judged, LIST);
    say(&format!("check, {size}"), began.elapsed().as_secs_f64());
}

fn controller(desk: &Desk<'_>, name: &str) -> Controller {
    let controller = desk.add_controller(name, "FR".parse().unwrap(), None).unwrap();
    let (title, dpv) = ("Letters".to_owned(), DpvPurpose::all().next().unwrap());
    let purpose = NewPurpose { name: "newsletter".parse().unwrap(), title, dpv, basis: LawfulBasis::Consent };
    desk.add_purpose(controller.id, purpose).unwrap();
    controller
}

/// Keeps nothing; a bench has no rejects.
struct NoRejects;

impl Watch for NoRejects {
    fn reject(&mut self, reject: &Reject) -> io::Result<()> {
        Err(io::Error::other(reject.to_string()))
    }
}

fn import(desk: &Desk<'_>, controller: &Controller, rows: std::ops::Range<u64>, step: u64) -> ListId {
    let mut text = "email,first name,last name,optin_time,confirm_time,optin_ip,source\n".to_owned();
    for row in rows {
        text.push_str(&line(row, step));
    }
    let purpose = desk.list_purposes(controller.id).unwrap().first().map(|one| one.id);
    let new = NewImport {
        list: "fair".to_owned(),
        kind: ProvenanceKind::File,
        origin: "signed up at the harbour fair".to_owned(),
        file_name: None,
        purpose,
        reading: String::new(),
    };
    let mut opened = open(Box::new(Cursor::new(text)), Some("list.csv"), &OpenOptions::default()).unwrap();
    let source = opened.first_mut().unwrap().source.as_mut();
    desk.import(controller, &new, source, &mut NoRejects).unwrap().place.unwrap().1
}

/// A row of an invented person, the same at every run. Of the list whose step is more than one, one row in so many is the other
/// list's.
fn line(row: u64, step: u64) -> String {
    let hash = (row + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let given = ["ann", "ben", "cleo", "dan", "eve", "finn", "gwen", "hugo"];
    let name = given.get(usize::try_from(hash % 8).unwrap()).unwrap();
    format!(
        "{},{name},Example,2024-{:02}-{:02}T{:02}:{:02}:{:02}Z,,192.0.2.{},page {}\n",
        address(row, step),
        1 + hash % 12,
        1 + (hash >> 4) % 28,
        7 + (hash >> 9) % 15,
        (hash >> 13) % 60,
        (hash >> 19) % 60,
        1 + hash % 250,
        hash % 5,
    )
}

fn address(row: u64, step: u64) -> String {
    let is_shared = step == 1 || row.is_multiple_of(step);
    let side = if is_shared { "both" } else { "here" };
    let row = if is_shared { row / step } else { row };
    format!("{:x}.{row}@{side}{}.example.org", (row + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40, row % 5000)
}

#[derive(QueryableByName)]
struct Joined {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

fn plain(size: u64) -> f64 {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    connection
        .batch_execute("CREATE TABLE theirs (email TEXT PRIMARY KEY, line TEXT) WITHOUT ROWID; CREATE TABLE ours (email TEXT PRIMARY KEY, line TEXT) WITHOUT ROWID")
        .unwrap();
    connection
        .transaction(|connection| {
            for (table, rows, step) in [("theirs", size, 1), ("ours", LIST, SHARED)] {
                for row in 0..rows {
                    diesel::sql_query(format!("INSERT INTO {table} VALUES (?, ?)"))
                        .bind::<Text, _>(address(row, step))
                        .bind::<Text, _>(line(row, step))
                        .execute(connection)?;
                }
            }
            QueryResult::Ok(())
        })
        .unwrap();
    let began = Instant::now();
    let joined: Joined = diesel::sql_query(
        "SELECT count(*) AS rows FROM ours JOIN theirs USING (email) WHERE length(ours.line) > 0 AND length(theirs.line) > 0",
    )
    .get_result(&mut connection)
    .unwrap();
    assert_eq!(u64::try_from(joined.rows).unwrap(), LIST / SHARED);
    began.elapsed().as_secs_f64()
}

/// Ten million tags of this list, of which one in ten is of every other.
fn many(list: u64) -> impl Iterator<Item = Tag> {
    (0..TAGS).map(move |number| {
        let of = if number.is_multiple_of(10) { 0 } else { list };
        let spread = u128::from(number * 8 + of + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        Tag::from_bytes((spread ^ (spread >> 67)).wrapping_mul(0xDA94_2042_E4DD_58B5_0000_0000_0000_0001).to_be_bytes())
    })
}

fn tags() {
    let ours: Vec<(Tag, u32)> = many(1).zip(0..).collect();
    let theirs: Vec<Tag> = many(2).collect();
    let began = Instant::now();
    let index = TagIndex::new(ours.clone());
    let met = theirs.iter().filter(|tag| index.rows(tag).next().is_some()).count();
    say("tags, 10 and 10 million", began.elapsed().as_secs_f64());
    drop(index);
    let (mut ours, mut theirs): (Vec<Tag>, Vec<Tag>) = (ours.into_iter().map(|(tag, _)| tag).collect(), theirs);
    let began = Instant::now();
    ours.sort_unstable();
    theirs.sort_unstable();
    let mut merged = 0;
    let mut rest = theirs.iter().peekable();
    for tag in &ours {
        while rest.next_if(|other| *other < tag).is_some() {}
        merged += usize::from(rest.peek() == Some(&tag));
    }
    say("merge, the same", began.elapsed().as_secs_f64());
    assert_eq!((met, merged), (usize::try_from(TAGS / 10).unwrap(), met));
}
