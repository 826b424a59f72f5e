//! Backups at the terminal: taken, proven, spoiled, restored with our tool and with stock tools, on both engines.

mod erased;
mod faults;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use carnet_tests::{Outcome, Program, TestDatabase, for_each_engine, for_postgres};
use serde_json::Value;

use crate::given::Given;
use crate::shell::words;

/// A vault with some hundred contacts and two sites.
pub(super) fn given(db: &TestDatabase) -> Given {
    let given = Given::vault_on(db).ready();
    fill(&given, 300);
    with_sites(given)
}

/// The same in its data folder, which `faketime` and `sqlite3` reach alike.
pub(super) fn on_sqlite() -> Given {
    let given = Given::vault().ready();
    fill(&given, 300);
    with_sites(given)
}

pub(super) fn with_sites(given: Given) -> Given {
    for site in ["barn", "cellar"] {
        given.ok(&format!("backup site add {site} {site} --country FR"));
    }
    given
}

pub(super) fn fill(given: &Given, rows: usize) {
    let people = (0..rows).map(|row| format!("person{row}@atelier.example,Person,Number{row},2025-03-01T10:00:00Z\n"));
    let list = format!("email,first name,last name,optin_time\n{}", people.collect::<String>());
    fs::write(given.program.folder().join("list.csv"), list).unwrap();
    given.ok("import list.csv --list News --origin 'You signed up on our site' --purpose newsletter --as operator");
}

/// The password of a site, in a file as restic and `backup restore` want it.
pub(super) fn password_file(given: &Given, site: &str) -> PathBuf {
    let sheet = given.ok(&format!("backup sheet {site} --json")).json();
    let path = given.program.folder().join(format!("{site}.password"));
    fs::write(&path, sheet["password"].as_str().unwrap()).unwrap();
    path
}

/// Runs the stock tool on one half of a site.
pub(super) fn restic(given: &Given, repository: &str, arguments: &[&str]) -> Output {
    let site = repository.split('/').next().unwrap();
    let done = Command::new("restic")
        .args(["--no-cache", "--no-lock", "--repo"])
        .arg(given.program.folder().join(repository))
        .arg("--password-file")
        .arg(password_file(given, site))
        .args(arguments)
        .output()
        .expect("restic is installed");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    done
}

/// An empty place for a restored vault, with the key of the old one.
pub(super) fn elsewhere(given: &Given) -> Program {
    let program = Program::new();
    fs::copy(given.key_file(), program.folder().join("data.key")).unwrap();
    program
}

pub(super) fn restore(given: &Given, program: &Program, site: &str, more: &str) -> Outcome {
    let (from, password) = (given.program.folder().join(site), password_file(given, site));
    let line = format!("backup restore --from {} --site-password-file {}", from.display(), password.display());
    program.run(words(&format!("{line} {more} --json")))
}

/// What the owner is told of backups.
pub(super) fn states(given: &Given) -> Vec<(String, String, String)> {
    let listed = given.ok("backup ls --json").json();
    let text = |one: &Value, name: &str| one[name].as_str().unwrap().to_owned();
    listed["backups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(one, "site"), text(one, "what"), text(one, "state")))
        .collect()
}

pub(super) fn alarms(given: &Given) -> Vec<String> {
    let told = given.run("backup alarm --json");
    let kinds: Vec<String> =
        told.json()["alarms"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap().to_owned()).collect();
    assert_eq!(told.code, Some(i32::from(!kinds.is_empty())), "{told:?}");
    kinds
}

/// All contacts of a list with their consents, as they are shown.
fn looks(program: &Program) -> Vec<String> {
    [7, 42, 299]
        .iter()
        .map(|row| {
            let line = format!("contact show person{row}@atelier.example --reason test --json");
            let shown = program.run(words(&line)).succeeded().json();
            format!("{} {} {}", shown["id"], shown["card"], shown["consents"])
        })
        .collect()
}

#[test]
fn a_backup_is_proven_on_two_sites_and_the_same_again_adds_next_to_nothing() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        given.run("backup run").exited(2);
        assert_eq!(alarms(&given), ["too-few-sites"]);
        fill(&given, 20_000);
        given.ok("backup site add barn barn --country FR");
        assert_eq!(alarms(&given), ["too-few-sites", "never-proven"]);
        given.ok("backup site add cellar cellar --country DE --parent-country DE");
        given.run("backup site add barn other --country FR").exited(6);
        given.run("backup site add third barn --country FR").exited(2);
        given.run("backup site add third third --country Freedonia").exited(2);
        for account in ["officer", "auditor"] {
            given.run(&format!("backup run --as {account}")).exited(4);
            given.ok(&format!("backup ls --as {account}"));
        }
        let first = given.ok("backup run --json --as operator").json();
        for backup in first["backups"].as_array().unwrap() {
            assert_eq!(
                (&backup["state"], &backup["contacts"], &backup["salts"]),
                (&"proven".into(), &20_000.into(), &20_000.into())
            );
            assert_eq!((&backup["lost_salts"], &backup["restored"]["without_salt"]), (&0.into(), &0.into()));
            assert!(backup["restored"]["opened"].as_u64().unwrap() >= 50);
        }
        let second = given.ok("backup run --json").json();
        let added = |run: &Value| run["backups"][0]["added"].as_u64().unwrap();
        assert!(added(&second) * 50 < added(&first), "{} of {}", added(&second), added(&first));
        assert_eq!(alarms(&given), Vec::<String>::new());
        given.run("backup alarm --test").exited(1);
        assert_eq!(given.ok("backup alarm --quiet").stdout, "");
        let stored = given.ok("backup run barn --no-drill --json").json();
        assert_eq!(stored["backups"][0]["state"], "stored");
        assert_eq!(given.ok("backup drill barn --json").json()["state"], "proven");
        given.ok("backup verify");
        given.ok("backup verify barn --share 2/3");
        given.run("backup verify barn --share 4/3").exited(2);
        given.run("backup drill attic").exited(5);
        let left =
            fs::read_dir(given.program.data()).unwrap().map(|one| one.unwrap().file_name().into_string().unwrap());
        assert_eq!(left.filter(|name| name.starts_with("drill-")).count(), 0);
        given.ok("audit verify");
    });
}

#[test]
fn what_was_backed_up_is_restored_into_either_engine() {
    for_each_engine(|db| {
        let given = given(db);
        given.ok("backup run");
        let before = looks(&given.program);
        for_postgres(|other| {
            let program = elsewhere(&given);
            let restored = restore(&given, &program, "cellar", &format!("--database {}", other.url()));
            assert_eq!(restored.succeeded().json()["restored"]["contacts"], 300);
            assert_eq!(looks(&program), before);
            program.run(words("audit verify")).succeeded();
            // What an import has tagged is found, and what it brings again is known.
            fs::copy(given.program.folder().join("list.csv"), program.folder().join("list.csv")).unwrap();
            let line = "import list.csv --list News --origin 'You signed up on our site' --purpose newsletter --json";
            let again = program.run(words(line)).succeeded().json();
            assert_eq!((again["new"].as_u64(), again["unchanged"].as_u64()), (Some(0), Some(300)));
        });
        let program = elsewhere(&given);
        restore(&given, &program, "barn", "").succeeded();
        assert_eq!(looks(&program), before);
        program.run(words("audit verify")).succeeded();
        // Once more into the same place is refused, and changes nothing.
        restore(&given, &program, "barn", "").exited(6);
        assert_eq!(looks(&program), before);
    });
}

#[test]
fn recovery_words_sheet_and_site_are_all_that_it_takes() {
    let given = on_sqlite();
    given.ok("backup run");
    let program = Program::new();
    let (from, password) = (given.program.folder().join("barn"), password_file(&given, "barn"));
    let line = |password: &Path| {
        let (from, password) = (from.display(), password.display());
        words(&format!("backup restore --from {from} --site-password-file {password} --recovery-words"))
    };
    let wrong = program.folder().join("wrong");
    fs::write(&wrong, "0000-0000").unwrap();
    program.run_with_input(line(&wrong), given.words.clone()).exited(7);
    program.run_with_input(line(&password), "abandon ".repeat(24)).exited(2);
    // Words of another vault open nothing, and leave nothing that could be taken for a vault.
    let other = Given::vault();
    program.run_with_input(line(&password), other.words.clone()).exited(7);
    assert!(!program.folder().join("data.key").exists());
    program.run(words("status")).exited(5);
    program.run_with_input(line(&password), given.words.clone()).succeeded();
    assert_eq!(looks(&program), looks(&given.program));
}

#[test]
fn stock_restic_lists_checks_and_restores_what_is_written() {
    let given = on_sqlite();
    given.ok("backup run barn");
    given.ok("backup run barn");
    let listed = restic(&given, "barn/rows", &["snapshots", "--json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    let folder = given.program.folder().to_owned();
    for half in ["rows", "keyring"] {
        let repository = format!("barn/{half}");
        restic(&given, &repository, &["check", "--read-data"]);
        let target = folder.join(format!("out-{half}"));
        restic(&given, &repository, &["restore", "latest", "--target", target.to_str().unwrap()]);
    }
    let manifest = fs::read(folder.join("out-rows/carnet/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    for file in manifest["files"].as_array().unwrap() {
        let path = folder.join("out-rows/carnet").join(file["path"].as_str().unwrap());
        assert_eq!(fs::metadata(path).unwrap().len(), file["bytes"].as_u64().unwrap());
    }
    // The ledger stands beside the rows as an auditor reads it.
    let ledger = folder.join("out-rows/carnet/ledger");
    let key = &given.ledger_key;
    given.program.run(words(&format!("audit verify --offline {} --key {key}", ledger.display()))).succeeded();
    let program = elsewhere(&given);
    let line = format!("backup restore --from-files {0}/out-rows --keyring-files {0}/out-keyring", folder.display());
    program.run(words(&line)).succeeded();
    assert_eq!(looks(&program), looks(&given.program));
    // Files that were taken out can be spoiled like any: that is found, and nothing comes of them.
    let spoiled = folder.join("out-rows/carnet/data/contacts/000001.cbor");
    let mut bytes = fs::read(&spoiled).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&spoiled, bytes).unwrap();
    let program = elsewhere(&given);
    let refused = program.run(words(&line)).exited(8);
    assert!(refused.stderr.contains("contacts/000001.cbor"), "{}", refused.stderr);
    program.run(words("status")).exited(5);
}
