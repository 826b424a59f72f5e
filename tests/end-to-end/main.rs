//! The program from outside, as the people who use it and the machines that run it see it.

use carnet_tests::Program;

#[test]
fn the_program_starts_and_ends_well() {
    Program::new().run(["--help"]).succeeded();
}
