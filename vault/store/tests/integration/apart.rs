//! Runs a test's body in a process of its own: on a small disk, without root's powers, or beside other processes.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Set in the process that runs the body: the folder that it may use.
const INSIDE: &str = "CARNET_TEST_INSIDE";

/// Mounts a file system of the given size over the folder, then becomes the program.
const ON_A_SMALL_DISK: &str = r#"mount -t tmpfs -o "size=$1" tmpfs "$CARNET_TEST_INSIDE" && shift && exec "$@""#;

/// The folder, if this process is the one that runs the body.
pub(crate) fn inside() -> Option<PathBuf> {
    env::var_os(INSIDE).map(PathBuf::from)
}

/// Runs `body` on a file system of its own with this many bytes, in a mount namespace that dies with it.
pub(crate) fn on_a_small_disk(test: &str, bytes: u64, body: impl FnOnce(&Path)) {
    let mut unshare = Command::new("unshare");
    if !is_root() {
        unshare.args(["--user", "--map-root-user"]);
    }
    unshare.args(["--mount", "sh", "-c", ON_A_SMALL_DISK, "sh", &bytes.to_string()]);
    elsewhere(test, unshare, body);
}

/// Runs `body` where the modes of files count: root keeps its name and loses the power to ignore them.
pub(crate) fn without_powers(test: &str, body: impl FnOnce(&Path)) {
    let mut setpriv = Command::new(if is_root() { "setpriv" } else { "env" });
    if is_root() {
        setpriv.arg("--bounding-set=-dac_override,-dac_read_search");
    }
    elsewhere(test, setpriv, body);
}

/// This test program, to run this one test in a process of its own that finds `folder` in [`inside`].
pub(crate) fn again(test: &str, folder: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env(INSIDE, folder).stdin(Stdio::null());
    command
}

/// What the process printed, after making sure that it ran the test and that the test passed.
pub(crate) fn passed(output: &Output) -> String {
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    // A misspelt name runs nothing and succeeds.
    assert!(output.status.success() && printed.contains("1 passed"), "{}\n{printed}\n{complaint}", output.status);
    printed
}

fn elsewhere(test: &str, mut prefix: Command, body: impl FnOnce(&Path)) {
    if let Some(folder) = inside() {
        return body(&folder);
    }
    let folder = tempfile::tempdir().unwrap();
    let program = again(test, folder.path());
    prefix.arg(program.get_program()).args(program.get_args()).env(INSIDE, folder.path()).stdin(Stdio::null());
    let output = prefix.output().unwrap_or_else(|error| panic!("{prefix:?} cannot be started: {error}"));
    passed(&output);
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}
