//! Nothing is lost, in any version, whichever way a card goes.

use carnet_core::model::CardBuilder;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::canonical::canonical;
use super::*;

/// Properties of every kind, known and unknown.
const NAMES: [&str; 49] = [
    "ADR",
    "AGENT",
    "ANNIVERSARY",
    "BDAY",
    "BIRTHPLACE",
    "CALADRURI",
    "CALURI",
    "CATEGORIES",
    "CLASS",
    "CONTACT-URI",
    "CREATED",
    "DEATHDATE",
    "DEATHPLACE",
    "EMAIL",
    "EXPERTISE",
    "FBURL",
    "FN",
    "GENDER",
    "GEO",
    "GRAMGENDER",
    "HOBBY",
    "IMPP",
    "INTEREST",
    "JSPROP",
    "KEY",
    "KIND",
    "LABEL",
    "LANG",
    "LANGUAGE",
    "MEMBER",
    "N",
    "NICKNAME",
    "NOTE",
    "ORG",
    "ORG-DIRECTORY",
    "PHOTO",
    "PRODID",
    "PRONOUNS",
    "RELATED",
    "REV",
    "ROLE",
    "SOCIALPROFILE",
    "TEL",
    "TITLE",
    "TZ",
    "UID",
    "URL",
    "X-ABLabel",
    "X-unKnown",
];

fn any_param() -> impl Strategy<Value = String> {
    let name = select(vec![
        "TYPE",
        "type",
        "PREF",
        "LANGUAGE",
        "ALTID",
        "PID",
        "MEDIATYPE",
        "X-A",
        "LABEL",
        "SORT-AS",
        "LEVEL",
        "INDEX",
        "PROP-ID",
        "CC",
        "GEO",
        "TZ",
        "SERVICE-TYPE",
        "USERNAME",
        "AUTHOR",
        "CREATED",
        "JSCOMPS",
        "JSPTR",
        "DERIVED",
        "VALUE",
        "GROUP",
    ]);
    let value = prop_oneof![
        select(vec![
            "home",
            "WORK",
            "cell",
            "pref",
            "1",
            "100",
            "en",
            "e1",
            "x1",
            "high",
            "expert",
            "20240101T101010Z",
            "true",
            "foo/bar",
            "text",
            "uri",
            "internet"
        ])
        .prop_map(str::to_owned),
        "[a-zé0-9^ ]{0,6}",
        "\"[a-z,;:^' ]{0,8}\"",
    ];
    (name, vec(value, 1..3)).prop_map(|(name, values)| format!(";{name}={}", values.join(",")))
}

fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zé ,;:\\\\n]{0,16}",
        "[a-z]{1,3}(;[a-z, ]{0,4}){0,8}",
        "(;[a-z, ]{0,3}){17}",
        select(vec![
            "19850412",
            "1985-04-12",
            "--0412",
            "20240101T101010Z",
            "geo:1.5,-2",
            "mailto:ada@example.org",
            "tel:+33199001234",
            "http\\://example.org/a\\,b",
            "data:image/png;base64,QUJD",
            "{\"a\":[1\\,2]}",
            "individual",
            "Europe/Paris",
            "1985-13-40",
            "_$!<HomePage>!$_",
            "urn:uuid:1",
            "Example;Ada;;;",
            ";;1 Oak St;Town;;123;",
            "1.5;-2",
            "BEGIN:VCARD\\nEND:VCARD",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,12}",
    ]
}

fn any_line() -> impl Strategy<Value = String> {
    let group = proptest::option::weighted(0.3, select(vec!["item1.", "item2.", "g."]));
    (group, select(NAMES.to_vec()), vec(any_param(), 0..3), any_value()).prop_map(|(group, name, params, value)| {
        format!("{}{name}{}:{value}", group.unwrap_or_default(), params.concat())
    })
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0_u64..200).prop_map(Value::from),
        "[a-zé,;:\\\\\n\"^ ]{0,8}".prop_map(Value::from),
        select(vec!["mailto:a@example.org", "birth", "role", "photo", "high", "2024-01-01T10:10:10Z", "impp", "text"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::Array),
            vec((any_field(), inner), 0..3).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_field() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "kind",
            "contexts",
            "pref",
            "label",
            "note",
            "uri",
            "user",
            "service",
            "level",
            "listAs",
            "organizationId",
            "sortAs",
            "units",
            "full",
            "components",
            "isOrdered",
            "coordinates",
            "place",
            "date",
            "year",
            "month",
            "day",
            "utc",
            "created",
            "author",
            "private",
            "work",
            "mobile",
            "mediaType",
            "vCardName",
            "example.org:x/y~z",
            "@type",
            "countryCode",
            "timeZone",
        ])
        .prop_map(str::to_owned),
        "[a-z/~:]{1,5}",
    ]
}

/// An entry that is sound more often than not.
fn any_entry(field: &'static str) -> impl Strategy<Value = Value> {
    let text = prop_oneof!["[a-zé,;: ]{1,10}", Just("mailto:a@example.org".to_owned()), Just("tel:+33".to_owned())];
    (text, vec((any_field(), any_json()), 0..4)).prop_map(move |(text, fields)| {
        let mut entry: Map<String, Value> = fields.into_iter().collect();
        entry.insert(field.to_owned(), text.into());
        Value::Object(entry)
    })
}

fn any_component() -> impl Strategy<Value = Value> {
    let kind = select(vec![
        "given",
        "surname",
        "surname2",
        "generation",
        "separator",
        "name",
        "number",
        "locality",
        "apartment",
        "x",
    ]);
    (kind, "[a-zé,; ]{0,5}", proptest::option::weighted(0.1, any_json())).prop_map(|(kind, value, phonetic)| {
        let mut component = json!({ "kind": kind, "value": value });
        if let Some(phonetic) = phonetic {
            component["phonetic"] = phonetic;
        }
        component
    })
}

fn any_components() -> impl Strategy<Value = Value> {
    (vec(any_component(), 0..4), vec((any_field(), any_json()), 0..3), proptest::option::of(any::<bool>())).prop_map(
        |(components, fields, ordered)| {
            let mut object: Map<String, Value> =
                fields.into_iter().filter(|(name, value)| name != "full" || value.is_string()).collect();
            object.insert("components".to_owned(), Value::Array(components));
            object.extend(ordered.map(|ordered| ("isOrdered".to_owned(), ordered.into())));
            Value::Object(object)
        },
    )
}

fn any_member() -> impl Strategy<Value = (String, Value)> {
    let entries = |member: &'static str, field: &'static str| {
        vec(("[a-c][1-3]", any_entry(field)), 1..4)
            .prop_map(move |entries| (member.to_owned(), Value::Object(entries.into_iter().collect())))
            .boxed()
    };
    prop_oneof![
        entries("emails", "address"),
        entries("phones", "number"),
        entries("organizations", "name"),
        entries("titles", "name"),
        entries("notes", "note"),
        entries("links", "uri"),
        entries("media", "uri"),
        entries("onlineServices", "user"),
        entries("personalInfo", "value"),
        entries("anniversaries", "kind"),
        entries("relatedTo", "relation"),
        vec(("[a-c][1-3]", any_components()), 1..3)
            .prop_map(|entries| ("addresses".to_owned(), Value::Object(entries.into_iter().collect()))),
        any_components().prop_map(|name| ("name".to_owned(), name)),
        (
            select(vec![
                "keywords",
                "members",
                "speakToAs",
                "created",
                "updated",
                "localizations",
                "prodId",
                "kind",
                "vCardProps",
                "example.org:z"
            ]),
            any_json()
        )
            .prop_map(|(name, value)| (name.to_owned(), value)),
    ]
}

/// Groups come and go with what is in them (the tests of RFC 9555's authors leave them out, too), and so does the order of
/// what has none.
fn comparable(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut out = Map::new();
            for (name, value) in fields {
                let mut value = comparable(value);
                if let ("vCardParams", Value::Object(params)) = (name.as_str(), &mut value) {
                    params.shift_remove("group");
                    if params.is_empty() {
                        continue;
                    }
                }
                if let ("components", Value::Array(parts)) = (name.as_str(), &mut value)
                    && fields.get("isOrdered") != Some(&Value::Bool(true))
                {
                    parts.sort_by_key(Value::to_string);
                }
                let is_default = [("isOrdered", json!(false)), ("kind", json!("title"))];
                if !is_default.iter().any(|(known, default)| known == name && *default == value) {
                    out.insert(name.clone(), value);
                }
            }
            Value::Object(out)
        }
        Value::Array(items) => Value::Array(items.iter().map(comparable).collect()),
        other => other.clone(),
    }
}

proptest! {
    #[test]
    fn a_vcard_comes_out_with_every_property_that_went_in(
        lines in vec(any_line(), 0..8),
        version in select(vec!["2.1", "3.0", "4.0"]),
    ) {
        let text = framed(version, &lines.join("\n"));
        let Incoming { card, original, .. } = read(text.as_bytes()).remove(0).unwrap();
        prop_assert_eq!(&original.unwrap().bytes[..], text.as_bytes());
        let before = canonical(&text);
        for version in [Version::V4, Version::V3] {
            let text = write(&card, version);
            prop_assert_eq!(&before, &canonical(&text), "{:?}\n{}\n{}", version, card.to_text(), text);
            let again = super::card(&text);
            prop_assert_eq!(canonical(&write(&again, version)), canonical(&text));
        }
    }

    #[test]
    fn a_card_from_fields_comes_back_as_it_was(
        texts in vec("[a-zA-Zé漢🙂,;:\\\\\"^=.@+ -]{0,12}(\n[a-z ]{0,4})?", 8),
    ) {
        let card = CardBuilder::new()
            .full_name(&texts[0]).given(&texts[1]).surname(&texts[2]).email(&texts[3]).email(&texts[4])
            .phone(&texts[5]).organization(&texts[6]).title(&texts[7]).note(&texts[0]).language("fr")
            .build().unwrap();
        for version in [Version::V4, Version::V3] {
            let again = super::card(&write(&card, version));
            prop_assert_eq!(again.value(), card.value(), "{}", write(&card, version));
        }
    }

    #[test]
    fn any_card_comes_back_with_all_that_it_says(members in vec(any_member(), 0..5)) {
        let mut value: Map<String, Value> = members.into_iter().collect();
        value.insert("@type".to_owned(), "Card".into());
        value.insert("version".to_owned(), "1.0".into());
        if let Ok(card) = Card::parse(&Value::Object(value).to_string()) {
            for version in [Version::V4, Version::V3] {
                let text = write(&card, version);
                let again = super::card(&text);
                prop_assert_eq!(comparable(again.value()), comparable(card.value()), "{}", text);
            }
        }
    }
}
