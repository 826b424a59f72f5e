//! What no member of a card stands for stays in it and comes out again: by the original bytes, and by the writer after an edit.

use carnet_core::model::{CardEntry, CardPatch};
use serde_json::json;

use super::*;
use crate::formats::told::corpus;

/// Found by fuzzing: eight digits that are no date were written in 3.0 as if they were one.
#[test]
fn a_birthday_that_no_calendar_has_stays_as_it_was() {
    let card = card(&framed("4.0", "FN:Ada\nBDAY:12052829"));
    for version in [Version::V4, Version::V3] {
        assert_eq!(super::card(&write(&card, version)).value(), card.value());
    }
}

/// Found by fuzzing: of two full names, one with a parameter of its own, the other was the name after a way through a file.
#[test]
fn the_first_of_several_full_names_stays_the_name() {
    let lines = "N:Martin;Ada;;;\nFN;X-OWN=1:Ada M.\nFN:Ada Martin";
    for version in ["3.0", "4.0"] {
        let card = card(&framed(version, lines));
        assert_eq!(card.full_name().as_deref(), Some("Ada M."));
        for version in [Version::V4, Version::V3] {
            let again = super::card(&write(&card, version));
            assert_eq!(again.value(), card.value(), "{}", write(&card, version));
        }
    }
}

#[test]
fn unknown_properties_keep_their_group_parameters_and_value() {
    assert_eq!(
        value(
            "3.0",
            "item1.X-Own;X-P=1,\"a;b\";TYPE=home:raw\\;value,x\nX-EMPTY:\nGENDER:M;grumble\nAGENT;VALUE=uri:cid:a"
        ),
        json!({"vCardProps": [
            ["x-own", {"group": "item1", "x-p": ["1", "a;b"], "type": "home"}, "unknown", "raw\\;value,x"],
            ["x-empty", {}, "unknown", ""],
            ["gender", {}, "unknown", "M;grumble"],
            ["agent", {}, "uri", "cid:a"],
        ]})
    );
}

#[test]
fn unknown_parameters_stay_with_their_entry() {
    assert_eq!(
        value("4.0", "EMAIL;PID=1.1;ALTID=1;X-OWN=\"a:b\",c:a@example.org"),
        json!({"emails": {"e1": {"address": "a@example.org", "vCardParams": {"pid": "1.1", "altid": "1", "x-own": ["a:b", "c"]}}}})
    );
}

#[test]
fn a_group_is_a_label_only_where_a_person_has_written_one() {
    assert_eq!(
        value(
            "3.0",
            "item1.TEL:1\nitem1.X-ABLabel:Boat\nitem2.URL:https://a.example\nitem2.X-ABLabel:_$!<HomePage>!$_"
        ),
        json!({
            "phones": {"p1": {"number": "1", "vCardParams": {"group": "item1"}, "label": "Boat"}},
            "links": {"l1": {"uri": "https://a.example", "vCardParams": {"group": "item2"}}},
            "vCardProps": [["x-ablabel", {"group": "item2"}, "unknown", "_$!<HomePage>!$_"]],
        })
    );
    assert_eq!(
        written(
            Version::V3,
            json!({"phones": {"p1": {"number": "1", "label": "Boat"}, "p2": {"number": "2", "label": "Car"}}})
        ),
        ["FN;DERIVED=TRUE:", "group1.TEL:1", "group2.TEL:2", "group1.X-ABLabel:Boat", "group2.X-ABLabel:Car", "N:;;;;"]
    );
}

#[test]
fn a_card_in_a_card_is_kept_whole() {
    let agent = framed("2.1", "N:Helper;Hilda").replace("\r\n", "\n");
    let kept = value("2.1", &format!("FN:x\nAGENT:\n{agent}TEL:1"));
    assert_eq!(kept["phones"]["p1"]["number"], "1");
    let text = kept["vCardProps"][0][3].as_str().unwrap();
    assert_eq!(
        (kept["vCardProps"][0][0].as_str(), super::super::text::unescape(text).as_ref()),
        (Some("agent"), agent.as_str())
    );
    let again = card(&write(&card(&framed("2.1", &format!("FN:x\nAGENT:\n{agent}"))), Version::V4));
    assert_eq!(again.value()["vCardProps"][0][3].as_str(), Some(text));
}

#[test]
fn no_kept_property_ends_a_card_or_begins_one() {
    let lines = written(
        Version::V4,
        json!({"vCardProps": [["end", {}, "text", "VCARD"], ["x-a", {}, "unknown", "1\r\nEND:VCARD"], ["x:b", {}, "text", "1"]]}),
    );
    assert_eq!(
        lines,
        [
            "FN;DERIVED=TRUE:",
            "X-A:1\\nEND:VCARD",
            "JSPROP;JSPTR=\"vCardProps\":[[\"end\"\\,{}\\,\"text\"\\,\"VCARD\"]\\,[\"x:b\"\\,{}\\,\"text\"\\,\"1\"]]",
        ]
    );
}

/// Everything that the properties of the good cards of the corpus say, and what the writer says of them after an edit.
#[test]
fn after_an_edit_the_writer_says_all_that_the_file_said_but_what_was_changed() {
    let mut edited = 0;
    for (name, bytes) in corpus("vcard").into_iter().filter(|(name, _)| name != "broken.vcf") {
        for contact in read(&bytes) {
            let Incoming { card, original, .. } = contact.unwrap();
            let before = super::canonical::canonical_of(&original.unwrap().bytes);
            for version in [Version::V3, Version::V4] {
                assert_eq!(super::canonical::canonical(&write(&card, version)), before, "{name}");
                let Some(old) = card.emails().next() else { continue };
                let patch = CardPatch::new().replace(CardEntry::Email, old, "changed@example.org");
                let after = super::canonical::canonical(&write(&card.patch(&patch).unwrap(), version));
                let expected: Vec<String> =
                    before
                        .iter()
                        .map(|line| {
                            if line.contains("EMAIL") { line.replace(old, "changed@example.org") } else { line.clone() }
                        })
                        .collect();
                assert_eq!(sorted(after), sorted(expected), "{name}");
                edited += 1;
            }
        }
    }
    assert!(edited > 8);
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort_unstable();
    lines
}
