//! Changes, and all that they leave alone.

use proptest::prelude::*;

use super::*;

const ADA: &str = r#"{"@type":"Card","x.example:big":12345678901234567890123.10,"uid":"u","name":{"full":"Ada Old","sortAs":{"surname":"Old"},"x":1},"emails":{"h":{"address":"ada@example.org","contexts":{"private":true}},"w":{"address":"a@corp.example"}},"localizations":{"el":{"name/full":"Άντα","emails/h/label":"σπίτι","titles":{}}}}"#;

fn patched(patch: CardPatch) -> String {
    Card::parse(ADA).unwrap().patch(&patch).unwrap().to_text().to_owned()
}

#[test]
fn replacing_an_address_changes_nothing_else() {
    let patch = CardPatch::new().replace(CardEntry::Email, "ADA@example.org", "ada@example.test");
    assert_eq!(patched(patch), ADA.replace("ada@example.org", "ada@example.test"));
}

#[test]
fn a_new_name_takes_the_old_ones_parts_and_translations_away() {
    let text = patched(CardPatch::new().name(Some("Ada"), Some("New"), None));
    let card = Card::parse(&text).unwrap();
    assert_eq!(card.full_name().unwrap(), "Ada New");
    assert!(!text.contains("Old") && !text.contains("Άντα"), "{text}");
    assert!(text.contains(r#""x":1"#) && text.contains("12345678901234567890123.10"), "{text}");
}

#[test]
fn removing_an_address_removes_what_was_said_of_it_in_every_language() {
    let text = patched(CardPatch::new().remove(CardEntry::Email, "ada@example.org"));
    assert!(!text.contains("ada@") && !text.contains("σπίτι"), "{text}");
    assert!(text.contains("a@corp.example"));
    let none = CardPatch::new().remove(CardEntry::Email, "ada@example.org").remove(CardEntry::Email, "a@corp.example");
    assert!(!patched(none).contains("emails\":{"));
}

#[test]
fn entries_are_added_once_and_set_where_they_are() {
    let twice =
        CardPatch::new().add(CardEntry::Phone, "+33 1").add(CardEntry::Phone, "+33 1").add(CardEntry::Phone, "+33 2");
    assert!(patched(twice).ends_with(r#","phones":{"p1":{"number":"+33 1"},"p2":{"number":"+33 2"}}}"#));
    let set = CardPatch::new().set(CardEntry::Organization, "A").set(CardEntry::Organization, "B").language("fr");
    assert!(patched(set).ends_with(r#","organizations":{"o1":{"name":"B"}},"language":"fr"}"#));
}

#[test]
fn a_value_that_is_not_there_cannot_be_replaced_and_the_card_stays() {
    let card = Card::parse(ADA).unwrap();
    let patch = CardPatch::new().full_name("X").replace(CardEntry::Email, "zebulon@example.org", "y@example.org");
    let error = card.patch(&patch).unwrap_err();
    assert_eq!(error, CardError::NoSuchEntry { member: "emails" });
    assert_eq!(card.to_text(), ADA);
}

proptest! {
    #[test]
    fn members_that_no_change_names_keep_their_text_and_their_order(
        unknown in "\\PC{0,20}", number in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,20})?", value in "\\PC{0,20}"
    ) {
        let unknown = Value::String(unknown).to_string();
        let before = format!(r#""@type":"Card","x":{unknown},"y":{{"z":[{number} ]}}"#);
        let card = Card::parse(&format!("{{{before}}}")).unwrap();
        let after = card.patch(&CardPatch::new().set(CardEntry::Note, &value)).unwrap();
        let note = Value::String(value).to_string();
        prop_assert_eq!(after.to_text(), format!(r#"{{{before},"notes":{{"n1":{{"note":{note}}}}}}}"#));
    }
}
