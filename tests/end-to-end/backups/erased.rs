//! Erased is erased, in every backup within seven days; lost is not erased, and comes back. Days pass by `faketime`.

use std::fs;

use carnet_tests::Outcome;
use serde_json::Value;

use super::{alarms, elsewhere, given, on_sqlite, restic, restore};
use crate::given::Given;
use crate::shell::words;

/// Runs a command so many hours from now.
pub(super) fn later(given: &Given, hours: i64, line: &str) -> Outcome {
    let program = carnet_tests::Program::new().with_data(given.program.data()).with_wrapper([
        "faketime",
        "-f",
        &format!("{hours:+}h"),
    ]);
    program.run(words(&format!("{line} --reason test")))
}

/// The salts of a vault on SQLite, with the ids of their contacts, in hexadecimal.
fn salts(given: &Given) -> Vec<(String, Vec<u8>)> {
    let sql = "SELECT hex(contact_id) || ' ' || hex(salt) FROM contact_salts";
    let found = std::process::Command::new("sqlite3").arg(given.database()).arg(sql).output().unwrap();
    let text = String::from_utf8(found.stdout).unwrap();
    let line = |line: &str| line.split_once(' ').map(|(id, salt)| (id.to_lowercase(), hex_bytes(salt))).unwrap();
    text.lines().map(line).collect()
}

fn hex_bytes(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// Whether any data that the stock tool can still decrypt in a repository holds these bytes.
fn holds(given: &Given, repository: &str, bytes: &[u8]) -> bool {
    let blobs = restic(given, repository, &["list", "blobs"]);
    let blobs = String::from_utf8(blobs.stdout).unwrap();
    blobs.lines().filter_map(|line| line.strip_prefix("data ")).any(|id| {
        let blob = restic(given, repository, &["cat", "blob", id]).stdout;
        blob.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[test]
fn an_erasure_is_beyond_recovery_in_every_backup_within_seven_days() {
    let given = on_sqlite();
    given.ok("backup run");
    let shown = given.ok("contact show person7@atelier.example --json").json();
    let id = shown["id"].as_str().unwrap().replace('-', "");
    let salt = salts(&given).into_iter().find(|(contact, _)| *contact == id).unwrap().1;
    assert!(holds(&given, "barn/keyring", &salt), "the keyring of a living contact has its salt");
    assert!(!holds(&given, "barn/rows", &salt), "rows never have salts");
    given.ok("contact erase person7@atelier.example --yes --as officer");
    // Four a day for seven days; each sixth hour is enough to show it once a day too.
    for hours in (1..7 * 24).step_by(12) {
        later(&given, hours, "backup run").succeeded();
    }
    for site in ["barn", "cellar"] {
        assert!(!holds(&given, &format!("{site}/keyring"), &salt), "{site}");
        assert!(!holds(&given, &format!("{site}/rows"), &salt), "{site}");
    }
    // The rows of the first day are still there, and so is everybody else in them.
    let snapshots = restic(&given, "barn/rows", &["snapshots", "--json"]);
    let snapshots: Value = serde_json::from_slice(&snapshots.stdout).unwrap();
    let oldest = snapshots[0]["id"].as_str().unwrap();
    let program = elsewhere(&given);
    let restored = restore(&given, &program, "barn", &format!("--snapshot {oldest}")).succeeded().json();
    assert_eq!((&restored["restored"]["contacts"], &restored["restored"]["erased_again"]), (&299.into(), &1.into()));
    program.run(words("contact show person7@atelier.example --reason test")).exited(5);
    program.run(words("contact show person8@atelier.example --reason test")).succeeded();
    program.run(words("audit verify")).succeeded();
}

#[test]
fn refusals_since_a_backup_hold_in_what_is_restored_from_it() {
    carnet_tests::for_each_engine(|db| {
        let given = given(db);
        given.ok("backup run");
        let first = given.ok("backup ls --json").json();
        let of_barn = |one: &&Value| one["site"] == "barn" && one["what"] == "rows";
        let id = first["backups"].as_array().unwrap().iter().find(of_barn).unwrap()["id"].as_str().unwrap().to_owned();
        given.ok("consent record person8@atelier.example --purpose newsletter --kind objected");
        given.ok("contact erase person9@atelier.example --yes --as officer");
        given.ok("backup run");
        let program = elsewhere(&given);
        let restored = restore(&given, &program, "barn", &format!("--snapshot {id}")).succeeded().json();
        assert_eq!(restored["restored"]["erased_again"], 1);
        assert!(restored["restored"]["refused_again"].as_u64().unwrap() >= 2);
        let shown = program.run(words("contact show person8@atelier.example --reason test")).succeeded();
        assert!(shown.stdout.contains("newsletter: suppressed"), "{}", shown.stdout);
        // A list brings back neither who was erased nor who refused.
        fs::copy(given.program.folder().join("list.csv"), program.folder().join("list.csv")).unwrap();
        let line = "import list.csv --list News --origin 'You signed up on our site' --purpose newsletter --json";
        let again = program.run(words(line)).succeeded().json();
        assert_eq!((again["new"].as_u64(), again["suppressed"].as_u64()), (Some(0), Some(2)));
        program.run(words("audit verify")).succeeded();
    });
}

#[test]
fn salts_that_were_lost_by_accident_ring_the_alarm_and_come_back_from_an_older_keyring() {
    let given = on_sqlite();
    given.ok("backup run");
    let lost = "DELETE FROM contact_salts WHERE rowid % 3 = 0";
    let done = std::process::Command::new("sqlite3").arg(given.database()).arg(lost).status().unwrap();
    assert!(done.success());
    // Nobody is told that a backup is good whose contacts open no more; and for weeks no older keyring is let go.
    for hours in (1..20 * 24).step_by(60) {
        let failed = later(&given, hours, "backup run --json");
        assert_eq!(failed.exited(8).json()["backups"][0]["state"], "failed");
    }
    let told = later(&given, 20 * 24, "backup alarm --json").json();
    let kinds: Vec<&str> = told["alarms"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"lost-salts") && kinds.contains(&"failed") && kinds.contains(&"too-old"), "{kinds:?}");
    let keyrings = restic(&given, "barn/keyring", &["snapshots", "--json"]);
    let keyrings: Value = serde_json::from_slice(&keyrings.stdout).unwrap();
    assert_eq!(keyrings.as_array().unwrap().len(), 9);
    let program = elsewhere(&given);
    let restored = restore(&given, &program, "barn", "").succeeded().json();
    assert_eq!((&restored["restored"]["found_salts"], &restored["restored"]["without_salt"]), (&100.into(), &0.into()));
    assert_eq!(restored["restored"]["contacts"], 300);
    for row in 0..12 {
        let line = format!("contact show person{row}@atelier.example --reason test");
        program.run(words(&line)).succeeded();
    }
}

#[test]
fn a_clock_that_was_ahead_is_told_and_drives_no_backup_out() {
    let given = on_sqlite();
    given.ok("backup run");
    later(&given, 400 * 24, "backup run").succeeded();
    given.ok("backup run");
    let told = alarms(&given);
    assert_eq!(told, ["future", "future"]);
    let rows = restic(&given, "barn/rows", &["snapshots", "--json"]);
    let rows: Value = serde_json::from_slice(&rows.stdout).unwrap();
    assert!(rows.as_array().unwrap().len() >= 2, "{rows}");
}

#[test]
fn the_alarm_rings_when_nothing_runs_any_more() {
    let given = on_sqlite();
    given.ok("backup run");
    assert_eq!(alarms(&given), Vec::<String>::new());
    for (hours, code) in [(25, 0), (28, 1)] {
        later(&given, hours, "backup alarm").exited(code);
    }
    // Seven fresh ones that nobody has restored do not make up for it.
    for hours in 21..28 {
        later(&given, hours, "backup run --no-drill").succeeded();
    }
    let told = later(&given, 28, "backup alarm").exited(1);
    assert!(told.stdout.contains("may be 26"), "{}", told.stdout);
}
