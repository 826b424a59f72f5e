//! What goes to standard output and what to standard error, for programs that read it and readers that go away.

use std::fs;
use std::process::Command;

use carnet_tests::Program;

use crate::given::Given;
use crate::shell::words;

#[test]
fn with_json_standard_output_is_one_value_and_an_error_is_one_object_on_standard_error() {
    let given = Given::vault().ready();
    given.contact("Ada Martin", "ada@atelier.example");
    for line in [
        "status",
        "controller ls",
        "contact find ada",
        "contact find zeno",
        "contact show ada@atelier.example",
        "audit tail",
        "import ls",
        "import missing.csv --list News --origin list",
        "import show nonsense",
        "completions bash",
        "key rotate",
        "contact show nobody@atelier.example",
        "contact show nonsense",
        "contact erase ada@atelier.example --as officer",
        "contact add --origin list",
        "contact add --card missing.json --origin list",
        "purpose add newsletter --title T --dpv Marketing --basis consent",
        "purpose add letters --title T --dpv DirectMarketing --basis whim",
        "account add anne --role king",
        "frobnicate",
        "contact add",
        "audit tail -n 0",
        "audit verify --offline missing",
        "status --data missing",
    ] {
        let outcome = given.run(&format!("{line} --json"));
        if outcome.code == Some(0) {
            outcome.json();
            assert_eq!(outcome.stderr, "", "{line}");
        } else {
            assert_eq!(outcome.stdout, "", "{line}");
            let error: serde_json::Value = serde_json::from_str(&outcome.stderr)
                .unwrap_or_else(|_| panic!("{line} prints on standard error: {}", outcome.stderr));
            assert_eq!(error["error"]["exit_code"].as_i64(), outcome.code.map(i64::from), "{line}");
            assert!(!error["error"]["message"].as_str().unwrap().contains('\n'), "{line}");
        }
    }
}

#[test]
fn without_json_results_go_to_standard_output_and_errors_to_standard_error() {
    let given = Given::vault().ready();
    assert_eq!(given.ok("status").stderr, "");
    for line in ["contact show 1", "frobnicate", "contact add", "status --as nobody"] {
        let outcome = given.run(line);
        assert!(outcome.stdout.is_empty() && !outcome.stderr.is_empty() && outcome.code != Some(0), "{line}");
        assert!(!outcome.stderr.contains("panicked"), "{line}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let given = Given::vault().ready();
    let cards: String = (0..60).map(|number| crate::given::card(number, "Everybody")).collect();
    given.cards(&cards).succeeded();
    let script = r#"set -o pipefail; "$@" 2>"$HOME/stderr" | head -n 1 >/dev/null; echo "${PIPESTATUS[0]}""#;
    let program = Program::new().with_data(given.program.data()).with_wrapper(["bash", "-c", script, "bash"]);
    for line in [
        "--help",
        "contact add --help",
        "completions zsh",
        "status",
        "contact find everybody --reason test",
        "audit tail -n 100 --reason test",
        "audit tail -n 100 --reason test --json",
        "demo",
    ] {
        let outcome = program.run(words(line)).succeeded();
        let stderr = fs::read_to_string(program.folder().join("stderr")).unwrap();
        assert_eq!((outcome.stdout.as_str(), stderr.as_str()), ("0\n", ""), "{line}");
    }
}

#[test]
fn output_that_cannot_be_written_is_a_failure() {
    let given = Given::vault();
    let script = r#""$@" >/dev/full"#;
    let program = Program::new().with_data(given.program.data()).with_wrapper(["bash", "-c", script, "bash"]);
    let outcome = program.run(["status"]).exited(1);
    assert!(outcome.stderr.contains("No space left"), "{}", outcome.stderr);
}

#[test]
fn completions_are_scripts_that_their_shell_reads() {
    let program = Program::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = program.run(["completions", shell]).succeeded().stdout;
        assert!(script.contains("carnet") && script.contains("consent"), "{shell}");
        if shell == "bash" {
            let file = program.folder().join("carnet.bash");
            fs::write(&file, script).unwrap();
            assert!(Command::new("bash").arg("-n").arg(&file).status().unwrap().success());
        }
    }
    program.run(["completions", "tcsh"]).exited(2);
}
