//! Cards in and out, and what is refused.

use proptest::prelude::*;

use super::*;

const ADA: &str = r#"{ "@type":"Card", "version":"1.0", "uid":"urn:uuid:01930c5e-0000-7000-8000-000000000000",
    "name":{"full":"Ada Example"}, "x.example/Score": 1.50e1,
    "emails":{"home":{"address":"ada@example.org"},"work":{"address":"a@corp.example","pref":1}},
    "phones":{"p":{"number":"tel:+33-1-99-00-12-34"}}, "titles":{"t":{"name":"Clerk"}},
    "organizations":{"o":{"name":"Example & Co","units":[{"name":"Post room"}]}} }"#;

#[test]
fn text_in_is_text_out_and_its_values_are_read_in_order() {
    let card = Card::parse(ADA).unwrap();
    assert_eq!(card.to_text(), ADA);
    assert_eq!(card.full_name().unwrap(), "Ada Example");
    assert_eq!(card.emails().collect::<Vec<_>>(), ["ada@example.org", "a@corp.example"]);
    assert_eq!(card.main_email(), Some("a@corp.example"));
    assert_eq!(card.phones().collect::<Vec<_>>(), ["tel:+33-1-99-00-12-34"]);
    assert_eq!(card.organizations().collect::<Vec<_>>(), ["Example & Co"]);
    assert_eq!(card.titles().collect::<Vec<_>>(), ["Clerk"]);
    assert_eq!(card.uid(), Some("urn:uuid:01930c5e-0000-7000-8000-000000000000"));
}

#[test]
fn a_name_in_parts_is_put_together_as_the_card_says() {
    let name = |json: &str| {
        let card = Card::parse(&format!(r#"{{"@type":"Card","name":{json}}}"#)).unwrap();
        card.full_name().map(Cow::into_owned)
    };
    let parts = r#"[{"kind":"surname","value":"Lin"},{"kind":"given","value":"Mei"}]"#;
    assert_eq!(name(&format!(r#"{{"components":{parts}}}"#)).unwrap(), "Mei Lin");
    assert_eq!(name(&format!(r#"{{"isOrdered":true,"components":{parts}}}"#)).unwrap(), "Lin Mei");
    assert_eq!(name(&format!(r#"{{"isOrdered":true,"defaultSeparator":"","components":{parts}}}"#)).unwrap(), "LinMei");
    let parts = r#"[{"kind":"given","value":"A"},{"kind":"separator","value":"-"},{"kind":"given2","value":"B"}]"#;
    assert_eq!(name(&format!(r#"{{"isOrdered":true,"components":{parts}}}"#)).unwrap(), "A-B");
    assert_eq!(name(r#"{"full":" "}"#), None);
}

#[test]
fn version_and_uid_may_be_missing_but_the_type_may_not() {
    assert!(Card::parse(r#"{"@type":"Card"}"#).is_ok());
    for text in ["{}", r#"{"@type":"Group"}"#, "[]", "\"Card\"", r#"{"version":"1.0","uid":"x"}"#] {
        assert_eq!(Card::parse(text).unwrap_err(), CardError::NotACard, "{text}");
    }
}

#[test]
fn addresses_that_could_not_be_found_again_are_refused() {
    for (json, member) in [
        (r#""emails":[{"address":"zebulon@example.org"}]"#, "emails"),
        (r#""emails":{"e":"zebulon@example.org"}"#, "emails"),
        (r#""emails":{"e":{"email":"zebulon@example.org"}}"#, "emails"),
        (r#""phones":{"p":{"number":33199001234}}"#, "phones"),
        (r#""name":"Zebulon""#, "name"),
        (r#""name":{"components":[{"given":"Zebulon"}]}"#, "name"),
        (r#""organizations":["Zebulon"]"#, "organizations"),
        (r#""uid":7"#, "uid"),
    ] {
        let error = Card::parse(&format!(r#"{{"@type":"Card",{json}}}"#)).unwrap_err();
        assert!(matches!(error, CardError::Shape { member: found, .. } if found == member), "{json}: {error}");
        assert!(!error.to_string().to_lowercase().contains("zebulon"), "{error}");
    }
}

#[test]
fn size_depth_and_double_members_are_bounded_with_their_place() {
    let large = format!(r#"{{"@type":"Card","x":"{}"}}"#, "a".repeat(Card::MAX_BYTES));
    assert!(matches!(Card::parse(&large), Err(CardError::TooLarge { limit: Card::MAX_BYTES, .. })));
    assert!(Card::parse_within(&large, 2 * Card::MAX_BYTES).is_ok());
    let deep = format!("{{\"@type\":\"Card\",\n\"x\":{}1{}}}", "[".repeat(40), "]".repeat(40));
    assert!(matches!(Card::parse(&deep), Err(CardError::TooDeep { line: 2, .. })));
    let double = "{\"@type\":\"Card\",\n\"uid\":\"a\",\n\"uid\":\"b\"}";
    assert!(matches!(Card::parse(double), Err(CardError::Duplicate { line: 3, .. })));
    assert!(matches!(Card::parse("{\"@type\":\"Card\",\n\"uid\"}"), Err(CardError::NotJson { line: 2, .. })));
}

#[test]
fn debug_shows_no_content() {
    let shown = format!("{:?}", Card::parse(ADA).unwrap());
    assert!(shown.starts_with("Card(") && !shown.contains("Ada"), "{shown}");
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}|[{}\\[\\]:,\"@typeCard ]{0,60}") {
        let _ = Card::parse(&text);
    }

    #[test]
    fn whatever_a_card_holds_it_comes_out_as_it_went_in(
        name in "\\PC{0,20}", unknown in "\\PC{0,20}", number in proptest::num::f64::NORMAL, pad in "[ \n\t]{0,4}"
    ) {
        let [name, unknown] = [name, unknown].map(|text| Value::String(text).to_string());
        let text = format!("{pad}{{\"@type\":{pad}\"Card\",\"name\":{{\"full\":{name}}},{pad}\"x\":[{unknown},{number}]}}{pad}");
        let card = Card::parse(&text).unwrap();
        prop_assert_eq!(card.to_text(), text);
    }
}
