//! The way to a list's contacts tried from every side: by roles, by ids of others, by what happens at the same time.

use std::sync::{Arc, Mutex};

use carnet_core::gate::Report;
use carnet_core::model::{ListId, ListStatus, ReasonCode, Role, RoleGrant};
use carnet_core::policy::AccessPolicy;
use carnet_desk::{CheckRow, DeskError, Gate, Judgement, Others, Recall, Survey, Vault};
use carnet_tests::for_each_engine;

use super::super::house::{House, Told, desk, slug};
use super::super::imports::{self, Rows, into_list};
use super::super::sql;
use super::{assert_shut, imported_list, release, released, second_officer, status_of, their_officer, to, used};

#[test]
fn no_account_but_an_officers_opens_a_list_and_no_officer_uses_it() {
    for_each_engine(|db| {
        let house = House::found(db);
        let ours = &house.ours.controller;
        for status in ListStatus::ALL.iter().copied() {
            let list = imported_list(&house, &house.ours, status.as_str(), &[("Ann", None)]);
            to(&house, &house.ours, list, status);
            for account in ["owner", "operator", "auditor", "nobody"] {
                let desk = house.desk(account);
                for denied in [
                    desk.release_list(ours, list, &release()).map(drop),
                    desk.block_list(ours, list, ReasonCode::Bought),
                    desk.ask_about_list(ours, list, "who?"),
                    desk.judge_proof(ours, list, carnet_core::model::ContactId::new(), true),
                ] {
                    assert!(matches!(denied, Err(DeskError::Denied(_))), "{account}, {status}: {denied:?}");
                }
            }
            for account in ["officer", "auditor", "nobody"] {
                let denied = house.desk(account).use_list(ours, list, None).map(drop);
                assert!(matches!(denied, Err(DeskError::Denied(_))), "{account}, {status}");
            }
            assert_eq!(status_of(&house, &house.ours, list), status);
        }
    });
}

#[test]
fn another_controllers_officer_and_another_controllers_list_are_of_no_use() {
    for_each_engine(|db| {
        let house = House::found(db);
        their_officer(&house);
        let (ours, theirs) = (&house.ours.controller, &house.theirs.controller);
        let list = imported_list(&house, &house.ours, "news", &[("Ann", None)]);
        to(&house, &house.ours, list, ListStatus::Held);
        let stranger = house.desk("their-officer");
        let denied = [
            stranger.release_list(ours, list, &release()).map(drop),
            stranger.show_list(ours, list).map(drop),
            stranger.check_list(ours, list).map(drop),
            stranger.withdraw_list(ours, list),
        ];
        assert!(denied.iter().all(|one| matches!(one, Err(DeskError::Denied(_)))), "{denied:?}");
        // Under their own controller the list is not there.
        let unknown = [
            stranger.release_list(theirs, list, &release()).map(drop),
            house.desk("officer").release_list(theirs, list, &release()).map(drop),
            house.desk("officer").release_list(ours, ListId::new(), &release()).map(drop),
            house.desk("operator").use_list(theirs, list, None).map(drop),
        ];
        assert!(unknown.iter().all(|one| matches!(one, Err(DeskError::Unknown { .. }))), "{unknown:?}");
        to_released_under_two_names(&house, list);
        assert!(house.desk("operator").use_list(theirs, list, None).is_err());
        house.assert_clean();
    });
}

fn to_released_under_two_names(house: &House, list: ListId) {
    released(house, list, &release()).unwrap();
    assert_eq!(used(house, &house.ours, list).unwrap().len(), 1);
}

#[test]
fn nobody_decides_on_a_list_that_they_own_whatever_the_permits_say() {
    for_each_engine(|db| {
        let folder = tempfile::tempdir().unwrap();
        let all = "@id(\"all\")\npermit (principal, action, resource);\n";
        std::fs::write(folder.path().join("access.cedar"), all).unwrap();
        let house = House::found_under(db, AccessPolicy::from_dir(folder.path()).unwrap());
        second_officer(&house);
        let ours = &house.ours.controller;
        // Under this policy an officer may import.
        let mut source = Rows::of(vec![Ok(imports::row("Ann", "ann@example.org", 2))]);
        let officer = house.desk("officer");
        let own = officer.import(ours, &into_list("own", None), &mut source, &mut imports::Told::default()).unwrap();
        let list = own.place.unwrap().1;
        house.desk("owner").submit_list(ours, list, None).unwrap();
        house.desk("owner").check_list(ours, list).unwrap();
        for denied in [
            officer.release_list(ours, list, &release()).map(drop),
            officer.block_list(ours, list, ReasonCode::Stale),
            officer.ask_about_list(ours, list, "who?"),
        ] {
            assert!(matches!(denied, Err(DeskError::Denied(_))), "{denied:?}");
        }
        for account in ["owner", "operator"] {
            assert!(matches!(house.desk(account).release_list(ours, list, &release()), Err(DeskError::Denied(_))));
        }
        assert_shut(&house, list);
        house.desk("second").release_list(ours, list, &release()).unwrap();
        assert_eq!(used(&house, &house.ours, list).unwrap().len(), 1);
    });
}

#[test]
fn an_account_with_two_hats_that_was_made_by_other_means_decides_nothing() {
    for_each_engine(|db| {
        let house = House::found(db);
        let grant = RoleGrant { role: Role::Operator, controller: None };
        house.desk("owner").add_account(slug("both"), vec![grant]).unwrap();
        db.query(&format!(
            "INSERT INTO account_grants SELECT id, {}, 'compliance' FROM accounts WHERE name = 'both'",
            sql::blob(db, &[0; 16])
        ));
        let list = imported_list(&house, &house.ours, "news", &[("Ann", None)]);
        to(&house, &house.ours, list, ListStatus::Held);
        let both = house.desk("both");
        let denied = both.release_list(&house.ours.controller, list, &release()).unwrap_err();
        assert!(matches!(denied, DeskError::Denied(_)), "{denied}");
        assert_shut(&house, list);
    });
}

type Once = Box<dyn FnOnce(&Vault) + Send>;

/// Does something while the gate looks.
struct Meanwhile {
    vault: Vault,
    once: Mutex<Option<Once>>,
}

impl Gate for Meanwhile {
    fn judge(&self, rows: &mut dyn Iterator<Item = CheckRow>, recall: &Recall<'_>) -> Result<Judgement, DeskError> {
        let judgement = Told.judge(rows, recall);
        if let Some(work) = self.once.lock().unwrap().take() {
            work(&self.vault);
        }
        judgement
    }

    fn preview(&self, survey: &Survey, recall: &Recall<'_>) -> Result<(Report, Others), DeskError> {
        Told.preview(survey, recall)
    }
}

#[test]
fn what_gave_a_list_away_is_for_officers_to_know() {
    for_each_engine(|db| {
        let house = House::found(db);
        let ours = &house.ours.controller;
        let list = imported_list(&house, &house.ours, "news", &[("Ann", None)]);
        to(&house, &house.ours, list, ListStatus::Released);
        let kind = carnet_core::model::LaterEvidence::Canary;
        house.desk("officer").report_evidence(ours, list, kind, "the canary of the March export").unwrap();
        for (account, whole) in [("officer", true), ("owner", false), ("operator", false)] {
            let view = house.desk(account).show_list(ours, list).unwrap();
            let report = view.check.unwrap().report;
            // Masked, and opened anew: nothing of a card is kept in a report.
            let shown = report.signals.iter().flat_map(|signal| &signal.rows).map(|row| row.email.as_str());
            assert_eq!(shown.collect::<Vec<_>>(), if whole { vec!["n…0@e…e.org"] } else { Vec::new() });
            assert_eq!(report.signals.iter().any(|signal| signal.sentence.contains("export")), whole, "{account}");
            assert_eq!(report.withheld, !whole, "{account}");
            let said = &view.decisions.last().unwrap().text;
            assert_eq!(said.contains("canary"), whole, "{account}: {said}");
        }
    });
}

#[test]
fn what_happens_while_the_gate_looks_takes_its_word_away() {
    for_each_engine(|db| {
        let house = House::found(db);
        let ours = house.ours.controller.clone();
        type Work = fn(&Vault, &carnet_core::model::Controller);
        let works: [(&str, Work, ListStatus); 3] = [
            (
                "imported",
                |vault, of| {
                    let mut source = Rows::of(vec![Ok(imports::row("Block", "late@example.org", 2))]);
                    let new = into_list("imported", None);
                    desk(vault, "operator").import(of, &new, &mut source, &mut imports::Told::default()).unwrap();
                },
                ListStatus::Received,
            ),
            (
                "withdrawn",
                |vault, of| {
                    let operator = desk(vault, "operator");
                    operator.withdraw_list(of, operator.list_named(of, "withdrawn").unwrap()).unwrap();
                },
                ListStatus::Withdrawn,
            ),
            (
                "checked",
                |vault, of| {
                    let operator = desk(vault, "operator");
                    operator.check_list(of, operator.list_named(of, "checked").unwrap()).unwrap();
                },
                ListStatus::Held,
            ),
        ];
        for (name, work, status) in works {
            let list = imported_list(&house, &house.ours, name, &[("Ann", None)]);
            to(&house, &house.ours, list, ListStatus::Checking);
            let of = ours.clone();
            let once: Once = Box::new(move |vault| work(vault, &of));
            let gate = Meanwhile { vault: house.opened_again(), once: Mutex::new(Some(once)) };
            let vault = house.opened_again().with_gate(Arc::new(gate));
            let before = sql::count(db, "list_checks");
            let late = desk(&vault, "operator").check_list(&ours, list).unwrap_err();
            let told = matches!(late, DeskError::ListOvertaken | DeskError::Invalid(_) | DeskError::Denied(_));
            assert!(told, "{name}: {late}");
            assert_eq!(sql::count(db, "list_checks") - before, i64::from(name == "checked"));
            assert_eq!(status_of(&house, &house.ours, list), status, "{name}");
            assert_shut(&house, list);
        }
        house.assert_clean();
    });
}

#[test]
fn without_a_gate_nothing_is_judged() {
    for_each_engine(|db| {
        let house = House::found(db);
        let list = imported_list(&house, &house.ours, "news", &[("Ann", None)]);
        to(&house, &house.ours, list, ListStatus::Checking);
        let root = carnet_core::keys::RootKey::from_words(house.words()).unwrap();
        let vault = Vault::open(house.location(), root, super::super::house::policy()).unwrap();
        assert!(matches!(
            desk(&vault, "operator").check_list(&house.ours.controller, list),
            Err(DeskError::Invalid(_))
        ));
        assert_shut(&house, list);
    });
}

#[test]
fn what_is_counted_on_the_way_to_the_gate_is_counted_once_where_keys_were_renewed_meanwhile() {
    for_each_engine(|db| {
        let house = House::found(db);
        let ours = &house.ours.controller;
        // More than are read at once, sealed under a key that is at hand.
        let people: Vec<(&str, Option<&str>)> = vec![("Ann", None); 2100];
        let list = imported_list(&house, &house.ours, "news", &people);
        // Another process renews the key, and adds somebody under the new one.
        let other = house.opened_again();
        desk(&other, "owner").begin_rotation(ours).unwrap();
        let mut source = Rows::of(vec![Ok(imports::row("Ben", "late@example.org", 2))]);
        let new = into_list("news", None);
        desk(&other, "operator").import(ours, &new, &mut source, &mut imports::Told::default()).unwrap();
        let (submitted, check) = house.desk("operator").submit_and_check_list(ours, list, None).unwrap();
        assert_eq!((submitted.rows, submitted.unsaid, check.judged), (2101, 2101, 2101));
    });
}
