//! Found by fuzzing: cards that did not come back as they went.

use serde_json::{Map, Value, json};

use super::*;

/// The members come back as they were, whichever version is between.
fn comes_back(members: Value) {
    let mut all: Map<String, Value> = json!({ "@type": "Card", "version": "1.0" }).as_object().unwrap().clone();
    all.extend(members.as_object().unwrap().clone());
    let card = Card::parse(&Value::Object(all).to_string()).unwrap();
    for version in [Version::V4, Version::V3] {
        let text = write(&card, version);
        assert_eq!(super::card(&text).value(), card.value(), "{text}");
    }
}

/// So does a card that was read from these lines.
fn comes_back_from(version: &str, lines: &str) {
    comes_back(value(version, lines));
}

#[test]
fn a_name_that_says_nothing_is_said() {
    comes_back(json!({ "name": {} }));
    comes_back(json!({ "name": { "@type": "Name" }, "emails": { "e1": { "address": "ada@example.org" } } }));
    comes_back(json!({ "speakToAs": { "@type": "SpeakToAs" } }));
}

#[test]
fn a_name_that_is_none_does_not_cost_the_card() {
    let kept = json!([["jsprop", { "jsptr": "name" }, "unknown", "5"]]);
    let lines = "JSPROP;JSPTR=\"name\":5";
    assert_eq!(value("4.0", &format!("FN:Ada\n{lines}")), json!({ "name": { "full": "Ada" }, "vCardProps": kept }));
    assert_eq!(value("4.0", lines), json!({ "vCardProps": kept }));
}

#[test]
fn a_full_name_that_is_said_twice_is_said_twice() {
    comes_back_from("4.0", "FN;LANGUAGE=en:Ada\nFN;LANGUAGE=en:Ada");
    comes_back_from("4.0", "FN;LANGUAGE=en:Ada\nFN;LANGUAGE=en:Ada\nN:Martin;Ada;;;");
    comes_back(json!({ "name": { "full": "Ada", "components": [], "vCardParams": { "language": "en" } } }));
}

#[test]
fn a_date_is_a_moment_only_if_it_says_so() {
    for date in [
        json!({ "utc": "2015-06-20T10:00:00Z" }),
        json!({ "@type": "PartialDate", "utc": "2015-06-20T10:00:00Z" }),
        json!({ "@type": "Timestamp", "year": 2015 }),
        json!({ "@type": "Timestamp", "utc": "2015-06-20T10:00:00Z", "year": 2015 }),
    ] {
        comes_back(json!({ "anniversaries": { "a1": { "kind": "wedding", "date": date } } }));
    }
}

#[test]
fn a_place_stays_with_its_date() {
    comes_back(json!({ "anniversaries": {
        "a1": { "kind": "birth", "date": { "year": 1985 } },
        "a2": { "kind": "birth", "date": { "year": 1986 }, "place": { "full": "Lyon" } },
    } }));
}

#[test]
fn a_media_type_keeps_its_spaces() {
    for uri in ["data: image/png;base64,QUJD", "https://a.example/p"] {
        comes_back(json!({ "media": { "m1": { "kind": "photo", "uri": uri, "mediaType": "image/png " } } }));
    }
}

#[test]
fn a_media_type_is_told_from_other_types_that_look_like_one() {
    comes_back(json!({ "media": { "m1": {
        "kind": "photo", "uri": "https://a.example/p", "mediaType": "image/jpeg", "vCardParams": { "type": "A/B" },
    } } }));
}

#[test]
fn a_relation_of_the_name_pref_is_no_preference() {
    comes_back(json!({ "relatedTo": { "urn:uuid:1": { "relation": { "pref": true } } } }));
}

#[test]
fn a_number_past_what_an_index_can_be_stays() {
    comes_back(json!({ "personalInfo": { "p1": { "kind": "hobby", "value": "chess", "listAs": 4_294_967_296_u64 } } }));
}

#[test]
fn a_member_whose_name_looks_like_a_place_inside_another_stays() {
    comes_back(json!({ "speakToAs/pronouns": { "p1": { "pronouns": "elle" } } }));
}

#[test]
fn words_of_a_telephone_are_taken_apart_with_or_without_their_name() {
    let phones = json!({ "phones": { "p1": { "number": "1", "contexts": { "private": true }, "features": { "mobile": true } } } });
    assert_eq!(value("2.1", "TEL;,HOME,CELL:1"), phones);
    comes_back_from("2.1", "TEL;HOME,X-OWN:1");
}

#[test]
fn parameters_with_odd_names_stay_with_an_entry_that_has_a_label() {
    comes_back_from("3.0", "item1.TEL;ner,ype=x;a.b=y:1");
    comes_back(json!({ "phones": { "p1": { "number": "1", "label": "Boat", "vCardParams": { "a=b": "x" } } } }));
    comes_back(json!({
        "organizations": { "o1": { "name": "Example", "vCardParams": { "a=b": "x" } } },
        "titles": { "t1": { "name": "Clerk", "organizationId": "o1" } },
    }));
    for params in
        [json!({ "X-Own": "1" }), json!({ "x-own": 1 }), json!({ "x-own": ["1"] }), json!({ "x-own": ["1", "2"] })]
    {
        comes_back(json!({ "name": { "full": "Ada", "vCardParams": params } }));
        comes_back(json!({ "emails": { "e1": { "address": "a@example.org", "vCardParams": params } } }));
    }
    comes_back(
        json!({ "emails": { "e1": { "address": "a@example.org", "pref": 1, "vCardParams": { "pref": "2" } } } }),
    );
}
