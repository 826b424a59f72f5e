//! From received to released, and what each step asks for.

use carnet_core::gate::Verdict;
use carnet_core::model::{ConsentKind, DecisionKind, LaterEvidence, ListStatus, ReasonCode, Timestamp};
use carnet_desk::{DeskError, ErrorKind, NewRelease};
use carnet_tests::for_each_engine;

use super::super::house::House;
use super::super::imports::{Rows, Told, into_list};
use super::super::sql;
use super::{assert_shut, imported_list, release, released, status_of, to, used};

#[test]
fn a_list_is_used_once_it_is_described_submitted_checked_and_released() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, ours) = (house.desk("operator"), &house.ours.controller);
        let rows = [("Ann", Some("Fair 2023")), ("Ben", Some(" fair  2023")), ("Cy", Some("Shop")), ("Dan", None)];
        let list = imported_list(&house, &house.ours, "news", &rows);
        let refused = operator.submit_list(ours, list, None).unwrap_err();
        assert!(matches!(refused, DeskError::NoSentence { sources: 2, rows: 3 }), "{refused}");
        assert_eq!((refused.kind(), sql::count(db, "list_decisions")), (ErrorKind::Invalid, 0));
        let found = operator.list_sources(ours, list).unwrap();
        let named: Vec<(String, u64)> = found.sources.iter().map(|one| (one.value.to_lowercase(), one.rows)).collect();
        assert_eq!((named[0].1, named[1].clone(), found.unsaid), (2, ("shop".to_owned(), 1), 1));
        assert_eq!(found.origins[0].1, "signed up at the harbour fair");
        for source in ["FAIR 2023", "Shop"] {
            assert!(operator.describe_source(ours, list, source, " ").is_err());
            operator.describe_source(ours, list, source, "You left us your card").unwrap();
        }
        let done = operator.submit_list(ours, list, None).unwrap();
        assert_eq!((done.rows, done.sources, done.unsaid), (4, 2, 1));
        let late = operator.describe_source(ours, list, "Shop", "You bought something").unwrap_err();
        assert_eq!(late.kind(), ErrorKind::Invalid, "{late}");
        assert_shut(&house, list);
        let check = operator.check_list(ours, list).unwrap();
        assert_eq!((check.verdict, check.judged, check.status), (Verdict::Clear, 4, ListStatus::Held));
        assert_shut(&house, list);
        let until = released(&house, list, &release()).unwrap();
        assert!(until > Timestamp::now());
        assert_eq!(used(&house, &house.ours, list).unwrap().len(), 4);
        let view = operator.show_list(ours, list).unwrap();
        assert!(view.usable && view.summary.until == Some(until) && view.check.unwrap().current);
        let kinds: Vec<DecisionKind> = view.decisions.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [DecisionKind::Submit, DecisionKind::Release]);
        assert_eq!(view.decisions[1].text, "to try it");
        house.assert_clean();
    });
}

#[test]
fn what_is_not_ready_is_not_submitted() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, ours) = (house.desk("operator"), &house.ours.controller);
        let empty = imported_list(&house, &house.ours, "empty", &[]);
        assert!(operator.submit_list(ours, empty, None).unwrap_err().to_string().contains("empty"));
        // An import that has begun and not ended.
        let list = imported_list(&house, &house.ours, "news", &[("Ann", None)]);
        db.query("UPDATE imports SET state = 'unfinished'");
        assert!(operator.submit_list(ours, list, None).unwrap_err().to_string().contains("not ended"));
        db.query("UPDATE imports SET state = 'finished'");
        operator.submit_list(ours, list, None).unwrap();
        assert!(operator.submit_list(ours, list, None).unwrap_err().to_string().contains("checking"));
    });
}

#[test]
fn a_list_that_names_more_sources_than_any_list_has_is_refused_and_not_kept_in_memory() {
    for_each_engine(|db| {
        let house = House::found(db);
        let sources: Vec<String> = (0..1100).map(|n| format!("source {n}")).collect();
        let rows: Vec<(&str, Option<&str>)> = sources.iter().map(|one| ("Ann", Some(one.as_str()))).collect();
        let list = imported_list(&house, &house.ours, "news", &rows);
        let refused = house.desk("operator").submit_list(&house.ours.controller, list, None).unwrap_err();
        assert!(refused.to_string().contains("more than 1000 sources"), "{refused}");
    });
}

#[test]
fn what_the_gate_says_closes_and_never_opens() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, officer, ours) = (house.desk("operator"), house.desk("officer"), &house.ours.controller);
        for (name, status) in
            [("clear", ListStatus::Held), ("review", ListStatus::Held), ("block", ListStatus::Blocked)]
        {
            let list = imported_list(&house, &house.ours, name, &[(name, None)]);
            operator.submit_list(ours, list, None).unwrap();
            assert_eq!(operator.check_list(ours, list).unwrap().status, status);
            assert_shut(&house, list);
            // Looked at again by an officer alone, and closed all the same.
            assert!(matches!(operator.check_list(ours, list), Err(DeskError::Denied(_))));
            assert_eq!(officer.check_list(ours, list).unwrap().status, status);
            assert_shut(&house, list);
        }
    });
}

#[test]
fn a_check_that_is_cut_short_or_judges_a_part_leaves_the_list_closed_and_to_be_checked_again() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, ours) = (house.desk("operator"), &house.ours.controller);
        for (list, names) in [("crash", ["Ann", "Crash"]), ("lazy", ["Lazy", "Ben"])] {
            let id = imported_list(&house, &house.ours, list, &names.map(|name| (name, None)));
            operator.submit_list(ours, id, None).unwrap();
            for _ in 0..2 {
                assert!(operator.check_list(ours, id).is_err());
                assert_eq!(status_of(&house, &house.ours, id), ListStatus::Checking);
                assert_shut(&house, id);
            }
            let contact = operator.contact_named(ours, &format!("{list}{}@example.org", usize::from(list == "crash")));
            let patch = carnet_core::model::CardPatch::new().full_name("Somebody");
            operator.edit_contact(ours, contact.unwrap(), &patch).unwrap();
            assert_eq!(operator.check_list(ours, id).unwrap().status, ListStatus::Held);
        }
        assert_eq!(sql::count(db, "list_checks"), 2);
    });
}

#[test]
fn a_release_ends_by_itself_and_is_renewed_by_an_officer() {
    for_each_engine(|db| {
        let house = House::found(db);
        let list = imported_list(&house, &house.ours, "news", &[("Ann", None)]);
        to(&house, &house.ours, list, ListStatus::Held);
        let now = Timestamp::now();
        let at = |us: i64| Timestamp::from_us(now.as_us() + us).unwrap();
        for wrong in [at(-1), now, now.months_later(13).unwrap()] {
            let refused = released(&house, list, &NewRelease { until: Some(wrong), ..release() }).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Invalid, "{refused}");
        }
        let wrong = NewRelease { code: ReasonCode::ClearVerdict, until: None };
        assert_eq!(released(&house, list, &wrong).unwrap_err().kind(), ErrorKind::Invalid);
        let soon = at(3_000_000);
        released(&house, list, &NewRelease { until: Some(soon), ..release() }).unwrap();
        let operator = house.desk("operator");
        let mut use_begun = operator.use_list(&house.ours.controller, list, None).unwrap();
        assert_eq!(used(&house, &house.ours, list).unwrap().len(), 1);
        while Timestamp::now() <= soon {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        // What had begun ends too.
        assert!(matches!(use_begun.next(), Some(Err(DeskError::Denied(_)))));
        assert!(use_begun.next().is_none());
        assert_eq!(status_of(&house, &house.ours, list), ListStatus::Held);
        assert_shut(&house, list);
        released(&house, list, &release()).unwrap();
        assert_eq!(used(&house, &house.ours, list).unwrap().len(), 1);
        house.assert_clean();
    });
}

#[test]
fn what_is_learned_later_suspends_a_release_at_once() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, ours) = (house.desk("operator"), &house.ours.controller);
        for kind in LaterEvidence::ALL {
            let list = imported_list(&house, &house.ours, kind.as_str(), &[("Ann", None)]);
            to(&house, &house.ours, list, ListStatus::Released);
            let mut use_begun = operator.use_list(ours, list, None).unwrap();
            assert!(operator.report_evidence(ours, list, *kind, "seen today").unwrap());
            assert!(matches!(use_begun.next(), Some(Err(DeskError::Denied(_)))));
            assert_shut(&house, list);
            assert!(!operator.report_evidence(ours, list, *kind, "and again").unwrap());
            let view = operator.show_list(ours, list).unwrap();
            assert!(!view.usable && view.summary.due.is_some() && view.release.unwrap().ended.is_some());
            if *kind == LaterEvidence::Trap {
                // What was judged did not hold a trap yet.
                assert_eq!(released(&house, list, &release()).unwrap_err().kind(), ErrorKind::Invalid);
                house.desk("officer").check_list(ours, list).unwrap();
            }
            released(&house, list, &release()).unwrap();
            assert_eq!(used(&house, &house.ours, list).unwrap().len(), 1);
        }
        house.assert_clean();
    });
}

#[test]
fn an_import_takes_a_released_list_back_and_none_goes_into_what_is_before_an_officer() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, ours) = (house.desk("operator"), &house.ours.controller);
        let import = |name: &str| {
            let mut source = Rows::of(Vec::new());
            operator.import(ours, &into_list(name, None), &mut source, &mut Told::default()).map(drop)
        };
        for status in ListStatus::ALL.iter().copied() {
            let list = imported_list(&house, &house.ours, status.as_str(), &[("Ann", None)]);
            to(&house, &house.ours, list, status);
            let done = import(status.as_str());
            match status {
                ListStatus::Received | ListStatus::Checking | ListStatus::Released => {
                    done.unwrap();
                    assert_eq!(status_of(&house, &house.ours, list), ListStatus::Received);
                }
                _ => {
                    assert_eq!(done.unwrap_err().kind(), ErrorKind::Invalid);
                    assert_eq!(status_of(&house, &house.ours, list), status);
                }
            }
            assert_shut(&house, list);
        }
        house.assert_clean();
    });
}

#[test]
fn a_question_waits_for_the_owner_and_an_answer_for_the_officer() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, officer, ours) = (house.desk("operator"), house.desk("officer"), &house.ours.controller);
        let list = imported_list(&house, &house.ours, "news", &[("Ann", None)]);
        to(&house, &house.ours, list, ListStatus::Held);
        assert!(operator.show_list(ours, list).unwrap().summary.due.is_some());
        assert_eq!(operator.answer_about_list(ours, list, "what?").unwrap_err().kind(), ErrorKind::Invalid);
        officer.ask_about_list(ours, list, "Where is the form?").unwrap();
        let asked = operator.show_list(ours, list).unwrap();
        assert_eq!((asked.question.as_deref(), asked.summary.due), (Some("Where is the form?"), None));
        operator.answer_about_list(ours, list, "In folder B").unwrap();
        let answered = officer.show_list(ours, list).unwrap();
        assert!(answered.question.is_none() && answered.summary.due.is_some());
        assert_eq!(answered.decisions.last().unwrap().text, "In folder B");
        assert_shut(&house, list);
        house.assert_clean();
    });
}

#[test]
fn whoever_has_refused_is_not_among_the_contacts_of_a_list_in_use() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, ours) = (house.desk("operator"), &house.ours.controller);
        let rows: Vec<(&str, Option<&str>)> = (0..1200).map(|_| ("Ann", None)).collect();
        let list = imported_list(&house, &house.ours, "news", &rows);
        to(&house, &house.ours, list, ListStatus::Released);
        house.record(operator.contact_named(ours, "news7@example.org").unwrap(), ConsentKind::Objected);
        house.record(operator.contact_named(ours, "news1100@example.org").unwrap(), ConsentKind::Given);
        house.erase(operator.contact_named(ours, "news8@example.org").unwrap());
        let mut in_use = operator.use_list(ours, list, Some(house.ours.newsletter)).unwrap();
        let ids: Vec<_> = in_use.by_ref().map(|one| one.unwrap()).collect();
        assert_eq!((ids.len(), in_use.refused, in_use.members), (1198, 1, 1199));
        assert!(ids.is_sorted_by(|one, next| one.id < next.id));
        assert_eq!(ids.iter().filter(|one| one.standing.as_ref().is_some_and(|it| it.permits())).count(), 1);
        // For another purpose nobody has refused anything.
        let others = operator.use_list(ours, list, Some(house.ours.invoicing)).unwrap();
        assert_eq!(others.filter(|one| one.is_ok()).count(), 1199);
        let theirs = operator.use_list(ours, list, Some(house.theirs.newsletter)).map(drop).unwrap_err();
        assert_eq!(theirs.kind(), ErrorKind::NotFound);
        house.assert_clean();
    });
}
