//! A blocked list: two officers, a sample of proofs, and one that fails keeps it shut.

use carnet_core::model::{ContactId, ListId, ListStatus, ProofState, ReasonCode, Timestamp};
use carnet_desk::{Desk, DeskError, DetailsView, ErrorKind, NewRelease, ReleaseOutcome};
use carnet_tests::for_each_engine;

use super::super::house::House;
use super::super::sql;
use super::{assert_shut, imported_list, release, second_officer, status_of, to, used};

fn blocked(house: &House, contacts: usize) -> ListId {
    let rows: Vec<(&str, Option<&str>)> = (0..contacts).map(|_| ("Ann", None)).collect();
    let list = imported_list(house, &house.ours, "news", &rows);
    to(house, &house.ours, list, ListStatus::Blocked);
    list
}

fn drawn(desk: &Desk<'_>, house: &House, list: ListId) -> Vec<ContactId> {
    desk.list_proofs(&house.ours.controller, list).unwrap().into_iter().map(|one| one.contact).collect()
}

fn propose(house: &House, list: ListId) -> u64 {
    match house.desk("officer").release_list(&house.ours.controller, list, &release()).unwrap() {
        ReleaseOutcome::Proposed { drawn } => drawn,
        ReleaseOutcome::Released { .. } => panic!("one officer has released a blocked list"),
    }
}

/// Shows a proof for each, and has each accepted.
fn prove_all(house: &House, list: ListId, contacts: &[ContactId]) {
    let (operator, officer, ours) = (house.desk("operator"), house.desk("officer"), &house.ours.controller);
    for contact in contacts {
        operator.show_proof(ours, list, *contact, "form 17", Some(&mut b"the form".as_slice())).unwrap();
        officer.judge_proof(ours, list, *contact, true).unwrap();
    }
}

#[test]
fn two_officers_and_thirty_proofs_release_a_blocked_list() {
    for_each_engine(|db| {
        let house = House::found(db);
        second_officer(&house);
        let (second, ours) = (house.desk("second"), &house.ours.controller);
        let list = blocked(&house, 75);
        let soon = Timestamp::now().months_later(2).unwrap();
        let new = NewRelease { until: Some(soon), ..release() };
        let outcome = house.desk("officer").release_list(ours, list, &new).unwrap();
        assert_eq!(outcome, ReleaseOutcome::Proposed { drawn: 30 });
        assert_shut(&house, list);
        let contacts = drawn(&house.desk("operator"), &house, list);
        assert_eq!(contacts.len(), 30);
        assert!(contacts.is_sorted());
        // The first officer again, and the second without proofs.
        let refused = house.desk("officer").release_list(ours, list, &release()).unwrap_err();
        assert!(matches!(&refused, DeskError::Denied(because) if because.contains("two officers")), "{refused}");
        let recorded = house.desk("officer").audit_tail(1).unwrap().remove(0);
        assert_eq!(recorded.entry.event.as_str(), "access.denied");
        prove_all(&house, list, &contacts[1..]);
        assert_eq!(second.release_list(ours, list, &release()).unwrap_err().kind(), ErrorKind::Invalid);
        assert_shut(&house, list);
        prove_all(&house, list, &contacts[..1]);
        // The shorter of the two releases holds.
        assert_eq!(
            second.release_list(ours, list, &release()).unwrap(),
            ReleaseOutcome::Released { until: soon, renewed: false }
        );
        assert_eq!(used(&house, &house.ours, list).unwrap().len(), 75);
        house.assert_clean();
    });
}

#[test]
fn a_proof_that_does_not_hold_keeps_the_list_shut_until_it_is_checked_again() {
    for_each_engine(|db| {
        let house = House::found(db);
        second_officer(&house);
        let (officer, ours) = (house.desk("officer"), &house.ours.controller);
        let list = blocked(&house, 3);
        assert_eq!(propose(&house, list), 3);
        let contacts = drawn(&officer, &house, list);
        prove_all(&house, list, &contacts[1..]);
        let refused = officer.judge_proof(ours, list, contacts[0], true).unwrap_err();
        assert!(refused.to_string().contains("nothing was shown"), "{refused}");
        officer.judge_proof(ours, list, contacts[0], false).unwrap();
        // Not even when the contact it was about is erased.
        house.erase(contacts[0]);
        for account in ["officer", "second"] {
            let refused = house.desk(account).release_list(ours, list, &release()).unwrap_err();
            assert!(refused.to_string().contains("does not hold"), "{refused}");
        }
        assert_shut(&house, list);
        assert_eq!(officer.check_list(ours, list).unwrap().status, ListStatus::Blocked);
        assert_eq!(propose(&house, list), 2);
        prove_all(&house, list, &drawn(&officer, &house, list));
        house.desk("second").release_list(ours, list, &release()).unwrap();
        assert_eq!(used(&house, &house.ours, list).unwrap().len(), 2);
        house.assert_clean();
    });
}

#[test]
fn who_shows_does_not_judge_and_who_is_blocked_again_is_proposed_again() {
    for_each_engine(|db| {
        let house = House::found(db);
        second_officer(&house);
        let (operator, officer, ours) = (house.desk("operator"), house.desk("officer"), &house.ours.controller);
        let list = blocked(&house, 2);
        assert!(operator.show_proof(ours, list, ContactId::new(), "form", None).is_err());
        propose(&house, list);
        let contacts = drawn(&operator, &house, list);
        for (account, what) in [("officer", "shows"), ("second", "shows"), ("operator", "judges"), ("owner", "judges")]
        {
            let desk = house.desk(account);
            let done = match what {
                "shows" => desk.show_proof(ours, list, contacts[0], "form 17", None),
                _ => desk.judge_proof(ours, list, contacts[0], true),
            };
            assert!(matches!(done, Err(DeskError::Denied(_))), "{account} {what}");
        }
        assert!(operator.show_proof(ours, list, ContactId::new(), "form", None).is_err());
        prove_all(&house, list, &contacts);
        assert!(operator.show_proof(ours, list, contacts[0], "form 18", None).is_err());
        officer.block_list(ours, list, ReasonCode::Swapped).unwrap();
        assert!(drawn(&operator, &house, list).is_empty());
        // The second's word is a new proposal now, and takes another officer.
        let outcome = house.desk("second").release_list(ours, list, &release()).unwrap();
        assert_eq!(outcome, ReleaseOutcome::Proposed { drawn: 2 });
        assert_eq!(status_of(&house, &house.ours, list), ListStatus::Blocked);
        house.assert_clean();
    });
}

#[test]
fn proofs_go_with_their_contact_and_follow_its_key() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, owner, ours) = (house.desk("operator"), house.desk("owner"), &house.ours.controller);
        let list = blocked(&house, 2);
        propose(&house, list);
        let contacts = drawn(&operator, &house, list);
        prove_all(&house, list, &contacts);
        owner.begin_rotation(ours).unwrap();
        while owner.step_rotation(ours).unwrap().finished.is_none() {}
        let seen = operator.list_proofs(ours, list).unwrap();
        assert_eq!(seen[0].note.as_deref(), Some("form 17"));
        assert_eq!((seen[0].state, seen[0].judgement.as_deref()), (ProofState::Accepted, Some("to try it")));
        // printf 'the form' | sha256sum
        let hash = "2c0142d9179adb75d5a403b4078df4be0687aace8507da3ec14b00e578a14897";
        assert_eq!(seen[0].file_hash.as_deref(), Some(hash));
        let mask = seen[0].address.clone().unwrap();
        assert!(mask.starts_with("n***@"), "{mask}");
        house.erase(contacts[0]);
        assert_eq!((sql::count(db, "list_proofs"), sql::count(db, "list_members")), (1, 1));
        let views = house.desk("officer").audit_tail(100).unwrap();
        let about = |view: &&carnet_desk::LedgerView| view.entry.event.as_str() == "list.prove";
        let details: Vec<bool> = views.iter().filter(about).map(|one| one.details == DetailsView::Erased).collect();
        assert_eq!(details.iter().filter(|erased| **erased).count(), 1, "{details:?}");
        house.assert_clean();
    });
}
