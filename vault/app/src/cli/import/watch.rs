//! Who waits for an import: shows how far it is, keeps its rejects, and stops it on Ctrl-C.

use std::cell::Cell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use carnet_core::intake::Reject;
use carnet_core::model::ImportCounts;
use carnet_desk::{Started, Watch};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::chain::Track;
use super::rejects::Rejects;
use crate::failure::Failure;
use crate::output::Output;

/// The exit code of a shell's command that was interrupted: 128 and the signal's number.
pub(super) const INTERRUPTED: u8 = 130;
const TERMINATED: i32 = 143;

/// What an import is watched with.
pub(super) struct Waiting {
    pub(super) rejects: Rejects,
    pub(super) started: Option<Started>,
    stop: Arc<AtomicBool>,
    told_to_stop: Cell<bool>,
    track: Track,
    bar: ProgressBar,
    began: Instant,
    output: Output,
}

impl Waiting {
    /// From here on the first Ctrl-C stops after a chunk, and the second at once.
    pub(super) fn new(rejects: Rejects, track: Track, output: Output) -> Result<Self, Failure> {
        let stop = Arc::new(AtomicBool::new(false));
        for (signal, code) in [(SIGINT, i32::from(INTERRUPTED)), (SIGTERM, TERMINATED)] {
            flag::register_conditional_shutdown(signal, code, Arc::clone(&stop))?;
            flag::register(signal, Arc::clone(&stop))?;
        }
        Ok(Self {
            rejects,
            started: None,
            stop,
            told_to_stop: Cell::new(false),
            bar: bar(&track, output)?,
            track,
            began: Instant::now(),
            output,
        })
    }

    /// Takes the bar away, so that the report stands alone.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Whether somebody pressed Ctrl-C.
    pub(super) fn was_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Whether somebody has pressed Ctrl-C by the time that it is asked.
    pub(super) fn stops_now(&self) -> impl Fn() -> bool + use<> {
        let stop = Arc::clone(&self.stop);
        move || stop.load(Ordering::Relaxed)
    }

    fn speed(&self, read: u64) -> u64 {
        let here = read.saturating_sub(self.started.map_or(0, |started| started.passed_over));
        let milliseconds = self.began.elapsed().as_millis().max(1);
        u64::try_from(u128::from(here) * 1000 / milliseconds).unwrap_or(u64::MAX)
    }
}

impl Watch for Waiting {
    fn started(&mut self, started: &Started) {
        if started.goes_on {
            self.rejects.go_on();
        }
        if started.passed_over > 0 {
            let sentence = format!("Going on behind the first {} that an earlier run has read.", started.passed_over);
            self.bar.suspend(|| self.output.note(&sentence));
        }
        self.started = Some(*started);
    }

    fn reject(&mut self, reject: &Reject) -> io::Result<()> {
        self.rejects.take(reject)
    }

    fn progress(&mut self, counts: &ImportCounts) {
        self.rejects.chunk_written();
        if let Some(bytes) = self.track.bytes_of(counts.read) {
            self.bar.set_position(bytes);
        }
        self.bar.set_message(format!("{} contacts, {} a second", counts.read, self.speed(counts.read)));
    }

    fn stops(&self) -> bool {
        if self.was_stopped() && !self.told_to_stop.replace(true) {
            self.bar.suspend(|| self.output.note("Stopping after this part; once more quits at once."));
        }
        self.was_stopped()
    }
}

/// A bar of bytes against the sizes of the files, or a spinner if one has no size. Hidden where nobody sees it.
fn bar(track: &Track, output: Output) -> Result<ProgressBar, Failure> {
    let style =
        |template: &str| ProgressStyle::with_template(template).map_err(|error| Failure::invalid(error.to_string()));
    let bar = match track.total_bytes() {
        Some(total) => ProgressBar::new(total).with_style(style("{bar:30} {percent:>3}%  {msg}  {eta} left")?),
        None => ProgressBar::new_spinner().with_style(style("{spinner} {bytes}  {msg}  {elapsed}")?),
    };
    let hidden = output.is_json();
    bar.set_draw_target(if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() });
    bar.enable_steady_tick(Duration::from_millis(200));
    Ok(bar)
}
