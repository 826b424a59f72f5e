//! What the vault remembers of the addresses of a list, judged by the gate itself.

use std::sync::Arc;

use carnet_core::gate::SignalId::{V1, V3, V4, V5, V6, V7, V8};
use carnet_core::gate::{Claimed, Report, SignalId, SignalReport, Verdict};
use carnet_core::intake::{Claim, Incoming};
use carnet_core::model::{
    Authority, CardEntry, CardPatch, ConsentKind, ContactId, Controller, Evidence, ListId, MarkKind, ReasonCode, Role,
    Timestamp,
};
use carnet_desk::{ExchangeGate, Vault};
use carnet_tests::{TestDatabase, for_each_engine};

use super::super::house::{Firm, House, consent, desk, granted, slug};
use super::super::imports::{Rows, Told, into_list, row};
use super::super::sql;
use super::release;

/// A house whose lists the real gate judges, with an officer of ours alone.
fn judged(db: &TestDatabase) -> (House, Vault) {
    let house = House::found(db);
    let ours = granted(Role::Compliance, house.ours.controller.id);
    house.desk("owner").add_account(slug("our-officer"), vec![ours]).unwrap();
    let vault = house.opened_again().with_gate(Arc::new(ExchangeGate::builtin()));
    (house, vault)
}

/// An invented person who signed up on a page, with all the proof that there is.
fn person(number: usize, page: &str) -> Incoming {
    let hash = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20;
    let given = ["Ann", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gwen"][hash % 7];
    let name = format!("{given} Sample{}", char::from(b'a' + u8::try_from(hash % 26).unwrap()));
    let time = |minute: usize| {
        let (month, day, hour) = (1 + hash % 12, 1 + hash / 16 % 28, 8 + hash / 512 % 12);
        format!("2026-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}Z", hash / 8192 % 60).parse::<Timestamp>()
    };
    let at = time(hash / 65_536 % 50).unwrap();
    let at = Timestamp::from_us(at.as_us() - 365 * 86_400 * 1_000_000).unwrap();
    let evidence = Evidence {
        source: Some(page.to_owned()),
        ip_address: format!("2001:db8::{:x}", hash % 65_536).parse().ok(),
        wording: Some("Write to me".to_owned()),
        confirmed_at: Timestamp::from_us(at.as_us() + 240_000_000).ok(),
        ..Evidence::default()
    };
    let claim = Claim { kind: ConsentKind::Given, purpose: None, at: Some(at), evidence };
    Incoming { claims: vec![claim], ..row(&name, &format!("p{number}@firm{}.example", number % 40), number + 2) }
}

fn import(house: &House, firm: &Firm, list: &str, people: impl Iterator<Item = Incoming>) -> ListId {
    let mut source = Rows::of(people.map(Ok).collect());
    let new = into_list(list, Some(firm.newsletter));
    let report = house.desk("operator").import(&firm.controller, &new, &mut source, &mut Told::default()).unwrap();
    while house.desk("operator").tag_words(&firm.controller).unwrap().is_some() {}
    report.place.unwrap().1
}

/// Describes, submits and checks a list of ours; what the officer reads of it.
fn checked(house: &House, vault: &Vault, list: ListId) -> Report {
    let (operator, of) = (desk(vault, "operator"), &house.ours.controller);
    for source in operator.list_sources(of, list).unwrap().sources {
        operator.describe_source(of, list, &source.value, "You signed up on our page").unwrap();
    }
    operator.submit_and_check_list(of, list, None).unwrap();
    seen(house, vault, "officer", list)
}

fn seen(house: &House, vault: &Vault, account: &str, list: ListId) -> Report {
    desk(vault, account).show_list(&house.ours.controller, list).unwrap().check.unwrap().report
}

fn signal(report: &Report, id: SignalId) -> Option<&SignalReport> {
    report.signals.iter().find(|one| one.id == id)
}

/// Ours with an address at the second firm.
fn members(house: &House) -> Vec<ContactId> {
    let found = house.desk("operator").find_contacts(&house.ours.controller, "@firm1.example").unwrap();
    found.found.iter().map(|one| one.id).collect()
}

#[test]
fn another_controllers_list_is_found_in_ours_and_named_to_whom_it_may_be() {
    for_each_engine(|db| {
        let (house, vault) = judged(db);
        import(&house, &house.theirs, "customers", (0..80).map(|n| person(n, "shop")));
        let mixed = (0..80).map(|n| person(n, "partners")).chain((1000..1200).map(|n| person(n, "our page")));
        let list = import(&house, &house.ours, "mixed", mixed);
        let report = checked(&house, &vault, list);
        assert!(report.verdict > Verdict::Clear);
        let copy = signal(&report, SignalId::V7).expect("one source is another list");
        assert!(copy.sentence.contains("\"customers\"") && copy.hits == 80, "{}", copy.sentence);
        let shared = |report: &Report| report.shared.iter().map(|one| (one.rows, one.of)).collect::<Vec<_>>();
        assert_eq!(shared(&report), [(80, 80)], "a fact, whatever follows from it");
        assert!(shared(&seen(&house, &vault, "operator", list)).is_empty());
        let entries = house.desk("officer").audit_tail(5).unwrap();
        let compared = entries.iter().find(|one| one.entry.event.as_str() == "list.compare").unwrap();
        let rows = compared.entry.counts.iter().find(|(name, _)| name.as_str() == "rows").map(|(_, number)| *number);
        assert_eq!(rows, Some(80), "rows of another controller that were opened are told in the ledger");
        for account in ["our-officer", "operator"] {
            let told = seen(&house, &vault, account, list);
            let copy = signal(&told, SignalId::V7).unwrap();
            let may = account == "operator";
            assert_eq!(copy.sentence.contains("customers"), may, "{account}: {}", copy.sentence);
            assert_eq!(copy.sentence.contains("another controller's list"), !may, "{account}: {}", copy.sentence);
        }
        let of_owner = seen(&house, &vault, "operator", list);
        assert!(signal(&of_owner, SignalId::V7).unwrap().rows.is_empty(), "whose rows they are is not for the owner");
        for id in [V1, V3, V4, V5, V6, V7, V8] {
            let is_told = signal(&of_owner, id).is_some();
            let is_left_out = of_owner.not_judged.iter().any(|one| one.id == id);
            assert!(is_told != is_left_out, "{id}: what was compared without a hit tells that there was something");
        }
        house.assert_clean();
    });
}

/// The report of a file that nobody has brought in.
fn preview(vault: &Vault, account: &str, of: &Controller, people: &[Incoming]) -> Report {
    let desk = desk(vault, account);
    let mut preview = desk.preview_list(of).unwrap();
    preview.push(people).unwrap();
    preview.finish(Claimed::default()).unwrap()
}

#[test]
fn a_file_is_compared_with_other_lists_and_a_short_one_by_officers_alone() {
    for_each_engine(|db| {
        let (house, vault) = judged(db);
        import(&house, &house.theirs, "customers", (0..80).map(|n| person(n, "shop")));
        desk(&vault, "officer").add_trap("p700@firm20.example", MarkKind::TrapOwn).unwrap();
        let people: Vec<Incoming> =
            (0..80).map(|n| person(n, "partners")).chain((600..1200).map(|n| person(n, "our page"))).collect();
        let short = &people[..400];
        let (ours, theirs) = (&house.ours.controller, &house.theirs.controller);
        for (account, people, of, copied, trapped) in [
            ("officer", short, ours, Some(80), Some(1)),
            ("officer", &people, ours, Some(80), Some(1)),
            ("operator", short, ours, None, None),
            ("operator", &people, ours, Some(80), None),
            // Of their own lists nobody is told.
            ("officer", &people, theirs, None, Some(1)),
        ] {
            let told = preview(&vault, account, of, people);
            let hits = |id| signal(&told, id).map(|one| one.hits);
            assert_eq!((hits(SignalId::V7), hits(SignalId::C1)), (copied, trapped), "{account}, {}", people.len());
            let unasked = told.not_judged.iter().any(|one| one.id == SignalId::C1);
            assert_eq!(unasked, account == "operator", "what was not asked is never said to be nothing");
        }
        house.assert_clean();
    });
}

#[test]
fn a_mailbox_is_known_behind_another_spelling() {
    for_each_engine(|db| {
        let (house, vault) = judged(db);
        import(&house, &house.theirs, "customers", (0..80).map(|n| person(n, "shop")));
        let tagged = (0..80).map(|n| Incoming {
            card: row(&person(n, "").card.full_name().unwrap(), &format!("P{n}+x{n}@firm{}.example", n % 40), n + 2)
                .card,
            ..person(n, "partners")
        });
        let people: Vec<Incoming> = tagged.chain((600..1200).map(|n| person(n, "our page"))).collect();
        let told = preview(&vault, "officer", &house.ours.controller, &people);
        assert_eq!(signal(&told, SignalId::V7).map(|one| one.hits), Some(80));
        house.assert_clean();
    });
}

#[test]
fn a_check_is_made_again_and_what_has_changed_since_is_told() {
    for_each_engine(|db| {
        let (house, vault) = judged(db);
        let (officer, of) = (desk(&vault, "officer"), &house.ours.controller);
        import(&house, &house.theirs, "customers", (0..80).map(|n| person(n, "shop")));
        let list = import(&house, &house.ours, "mixed", (0..200).map(|n| person(n, "our page")));
        assert!(officer.replay_list(of, list).unwrap_err().to_string().contains("not looked"));
        checked(&house, &vault, list);
        let checks = sql::count(db, "list_checks");
        for account in ["operator", "officer"] {
            let again = desk(&vault, account).replay_list(of, list).unwrap();
            assert!(again.same_policy && again.same_inputs && again.same_report && !again.contradicts());
        }
        // What was learned later is not held against it.
        officer.release_list(of, list, &release()).unwrap();
        let later = import(&house, &house.ours, "later", (3000..3100).map(|n| person(n, "our page")));
        checked(&house, &vault, later);
        officer.block_list(of, later, ReasonCode::Bought).unwrap();
        assert!(officer.replay_list(of, list).unwrap().same_report);
        assert_eq!(sql::count(db, "list_checks"), checks + 1, "nothing is kept of it");
        members(&house).into_iter().for_each(|id| house.erase(id));
        let again = officer.replay_list(of, list).unwrap();
        assert!(again.same_policy && !again.same_inputs && !again.same_report && !again.contradicts());
        house.assert_clean();
    });
}

#[test]
fn a_report_shows_who_is_there_masked_and_nothing_of_who_was_erased() {
    for_each_engine(|db| {
        let (house, vault) = judged(db);
        // Nobody has a name of a page: nothing but an address.
        let bare = (0..40).map(|n| row("", &format!("p{n}@firm1.example"), n + 2));
        let list = import(&house, &house.ours, "bare", bare);
        let report = checked(&house, &vault, list);
        let shown = signal(&report, SignalId::P1).unwrap().rows.clone();
        assert!(shown.iter().all(|one| one.email.contains('…')), "{shown:?}");
        members(&house).into_iter().for_each(|id| house.erase(id));
        let report = seen(&house, &vault, "officer", list);
        let gone = &signal(&report, SignalId::P1).unwrap().rows;
        assert_eq!(gone.len(), shown.len());
        assert!(gone.iter().all(|one| one.email.is_empty() && one.name.is_empty()), "{gone:?}");
        house.assert_clean();
    });
}

#[test]
fn a_condemned_list_is_known_again_and_an_erasure_forgets_the_person() {
    for_each_engine(|db| {
        let (house, vault) = judged(db);
        let (officer, of) = (desk(&vault, "officer"), &house.ours.controller);
        // An honest list to compare with.
        let honest = import(&house, &house.ours, "honest", (500..700).map(|n| person(n, "our page")));
        assert_eq!(checked(&house, &vault, honest).verdict, Verdict::Clear);
        officer.release_list(of, honest, &release()).unwrap();
        let bought = import(&house, &house.ours, "bought", (0..100).map(|n| person(n, "a page")));
        checked(&house, &vault, bought);
        officer.block_list(of, bought, ReasonCode::NoProof).unwrap();
        assert_eq!(sql::count(db, "condemned_tags"), 0, "who only lacks a proof is not condemned");
        officer.block_list(of, bought, ReasonCode::Bought).unwrap();
        assert_eq!(sql::count(db, "condemned_tags"), 100);
        // Under another name, half of it is known.
        let again = (0..50).map(|n| person(n, "a page")).chain((800..850).map(|n| person(n, "a page")));
        let again = import(&house, &house.ours, "again", again);
        let report = checked(&house, &vault, again);
        let known = signal(&report, SignalId::V2).expect("it was condemned");
        assert_eq!((known.hits, known.value), (50, 0.5));
        // Three of the bought ones are at that firm.
        members(&house).into_iter().for_each(|id| house.erase(id));
        assert_eq!(sql::count(db, "condemned_tags"), 97);
        // Each list for itself: who is in both stays in the other.
        officer.block_list(of, again, ReasonCode::Swapped).unwrap();
        assert_eq!(sql::count(db, "condemned_tags"), 97 + 96);
        // Whoever brings people in twice does not make them old acquaintances.
        let first = import(&house, &house.ours, "first", (1000..1100).map(|n| person(n, "a page")));
        let second = import(&house, &house.ours, "second", (1000..1100).map(|n| person(n, "a page")));
        checked(&house, &vault, second);
        officer.block_list(of, second, ReasonCode::Bought).unwrap();
        assert_eq!(signal(&checked(&house, &vault, first), SignalId::V2).map(|known| known.hits), Some(100));
        house.assert_clean();
    });
}

#[test]
fn objections_and_traps_are_found_exactly_and_traps_are_for_officers_to_see() {
    for_each_engine(|db| {
        let (house, vault) = judged(db);
        desk(&vault, "officer").add_trap("hidden@trap.example", MarkKind::TrapOwn).unwrap();
        let people = (0..60).map(|n| person(n, "our page"));
        let trap = std::iter::once(row("Ann Sample", "Hidden@trap.example", 99));
        let list = import(&house, &house.ours, "news", people.chain(trap));
        let refused = members(&house);
        assert_eq!(refused.len(), 2);
        for id in refused {
            let event =
                consent(house.ours.newsletter, ConsentKind::Objected, Some(Timestamp::now()), Authority::OwnAct);
            house.desk("operator").record_consent(&house.ours.controller, id, &event).unwrap();
        }
        let report = checked(&house, &vault, list);
        assert_eq!(signal(&report, SignalId::C1).map(|one| (one.hits, one.rows.len())), Some((1, 1)));
        let objected = signal(&report, SignalId::S1).expect("two of 61 have objected");
        assert_eq!(objected.hits, 2);
        let told = seen(&house, &vault, "operator", list);
        assert!(signal(&told, SignalId::C1).is_none());
        assert!(told.withheld && !report.withheld, "that there is something is no secret");
        house.assert_clean();
    });
}

#[test]
fn whoever_was_here_first_has_not_come_from_elsewhere() {
    for_each_engine(|db| {
        let (house, vault) = judged(db);
        let (officer, theirs) = (desk(&vault, "officer"), &house.theirs.controller);
        // Ours came in first; then another controller brings in a part of it as its own, and is found out.
        let ours = import(&house, &house.ours, "our own", (0..200).map(|n| person(n, "our page")));
        let with_note = |incoming: Incoming| {
            let card = incoming.card.patch(&CardPatch::new().add(CardEntry::Note, "met at the fair")).unwrap();
            Incoming { card, ..incoming }
        };
        let taken = import(&house, &house.theirs, "partners", (0..150).map(|n| person(n, "a page")));
        let operator = desk(&vault, "operator");
        for source in operator.list_sources(theirs, taken).unwrap().sources {
            operator.describe_source(theirs, taken, &source.value, "You signed up").unwrap();
        }
        let (_, found) = operator.submit_and_check_list(theirs, taken, None).unwrap();
        assert!(found.verdict > Verdict::Clear, "the proof is ours");
        officer.block_list(theirs, taken, ReasonCode::Swapped).unwrap();
        // That more was learned of people since makes them no newcomers.
        import(&house, &house.ours, "our own", (0..200).map(|n| with_note(person(n, "our page"))));
        let report = checked(&house, &vault, ours);
        assert_eq!(report.verdict, Verdict::Clear, "{:?}", report.signals);
        house.assert_clean();
    });
}
