//! Making a vault, cut short at random moments: made again it goes on, and what was finished is never touched.

use std::fs;
use std::time::{Duration, Instant};

use carnet_tests::{Program, TestDatabase, for_postgres};

use crate::chance::moment_within;
use crate::given::recovery_words;
use crate::shell::words;

const ROUNDS: u32 = 40;

#[test]
fn init_that_was_killed_goes_on_when_it_is_repeated() {
    let whole = duration_of(&Program::new(), "init");
    let finished: u32 = (0..ROUNDS).map(|_| killed_and_repeated(&Program::new(), "init", whole)).sum();
    assert!(finished < ROUNDS, "no round was killed before its end");
}

#[test]
fn init_that_was_killed_on_a_server_goes_on_when_it_is_repeated() {
    for_postgres(|db| {
        let line = |db: &TestDatabase| format!("init --database {}", db.url());
        let whole = duration_of(&Program::new(), &line(db));
        for _ in 0..ROUNDS / 4 {
            killed_and_repeated(&Program::new(), &line(&TestDatabase::postgres()), whole);
        }
    });
}

/// One round; 1 if `init` had finished before it was killed.
fn killed_and_repeated(program: &Program, init: &str, whole: Duration) -> u32 {
    let moment = moment_within(whole + whole / 4);
    let first = program.start(words(init)).kill_after(moment);
    let key = program.folder().join("data.key");
    let key_before = fs::read(&key).ok();
    let second = program.run(words(init));
    let (made, finished) = match second.code {
        Some(0) => {
            assert_eq!(key_before, None, "killed after {moment:?}: a finished key file was replaced");
            (&second, 0)
        }
        // Finished, and whoever started it has the words on the screen.
        Some(6) => {
            assert_eq!(fs::read(&key).ok(), key_before);
            (&first, 1)
        }
        _ => panic!("killed after {moment:?}: {second:?}"),
    };
    let recovery = recovery_words(made);
    assert_eq!(recovery.len(), 24, "killed after {moment:?}: {made:?}");
    program.run(["status"]).succeeded();
    program.run(["controller", "add", "Tilleuls", "--country", "FR"]).succeeded();
    program.run(["audit", "verify"]).succeeded();
    assert!(!program.folder().join("data.key.new").exists(), "killed after {moment:?}: a staged key file was left");
    let left: Vec<_> = fs::read_dir(program.data()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let unfinished = left.iter().filter(|name| name.to_string_lossy().contains("unfinished")).count();
    assert_eq!(unfinished, 0, "killed after {moment:?}: {left:?}");
    fs::remove_file(&key).unwrap();
    program.run_with_input(["key", "recover"], recovery.join(" ")).succeeded();
    finished
}

#[test]
fn a_vault_that_is_half_made_says_how_to_finish_it() {
    let program = Program::new();
    program.run(["init"]).succeeded();
    let (key, staged) = (program.folder().join("data.key"), program.folder().join("data.key.new"));
    // The last step is undone: as if it had been killed just before the key file got its name.
    fs::rename(&key, &staged).unwrap();
    let outcome = program.run(["status"]).exited(7);
    assert!(outcome.stderr.contains("repeat `carnet init`"), "{}", outcome.stderr);
    program.run(words("init --owner somebody-else")).exited(2);
    program.run(words("init --passphrase --passphrase-file none")).exited(6);
    program.run(["init"]).succeeded();
    program.run(["status"]).succeeded();
    program.run(["init"]).exited(6);
}

#[test]
fn of_two_inits_at_once_one_makes_the_vault() {
    for _ in 0..5 {
        let program = Program::new();
        let runs: Vec<_> = (0..4).map(|_| program.start(["init"])).collect();
        let outcomes: Vec<_> = runs.into_iter().map(|run| run.finish()).collect();
        let made = outcomes.iter().filter(|outcome| outcome.code == Some(0)).count();
        assert!(made == 1 && outcomes.iter().all(|outcome| matches!(outcome.code, Some(0 | 6))), "{outcomes:?}");
        program.run(["audit", "verify"]).succeeded();
    }
}

fn duration_of(program: &Program, init: &str) -> Duration {
    let began = Instant::now();
    program.run(words(init)).succeeded();
    began.elapsed()
}
