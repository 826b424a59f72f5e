//! Imports that do not come to their end: killed, stopped, cut short.

use std::fs;
use std::process::Command;
use std::time::Duration;

use carnet_tests::{Outcome, Running, for_each_engine};

use super::{adds_up, counts, import, imported, many, put, text_of};
use crate::chance::moment_within;
use crate::given::Given;

/// So many rows take several chunks.
const MANY: usize = 40_000;

#[test]
fn an_import_that_was_killed_goes_on_without_duplicates() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        // Rejects all over the list: none is lost, and none is kept twice.
        let bad = |(number, row): (usize, &str)| match number % 1000 {
            7 => format!("{row}\nbroken {number}\n"),
            _ => format!("{row}\n"),
        };
        let list: String = many(MANY).lines().enumerate().map(bad).collect();
        let rejects = list.lines().count() as u64 - 1 - MANY as u64;
        put(&given, "many.csv", &list);
        let line = format!("{} --rejects bad.csv --json", import("many.csv"));
        let (mut kills, mut last, mut went_on) = (0, None, false);
        for round in 0..40 {
            let running = given.start(&line);
            // The first runs are killed soon, so that there is something left to kill on a fast machine too.
            let moment = Duration::from_millis(50 + 200 * round) + moment_within(Duration::from_millis(300));
            let outcome = running.kill_after(moment);
            kills += u32::from(outcome.was_killed());
            if !outcome.was_killed() {
                last = Some(outcome.succeeded().json());
                break;
            }
            went_on |= given.count() > 0;
            // Killed when all was written, and only words of names were still to be tagged.
            let known = given.ok("import ls --json").json();
            if let Some(finished) = known.as_array().unwrap().iter().find(|one| one["state"] == "finished") {
                last = Some(finished.clone());
                break;
            }
        }
        assert!(kills > 0 && went_on, "{kills} runs were killed, none of them behind a part that was written");
        let report = last.expect("no run came to its end");
        adds_up(&report);
        counts(&report, [MANY as u64 + rejects, MANY as u64, 0, 0, 0, rejects]);
        assert_eq!((report["consents"].as_u64(), &report["state"]), (Some(MANY as u64), &"finished".into()));
        assert_eq!(given.count(), MANY as u64);
        let kept = text_of(&given, "bad.csv");
        let numbers: Vec<_> = kept.lines().skip(1).filter_map(|line| line.rsplit(' ').next()).collect();
        let wanted: Vec<_> = (0..rejects).map(|number| (number * 1000 + 7).to_string()).collect();
        assert_eq!(numbers, wanted);
        let all = given.ok("import ls --json").json();
        assert_eq!(all.as_array().unwrap().len(), 1, "{all}");
        given.ok("audit verify");
    });
}

#[test]
fn ctrl_c_stops_after_a_part_and_the_same_command_goes_on() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        put(&given, "many.csv", many(MANY));
        let line = import("many.csv");
        let stopped = interrupted(&given, &line);
        assert!(stopped.stdout.contains("goes on from here") && stopped.stdout.contains("import undo"), "{stopped:?}");
        let before = given.count();
        assert!(before < MANY as u64, "{before}");
        // Another list cannot slip into the unfinished one.
        put(&given, "other.csv", "email\nada@atelier.example\n");
        given.run(&import("other.csv")).exited(2);
        let report = imported(&given, &line);
        assert_eq!((report["new"].as_u64(), report["state"].as_str()), (Some(MANY as u64), Some("finished")));
        assert_eq!(given.count(), MANY as u64);
    });
}

/// Sends SIGINT as soon as the program can take it, until a run ends by it.
#[track_caller]
fn interrupted(given: &Given, line: &str) -> Outcome {
    for round in 0..20 {
        let running = given.start(line);
        std::thread::sleep(Duration::from_millis(300 + 100 * round));
        signal(&running, "-INT");
        let outcome = running.finish();
        match outcome.code {
            Some(130) if !outcome.stdout.is_empty() => return outcome,
            // Before it could take it, or before it began to write.
            None | Some(130) => {}
            other => panic!("ended with {other:?} before it was interrupted: {outcome:?}"),
        }
    }
    panic!("no run was interrupted");
}

fn signal(running: &Running, signal: &str) {
    Command::new("kill").args([signal, &running.pid().to_string()]).status().unwrap();
}

#[test]
fn a_file_that_is_cut_short_gives_its_good_rows_and_a_code_of_its_own() {
    let given = Given::vault().ready();
    put(&given, "list.csv", many(3_000));
    let folder = given.program.folder();
    assert!(Command::new("gzip").arg(folder.join("list.csv")).status().unwrap().success());
    let packed = fs::read(folder.join("list.csv.gz")).unwrap();
    put(&given, "list.csv.gz", &packed[..packed.len() / 2]);
    let report = given.run(&format!("{} --json", import("list.csv.gz"))).exited(2).json();
    adds_up(&report);
    assert_eq!(report["read_to_end"], false);
    assert_eq!(report["new"].as_u64().unwrap(), given.count());
    assert!(given.count() > 100);
}
