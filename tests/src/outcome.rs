//! What a finished run of the program left: exit code, output, and the judgements tests make of them.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

/// A finished run of the program.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it, such as 9 after a kill.
    pub signal: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    command: String,
}

impl Outcome {
    pub(crate) fn new(command: String, status: ExitStatus, stdout: &[u8], stderr: &[u8]) -> Self {
        Self {
            code: status.code(),
            signal: status.signal(),
            stdout: String::from_utf8_lossy(stdout).into_owned(),
            stderr: String::from_utf8_lossy(stderr).into_owned(),
            command,
        }
    }

    /// Whether it ended by SIGKILL rather than by itself.
    pub fn was_killed(&self) -> bool {
        self.signal == Some(9)
    }

    /// Itself, if the exit code is 0.
    ///
    /// # Panics
    /// With the command and all it printed, if it is not.
    #[track_caller]
    pub fn succeeded(self) -> Self {
        self.exited(0)
    }

    /// Itself, if the exit code is the given one.
    ///
    /// # Panics
    /// With the command and all it printed, if it is not.
    #[track_caller]
    pub fn exited(self, code: i32) -> Self {
        assert!(self.code == Some(code), "expected exit code {code}\n{}", self.account());
        self
    }

    /// Standard output as one JSON value.
    ///
    /// # Panics
    /// With the command and all it printed, if it is not.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("standard output is not one JSON value: {error}\n{}", self.account()))
    }

    /// Standard output as JSON values, one a line.
    ///
    /// # Panics
    /// With the command and all it printed, if a line is not one.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        let mut values = Vec::new();
        for line in self.stdout.lines().filter(|line| !line.trim().is_empty()) {
            match serde_json::from_str(line) {
                Ok(value) => values.push(value),
                Err(error) => panic!("`{line}` is not a JSON value: {error}\n{}", self.account()),
            }
        }
        values
    }

    fn account(&self) -> String {
        let ending = match (self.code, self.signal) {
            (Some(code), _) => format!("exit code {code}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => "no exit code".to_owned(),
        };
        format!("$ {}\n{ending}\n-- stdout\n{}\n-- stderr\n{}", self.command, self.stdout, self.stderr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(wait_status: i32, stdout: &str) -> Outcome {
        Outcome::new("carnet status".to_owned(), ExitStatus::from_raw(wait_status), stdout.as_bytes(), b"why")
    }

    #[test]
    fn an_exit_code_and_a_signal_are_told_apart() {
        assert_eq!((outcome(2 << 8, "").code, outcome(2 << 8, "").was_killed()), (Some(2), false));
        assert_eq!((outcome(9, "").code, outcome(9, "").was_killed()), (None, true));
    }

    #[test]
    #[should_panic(expected = "$ carnet status\nexit code 2\n-- stdout\nout\n-- stderr\nwhy")]
    fn a_wrong_exit_code_shows_all_that_was_printed() {
        outcome(2 << 8, "out").succeeded();
    }

    #[test]
    fn json_is_read_whole_or_by_line() {
        assert_eq!(outcome(0, "{\"a\": 1}\n").json()["a"], 1);
        assert_eq!(outcome(0, "1\n\n2\n").json_lines(), [1, 2]);
    }

    #[test]
    #[should_panic(expected = "not one JSON value")]
    fn output_that_is_not_json_is_a_failure() {
        outcome(0, "{} {}").json();
    }
}
