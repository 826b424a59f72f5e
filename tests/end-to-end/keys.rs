//! Keys that are lost, wrong, damaged or open to others: what is said, and that nothing is lost by it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use carnet_tests::Program;

use crate::given::{Given, recovery_words};
use crate::transcript::Transcript;

#[test]
fn a_lost_key_file_comes_back_from_the_recovery_words_and_from_nothing_else() {
    let given = Given::vault().ready();
    given.contact("Ada Martin", "ada@atelier.example");
    let other = Given::vault();
    let kept = given.program.folder().join("kept.key");
    fs::rename(given.key_file(), &kept).unwrap();

    let mut told = Transcript::for_people(&given.program);
    told.run("status").exited(7);
    told.heading("The words of another vault, too few, one misspelt, two that changed places");
    told.run_with_input("key recover", &other.words).exited(7);
    told.run_with_input("key recover", given.words.rsplit_once(' ').unwrap().0).exited(2);
    told.run_with_input("key recover", &given.words.replacen(' ', "x ", 1)).exited(2);
    let mut words: Vec<&str> = given.words.split(' ').collect();
    let second = (1..24).find(|at| words[*at] != words[0]).unwrap();
    words.swap(0, second);
    let outcome = told.run_with_input("key recover", &words.join(" "));
    // One exchange in 256 passes the checksum, and then opens nothing.
    assert!(matches!(outcome.code, Some(2 | 7)), "{outcome:?}");
    assert!(!given.key_file().exists());

    if outcome.code == Some(2) {
        told.heading("The right ones, as they stand on the paper");
        let paper: String = given.words.split(' ').zip(1..).map(|(word, at)| format!("{at}. {word}\n")).collect();
        told.run_with_input("key recover", &paper).succeeded();
        told.run("contact find ada --reason 'to check'").succeeded();
        told.heading("And never over a key file that is there");
        let before = fs::read(given.key_file()).unwrap();
        told.run_with_input("key recover", &given.words).exited(7);
        assert_eq!(fs::read(given.key_file()).unwrap(), before);
        assert_eq!(before, fs::read(&kept).unwrap());
        insta::assert_snapshot!("lost_key", told.text());
    }
}

#[test]
fn a_wrong_damaged_or_open_key_file_is_refused_with_what_to_do() {
    let given = Given::vault().ready();
    let other = Given::vault();
    let right = fs::read(given.key_file()).unwrap();
    let mut told = Transcript::for_people(&given.program);
    told.heading("The key of another vault");
    fs::write(given.key_file(), fs::read(other.key_file()).unwrap()).unwrap();
    let outcome = told.run("status").exited(7);
    assert!(outcome.stderr.contains("this root key does not fit this vault"), "{}", outcome.stderr);
    told.heading("A key file that was cut short");
    fs::write(given.key_file(), &right[..40]).unwrap();
    told.run("status").exited(7);
    told.heading("A folder in its place");
    fs::remove_file(given.key_file()).unwrap();
    fs::create_dir(given.key_file()).unwrap();
    told.run("status").exited(7);
    fs::remove_dir(given.key_file()).unwrap();
    told.heading("A key file that others can read");
    fs::write(given.key_file(), &right).unwrap();
    fs::set_permissions(given.key_file(), Permissions::from_mode(0o644)).unwrap();
    told.run("status").exited(7);
    fs::set_permissions(given.key_file(), Permissions::from_mode(0o600)).unwrap();
    given.ok("status");
    insta::assert_snapshot!("wrong_key", told.text());
}

#[test]
fn a_vault_under_a_passphrase_opens_with_it_alone_and_can_change_it() {
    // Without a terminal, so that nobody can be asked, whoever runs the tests.
    let program = Program::new().with_wrapper(["setsid", "--wait"]);
    let file = |name: &str, text: &str| fs::write(program.folder().join(name), text).unwrap();
    file("first", "correct horse\n");
    file("second", "battery staple");
    file("wrong", "correct house\n");
    file("empty", "\n");
    let mut told = Transcript::for_people(&program);
    told.run("init --passphrase").exited(2);
    told.run("init --passphrase --passphrase-file empty").exited(7);
    let made = told.run("init --passphrase --passphrase-file first").succeeded();
    told.run("status --passphrase-file first").succeeded();
    told.run("status --passphrase-file wrong").exited(7);
    told.run("status --passphrase-file none").exited(5);
    told.run("status").exited(2);
    told.heading("A new root key under another passphrase");
    let rotate = "key rotate --root --reason 'it was seen' --passphrase-file first --passphrase";
    told.run(&format!("{rotate} --new-passphrase-file empty")).exited(7);
    told.run(&format!("{rotate} --new-passphrase-file second")).succeeded();
    told.run("status --passphrase-file first").exited(7);
    told.run("status --passphrase-file second").succeeded();
    told.heading("The passphrase is forgotten; the old words are, too");
    fs::remove_file(program.data().join("root.key")).unwrap();
    let old = recovery_words(&made).join(" ");
    told.run_with_input("key recover --passphrase --passphrase-file first", &old).exited(7);
    insta::assert_snapshot!("passphrase", told.text());
}

#[test]
fn recovery_puts_a_vault_under_a_new_passphrase() {
    let given = Given::vault();
    fs::remove_file(given.key_file()).unwrap();
    fs::write(given.program.folder().join("phrase"), "correct horse").unwrap();
    let recover = ["key", "recover", "--passphrase", "--passphrase-file", "phrase"];
    given.program.run_with_input(recover, given.words.as_str()).succeeded();
    given.program.run(["status", "--passphrase-file", "phrase"]).succeeded();
    assert_eq!(fs::metadata(given.key_file()).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!fs::read_to_string(given.key_file()).unwrap().contains("key: "), "the key is in clear beside it");
}
