//! The program `carnet` from outside: arguments and standard input in; exit code and output out.
//!
//! It must not reach into the data folder's meaning: what is in there is the program's.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::database::temporary_folder;
use crate::outcome::Outcome;

/// How long one run may take before the test that waits for it fails.
const PATIENCE: Duration = Duration::from_secs(180);

/// The built program with a data folder of its own; the folder is removed when it is dropped.
#[derive(Debug)]
pub struct Program {
    binary: PathBuf,
    data: PathBuf,
    environment: Vec<(OsString, OsString)>,
    wrapper: Vec<OsString>,
    folder: TempDir,
}

impl Program {
    /// The built program and a data folder that does not exist yet.
    ///
    /// # Panics
    /// If `carnet` was not built.
    pub fn new() -> Self {
        Self::of(binary().unwrap_or_else(|reason| panic!("{reason}")))
    }

    fn of(binary: PathBuf) -> Self {
        let folder = temporary_folder();
        Self { binary, data: folder.path().join("data"), environment: Vec::new(), wrapper: Vec::new(), folder }
    }

    /// Uses another data folder, such as one that a test has prepared or damaged.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<PathBuf>) -> Self {
        self.data = data.into();
        self
    }

    /// Sets a variable of the program's environment, which has nothing of the developer's in it.
    #[must_use]
    pub fn with_variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    /// Runs the program by another one, such as `setpriv` or `nsenter`, which gets it and its arguments at the end.
    #[must_use]
    pub fn with_wrapper<A: Into<OsString>>(mut self, wrapper: impl IntoIterator<Item = A>) -> Self {
        self.wrapper = wrapper.into_iter().map(Into::into).collect();
        self
    }

    /// The data folder, which the program gets as `CARNET_DATA`.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// A temporary folder for the test's other files; the data folder is in it, and so is the program's home.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the program to its end with nothing on standard input.
    #[track_caller]
    pub fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Outcome {
        self.start(arguments).finish()
    }

    /// Runs the program to its end with the given bytes on standard input.
    #[track_caller]
    pub fn run_with_input<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        input: impl Into<Vec<u8>>,
    ) -> Outcome {
        self.start_with_input(arguments, input).finish()
    }

    /// Starts the program with nothing on standard input and leaves it running.
    #[track_caller]
    pub fn start<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Running {
        self.start_with_input(arguments, Vec::new())
    }

    /// Starts the program with the given bytes on standard input and leaves it running.
    #[track_caller]
    pub fn start_with_input<A: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
        input: impl Into<Vec<u8>>,
    ) -> Running {
        let mut command = match self.wrapper.split_first() {
            None => Command::new(&self.binary),
            Some((wrapper, its_own)) => {
                let mut command = Command::new(wrapper);
                command.args(its_own).arg(&self.binary);
                command
            }
        };
        command.args(arguments).env_clear();
        command.envs(env::vars_os().filter(|(name, _)| name == "PATH" || name == "TMPDIR"));
        command.envs([("HOME", self.folder.path()), ("CARNET_DATA", &self.data)]);
        command.envs([("LANG", "C.UTF-8"), ("TZ", "UTC")]);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.folder.path());
        Running::spawn(command, input.into())
    }
}

impl Default for Program {
    fn default() -> Self {
        Self::new()
    }
}

/// A run of the program that has not ended; dropping it kills it.
#[derive(Debug)]
pub struct Running {
    child: Child,
    command: String,
    stdout: Capture,
    stderr: Capture,
}

impl Running {
    fn spawn(mut command: Command, input: Vec<u8>) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let line = format!("{command:?}");
        let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start {line}: {error}"));
        if let Some(mut stdin) = child.stdin.take() {
            // On a thread, since neither side may wait for the other; a program that reads no input closes it early.
            thread::spawn(move || drop(stdin.write_all(&input)));
        }
        let stdout = Capture::of(child.stdout.take());
        let stderr = Capture::of(child.stderr.take());
        Self { child, command: line, stdout, stderr }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has printed the given text on standard output or standard error.
    ///
    /// # Panics
    /// If it ends first, or takes more than three minutes.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        let began = Instant::now();
        loop {
            let ended = self.has_ended();
            if self.stdout.contains(text) || self.stderr.contains(text) {
                return;
            }
            assert!(!ended, "{} ended without printing `{text}`:\n{}", self.command, self.stderr.text());
            assert!(began.elapsed() < PATIENCE, "{} does not print `{text}`:\n{}", self.command, self.stderr.text());
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// If that takes more than three minutes.
    #[track_caller]
    pub fn finish(mut self) -> Outcome {
        let began = Instant::now();
        while !self.has_ended() {
            assert!(began.elapsed() < PATIENCE, "{} does not end:\n{}", self.command, self.stderr.text());
            // Short commands are most of the tests: look often at first, seldom later.
            thread::sleep((began.elapsed() / 8).clamp(Duration::from_micros(200), Duration::from_millis(20)));
        }
        self.outcome()
    }

    /// Kills it (SIGKILL) after a delay, as a power cut would.
    ///
    /// If it ends by itself before that, [`Outcome::was_killed`] is false.
    pub fn kill_after(mut self, delay: Duration) -> Outcome {
        let began = Instant::now();
        while !self.has_ended() {
            let left = delay.saturating_sub(began.elapsed());
            if left.is_zero() {
                break;
            }
            thread::sleep(left.min(Duration::from_millis(5)));
        }
        self.kill()
    }

    /// Kills it (SIGKILL) at once.
    pub fn kill(mut self) -> Outcome {
        // An error means that it has already ended, which the outcome then says.
        drop(self.child.kill());
        self.outcome()
    }

    fn has_ended(&mut self) -> bool {
        match self.child.try_wait() {
            Ok(status) => status.is_some(),
            Err(error) => panic!("{} cannot be waited for: {error}", self.command),
        }
    }

    fn outcome(&mut self) -> Outcome {
        let status = self.child.wait().unwrap_or_else(|error| panic!("{} cannot be waited for: {error}", self.command));
        Outcome::new(self.command.clone(), status, &self.stdout.all(), &self.stderr.all())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only if it has ended, and then nothing is left to do.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What a stream has brought so far, read on a thread so that the program never waits for us.
#[derive(Debug)]
struct Capture {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Capture {
    fn of(stream: Option<impl Read + Send + 'static>) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&bytes);
        let reader = stream.map(|mut stream| {
            thread::spawn(move || {
                let mut chunk = [0; 8192];
                while let Ok(count) = stream.read(&mut chunk)
                    && let Some(read) = chunk.get(..count).filter(|read| !read.is_empty())
                {
                    kept.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(read);
                }
            })
        });
        Self { bytes, reader }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    fn contains(&self, text: &str) -> bool {
        self.text().contains(text)
    }

    /// Everything up to the stream's end, which comes when the program ends.
    fn all(&mut self) -> Vec<u8> {
        if let Some(reader) = self.reader.take() {
            drop(reader.join());
        }
        std::mem::take(&mut self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The built program: `CARNET_BIN`, or `carnet` in the folder that cargo built this test into.
fn binary() -> Result<PathBuf, String> {
    let named = env::var_os("CARNET_BIN").map(PathBuf::from);
    let beside = || Some(env::current_exe().ok()?.parent()?.parent()?.join("carnet"));
    let binary = named.or_else(beside).unwrap_or_default();
    if binary.is_file() {
        Ok(binary)
    } else {
        Err(format!(
            "the program is not at `{}`: `tests/run end-to-end` builds it and runs these tests, `cargo build -p carnet` \
             builds it, and CARNET_BIN names one that is elsewhere",
            binary.display()
        ))
    }
}

#[cfg(test)]
mod tests;
