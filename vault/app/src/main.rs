//! Carnet: the program. Command line now; web and scheduler come to live beside it.

mod backup;
mod checkpoint;
mod cli;
mod config;
mod failure;
mod gate_page;
mod gate_report;
mod lock;
mod output;
mod session;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let arguments = match cli::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return cli::misread(&error),
    };
    let output = output::Output::new(arguments.global.json);
    match cli::run(arguments, &output) {
        Ok(code) => code,
        Err(failure) => output.failure(&failure),
    }
}
