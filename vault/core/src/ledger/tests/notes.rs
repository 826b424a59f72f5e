//! Keys, notes and checkpoints: known answers, and what must not be believed.

use super::*;

#[test]
fn the_example_of_the_specification_verifies_and_prints_as_it_was() {
    let note = Note::parse(EXAMPLE_NOTE.as_bytes()).unwrap();
    let keys = [key(EXAMPLE_KEY)];
    let verified = note.verify(&keys).unwrap();
    assert_eq!(verified, [Verified { key: &keys[0], time_s: None }]);
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!(note.to_string(), EXAMPLE_NOTE);
}

#[test]
fn our_signers_make_the_checkpoint_vector_byte_for_byte() {
    let leaves: Vec<Vec<u8>> =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
            .map(|leaf| hex::decode(leaf).unwrap())
            .to_vec();
    let mut note = signed(&leaves);
    note.cosign(&witness(), 1_767_225_600);
    assert_eq!(note.to_string(), CHECKPOINT_NOTE);
    assert_eq!(log().verifier_key(KeyKind::Log).to_string(), LOG_KEY);
    assert_eq!(witness().verifier_key(KeyKind::Witness).to_string(), WITNESS_KEY);

    let keys = [key(LOG_KEY), key(WITNESS_KEY)];
    let read = Note::parse(CHECKPOINT_NOTE.as_bytes()).unwrap();
    let times: Vec<_> = read.verify(&keys).unwrap().into_iter().map(|verified| verified.time_s).collect();
    assert_eq!(times, [None, Some(1_767_225_600)]);
    assert_eq!(Checkpoint::open(&read, &keys[0]).unwrap(), checkpoint_of(&leaves));
}

#[test]
fn a_key_survives_its_text_form_and_a_changed_or_unsound_one_is_refused() {
    for text in [LOG_KEY, WITNESS_KEY, EXAMPLE_KEY] {
        assert_eq!(key(text).to_string(), text);
    }
    let parse = |text: &str| text.parse::<VerifierKey>();
    assert_eq!(parse(""), Err(KeyError::Form));
    assert_eq!(parse("a+b"), Err(KeyError::Form));
    assert_eq!(parse(&LOG_KEY.replace("vault.example", "other.example")), Err(KeyError::Id));
    assert_eq!(parse(&LOG_KEY.replace("6c5bbaef", "6C5BBAEF")), Err(KeyError::Id));
    assert_eq!(parse(&LOG_KEY.replace("vault.example/audit", "vault example")), Err(KeyError::Name));
    assert_eq!(parse("pq+00000000+BgAA"), Err(KeyError::Kind(6)));
    // The identity point, for which anybody can make signatures.
    let mut weak = [0; 32];
    weak[0] = 1;
    assert_eq!(VerifierKey::new("weak.example", KeyKind::Log, &weak), Err(KeyError::Bytes));
    assert!(NoteSigner::new("two words", &[7; 32]).is_err());
}

#[test]
fn a_signer_never_shows_its_seed() {
    let shown = format!("{:?}", NoteSigner::new("vault.example/audit", &[0xab; 32]).unwrap());
    assert_eq!(shown, "NoteSigner(vault.example/audit, key hidden)");
}

#[test]
fn what_is_not_exactly_a_note_is_refused() {
    let good = EXAMPLE_NOTE;
    let refused = [
        String::new(),
        "text only\n".to_owned(),
        good.trim_end().to_owned(),
        good.replace("\n\n", "\n"),
        good.replace('\n', "\r\n"),
        good.replace("example message", "example\tmessage"),
        good.replace('\u{2014}', "-"),
        good.replace(" Uw2Q", "  Uw2Q"),
        good.replace("aQM=", "aQM"),
        good.replace("aQM=", "aQN="),
        good.replace("example.com/foo", "example.com+foo"),
        format!("{good}\n"),
        format!("{good}not a signature\n"),
        format!("{good}\u{2014} short AAAA\n"),
        format!("text\n\n{}", good.lines().last().unwrap_or_default().to_owned().repeat(1 << 13)),
    ];
    for bad in refused {
        assert!(Note::parse(bad.as_bytes()).is_err(), "{:?}", &bad[..bad.len().min(200)]);
    }
    assert_eq!(Note::parse(&[0xff, b'\n']), Err(NoteError::Form));
    assert_eq!(Note::parse(&vec![b'a'; note::MAX_NOTE_BYTES + 1]), Err(NoteError::TooLarge));
    assert_eq!(Note::sign("no newline", &log()), Err(NoteError::Form));
}

#[test]
fn a_blank_line_in_the_text_leaves_the_text_whole() {
    let note = Note::sign("a\n\nb\n\n", &log()).unwrap();
    let read = Note::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(read.text(), "a\n\nb\n\n");
    assert!(read.verify(&[key(LOG_KEY)]).is_ok());
}

#[test]
fn unknown_signatures_are_passed_over_but_a_known_one_that_fails_spoils_the_note() {
    let mut note = signed(&some_entries(3));
    for number in 0..40 {
        note.cosign(&NoteSigner::new(&format!("w{number}.example"), &[number; 32]).unwrap(), 7);
    }
    let note = Note::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(note.signatures().len(), 41);
    assert_eq!(note.verify(&[key(LOG_KEY)]).unwrap().len(), 1);
    assert_eq!(note.verify(&[key(EXAMPLE_KEY)]), Err(NoteError::NoKnownKey));
    assert_eq!(note.verify(&[]), Err(NoteError::NoKnownKey));

    let moved = CHECKPOINT_NOTE.replacen("BNLYMwAAAABpVbkA", "BNLYMwAAAABpVbkB", 1);
    let note = Note::parse(moved.as_bytes()).unwrap();
    assert!(note.verify(&[key(LOG_KEY)]).is_ok());
    let name = "witness.example/w1".to_owned();
    assert_eq!(note.verify(&[key(LOG_KEY), key(WITNESS_KEY)]), Err(NoteError::BadSignature { name }));
}

#[test]
fn a_note_takes_a_witness_answer_but_not_without_end() {
    let entries = some_entries(3);
    let mut cosigned = signed(&entries);
    cosigned.cosign(&witness(), 9);
    let line = cosigned.signatures()[1].to_string();
    let mut note = signed(&entries);
    note.add_lines(&line).unwrap();
    assert_eq!(note, cosigned);
    assert!(note.add_lines("nonsense\n").is_err());
    assert_eq!(note.add_lines(&line.repeat(127)), Err(NoteError::TooLarge));
    assert_eq!(note, cosigned);
    let flood = format!("text\n\n{}", line.repeat(129));
    assert_eq!(Note::parse(flood.as_bytes()), Err(NoteError::TooLarge));
}

#[test]
fn a_checkpoint_has_one_spelling_and_may_have_extension_lines() {
    let text = checkpoint_of(&some_entries(8)).to_text();
    let parsed = Checkpoint::parse(&text).unwrap();
    assert_eq!(parsed.to_text(), text);
    assert_eq!(Checkpoint::parse(&format!("{text}extension\n")).unwrap(), parsed);
    for (bad, line) in [
        (text.replacen("vault.example/audit", "", 1), 1),
        (text.replacen("\n8\n", "\n08\n", 1), 2),
        (text.replacen("\n8\n", "\n+8\n", 1), 2),
        (text.replacen("\n8\n", "\n18446744073709551616\n", 1), 2),
        (text.replacen("\n8\n", "\n\n", 1), 2),
        (text.replacen("=\n", "\n", 1), 3),
        (format!("{text}one\n\n"), 5),
    ] {
        assert_eq!(Checkpoint::parse(&bad), Err(CheckpointError::Line(line)), "{bad:?}");
    }
    assert_eq!(Checkpoint::parse(&text.replacen("\n8\n", "\n18446744073709551615\n", 1)).unwrap().size, u64::MAX);
}

#[test]
fn a_key_signs_and_speaks_for_its_own_ledger_only() {
    let other = Checkpoint { origin: "other.example".to_owned(), ..checkpoint_of(&some_entries(1)) };
    assert!(matches!(other.sign(&log()), Err(CheckpointError::Origin { .. })));
    let forced = Note::sign(&other.to_text(), &log()).unwrap();
    assert!(matches!(Checkpoint::open(&forced, &key(LOG_KEY)), Err(CheckpointError::Origin { .. })));
    let good = signed(&some_entries(1));
    assert!(Checkpoint::open(&good, &witness().verifier_key(KeyKind::Witness)).is_err());
}
