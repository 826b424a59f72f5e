//! `policies/columns.toml` says of every column what it holds and what an erasure does to it.

use std::collections::BTreeSet;

use carnet_store::LockedStore;
use carnet_tests::for_each_engine;
use toml::{Table, Value};

use crate::schema::migrated;
use crate::support::location;

const CLASSES: [&str; 3] = ["sealed", "pseudonymous", "technical"];
const ERASURES: [&str; 4] = ["row", "shred", "keep", "none"];

fn policy() -> Table {
    include_str!("../../../../policies/columns.toml").parse().unwrap()
}

fn each_column(mut visit: impl FnMut(&str, &str, &Table)) {
    for (table, columns) in policy() {
        for (column, says) in columns.as_table().unwrap() {
            visit(&table, column, says.as_table().unwrap());
        }
    }
}

#[test]
fn the_policy_names_exactly_the_columns_of_both_engines() {
    let mut named = BTreeSet::new();
    each_column(|table, column, _| {
        named.insert((table.to_owned(), column.to_owned()));
    });
    for_each_engine(|db| {
        drop(LockedStore::create(location(db)).unwrap());
        let there: BTreeSet<_> = migrated(db)
            .into_iter()
            .flat_map(|(name, table)| table.columns.into_iter().map(move |column| (name.clone(), column.name)))
            .collect();
        assert_eq!(there.difference(&named).collect::<Vec<_>>(), [] as [&(String, String); 0], "not in the policy");
        assert_eq!(named.difference(&there).collect::<Vec<_>>(), [] as [&(String, String); 0], "not in the schema");
    });
}

#[test]
fn every_column_has_a_class_an_erasure_and_where_it_stays_the_ground_for_it() {
    each_column(|table, column, says| {
        let word = |key: &str| says.get(key).and_then(Value::as_str);
        let place = format!("{table}.{column}");
        let (class, erasure) = (word("class").unwrap_or(&place), word("erasure").unwrap_or(&place));
        assert!(CLASSES.contains(&class), "{place}: class {class}");
        assert!(ERASURES.contains(&erasure), "{place}: erasure {erasure}");
        assert!(says.get("dossier").and_then(Value::as_bool).is_some(), "{place}: dossier");
        assert_eq!(erasure == "keep", word("because").is_some_and(|because| because.len() > 10), "{place}: because");
        assert!(
            class == "technical" || erasure != "none" || table.starts_with("ledger"),
            "{place}: a subject's, and erased how?"
        );
        let known = ["class", "dossier", "erasure", "because"];
        assert!(says.keys().all(|key| known.contains(&key.as_str())), "{place}: {says:?}");
    });
}

#[test]
fn what_is_sealed_goes_with_the_contact_or_is_not_the_contacts() {
    each_column(|table, column, says| {
        let text = |key: &str| says.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        if text("class") == "sealed" && text("erasure") != "row" {
            assert!(text("because").contains("not a subject"), "{table}.{column}");
        }
        if text("erasure") == "shred" {
            assert_eq!((table, column), ("contact_salts", "salt"));
        }
    });
}
