//! What a command prints: for people on a terminal, or one JSON value for programs. Nothing else writes to stdout.

use std::io::{self, Write};
use std::process::ExitCode;

use carnet_core::model::Timestamp;
use serde_json::{Value, json};

use crate::failure::Failure;

/// Where a command's result goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether programs read this.
    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    /// Prints a result. A reader that has gone away, as in `carnet ... | head`, is no failure.
    pub(crate) fn show(
        self,
        value: &Value,
        people: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        let written = if self.json { writeln!(out, "{value}") } else { people(&mut out) };
        match written.and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => Ok(result?),
        }
    }

    /// Prints one sentence for people; programs read `value`.
    pub(crate) fn say(self, value: &Value, sentence: &str) -> Result<(), Failure> {
        self.show(value, |out| writeln!(out, "{sentence}"))
    }

    /// A line beside the result, for people only.
    pub(crate) fn note(self, line: &str) {
        if !self.json {
            // Nobody is left to tell when stderr is closed.
            drop(writeln!(io::stderr(), "{line}"));
        }
    }

    /// Prints why a command failed, and gives its exit code.
    pub(crate) fn failure(self, failure: &Failure) -> ExitCode {
        self.failure_as(failure, failure.exit_code())
    }

    /// The same for a command with exit codes of its own.
    pub(crate) fn failure_as(self, failure: &Failure, code: u8) -> ExitCode {
        let written = if self.json {
            let error = json!({ "error": { "kind": failure.word(), "message": failure.sentence, "exit_code": code } });
            writeln!(io::stderr(), "{error}")
        } else {
            writeln!(io::stderr(), "carnet: {}", failure.sentence)
        };
        drop(written);
        ExitCode::from(code)
    }
}

/// How many of something: `1 entry`, `2 entries`.
pub(crate) fn counted(number: u64, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
}

/// A time as people read it: to the second. Programs get all of it.
pub(crate) fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    match text.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => text,
    }
}

/// Rows of a table, each column as wide as its widest cell.
pub(crate) fn table(out: &mut dyn Write, header: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(header.get(column).map(|name| name.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        writeln!(out, "{}", padded.join("  ").trim_end())
    };
    line(&mut header.iter().copied())?;
    for row in rows {
        line(&mut row.iter().map(String::as_str))?;
    }
    Ok(())
}
