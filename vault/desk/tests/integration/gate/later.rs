//! What is learned or changed after a list was decided on.

use carnet_core::intake::{Claim, Incoming};
use carnet_core::model::{
    CardEntry, CardPatch, ConsentKind, ContactId, Evidence, ListId, ListStatus, MarkKind, ReasonCode,
};
use carnet_desk::DeskError;
use carnet_tests::for_each_engine;

use super::super::house::House;
use super::super::imports::{Rows, Told, into_list, row};
use super::super::sql;
use super::split::{REVIEW, checked, split};
use super::{assert_shut, imported_list, release, status_of, to, used};

/// A list of ours with Ann and Ben, whose addresses are `news0@` and `news1@example.org`, released.
fn news(house: &House) -> (ListId, ContactId) {
    let list = imported_list(house, &house.ours, "news", &[("Ann", None), ("Ben", None)]);
    to(house, &house.ours, list, ListStatus::Released);
    (list, house.desk("operator").contact_named(&house.ours.controller, "news0@example.org").unwrap())
}

#[test]
fn another_address_ends_a_release_and_another_note_does_not() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, ours) = (house.desk("operator"), &house.ours.controller);
        let (list, ann) = news(&house);
        let elsewhere = imported_list(&house, &house.ours, "others", &[("Cy", None)]);
        to(&house, &house.ours, elsewhere, ListStatus::Released);
        operator.edit_contact(ours, ann, &CardPatch::new().add(CardEntry::Note, "likes tea")).unwrap();
        assert_eq!(used(&house, &house.ours, list).unwrap().len(), 2);
        operator.edit_contact(ours, ann, &CardPatch::new().add(CardEntry::Email, "ann@bought.example")).unwrap();
        assert_shut(&house, list);
        assert_eq!(status_of(&house, &house.ours, list), ListStatus::Held);
        let again = house.desk("officer").release_list(ours, list, &release()).unwrap_err();
        assert!(again.to_string().contains("checked again"), "{again}");
        assert!(!house.desk("officer").show_list(ours, list).unwrap().check.unwrap().current);
        assert_eq!(used(&house, &house.ours, elsewhere).unwrap().len(), 1, "she is not in that one");
        let entry = house.desk("officer").audit_tail(4).unwrap().into_iter().find(|one| {
            one.entry.event.as_str() == "contact.edit"
                && one.entry.objects.iter().any(|it| it.kind.as_str() == "ended-release")
        });
        assert!(entry.is_some(), "the entry of the edit names the release that it ended");
        house.assert_clean();
    });
}

#[test]
fn an_import_elsewhere_that_gives_somebody_more_ends_the_release_of_their_lists() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, ours) = (house.desk("operator"), &house.ours.controller);
        let (list, _) = news(&house);
        let import = |items| {
            let mut source = Rows::of(items);
            operator.import(ours, &into_list("others", None), &mut source, &mut Told::default()).unwrap();
        };
        import(vec![Ok(row("Ann", "news0@example.org", 2)), Ok(row("Cy", "cy@example.org", 3))]);
        assert_eq!(used(&house, &house.ours, list).unwrap().len(), 2, "nothing new of anybody who is in it");
        let mut both = row("Ann", "news0@example.org", 2);
        both.card = both.card.patch(&CardPatch::new().add(CardEntry::Email, "ann@bought.example")).unwrap();
        import(vec![Ok(both)]);
        assert_shut(&house, list);
        house.assert_clean();
    });
}

#[test]
fn an_import_that_is_taken_back_takes_the_proof_of_other_lists_with_it_and_ends_their_releases() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, ours) = (house.desk("operator"), &house.ours.controller);
        let list = imported_list(&house, &house.ours, "news", &[("Ann", None), ("Ben", None)]);
        let claim = Claim {
            kind: ConsentKind::Given,
            purpose: None,
            at: None,
            evidence: Evidence { wording: Some("Write to me".to_owned()), ..Evidence::default() },
        };
        let proof = Incoming { claims: vec![claim], ..row("Ann", "news0@example.org", 2) };
        let mut source = Rows::of(vec![Ok(proof)]);
        let new = into_list("proofs", Some(house.ours.newsletter));
        let import = operator.import(ours, &new, &mut source, &mut Told::default()).unwrap().place.unwrap().0;
        to(&house, &house.ours, list, ListStatus::Released);
        operator.undo_import(&operator.plan_undo(ours, import).unwrap()).unwrap();
        assert_shut(&house, list);
        let again = house.desk("officer").release_list(ours, list, &release()).unwrap_err();
        assert!(again.to_string().contains("checked again"), "{again}");
        house.assert_clean();
    });
}

#[test]
fn a_new_trap_suspends_the_lists_that_hold_it_whoever_has_them() {
    for_each_engine(|db| {
        let house = House::found(db);
        let officer = house.desk("officer");
        let (list, _) = news(&house);
        let theirs = imported_list(&house, &house.theirs, "news", &[("Ann", None)]);
        to(&house, &house.theirs, theirs, ListStatus::Released);
        let other = imported_list(&house, &house.ours, "others", &[("Cy", None)]);
        to(&house, &house.ours, other, ListStatus::Released);
        let mut suspended = officer.add_trap("News0+shop@example.org", MarkKind::TrapOwn).unwrap();
        suspended.sort_by_key(|one| one.id);
        assert_eq!(suspended.iter().map(|one| one.id).collect::<Vec<_>>(), [list, theirs]);
        assert_shut(&house, list);
        assert_eq!(status_of(&house, &house.theirs, theirs), ListStatus::Held);
        assert_eq!(used(&house, &house.ours, other).unwrap().len(), 1);
        let said = |account: &str| {
            let view = house.desk(account).show_list(&house.ours.controller, list).unwrap();
            view.decisions.last().unwrap().text.clone()
        };
        assert!(said("officer").contains("trap") && !said("operator").contains("trap"));
        assert!(officer.add_trap("nobody@trap.example", MarkKind::TrapOwn).unwrap().is_empty());
        // What was released with the trap in sight is not ended by saying it again.
        officer.check_list(&house.ours.controller, list).unwrap();
        officer.release_list(&house.ours.controller, list, &release()).unwrap();
        let again = officer.add_trap("news0@example.org", MarkKind::TrapOwn).unwrap_err();
        assert!(matches!(again, DeskError::Exists(_)), "{again}");
        assert_eq!(used(&house, &house.ours, list).unwrap().len(), 2);
        house.assert_clean();
    });
}

#[test]
fn a_list_that_was_not_released_is_not_told_that_it_holds_a_new_trap_and_has_to_be_checked_again() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (officer, ours) = (house.desk("officer"), &house.ours.controller);
        for status in [ListStatus::Received, ListStatus::Held, ListStatus::Blocked] {
            let list = imported_list(&house, &house.ours, status.as_str(), &[("Ann", None)]);
            to(&house, &house.ours, list, status);
            let decisions = || house.desk("operator").show_list(ours, list).unwrap().decisions.len();
            let before = decisions();
            assert!(officer.add_trap(&format!("{status}0@example.org"), MarkKind::TrapOwn).unwrap().is_empty());
            assert_eq!(decisions(), before, "{status}: it would say which address is a trap");
            let check = officer.show_list(ours, list).unwrap().check;
            assert_eq!(check.map(|check| check.current), (status != ListStatus::Received).then_some(false));
        }
        house.assert_clean();
    });
}

#[test]
fn who_is_split_off_a_condemned_list_is_condemned_with_the_new_one() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (officer, ours) = (house.desk("officer"), &house.ours.controller);
        let list = checked(&house, "news", &["Ann", "review", "Ben", "review"]);
        officer.block_list(ours, list, ReasonCode::Bought).unwrap();
        let apart = split(&house, "officer", list, REVIEW, "apart").unwrap();
        let of = |list: ListId| {
            let id = sql::blob(db, list.as_bytes());
            sql::number(db, &format!("SELECT count(*) FROM condemned_tags WHERE list_id = {id}"))
        };
        assert_eq!((of(list), of(apart.list)), (2, 2));
        let gone = house.desk("operator").contact_named(ours, "news1@example.org").unwrap();
        house.erase(gone);
        assert_eq!((of(list), of(apart.list)), (2, 1));
        house.assert_clean();
    });
}
