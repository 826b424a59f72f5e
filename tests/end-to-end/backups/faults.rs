//! What goes wrong ends in a true state and an alarm, never in a backup that is called proven and is none.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use carnet_tests::for_each_engine;

use super::{alarms, elsewhere, fill, given, on_sqlite, restic, restore, states, with_sites};
use crate::chance::moment_within;
use crate::given::Given;
use crate::shell::words;

/// The largest data file of a repository.
fn largest_pack(repository: &Path) -> PathBuf {
    let folders = fs::read_dir(repository.join("data")).unwrap().map(|one| one.unwrap().path());
    let packs = folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|one| one.unwrap().path()));
    packs.max_by_key(|path| path.metadata().unwrap().len()).unwrap()
}

fn newest(given: &Given, site: &str, what: &str) -> String {
    states(given).into_iter().find(|one| one.0 == site && one.1 == what).unwrap().2
}

#[test]
fn a_site_that_is_gone_fails_alone_and_is_told_by_the_alarm() {
    for_each_engine(|db| {
        let given = given(db);
        given.ok("backup run");
        let barn = given.program.folder().join("barn");
        fs::rename(&barn, given.program.folder().join("away")).unwrap();
        let done = given.run("backup run --json");
        let backups = done.exited(1).json()["backups"].clone();
        assert_eq!((&backups[0]["state"], &backups[1]["state"]), (&"failed".into(), &"proven".into()));
        assert!(backups[0]["problem"].as_str().unwrap().contains("is the disk mounted?"));
        assert_eq!(alarms(&given), ["failed"]);
        fs::rename(given.program.folder().join("away"), &barn).unwrap();
        given.ok("backup run");
        assert_eq!(alarms(&given), Vec::<String>::new());
        given.ok("audit verify");
    });
}

#[test]
fn a_bit_that_flips_and_a_file_that_is_cut_are_found_and_what_was_proven_is_so_no_more() {
    for change in [
        |bytes: &mut Vec<u8>| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1
        },
        |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() / 2),
    ] {
        let given = on_sqlite();
        given.ok("backup run");
        let pack = largest_pack(&given.program.folder().join("barn/rows"));
        let mut bytes = fs::read(&pack).unwrap();
        change(&mut bytes);
        let mut permissions = pack.metadata().unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o600);
        fs::set_permissions(&pack, permissions).unwrap();
        fs::write(&pack, bytes).unwrap();
        given.run("backup verify").exited(8);
        assert_eq!(
            (newest(&given, "barn", "rows"), newest(&given, "cellar", "rows")),
            ("failed".into(), "proven".into())
        );
        assert_eq!(alarms(&given), ["never-proven", "failed"]);
        let refused = restore(&given, &elsewhere(&given), "barn", "");
        assert!(refused.code != Some(0), "{refused:?}");
        restore(&given, &elsewhere(&given), "cellar", "").succeeded();
        given.ok("audit verify");
    }
}

#[test]
fn backups_that_somebody_removed_are_no_backups() {
    let given = on_sqlite();
    given.ok("backup run");
    for snapshot in fs::read_dir(given.program.folder().join("barn/rows/snapshots")).unwrap() {
        fs::remove_file(snapshot.unwrap().path()).unwrap();
    }
    given.ok("backup run");
    let of_barn: Vec<String> = states(&given)
        .into_iter()
        .filter(|one| (one.0.as_str(), one.1.as_str()) == ("barn", "rows"))
        .map(|one| one.2)
        .collect();
    assert_eq!(of_barn, ["proven", "failed"]);
}

#[test]
fn a_run_that_was_killed_leaves_nothing_false_and_the_next_one_is_good() {
    let given = Given::vault().ready();
    fill(&given, 20_000);
    let given = with_sites(given);
    let mut kills = 0;
    for round in 0..8 {
        let running = given.start("backup run");
        let moment = Duration::from_millis(200 + 700 * round) + moment_within(Duration::from_millis(600));
        kills += u32::from(running.kill_after(moment).was_killed());
        // Whatever is called proven can be restored.
        for site in ["barn", "cellar"] {
            if states(&given).iter().any(|one| one.0 == site && one.1 == "rows" && one.2 == "proven") {
                restore(&given, &elsewhere(&given), site, "").succeeded();
            }
        }
    }
    assert!(kills > 2, "{kills} runs were killed");
    let good = given.ok("backup run --json").json();
    assert_eq!((&good["backups"][0]["state"], &good["backups"][1]["state"]), (&"proven".into(), &"proven".into()));
    assert_eq!(alarms(&given), Vec::<String>::new());
    restic(&given, "barn/rows", &["check", "--read-data"]);
    given.ok("audit verify");
}

#[test]
fn a_restore_that_was_killed_opens_nothing_and_is_repeated() {
    let given = Given::vault().ready();
    fill(&given, 20_000);
    given.ok("backup site add barn barn --country FR");
    given.ok("backup run");
    let program = elsewhere(&given);
    let (from, password) = (given.program.folder().join("barn"), super::password_file(&given, "barn"));
    let line = words(&format!("backup restore --from {} --site-password-file {}", from.display(), password.display()));
    let mut kills = 0;
    for round in 0..5 {
        let running = program.start(&line);
        let moment = Duration::from_millis(300 + 300 * round) + moment_within(Duration::from_millis(200));
        if running.kill_after(moment).was_killed() {
            kills += 1;
            assert_ne!(program.run(words("status")).code, Some(0));
        }
    }
    assert!(kills > 0);
    if !program.data().join("carnet.toml").exists() {
        program.run(&line).succeeded();
    }
    assert_eq!(program.run(words("status --json")).succeeded().json()["contacts"], 20_000);
    program.run(words("audit verify")).succeeded();
}

#[test]
fn two_at_once_are_one_after_the_other() {
    let given = Given::vault().ready();
    fill(&given, 20_000);
    given.ok("backup site add barn barn --country FR");
    let running = given.start("backup run");
    let mut refused = false;
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(20));
        let second = given.run("backup run");
        if second.code == Some(6) {
            assert!(second.stderr.contains("at work on the backups"), "{}", second.stderr);
            refused = true;
            break;
        }
    }
    running.finish().succeeded();
    assert!(refused);
    given.ok("audit verify");
}
