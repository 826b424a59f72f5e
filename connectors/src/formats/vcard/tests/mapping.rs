//! Which property is which member: whole files of each producer, and each property of RFC 6350, RFC 9554 and RFC 9555.

use serde_json::json;

use super::*;
use crate::formats::told::{between, corpus, told};

#[test]
fn files_of_each_producer_are_read_as_they_mean_it() {
    for (name, bytes) in corpus("vcard") {
        insta::assert_snapshot!(name.as_str(), told(VCardSource::new(bytes.as_slice())));
        let gaps = between(&bytes, &read(&bytes));
        let is_nothing = |gap: &Vec<u8>| String::from_utf8_lossy(gap).replace('\u{feff}', "").trim().is_empty();
        assert!(gaps.iter().all(is_nothing), "{name}");
    }
}

/// Lines of vCard 4.0, and the members that they make.
fn check(cases: &[(&str, Value)]) {
    for (lines, expected) in cases {
        assert_eq!(value("4.0", lines), *expected, "{lines}");
    }
}

#[test]
fn what_a_card_is_and_when_it_was_made() {
    check(&[
        ("KIND:ORG", json!({"kind": "org"})),
        ("UID:urn:uuid:1\nPRODID:-//x\nLANGUAGE:de", json!({"uid": "urn:uuid:1", "prodId": "-//x", "language": "de"})),
        ("CREATED:20220705T093412Z", json!({"created": "2022-07-05T09:34:12Z"})),
        ("REV:2024-05-02T08:15:30Z", json!({"updated": "2024-05-02T08:15:30Z"})),
        (
            "MEMBER:urn:uuid:2\nMEMBER:mailto:a@example.org",
            json!({"members": {"urn:uuid:2": true, "mailto:a@example.org": true}}),
        ),
        (
            "RELATED;TYPE=friend,Colleague:urn:uuid:3\nRELATED;VALUE=text:Ida",
            json!({"relatedTo": {"urn:uuid:3": {"relation": {"friend": true, "colleague": true}}, "Ida": {"relation": {}}}}),
        ),
        ("CATEGORIES:a,b\\,c\nCATEGORIES:d", json!({"keywords": {"a": true, "b,c": true, "d": true}})),
    ]);
}

#[test]
fn names_and_how_to_speak_to_somebody() {
    check(&[
        (
            "FN:Dr Ada Example\nN;SORT-AS=\"Example,Ada\":Example;Ada;Mary,Jane;Dr;PhD",
            json!({"name": {"components": [
                {"kind": "title", "value": "Dr"}, {"kind": "given", "value": "Ada"}, {"kind": "given2", "value": "Mary"},
                {"kind": "given2", "value": "Jane"}, {"kind": "surname", "value": "Example"}, {"kind": "credential", "value": "PhD"},
            ], "sortAs": {"surname": "Example", "given": "Ada"}, "full": "Dr Ada Example"}}),
        ),
        (
            "N;JSCOMPS=\";1;0\":Li;Wei;;;",
            json!({"name": {"components": [{"kind": "given", "value": "Wei"}, {"kind": "surname", "value": "Li"}], "isOrdered": true}}),
        ),
        (
            "N:Silva,Costa;Ana;;;Jr.;Costa;Jr.",
            json!({"name": {"components": [
                {"kind": "given", "value": "Ana"}, {"kind": "surname", "value": "Silva"}, {"kind": "surname2", "value": "Costa"},
                {"kind": "generation", "value": "Jr."},
            ]}}),
        ),
        (
            "NICKNAME;TYPE=work;PREF=1:Bo,Bob",
            json!({"nicknames": {"n1": {"name": "Bo", "contexts": {"work": true}, "pref": 1}, "n2": {"name": "Bob", "contexts": {"work": true}, "pref": 1}}}),
        ),
        (
            "GRAMGENDER:NEUTER\nPRONOUNS;LANGUAGE=en:they/them",
            json!({"speakToAs": {"grammaticalGender": "neuter", "pronouns": {"p1": {"pronouns": "they/them", "vCardParams": {"language": "en"}}}}}),
        ),
    ]);
}

#[test]
fn how_somebody_is_reached() {
    check(&[
        (
            "EMAIL;TYPE=home,work;PREF=100:a@example.org",
            json!({"emails": {"e1": {"address": "a@example.org", "contexts": {"private": true, "work": true}, "pref": 100}}}),
        ),
        (
            "TEL;TYPE=\"voice,cell\";VALUE=uri:tel:+33-1\nTEL;TYPE=x-own,FAX:1",
            json!({"phones": {
                "p1": {"number": "tel:+33-1", "features": {"voice": true, "mobile": true}},
                "p2": {"number": "1", "features": {"fax": true}, "vCardParams": {"type": "x-own"}},
            }}),
        ),
        (
            "IMPP;PREF=1:xmpp:a@example.org\nSOCIALPROFILE;SERVICE-TYPE=M;USERNAME=a:https://m.example/a",
            json!({"onlineServices": {
                "o1": {"uri": "xmpp:a@example.org", "vCardName": "impp", "pref": 1},
                "o2": {"uri": "https://m.example/a", "service": "M", "user": "a"},
            }}),
        ),
        (
            "LANG;TYPE=work;PREF=2:fr",
            json!({"preferredLanguages": {"p1": {"language": "fr", "contexts": {"work": true}, "pref": 2}}}),
        ),
        (
            "CALURI:https://c.example\nFBURL:https://f.example\nCALADRURI:mailto:c@example.org",
            json!({
                "calendars": {"c1": {"kind": "calendar", "uri": "https://c.example"}, "c2": {"kind": "freeBusy", "uri": "https://f.example"}},
                "schedulingAddresses": {"s1": {"uri": "mailto:c@example.org"}},
            }),
        ),
        (
            "URL:https://u.example/a,b;c\nCONTACT-URI:https://k.example",
            json!({"links": {"l1": {"uri": "https://u.example/a,b;c"}, "l2": {"kind": "contact", "uri": "https://k.example"}}}),
        ),
    ]);
}

#[test]
fn where_somebody_lives_and_works() {
    check(&[
        (
            "ADR;TYPE=billing;CC=fr;TZ=Europe/Paris;GEO=\"geo:1,2\";LABEL=\"a\\nb\":PO 1;Apt 2;Rue 3;Ville;Reg;35000;France",
            json!({"addresses": {"a1": {
                "components": [
                    {"kind": "postOfficeBox", "value": "PO 1"}, {"kind": "apartment", "value": "Apt 2"}, {"kind": "name", "value": "Rue 3"},
                    {"kind": "locality", "value": "Ville"}, {"kind": "region", "value": "Reg"}, {"kind": "postcode", "value": "35000"},
                    {"kind": "country", "value": "France"},
                ],
                "countryCode": "fr", "coordinates": "geo:1,2", "timeZone": "Europe/Paris", "full": "a\nb", "contexts": {"billing": true},
            }}}),
        ),
        (
            "GEO:geo:1,2\nTZ:Europe/Paris",
            json!({"addresses": {
                "a1": {"coordinates": "geo:1,2", "vCardName": "geo"}, "a2": {"timeZone": "Europe/Paris", "vCardName": "tz"},
            }}),
        ),
        (
            "g.ORG;SORT-AS=Ex;TYPE=work:Example\\; Ltd;North;Sales\ng.TITLE:Head\nROLE:Lead",
            json!({
                "organizations": {"o1": {
                    "name": "Example; Ltd", "units": [{"name": "North"}, {"name": "Sales"}], "sortAs": "Ex", "contexts": {"work": true},
                    "vCardParams": {"group": "g"},
                }},
                "titles": {
                    "t1": {"name": "Head", "organizationId": "o1", "vCardParams": {"group": "g"}},
                    "t2": {"kind": "role", "name": "Lead"},
                },
            }),
        ),
    ]);
}

#[test]
fn dates_pictures_and_what_somebody_likes() {
    check(&[
        (
            "BDAY:19850412\nBIRTHPLACE:Nantes\nANNIVERSARY:2010-06\nDEATHDATE:20991231T000000Z\nDEATHPLACE;VALUE=uri:geo:1,2",
            json!({"anniversaries": {
                "a1": {"kind": "birth", "date": {"year": 1985, "month": 4, "day": 12}, "place": {"full": "Nantes"}},
                "a2": {"kind": "wedding", "date": {"year": 2010, "month": 6}},
                "a3": {"kind": "death", "date": {"@type": "Timestamp", "utc": "2099-12-31T00:00:00Z"}, "place": {"coordinates": "geo:1,2"}},
            }}),
        ),
        (
            "PHOTO:data:image/png;base64,QUJD\nLOGO;MEDIATYPE=image/gif:https://l.example\nSOUND:https://s.example\nKEY:https://k.example",
            json!({
                "media": {
                    "m1": {"kind": "photo", "uri": "data:image/png;base64,QUJD"},
                    "m2": {"kind": "logo", "uri": "https://l.example", "mediaType": "image/gif"},
                    "m3": {"kind": "sound", "uri": "https://s.example"},
                },
                "cryptoKeys": {"c1": {"uri": "https://k.example"}},
            }),
        ),
        (
            "EXPERTISE;LEVEL=beginner;INDEX=2:law\nHOBBY;LEVEL=low:chess\nINTEREST;LEVEL=own:rowing",
            json!({"personalInfo": {
                "p1": {"kind": "expertise", "value": "law", "level": "low", "listAs": 2},
                "p2": {"kind": "hobby", "value": "chess", "level": "low"},
                "p3": {"kind": "interest", "value": "rowing", "vCardParams": {"level": "own"}},
            }}),
        ),
        (
            "NOTE;CREATED=20221123T150132Z;AUTHOR=\"mailto:a@example.org\";AUTHOR-NAME=Ada:x\\ny",
            json!({"notes": {"n1": {"note": "x\ny", "created": "2022-11-23T15:01:32Z", "author": {"name": "Ada", "uri": "mailto:a@example.org"}}}}),
        ),
        (
            "ORG-DIRECTORY;INDEX=1:https://d.example\nSOURCE:https://s.example",
            json!({"directories": {
                "d1": {"kind": "directory", "uri": "https://d.example", "listAs": 1}, "d2": {"kind": "entry", "uri": "https://s.example"},
            }}),
        ),
        ("JSPROP;JSPTR=\"example.org:score\":{\"value\":5}", json!({"example.org:score": {"value": 5}})),
    ]);
}

#[test]
fn older_versions_say_the_same_in_their_own_words() {
    for (version, lines, expected) in [
        (
            "2.1",
            "TEL;HOME;PREF:1",
            json!({"phones": {"p1": {"number": "1", "contexts": {"private": true}, "pref": 1}}}),
        ),
        (
            "2.1",
            "NOTE;QUOTED-PRINTABLE;CHARSET=ISO-8859-1:caf=E9, a=\n=3Bb",
            json!({"notes": {"n1": {"note": "café, a;b"}}}),
        ),
        (
            "2.1",
            "ADR;WORK:;;1, rue Neuve;Ville",
            json!({"addresses": {"a1": {
                "components": [{"kind": "name", "value": "1, rue Neuve"}, {"kind": "locality", "value": "Ville"}], "contexts": {"work": true},
            }}}),
        ),
        (
            "3.0",
            "TEL;TYPE=WORK,pref:1",
            json!({"phones": {"p1": {"number": "1", "contexts": {"work": true}, "pref": 1}}}),
        ),
        ("3.0", "GEO:1.5;-2", json!({"addresses": {"a1": {"coordinates": "geo:1.5,-2", "vCardName": "geo"}}})),
        (
            "3.0",
            "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29",
            json!({"anniversaries": {"a1": {"kind": "birth", "date": {"month": 2, "day": 29}}}}),
        ),
        (
            "3.0",
            "PHOTO;ENCODING=b;TYPE=JPEG:QU\n JD",
            json!({"media": {"m1": {"kind": "photo", "uri": "data:image/jpeg;base64,QUJD"}}}),
        ),
        (
            "2.1",
            "PHOTO;BASE64;GIF:\n QUJD\n REVG\n",
            json!({"media": {"m1": {"kind": "photo", "uri": "data:image/gif;base64,QUJDREVG"}}}),
        ),
        (
            "3.0",
            "LOGO;VALUE=URL;TYPE=PNG:https://l.example",
            json!({"media": {"m1": {"kind": "logo", "mediaType": "image/png", "uri": "https://l.example"}}}),
        ),
        ("3.0", "X-ADDRESSBOOKSERVER-KIND:group", json!({"kind": "group"})),
        (
            "3.0",
            "X-SOCIALPROFILE;type=x:https://s.example/a",
            json!({"onlineServices": {"o1": {
                "uri": "https://s.example/a", "vCardName": "x-socialprofile", "vCardParams": {"type": "x"},
            }}}),
        ),
    ] {
        assert_eq!(value(version, lines), expected, "{lines}");
    }
}

#[test]
fn a_card_without_name_has_none_and_is_written_with_one_that_is_derived() {
    assert_eq!(
        value("3.0", "FN:\nN:;;;;\nEMAIL:a@example.org"),
        json!({"emails": {"e1": {"address": "a@example.org"}}})
    );
    let lines = written(Version::V3, json!({"emails": {"e1": {"address": "a@example.org"}}}));
    assert_eq!(lines, ["FN;DERIVED=TRUE:a@example.org", "EMAIL:a@example.org", "N:;;;;"]);
    let named =
        json!({"name": {"components": [{"kind": "given", "value": "Ada"}, {"kind": "surname", "value": "Example"}]}});
    assert_eq!(written(Version::V4, named), ["FN;DERIVED=TRUE:Ada Example", "N:Example;Ada;;;"]);
}
