//! What may be seen where: secrets only where they are meant to be, people only in answers.

use std::fs;
use std::path::Path;

use carnet_tests::{Outcome, Program, for_postgres};

use crate::given::Given;
use crate::shell::words;

/// What says who a person is, or why somebody looked.
const PERSONAL: [&str; 9] = [
    "Zephyrine",
    "Quatremer",
    "zephyrine@quatremer.example",
    "quatremer.example",
    "199000042",
    "Maison Quatremer",
    "allergic to lilies",
    "she called about her invoice",
    "bought from a broker",
];

#[test]
fn nobody_is_in_the_files_of_the_vault_or_in_the_exported_ledger() {
    let given = Given::vault().ready();
    let reason = "--reason 'she called about her invoice'";
    let run = |line: &str| given.program.run(words(&format!("{line} {reason}"))).succeeded();
    run("contact add --name 'Zephyrine Quatremer' --email zephyrine@quatremer.example --phone '+33199000042' \
         --org 'Maison Quatremer' --note 'allergic to lilies' --origin 'bought from a broker'");
    run("consent record zephyrine@quatremer.example -p newsletter -k given --own-act --notes 'allergic to lilies'");
    run("contact find quatremer");
    run("contact show zephyrine@quatremer.example");
    run("contact edit zephyrine@quatremer.example --title Florist");
    run("audit export ledger");
    run("key rotate");
    finds_nobody(given.program.folder());
    run("contact erase zephyrine@quatremer.example --as officer --yes");
    run("audit export ledger");
    finds_nobody(given.program.folder());
}

/// Reads every byte of every file, as text and as the lower case that tags are made of.
fn finds_nobody(folder: &Path) {
    let mut files = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            files += 1;
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).to_lowercase();
            for word in PERSONAL {
                assert!(!text.contains(&word.to_lowercase()), "{word:?} is in {}", path.display());
            }
        }
    }
    assert!(files > 5, "only {files} files were read");
}

#[test]
fn keys_words_and_passphrases_are_printed_where_they_are_meant_to_be_and_nowhere_else() {
    let program = Program::new();
    fs::write(program.folder().join("phrase"), "correct horse battery").unwrap();
    fs::write(program.folder().join("wrong"), "wrong donkey battery").unwrap();
    let program = program.with_variable("CARNET_PASSPHRASE_FILE", "phrase");
    let given = Given::made_by(program, "init --passphrase").ready();
    given.contact("Ada Martin", "ada@atelier.example");
    let secret = [given.words.as_str(), "correct horse", "wrong donkey"];
    let outcomes = [
        given.run("status"),
        given.run("status --passphrase-file wrong"),
        given.run("init --passphrase"),
        given.run("contact show ada@atelier.example"),
        given.run("audit tail -n 50 --json"),
        given.run("account ls"),
        given.program.run_with_input(["key", "recover", "--passphrase"], given.words.as_str()),
        given.program.run_with_input(["key", "recover"], given.words.replacen(' ', " wrong donkey ", 1)),
    ];
    for outcome in &outcomes {
        prints_none_of(outcome, &secret);
    }
    let rotated = given.ok("key rotate --root --passphrase --json").json();
    let new = rotated["recovery_words"].as_str().unwrap();
    prints_none_of(&given.run("status"), &[new]);
    prints_none_of(&given.run("audit tail -n 50 --json"), &[new]);
}

#[test]
fn the_bytes_of_a_plain_root_key_are_in_its_file_alone() {
    let given = Given::vault().ready();
    let key = fs::read_to_string(given.key_file()).unwrap();
    let key = key.lines().find_map(|line| line.strip_prefix("key: ")).unwrap().to_owned();
    for line in ["status --json", "audit tail --json", "init", "contact find ada", "key recover"] {
        prints_none_of(&given.run(line), &[&key]);
    }
    let database = fs::read(given.database()).unwrap();
    assert!(!String::from_utf8_lossy(&database).contains(&key));
}

#[test]
fn the_password_of_a_postgres_url_is_never_printed() {
    for_postgres(|db| {
        let url = db.url();
        let password = url.split_once("://").unwrap().1.split_once(':').unwrap().1.split_once('@').unwrap().0;
        let program = Program::new();
        let made = program.run(["init", "--database", &url, "--json"]).succeeded();
        prints_none_of(&made, &[password]);
        let wrong_port = url.replacen("@127.0.0.1:", "@127.0.0.1:1", 1);
        let wrong_name = url.replacen("/carnet_", "/none_", 1);
        let wrong_user = url.replacen("://carnet:", "://nobody:", 1);
        for line in [
            "status".to_owned(),
            "status --json".to_owned(),
            "status --help".to_owned(),
            "init".to_owned(),
            format!("status --database {wrong_port}"),
            format!("status --database {wrong_name}"),
            format!("status --database {wrong_user}"),
            format!("status --database {url}?sslmode=prefer"),
            format!("status --database {url}?sslrootcert=/none&sslmode=verify-full"),
        ] {
            prints_none_of(&program.run(words(&line)), &[password]);
        }
        let modes = fs::metadata(program.data().join("carnet.toml")).unwrap().permissions();
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&modes) & 0o777, 0o600);
    });
}

#[track_caller]
fn prints_none_of(outcome: &Outcome, secrets: &[&str]) {
    for secret in secrets {
        assert!(!outcome.stdout.contains(secret), "standard output shows a secret:\n{}", outcome.stdout);
        assert!(!outcome.stderr.contains(secret), "standard error shows a secret:\n{}", outcome.stderr);
    }
}
