//! What follows an import: its contacts become findable by words of their names.

use std::process::ExitCode;
use std::time::Duration;

use carnet_core::model::Controller;
use carnet_desk::Desk;
use indicatif::{ProgressBar, ProgressDrawTarget};
use serde_json::json;

use crate::cli::Of;
use crate::failure::Failure;
use crate::output::{Output, counted};

/// Tags what is not tagged yet, until there is no more or somebody stops it. How many contacts it were.
pub(super) fn tag(
    desk: &Desk<'_>,
    controller: &Controller,
    output: &Output,
    stops: impl Fn() -> bool,
) -> Result<u64, Failure> {
    let bar = ProgressBar::new_spinner();
    bar.set_draw_target(if output.is_json() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() });
    bar.enable_steady_tick(Duration::from_millis(200));
    let mut tagged = 0;
    while !stops() {
        let Some(more) = desk.tag_words(controller)? else { break };
        tagged += more;
        bar.set_message(format!("{tagged} contacts are found by their names"));
    }
    bar.finish_and_clear();
    if stops() && desk.imports_without_words(controller)? > 0 {
        output.note("Not all contacts are found by their names yet; `carnet import words` goes on with that.");
    }
    Ok(tagged)
}

pub(super) fn words(desk: &Desk<'_>, of: &Of, output: &Output) -> Result<ExitCode, Failure> {
    let tagged = tag(desk, &of.controller(desk)?, output, || false)?;
    let sentence = format!("Found by words of their names from now on: {}", counted(tagged, "contact", "contacts"));
    output.say(&json!({ "tagged": tagged }), &sentence)?;
    Ok(ExitCode::SUCCESS)
}
