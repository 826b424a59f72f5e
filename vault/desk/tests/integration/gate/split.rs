//! A segment split off: both lists are closed, and it takes as many hands as before to open either.

use carnet_core::model::{ContactId, DecisionKind, ListId, ListStatus, ReasonCode, Verdict};
use carnet_desk::{DeskError, ErrorKind, ListSplit, ReleaseOutcome};
use carnet_tests::for_each_engine;

use super::super::house::House;
use super::super::sql;
use super::{assert_shut, imported_list, release, released, second_officer, status_of, to, used};

pub(super) const BLOCK: u32 = 1;
pub(super) const REVIEW: u32 = 2;
pub(super) const ASIDE: u32 = 3;

/// A list of ours that is checked, of contacts with these names.
pub(super) fn checked(house: &House, name: &str, names: &[&str]) -> ListId {
    let rows: Vec<(&str, Option<&str>)> = names.iter().map(|name| (*name, None)).collect();
    let list = imported_list(house, &house.ours, name, &rows);
    let operator = house.desk("operator");
    operator.submit_list(&house.ours.controller, list).unwrap();
    operator.check_list(&house.ours.controller, list).unwrap();
    list
}

pub(super) fn split(
    house: &House,
    account: &str,
    list: ListId,
    segment: u32,
    into: &str,
) -> Result<ListSplit, DeskError> {
    house.desk(account).split_list(&house.ours.controller, list, segment, into)
}

fn kinds(house: &House, list: ListId) -> Vec<DecisionKind> {
    let view = house.desk("officer").show_list(&house.ours.controller, list).unwrap();
    view.decisions.iter().map(|one| one.kind).collect()
}

#[test]
fn a_segment_becomes_a_list_of_its_own_with_all_that_was_said_of_it() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, officer, ours) = (house.desk("operator"), house.desk("officer"), &house.ours.controller);
        let rows = [("Ann", None), ("review", Some("Fair")), ("Ben", Some("Fair")), ("review", None)];
        let list = imported_list(&house, &house.ours, "news", &rows);
        operator.describe_source(ours, list, "Fair", "You left your card").unwrap();
        operator.submit_list(ours, list).unwrap();
        assert_eq!(operator.check_list(ours, list).unwrap().status, ListStatus::Held);
        let view = operator.show_list(ours, list).unwrap();
        let segments: Vec<_> = view.check.unwrap().segments.iter().map(|one| (one.number, one.quarantined)).collect();
        assert_eq!(segments, [(0, false), (REVIEW, true)]);

        let done = split(&house, "operator", list, REVIEW, "apart").unwrap();
        assert_eq!((done.moved, done.left), (2, 2));
        assert_eq!((done.status, done.rest), (ListStatus::Held, ListStatus::Checking));
        let entry = officer.audit_tail(2).unwrap().remove(0).entry;
        assert_eq!((entry.event.as_str(), entry.bulk.map(|bulk| bulk.count)), ("list.split", Some(2)));
        for (id, status) in [(list, done.rest), (done.list, done.status)] {
            assert_eq!(status_of(&house, &house.ours, id), status);
            assert_shut(&house, id);
        }
        assert_eq!(kinds(&house, list), [DecisionKind::Submit, DecisionKind::Split]);
        assert_eq!(kinds(&house, done.list), [DecisionKind::Split]);
        let apart = operator.show_list(ours, done.list).unwrap();
        assert_eq!((apart.summary.list.owner, apart.summary.contacts), (operator.account().id, 2));
        assert!(apart.check.is_none() && apart.summary.due.is_some());
        assert_eq!(apart.decisions[0].text, "This was segment 2 (review) of the list \"news\": to try it");
        let sources = operator.list_sources(ours, done.list).unwrap();
        let said = sources.sources[0].sentence.as_ref().unwrap();
        assert_eq!(
            (sources.sources[0].rows, said.0.as_str(), said.1),
            (1, "You left your card", operator.account().id)
        );
        assert_eq!(sources.origins, operator.list_sources(ours, list).unwrap().origins);

        // What is left is checked by its owner, the other by an officer's order, and each is released by an officer.
        assert!(released(&house, list, &release()).is_err());
        assert_eq!(operator.check_list(ours, list).unwrap().verdict, Verdict::Clear);
        assert_shut(&house, list);
        released(&house, list, &release()).unwrap();
        assert_eq!(used(&house, &house.ours, list).unwrap().len(), 2);
        assert_eq!(released(&house, done.list, &release()).unwrap_err().kind(), ErrorKind::Invalid);
        assert!(matches!(operator.check_list(ours, done.list), Err(DeskError::Denied(_))));
        assert_eq!(officer.check_list(ours, done.list).unwrap().verdict, Verdict::Review);
        released(&house, done.list, &release()).unwrap();
        assert_eq!(used(&house, &house.ours, done.list).unwrap().len(), 2);
        house.assert_clean();
    });
}

#[test]
fn a_split_ends_a_release_and_its_use() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, ours) = (house.desk("operator"), &house.ours.controller);
        let list = checked(&house, "news", &["Ann", "Aside"]);
        released(&house, list, &release()).unwrap();
        let mut use_begun = operator.use_list(ours, list, None).unwrap();
        let done = split(&house, "operator", list, ASIDE, "apart").unwrap();
        assert_eq!((done.status, done.rest), (ListStatus::Held, ListStatus::Checking));
        assert!(matches!(use_begun.next(), Some(Err(DeskError::Denied(_)))));
        assert!(operator.show_list(ours, list).unwrap().release.unwrap().ended.is_some());
        for id in [list, done.list] {
            assert_shut(&house, id);
            // Nor by saying in the database that it is released.
            db.query(&format!("UPDATE lists SET status = 'released' WHERE id = {}", sql::blob(db, id.as_bytes())));
            assert_shut(&house, id);
        }
    });
}

#[test]
fn what_officers_have_blocked_is_blocked_twice_however_often_it_is_split() {
    for_each_engine(|db| {
        let house = House::found(db);
        second_officer(&house);
        let (officer, ours) = (house.desk("officer"), &house.ours.controller);
        let list = checked(&house, "news", &["Ann", "review aside", "review"]);
        officer.block_list(ours, list, ReasonCode::Swapped).unwrap();
        assert!(matches!(split(&house, "operator", list, REVIEW, "apart"), Err(DeskError::Denied(_))));
        let first = split(&house, "officer", list, REVIEW, "apart").unwrap();
        assert_eq!((first.status, first.rest), (ListStatus::Blocked, ListStatus::Blocked));
        for id in [list, first.list] {
            // On the check before the split nobody decides any more.
            let refused = officer.release_list(ours, id, &release()).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Invalid, "{refused}");
            assert_eq!(officer.check_list(ours, id).unwrap().status, ListStatus::Blocked);
        }
        // The gate finds this segment clear, and the block goes with it all the same.
        let second = split(&house, "second", first.list, ASIDE, "further apart").unwrap();
        assert_eq!((second.status, second.rest), (ListStatus::Blocked, ListStatus::Blocked));
        for id in [list, first.list, second.list] {
            assert_eq!(officer.check_list(ours, id).unwrap().status, ListStatus::Blocked);
            assert_eq!(officer.release_list(ours, id, &release()).unwrap(), ReleaseOutcome::Proposed { drawn: 1 });
            assert!(matches!(officer.release_list(ours, id, &release()), Err(DeskError::Denied(_))));
            assert_shut(&house, id);
        }
        house.assert_clean();
    });
}

#[test]
fn a_block_of_the_gate_goes_with_its_segment_and_a_failed_proof_stays_with_both() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, officer, ours) = (house.desk("operator"), house.desk("officer"), &house.ours.controller);
        let list = checked(&house, "news", &["Ann", "block"]);
        assert_eq!(status_of(&house, &house.ours, list), ListStatus::Blocked);
        let done = split(&house, "officer", list, BLOCK, "apart").unwrap();
        assert_eq!((done.status, done.rest), (ListStatus::Blocked, ListStatus::Checking));
        assert_eq!(operator.check_list(ours, list).unwrap().status, ListStatus::Held);
        assert_eq!(officer.check_list(ours, done.list).unwrap().status, ListStatus::Blocked);

        let list = checked(&house, "other", &["Ann", "block aside", "block"]);
        officer.release_list(ours, list, &release()).unwrap();
        let drawn: Vec<ContactId> =
            operator.list_proofs(ours, list).unwrap().into_iter().map(|one| one.contact).collect();
        officer.judge_proof(ours, list, drawn[0], false).unwrap();
        let done = split(&house, "officer", list, ASIDE, "other, apart").unwrap();
        assert_eq!((done.status, done.rest), (ListStatus::Blocked, ListStatus::Blocked));
        house.assert_clean();
    });
}

#[test]
fn only_a_segment_of_the_last_check_of_a_list_that_is_as_it_was_checked_is_split_off() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, officer, ours) = (house.desk("operator"), house.desk("officer"), &house.ours.controller);
        let refused = |list, segment, into: &str| split(&house, "operator", list, segment, into).unwrap_err();
        let list = checked(&house, "news", &["Ann", "review", "review"]);
        let before = sql::rows(db);
        assert_eq!(refused(list, 7, "apart").kind(), ErrorKind::NotFound);
        assert_eq!(refused(list, 0, "apart").kind(), ErrorKind::Invalid);
        assert_eq!(refused(list, REVIEW, "news").kind(), ErrorKind::Conflict);
        for name in ["", " ", "two\nlines"] {
            assert_eq!(refused(list, REVIEW, name).kind(), ErrorKind::Invalid);
        }
        for account in ["auditor", "nobody"] {
            assert!(matches!(split(&house, account, list, REVIEW, "apart"), Err(DeskError::Denied(_))));
        }
        let blank = house.desk_because("operator", " ").split_list(ours, list, REVIEW, "apart").unwrap_err();
        assert!(matches!(blank, DeskError::NoReason(_)), "{blank}");
        let theirs = officer.split_list(&house.theirs.controller, list, REVIEW, "apart").unwrap_err();
        assert_eq!(theirs.kind(), ErrorKind::NotFound);
        assert_eq!(sql::rows(db), before);

        // Of this one only the segment is left, and of the next only the rest.
        for (name, gone, says) in [("a", &["Ann"][..], "all that the list holds"), ("b", &["r1", "r2"], "nobody")] {
            let list = checked(&house, name, &["Ann", "r1 review", "r2 review"]);
            for n in 0..3 {
                let contact = operator.contact_named(ours, &format!("{name}{n}@example.org")).unwrap();
                let shown = operator.show_contact(ours, contact).unwrap();
                let full = shown.card.full_name().unwrap_or_default();
                if gone.iter().any(|word| full.contains(word)) {
                    house.erase(contact);
                }
            }
            let said = refused(list, REVIEW, "apart").to_string();
            assert!(said.contains(says), "{name}: {said}");
        }
        let all = checked(&house, "all", &["review", "review"]);
        assert!(refused(all, REVIEW, "apart").to_string().contains("all that the list holds"));

        for status in [ListStatus::Received, ListStatus::Checking, ListStatus::Withdrawn] {
            let list = imported_list(&house, &house.ours, status.as_str(), &[("Ann", None), ("Aside", None)]);
            to(&house, &house.ours, list, status);
            assert_eq!(refused(list, ASIDE, "apart").kind(), ErrorKind::Invalid);
        }
        // A second segment waits until what is left was checked again.
        let list = checked(&house, "two", &["Ann", "review", "aside"]);
        split(&house, "operator", list, REVIEW, "first").unwrap();
        assert_eq!(refused(list, ASIDE, "second").kind(), ErrorKind::Invalid);
        operator.check_list(ours, list).unwrap();
        assert_eq!(refused(list, REVIEW, "second").kind(), ErrorKind::NotFound);
        split(&house, "operator", list, ASIDE, "second").unwrap();
        house.assert_clean();
    });
}
