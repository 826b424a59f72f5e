//! Finding: by what, in which spelling, and how much is opened for it.

use carnet_core::ledger::ObjectId;
use carnet_core::model::{CardBuilder, ContactId};
use carnet_desk::{DeskError, ErrorKind};
use carnet_tests::for_each_engine;

use super::house::{House, card, new_contact};
use super::sql;

fn found(house: &House, query: &str) -> Vec<ContactId> {
    let outcome = house.desk("operator").find_contacts(&house.ours.controller, query).unwrap();
    outcome.found.into_iter().map(|one| one.id).collect()
}

#[test]
fn a_contact_is_found_by_any_spelling_of_what_is_on_its_card() {
    for_each_engine(|db| {
        let house = House::found(db);
        let elodie = CardBuilder::new()
            .given("Élodie")
            .surname("Lefèvre-Strauß")
            .email("elodie.l@mail.bücher.example")
            .phone("01 99 00 12 34")
            .organization("Crédit du Port");
        let elodie = house.add(elodie.build().unwrap());
        let ben = house.add(card("Ben Martin", "ben@example.org"));
        let abroad = house.add(CardBuilder::new().full_name("Cy Martin").phone("+44 20 7946 0018").build().unwrap());
        for query in [
            "elodie.l@mail.bücher.example",
            "ELODIE.L@MAIL.BÜCHER.EXAMPLE",
            " elodie.l@mail.xn--bcher-kva.example ",
            concat!("<Elodie.L@", "mail.bu\u{308}cher.example>"),
            "01 99 00 12 34",
            "0199001234",
            "+33 1 99 00 12 34",
            "+33199001234",
            "+33 (0)1 99 00 12 34",
            "@mail.bücher.example",
            "@bücher.example",
            "@xn--bcher-kva.example",
            "Élodie",
            "ELODIE",
            "elodie",
            "lefevre",
            "STRAUSS",
            "strauß élodie",
            "credit port",
            "Port Elodie",
        ] {
            assert_eq!(found(&house, query), [elodie], "{query}");
        }
        assert_eq!(found(&house, "martin"), [abroad, ben], "newest first");
        assert_eq!(found(&house, "martin ben"), [ben]);
        assert_eq!(found(&house, "+44 20 7946 0018"), [abroad]);
        for query in
            ["elodi", "ben@example.net", "@example.net", "martin elodie", "+33 1 99 00 12 35", "l@mail.bücher.example"]
        {
            assert_eq!(found(&house, query), [], "{query}");
        }
    });
}

#[test]
fn a_search_that_says_nothing_is_refused_and_repeats_nothing() {
    for_each_engine(|db| {
        let house = House::found(db);
        for query in ["", "  ", "a", ".", "ann@", "ann@exa mple.org", "++33 199001234"] {
            let refused = house.desk("operator").find_contacts(&house.ours.controller, query).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Invalid, "{query}: {refused}");
            assert!(!refused.to_string().contains("exa mple") && !refused.to_string().contains("199"), "{refused}");
        }
    });
}

#[test]
fn a_controller_finds_only_its_own_contacts() {
    for_each_engine(|db| {
        let house = House::found(db);
        let desk = house.desk("operator");
        let new = new_contact(card("Ann Berg", "ann@example.org"));
        let theirs = desk.add_contact(&house.theirs.controller, &new).unwrap();
        for query in ["ann@example.org", "berg", "@example.org"] {
            assert_eq!(found(&house, query), [], "{query}");
        }
        assert!(matches!(desk.show_contact(&house.ours.controller, theirs), Err(DeskError::NoContact)));
    });
}

#[test]
fn at_most_fifty_contacts_are_opened_and_the_entry_names_exactly_those() {
    for_each_engine(|db| {
        let house = House::found(db);
        let desk = house.desk("operator");
        let ids: Vec<ContactId> =
            (0..53).map(|n| house.add(card("Kim Vale", &format!("kim{n}@example.org")))).collect();
        let newest: Vec<ContactId> = ids.iter().rev().take(50).copied().collect();
        // The oldest three cannot be opened: they would be refused if they were.
        for id in &ids[..3] {
            db.query(&format!("UPDATE contacts SET revision = 9 WHERE id = {}", sql::blob(db, id.as_bytes())));
        }
        let outcome = desk.find_contacts(&house.ours.controller, "vale").unwrap();
        assert_eq!(outcome.found.iter().map(|one| one.id).collect::<Vec<_>>(), newest);
        assert!(outcome.more);
        let entry = house.desk("officer").audit_tail(1).unwrap().remove(0).entry;
        let named: Vec<ObjectId> = entry.objects.iter().map(|object| object.id).collect();
        assert_eq!(named, newest.iter().map(|id| ObjectId::Uuid(*id.as_bytes())).collect::<Vec<_>>());
        assert_eq!(entry.counts.get("found"), Some(&50));
        assert!(!desk.find_contacts(&house.ours.controller, "kim52@example.org").unwrap().more);
        assert!(desk.find_contacts(&house.ours.controller, "kim0@example.org").is_err());
    });
}

#[test]
fn what_is_found_shows_no_name_in_debug() {
    for_each_engine(|db| {
        let house = House::found(db);
        let id = house.add(card("Zebulon Quill", "zebulon@example.org"));
        let desk = house.desk_because("officer", "Zebulon asked");
        let outcome = desk.find_contacts(&house.ours.controller, "zebulon").unwrap();
        let view = desk.show_contact(&house.ours.controller, id).unwrap();
        let tail = desk.audit_tail(5).unwrap();
        let plan = desk.plan_erasure(&house.ours.controller, id).unwrap();
        let new = new_contact(card("Zebulon Quill", "zebulon@example.org"));
        let errand = super::house::errand("Zebulon asked");
        let shown = format!("{outcome:?} {view:?} {tail:?} {plan:?} {new:?} {:?} {errand:?}", new.provenance);
        assert!(
            !shown.to_lowercase().contains("zebulon") && !shown.contains("stand") && !shown.contains("mallory"),
            "{shown}"
        );
    });
}
