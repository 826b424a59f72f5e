use super::*;

fn refusal(from: &str, to: &str) -> PolicyError {
    assert!(TEXT.contains(from), "{from}");
    GatePolicy::parse(Path::new("x.toml"), &TEXT.replacen(from, to, 1)).unwrap_err()
}

#[test]
fn what_ships_is_taken_and_has_every_signal() {
    let policy = GatePolicy::builtin();
    let ids: Vec<SignalId> = policy.rules().iter().map(|rule| rule.id).collect();
    assert_eq!(ids, SignalId::ALL);
    assert_eq!((policy.verdict().review, policy.verdict().block), (3, 12));
    assert!(policy.rules().iter().all(|rule| rule.cure.ends_with('.')));
}

#[test]
fn a_change_is_another_version_and_a_folder_without_the_file_changes_nothing() {
    let changed = GatePolicy::parse(Path::new(FILE), &format!("{TEXT}\n# more\n")).unwrap();
    assert_ne!(changed.version(), GatePolicy::builtin().version());
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(GatePolicy::from_dir(folder.path()).unwrap().version(), GatePolicy::builtin().version());
    fs::write(folder.path().join(FILE), TEXT.replace("review = 3", "review = 4")).unwrap();
    assert_eq!(GatePolicy::from_dir(folder.path()).unwrap().verdict().review, 4);
}

#[test]
fn what_is_not_sound_is_refused_with_its_line() {
    for (from, to, said) in [
        ("review = 3", "review = 30", "grow from 1"),
        ("least_rows = 25", "least_rows = 25\nrows = 1", "unknown field"),
        ("id = \"P1\"", "id = \"P2\"", "P2 is there twice"),
        ("id = \"P1\"", "id = \"P9\"", "not a signal"),
        ("above = 0.015", "above = 1.5", "from 0 to 1"),
        ("above = 0.015", "above = -0.1", "from 0 to 1"),
        ("above = 0.90", "above = 0.01", "grow from step to step"),
        ("points = 4 }]\nlaw", "points = -4 }]\nlaw", "invalid value"),
        ("points = 4 }]\nlaw", "points = 40 }]\nlaw", "more than 12"),
        ("settings = { years = 3, untold = 0.3 }", "settings = { year = 3 }", "its settings are untold, years"),
        ("settings = { years = 3, untold = 0.3 }\n", "", "its settings are untold, years"),
        ("cure = \"Held by compliance.\"", "cure = \" \"", "cure is empty"),
    ] {
        let error = refusal(from, to);
        assert!(error.to_string().contains(said), "{to}: {error}");
        assert!(error.line().is_some());
    }
    let without = TEXT.replace("id = \"V6\"", "id = \"V5\"");
    assert!(GatePolicy::parse(Path::new(FILE), &without).is_err());
}

#[test]
fn points_grow_with_the_measure() {
    let policy = GatePolicy::builtin();
    for rule in policy.rules() {
        let mut last = 0;
        for step in 0..=100 {
            let points = rule.points(f64::from(step) / 100.0, u64::MAX);
            assert!(points >= last, "{}", rule.id);
            last = points;
        }
    }
    let p1 = &policy.rules()[0];
    assert_eq!((p1.points(0.015, 9), p1.points(0.016, 9), p1.points(0.91, 9)), (0, 3, 4));
    assert_eq!((p1.threshold(0.001), p1.threshold(0.5), p1.threshold(0.95)), (0.015, 0.015, 0.9));
}
