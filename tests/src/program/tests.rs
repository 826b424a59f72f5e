use super::*;

/// The shell in the program's place: the harness is tested without the program.
fn shell() -> Program {
    Program::of("/bin/sh".into())
}

#[test]
fn exit_code_output_and_input_pass_through() {
    let outcome = shell().run_with_input(["-c", "cat; echo no >&2; exit 3"], "yes").exited(3);
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("yes", "no\n"));
}

#[test]
fn more_than_a_pipe_holds_passes_through_both_ways() {
    let input = "a line of a list\n".repeat(100_000);
    assert_eq!(shell().run_with_input(["-c", "cat"], input.clone()).succeeded().stdout, input);
}

#[test]
fn a_program_that_reads_no_input_is_no_failure() {
    shell().run_with_input(["-c", "exit 0"], vec![b'x'; 1 << 20]).succeeded();
}

#[test]
fn nothing_of_the_developers_environment_reaches_the_program() {
    let carnet = shell().with_variable("CARNET_COLOUR", "never");
    let outcome = carnet.run(["-c", "env"]).succeeded();
    let mut names: Vec<_> = outcome.stdout.lines().filter_map(|line| line.split('=').next()).collect();
    names.retain(|name| !["PWD", "OLDPWD", "SHLVL", "_", "TMPDIR"].contains(name));
    names.sort_unstable();
    assert_eq!(names, ["CARNET_COLOUR", "CARNET_DATA", "HOME", "LANG", "PATH", "TZ"]);
    assert!(outcome.stdout.contains(&format!("CARNET_DATA={}", carnet.data().display())));
}

#[test]
fn a_wrapper_gets_the_program_and_its_arguments() {
    let outcome = shell().with_wrapper(["env", "GREETING=hello"]).run(["-c", "echo $GREETING $0", "you"]).succeeded();
    assert_eq!(outcome.stdout, "hello you\n");
}

#[test]
fn a_kill_is_seen_as_one_and_keeps_what_was_printed() {
    let mut running = shell().start(["-c", "echo ready; exec sleep 600"]);
    running.wait_for("ready");
    let outcome = running.kill_after(Duration::from_millis(20));
    assert!(outcome.was_killed());
    assert_eq!(outcome.stdout, "ready\n");
}

#[test]
fn a_program_that_ends_before_the_kill_keeps_its_exit_code() {
    let outcome = shell().start(["-c", "exit 4"]).kill_after(Duration::from_secs(60));
    assert_eq!((outcome.code, outcome.was_killed()), (Some(4), false));
}

#[test]
fn a_dropped_run_leaves_no_process() {
    let mut running = shell().start(["-c", "echo ready; exec sleep 600"]);
    running.wait_for("ready");
    let process = PathBuf::from(format!("/proc/{}", running.pid()));
    assert!(process.exists());
    drop(running);
    assert!(!process.exists());
}

#[test]
#[should_panic(expected = "ended without printing `ready`")]
fn waiting_for_a_text_that_never_comes_fails_when_the_program_ends() {
    shell().start(["-c", "exit 0"]).wait_for("ready");
}
