//! Imports and erasures after a list was split: what came by them is found in every list that it went into.

use carnet_core::model::{ContactId, ListStatus, ReasonCode};
use carnet_desk::DeskError;
use carnet_tests::{TestDatabase, for_each_engine};

use super::super::house::{House, card};
use super::super::imports::{Rows, Told, into_list, row};
use super::super::sql;
use super::split::{ASIDE, BLOCK, REVIEW, checked, split};
use super::{release, released, status_of};

/// How many of our lists a contact is in.
fn lists_of(db: &TestDatabase, contact: ContactId) -> i64 {
    let id = sql::blob(db, contact.as_bytes());
    sql::number(db, &format!("SELECT count(*) FROM list_members WHERE contact_id = {id}"))
}

#[test]
fn an_import_is_taken_back_out_of_what_was_split_off_too() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, officer, ours) = (house.desk("operator"), house.desk("officer"), &house.ours.controller);
        let known = ["review Known", "Other", "Third aside"]
            .map(|name| house.add(card(name, &format!("{}@example.org", name.replace(' ', ".")))));
        let rows = ["review Known", "Other", "Third aside", "review New"]
            .map(|name| Ok(row(name, &format!("{}@example.org", name.replace(' ', ".")), 2)));
        let mut source = Rows::of(rows.to_vec());
        let report = operator.import(ours, &into_list("news", None), &mut source, &mut Told::default()).unwrap();
        let (import, list) = report.place.unwrap();
        operator.submit_list(ours, list, None).unwrap();
        operator.check_list(ours, list).unwrap();
        let apart = split(&house, "operator", list, REVIEW, "apart").unwrap().list;
        // Somebody else comes into that list by an import of its own.
        officer.check_list(ours, apart).unwrap();
        released(&house, apart, &release()).unwrap();
        let mut more = Rows::of(vec![Ok(row("Other", "Other@example.org", 2))]);
        operator.import(ours, &into_list("apart", None), &mut more, &mut Told::default()).unwrap();
        assert_eq!(known.map(|one| lists_of(db, one)), [1, 2, 1]);
        let new = operator.contact_named(ours, "review.new@example.org").unwrap();
        assert_eq!(lists_of(db, new), 1);

        officer.check_list(ours, list).unwrap();
        released(&house, list, &release()).unwrap();
        let plan = operator.plan_undo(ours, import).unwrap();
        operator.undo_import(&plan).unwrap();
        assert_eq!(status_of(&house, &house.ours, list), ListStatus::Held, "what is left is not what was released");
        assert_eq!(known.map(|one| lists_of(db, one)), [0, 1, 0]);
        assert!(operator.contact_named(ours, "review.new@example.org").is_err());
        house.assert_clean();
    });
}

#[test]
fn an_import_is_not_taken_back_past_a_block_of_what_was_split_off_and_an_erasure_is() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, officer, ours) = (house.desk("operator"), house.desk("officer"), &house.ours.controller);
        let list = checked(&house, "news", &["Ann", "block", "block aside"]);
        let import = operator.imports(ours).unwrap()[0].id;
        let apart = split(&house, "officer", list, BLOCK, "apart").unwrap().list;
        officer.check_list(ours, apart).unwrap();
        officer.block_list(ours, apart, ReasonCode::Bought).unwrap();
        let further = split(&house, "officer", apart, ASIDE, "further").unwrap().list;
        for blocked in [apart, further] {
            assert!(matches!(operator.plan_undo(ours, import), Err(DeskError::Denied(_))));
            officer.withdraw_list(ours, blocked).unwrap();
        }
        assert_eq!(operator.plan_undo(ours, import).unwrap().removes, 3);
        for n in 0..3 {
            house.erase(operator.contact_named(ours, &format!("news{n}@example.org")).unwrap());
        }
        assert_eq!(sql::count(db, "list_members"), 0);
        house.assert_clean();
    });
}
