//! Somebody has been at the database, without a key: nothing that they can write opens a list.

use carnet_core::model::{ContactId, ListId, ListStatus};
use carnet_desk::{AuditProblem, DeskError, ErrorKind};
use carnet_tests::{TestDatabase, for_each_engine};

use super::super::house::House;
use super::super::sql;
use super::split::{BLOCK, checked, split};
use super::{assert_shut, imported_list, release, released, second_officer, status_of, to, used};

const TABLES: [&str; 4] = ["lists", "list_members", "list_checks", "list_releases"];

fn at(db: &TestDatabase, list: ListId) -> String {
    sql::blob(db, list.as_bytes())
}

/// A list that is released, and one that is held.
fn two(house: &House) -> (ListId, ListId) {
    let list = |name: &str| imported_list(house, &house.ours, name, &[("Ann", None)]);
    let (open, shut) = (list("open"), list("shut"));
    to(house, &house.ours, open, ListStatus::Released);
    to(house, &house.ours, shut, ListStatus::Held);
    (open, shut)
}

#[track_caller]
fn assert_damaged(house: &House, list: ListId) {
    let refused = used(house, &house.ours, list).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Damaged, "{refused}");
    assert!(house.desk("operator").lists(&house.ours.controller).is_err());
}

#[test]
fn a_status_without_a_release_is_none() {
    for_each_engine(|db| {
        let house = House::found(db);
        for status in ListStatus::ALL.iter().copied().filter(|one| *one != ListStatus::Released) {
            let list = imported_list(&house, &house.ours, status.as_str(), &[("Ann", None)]);
            to(&house, &house.ours, list, status);
            db.query(&format!("UPDATE lists SET status = 'released' WHERE id = {}", at(db, list)));
            assert_eq!(status_of(&house, &house.ours, list), ListStatus::Held);
            assert_shut(&house, list);
        }
    });
}

#[test]
fn a_release_that_was_written_moved_or_prolonged_opens_nothing() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (open, shut) = two(&house);
        sql::keep(db, &TABLES);
        let (open_id, shut_id) = (at(db, open), at(db, shut));
        // The release of the one, written for the other, with its check.
        db.query(&format!(
            "UPDATE lists SET status = 'released' WHERE id = {shut_id};
             INSERT INTO list_releases SELECT r.controller_id, {shut_id}, r.id,
                (SELECT c.id FROM list_checks c WHERE c.list_id = {shut_id}), r.decision_id, r.imports, r.members,
                r.granted_us, r.expires_us, r.ended_us, r.sealed FROM list_releases r WHERE r.list_id = {open_id};"
        ));
        assert_damaged(&house, shut);
        for change in ["expires_us = expires_us + 1", "members = members + 1", "imports = imports + 0, granted_us = 1"]
        {
            sql::put_back(db, &TABLES);
            db.query(&format!("UPDATE list_releases SET {change}"));
            assert_damaged(&house, open);
        }
        sql::put_back(db, &TABLES);
        assert_eq!(used(&house, &house.ours, open).unwrap().len(), 1);
    });
}

#[test]
fn what_was_ended_is_not_begun_again_by_taking_its_end_away() {
    for_each_engine(|db| {
        let house = House::found(db);
        let ours = &house.ours.controller;
        type End = fn(&House, ListId);
        let ends: [(&str, End); 3] = [
            ("blocked", |house, list| {
                let code = carnet_core::model::ReasonCode::Bought;
                house.desk("officer").block_list(&house.ours.controller, list, code).unwrap();
            }),
            ("withdrawn", |house, list| house.desk("operator").withdraw_list(&house.ours.controller, list).unwrap()),
            ("suspended", |house, list| {
                let kind = carnet_core::model::LaterEvidence::Canary;
                assert!(house.desk("operator").report_evidence(&house.ours.controller, list, kind, "seen").unwrap());
            }),
        ];
        for (name, end) in ends {
            let list = imported_list(&house, &house.ours, name, &[("Ann", None)]);
            to(&house, &house.ours, list, ListStatus::Released);
            end(&house, list);
            let id = at(db, list);
            db.query(&format!("UPDATE lists SET status = 'released' WHERE id = {id}"));
            assert_shut(&house, list);
            sql::keep(db, &TABLES);
            db.query(&format!("UPDATE list_releases SET ended_us = NULL WHERE list_id = {id}"));
            assert_damaged(&house, list);
            sql::put_back(db, &TABLES);
        }
        assert_eq!(house.desk("officer").lists(ours).unwrap().len(), 3);
    });
}

#[test]
fn an_older_release_put_back_whole_is_told_by_the_audit() {
    for_each_engine(|db| {
        let house = House::found(db);
        let ours = &house.ours.controller;
        let list = imported_list(&house, &house.ours, "news", &[("Ann", None)]);
        to(&house, &house.ours, list, ListStatus::Released);
        house.assert_clean();
        sql::keep(db, &["list_releases", "lists"]);
        let kind = carnet_core::model::LaterEvidence::Canary;
        assert!(house.desk("operator").report_evidence(ours, list, kind, "seen").unwrap());
        house.assert_clean();
        sql::put_back(db, &["list_releases", "lists"]);
        // It is authentic, and nothing but the ledger knows better.
        assert_eq!(used(&house, &house.ours, list).unwrap().len(), 1);
        let problems = house.desk("auditor").audit_verify(&[]).unwrap().problems;
        assert!(matches!(problems.as_slice(), [AuditProblem::RevivedRelease(id, _)] if *id == list), "{problems:?}");
        db.query(&format!("UPDATE list_releases SET id = {}", sql::blob(db, &[7; 16])));
        let problems = house.desk("auditor").audit_verify(&[]).unwrap().problems;
        assert_eq!(problems, [AuditProblem::UnrecordedRelease(list)]);
    });
}

#[test]
fn a_contact_that_was_put_into_a_released_list_closes_it() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (open, shut) = two(&house);
        db.query(&format!(
            "INSERT INTO list_members SELECT controller_id, {}, contact_id FROM list_members WHERE list_id = {}",
            at(db, open),
            at(db, shut)
        ));
        assert_eq!(status_of(&house, &house.ours, open), ListStatus::Held);
        assert_shut(&house, open);
        // Nor is it released again before somebody has looked at it.
        assert_eq!(released(&house, open, &release()).unwrap_err().kind(), ErrorKind::Invalid);
    });
}

#[test]
fn an_edited_verdict_or_proof_releases_nothing() {
    for_each_engine(|db| {
        let house = House::found(db);
        second_officer(&house);
        let (officer, ours) = (house.desk("officer"), &house.ours.controller);
        let list = imported_list(&house, &house.ours, "news", &[("review", None)]);
        let operator = house.desk("operator");
        operator.submit_list(ours, list, None).unwrap();
        operator.check_list(ours, list).unwrap();
        db.query("UPDATE list_checks SET verdict = 'clear', points = 0");
        assert_eq!(released(&house, list, &release()).unwrap_err().kind(), ErrorKind::Damaged);
        assert!(matches!(officer.show_list(ours, list), Err(DeskError::Open(_))));
        db.query("UPDATE list_checks SET verdict = 'review', points = 7");
        officer.block_list(ours, list, carnet_core::model::ReasonCode::NoProof).unwrap();
        officer.release_list(ours, list, &release()).unwrap();
        let shown: ContactId = operator.list_proofs(ours, list).unwrap()[0].contact;
        operator.show_proof(ours, list, shown, "form", None).unwrap();
        let judge = sql::blob(db, officer.account().id.as_bytes());
        db.query(&format!("UPDATE list_proofs SET state = 'accepted', judged_by = {judge}"));
        let refused = house.desk("second").release_list(ours, list, &release()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Damaged, "{refused}");
        // A proposal that somebody else is said to have made.
        db.query("UPDATE list_proofs SET state = 'proven', judged_by = NULL");
        officer.judge_proof(ours, list, shown, true).unwrap();
        let other = sql::blob(db, house.desk("second").account().id.as_bytes());
        db.query(&format!("UPDATE list_decisions SET account_id = {other} WHERE kind = 'propose'"));
        assert_eq!(officer.release_list(ours, list, &release()).unwrap_err().kind(), ErrorKind::Damaged);
        assert_shut(&house, list);
    });
}

#[test]
fn segments_that_somebody_has_edited_split_nothing() {
    for_each_engine(|db| {
        let house = House::found(db);
        let list = checked(&house, "news", &["Ann", "block", "review", "review"]);
        sql::keep(db, &["list_segments", "list_checks"]);
        for change in [
            "UPDATE list_segments SET verdict = 'clear' WHERE number = 1",
            "UPDATE list_segments SET quarantined = 0 WHERE number = 1",
            "UPDATE list_segments SET row_count = 2 WHERE number = 1",
            "UPDATE list_segments SET number = 9 WHERE number = 1; UPDATE list_segments SET number = 1 WHERE number = 2;
             UPDATE list_segments SET number = 2 WHERE number = 9",
            "UPDATE list_segments SET sealed_members = (SELECT o.sealed_members FROM list_segments o WHERE o.number = 2)",
            "DELETE FROM list_segments WHERE number = 2",
            "DELETE FROM list_segments WHERE number = 2; UPDATE list_checks SET segments = 2",
        ] {
            db.query(change);
            let refused = split(&house, "officer", list, BLOCK, "apart").unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Damaged, "{change}: {refused}");
            sql::put_back(db, &["list_segments", "list_checks"]);
        }
        split(&house, "officer", list, BLOCK, "apart").unwrap();
    });
}
