//! Trust policies: what they ask for, and what a checkpoint must have to meet them.

use super::*;

fn witness_key(number: u8) -> VerifierKey {
    witness_signer(number).verifier_key(KeyKind::Witness)
}

fn witness_signer(number: u8) -> NoteSigner {
    NoteSigner::new(&format!("w{number}.example"), &[number; 32]).unwrap()
}

/// Two of three witnesses of one house, and any of two of another.
fn policy() -> String {
    let mut text = format!("# the auditor's own file\n\nlog {LOG_KEY} https://vault.example/audit/\n");
    for number in 1..=5 {
        text.push_str(&format!("witness\tW{number}  {}\n", witness_key(number)));
    }
    text + "group X 2 W1 W2 W3\n  group Y any W4 W5 \ngroup both all X Y\nquorum both\n"
}

fn cosigned(by: &[u8]) -> Note {
    let mut note = signed(&some_entries(5));
    by.iter().for_each(|number| note.cosign(&witness_signer(*number), 100 + u64::from(*number)));
    note
}

#[test]
fn a_quorum_of_groups_is_counted_as_written() {
    let policy = TrustPolicy::parse(&policy()).unwrap();
    for (by, met) in [
        (&[][..], false),
        (&[1, 2], false),
        (&[1, 4], false),
        (&[4, 5], false),
        (&[1, 1, 4], false),
        (&[1, 3, 5], true),
        (&[1, 2, 3, 4, 5], true),
    ] {
        let judged = policy.judge(&cosigned(by));
        assert_eq!(judged.is_ok(), met, "{by:?}: {judged:?}");
        if !met {
            assert!(matches!(judged, Err(TrustError::Quorum { .. })), "{by:?}");
        }
    }
    let judgement = policy.judge(&cosigned(&[5, 1, 3])).unwrap();
    assert_eq!(judgement.witnesses, [("W1".to_owned(), 101), ("W3".to_owned(), 103), ("W5".to_owned(), 105)]);
    assert_eq!(judgement.checkpoint, checkpoint_of(&some_entries(5)));
    assert!(policy.judge_log(&cosigned(&[])).is_ok());
}

#[test]
fn a_quorum_may_be_one_witness_or_none() {
    let one = format!("log {LOG_KEY}\nwitness w {WITNESS_KEY}\nquorum w\n");
    let one = TrustPolicy::parse(&one).unwrap();
    assert!(one.judge(&Note::parse(CHECKPOINT_NOTE.as_bytes()).unwrap()).is_ok());
    assert!(one.judge(&signed(&some_entries(8))).is_err());
    let none = TrustPolicy::parse(&format!("quorum none\nlog {LOG_KEY}")).unwrap();
    assert!(none.judge(&signed(&some_entries(8))).is_ok());
}

#[test]
fn a_policy_that_says_nothing_clear_is_refused_with_its_line() {
    let line = |text: &str| match TrustPolicy::parse(text) {
        Err(TrustError::Line { line, .. }) => line,
        other => panic!("{text:?} gave {other:?}"),
    };
    let log = format!("log {LOG_KEY}\n");
    let witness = format!("witness w {WITNESS_KEY}\n");
    assert_eq!(line("log nonsense\n"), 1);
    assert_eq!(line(&format!("log {WITNESS_KEY}\n")), 1);
    assert_eq!(line(&format!("{log}{log}quorum none\n")), 2);
    assert_eq!(line(&format!("{witness}{}", witness.replace(" w ", " v "))), 2);
    assert_eq!(line(&format!("witness w {LOG_KEY}\n")), 1);
    assert_eq!(line(&format!("witness none {WITNESS_KEY}\n")), 1);
    assert_eq!(line(&format!("{log}quorum w\n{witness}")), 2);
    assert_eq!(line(&format!("{log}quorum none\nquorum none\n")), 3);
    assert_eq!(line(&format!("{witness}group g 0 w\n")), 2);
    assert_eq!(line(&format!("{witness}group g 2 w\n")), 2);
    assert_eq!(line(&format!("{witness}group g 01 w\n")), 2);
    assert_eq!(line(&format!("{witness}group g all\n")), 2);
    assert_eq!(line(&format!("{witness}group g any w w\n")), 2);
    assert_eq!(line(&format!("{witness}group g any w\ngroup h any w\n")), 3);
    assert_eq!(line(&format!("{witness}group w any w\n")), 2);
    assert_eq!(line(&format!("{witness}group g any none\n")), 2);
    assert_eq!(line("mirror somewhere\n"), 1);
    assert_eq!(line("quorum none\r\n"), 1);
    assert_eq!(TrustPolicy::parse("quorum none\n"), Err(TrustError::NoLog));
    assert_eq!(TrustPolicy::parse(&log), Err(TrustError::NoQuorum));
    assert_eq!(TrustPolicy::of_log(key(WITNESS_KEY)), Err(TrustError::NoLog));
}

#[test]
fn a_forgery_is_told_from_a_stranger() {
    let stranger = signer("stranger.example", &"05".repeat(32));
    let other = Checkpoint { origin: "stranger.example".to_owned(), ..checkpoint_of(&some_entries(5)) };
    assert_eq!(trust().judge(&other.sign(&stranger).unwrap()), Err(TrustError::UnknownLog));

    let forged = signed(&some_entries(5)).to_string().replacen("\n5\n", "\n6\n", 1);
    let error = trust().judge(&Note::parse(forged.as_bytes()).unwrap()).unwrap_err();
    assert!(error.is_forgery(), "{error:?}");

    let borrowed = Note::sign(&other.to_text(), &log()).unwrap();
    assert!(matches!(trust().judge(&borrowed), Err(TrustError::Origin(_))));
    let no_checkpoint = Note::sign("good morning\n", &log()).unwrap();
    assert!(trust().judge(&no_checkpoint).unwrap_err().is_forgery());

    // A witness vouches for the log's checkpoint, never in its place.
    let policy = TrustPolicy::parse(&policy()).unwrap();
    let mut unsigned = other.sign(&stranger).unwrap();
    [1, 2, 4].iter().for_each(|number| unsigned.cosign(&witness_signer(*number), 9));
    assert_eq!(policy.judge(&unsigned), Err(TrustError::UnknownLog));
}
