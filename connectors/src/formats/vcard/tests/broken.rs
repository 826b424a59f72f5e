//! Files that are not as they should be: each card for itself, each reject with its place.

use std::io;

use carnet_core::model::CardError;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::formats::told::{Failing, between};

fn good(name: &str) -> String {
    framed("3.0", &format!("FN:{name}\nEMAIL:{name}@example.org"))
}

/// The names of the cards, in their order, and the rejects.
fn names(bytes: &[u8]) -> (Vec<String>, Vec<Reject>) {
    let mut names = Vec::new();
    let mut rejects = Vec::new();
    for next in VCardSource::new(bytes) {
        match next {
            Ok(incoming) => names.push(incoming.card.full_name().unwrap_or_default().into_owned()),
            Err(reject) => rejects.push(reject),
        }
    }
    (names, rejects)
}

#[test]
fn cards_with_every_end_of_line_are_read_in_one_file() {
    let text = good("a")
        + &good("b").replace("\r\n", "\n")
        + "\n\n"
        + &good("c").replace("\r\n", "\r")
        + &good("d").replace('\n', "\r\n");
    let (names, rejects) = names(text.as_bytes());
    assert_eq!((names, rejects), (vec!["a".to_owned(), "b".into(), "c".into(), "d".into()], vec![]));
}

#[test]
fn a_byte_order_mark_stands_before_the_file_or_before_any_card_that_was_joined_to_it() {
    let text = format!("\u{feff}{}\u{feff}{}", good("a"), good("b").to_lowercase());
    assert_eq!(names(text.as_bytes()).0, ["a", "b"]);
}

#[test]
fn a_card_without_end_costs_itself_alone_and_says_where_it_begins() {
    let open = good("x").replace("END:VCARD\r\n", "");
    let text = good("a") + &open + &good("b") + &open;
    let (names, rejects) = names(text.as_bytes());
    assert_eq!(names, ["a", "b"]);
    assert_eq!((rejects[0].line, &rejects[0].reason), (6, &RejectReason::NotEnded));
    assert_eq!(rejects[0].raw.as_deref(), Some(open.as_bytes()));
    assert_eq!((rejects[1].line, &rejects[1].reason), (15, &RejectReason::CutShort));
    assert_eq!(rejects[1].raw.as_deref(), Some(open.as_bytes()));
}

#[test]
fn what_stands_between_cards_is_rejected_once() {
    let text = format!("hello\nworld\n\n{}\r\nEND:VCARD\r\n{}BEGIN:VCALENDAR\nEND:VCALENDAR\n", good("a"), good("b"));
    let (names, rejects) = names(text.as_bytes());
    assert_eq!(names, ["a", "b"]);
    let places: Vec<_> = rejects.iter().map(|reject| (reject.line, reject.raw.clone().unwrap())).collect();
    let expected: [(usize, &[u8]); 3] =
        [(1, b"hello\nworld\n\n"), (10, b"END:VCARD\r\n"), (16, b"BEGIN:VCALENDAR\nEND:VCALENDAR\n")];
    assert_eq!(places, expected.map(|(line, raw)| (line, raw.to_vec())));
    assert!(rejects.iter().all(|reject| reject.reason == RejectReason::OutsideCard));
}

#[test]
fn a_line_that_is_no_property_is_named_and_so_is_one_in_no_character_set() {
    let broken = good("x").replace("EMAIL:", "and more\r\nEMAIL:");
    let foreign = good("y").replace("EMAIL:", "NOTE;CHARSET=X-NONE:?\r\nEMAIL:");
    let mut text = (good("a") + &broken + &foreign + &framed("2.1", "BEGIN:VEVENT") + &good("b")).into_bytes();
    *text.iter_mut().find(|byte| **byte == b'?').unwrap() = 0xe9;
    let (names, rejects) = names(&text);
    assert_eq!(names, ["a", "b"]);
    let reasons: Vec<_> = rejects.iter().map(|reject| (reject.line, reject.reason.clone())).collect();
    assert_eq!(
        reasons,
        [(9, RejectReason::NotAProperty), (15, RejectReason::Charset), (20, RejectReason::NotAProperty)]
    );
}

#[test]
fn a_card_that_is_too_large_is_left_out_without_being_held() {
    let photo = format!("PHOTO;ENCODING=b:{}\nNOTE:{}", "QUJD".repeat(100_000), "\n x".repeat(1_000));
    for large in
        [framed("3.0", &photo), framed("3.0", &"TEL:1\n".repeat(1_000)), framed("3.0", &photo).replace("\r\n", "\r")]
    {
        let text = good("a") + &large + &good("b");
        let mut reader = VCardSource::with_max_card_bytes(text.as_bytes(), 1_000);
        assert!(reader.next().unwrap().is_ok());
        let reject = reader.next().unwrap().unwrap_err();
        assert!(matches!(reject.reason, RejectReason::Card(CardError::TooLarge { limit: 1_000, .. })), "{reject}");
        assert_eq!((reject.line, reject.raw), (6, None));
        assert!(reader.next().unwrap().is_ok());
        assert!(reader.next().is_none());
        assert!(reader.blocks.window.capacity() < 4 * 64 * 1024);
    }
}

#[test]
fn a_property_of_ten_megabytes_costs_its_card_alone_and_no_memory() {
    let large = framed("3.0", &format!("FN:x\nNOTE:{}", "x".repeat(10 << 20)));
    let text = good("a") + &large + &good("b");
    let mut reader = VCardSource::new(text.as_bytes());
    assert!(reader.next().unwrap().is_ok());
    let reject = reader.next().unwrap().unwrap_err();
    assert!(
        matches!(reject.reason, RejectReason::Card(CardError::TooLarge { limit: Card::MAX_BYTES, .. })),
        "{reject}"
    );
    assert_eq!((reject.line, reject.raw), (6, None));
    assert_eq!(reader.next().unwrap().unwrap().line, 11);
    assert!(reader.next().is_none());
    assert!(reader.blocks.window.capacity() < 4 * Card::MAX_BYTES);
}

#[test]
fn a_line_without_end_outside_cards_is_not_held_either() {
    let text = "x".repeat(1_000_000) + "\n" + &good("a");
    let mut reader = VCardSource::with_max_card_bytes(text.as_bytes(), 1_000);
    let reject = reader.next().unwrap().unwrap_err();
    assert_eq!((reject.line, reject.reason, reject.raw), (1, RejectReason::OutsideCard, None));
    assert!(reader.next().unwrap().is_ok());
    assert!(reader.blocks.window.capacity() < 4 * 64 * 1024);
}

#[test]
fn a_card_with_two_thousand_properties_is_a_card() {
    let lines: String = (0..2_000)
        .map(|number| format!("item{number}.X-P{number};TYPE=a:{number}\nEMAIL:{number}@example.org\n"))
        .collect();
    let card = card(&framed("4.0", &lines));
    assert_eq!(card.emails().count(), 2_000);
    assert_eq!(card.value()["vCardProps"].as_array().unwrap().len(), 2_000);
    assert_eq!(
        super::canonical::canonical(&framed("4.0", &lines)),
        super::canonical::canonical(&write(&card, Version::V4))
    );
}

#[test]
fn a_stream_that_fails_is_reported_once_and_ends() {
    let text = good("a");
    let mut reader = VCardSource::new(text.as_bytes().chain(Failing));
    let last = reader.by_ref().last().unwrap().unwrap_err();
    assert_eq!(last.reason, RejectReason::Unreadable(io::ErrorKind::ConnectionReset));
    assert!(reader.next().is_none());
}

#[test]
fn neither_the_sentence_nor_debug_repeats_the_card() {
    let text = good("Zebulon").replace("EMAIL", "and EMAIL");
    let reject = read(text.as_bytes()).remove(0).unwrap_err();
    let incoming = read(good("Zebulon").as_bytes()).remove(0).unwrap();
    assert!(!format!("{reject} {reject:?} {incoming:?} {:?}", incoming.original).contains("Zebulon"));
}

/// Part of a file, and how many cards begin in it.
fn any_part() -> impl Strategy<Value = (String, usize)> {
    prop_oneof![
        4 => "[a-z]{1,4}".prop_map(|name| (good(&name), 1)),
        1 => "[a-z]{1,4}".prop_map(|name| (good(&name).replace("\r\n", "\r"), 1)),
        1 => "[a-z]{1,4}".prop_map(|name| (good(&name).replace("END:VCARD\r\n", ""), 1)),
        1 => "[a-z]{1,4}".prop_map(|name| (good(&name).replace("FN:", "nonsense"), 1)),
        1 => "[a-z]{1,4}".prop_map(|name| (framed("2.1", &format!("AGENT:\n{}\nFN:x", good(&name))), 1)),
        1 => "[a-z :;=\n\r]{0,20}\n".prop_map(|junk| (junk, 0)),
        1 => Just(("END:VCARD\r\n".to_owned(), 0)),
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_answered(
        text in "(BEGIN:VCARD|END:VCARD|AGENT:|VERSION:2.1|NOTE;ENCODING=|QUOTED-PRINTABLE|B:|=|[A-Za-z;:,.\\\\\"^ ]{1,6}|\r|\n|\r\n|\r\n ){0,40}",
        bytes in vec(any::<u8>(), 0..60),
    ) {
        for bytes in [text.as_bytes(), &bytes[..], &[b"BEGIN:VCARD\n", &bytes[..], b"\nEND:VCARD\n"].concat()] {
            let gaps = between(bytes, &read(bytes));
            let is_nothing = |gap: &Vec<u8>| String::from_utf8_lossy(gap).replace('\u{feff}', "").trim_ascii().is_empty();
            prop_assert!(gaps.iter().all(is_nothing));
        }
    }

    #[test]
    fn every_card_that_begins_becomes_a_card_or_a_reject(parts in vec(any_part(), 0..10)) {
        let text: String = parts.iter().map(|(text, _)| text.as_str()).collect();
        let begun: usize = parts.iter().map(|(_, begun)| begun).sum();
        let found = read(text.as_bytes());
        let outside = found.iter().filter(|next| matches!(next, Err(Reject { reason: RejectReason::OutsideCard, .. }))).count();
        prop_assert_eq!(found.len() - outside, begun);
    }

    #[test]
    fn however_the_stream_is_cut_into_pieces_it_says_the_same(parts in vec(any_part(), 0..6), piece in 1_usize..50) {
        let text: String = parts.iter().map(|(text, _)| text.as_str()).collect();
        let whole = read(text.as_bytes());
        let mut reader = VCardSource::new(text.as_bytes());
        reader.blocks.window.chunk_bytes = piece;
        prop_assert_eq!(whole, reader.collect::<Vec<_>>());
    }
}

/// Cards that are as large as they may be, of parts that are as small as they may be. Work that grows with the square of
/// their number would take minutes here.
#[test]
fn a_card_of_a_hundred_thousand_parts_takes_no_longer_than_its_bytes() {
    let many = |part: &dyn Fn(usize) -> String, bytes: usize| {
        let mut lines = String::new();
        (0..)
            .map(part)
            .take_while(|part| {
                lines.len() + part.len() < bytes && {
                    lines.push_str(part);
                    true
                }
            })
            .for_each(drop);
        framed("4.0", &lines)
    };
    for (text, is_card) in [
        (many(&|_| "TEL;PROP-ID=a:1\n".to_owned(), 120_000), true),
        (many(&|number| format!("g{number}.TEL:1\ng{number}.X-ABLabel:x\n"), 120_000), true),
        (many(&|_| "g.TITLE:x\n".to_owned(), 120_000), true),
        (many(&|number| format!("g{number}.ORG:x\ng{number}.TITLE:x\n"), 120_000), true),
        (
            framed("4.0", &format!("TEL{}:1", (0..100_000).map(|number| format!(";P{number}=x")).collect::<String>())),
            false,
        ),
        (framed("4.0", &format!("TEL;TYPE={}x:1", "x,".repeat(200_000))), true),
        (framed("4.0", &format!("N:{}", ";,".repeat(200_000))), true),
        (framed("4.0", &format!("N:{};;;;;{}", "a,".repeat(100_000), "b,".repeat(100_000))), true),
        (framed("4.0", &format!("N;JSCOMPS=\"{}\":a;b", ";0".repeat(200_000))), true),
        (framed("4.0", &format!("NOTE{}:x", "\n X".repeat(200_000))), true),
        (framed("3.0", &format!("NOTE;ENCODING=QUOTED-PRINTABLE:x{}\n y", "\n  ".repeat(200_000))), true),
        (framed("4.0", &format!("NOTE:x{}\n y", "\n ".repeat(200_000))), true),
    ] {
        let found = read(text.as_bytes()).remove(0);
        assert_eq!(found.is_ok(), is_card);
        if let Ok(incoming) = found {
            let card = write(&incoming.card, Version::V3);
            assert_eq!(read(card.as_bytes()).len(), 1);
        }
    }
    let labelled: String = (0..10_000).map(|number| format!(r#","p{number}":{{"number":"1","label":"x"}}"#)).collect();
    let phones = format!(r#"{{"@type":"Card","phones":{{{}}}}}"#, labelled.trim_start_matches(','));
    assert!(write(&Card::parse(&phones).unwrap(), Version::V4).contains("group10000.X-ABLabel:x"));
}
