//! Lists that leave: who does and who does not, what is recorded of it, and the addresses by which a copy is known again.

use std::collections::{BTreeMap, BTreeSet};

use carnet_core::intake::{Claim, Incoming};
use carnet_core::ledger::{Bulk, ObjectId};
use carnet_core::model::{
    CardParts, ConsentKind, EmailParts, Evidence, LaterEvidence, ListId, ListStatus, MarkKind, NamePart, PurposeId,
    Withheld,
};
use carnet_core::outgoing::Outgoing;
use carnet_desk::{DeskError, DetailsView, ExportFile, ExportReport, NewExport};
use carnet_tests::for_each_engine;

use super::gate::to;
use super::house::House;
use super::imports::{Rows, Told, into_list};
use super::sql;

const FILE: ExportFile = ExportFile { sha256: [7; 32], plain_sha256: [8; 32], bytes: 9 };
const GIVEN: [&str; 8] = ["Ada", "Bruno", "Chiara", "Dorian", "Elif", "Farid", "Greta", "Hugo"];
const SURNAMES: [&str; 9] = ["Martin", "Keller", "Conti", "Petit", "Aydin", "Benali", "Olsen", "Ruiz", "Novak"];

fn claim(kind: ConsentKind, at: &str) -> Claim {
    let evidence = Evidence {
        source: Some("the form of the fair".to_owned()),
        ip_address: Some("192.0.2.77".parse().unwrap()),
        ..Evidence::default()
    };
    Claim { kind, purpose: None, at: Some(at.parse().unwrap()), evidence }
}

fn person(n: usize, claims: Vec<Claim>) -> Incoming {
    let (given, surname) = (GIVEN[n % 8], SURNAMES[n / 8 % 9]);
    let full = format!("{given} {surname}");
    let email = format!("{}.{}{n}@people.example", given.to_lowercase(), surname.to_lowercase());
    let parts = CardParts {
        full_name: &full,
        name: vec![(NamePart::Given, given), (NamePart::Surname, surname)],
        emails: vec![EmailParts { address: &email, context: None }],
        notes: vec!["met at the fair"],
        ..CardParts::default()
    };
    Incoming { claims, ..Incoming::of_card(carnet_core::model::Card::from_parts(&parts).unwrap(), n + 2) }
}

fn given() -> Vec<Claim> {
    vec![claim(ConsentKind::Given, "2024-03-01T10:00:00Z"), claim(ConsentKind::Confirmed, "2024-03-01T10:05:00Z")]
}

/// A list of ours of these people, at this status.
fn list(house: &House, name: &str, people: Vec<Incoming>, status: ListStatus) -> ListId {
    let mut source = Rows::of(people.into_iter().map(Ok).collect());
    let new = into_list(name, Some(house.ours.newsletter));
    let report =
        house.desk("operator").import(&house.ours.controller, &new, &mut source, &mut Told::default()).unwrap();
    let list = report.place.unwrap().1;
    let sentence = "You left your card at our stand";
    house.desk("operator").describe_source(&house.ours.controller, list, "the form of the fair", sentence).unwrap();
    to(house, &house.ours, list, status);
    list
}

fn order(purpose: PurposeId, domains: &[&str]) -> NewExport {
    NewExport {
        purpose,
        recipient: "Example Mailing SAS".to_owned(),
        country: Some("FR".parse().unwrap()),
        format: "csv",
        canary_domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
    }
}

fn exported(house: &House, list: ListId, new: NewExport) -> (Vec<Outgoing>, ExportReport) {
    let desk = house.desk("operator");
    let mut export = desk.export_list(&house.ours.controller, list, new).unwrap();
    let left: Vec<Outgoing> = export.by_ref().collect::<Result<_, _>>().unwrap();
    (left, export.finish(&FILE).unwrap())
}

fn addresses(left: &[Outgoing]) -> BTreeSet<String> {
    left.iter().map(|one| one.card.main_email().unwrap().to_owned()).collect()
}

fn withheld(report: &ExportReport) -> BTreeMap<&'static str, u64> {
    report.withheld.iter().map(|(reason, number)| (reason.as_str(), *number)).collect()
}

#[test]
fn who_leaves_is_what_the_lawful_basis_bears_and_the_counts_add_up() {
    for_each_engine(|db| {
        let house = House::found(db);
        let stop = |kind| vec![claim(ConsentKind::Given, "2024-03-01T10:00:00Z"), claim(kind, "2024-05-01T10:00:00Z")];
        let mut people: Vec<Incoming> = (0..6).map(|n| person(n, given())).collect();
        people.extend([person(6, vec![]), person(7, vec![]), person(8, stop(ConsentKind::Withdrawn))]);
        people.push(person(9, stop(ConsentKind::Objected)));
        people.push(person(10, stop(ConsentKind::Expired)));
        let list = list(&house, "news", people, ListStatus::Released);
        let (left, report) = exported(&house, list, order(house.ours.newsletter, &[]));
        assert_eq!((report.members, report.left, left.len()), (11, 6, 6));
        assert_eq!(
            withheld(&report),
            BTreeMap::from([("consent-missing", 2), ("withdrawn", 1), ("objected", 1), ("expired", 1)])
        );
        let kinds: Vec<ConsentKind> = left[0].claims.iter().map(|claim| claim.kind).collect();
        assert_eq!(kinds, [ConsentKind::Given, ConsentKind::Confirmed]);
        assert_eq!(left[0].claims[0].purpose.as_deref(), Some("newsletter"));
        assert_eq!(left[0].claims[0].evidence.source.as_deref(), Some("the form of the fair"));
        // A contract asks for no consent; what was said of the letter does not speak of invoices.
        let (left, report) = exported(&house, list, order(house.ours.invoicing, &[]));
        assert_eq!((report.members, report.left), (11, 11), "{report:?}");
        assert!(left.iter().all(|one| one.claims.is_empty()));
        house.assert_clean();
    });
}

#[test]
fn an_objection_a_suppression_and_a_missing_address_withhold_on_every_basis() {
    for_each_engine(|db| {
        let house = House::found(db);
        let list = list(&house, "news", (0..5).map(|n| person(n, given())).collect(), ListStatus::Released);
        let desk = house.desk("operator");
        let of = |name: &str| {
            let found = desk.find_contacts(&house.ours.controller, name).unwrap();
            found.found.first().unwrap().id
        };
        let (objector, nobody) = (of("ada.martin0@people.example"), of("bruno.martin1@people.example"));
        let objection = super::house::consent(
            house.ours.invoicing,
            ConsentKind::Objected,
            None,
            carnet_core::model::Authority::OwnAct,
        );
        desk.record_consent(&house.ours.controller, objector, &objection).unwrap();
        let patch = carnet_core::model::CardPatch::new()
            .remove(carnet_core::model::CardEntry::Email, "bruno.martin1@people.example");
        desk.edit_contact(&house.ours.controller, nobody, &patch).unwrap();
        let (_, report) = exported(&house, list, order(house.ours.invoicing, &[]));
        assert_eq!(withheld(&report), BTreeMap::from([("objected", 1), ("no-address", 1)]));
        let (_, report) = exported(&house, list, order(house.ours.newsletter, &[]));
        assert_eq!(withheld(&report), BTreeMap::from([("no-address", 1)]));
        // A refusal of everything that came with another list, of an address that is here.
        let stop = Claim {
            purpose: Some("no such purpose".to_owned()),
            ..claim(ConsentKind::Withdrawn, "2024-06-01T00:00:00Z")
        };
        let others = vec![person(2, vec![stop])];
        self::list(&house, "others", others, ListStatus::Received);
        for purpose in [house.ours.invoicing, house.ours.newsletter] {
            let (_, report) = exported(&house, list, order(purpose, &[]));
            assert_eq!(report.withheld.get(&Withheld::Suppressed), Some(&1), "{report:?}");
            assert_eq!(report.left + report.withheld.values().sum::<u64>(), 5);
        }
        house.assert_clean();
    });
}

#[test]
fn no_list_leaves_that_is_not_released_and_a_suspension_ends_an_export_on_its_way() {
    for_each_engine(|db| {
        let house = House::found(db);
        let ours = &house.ours.controller;
        for status in ListStatus::ALL.iter().copied().filter(|status| *status != ListStatus::Released) {
            let list = list(&house, status.as_str(), vec![person(1, given())], status);
            for account in ["owner", "operator", "officer", "auditor", "nobody"] {
                let refused = house.desk(account).export_list(ours, list, order(house.ours.newsletter, &[])).map(drop);
                assert!(matches!(refused, Err(DeskError::Denied(_))), "{account}, {status}: {refused:?}");
            }
        }
        let people = (0..1200).map(|n| person(n, given())).collect();
        let list = list(&house, "long", people, ListStatus::Released);
        let desk = house.desk("operator");
        let mut export = desk.export_list(ours, list, order(house.ours.newsletter, &["trace.example"])).unwrap();
        for _ in 0..500 {
            export.next().unwrap().unwrap();
        }
        house.desk("officer").report_evidence(ours, list, LaterEvidence::Bounces, "a third came back").unwrap();
        let last = export.by_ref().find_map(Result::err).unwrap();
        assert!(matches!(last, DeskError::Denied(_)), "{last}");
        // Whoever goes on all the same has nothing more, and no end to record.
        assert!(export.next().is_none());
        assert!(matches!(export.finish(&FILE), Err(DeskError::Invalid(_))));
        assert_eq!(sql::count(db, "marked_addresses"), 0);
        house.assert_clean();
    });
}

#[test]
fn an_export_is_recorded_when_it_begins_and_when_it_ends_and_one_cut_short_is_seen_as_such() {
    for_each_engine(|db| {
        let house = House::found(db);
        let list = list(&house, "news", (0..30).map(|n| person(n, given())).collect(), ListStatus::Released);
        let events = |count| {
            let views = house.desk("officer").audit_tail(count).unwrap();
            views.into_iter().map(|view| (view.entry, view.details)).collect::<Vec<_>>()
        };
        let desk = house.desk("operator");
        let mut cut = desk.export_list(&house.ours.controller, list, order(house.ours.newsletter, &[])).unwrap();
        cut.next().unwrap().unwrap();
        drop(cut);
        assert_eq!(events(1)[0].0.event.as_str(), "list.export");
        let (_, report) = exported(&house, list, order(house.ours.newsletter, &["trace.example"]));
        let told = events(2);
        let ((end, details), (begin, _)) = (&told[0], &told[1]);
        assert_eq!((begin.event.as_str(), end.event.as_str()), ("list.export", "export.done"));
        let id = ObjectId::Uuid(*report.id.as_bytes());
        for entry in [begin, end] {
            assert!(entry.objects.iter().any(|one| one.kind.as_str() == "export" && one.id == id));
            assert!(entry.policy.is_some());
        }
        assert!(end.objects.iter().any(|one| one.kind.as_str() == "file" && one.id == ObjectId::Hash(FILE.sha256)));
        assert_eq!((end.counts.get("contacts"), end.counts.get("canaries")), (Some(&30), Some(&3)));
        assert_eq!(end.policy, Some(report.policy));
        let DetailsView::Opened { more, .. } = details else { panic!("{details:?}") };
        assert_eq!(more.get("recipient").map(String::as_str), Some("Example Mailing SAS"));
        assert_eq!(more.get("country").map(String::as_str), Some("FR"));
        let members = desk.use_list(&house.ours.controller, list, None).unwrap();
        let ids = members.map(|member| member.unwrap().id);
        assert_eq!(end.bulk, Some(Bulk::of(ids)));
        house.assert_clean();
    });
}

#[test]
fn canaries_look_like_rows_stand_anywhere_and_name_their_export_afterwards() {
    for_each_engine(|db| {
        let house = House::found(db);
        let people: Vec<Incoming> = (0..700).map(|n| person(n, given())).collect();
        let real: BTreeSet<String> = people.iter().map(|one| one.card.main_email().unwrap().to_owned()).collect();
        let list = list(&house, "news", people, ListStatus::Released);
        let domains =
            ["quay-press.example", "elm.example", "moor.example", "hill.example", "dock.example", "ford.example"];
        let (left, report) = exported(&house, list, order(house.ours.newsletter, &domains));
        assert_eq!((report.left, report.canaries), (700, 12));
        let canaries: Vec<(usize, &Outgoing)> =
            left.iter().enumerate().filter(|(_, one)| !real.contains(one.card.main_email().unwrap())).collect();
        assert_eq!(canaries.len(), 12);
        let mut at: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, canary) in &canaries {
            let email = canary.card.main_email().unwrap();
            *at.entry(email.split_once('@').unwrap().1).or_default() += 1;
            let name = canary.card.full_name().unwrap().into_owned();
            let (given, surname) = name.split_once(' ').unwrap();
            assert!(GIVEN.contains(&given) && SURNAMES.contains(&surname));
            assert!(email.starts_with(&format!("{}.{}", given.to_lowercase(), surname.to_lowercase())), "{email}");
            assert_eq!(canary.claims.len(), 2);
            let ip = canary.claims[0].evidence.ip_address.unwrap();
            assert!(ip.to_string().starts_with("192.0.2.") && ip.to_string() != "192.0.2.77");
            assert!(canary.claims[0].at < canary.claims[1].at);
            assert_eq!(canary.card.notes().count(), 0);
        }
        assert!(domains.iter().all(|domain| at.get(domain) == Some(&2)), "{at:?}");
        assert!(canaries.iter().map(|(place, _)| place / 100).collect::<BTreeSet<_>>().len() > 2);
        let view = house.desk("officer").traps().unwrap();
        assert_eq!((view.traps.len(), view.canaries.len()), (0, 1));
        let one = view.canaries[0];
        assert_eq!((one.export, one.controller, one.canaries), (report.id, house.ours.controller.id, 12));
        // Another export has others.
        let (again, other) = exported(&house, list, order(house.ours.newsletter, &domains));
        let ours = addresses(&left);
        let shared = addresses(&again).into_iter().filter(|one| !real.contains(one) && ours.contains(one)).count();
        assert_eq!((shared, other.canaries), (0, 12));
        assert_eq!(sql::count(db, "marked_addresses"), 24);
        house.assert_clean();
    });
}

#[test]
fn a_small_list_carries_no_more_canaries_than_a_tenth_and_none_without_domains() {
    for_each_engine(|db| {
        let house = House::found(db);
        for (size, expected) in [(9, 0), (25, 2)] {
            let people = (0..size).map(|n| person(n, given())).collect();
            let list = list(&house, &format!("list{size}"), people, ListStatus::Released);
            assert_eq!(exported(&house, list, order(house.ours.newsletter, &["trace.example"])).1.canaries, expected);
            assert_eq!(exported(&house, list, order(house.ours.newsletter, &[])).1.canaries, 0);
        }
    });
}

#[test]
fn traps_are_kept_sealed_shown_to_officers_and_marked_once() {
    for_each_engine(|db| {
        let house = House::found(db);
        let officer = house.desk("officer");
        officer.add_trap("J.Verger@Trap.example", MarkKind::TrapOwn).unwrap();
        officer.add_trap("old@trap.example", MarkKind::TrapRecycled).unwrap();
        assert!(matches!(officer.add_trap("j.verger@trap.example", MarkKind::TrapRecycled), Err(DeskError::Exists(_))));
        assert!(matches!(officer.add_trap("none", MarkKind::TrapOwn), Err(DeskError::Email(_))));
        assert!(matches!(officer.add_trap("a@trap.example", MarkKind::Canary), Err(DeskError::Invalid(_))));
        let traps = officer.traps().unwrap().traps;
        let shown: Vec<_> = traps.iter().map(|one| (one.address.as_str(), one.kind)).collect();
        assert_eq!(shown, [("j.verger@trap.example", MarkKind::TrapOwn), ("old@trap.example", MarkKind::TrapRecycled)]);
        officer.remove_trap("old@trap.example").unwrap();
        assert!(matches!(officer.remove_trap("old@trap.example"), Err(DeskError::Invalid(_))));
        assert_eq!(officer.traps().unwrap().traps.len(), 1);
        assert!(!sql::rows(db).contains("verger"));
        house.assert_clean();
    });
}
