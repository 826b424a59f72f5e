//! The help of every command, as golden files: help that teaches is written, read and reviewed like a page.

use carnet_tests::Program;

#[test]
fn every_command_has_help_and_an_example_of_its_use() {
    let program = Program::new();
    let mut waiting = vec![Vec::<String>::new()];
    let mut seen = 0;
    while let Some(command) = waiting.pop() {
        let help = program.run(command.iter().map(String::as_str).chain(["--help"])).succeeded();
        assert_eq!(help.stderr, "");
        for name in commands_in(&help.stdout) {
            waiting.push(command.iter().cloned().chain([name]).collect());
        }
        let name = std::iter::once("carnet").chain(command.iter().map(String::as_str)).collect::<Vec<_>>().join("_");
        insta::assert_snapshot!(format!("help_{name}"), help.stdout);
        seen += 1;
    }
    assert!(seen > 30, "only {seen} commands were found in the help of their parents");
}

/// The names in the part of a help that lists commands.
fn commands_in(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}
