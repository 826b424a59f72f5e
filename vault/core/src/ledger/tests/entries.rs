//! Entries and their details: one spelling, nothing personal, commitments that open only with their details.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::{AccountId, ContactId, ControllerId, EntryId, ListId, Timestamp};

fn full_entry() -> Entry {
    let id = |last: u8| {
        let mut bytes = [0x01, 0x93, 0x0c, 0x5e, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0];
        bytes[15] = last;
        bytes
    };
    Entry {
        id: EntryId::from_bytes(id(1)),
        at: "2026-11-22T09:30:00.000125Z".parse().unwrap(),
        event: Event::new("list.import").unwrap(),
        actor: Actor {
            account: Some(AccountId::from_bytes(id(2))),
            channel: Channel::CommandLine,
            os_user: Some(1000),
        },
        controller: Some(ControllerId::from_bytes(id(3))),
        objects: vec![ObjectRef::from(ListId::from_bytes(id(4))), ObjectRef::notice([0xab; 32])],
        counts: BTreeMap::from([("rows".to_owned(), 3), ("rejected".to_owned(), 1)]),
        bulk: Some(Bulk::of([ContactId::from_bytes(id(5)), ContactId::from_bytes(id(6))])),
        policy: Some([0x11; 32]),
        commitment: Some([0x22; 32]),
    }
}

fn small_entry() -> Entry {
    let mut entry = full_entry();
    entry.actor = Actor { account: None, channel: Channel::Init, os_user: None };
    (entry.controller, entry.bulk, entry.policy, entry.commitment) = (None, None, None, None);
    entry.objects.clear();
    entry.counts.clear();
    entry.event = Event::new("vault.init").unwrap();
    entry
}

#[test]
fn an_entry_is_written_in_this_way_for_ever() {
    let text = |entry: &Entry| String::from_utf8(entry.encode().unwrap()).unwrap();
    insta::assert_snapshot!(text(&small_entry()), @r#"{"v":1,"id":"01930c5e-0000-7000-8000-000000000001","at":"2026-11-22T09:30:00.000125Z","event":"vault.init","actor":{"channel":"init"}}"#);
    insta::assert_snapshot!(text(&full_entry()).replace(",\"", ",\n\""), @r#"
    {"v":1,
    "id":"01930c5e-0000-7000-8000-000000000001",
    "at":"2026-11-22T09:30:00.000125Z",
    "event":"list.import",
    "actor":{"account":"01930c5e-0000-7000-8000-000000000002",
    "channel":"command-line",
    "os_user":1000},
    "controller":"01930c5e-0000-7000-8000-000000000003",
    "objects":[{"kind":"list",
    "id":"01930c5e-0000-7000-8000-000000000004"},{"kind":"notice",
    "id":"abababababababababababababababababababababababababababababababab"}],
    "counts":{"rejected":1,
    "rows":3},
    "bulk":{"count":2,
    "root":"aa2a9110bc13cfcda115e87d6e0897f4cc9103349f50f3a388465bb6fc2657af"},
    "policy":"1111111111111111111111111111111111111111111111111111111111111111",
    "commitment":"2222222222222222222222222222222222222222222222222222222222222222"}
    "#);
}

#[test]
fn every_other_spelling_of_an_entry_is_refused() {
    let good = String::from_utf8(full_entry().encode().unwrap()).unwrap();
    assert_eq!(Entry::decode(good.as_bytes()).unwrap(), full_entry());
    let id = r#""id":"01930c5e-0000-7000-8000-000000000001""#;
    let at = r#""at":"2026-11-22T09:30:00.000125Z""#;
    let refused = [
        String::new(),
        "null".to_owned(),
        good.replacen(":1,", ": 1,", 1),
        format!("{good}\n"),
        format!("{good}{good}"),
        good.replacen(&format!("{id},{at}"), &format!("{at},{id}"), 1),
        good.replacen(id, &id.replace("5e", "5E"), 1),
        good.replacen(id, &id.replace('-', ""), 1),
        good.replacen(id, &format!("{id},{id}"), 1),
        good.replacen("000125Z", "000125+00:00", 1),
        good.replacen("000125Z", "0001250Z", 1),
        good.replacen("\"v\":1", "\"v\":2", 1),
        good.replacen("\"v\":1,", "", 1),
        good.replacen("list.import", "list\\u002eimport", 1),
        good.replacen("list.import", "List.Import", 1),
        good.replacen("abab", "ABAB", 1),
        good.replacen("1111", "11", 1),
        good.replacen("\"rows\":3", "\"rows\":3.0", 1),
        good.replacen("\"rows\":3", "\"rows\":-3", 1),
        good.replacen("\"rows\":3", "\"rows\":3,\"rows\":3", 1),
        good.replacen("\"rejected\":1,\"rows\":3", "\"rows\":3,\"rejected\":1", 1),
        good.replacen("\"rows\"", "\"Jane Doe\"", 1),
        good.replacen("\"kind\":\"list\"", "\"kind\":\"list\",\"name\":\"Jane\"", 1),
        good.replacen("{\"v\"", "{\"x\":0,\"v\"", 1),
        good.replacen("command-line", "telepathy", 1),
        String::from_utf8(small_entry().encode().unwrap()).unwrap().replacen("}}", "},\"controller\":null}", 1),
        String::from_utf8(small_entry().encode().unwrap()).unwrap().replacen("}}", "},\"objects\":[]}", 1),
        "[".repeat(60_000),
    ];
    for bad in refused {
        assert_ne!(bad, good);
        assert!(Entry::decode(bad.as_bytes()).is_err(), "{bad}");
    }
    assert!(matches!(Entry::decode(&vec![b' '; 65_536]), Err(EntryError::TooLarge(65_536))));
}

#[test]
fn an_entry_too_large_for_a_tile_is_refused_where_it_is_made() {
    let mut entry = full_entry();
    entry.objects = (0..1200).map(|_| ObjectRef::from(ContactId::new())).collect();
    assert!(matches!(entry.encode(), Err(EntryError::TooLarge(bytes)) if bytes > MAX_ENTRY_BYTES));
    entry.objects.truncate(500);
    assert_eq!(Entry::decode(&entry.encode().unwrap()).unwrap(), entry);
}

#[test]
fn a_word_of_an_entry_has_no_room_for_a_name_or_an_address() {
    for bad in ["", "contact", ".add", "contact.", "contact..add", "Contact.add", "contact.add now", "jane@example.org"]
    {
        assert_eq!(Event::new(bad), Err(NameError::Event), "{bad}");
    }
    assert!(
        Event::new(&format!("a.{}", "b".repeat(62))).is_ok() && Event::new(&format!("a.{}", "b".repeat(63))).is_err()
    );
    for bad in ["", "Contact", "jane doe", "-list", "list-", "1st", "naïve", "a.b"] {
        assert_eq!(ObjectKind::new(bad), Err(NameError::Slug), "{bad}");
    }
    for bad in
        ["", "jane", "01930C5E-0000-7000-8000-000000000001", "01930c5e000070008000000000000001", &"ab".repeat(31)]
    {
        assert_eq!(bad.parse::<ObjectId>(), Err(NameError::ObjectId), "{bad}");
    }
    let mut entry = small_entry();
    entry.counts.insert("Jane Doe".to_owned(), 1);
    assert!(matches!(entry.encode(), Err(EntryError::Name(NameError::Slug))));
}

#[test]
fn a_commitment_opens_with_its_details_and_with_no_others() {
    let more = BTreeMap::from([("file".to_owned(), "guests.csv".to_owned())]);
    let details = Details::new("asked by phone", Some("jane"), more);
    let mut entry = full_entry();
    assert!(!details.opens(&entry));
    entry.commitment = Some(details.commitment());
    assert!(details.opens(&entry));

    let bytes = details.to_bytes();
    let read = Details::from_bytes(&bytes).unwrap();
    assert!(read == details && read.opens(&entry));
    assert_eq!((read.reason(), read.os_user_name(), read.more().len()), ("asked by phone", Some("jane"), 1));
    entry.commitment = None;
    assert!(!details.opens(&entry));

    // The key is random: the same words twice cannot be recognised as the same.
    let again = Details::new("asked by phone", Some("jane"), details.more().clone());
    assert_ne!(again.commitment(), details.commitment());
    assert_eq!(format!("{details:?}"), "Details(hidden)");
}

#[test]
fn the_commitment_is_hmac_sha_256_as_others_compute_it() {
    // RFC 4231 has no 32-byte key; this value was computed with another implementation of HMAC.
    let bytes = [[7; 32].as_slice(), br#"{"v":1,"reason":"because"}"#].concat();
    let details = Details::from_bytes(&bytes).unwrap();
    assert_eq!(hex::encode(details.commitment()), "7f4c14a545de0b476ed7498761ececa542cc7dbcee82d5c395028b859dd9c9b5");
}

#[test]
fn other_spellings_of_details_are_refused() {
    let sealed = |json: &str| [[7; 32].as_slice(), json.as_bytes()].concat();
    for bad in [r#"{"v":2,"reason":""}"#, r#"{"v":1, "reason":""}"#, r#"{"v":1}"#, r#"{"v":1,"reason":"","x":1}"#, ""] {
        assert_eq!(Details::from_bytes(&sealed(bad)), Err(DetailsError), "{bad}");
    }
    assert_eq!(Details::from_bytes(&[7; 31]), Err(DetailsError));
}

prop_compose! {
    fn any_entry()(
        id: [u8; 16], us in -1_000_000_000_000_000_i64..4_000_000_000_000_000, event in "[a-z][a-z0-9]{0,9}(\\.[a-z][a-z0-9]{0,9}){1,3}",
        account: Option<[u8; 16]>, os_user: Option<u32>, controller: Option<[u8; 16]>,
        objects in prop::collection::vec(("[a-z][a-z0-9]{0,12}", any::<[u8; 32]>(), any::<bool>()), 0..5),
        counts in prop::collection::btree_map("[a-z][a-z0-9]{0,12}", any::<u64>(), 0..4),
        bulk: Option<(u64, [u8; 32])>, policy: Option<[u8; 32]>, commitment: Option<[u8; 32]>,
    ) -> Entry {
        let object = |(kind, bytes, hash): (String, [u8; 32], bool)| ObjectRef {
            kind: ObjectKind::new(&kind).unwrap(),
            id: if hash { ObjectId::Hash(bytes) } else { ObjectId::Uuid(*bytes.first_chunk().unwrap()) },
        };
        Entry {
            id: EntryId::from_bytes(id),
            at: Timestamp::from_us(us).unwrap(),
            event: Event::new(&event).unwrap(),
            actor: Actor { account: account.map(AccountId::from_bytes), channel: Channel::Web, os_user },
            controller: controller.map(ControllerId::from_bytes),
            objects: objects.into_iter().map(object).collect(),
            counts,
            bulk: bulk.map(|(count, root)| Bulk { count, root }),
            policy,
            commitment,
        }
    }
}

proptest! {
    #[test]
    fn every_entry_comes_back_as_it_was(entry in any_entry()) {
        let bytes = entry.encode().unwrap();
        let read = Entry::decode(&bytes).unwrap();
        prop_assert_eq!(read.encode().unwrap(), bytes);
        prop_assert_eq!(read, entry);
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Entry::decode(&bytes).is_err());
        let _ = (Details::from_bytes(&bytes), Note::parse(&bytes), TlogProof::parse(&bytes), Frontier::from_bytes(&bytes));
    }
}
