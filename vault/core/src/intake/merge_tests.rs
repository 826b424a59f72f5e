//! Merging: examples of each rule, and what holds for any two cards.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn card(text: &str) -> Card {
    Card::parse(text).unwrap()
}

fn of(members: Value) -> Card {
    let mut whole = json!({ "@type": "Card", "version": "1.0" });
    whole.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    card(&whole.to_string())
}

fn france() -> Country {
    "FR".parse().unwrap()
}

fn merged(existing: Value, incoming: Value) -> (Value, u32) {
    let existing = of(existing);
    let result = merge(&existing, &of(incoming), Some(france())).unwrap();
    let value = result.card.unwrap_or(existing).value().clone();
    let mut members = value.as_object().unwrap().clone();
    members.retain(|name, _| !["@type", "version"].contains(&name.as_str()));
    (Value::Object(members), result.differing)
}

#[test]
fn what_is_missing_is_filled_in_and_the_rest_stays_byte_for_byte() {
    let ours = r#"{ "@type":"Card", "uid":"u", "x.example:big" : 12345678901234567890123.10,
      "emails":{"h":{"address":"Ada@example.org"} } }"#;
    let theirs = r#"{"@type":"Card","version":"1.0","uid":"v","created":"2020-01-01T00:00:00Z","prodId":"p",
      "emails":{"a":{"address":"ada@EXAMPLE.org"},"b":{"address":"a@corp.example","contexts":{"work":true},"pref":1}},
      "name":{"full":"Ada"},"x.example:small": 1.50e1,"nicknames":{}}"#;
    let result = merge(&card(ours), &card(theirs), None).unwrap();
    let expected = r#"{ "@type":"Card", "uid":"u", "x.example:big" : 12345678901234567890123.10,
      "emails":{"h":{"address":"Ada@example.org"} ,"e2":{"address":"a@corp.example","contexts":{"work":true}}} ,"name":{"full":"Ada"},"x.example:small":1.50e1}"#;
    assert_eq!(result.card.unwrap().to_text(), expected);
    assert_eq!(result.differing, 0);
}

#[test]
fn single_values_that_differ_stay_and_are_counted() {
    let ours = json!({ "name": { "full": "Ada" }, "titles": { "t": { "name": "Clerk" } }, "language": "fr",
        "anniversaries": { "b": { "kind": "birth", "date": { "month": 1, "day": 2 } } } });
    let theirs = json!({ "name": { "full": "Bob" }, "titles": { "t": { "name": "Head" } }, "language": "de",
        "anniversaries": { "b": { "kind": "birth", "date": { "month": 3, "day": 4 } } } });
    assert_eq!(merged(ours.clone(), theirs), (ours, 4));
}

#[test]
fn the_same_in_another_writing_is_the_same() {
    let ours = json!({ "phones": { "p": { "number": "+33 1 99 00 12 34" }, "q": { "number": "01 99" } },
        "organizations": { "o": { "name": "ACME" } }, "titles": { "a": { "@type": "Title", "name": "Clerk" } } });
    let theirs = json!({ "phones": { "p": { "number": "tel:+33-1-99-00-12-34" }, "q": { "number": "0199" } },
        "organizations": { "o": { "name": "Acme " } }, "titles": { "b": { "name": "Clerk", "pref": 2 } } });
    assert_eq!(merged(ours.clone(), theirs), (ours, 0));
}

#[test]
fn a_national_number_is_the_international_one_of_its_region() {
    let [national, international] = ["01 99 00 11 22", "+33 1 99 00 11 22"]
        .map(|number| json!({ "phones": { "p": { "number": number, "label": "desk" } } }));
    assert_eq!(merged(national.clone(), international.clone()), (national.clone(), 0));
    assert_eq!(merged(international.clone(), national.clone()), (international.clone(), 0));
    let [ours, theirs] = [of(national), of(international)];
    for elsewhere in [None, Some("DE".parse().unwrap())] {
        let both = merge(&ours, &theirs, elsewhere).unwrap().card.unwrap();
        assert_eq!(both.phones().count(), 2, "{elsewhere:?}");
    }
}

#[test]
fn a_region_does_not_make_one_extension_of_two() {
    let ours = json!({ "phones": { "p": { "number": "01 99 00 12 34 x1234" } } });
    let same = json!({ "phones": { "p": { "number": "tel:+33-1-99-00-12-34;ext=1234" } } });
    assert_eq!(merged(ours.clone(), same), (ours.clone(), 0));
    let (result, _) = merged(ours, json!({ "phones": { "p": { "number": "+33 1 99 00 12 34" } } }));
    assert_eq!(result["phones"]["p2"]["number"], "+33 1 99 00 12 34");
}

#[test]
fn an_extension_makes_another_number() {
    let ours = json!({ "phones": { "p1": { "number": "+33 1 99 00 12 34" } } });
    let (result, differing) = merged(ours, json!({ "phones": { "p1": { "number": "+33 1 99 00 12 34 x12" } } }));
    assert_eq!(result["phones"]["p2"]["number"], "+33 1 99 00 12 34 x12");
    assert_eq!(differing, 0);
}

#[test]
fn an_entry_gains_the_details_that_it_lacks_and_keeps_its_own() {
    let ours = json!({ "organizations": { "o1": { "name": "ACME" } },
        "phones": { "p1": { "number": "+33199001234", "contexts": { "work": true } } } });
    let theirs = json!({ "organizations": { "o9": { "name": "ACME", "units": [{ "name": "Post room" }] } },
        "phones": { "p1": { "number": "+33199001234", "contexts": { "private": true }, "label": "desk", "pref": 1 } } });
    let (result, differing) = merged(ours, theirs);
    assert_eq!(result["organizations"], json!({ "o1": { "name": "ACME", "units": [{ "name": "Post room" }] } }));
    assert_eq!(
        result["phones"],
        json!({ "p1": { "number": "+33199001234", "contexts": { "work": true }, "label": "desk" } })
    );
    assert_eq!(differing, 1);
}

#[test]
fn a_title_points_to_its_organisation_under_the_new_key() {
    let ours = json!({ "organizations": { "o1": { "name": "ACME" }, "o2": { "name": "Example" } } });
    let theirs = json!({ "titles": { "t": { "name": "Clerk", "organizationId": "o1" } },
        "organizations": { "o1": { "name": "Other" } } });
    let (result, _) = merged(ours, theirs);
    assert_eq!(result["organizations"]["o3"]["name"], "Other");
    assert_eq!(result["titles"]["t"]["organizationId"], "o3");
}

#[test]
fn keywords_and_columns_are_added_one_by_one() {
    let ours = json!({ "keywords": { "news": true }, "c.example:columns": { "Shop": "Lyon" } });
    let theirs = json!({ "keywords": { "shop": true }, "c.example:columns": { "Shop": "Paris", "Size": "M" } });
    let expected =
        json!({ "keywords": { "news": true, "shop": true }, "c.example:columns": { "Shop": "Lyon", "Size": "M" } });
    assert_eq!(merged(ours, theirs), (expected, 1));
}

#[test]
fn a_name_gains_its_parts_only_if_the_line_is_the_same() {
    let parts = json!([{ "kind": "given", "value": "Ada" }, { "kind": "surname", "value": "Example" }]);
    let theirs = json!({ "name": { "components": parts, "isOrdered": true } });
    let (result, differing) = merged(json!({ "name": { "full": "Ada  Example" } }), theirs.clone());
    assert_eq!((result["name"]["components"].clone(), differing), (parts, 0));
    assert_eq!(merged(json!({ "name": { "full": "Ada" } }), theirs), (json!({ "name": { "full": "Ada" } }), 1));
}

#[test]
fn translations_follow_only_what_they_translate() {
    let theirs = json!({ "name": { "full": "Ada" }, "titles": { "t": { "name": "Clerk" } },
        "localizations": { "el": { "name/full": "Άντα", "titles/t/name": "Υπάλληλος" } } });
    let (result, differing) = merged(json!({ "name": { "full": "Ada" } }), theirs.clone());
    assert_eq!((result["localizations"].clone(), differing), (theirs["localizations"].clone(), 0));
    let (result, differing) = merged(json!({ "name": { "full": "Bob" } }), theirs);
    assert_eq!(result["localizations"], json!({ "el": { "titles/t/name": "Υπάλληλος" } }));
    assert_eq!(differing, 2);
}

#[test]
fn two_cards_that_are_too_large_together_are_refused() {
    let half = "a".repeat(Card::MAX_BYTES / 2);
    let [ours, theirs] = ["n1", "n2"].map(|note| of(json!({ "notes": { "n": { "note": format!("{note}{half}") } } })));
    assert!(matches!(merge(&ours, &theirs, None), Err(CardError::TooLarge { .. })));
}

/// Every text and number that stands somewhere in a value, with the way to it.
fn leaves(value: &Value, way: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| leaves(value, &format!("{way}/{name}"), found))
        }
        other => found.push(format!("{way}={other}")),
    }
}

/// A card of few values, so that two of them have much in common.
fn any_card() -> impl Strategy<Value = Card> {
    let word = || proptest::sample::select(vec!["Ada", "ada", "Bob", "é\"", ""]);
    let entry = move |field: &'static str, values: Vec<&'static str>| {
        let details = (proptest::option::of(0_u8..2), proptest::option::of(1_u8..3), any::<bool>());
        (proptest::sample::select(values), details).prop_map(move |(value, (label, pref, work))| {
            let mut entry = json!({ field: value });
            label.iter().for_each(|label| entry["label"] = json!(format!("l{label}")));
            pref.iter().for_each(|pref| entry["pref"] = json!(pref));
            if work {
                entry["contexts"] = json!({ "work": true });
            }
            entry
        })
    };
    let entries = move |field: &'static str, values: Vec<&'static str>| {
        proptest::collection::btree_map("[ab]", entry(field, values), 0..3).prop_map(|entries| json!(entries))
    };
    let member = prop_oneof![
        entries("address", vec!["ada@example.org", "ADA@example.org", "b@example.org", "none"])
            .prop_map(|value| ("emails", value)),
        entries("number", vec!["+33199001234", "01 99 00 12 34", "0199001234 x1", "+33199001234 x1", "0199", "?"])
            .prop_map(|value| ("phones", value)),
        entries("name", vec!["ACME", "Acme", "Other"]).prop_map(|value| ("organizations", value)),
        entries("name", vec!["Clerk", "Head"]).prop_map(|value| ("titles", value)),
        entries("kind", vec!["birth", "wedding"]).prop_map(|value| ("anniversaries", value)),
        entries("note", vec!["one", "two"]).prop_map(|value| ("notes", value)),
        word().prop_map(|word| ("name", json!({ "full": word }))),
        word().prop_map(|word| (
            "name",
            json!({ "components": [{ "kind": "given", "value": word }], "isOrdered": true })
        )),
        word().prop_map(|word| ("x.example:table", json!({ word: "1", "b": "2" }))),
        word().prop_map(|word| ("x.example:list", json!([word, 1.5]))),
        word().prop_map(|word| ("keywords", json!({ word: true }))),
        word().prop_map(|word| ("links", json!({ "l": word }))),
        word().prop_map(|word| (
            "localizations",
            json!({ "el": { "name/full": word, "titles": {} }, "fr": { "name": {} } })
        )),
        Just(("localizations", json!([]))),
    ];
    proptest::collection::vec(member, 0..8).prop_map(|members| {
        let mut card = json!({});
        members.into_iter().for_each(|(name, value)| card[name] = value);
        of(card)
    })
}

fn any_region() -> impl Strategy<Value = Option<Country>> {
    proptest::option::of(proptest::sample::select(vec!["FR", "DE", "IT", "US"]))
        .prop_map(|code| code.map(|code| code.parse().unwrap()))
}

proptest! {
    #[test]
    fn merging_removes_nothing_and_adds_nothing_the_second_time(
        ours in any_card(),
        theirs in any_card(),
        region in any_region(),
    ) {
        let first = merge(&ours, &theirs, region).unwrap();
        prop_assert_eq!(&first, &merge(&ours, &theirs, region).unwrap());
        let card = first.card.unwrap_or_else(|| ours.clone());
        let (mut before, mut after) = (Vec::new(), Vec::new());
        leaves(ours.value(), "", &mut before);
        leaves(card.value(), "", &mut after);
        for leaf in before {
            prop_assert!(after.contains(&leaf), "{} is gone from {}", leaf, card.to_text());
        }
        prop_assert_eq!(card.main_email().is_some(), ours.main_email().is_some() || theirs.main_email().is_some());
        if let Some(main) = ours.main_email() {
            prop_assert_eq!(card.main_email(), Some(main));
        }
        prop_assert_eq!(merge(&card, &theirs, region).unwrap().card, None, "{}", card.to_text());
        prop_assert_eq!(merge(&card, &card, region).unwrap(), Merged { card: None, differing: 0 });
    }

    #[test]
    fn every_address_and_number_of_both_is_found_in_the_merged_card(
        ours in any_card(),
        theirs in any_card(),
        region in any_region(),
    ) {
        let card = merge(&ours, &theirs, region).unwrap().card.unwrap_or_else(|| ours.clone());
        let found = normalise::TagValues::of(&card, region);
        for one in [&ours, &theirs] {
            let wanted = normalise::TagValues::of(one, region);
            prop_assert!(wanted.emails.iter().all(|email| found.emails.contains(email)));
            prop_assert!(wanted.phones.iter().all(|phone| found.phones.contains(phone)));
        }
    }
}
