//! One contact for each address of a controller, however it is written and however many write at once.

use std::sync::Barrier;
use std::thread;

use carnet_desk::{DeskError, ErrorKind, Vault};
use carnet_tests::for_each_engine;

use super::house::{House, card, desk, new_contact};
use super::sql;

const SPELLINGS: [&str; 5] = [
    "ann@bücher.example",
    "Ann@BÜCHER.example",
    "ANN@xn--bcher-kva.example",
    " ann@Bu\u{308}cher.EXAMPLE ",
    "<ann@XN--BCHER-KVA.EXAMPLE>",
];

#[test]
fn the_same_address_added_by_twenty_desks_at_once_is_stored_once() {
    for_each_engine(|db| {
        let house = House::found(db);
        // Four processes with five people each.
        let vaults: Vec<Vault> = (0..4).map(|_| house.opened_again()).collect();
        let start = Barrier::new(20);
        let outcomes: Vec<_> = thread::scope(|scope| {
            let writers: Vec<_> = (0..20)
                .map(|number| {
                    let (vault, start, controller) = (&vaults[number / 5], &start, &house.ours.controller);
                    scope.spawn(move || {
                        let new = new_contact(card(&format!("Ann {number}"), SPELLINGS[number % 5]));
                        start.wait();
                        desk(vault, "operator").add_contact(controller, &new)
                    })
                })
                .collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        let refused: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        assert_eq!(refused.len(), 19, "{outcomes:?}");
        let winner = outcomes.iter().find_map(|outcome| outcome.as_ref().ok()).unwrap().to_string();
        for error in refused {
            assert!(matches!(error, DeskError::EmailTaken(holder) if *holder == winner), "{error:?}");
            assert_eq!(error.kind(), ErrorKind::Conflict);
        }
        assert_eq!((sql::count(db, "contacts"), sql::count(db, "contact_emails")), (1, 1));
        assert_eq!(sql::count(db, "contact_salts"), 1, "a refused contact leaves no salt");
        assert_eq!(sql::count(db, "provenances"), 1, "nor an origin");
        house.assert_clean();
    });
}

#[test]
fn another_controller_may_have_the_same_address_and_an_edit_may_not_take_it() {
    for_each_engine(|db| {
        let house = House::found(db);
        let operator = house.desk("operator");
        let first = house.add(card("Ann", SPELLINGS[0]));
        operator.add_contact(&house.theirs.controller, &new_contact(card("Ann", SPELLINGS[1]))).unwrap();
        let second = house.add(card("Ben", "ben@example.org"));
        let patch = carnet_core::model::CardPatch::new().add(carnet_core::model::CardEntry::Email, SPELLINGS[2]);
        let refused = operator.edit_contact(&house.ours.controller, second, &patch).unwrap_err();
        assert!(matches!(&refused, DeskError::EmailTaken(holder) if *holder == first.to_string()), "{refused}");
        operator.edit_contact(&house.ours.controller, first, &patch).unwrap();
        assert_eq!(sql::count(db, "contact_emails"), 3);
        house.assert_clean();
    });
}
