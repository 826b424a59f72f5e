//! Any single flipped bit of the ledger's tables is found, wherever it is.

use carnet_tests::{Engine, TestDatabase, for_each_engine};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

use super::house::{House, card};
use super::sql::{self, DETAILS};

const LEDGER: [&str; 5] = ["ledger_entries", "ledger_nodes", "ledger_head", "ledger_queue", DETAILS];

#[derive(Debug, Clone, Copy)]
enum Column {
    Body,
    LeafHash,
    Node,
    Size,
    Frontier,
    Checkpoint,
}

fn flip(db: &TestDatabase, column: Column, row: Index, bit: Index) -> String {
    let (table, name, key) = match column {
        Column::Body => ("ledger_entries", "body", "idx"),
        Column::LeafHash => ("ledger_entries", "leaf_hash", "idx"),
        Column::Node => ("ledger_nodes", "hash", "idx"),
        Column::Size => ("ledger_head", "size", "id"),
        Column::Frontier => ("ledger_head", "frontier", "id"),
        Column::Checkpoint => ("ledger_head", "checkpoint", "id"),
    };
    let keys = db.query(&format!("SELECT {key} FROM {table} ORDER BY {key}"));
    let keys: Vec<&str> = keys.lines().collect();
    let at = format!("{key} = {}", row.get(&keys));
    let value = match column {
        Column::Size => (sql::number(db, "SELECT size FROM ledger_head") ^ (1 << bit.index(63))).to_string(),
        Column::Checkpoint => {
            let mut bytes = sql::bytes_of(db, name, &format!("{table} WHERE {at}")).remove(0);
            flip_bit(&mut bytes, bit);
            // No engine takes these as text at all.
            if bytes.contains(&0) || std::str::from_utf8(&bytes).is_err() {
                return String::new();
            }
            sql::text(db, &bytes)
        }
        _ => {
            let mut bytes = sql::bytes_of(db, name, &format!("{table} WHERE {at}")).remove(0);
            flip_bit(&mut bytes, bit);
            sql::blob(db, &bytes)
        }
    };
    format!("UPDATE {table} SET {name} = {value} WHERE {at}")
}

fn flip_bit(bytes: &mut [u8], bit: Index) {
    let bit = bit.index(bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
}

#[test]
fn any_flipped_bit_of_entries_hashes_nodes_and_head_is_found() {
    for_each_engine(|db| {
        let house = House::found(db);
        house.add(card("Ann", "ann@example.org"));
        // Past one kept node.
        while sql::count(db, "ledger_nodes") == 0 {
            (0..50).for_each(|_| drop(house.desk("auditor").audit_tail(0).unwrap()));
        }
        house.assert_clean();
        sql::keep(db, &LEDGER);
        let columns =
            [Column::Body, Column::LeafHash, Column::Node, Column::Size, Column::Frontier, Column::Checkpoint];
        let which = (prop::sample::select(columns.to_vec()), any::<Index>(), any::<Index>());
        let cases = if db.engine() == Engine::Sqlite { 150 } else { 60 };
        let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
        let outcome = runner.run(&which, |(column, row, bit)| {
            let damage = flip(db, column, row, bit);
            db.query(&damage);
            let report = house.desk("auditor").audit_verify(&[]).unwrap();
            sql::put_back(db, &LEDGER);
            prop_assert_eq!(report.is_clean(), damage.is_empty(), "{}", damage);
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{failure}"));
        house.assert_clean();
    });
}

#[test]
fn a_node_that_is_gone_or_too_many_is_named() {
    for_each_engine(|db| {
        let house = House::found(db);
        while sql::count(db, "ledger_nodes") == 0 {
            (0..50).for_each(|_| drop(house.desk("auditor").audit_tail(0).unwrap()));
        }
        sql::keep(db, &LEDGER);
        for (damage, index) in
            [("DELETE FROM ledger_nodes", 0), ("INSERT INTO ledger_nodes SELECT level, 1, hash FROM ledger_nodes", 1)]
        {
            db.query(damage);
            let problems = house.desk("auditor").audit_verify(&[]).unwrap().problems;
            assert_eq!(problems, [carnet_desk::AuditProblem::NodeDiffers { level: 1, index }]);
            assert!(problems[0].to_string().contains("over 256 entries"), "{}", problems[0]);
            sql::put_back(db, &LEDGER);
        }
    });
}
