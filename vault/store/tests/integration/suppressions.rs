//! A standing refusal can be renewed, never aged: only what comes after the last of them may lift it.

use carnet_core::model::{ControllerId, PurposeId, Timestamp};
use carnet_store::{Store, StoreError, SuppressionRow};
use carnet_tests::for_each_engine;

use crate::support::{House, found, location, record, tag};

fn row(controller: ControllerId, purpose: Option<PurposeId>, cause: &str, at_us: i64) -> SuppressionRow {
    let at = Timestamp::from_us(at_us).unwrap();
    SuppressionRow { controller, tag: tag(1), purpose, cause: cause.to_owned(), at }
}

fn put(store: &Store, row: &SuppressionRow) {
    let done: Result<(), StoreError> = store.write(|tx| Ok((record("suppression.add"), tx.suppression_put(row)?)));
    done.unwrap();
}

fn standing(store: &Store, controller: ControllerId) -> Vec<SuppressionRow> {
    store.read(|tx| tx.suppressions_of(controller, &[tag(1), tag(2)])).unwrap()
}

#[test]
fn a_later_refusal_renews_the_date_and_an_older_one_changes_nothing() {
    for_each_engine(|db| {
        let store = found(location(db));
        let house = House::in_store(&store);
        let (first, older, later) = (
            row(house.id(), None, "objected", 1_000),
            row(house.id(), None, "withdrawn", 999),
            row(house.id(), None, "erasure", 2_000),
        );
        put(&store, &first);
        put(&store, &older);
        assert_eq!(standing(&store, house.id()), std::slice::from_ref(&first));
        put(&store, &later);
        put(&store, &first);
        assert_eq!(standing(&store, house.id()), [later]);
    });
}

#[test]
fn refusals_of_one_purpose_of_all_and_of_another_controller_stand_beside_each_other() {
    for_each_engine(|db| {
        let store = found(location(db));
        let (house, other) = (House::in_store(&store), House::in_store(&store));
        let purpose = PurposeId::new();
        let (all, one) = (row(house.id(), None, "objected", 1_000), row(house.id(), Some(purpose), "withdrawn", 2_000));
        for refusal in [&all, &one, &row(other.id(), None, "erasure", 3_000)] {
            put(&store, refusal);
        }
        assert_eq!(standing(&store, house.id()), [all, one]);
    });
}
