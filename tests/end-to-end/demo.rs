//! The demonstration: a throwaway vault, kept where asked, told to people or to programs.

use std::fs;

use carnet_tests::Program;

use crate::shell::words;
use crate::transcript::Transcript;

#[test]
fn the_demonstration_leaves_nothing_behind() {
    let program = Program::new();
    let temporary = program.folder().join("tmp");
    fs::create_dir(&temporary).unwrap();
    let program = program.with_variable("TMPDIR", &temporary);
    let outcome = program.run(["demo"]).succeeded();
    assert_eq!(outcome.stderr, "");
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
    assert!(!program.data().exists());
    assert!(outcome.stdout.contains("Verified again as an auditor would"), "{}", outcome.stdout);
}

#[test]
fn a_kept_demonstration_is_a_vault_to_look_around_in() {
    let program = Program::new();
    let mut told = Transcript::for_people(&program);
    told.run("demo --keep shown").succeeded();
    told.run("demo --keep shown").exited(2);
    let of = "--controller 'Association des Tilleuls' --reason 'looking around'";
    told.run(&format!("--data shown contact show ada.martin@atelier.example {of}")).succeeded();
    insta::assert_snapshot!("demo", told.text());
    // Its times move with the week, so that it is not compared letter by letter.
    let report = program.run(words(&format!("--data shown list report partners --as officer {of}"))).succeeded().stdout;
    assert!(report.contains("Verdict: block") && report.contains("cure "), "{report}");
    program.run(words("--data shown audit verify")).succeeded();
    program.run(words("--data shown audit tail")).succeeded();
}

#[test]
fn the_demonstration_tells_programs_what_came_of_it() {
    let program = Program::new();
    let outcome = program.run(["demo", "--json"]).succeeded();
    let value = outcome.json();
    assert_eq!((outcome.stderr.as_str(), value["verdict"].as_str()), ("", Some("verified")));
    assert!(value["contacts"].as_u64() > Some(0) && value["entries"].as_u64() > Some(0), "{value}");
}
