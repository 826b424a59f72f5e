//! Keys replaced while the power fails: the root key at any moment, a master key over thousands of contacts.

use std::fs;
use std::time::{Duration, Instant};

use carnet_tests::for_each_engine;

use crate::chance::moment_within;
use crate::given::{Given, card, recovery_words};

const ROOT_ROUNDS: u32 = 40;
const CONTACTS: usize = 3000;
const MASTER_KILLS: u32 = 10;

#[test]
fn a_root_rotation_that_was_killed_leaves_one_key_file_that_opens_the_vault() {
    let given = Given::vault().ready();
    given.contact("Ada Martin", "ada@atelier.example");
    let began = Instant::now();
    given.ok("key rotate --root");
    let whole = began.elapsed();
    let mut cut_short = 0;
    for round in 0..ROOT_ROUNDS {
        let before = fs::read(given.key_file()).unwrap();
        let moment = moment_within(whole + whole / 4);
        let outcome = given.start("key rotate --root").kill_after(moment);
        cut_short += u32::from(outcome.was_killed());
        if fs::read(given.key_file()).unwrap() != before {
            // The words are on the screen before the old key file goes.
            assert_eq!(recovery_words(&outcome).len(), 24, "round {round}, killed after {moment:?}: {outcome:?}");
        }

        given.ok("contact find ada@atelier.example");
        let after = fs::read(given.key_file()).unwrap();
        opens_nothing(&given, "data.key.new");
        if after != before {
            fs::write(given.program.folder().join("before.key"), &before).unwrap();
            fs::set_permissions(given.program.folder().join("before.key"), owner_alone()).unwrap();
            opens_nothing(&given, "before.key");
        }
    }
    assert!(cut_short > 0, "no round was killed before its end");
    opens_nothing_by_words(&given, &given.words);
    let last = given.ok("key rotate --root --json").json();
    assert!(!given.staged_key_file().exists());
    fs::remove_file(given.key_file()).unwrap();
    given.program.run_with_input(["key", "recover"], last["recovery_words"].as_str().unwrap()).succeeded();
    given.ok("audit verify");
}

#[test]
fn a_root_rotation_beside_other_work_disturbs_nobody() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        for round in 0..6 {
            let rotation = given.start("key rotate --root");
            let adds: Vec<_> = (0..3)
                .map(|n| given.start(&format!("contact add --email p{round}-{n}@new.example --origin 'at the fair'")))
                .collect();
            let controller = given.start(&format!("controller add Other-{round} --country FR"));
            rotation.finish().succeeded();
            adds.into_iter().for_each(|add| drop(add.finish()));
            drop(controller.finish());
            given.ok("status");
        }
        assert!(!given.staged_key_file().exists());
        given.ok("audit verify");
    });
}

#[test]
fn of_two_root_rotations_at_once_the_keys_that_are_told_open_the_vault() {
    let given = Given::vault();
    let mut latest = String::new();
    for _ in 0..5 {
        let both = [given.start("key rotate --root --json"), given.start("key rotate --root --json")];
        for outcome in both.map(|run| run.finish()) {
            match outcome.code {
                Some(0) => latest = outcome.json()["recovery_words"].as_str().unwrap().to_owned(),
                other => assert_eq!(other, Some(6), "{outcome:?}"),
            }
        }
        given.ok("status");
    }
    opens_nothing_by_words(&given, &given.words);
    assert!(!latest.is_empty());
}

#[test]
fn a_master_rotation_over_thousands_of_contacts_goes_on_after_each_kill() {
    let given = Given::vault().ready();
    // As many of one organisation as one search shows.
    let cards: String = (0..CONTACTS).map(|number| card(number, &format!("Firm{:03}", number / 50))).collect();
    given.cards(&cards).succeeded();
    let (mut kills, mut patience) = (0, 0);
    let began = Instant::now();
    while kills < MASTER_KILLS {
        let outcome = given.start("key rotate").kill_after(Duration::from_millis(40) + moment_within(one_step()));
        kills += u32::from(outcome.was_killed());
        patience += 1;
        assert!(patience < 100, "no rotation takes long enough to be killed");
        if kills == MASTER_KILLS / 2 {
            // Beside the open rotation, work goes on under the new key.
            given.run("contact add --email late@new.example --origin 'at the fair'");
        }
    }
    let rotated = given.ok("key rotate --json").json();
    assert!(rotated["generation"].as_u64().unwrap() >= 2, "{rotated} after {:?}", began.elapsed());
    assert_eq!(given.ok("status --json").json()["rotations"].as_array().unwrap().len(), 0);
    assert_eq!(given.count(), CONTACTS as u64 + 1);
    let mut opened = 0;
    for firm in 0..CONTACTS / 50 {
        let found = given.ok(&format!("contact find firm{firm:03} --json")).json();
        assert_eq!(found["more"], false);
        opened += found["found"].as_array().unwrap().len();
    }
    assert_eq!(opened, CONTACTS);
    given.ok("contact show late@new.example");
    given.ok("audit verify");
}

/// A part of a rotation of thousands of contacts, so that ten kills fall within it.
fn one_step() -> Duration {
    Duration::from_millis(400)
}

fn owner_alone() -> fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o600)
}

#[track_caller]
fn opens_nothing(given: &Given, key_file: &str) {
    if given.program.folder().join(key_file).exists() {
        given.run(&format!("status --key-file {key_file}")).exited(7);
    }
}

fn opens_nothing_by_words(given: &Given, words: &str) {
    let args = ["key", "recover", "--key-file", "recovered.key"];
    given.program.run_with_input(args, words).exited(7);
    assert!(!given.program.folder().join("recovered.key").exists());
}
