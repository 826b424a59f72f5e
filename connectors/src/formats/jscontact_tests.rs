//! Cards in every arrangement, good ones among broken ones.

use std::io;

use carnet_core::model::CardError;
use proptest::prelude::*;

use super::*;
use crate::formats::told::Failing;

fn card(uid: &str) -> String {
    format!(
        r#"{{"@type":"Card","version":"1.0","uid":"{uid}","name":{{"full":"Ada \"{{\" Exämple"}},"emails":{{"e1":{{"address":"ada@example.org"}}}},"x":[[],{{}},1]}}"#
    )
}

fn pretty(uid: &str) -> String {
    format!("{{\n  \"@type\": \"Card\",\n  \"uid\": \"{uid}\",\n  \"name\": {{\n    \"full\": \"Ada\"\n  }}\n}}\n")
}

/// The uids of the cards, in their order, and the rejects.
fn read(text: &[u8]) -> (Vec<String>, Vec<Reject>) {
    let mut uids = Vec::new();
    let mut rejects = Vec::new();
    for next in CardReader::new(text) {
        match next {
            Ok(card) => uids.push(card.uid().unwrap().to_owned()),
            Err(reject) => rejects.push(reject),
        }
    }
    (uids, rejects)
}

/// Found by fuzzing: a line end within a word was told to be in column 0.
#[test]
fn a_line_end_within_a_word_has_a_place() {
    let (_, rejects) = read(b"{\"@type\":\"Card\",\"a\":tr\nue}");
    assert_eq!(rejects.iter().map(|reject| (reject.line, reject.column)).collect::<Vec<_>>(), [(2, 1)]);
}

#[test]
fn the_files_of_the_corpus_are_read_to_the_letter() {
    for (name, bytes) in crate::formats::told::corpus("jscontact") {
        let cards: Vec<Card> = CardReader::new(bytes.as_slice()).map(|card| card.unwrap()).collect();
        let text = std::str::from_utf8(&bytes).unwrap();
        assert!(cards.len() >= 2 && cards.iter().all(|card| text.contains(card.to_text())), "{name}");
    }
}

#[test]
fn one_card_an_array_and_cards_in_a_row_are_all_read() {
    let (a, b) = (card("a"), card("b"));
    for text in [
        format!("{a}\n{b}\n"),
        format!("{a}\r\n\r\n{b}"),
        format!("\u{feff}[{a}, {b}]\n"),
        format!("[\n  {a},\n  {b}\n]"),
        format!("{a}{b}"),
        format!("\u{1e}{a}\n\u{1e}{b}\n"),
        format!("{}{}", pretty("a"), pretty("b")),
        format!("[{}]\n[{b}]", pretty("a")),
    ] {
        assert_eq!(read(text.as_bytes()), (vec!["a".to_owned(), "b".to_owned()], vec![]), "{text}");
    }
    assert_eq!(read(a.as_bytes()).0, ["a"]);
    assert_eq!(read(b" \n "), (vec![], vec![]));
    assert_eq!(read(b"[]"), (vec![], vec![]));
}

#[test]
fn as_a_source_each_card_has_its_line_and_nothing_that_it_does_not_say() {
    let text = format!("[ {},\n{}, \n  {{\"@type\":\"Group\"}},\n{}]", card("a"), pretty("b"), card("c"));
    let lines: Vec<_> = JsContactSource::new(text.as_bytes())
        .map(|item| {
            item.map(|incoming| (incoming.line, incoming.original, incoming.claims.len())).map_err(|reject| reject.line)
        })
        .collect();
    assert_eq!(lines, [Ok((1, None, 0)), Ok((2, None, 0)), Err(10), Ok((11, None, 0))]);
}

#[test]
fn each_card_keeps_the_very_text_that_it_had() {
    let text = format!("[ {} ,\n{}]", card("a"), pretty("b"));
    let texts: Vec<String> = CardReader::new(text.as_bytes()).map(|card| card.unwrap().to_text().to_owned()).collect();
    assert_eq!(texts, [card("a"), pretty("b").trim_end().to_owned()]);
}

#[test]
fn a_reject_has_its_place_its_reason_and_its_bytes() {
    let text = format!("{}\n  {{\"@type\":\"Card\",\"uid\":}}\n{{\"@type\":\"Group\"}}\n{}", card("a"), card("b"));
    let (uids, rejects) = read(text.as_bytes());
    assert_eq!(uids, ["a", "b"]);
    assert_eq!((rejects[0].line, rejects[0].column), (2, 25));
    assert!(matches!(rejects[0].reason, RejectReason::Card(CardError::NotJson { line: 2, column: 25, .. })));
    assert_eq!(rejects[0].raw.as_deref(), Some(&b"{\"@type\":\"Card\",\"uid\":}"[..]));
    assert_eq!((rejects[1].line, rejects[1].column), (3, 1));
    assert_eq!(rejects[1].reason, RejectReason::Card(CardError::NotACard));
}

#[test]
fn a_broken_card_in_an_array_on_one_line_costs_itself_alone() {
    let broken = card("x").replacen("}}", "}", 1);
    let text = format!("[{},{broken},{},42,{}]", card("a"), card("b"), card("c"));
    let (uids, rejects) = read(text.as_bytes());
    assert_eq!(uids, ["a", "b", "c"]);
    assert_eq!(rejects.len(), 2, "{rejects:?}");
    assert_eq!(rejects[1].reason, RejectReason::NotACard);
}

#[test]
fn a_file_that_was_cut_says_so_and_keeps_what_came_before() {
    let whole = format!("[{},{}]", card("a"), card("b"));
    let (uids, rejects) = read(&whole.as_bytes()[..whole.len() - 10]);
    assert_eq!((uids, &rejects[0].reason), (vec!["a".to_owned()], &RejectReason::CutShort));
    let (uids, rejects) = read(&whole.as_bytes()[..whole.len() - 1]);
    assert_eq!((uids.len(), &rejects[0].reason), (2, &RejectReason::ListNotClosed));
}

#[test]
fn a_card_that_is_too_large_is_left_out_without_being_held() {
    let large = card("x").replace("Ada", &"A".repeat(300_000));
    let text = format!("{}\n{large}\n{}\n", card("a"), card("b"));
    let mut reader = CardReader::with_max_card_bytes(text.as_bytes(), 1_000);
    assert_eq!(reader.next().unwrap().unwrap().uid(), Some("a"));
    let reject = reader.next().unwrap().unwrap_err();
    assert!(matches!(reject.reason, RejectReason::Card(CardError::TooLarge { limit: 1_000, .. })));
    assert_eq!((reject.line, reject.raw), (2, None));
    assert_eq!(reader.next().unwrap().unwrap().uid(), Some("b"));
    assert!(reader.next().is_none());
    assert!(reader.window.capacity() < 4 * CHUNK_BYTES);
}

#[test]
fn what_is_not_utf_8_is_said_to_be_so() {
    let mut text = card("x").replace('ä', "?").into_bytes();
    *text.iter_mut().find(|byte| **byte == b'?').unwrap() = 0xe4;
    text.extend(format!("\n{}\n", card("a")).into_bytes());
    let (uids, rejects) = read(&text);
    assert_eq!((uids, &rejects[0].reason), (vec!["a".to_owned()], &RejectReason::NotUtf8));
}

#[test]
fn a_stream_that_fails_is_reported_once_and_ends() {
    let text = card("a");
    let mut reader = CardReader::new(text.as_bytes().chain(Failing));
    let last: Vec<_> = reader.by_ref().collect();
    assert_eq!(
        last.last().unwrap().as_ref().unwrap_err().reason,
        RejectReason::Unreadable(io::ErrorKind::ConnectionReset)
    );
    assert!(reader.next().is_none());
}

#[test]
fn neither_the_sentence_nor_debug_repeats_the_card() {
    let text = card("x").replace("Ada", "Zebulon").replace("\"version\":", "\"version\"");
    let reject = CardReader::new(text.as_bytes()).next().unwrap().unwrap_err();
    assert!(!format!("{reject} {reject:?}").contains("Zebulon"));
}

/// A good card, or one that was cut somewhere.
fn any_line() -> impl Strategy<Value = (bool, usize)> {
    (proptest::bool::weighted(0.6), 1..card("00").len() - 1)
}

/// Cards numbered by their place, the broken ones cut; and the numbers of the good ones.
fn arrange(lines: &[(bool, usize)]) -> (Vec<String>, Vec<String>) {
    let mut texts = Vec::new();
    let mut good = Vec::new();
    for (index, (whole, cut)) in lines.iter().enumerate() {
        let uid = format!("{index:02}");
        let text = card(&uid);
        if *whole {
            good.push(uid);
            texts.push(text);
        } else {
            let end = (1..=*cut).rev().find(|end| text.is_char_boundary(*end)).unwrap();
            texts.push(text[..end].to_owned());
        }
    }
    (texts, good)
}

proptest! {
    #[test]
    fn any_bytes_are_answered(text in "\\PC{0,60}|[{}\\[\\]:,\" \na\\\\]{0,60}", cut in proptest::collection::vec(any::<u8>(), 0..40)) {
        read(text.as_bytes());
        read(&cut);
    }

    #[test]
    fn on_lines_no_good_card_is_lost_to_a_broken_one(lines in proptest::collection::vec(any_line(), 0..12)) {
        let (texts, good) = arrange(&lines);
        let (uids, rejects) = read(texts.join("\n").as_bytes());
        prop_assert_eq!(uids, good);
        prop_assert_eq!(rejects.len(), lines.iter().filter(|(whole, _)| !whole).count());
    }

    #[test]
    fn in_an_array_of_lines_no_good_card_is_lost_to_a_broken_one(lines in proptest::collection::vec(any_line(), 0..12)) {
        let (texts, good) = arrange(&lines);
        let (uids, _) = read(format!("[\n{}\n]", texts.join(",\n")).as_bytes());
        prop_assert_eq!(uids, good);
    }
}
