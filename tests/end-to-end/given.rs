//! What tests begin with: vaults in a known state, each in a folder of its own.

use std::path::PathBuf;

use carnet_tests::{Outcome, Program, Running, TestDatabase};

use crate::shell::words;

/// A vault that was just made, and what its making printed.
pub(crate) struct Given {
    /// The program, pointed at the vault.
    pub program: Program,
    /// The 24 recovery words.
    pub words: String,
    /// The ledger's public key.
    pub ledger_key: String,
}

impl Given {
    /// A vault on SQLite in its data folder, with an account `owner`.
    pub(crate) fn vault() -> Self {
        Self::made_by(Program::new(), "init")
    }

    /// A vault in a test's database.
    pub(crate) fn vault_on(db: &TestDatabase) -> Self {
        Self::made_by(Program::new(), &format!("init --database {}", db.url()))
    }

    /// A vault made by some way of calling `init`.
    pub(crate) fn made_by(program: Program, init: &str) -> Self {
        let made = program.run(words(&format!("{init} --json"))).succeeded().json();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Self { program, words: text("recovery_words"), ledger_key: text("ledger_key") }
    }

    /// The same with a controller `Tilleuls`, a purpose `newsletter` and the accounts `officer`, `operator`, `auditor`.
    pub(crate) fn ready(self) -> Self {
        self.ok("controller add Tilleuls --country FR");
        self.ok("purpose add newsletter --title 'Monthly letter' --dpv DirectMarketing --basis consent");
        for (name, role) in [("officer", "compliance"), ("operator", "operator"), ("auditor", "auditor")] {
            self.ok(&format!("account add {name} --role {role}"));
        }
        self
    }

    /// Runs a command that must succeed, with a reason.
    #[track_caller]
    pub(crate) fn ok(&self, line: &str) -> Outcome {
        self.run(line).succeeded()
    }

    /// Runs a command, with a reason.
    #[track_caller]
    pub(crate) fn run(&self, line: &str) -> Outcome {
        self.program.run(words(&format!("{line} --reason test")))
    }

    /// Starts a command, with a reason, and leaves it running.
    #[track_caller]
    pub(crate) fn start(&self, line: &str) -> Running {
        self.program.start(words(&format!("{line} --reason test")))
    }

    /// Adds a contact and gives its id.
    #[track_caller]
    pub(crate) fn contact(&self, name: &str, email: &str) -> String {
        let added = self.ok(&format!("contact add --name '{name}' --email {email} --origin 'You wrote to us' --json"));
        added.json()["id"].as_str().unwrap().to_owned()
    }

    /// Adds cards that are written one a line.
    #[track_caller]
    pub(crate) fn cards(&self, cards: &str) -> Outcome {
        self.program.run_with_input(words("contact add --card - --origin 'A list of ours' --json"), cards)
    }

    /// How many contacts the vault says it holds.
    #[track_caller]
    pub(crate) fn count(&self) -> u64 {
        self.ok("status --json").json()["contacts"].as_u64().unwrap()
    }

    /// Where `init` puts the key file: beside the data folder.
    pub(crate) fn key_file(&self) -> PathBuf {
        self.program.folder().join("data.key")
    }

    /// Where a rotation of the root key keeps the new one until it holds.
    pub(crate) fn staged_key_file(&self) -> PathBuf {
        self.program.folder().join("data.key.new")
    }

    /// The SQLite file of a vault in its data folder.
    pub(crate) fn database(&self) -> PathBuf {
        self.program.data().join("vault.db")
    }
}

/// A card as one line of JSON.
pub(crate) fn card(number: usize, organization: &str) -> String {
    format!(
        r#"{{"@type":"Card","version":"1.0","name":{{"full":"Person {number}"}},"emails":{{"e":{{"address":"person{number}@many.example"}}}},"organizations":{{"o":{{"name":"{organization}"}}}}}}"#
    ) + "\n"
}

/// The words in what `init` printed for people.
pub(crate) fn recovery_words(outcome: &Outcome) -> Vec<String> {
    let lines = outcome.stdout.lines().filter(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    let words = lines.flat_map(str::split_whitespace).filter(|word| word.chars().all(char::is_alphabetic));
    words.map(str::to_owned).collect()
}
