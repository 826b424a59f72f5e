//! What leaves for the auditor: proofs and copies that verify without the vault, and none of a ledger that does not.

use std::fs;
use std::path::{Path, PathBuf};

use carnet_core::ledger::{Entry, TlogProof, TrustPolicy, Verdict, verify_bundle};
use carnet_core::model::EntryId;
use carnet_desk::{DeskError, ErrorKind};
use carnet_tests::for_each_engine;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::house::House;
use super::sql;

/// Lets the ledger grow by this many entries.
fn grow(house: &House, entries: u32) {
    let auditor = house.desk("auditor");
    (0..entries).for_each(|_| drop(auditor.audit_tail(0).unwrap()));
}

fn cases(count: u32) -> TestRunner {
    TestRunner::new(Config { cases: count, failure_persistence: None, ..Config::default() })
}

#[test]
fn the_proof_of_any_entry_verifies_from_its_text_with_the_ledgers_key_alone() {
    for_each_engine(|db| {
        let house = House::found(db);
        // Past one kept node, so that proofs lead through it.
        grow(&house, 300);
        let auditor = house.desk("auditor");
        let ids: Vec<EntryId> = auditor.audit_tail(400).unwrap().into_iter().map(|view| view.entry.id).collect();
        let key = house.vault.ledger_key();
        cases(40)
            .run(&any::<prop::sample::Index>(), |which| {
                let id = *which.get(&ids);
                let (proof, body) = auditor.audit_prove(id).unwrap();
                let proof = TlogProof::parse(proof.to_string().as_bytes()).unwrap();
                prop_assert!(proof.verify(&body, key).is_ok());
                prop_assert_eq!(Entry::decode(&body).unwrap().id, id);
                let mut other = body;
                other[9] ^= 1;
                prop_assert!(proof.verify(&other, key).is_err());
                Ok(())
            })
            .unwrap();
        let unknown = auditor.audit_prove(EntryId::new()).unwrap_err();
        assert_eq!(unknown.kind(), ErrorKind::NotFound);
    });
}

#[test]
fn no_proof_is_given_that_would_not_verify() {
    for_each_engine(|db| {
        let house = House::found(db);
        grow(&house, 300);
        let auditor = house.desk("auditor");
        let id = auditor.audit_tail(1).unwrap().remove(0).entry.id;
        db.query(&format!("UPDATE ledger_nodes SET hash = {}", sql::blob(db, &[7; 32])));
        let refused = auditor.audit_prove(id).unwrap_err();
        assert!(matches!(refused, DeskError::Ledger(_)), "{refused}");
        assert_eq!(refused.kind(), ErrorKind::Damaged);
    });
}

#[test]
fn an_export_verifies_offline_and_any_flipped_bit_of_it_is_found() {
    for_each_engine(|db| {
        let house = House::found(db);
        grow(&house, 270);
        let folder = db.folder().join("export");
        let checkpoint = house.desk("auditor").audit_export(&folder).unwrap();
        let trust = TrustPolicy::of_log(house.vault.ledger_key().clone()).unwrap();
        let report = verify_bundle(&folder, &trust, &[]);
        assert_eq!((report.verdict, report.entries), (Verdict::Verified, checkpoint.size));
        assert_eq!(report.checkpoint.as_ref(), Some(&checkpoint));
        let mut files = Vec::new();
        files_in(&folder, &mut files);
        assert!(files.len() >= 5, "{files:?}");
        cases(120)
            .run(&(any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..8_u8), |(file, at, bit)| {
                let file = file.get(&files);
                let whole = fs::read(file).unwrap();
                let mut bytes = whole.clone();
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
                fs::write(file, &bytes).unwrap();
                let verdict = verify_bundle(&folder, &trust, &[]).verdict;
                fs::write(file, &whole).unwrap();
                prop_assert_ne!(verdict, Verdict::Verified, "bit {} of byte {} of {}", bit, at, file.display());
                Ok(())
            })
            .unwrap();
        assert_eq!(verify_bundle(&folder, &trust, &[]).verdict, Verdict::Verified);
    });
}

fn files_in(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files_in(&path, files) } else { files.push(path) }
    }
}

#[test]
fn a_second_export_continues_the_first() {
    for_each_engine(|db| {
        let house = House::found(db);
        grow(&house, 30);
        let folder = db.folder().join("export");
        house.desk("auditor").audit_export(&folder).unwrap();
        let older = fs::read(folder.join("checkpoint")).unwrap();
        grow(&house, 40);
        let checkpoint = house.desk("auditor").audit_export(&folder).unwrap();
        let trust = TrustPolicy::of_log(house.vault.ledger_key().clone()).unwrap();
        let report = verify_bundle(&folder, &trust, &[older]);
        assert_eq!((report.verdict, report.entries), (Verdict::Verified, checkpoint.size));
    });
}

#[test]
fn a_tampered_ledger_is_not_exported() {
    for_each_engine(|db| {
        for damage in [
            "UPDATE ledger_entries SET body = (SELECT body FROM ledger_entries WHERE idx = 3) WHERE idx = 4",
            "DELETE FROM ledger_entries WHERE idx = 4",
            "DELETE FROM ledger_entries WHERE idx > 4",
            "UPDATE ledger_head SET checkpoint = replace(checkpoint, 'carnet-ledger', 'another-ledger')",
        ] {
            let db = carnet_tests::TestDatabase::new(db.engine());
            let house = House::found(&db);
            grow(&house, 20);
            // Recording the export appends and signs anew: what is damaged after that is what the copy is made of.
            let folder = db.folder().join("export");
            sql::after_next_entry(&db, damage);
            let refused = house.desk("auditor").audit_export(&folder).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Damaged, "{damage}: {refused}");
            assert!(!folder.join("checkpoint").exists(), "{damage}");
        }
    });
}

#[test]
fn a_folder_that_cannot_be_written_is_not_called_a_damaged_ledger() {
    for_each_engine(|db| {
        let house = House::found(db);
        let occupied = db.folder().join("a-file");
        fs::write(&occupied, "x").unwrap();
        let refused = house.desk("auditor").audit_export(&occupied).unwrap_err();
        assert!(matches!(refused, DeskError::File { .. }), "{refused}");
        assert_eq!(refused.kind(), ErrorKind::Storage);
    });
}
