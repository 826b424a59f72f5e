//! Nothing but the subject's own act loosens an opt-out: no order of events, no change of address, no erasure.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use carnet_core::model::{
    Authority, CardBuilder, CardEntry, CardPatch, ConsentKind, ContactId, PurposeId, Standing, Timestamp,
};
use carnet_desk::{Desk, DeskError, ErrorKind, NewContact, PurposeStanding};
use carnet_tests::{Engine, for_each_engine};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::house::{House, card, consent, new_contact, own_act};
use super::sql;

fn standing(desk: &Desk<'_>, house: &House, contact: ContactId, purpose: PurposeId) -> Option<PurposeStanding> {
    let all = desk.consent_history(&house.ours.controller, contact).unwrap();
    all.into_iter().find(|one| one.purpose == purpose)
}

#[test]
fn given_withdrawn_and_given_again_shows_three_events_in_their_order_with_their_entries() {
    for_each_engine(|db| {
        let house = House::found(db);
        let id = house.add(card("Ann", "ann@example.org"));
        let operator = house.desk("operator");
        for (kind, permits) in [(ConsentKind::Given, true), (ConsentKind::Withdrawn, false), (ConsentKind::Given, true)]
        {
            house.record(id, kind);
            assert_eq!(standing(&operator, &house, id, house.ours.newsletter).unwrap().permits(), permits);
        }
        let shown = standing(&operator, &house, id, house.ours.newsletter).unwrap();
        let kinds: Vec<ConsentKind> = shown.history.iter().map(|one| one.event.kind).collect();
        assert_eq!(kinds, [ConsentKind::Given, ConsentKind::Withdrawn, ConsentKind::Given]);
        let indexes: Vec<u64> = shown.history.iter().map(|one| one.index.unwrap()).collect();
        assert!(indexes.is_sorted_by(|one, next| one < next), "{indexes:?}");
        assert_eq!(sql::count(db, "consent_events"), 3);
    });
}

#[test]
fn a_withdrawal_of_one_purpose_leaves_the_other_as_it_was() {
    for_each_engine(|db| {
        let house = House::found(db);
        let id = house.add(card("Ann", "ann@example.org"));
        let operator = house.desk("operator");
        for purpose in [house.ours.newsletter, house.ours.invoicing] {
            let given = consent(purpose, ConsentKind::Given, Some(Timestamp::now()), Authority::OwnAct);
            operator.record_consent(&house.ours.controller, id, &given).unwrap();
        }
        house.record(id, ConsentKind::Objected);
        assert!(!standing(&operator, &house, id, house.ours.newsletter).unwrap().permits());
        assert!(standing(&operator, &house, id, house.ours.invoicing).unwrap().permits());
    });
}

#[test]
fn an_undeclared_purpose_or_notice_and_another_controllers_are_refused() {
    for_each_engine(|db| {
        let house = House::found(db);
        let id = house.add(card("Ann", "ann@example.org"));
        let ours = consent(house.ours.newsletter, ConsentKind::Given, None, Authority::Claim);
        let theirs = consent(house.theirs.newsletter, ConsentKind::Given, None, Authority::Claim);
        let noticed = carnet_desk::NewConsent { notice: Some(house.theirs.notice), ..ours.clone() };
        for new in [theirs, noticed] {
            let refused = house.desk("operator").record_consent(&house.ours.controller, id, &new).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::NotFound, "{refused}");
        }
        let nobody =
            house.desk("operator").record_consent(&house.ours.controller, ContactId::new(), &ours).unwrap_err();
        assert!(matches!(nobody, DeskError::NoContact));
        assert_eq!(sql::count(db, "consent_events"), 0);
    });
}

#[test]
fn an_erased_address_comes_back_by_its_owners_act_alone_also_after_every_key_was_rotated() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (owner, operator, ours) = (house.desk("owner"), house.desk("operator"), &house.ours.controller);
        let id = house.add(card("Ann", "ann@example.org"));
        let other = house.add(card("Ben", "ben@example.org"));
        house.record(id, ConsentKind::Given);
        house.erase(id);
        owner.rotate_root(carnet_core::keys::RootKey::generate()).unwrap();
        owner.begin_rotation(ours).unwrap();
        while owner.step_rotation(ours).unwrap().finished.is_none() {}
        for spelling in ["ann@example.org", "ANN@Example.ORG", " <ann@example.org> "] {
            let refused = operator.add_contact(ours, &new_contact(card("Ann", spelling))).unwrap_err();
            assert!(matches!(refused, DeskError::Suppressed(_)), "{refused}");
            assert_eq!(refused.kind(), ErrorKind::Conflict);
            // Neither as a second address of somebody else, nor by an edit.
            let both = CardBuilder::new().full_name("Cy").email("cy@example.org").email(spelling).build().unwrap();
            assert!(matches!(operator.add_contact(ours, &new_contact(both)), Err(DeskError::Suppressed(_))));
            let patch = CardPatch::new().replace(CardEntry::Email, "ben@example.org", spelling);
            assert!(matches!(operator.edit_contact(ours, other, &patch), Err(DeskError::Suppressed(_))));
        }
        let back = operator.add_contact(ours, &own_act(card("Ann", "ann@example.org"))).unwrap();
        // Back in the book is not a yes: a list that says so changes nothing, the person's own yes does.
        let claim = consent(house.ours.newsletter, ConsentKind::Given, None, Authority::Claim);
        operator.record_consent(ours, back, &claim).unwrap();
        assert!(!standing(&operator, &house, back, house.ours.newsletter).unwrap().permits());
        house.record(back, ConsentKind::Given);
        assert!(standing(&operator, &house, back, house.ours.newsletter).unwrap().permits());
        // Other things about a contact that came back can be changed.
        operator.edit_contact(ours, back, &CardPatch::new().add(CardEntry::Note, "x")).unwrap();
        house.assert_clean();
    });
}

#[test]
fn a_refusal_follows_every_change_of_address() {
    for_each_engine(|db| {
        let house = House::found(db);
        let (operator, ours) = (house.desk("operator"), &house.ours.controller);
        let replace = |old: &str, new: &str| CardPatch::new().replace(CardEntry::Email, old, new);
        let first = house.add(card("Ann", "one@example.org"));
        house.record(first, ConsentKind::Objected);
        operator.edit_contact(ours, first, &replace("one@example.org", "two@example.org")).unwrap();
        // Whoever is added with either address is the one who objected, as far as anybody here can tell.
        operator.edit_contact(ours, first, &replace("two@example.org", "three@example.org")).unwrap();
        for address in ["one@example.org", "two@example.org"] {
            let again = house.add(card("Ann", address));
            let claim = consent(house.ours.newsletter, ConsentKind::Given, None, Authority::Claim);
            operator.record_consent(ours, again, &claim).unwrap();
            operator.edit_contact(ours, again, &replace(address, &format!("new-{address}"))).unwrap();
            let shown = standing(&operator, &house, again, house.ours.newsletter).unwrap();
            assert!(!shown.permits() && shown.state.standing == Standing::Given { confirmed: false }, "{shown:?}");
        }
        // One without any address keeps a refusal, too, and hands it to the address that comes later.
        let phone = CardBuilder::new().full_name("Cy").phone("+33 1 99 00 12 34").build().unwrap();
        let phone = house.add(phone);
        house.record(phone, ConsentKind::Withdrawn);
        operator.edit_contact(ours, phone, &CardPatch::new().add(CardEntry::Email, "cy@example.org")).unwrap();
        operator.edit_contact(ours, phone, &CardPatch::new().remove(CardEntry::Email, "cy@example.org")).unwrap();
        let cy = house.add(card("Cy", "cy@example.org"));
        assert!(standing(&operator, &house, cy, house.ours.newsletter).unwrap().suppressed_since.is_some());
    });
}

/// One thing that happens to a small address book.
#[derive(Debug, Clone)]
enum Act {
    Add {
        addresses: BTreeSet<u8>,
        own_act: bool,
    },
    Erase {
        which: prop::sample::Index,
    },
    Replace {
        which: prop::sample::Index,
        by: u8,
    },
    AddAddress {
        which: prop::sample::Index,
        new: u8,
    },
    Remove {
        which: prop::sample::Index,
    },
    Record {
        which: prop::sample::Index,
        purpose: bool,
        kind: ConsentKind,
        authority: Authority,
        minutes_ago: Option<i8>,
    },
}

fn act() -> impl Strategy<Value = Act> {
    let which = any::<prop::sample::Index>;
    let (address, kinds) = (0..4_u8, prop::sample::select(ConsentKind::ALL));
    prop_oneof![
        3 => (prop::collection::btree_set(0..4_u8, 1..3), any::<bool>())
            .prop_map(|(addresses, own_act)| Act::Add { addresses, own_act }),
        1 => which().prop_map(|which| Act::Erase { which }),
        2 => (which(), address.clone()).prop_map(|(which, by)| Act::Replace { which, by }),
        1 => (which(), address).prop_map(|(which, new)| Act::AddAddress { which, new }),
        1 => which().prop_map(|which| Act::Remove { which }),
        6 => (which(), any::<bool>(), kinds, prop::sample::select(Authority::ALL), prop::option::of(-5..60_i8)).prop_map(
            |(which, purpose, kind, authority, minutes_ago)| Act::Record { which, purpose, kind, authority, minutes_ago }
        ),
    ]
}

/// What somebody with a perfect memory knows: until when each address was refused, for one purpose or for all.
type Refused = BTreeMap<Option<PurposeId>, Timestamp>;

struct Book<'h> {
    house: &'h House,
    /// Distinguishes the addresses of one run from all others.
    run: u32,
    contacts: BTreeMap<ContactId, Person>,
    addresses: BTreeMap<u8, Refused>,
    erased: BTreeSet<u8>,
}

#[derive(Default, Clone)]
struct Person {
    addresses: BTreeSet<u8>,
    refused: Refused,
    own_yeses: Vec<(PurposeId, Timestamp)>,
}

fn later(into: &mut Refused, from: &Refused) {
    for (purpose, at) in from {
        let known = into.entry(*purpose).or_insert(*at);
        *known = (*known).max(*at);
    }
}

impl Book<'_> {
    fn address(&self, number: u8) -> String {
        format!("p{number}.{}@example.org", self.run)
    }

    fn pick(&self, which: &prop::sample::Index) -> Option<ContactId> {
        let ids: Vec<ContactId> = self.contacts.keys().copied().collect();
        (!ids.is_empty()).then(|| *which.get(&ids))
    }

    /// What is known of a person is known of each of the person's addresses, and the other way about.
    fn remember(&mut self, id: ContactId) {
        let Some(person) = self.contacts.get_mut(&id) else { return };
        for address in &person.addresses {
            later(&mut person.refused, self.addresses.entry(*address).or_default());
        }
        for address in &person.addresses {
            later(self.addresses.entry(*address).or_default(), &person.refused);
        }
    }

    fn play(&mut self, act: &Act) {
        let (desk, ours) = (self.house.desk("operator"), &self.house.ours.controller);
        match act {
            Act::Add { addresses, own_act } => {
                let card = addresses
                    .iter()
                    .fold(CardBuilder::new().full_name("P"), |card, one| card.email(&self.address(*one)));
                let new = NewContact { own_act: *own_act, ..new_contact(card.build().unwrap()) };
                match desk.add_contact(ours, &new) {
                    Ok(id) => {
                        assert!(*own_act || self.erased.is_disjoint(addresses), "an erased address came back");
                        self.contacts.insert(id, Person { addresses: addresses.clone(), ..Person::default() });
                        self.remember(id);
                    }
                    Err(DeskError::Suppressed(_)) => assert!(!own_act),
                    Err(DeskError::EmailTaken(_)) => {}
                    Err(other) => panic!("{other}"),
                }
            }
            Act::Erase { which } => {
                let Some(id) = self.pick(which) else { return };
                self.house.erase(id);
                let person = self.contacts.remove(&id).unwrap();
                let all = Refused::from([(None, Timestamp::now())]);
                // Just now, by a clock that has gone on a little since: what lifts it is later than both.
                person.addresses.iter().for_each(|one| later(self.addresses.entry(*one).or_default(), &all));
                self.erased.extend(person.addresses);
            }
            Act::Replace { which, by } => self.edit(which, Some(*by), true),
            Act::AddAddress { which, new } => self.edit(which, Some(*new), false),
            Act::Remove { which } => self.edit(which, None, true),
            Act::Record { which, purpose, kind, authority, minutes_ago } => {
                let Some(id) = self.pick(which) else { return };
                let purpose = if *purpose { self.house.ours.newsletter } else { self.house.ours.invoicing };
                let now = Timestamp::now().as_us();
                let at = minutes_ago.map(|ago| Timestamp::from_us(now - i64::from(ago) * 60_000_000).unwrap());
                desk.record_consent(ours, id, &consent(purpose, *kind, at, *authority)).unwrap();
                let counted = at.unwrap_or_else(Timestamp::now).min(Timestamp::now());
                let person = self.contacts.get_mut(&id).unwrap();
                match kind {
                    ConsentKind::Withdrawn | ConsentKind::Objected => {
                        later(&mut person.refused, &Refused::from([(Some(purpose), counted)]));
                    }
                    ConsentKind::Given if *authority == Authority::OwnAct && at.is_some() => {
                        person.own_yeses.push((purpose, counted));
                    }
                    _ => {}
                }
                self.remember(id);
            }
        }
    }

    fn edit(&mut self, which: &prop::sample::Index, new: Option<u8>, drop_one: bool) {
        let Some(id) = self.pick(which) else { return };
        let has = self.contacts[&id].addresses.clone();
        if new.is_some_and(|new| has.contains(&new)) {
            return;
        }
        let mut patch = CardPatch::new();
        let dropped = has.iter().next().copied().filter(|_| drop_one);
        if let Some(old) = dropped {
            patch = patch.remove(CardEntry::Email, &self.address(old));
        }
        if let Some(new) = new {
            patch = patch.add(CardEntry::Email, &self.address(new));
        }
        match self.house.desk("operator").edit_contact(&self.house.ours.controller, id, &patch) {
            Ok(()) => {
                assert!(!new.is_some_and(|new| self.erased.contains(&new)), "an erased address came back by an edit");
                let person = self.contacts.get_mut(&id).unwrap();
                person.addresses = has.iter().copied().filter(|one| Some(*one) != dropped).chain(new).collect();
                self.remember(id);
            }
            Err(DeskError::EmailTaken(_) | DeskError::Suppressed(_) | DeskError::Card(_)) => {}
            Err(other) => panic!("{other}"),
        }
    }

    /// Whoever may be used for a purpose said yes after the last refusal that ever touched them, and said it themselves.
    fn check(&self) {
        let desk = self.house.desk("operator");
        for (id, person) in &self.contacts {
            for shown in
                desk.consent_history(&self.house.ours.controller, *id).unwrap().iter().filter(|one| one.permits())
            {
                let refused = [None, Some(shown.purpose)].iter().filter_map(|key| person.refused.get(key)).max();
                let own_yes =
                    person.own_yeses.iter().filter(|(purpose, _)| *purpose == shown.purpose).map(|(_, at)| at).max();
                assert!(
                    refused.is_none_or(|refused| own_yes.is_some_and(|yes| yes >= refused)),
                    "refused {refused:?}, said yes {own_yes:?}, and may be used: {shown:?}"
                );
            }
        }
    }
}

#[test]
fn no_order_of_acts_loosens_an_opt_out() {
    for_each_engine(|db| {
        let house = House::found(db);
        let run = Cell::new(0);
        let cases = if db.engine() == Engine::Sqlite { 60 } else { 20 };
        let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&prop::collection::vec(act(), 1..25), |acts| {
            run.set(run.get() + 1);
            let mut book = Book {
                house: &house,
                run: run.get(),
                contacts: BTreeMap::new(),
                addresses: BTreeMap::new(),
                erased: BTreeSet::new(),
            };
            for act in &acts {
                book.play(act);
                book.check();
            }
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{failure}"));
        house.assert_clean();
    });
}
