//! The servers that `tests/run` starts, and where the environment says they are.
//!
//! It must not start a server: one is started once for all test programs, and stopped by who started it.

mod postgres;

use std::process::Command;

pub use postgres::PostgresServer;

/// What a command prints, or a sentence with what it complained of.
pub(crate) fn output_of(mut command: Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program} cannot be started: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    } else {
        Err(format!("{program} failed: {}", String::from_utf8_lossy(&output.stderr).trim_end()))
    }
}
