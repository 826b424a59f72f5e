//! Imports: what they add, merge and leave out, how they go on and are taken back, and that none lifts an opt-out.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use carnet_core::intake::{Claim, Incoming, Reject, RejectReason, Source, Undeliverable};
use carnet_core::model::{
    Card, CardBuilder, CardEntry, CardParts, CardPatch, ConsentKind, EmailParts, Evidence, ImportCounts, ImportState,
    ListStatus, ProvenanceKind, PurposeId, Timestamp,
};
use carnet_desk::{DeskError, ImportReport, NewImport, Started, Watch};
use carnet_tests::{Engine, TestDatabase, for_each_engine};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::house::{House, card};
use super::sql;

/// A source of what is already read.
pub(crate) struct Rows(std::vec::IntoIter<Result<Incoming, Reject>>);

impl Rows {
    pub(crate) fn of(items: Vec<Result<Incoming, Reject>>) -> Self {
        Self(items.into_iter())
    }
}

impl Iterator for Rows {
    type Item = Result<Incoming, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

impl Source for Rows {}

/// Keeps what it is told, and stops after so many chunks.
#[derive(Default)]
pub(crate) struct Told {
    started: Option<Started>,
    rejects: Vec<(usize, RejectReason)>,
    chunks: usize,
    stop_after: Option<usize>,
    /// Whether rejects are not kept, as where the disk is full.
    keeps_no_reject: bool,
}

impl Watch for Told {
    fn started(&mut self, started: &Started) {
        self.started = Some(*started);
    }

    fn reject(&mut self, reject: &Reject) -> io::Result<()> {
        self.rejects.push((reject.line, reject.reason.clone()));
        if self.keeps_no_reject { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }

    fn progress(&mut self, counts: &ImportCounts) {
        assert!(counts.adds_up(), "{counts:?}");
        self.chunks += 1;
    }

    fn stops(&self) -> bool {
        self.stop_after.is_some_and(|chunks| self.chunks >= chunks)
    }
}

pub(crate) fn into_list(list: &str, purpose: Option<PurposeId>) -> NewImport {
    NewImport {
        list: list.to_owned(),
        kind: ProvenanceKind::File,
        origin: "signed up at the harbour fair".to_owned(),
        file_name: Some("fair.csv".to_owned()),
        purpose,
        reading: "format = \"csv\"".to_owned(),
    }
}

/// The same row is the same card whenever it is read, as those of a file are.
pub(crate) fn row(name: &str, email: &str, line: usize) -> Incoming {
    let emails = vec![EmailParts { address: email, context: None }];
    let parts = CardParts { full_name: name, emails, ..CardParts::default() };
    Incoming::of_card(Card::from_parts(&parts).unwrap(), line)
}

fn claim(kind: ConsentKind, at: Option<&str>) -> Claim {
    let at = at.map(|at| at.parse::<Timestamp>().unwrap());
    let evidence = Evidence { source: Some("the form of the fair".to_owned()), ..Evidence::default() };
    Claim { kind, purpose: None, at, evidence }
}

fn claiming(incoming: Incoming, claims: Vec<Claim>) -> Incoming {
    Incoming { claims, ..incoming }
}

fn imported(house: &House, new: &NewImport, items: Vec<Incoming>) -> (ImportReport, Told) {
    let mut told = Told::default();
    let mut source = Rows::of(items.into_iter().map(Ok).collect());
    let report = house.desk("operator").import(&house.ours.controller, new, &mut source, &mut told).unwrap();
    (report, told)
}

/// read, new, merged, unchanged, suppressed, rejected
fn numbers(report: &ImportReport) -> [u64; 6] {
    let counts = &report.counts;
    assert!(counts.adds_up(), "{counts:?}");
    [counts.read, counts.new, counts.merged, counts.unchanged, counts.suppressed, counts.rejected]
}

#[test]
fn what_comes_in_is_counted_once_and_found_again_with_its_claims() {
    for_each_engine(|db| {
        let house = House::found(db);
        let given = claim(ConsentKind::Given, Some("2024-05-01T10:00:00Z"));
        let items = vec![
            claiming(row("Ann Example", "ann@example.org", 2), vec![given.clone()]),
            row("Ben Example", "ben@example.org", 3),
            claiming(row("Ann Example", "Ann@Example.org", 4), vec![given]),
            row("Ann Example", "ann@example.org", 5),
        ];
        let (report, told) = imported(&house, &into_list("fair", Some(house.ours.newsletter)), items.clone());
        // The address is written in another way, which is nothing new.
        assert_eq!(numbers(&report), [4, 2, 0, 2, 0, 0]);
        assert_eq!((report.state, report.counts.consents), (ImportState::Finished, 1));
        let started = told.started.unwrap();
        assert_eq!((started.goes_on, started.passed_over), (false, 0));
        let operator = house.desk("operator");
        let ann = operator.contact_named(&house.ours.controller, "ann@example.org").unwrap();
        let standings = operator.consent_history(&house.ours.controller, ann).unwrap();
        assert_eq!(standings.len(), 1);
        assert!(standings[0].permits());
        assert_eq!(standings[0].history[0].event.evidence.source.as_deref(), Some("the form of the fair"));

        let (again, _) = imported(&house, &into_list("fair", Some(house.ours.newsletter)), items);
        assert_eq!(numbers(&again), [4, 0, 0, 4, 0, 0]);
        let lists = operator.lists(&house.ours.controller).unwrap();
        assert_eq!((lists[0].list.status, lists[0].contacts), (ListStatus::Received, 2));
        let imports = operator.imports(&house.ours.controller).unwrap();
        assert_eq!((imports.len(), imports[0].reading.as_str()), (2, "format = \"csv\""));
        house.assert_clean();
    });
}

#[test]
fn what_is_known_keeps_what_it_has_and_gains_what_it_lacks() {
    for_each_engine(|db| {
        let house = House::found(db);
        let id = house.add(card("Ann Example", "ann@example.org"));
        let more =
            CardBuilder::new().full_name("Annie").email("ann@example.org").phone("+33199001234").build().unwrap();
        let (report, _) = imported(&house, &into_list("fair", None), vec![Incoming::of_card(more, 2)]);
        assert_eq!(numbers(&report), [1, 0, 1, 0, 0, 0]);
        assert_eq!(report.counts.differing, 1);
        let shown = house.desk("operator").show_contact(&house.ours.controller, id).unwrap();
        assert_eq!(shown.card.full_name().as_deref(), Some("Ann Example"));
        assert_eq!(shown.card.phones().collect::<Vec<_>>(), ["+33199001234"]);
        house.assert_clean();
    });
}

#[test]
fn whoever_was_erased_or_objected_stays_out_and_is_counted() {
    for_each_engine(|db| {
        let house = House::found(db);
        house.erase(house.add(card("Ann", "ann@example.org")));
        house.record(house.add(card("Ben", "ben@example.org")), ConsentKind::Objected);
        house.record(house.add(card("Cleo", "cleo@example.org")), ConsentKind::Withdrawn);
        let rows = || {
            ["ann", "ben", "cleo", "dan"]
                .map(|name| row(name, &format!("{name}@example.org"), 2))
                .map(|row| claiming(row, vec![claim(ConsentKind::Given, Some("2026-10-01T10:00:00Z"))]))
        };
        let (report, _) = imported(&house, &into_list("fair", Some(house.ours.newsletter)), rows().to_vec());
        assert_eq!(numbers(&report), [4, 1, 1, 0, 2, 0]);
        let operator = house.desk("operator");
        assert!(matches!(operator.contact_named(&house.ours.controller, "ann@example.org"), Err(DeskError::NoContact)));
        let cleo = operator.contact_named(&house.ours.controller, "cleo@example.org").unwrap();
        let standing = operator.consent_history(&house.ours.controller, cleo).unwrap();
        assert!(standing.iter().all(|one| !one.permits()));
        house.assert_clean();
    });
}

#[test]
fn a_refusal_without_a_purpose_holds_for_all_and_a_bounce_is_none() {
    for_each_engine(|db| {
        let house = House::found(db);
        let bounced = Incoming {
            undeliverable: Some(Undeliverable { permanent: Some(true), at: None }),
            ..row("Ben", "ben@example.org", 3)
        };
        let items =
            vec![claiming(row("Ann", "ann@example.org", 2), vec![claim(ConsentKind::Withdrawn, None)]), bounced];
        let (report, _) = imported(&house, &into_list("fair", None), items);
        assert_eq!(numbers(&report), [2, 2, 0, 0, 0, 0]);
        assert_eq!((report.counts.refusals, report.counts.undeliverable), (1, 1));
        assert_eq!(sql::count(db, "suppressions"), 1);
        let operator = house.desk("operator");
        let ann = operator.contact_named(&house.ours.controller, "ann@example.org").unwrap();
        let history = operator.consent_history(&house.ours.controller, ann).unwrap();
        assert!(history.iter().all(|one| !one.permits() && one.suppressed_since.is_some()));
        let ben = operator.contact_named(&house.ours.controller, "ben@example.org").unwrap();
        let card = operator.show_contact(&house.ours.controller, ben).unwrap().card;
        assert!(card.to_text().contains("carnet.example:undeliverable"));
        house.assert_clean();
    });
}

#[test]
fn whoever_has_no_address_is_refused_by_themselves_known_or_not() {
    for_each_engine(|db| {
        let house = House::found(db);
        let ours = &house.ours.controller;
        let card = |name: &str, number| CardBuilder::new().full_name(name).phone(number).build().unwrap();
        let ann = house.add(card("Ann", "+33 1 99 00 12 34"));
        let no = |card, line| claiming(Incoming::of_card(card, line), vec![claim(ConsentKind::Withdrawn, None)]);
        let items = vec![no(card("Ann", "01 99 00 12 34"), 2), no(card("Ben", "+33 1 99 00 12 35"), 3)];
        let (report, _) = imported(&house, &into_list("fair", Some(house.ours.newsletter)), items);
        assert_eq!((report.counts.new, report.counts.merged, report.counts.refusals), (1, 1, 2));
        assert_eq!(sql::count(db, "suppressions"), 2);
        let operator = house.desk("operator");
        let standing = operator.consent_history(ours, ann).unwrap();
        assert!(standing.iter().all(|one| one.suppressed_since.is_some()) && standing.len() == 1);
        // The refusal is there for the address that comes later.
        operator.edit_contact(ours, ann, &CardPatch::new().add(CardEntry::Email, "ann@example.org")).unwrap();
        assert_eq!(sql::count(db, "suppressions"), 3);
        house.assert_clean();
    });
}

#[test]
fn what_cannot_be_taken_is_rejected_with_its_line_and_costs_nothing_else() {
    for_each_engine(|db| {
        let house = House::found(db);
        house.add(card("Ann Example", "shared@example.org"));
        let two = CardBuilder::new().full_name("Ben Example").email("ben@example.org").email("shared@example.org");
        let no_address = Card::parse(r#"{"@type":"Card","name":{"full":"Cleo"},"emails":{"a":{"address":"none"}}}"#);
        let items = vec![
            Ok(row("Dan", "dan@example.org", 2)),
            Err(Reject { line: 3, column: 1, reason: RejectReason::NotUtf8, raw: None }),
            Ok(Incoming::of_card(two.build().unwrap(), 4)),
            Ok(Incoming::of_card(no_address.unwrap(), 5)),
            Ok(Incoming::of_card(Card::parse(r#"{"@type":"Card","notes":{"n":{"note":"?"}}}"#).unwrap(), 6)),
            Ok(row("Eve", "eve@example.org", 7)),
        ];
        let mut told = Told::default();
        let (new, mut source) = (into_list("fair", None), Rows::of(items));
        let report = house.desk("operator").import(&house.ours.controller, &new, &mut source, &mut told).unwrap();
        assert_eq!(numbers(&report), [6, 2, 0, 0, 0, 4]);
        assert_eq!(told.rejects.iter().map(|one| one.0).collect::<Vec<_>>(), [3, 4, 5, 6]);
        assert_eq!(told.rejects[1].1, RejectReason::AddressTaken);
        house.assert_clean();
    });
}

fn many(count: usize) -> Vec<Incoming> {
    (0..count).map(|n| row(&format!("Person {n}"), &format!("person{n}@example.org"), n + 2)).collect()
}

/// More than one chunk.
const MANY: usize = 20_000;

#[test]
fn what_was_stopped_goes_on_where_it_was_and_another_source_is_refused() {
    for_each_engine(|db| {
        let house = House::found(db);
        let new = into_list("fair", None);
        let run = |items: Vec<Incoming>, stop_after| {
            let mut told = Told { stop_after, ..Told::default() };
            let mut source = Rows::of(items.into_iter().map(Ok).collect());
            let report = house.desk("operator").import(&house.ours.controller, &new, &mut source, &mut told);
            (report, told)
        };
        let (report, _) = run(many(MANY), Some(1));
        let report = report.unwrap();
        assert_eq!(report.state, ImportState::Unfinished);
        assert!(report.counts.read > 0 && report.counts.read < MANY as u64);

        let mut other = many(MANY);
        other[7] = row("Somebody", "else@example.org", 9);
        assert!(matches!(run(other, None).0, Err(DeskError::Invalid(_))));
        assert!(matches!(run(many(5), None).0, Err(DeskError::Invalid(_))));
        let elsewhere = NewImport { origin: "bought".to_owned(), ..new.clone() };
        let mut source = Rows::of(Vec::new());
        let refused =
            house.desk("operator").import(&house.ours.controller, &elsewhere, &mut source, &mut Told::default());
        assert!(matches!(refused, Err(DeskError::Invalid(_))));

        let (finished, told) = run(many(MANY), None);
        let finished = finished.unwrap();
        let started = told.started.unwrap();
        assert_eq!((started.goes_on, started.passed_over), (true, report.counts.read));
        assert_eq!(numbers(&finished), [MANY as u64, MANY as u64, 0, 0, 0, 0]);
        assert_eq!(sql::count(db, "contacts"), MANY as i64);
        assert_eq!(sql::count(db, "list_members"), MANY as i64);
        house.assert_clean();
    });
}

#[test]
fn a_source_that_is_not_whole_is_told_as_long_as_the_list_has_no_whole_one() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, ours) = (house.desk("operator"), &house.ours.controller);
        let end = Reject {
            line: 4,
            column: 1,
            reason: RejectReason::Unreadable(io::ErrorKind::UnexpectedEof),
            raw: Some(Vec::new()),
        };
        let mut cut =
            Rows::of(vec![Ok(row("Ann", "ann@example.org", 2)), Ok(row("Ben", "ben@example.org", 3)), Err(end)]);
        let new = into_list("news", None);
        let report = operator.import(ours, &new, &mut cut, &mut Told::default()).unwrap();
        assert_eq!(report.state, ImportState::Cut);
        let list = report.place.unwrap().1;
        let refused = operator.submit_list(ours, list, None).unwrap_err();
        assert!(refused.to_string().contains("to the end"), "{refused}");
        let mut mended = Rows::of(vec![Ok(row("Ann", "ann@example.org", 2))]);
        operator.import(ours, &new, &mut mended, &mut Told::default()).unwrap();
        assert!(operator.submit_list(ours, list, None).is_err(), "a few corrected rows are not the rest of the file");
        let mut whole =
            Rows::of(["Ann", "Ben", "Cy"].map(|name| Ok(row(name, &format!("{name}@example.org"), 2))).to_vec());
        let report = operator.import(ours, &new, &mut whole, &mut Told::default()).unwrap();
        assert_eq!((report.state, report.counts.new), (ImportState::Finished, 1));
        operator.submit_list(ours, list, None).unwrap();
        house.assert_clean();
    });
}

#[test]
fn a_part_whose_rejects_are_not_kept_is_not_written_and_comes_again() {
    for_each_engine(|db| {
        let house = House::found(db);
        let run = |told: &mut Told| {
            let bad = Reject { line: 3, column: 1, reason: RejectReason::NotUtf8, raw: None };
            let mut source = Rows::of(vec![Ok(row("Ann Example", "ann@example.org", 2)), Err(bad)]);
            house.desk("operator").import(&house.ours.controller, &into_list("fair", None), &mut source, told)
        };
        let mut told = Told { keeps_no_reject: true, ..Told::default() };
        assert!(matches!(run(&mut told), Err(DeskError::File { .. })));
        assert_eq!((told.rejects.len(), sql::count(db, "contacts")), (1, 0));

        // Nothing was written, and yet whoever keeps rejects may have this one already.
        let mut told = Told::default();
        let report = run(&mut told).unwrap();
        let started = told.started.unwrap();
        assert_eq!((started.goes_on, started.passed_over, told.rejects.len()), (true, 0, 1));
        assert_eq!(numbers(&report), [2, 1, 0, 0, 0, 1]);
        house.assert_clean();
    });
}

#[test]
fn an_import_is_taken_back_whole_and_what_was_refused_stays_refused() {
    for_each_engine(|db| {
        let house = House::found(db);
        let known = house.add(card("Ann Example", "ann@example.org"));
        let operator = house.desk("operator");
        let before = operator.show_contact(&house.ours.controller, known).unwrap().card;
        let more = CardBuilder::new().full_name("Ann Example").email("ann@example.org").phone("+33199001234").build();
        let items = vec![
            claiming(
                Incoming::of_card(more.unwrap(), 2),
                vec![claim(ConsentKind::Given, Some("2024-05-01T10:00:00Z"))],
            ),
            row("Ben Example", "ben@example.org", 3),
            claiming(row("Cleo Example", "cleo@example.org", 4), vec![claim(ConsentKind::Withdrawn, None)]),
            row("Dan Example", "dan@example.org", 5),
        ];
        let new = into_list("fair", Some(house.ours.newsletter));
        let (report, _) = imported(&house, &new, items.clone());
        let import = report.place.unwrap().0;
        let dan = operator.contact_named(&house.ours.controller, "dan@example.org").unwrap();
        let patch = carnet_core::model::CardPatch::new().full_name("Daniel Example");
        operator.edit_contact(&house.ours.controller, dan, &patch).unwrap();

        let plan = operator.plan_undo(&house.ours.controller, import).unwrap();
        assert_eq!((plan.removes, plan.restores, plan.keeps, plan.refusals), (2, 1, 1, 1));
        operator.undo_import(&plan).unwrap();
        assert!(operator.plan_undo(&house.ours.controller, import).is_err());
        assert_eq!(operator.show_contact(&house.ours.controller, known).unwrap().card, before);
        assert!(operator.consent_history(&house.ours.controller, known).unwrap().is_empty());
        assert_eq!((sql::count(db, "contacts"), sql::count(db, "list_members")), (2, 1));
        assert_eq!(sql::count(db, "suppressions"), 1);
        house.assert_clean();

        // It can come again; what was refused still is.
        let (again, _) = imported(&house, &new, items);
        assert_eq!(numbers(&again), [4, 2, 1, 1, 0, 0]);
        let cleo = operator.contact_named(&house.ours.controller, "cleo@example.org").unwrap();
        assert!(operator.consent_history(&house.ours.controller, cleo).unwrap().iter().all(|one| !one.permits()));
        house.assert_clean();
    });
}

#[test]
fn a_rehearsal_counts_as_the_import_would_and_leaves_no_trace() {
    for_each_engine(|db| {
        let house = House::found(db);
        house.erase(house.add(card("Ann", "ann@example.org")));
        house.add(card("Ben", "ben@example.org"));
        let mut items = many(MANY);
        items.extend([
            row("Ann", "ann@example.org", 1),
            row("Ben", "ben@example.org", 2),
            row("Person 1", "person1@example.org", 3),
        ]);
        let traces =
            |db: &TestDatabase| ["contacts", "lists", "imports", "suppressions"].map(|table| sql::count(db, table));
        let before = traces(db);
        let mut source = Rows::of(items.clone().into_iter().map(Ok).collect());
        let (new, mut told) = (into_list("fair", None), Told::default());
        let rehearsed =
            house.desk("operator").rehearse_import(&house.ours.controller, &new, &mut source, &mut told).unwrap();
        assert_eq!(traces(db), before);
        let (report, _) = imported(&house, &new, items);
        assert_eq!(numbers(&rehearsed), numbers(&report));
        house.assert_clean();
    });
}

#[test]
fn words_of_names_are_found_after_the_import() {
    for_each_engine(|db| {
        let house = House::found(db);
        imported(&house, &into_list("fair", None), vec![row("Zenobia Example", "zenobia@example.org", 2)]);
        let operator = house.desk("operator");
        let found = || operator.find_contacts(&house.ours.controller, "zenobia").unwrap().found.len();
        assert_eq!((found(), operator.imports_without_words(&house.ours.controller).unwrap()), (0, 1));
        while operator.tag_words(&house.ours.controller).unwrap().is_some() {}
        assert_eq!((found(), operator.imports_without_words(&house.ours.controller).unwrap()), (1, 0));
        house.assert_clean();
    });
}

/// One row of a file: whose it is, and what it says.
fn any_row() -> impl Strategy<Value = Incoming> {
    let people = prop::collection::btree_set(0..6_u8, 1..3);
    let kinds = prop::sample::select(vec![
        ConsentKind::Given,
        ConsentKind::Confirmed,
        ConsentKind::Withdrawn,
        ConsentKind::Objected,
    ]);
    let claims = prop::collection::vec((kinds, prop::option::of(0..5_u8)), 0..3);
    (people, claims, 0..3_u8).prop_map(|(people, claims, name)| {
        let mut card = CardBuilder::new();
        if name > 0 {
            card = card.full_name(["Ann Example", "Ben Example"][usize::from(name) - 1]);
        }
        let card =
            people.iter().fold(card, |card, one| card.email(&format!("person{one}@example.org"))).build().unwrap();
        let claims = claims
            .into_iter()
            .map(|(kind, day)| claim(kind, day.map(|day| format!("2024-05-0{}T10:00:00Z", day + 1)).as_deref()))
            .collect();
        claiming(Incoming::of_card(card, 2), claims)
    })
}

/// The people whose refusals are in these files: with a row goes every address that it names.
fn refusing(files: &[Vec<Incoming>]) -> BTreeSet<String> {
    let stops = |row: &&Incoming| row.claims.iter().any(|claim| claim.kind.is_refusal());
    files
        .iter()
        .flatten()
        .filter(stops)
        .flat_map(|row| row.card.emails().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// The addresses that may not be written to, by asking about each.
fn refused(house: &House) -> BTreeMap<u8, bool> {
    let operator = house.desk("operator");
    (0..6)
        .filter_map(|one| {
            let id = operator.contact_named(&house.ours.controller, &format!("person{one}@example.org")).ok()?;
            let standings = operator.consent_history(&house.ours.controller, id).unwrap();
            Some((one, standings.iter().any(|standing| standing.suppressed_since.is_some())))
        })
        .collect()
}

#[test]
fn files_in_any_order_end_with_the_same_opt_outs_and_none_is_ever_lifted() {
    let cases = 40;
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(cases) });
    let files = prop::collection::vec(prop::collection::vec(any_row(), 1..5), 1..4);
    let strategy = files.prop_flat_map(|files| (Just(files.clone()), Just(files).prop_shuffle()));
    runner
        .run(&strategy, |(one, other)| {
            for files in [one, other] {
                let refusing = refusing(&files);
                let db = TestDatabase::new(Engine::Sqlite);
                let house = House::found(&db);
                let mut before: BTreeMap<u8, bool> = BTreeMap::new();
                for (n, file) in files.into_iter().enumerate() {
                    imported(&house, &into_list(&format!("file {n}"), Some(house.ours.newsletter)), file);
                    let now = refused(&house);
                    for (person, was) in before {
                        prop_assert!(!was || now[&person], "the refusal of person {} was lifted", person);
                    }
                    before = now;
                }
                // One row for each address, all for the one purpose: the same whatever the order.
                prop_assert_eq!(usize::try_from(sql::count(&db, "suppressions")).unwrap(), refusing.len());
                for (person, refused) in before {
                    let address = format!("person{person}@example.org");
                    prop_assert!(refused || !refusing.contains(&address), "{} may be written to", address);
                }
                house.assert_clean();
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_address_that_a_known_contact_gains_is_theirs_for_the_rest_of_the_list() {
    for_each_engine(|db| {
        let house = House::found(db);
        house.add(card("Ann Example", "ann@example.org"));
        let both = CardBuilder::new().full_name("Ann Example").email("ann@example.org").email("a@example.org");
        let items = vec![Incoming::of_card(both.build().unwrap(), 2), row("Ann Example", "a@example.org", 3)];
        let (report, _) = imported(&house, &into_list("fair", None), items);
        assert_eq!(numbers(&report), [2, 0, 1, 1, 0, 0]);
        house.assert_clean();
    });
}

#[test]
fn two_lists_that_come_in_at_once_both_come_in_whole() {
    for_each_engine(|db| {
        let house = House::found(db);
        let list = |name: &str| -> Vec<Incoming> {
            (0..9_000).map(|n| row(&format!("Person {n}"), &format!("{name}{n}@example.org"), n + 2)).collect()
        };
        std::thread::scope(|scope| {
            for name in ["first", "second"] {
                let (house, items) = (&house, list(name));
                scope.spawn(move || {
                    let (report, _) = imported(house, &into_list(name, None), items);
                    assert_eq!(numbers(&report), [9_000, 9_000, 0, 0, 0, 0]);
                });
            }
        });
        assert_eq!((sql::count(db, "contact_emails"), sql::count(db, "tag_runs")), (18_000, 0));
        let operator = house.desk("operator");
        for name in ["first0", "first8999", "second4711"] {
            operator.contact_named(&house.ours.controller, &format!("{name}@example.org")).unwrap();
        }
        house.assert_clean();
    });
}
