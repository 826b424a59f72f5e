use proptest::prelude::*;

use super::*;

fn ada<'a>() -> CardParts<'a> {
    CardParts {
        full_name: "Ada \"A\" Example",
        name: vec![(NamePart::Title, ""), (NamePart::Given, "Ada"), (NamePart::Surname, "Example")],
        nickname: "Dada",
        organization: "Example & Co",
        unit: "R\\D",
        title: "Clerk",
        emails: vec![
            EmailParts { address: "ada@example.org", context: Some(Context::Work) },
            EmailParts { address: "", context: None },
            EmailParts { address: "a@example.test", context: None },
        ],
        phones: vec![PhoneParts {
            number: "+33 1 99 00 12 34",
            context: Some(Context::Private),
            feature: Some(PhoneFeature::Mobile),
        }],
        addresses: vec![
            AddressParts {
                street: "1 rue de l'Exemple",
                locality: "Lyon",
                postcode: "69001",
                country_code: "FR",
                context: Some(Context::Work),
                ..AddressParts::default()
            },
            AddressParts::default(),
            AddressParts { full: "2 High Street\nLeeds", ..AddressParts::default() },
        ],
        language: "fr",
        birth: Some(PartialDate { year: None, month: 2, day: 29 }),
        links: vec!["https://example.org/ada"],
        keywords: vec!["news", "", "news", "shop"],
        notes: vec!["met\tat the fair\u{1}"],
        columns: vec![("Shoe size", "42"), ("", "x"), ("Empty", ""), ("\"Q\"", "a\\b"), ("Shoe size", "43")],
    }
}

#[test]
fn what_is_written_is_what_rfc_9553_asks_for_and_reads_back() {
    let card = Card::from_parts(&ada()).unwrap();
    let expected = concat!(
        r#"{"@type":"Card","version":"1.0","name":{"components":[{"kind":"given","value":"Ada"},"#,
        r#"{"kind":"surname","value":"Example"}],"full":"Ada \"A\" Example"},"nicknames":{"k1":{"name":"Dada"}},"#,
        r#""organizations":{"o1":{"name":"Example & Co","units":[{"name":"R\\D"}]}},"titles":{"t1":{"name":"Clerk"}},"#,
        r#""emails":{"e1":{"address":"ada@example.org","contexts":{"work":true}},"e2":{"address":"a@example.test"}},"#,
        r#""phones":{"p1":{"number":"+33 1 99 00 12 34","features":{"mobile":true},"contexts":{"private":true}}},"#,
        r#""addresses":{"a1":{"components":[{"kind":"name","value":"1 rue de l'Exemple"},{"kind":"locality","value":"Lyon"},"#,
        r#"{"kind":"postcode","value":"69001"}],"countryCode":"FR","contexts":{"work":true}},"#,
        r#""a2":{"full":"2 High Street\nLeeds"}},"preferredLanguages":{"l1":{"language":"fr"}},"#,
        r#""anniversaries":{"b1":{"kind":"birth","date":{"month":2,"day":29}}},"#,
        r#""links":{"l1":{"uri":"https://example.org/ada"}},"keywords":{"news":true,"shop":true},"#,
        r#""notes":{"n1":{"note":"met\tat the fair\u0001"}},"#,
        r#""carnet.example:columns":{"Shoe size":"42","\"Q\"":"a\\b"}}"#,
    );
    assert_eq!(card.to_text(), expected);
    assert_eq!(card.value(), Card::parse(expected).unwrap().value());
    assert_eq!(card.main_email(), Some("ada@example.org"));
    assert_eq!(card.full_name().unwrap(), "Ada \"A\" Example");
}

#[test]
fn nothing_gives_a_card_with_nothing_in_it() {
    assert_eq!(Card::from_parts(&CardParts::default()).unwrap().to_text(), r#"{"@type":"Card","version":"1.0"}"#);
}

#[test]
fn what_is_too_large_is_refused() {
    let note = "a".repeat(Card::MAX_BYTES);
    let parts = CardParts { notes: vec![&note], ..CardParts::default() };
    assert!(matches!(Card::from_parts(&parts), Err(CardError::TooLarge { .. })));
}

proptest! {
    #[test]
    fn any_parts_give_a_card_that_parses_and_says_the_same(
        texts in proptest::collection::vec("\\PC{0,12}|[\"\\\\\n\r\t\u{0}-\u{1f}a]{0,6}", 14), year in proptest::option::of(1_u16..3000)
    ) {
        let text = |index: usize| texts[index].as_str();
        let parts = CardParts {
            full_name: text(0),
            name: NamePart::ALL.iter().enumerate().map(|(index, part)| (*part, text(index))).collect(),
            organization: text(1),
            unit: text(2),
            emails: vec![EmailParts { address: text(3), context: None }, EmailParts { address: text(4), context: Some(Context::Work) }],
            phones: vec![PhoneParts { number: text(5), ..PhoneParts::default() }],
            addresses: vec![AddressParts { street: text(6), country: text(7), ..AddressParts::default() }],
            birth: Some(PartialDate { year, month: 1, day: 31 }),
            keywords: texts.iter().map(String::as_str).collect(),
            notes: vec![text(8), text(9)],
            links: vec![text(10)],
            nickname: text(11),
            title: text(12),
            language: text(13),
            columns: vec![(text(0), text(1)), (text(2), text(3)), (text(2), text(4))],
        };
        let card = Card::from_parts(&parts).unwrap();
        let parsed = Card::parse(card.to_text()).unwrap();
        prop_assert_eq!(card.emails().collect::<Vec<_>>(), parsed.emails().collect::<Vec<_>>());
        prop_assert_eq!(card.phones().collect::<Vec<_>>(), parsed.phones().collect::<Vec<_>>());
        prop_assert_eq!(card.main_email(), parsed.main_email());
        prop_assert_eq!(card.value(), parsed.value());
    }
}
