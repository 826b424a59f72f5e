//! Making a vault, cut short at random moments: made again it goes on, and what was finished is never touched.

use std::fs;
use std::time::{Duration, Instant};

use carnet_tests::Program;

use crate::chance::moment_within;
use crate::given::recovery_words;
use crate::shell::words;

const ROUNDS: u32 = 40;

#[test]
fn init_that_was_killed_goes_on_when_it_is_repeated() {
    let whole = duration_of_init();
    let mut finished = 0;
    for round in 0..ROUNDS {
        let program = Program::new();
        let moment = moment_within(whole + whole / 4);
        let first = program.start(["init"]).kill_after(moment);
        let (key, data) = (program.folder().join("data.key"), program.data());
        let key_before = fs::read(&key).ok();
        let second = program.run(["init"]);
        match second.code {
            Some(0) => assert_eq!(key_before, None, "round {round}: a finished key file was replaced"),
            // Finished, and whoever started it has the words on the screen.
            Some(6) => {
                finished += 1;
                assert_eq!(recovery_words(&first).len(), 24, "round {round}, killed after {moment:?}: {first:?}");
                assert_eq!(fs::read(&key).ok(), key_before);
            }
            _ => panic!("round {round}, killed after {moment:?}: {second:?}"),
        }
        let words = recovery_words(if second.code == Some(0) { &second } else { &first });
        program.run(["status"]).succeeded();
        program.run(["controller", "add", "Tilleuls", "--country", "FR"]).succeeded();
        program.run(["audit", "verify"]).succeeded();
        assert!(!program.folder().join("data.key.new").exists(), "round {round}: a staged key file was left");
        let left: Vec<_> = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().contains("unfinished")), "round {round}: {left:?}");
        fs::remove_file(&key).unwrap();
        program.run_with_input(["key", "recover"], words.join(" ")).succeeded();
    }
    assert!(finished < ROUNDS, "no round was killed before its end");
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

fn duration_of_init() -> Duration {
    let began = Instant::now();
    Program::new().run(["init"]).succeeded();
    began.elapsed()
}
