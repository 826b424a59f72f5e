//! Commands and what they printed, as a text that people can read: the golden files are made of these.

use std::fmt::Write as _;

use carnet_tests::{Outcome, Program, TestDatabase};
use serde_json::Value;

use crate::redacted::Redactor;
use crate::shell::words;

/// A session at the terminal, as it is written down.
pub(crate) struct Transcript<'p> {
    program: &'p Program,
    redactor: Redactor,
    json: bool,
    text: String,
}

impl<'p> Transcript<'p> {
    /// What people see.
    pub(crate) fn for_people(program: &'p Program) -> Self {
        Self { program, redactor: Redactor::new(program.folder()), json: false, text: String::new() }
    }

    /// What programs see: every command gets `--json`, and its values are written one member a line.
    pub(crate) fn for_programs(program: &'p Program) -> Self {
        Self { json: true, ..Self::for_people(program) }
    }

    /// Writes the database as `<database>`, so that all engines tell the same.
    #[must_use]
    pub(crate) fn on(self, db: &TestDatabase) -> Self {
        let url = db.url();
        let without_password = match url.split_once("://").filter(|(scheme, _)| *scheme == "postgres") {
            Some((_, rest)) => {
                let (user, place) = rest.split_once('@').unwrap();
                format!("postgres://{}:***@{place}", user.split(':').next().unwrap())
            }
            None => url.clone(),
        };
        self.with(without_password, "<database>").with(url, "<database>")
    }

    /// Writes this text as another, wherever it is printed.
    #[must_use]
    pub(crate) fn with(mut self, text: impl Into<String>, as_if: &str) -> Self {
        self.redactor.replace(text, as_if);
        self
    }

    /// Runs `carnet` with this command line and writes it down.
    #[track_caller]
    pub(crate) fn run(&mut self, line: &str) -> Outcome {
        self.run_with_input(line, "")
    }

    /// The same with something on standard input.
    #[track_caller]
    pub(crate) fn run_with_input(&mut self, line: &str, input: &str) -> Outcome {
        let json = if self.json { " --json" } else { "" };
        let outcome = self.program.run_with_input(words(&format!("{line}{json}")), input);
        let input = if input.is_empty() { "" } else { "… | " };
        self.note(&format!("$ {input}carnet {line}{json}\n"));
        let (stdout, stderr) = (self.shown(&outcome.stdout), outcome.stderr.clone());
        self.note(&stdout);
        stderr.lines().for_each(|line| self.note(&format!("! {line}\n")));
        if let Some(code) = outcome.code.filter(|code| *code != 0) {
            writeln!(self.text, "exit code {code}").unwrap();
        }
        self.text.push('\n');
        outcome
    }

    /// Runs a command that must succeed without writing it down.
    #[track_caller]
    pub(crate) fn unwritten(&mut self, line: &str) -> Outcome {
        self.program.run(words(line)).succeeded()
    }

    /// Writes a line of its own.
    pub(crate) fn heading(&mut self, line: &str) {
        writeln!(self.text, "# {line}\n").unwrap();
    }

    /// All of it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn note(&mut self, text: &str) {
        self.text.push_str(&self.redactor.redact(text));
    }

    fn shown(&self, printed: &str) -> String {
        let value = if self.json { serde_json::from_str::<Value>(printed).ok() } else { None };
        match value {
            Some(mut value) => {
                hide(&mut value);
                serde_json::to_string_pretty(&value).unwrap() + "\n"
            }
            None => printed.to_owned(),
        }
    }
}

/// What a redactor of text cannot recognise.
fn hide(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match name.as_str() {
                    "recovery_words" => {
                        let count = member.as_str().map_or(0, |words| words.split(' ').count());
                        *member = format!("<{count} words>").into();
                    }
                    "os_user" if member.is_string() => *member = "<user>".into(),
                    "os_user" | "seconds" if member.is_number() => *member = 0.into(),
                    _ => hide(member),
                }
            }
        }
        _ => {}
    }
}
