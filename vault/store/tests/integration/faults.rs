//! A full disk, a read-only folder, a second process: nothing is half-written, and the same store goes on afterwards.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use carnet_store::{Location, LockedStore, Store, StoreError};
use carnet_tests::TestDatabase;

use crate::apart::{on_a_small_disk, without_powers};
use crate::support::{
    House, Outcome, files, found, ledger_must_be_whole, location, note, record, reopen, signer, tags,
};

fn vault_in(folder: &Path) -> Location {
    Location::Sqlite(folder.join("vault.sqlite"))
}

fn insert(store: &Store, house: &House, number: u64) -> Outcome<()> {
    let (row, salt) = house.contact(20_000);
    store.write(|tx| Ok((record("contact.add"), tx.contact_insert(&row, &salt, &tags(number))?)))
}

fn contacts(store: &Store) -> u64 {
    store.read(|tx| tx.contact_count(None)).unwrap()
}

#[test]
fn a_full_disk_costs_the_one_action_and_the_same_store_goes_on_when_there_is_room() {
    on_a_small_disk(
        "faults::a_full_disk_costs_the_one_action_and_the_same_store_goes_on_when_there_is_room",
        4 << 20,
        |folder| {
            let ballast = folder.join("ballast");
            fs::write(&ballast, vec![1; 1 << 20]).unwrap();
            let store = found(vault_in(folder));
            let house = House::in_store(&store);
            let (mut kept, mut full) = (0, 0);
            for number in 0..1_000 {
                match insert(&store, &house, number) {
                    Ok(()) => kept += 1,
                    Err(StoreError::DiskFull) => full += 1,
                    Err(other) => panic!("{other:?} after {kept} contacts"),
                }
                if full == 5 {
                    break;
                }
            }
            assert!(kept > 10 && full == 5, "{kept} kept, then {full} times full");
            assert_eq!(contacts(&store), kept);
            assert_eq!(ledger_must_be_whole(&store), 2 + kept);

            fs::remove_file(ballast).unwrap();
            insert(&store, &house, 2_000).unwrap();
            assert_eq!(ledger_must_be_whole(&store), 2 + kept + 1);
            drop(store);
            let check = Command::new("sqlite3")
                .arg(folder.join("vault.sqlite"))
                .arg("PRAGMA integrity_check")
                .output()
                .unwrap();
            assert_eq!(String::from_utf8_lossy(&check.stdout).trim(), "ok");
            let store = reopen(vault_in(folder));
            assert_eq!((contacts(&store), ledger_must_be_whole(&store)), (kept + 1, 2 + kept + 1));
        },
    );
}

#[test]
fn callers_that_share_a_transaction_on_a_full_disk_all_learn_of_it_and_none_is_half_kept() {
    on_a_small_disk(
        "faults::callers_that_share_a_transaction_on_a_full_disk_all_learn_of_it_and_none_is_half_kept",
        4 << 20,
        |folder| {
            let store = found(vault_in(folder));
            let house = House::in_store(&store);
            let (store, house) = (&store, &house);
            let kept: u64 = thread::scope(|scope| {
                let callers = (0..16).map(|caller| {
                    scope.spawn(move || {
                        let outcomes = (0..40).map(|number| insert(store, house, caller * 1_000 + number));
                        outcomes
                            .map(|outcome| match outcome {
                                Ok(()) => 1,
                                Err(StoreError::DiskFull | StoreError::Abandoned) => 0,
                                Err(other) => panic!("{other:?}"),
                            })
                            .sum::<u64>()
                    })
                });
                callers.collect::<Vec<_>>().into_iter().map(|caller| caller.join().unwrap()).sum()
            });
            assert!(kept < 16 * 40, "the disk was never full");
            assert_eq!((contacts(store), ledger_must_be_whole(store)), (kept, 2 + kept));
        },
    );
}

#[test]
fn a_vault_that_found_no_room_is_made_once_there_is() {
    on_a_small_disk("faults::a_vault_that_found_no_room_is_made_once_there_is", 1 << 20, |folder| {
        let ballast = folder.join("ballast");
        fs::write(&ballast, vec![1; (1 << 20) - 64 * 1024]).unwrap();
        let error = LockedStore::create(vault_in(folder)).err().expect("there was room");
        assert!(matches!(error, StoreError::DiskFull), "{error:?}");
        fs::remove_file(ballast).unwrap();
        assert_eq!(ledger_must_be_whole(&found(vault_in(folder))), 1);
    });
}

#[test]
fn a_read_only_file_system_is_named_and_nothing_changes() {
    on_a_small_disk("faults::a_read_only_file_system_is_named_and_nothing_changes", 8 << 20, |folder| {
        drop(found(vault_in(folder)));
        let before = files(folder);
        let remount = |mode: &str| {
            let status = Command::new("mount").args(["-o", &format!("remount,{mode}")]).arg(folder).status();
            assert!(status.unwrap().success(), "remount {mode}");
        };
        remount("ro");
        must_be_read_only(folder);
        let fresh = LockedStore::create(Location::Sqlite(folder.join("new.sqlite"))).err().expect("it was made");
        assert!(matches!(fresh, StoreError::ReadOnly { .. }), "{fresh:?}");
        assert!(files(folder) == before);
        remount("rw");
        let store = reopen(vault_in(folder));
        note(&store, "test.note").unwrap();
        assert_eq!(ledger_must_be_whole(&store), 2);
    });
}

#[test]
fn a_read_only_folder_or_file_is_named_and_nothing_changes() {
    without_powers("faults::a_read_only_folder_or_file_is_named_and_nothing_changes", |folder| {
        let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        drop(found(vault_in(folder)));
        let before = files(folder);
        mode(folder, 0o500);
        must_be_read_only(folder);
        let fresh = LockedStore::create(Location::Sqlite(folder.join("new.sqlite"))).err().expect("it was made");
        assert!(matches!(fresh, StoreError::ReadOnly { .. }), "{fresh:?}");
        mode(folder, 0o700);
        assert!(files(folder) == before);

        let file = folder.join("vault.sqlite");
        let bytes = fs::read(&file).unwrap();
        for unwritable in [0o400, 0o000] {
            mode(&file, unwritable);
            must_be_read_only(folder);
        }
        mode(&file, 0o600);
        assert!(fs::read(&file).unwrap() == bytes);
        assert_eq!(ledger_must_be_whole(&reopen(vault_in(folder))), 1);
    });
}

/// Either opening or the first write says that it cannot write, and says where.
fn must_be_read_only(folder: &Path) {
    let attempt = LockedStore::open(vault_in(folder)).and_then(|locked| note(&locked.unlock(signer())?, "test.note"));
    match attempt {
        Err(StoreError::ReadOnly { .. }) => {}
        other => panic!("{other:?}"),
    }
}

/// Another process that holds the write lock of a SQLite file until it is told to let go.
struct OtherWriter(Child);

impl OtherWriter {
    fn hold(db: &TestDatabase) -> Self {
        let mut sqlite3 = Command::new("sqlite3");
        sqlite3
            .args(["-batch", "-init", "/dev/null"])
            .arg(db.path().unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = sqlite3.spawn().unwrap();
        writeln!(child.stdin.as_mut().unwrap(), "BEGIN IMMEDIATE; SELECT 'held';").unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "held");
        Self(child)
    }

    fn let_go(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }
}

#[test]
fn a_second_process_that_writes_for_too_long_is_named_to_every_caller_in_time() {
    let db = TestDatabase::sqlite();
    let store = found(location(&db));
    let other = OtherWriter::hold(&db);
    let began = Instant::now();
    thread::scope(|scope| {
        let callers: Vec<_> = (0..4).map(|_| scope.spawn(|| note(&store, "test.note"))).collect();
        for caller in callers {
            let error = caller.join().unwrap().unwrap_err();
            assert!(matches!(error, StoreError::Busy), "{error:?}");
        }
    });
    let waited = began.elapsed();
    assert!(waited > Duration::from_secs(8) && waited < Duration::from_secs(20), "{waited:?} for four callers");
    assert_eq!(ledger_must_be_whole(&store), 1, "readers are not kept out");
    other.let_go();
    note(&store, "test.note").unwrap();
    assert_eq!(ledger_must_be_whole(&store), 2);
}

#[test]
fn a_second_process_that_writes_for_a_moment_is_waited_for() {
    let db = TestDatabase::sqlite();
    let store = found(location(&db));
    let other = OtherWriter::hold(&db);
    thread::scope(|scope| {
        let caller = scope.spawn(|| note(&store, "test.note"));
        thread::sleep(Duration::from_millis(500));
        assert!(!caller.is_finished());
        other.let_go();
        caller.join().unwrap().unwrap();
    });
    assert_eq!(ledger_must_be_whole(&store), 2);
}
