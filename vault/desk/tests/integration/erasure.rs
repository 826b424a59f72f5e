//! After an erasure nothing of the person is left in the house, and the ledger still verifies.

use std::fs;
use std::path::Path;

use carnet_core::model::{
    Authority, CardBuilder, CardEntry, CardPatch, CollectionMethod, ConsentKind, ContactId, Evidence, ProvenanceKind,
};
use carnet_desk::{DeskError, DetailsView, ErrorKind, NewConsent, NewContact, NewProvenance};
use carnet_tests::{Engine, TestDatabase, for_each_engine};

use super::house::{House, card, new_contact};
use super::sql::{self, TABLES};

/// Words that lead to the person, as they were typed in.
const TRACES: [&str; 8] = [
    "Zebulon",
    "Quillfeather",
    "zebulon.q@mail.example",
    "99001234",
    "+33 1 99 00 12 34",
    "peanut allergy",
    "203.0.113.77",
    "Browserly/7.7",
];

/// A person with everything that can be known of one.
fn person(house: &House) -> ContactId {
    let card = CardBuilder::new()
        .given("Zebulon")
        .surname("Quillfeather")
        .email("zebulon.q@mail.example")
        .phone("+33 1 99 00 12 34")
        .phone("+33199001234")
        .note("peanut allergy")
        .build()
        .unwrap();
    let origin = "Zebulon Quillfeather wrote his address on our form".to_owned();
    let provenance = NewProvenance {
        kind: ProvenanceKind::SubjectForm,
        origin,
        file_name: Some("Quillfeather.pdf".to_owned()),
        holders: None,
    };
    let desk = house.desk_because("operator", "Zebulon Quillfeather called");
    let ours = &house.ours.controller;
    let id = desk.add_contact(ours, &NewContact { card, provenance, own_act: true }).unwrap();
    for kind in [ConsentKind::Given, ConsentKind::Withdrawn] {
        let evidence = Evidence {
            method: Some(CollectionMethod::WebForm),
            ip_address: Some("203.0.113.77".parse().unwrap()),
            user_agent: Some("Browserly/7.7".to_owned()),
            source: Some("page of Zebulon".to_owned()),
            ..Evidence::default()
        };
        let purpose = house.ours.newsletter;
        let new = NewConsent { purpose, kind, at: None, authority: Authority::OwnAct, notice: None, evidence };
        desk.record_consent(ours, id, &new).unwrap();
    }
    let patch = CardPatch::new().replace(CardEntry::Note, "peanut allergy", "severe peanut allergy");
    desk.edit_contact(ours, id, &patch).unwrap();
    desk.show_contact(ours, id).unwrap();
    desk.consent_history(ours, id).unwrap();
    desk.find_contacts(ours, "quillfeather").unwrap();
    id
}

fn traces() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    for trace in TRACES {
        all.push(trace.as_bytes().to_vec());
        all.push(trace.encode_utf16().flat_map(u16::to_le_bytes).collect());
        all.push(trace.encode_utf16().flat_map(u16::to_be_bytes).collect());
    }
    all.push(vec![203, 0, 113, 77]);
    all
}

/// Which of the traces are in these bytes, in whatever case.
fn found_in(bytes: &[u8], traces: &[Vec<u8>]) -> Vec<String> {
    let lower = bytes.to_ascii_lowercase();
    let is_in = |trace: &&Vec<u8>| {
        let trace = trace.to_ascii_lowercase();
        lower.windows(trace.len()).any(|window| window == trace)
    };
    traces.iter().filter(is_in).map(|trace| String::from_utf8_lossy(trace).into_owned()).collect()
}

fn every_file(folder: &Path, look: &mut impl FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { every_file(&path, look) } else { look(&path, &fs::read(&path).unwrap()) }
    }
}

fn assert_nothing_left(db: &TestDatabase, traces: &[Vec<u8>]) {
    let mut files = 0;
    every_file(db.folder(), &mut |path, bytes| {
        files += 1;
        assert_eq!(found_in(bytes, traces), Vec::<String>::new(), "in {}", path.display());
    });
    match db.engine() {
        Engine::Sqlite => assert!(files > 0),
        Engine::Postgres => {
            // Bytes are shown as hexadecimal digits there: look for those of the traces too.
            let as_hex: Vec<Vec<u8>> = traces.iter().map(|trace| sql::hex(trace).into_bytes()).collect();
            for table in TABLES.iter().copied().chain([sql::DETAILS]) {
                let dump = db.query(&format!("SELECT r::text FROM {table} r"));
                assert_eq!(found_in(dump.as_bytes(), traces), Vec::<String>::new(), "in {table}");
                assert_eq!(found_in(dump.as_bytes(), &as_hex), Vec::<String>::new(), "in {table}, as bytes");
            }
        }
    }
}

#[test]
fn the_search_for_traces_finds_each_of_them_in_each_form() {
    for trace in traces() {
        let upper = [b"..".as_slice(), &trace.to_ascii_uppercase(), b".."].concat();
        assert!(!found_in(&upper, &traces()).is_empty(), "{trace:?}");
    }
    assert!(found_in(b"nothing of the sort", &traces()).is_empty());
}

#[test]
fn after_an_erasure_no_trace_salt_or_seal_of_the_person_is_in_any_file_or_row() {
    for_each_engine(|db| {
        let house = House::found(db);
        let neighbours: Vec<ContactId> =
            (0..30).map(|n| house.add(card("Ann", &format!("ann{n}@example.org")))).collect();
        let id = person(&house);
        let mut traces = traces();
        assert_nothing_left(db, &traces);
        let row = sql::blob(db, id.as_bytes());
        let salt = sql::bytes_of(db, "salt", &format!("contact_salts WHERE contact_id = {row}"));
        let sealed = [
            sql::bytes_of(db, "sealed_card", &format!("contacts WHERE id = {row}")),
            sql::bytes_of(db, "sealed_evidence", &format!("consent_events WHERE contact_id = {row}")),
            sql::bytes_of(db, "sealed", &format!("ledger_details WHERE contact_id = {row}")),
        ]
        .concat();
        assert_eq!((salt.len(), sealed.len()), (1, 1 + 2 + 6));
        house.erase(id);
        traces.extend(salt);
        // A page that was split or moved may keep the head of a seal, but never so much that it could be opened.
        traces.extend(sealed.into_iter().map(|whole| whole[17..].to_vec()));
        assert_nothing_left(db, &traces);
        house.assert_clean();
        assert_nothing_left(db, &traces);
        for neighbour in neighbours {
            house.desk("operator").show_contact(&house.ours.controller, neighbour).unwrap();
        }
        drop(house);
        assert_nothing_left(db, &traces);
    });
}

#[test]
fn what_is_erased_is_gone_for_everybody_and_its_entries_say_only_that() {
    for_each_engine(|db| {
        let house = House::found(db);
        let id = person(&house);
        let (officer, ours) = (house.desk("officer"), &house.ours.controller);
        let plan = officer.plan_erasure(ours, id).unwrap();
        assert_eq!((plan.suppressions, plan.consent_events), (1, 2));
        officer.carry_out_erasure(&plan).unwrap();
        for gone in [
            officer.show_contact(ours, id).map(drop),
            officer.consent_history(ours, id).map(drop),
            officer.plan_erasure(ours, id).map(drop),
            officer.carry_out_erasure(&plan),
            officer.edit_contact(ours, id, &CardPatch::new().add(CardEntry::Note, "x")),
            house
                .desk("operator")
                .record_consent(
                    ours,
                    id,
                    &super::house::consent(house.ours.newsletter, ConsentKind::Given, None, Authority::Claim),
                )
                .map(drop),
        ] {
            let error = gone.unwrap_err();
            assert!(matches!(error, DeskError::NoContact), "{error}");
            assert_eq!(error.kind(), ErrorKind::NotFound);
        }
        for query in ["zebulon.q@mail.example", "quillfeather", "+33 1 99 00 12 34", "@mail.example"] {
            assert!(officer.find_contacts(ours, query).unwrap().found.is_empty(), "{query}");
        }
        let views = officer.audit_tail(100).unwrap();
        let about = |event: &str| views.iter().find(|view| view.entry.event.as_str() == event).unwrap();
        for event in ["contact.add", "contact.edit", "consent.record", "contact.show", "consent.history"] {
            assert_eq!(about(event).details, DetailsView::Erased, "{event}");
            assert!(about(event).entry.commitment.is_some(), "{event}");
        }
        // Why it was erased stays known: the officer answers for it (Art. 5(2)).
        assert!(matches!(&about("contact.erase").details, DetailsView::Opened { reason, .. } if reason == "to try it"));
        let again = house.desk("operator").add_contact(ours, &new_contact(card("Z", "Zebulon.Q@MAIL.example")));
        assert!(matches!(again, Err(DeskError::Suppressed(_))));
        house.assert_clean();
    });
}

#[test]
fn an_erasure_that_was_planned_before_a_change_is_planned_again() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (officer, ours) = (house.desk("officer"), &house.ours.controller);
        let id = house.add(card("Ann", "ann@example.org"));
        let plan = officer.plan_erasure(ours, id).unwrap();
        let patch = CardPatch::new().add(CardEntry::Email, "ann@example.net");
        house.desk("operator").edit_contact(ours, id, &patch).unwrap();
        assert!(matches!(officer.carry_out_erasure(&plan), Err(DeskError::Overtaken)));
        assert_eq!((sql::count(db, "contacts"), sql::count(db, "suppressions")), (1, 0));
        officer.carry_out_erasure(&officer.plan_erasure(ours, id).unwrap()).unwrap();
        assert_eq!((sql::count(db, "contacts"), sql::count(db, "suppressions")), (0, 2));
        house.assert_clean();
    });
}

#[test]
fn an_officers_plan_serves_no_operator() {
    for_each_engine(|db| {
        let house = House::found(db);
        let id = house.add(card("Ann", "ann@example.org"));
        let plan = house.desk("officer").plan_erasure(&house.ours.controller, id).unwrap();
        assert!(matches!(house.desk("operator").carry_out_erasure(&plan), Err(DeskError::Denied(_))));
        assert_eq!(sql::count(db, "contacts"), 1);
    });
}
