//! Exports: layout, what a whole one is worth, and what a partial or hostile one is.

use std::convert::Infallible;

use super::*;
use crate::ledger::tiles::{entries_path, tile_path, width_of};

#[test]
fn paths_and_widths_are_those_of_the_specification() {
    assert_eq!(tile_path(0, 1_234_067, 256), "tile/0/x001/x234/067");
    assert_eq!(tile_path(63, 0, 1), "tile/63/000.p/1");
    assert_eq!(entries_path(273, 112), "tile/entries/273.p/112");
    assert_eq!(entries_path(1000, 256), "tile/entries/x001/000");
    assert_eq!(entries_path(u64::MAX, 256), "tile/entries/x018/x446/x744/x073/x709/x551/615");
    let widths = |level, tiles: [u64; 3]| tiles.map(|tile| width_of(70_000, level, tile));
    assert_eq!(widths(0, [272, 273, 274]), [256, 112, 0]);
    assert_eq!(widths(1, [0, 1, 2]), [256, 17, 0]);
    assert_eq!(widths(2, [0, 1, 2]), [1, 0, 0]);
    assert_eq!(widths(3, [0, 1, 2]), [0, 0, 0]);
    assert_eq!(width_of(u64::MAX, 63, u64::MAX), 0);
}

#[test]
fn an_export_of_70000_entries_has_the_tiles_of_the_specification_and_verifies() {
    let entries = some_entries(70_000);
    let files = Files::export(&entries, &signed(&entries));
    let count = |prefix: &str| files.0.keys().filter(|path| path.starts_with(prefix)).count();
    assert_eq!((count("tile/entries/"), count("tile/0/"), count("tile/1/"), count("tile/2/")), (274, 274, 2, 1));
    assert_eq!(count("tile/3/"), 0);
    for (path, bytes) in [
        ("tile/0/272", 8192),
        ("tile/0/273.p/112", 112 * 32),
        ("tile/1/000", 8192),
        ("tile/1/001.p/17", 17 * 32),
        ("tile/2/000.p/1", 32),
    ] {
        assert_eq!(files.0[path].len(), bytes, "{path}");
    }
    let report = files.verify();
    assert_eq!((report.verdict, report.entries, report.entries_lead_to_root), (Verdict::Verified, 70_000, Some(true)));
    assert_eq!((report.verdict.exit_code(), report.findings, report.findings_left_out), (0, vec![], 0));

    let (from_tiles, in_memory) = (TileTree::new(files, 70_000), tree_of(&entries));
    for index in [0, 255, 256, 65_535, 65_536, 69_888, 69_999] {
        let proof = from_tiles.inclusion_proof(70_000, index).unwrap();
        assert_eq!(proof, in_memory.inclusion_proof(70_000, index).unwrap());
        let proof = from_tiles.consistency_proof(index + 1, 70_000).unwrap();
        assert_eq!(proof, in_memory.consistency_proof(index + 1, 70_000).unwrap());
    }
    assert!(from_tiles.inclusion_proof(70_001, 0).is_err());
}

#[test]
fn every_size_around_the_edges_of_tiles_verifies() {
    for size in [0, 1, 2, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537] {
        let entries = some_entries(size);
        let report = Files::export(&entries, &signed(&entries)).verify();
        assert_eq!((report.verdict, report.entries), (Verdict::Verified, size), "size {size}: {:?}", report.findings);
    }
}

#[test]
fn a_folder_is_verified_without_anything_else_and_brought_up_to_date_by_a_later_export() {
    let folder = tempfile::tempdir().unwrap();
    let entries = some_entries(600);
    for size in [300, 600] {
        let (entries, note) = (&entries[..size], signed(&entries[..size]));
        let exported = write_bundle(folder.path(), entries.iter().map(Ok::<_, Infallible>), &note).unwrap();
        assert_eq!(exported.checkpoint.size, size as u64);
        let report = verify_bundle(folder.path(), &trust(), &[]);
        assert_eq!((report.verdict, report.checkpoint), (Verdict::Verified, Some(exported.checkpoint)));
    }
    let reader = DirectoryTiles::new(folder.path());
    assert_eq!(reader.checkpoint().unwrap(), signed(&entries).to_string().into_bytes());
    assert!(matches!(reader.read("tile/0", 10), Err(TileError::Unreadable { .. })));
    assert!(matches!(reader.read("checkpoint", 10), Err(TileError::TooLong(_))));
    assert!(matches!(reader.read("checkpoint/000", 10), Err(TileError::Missing(_))));

    std::fs::remove_file(folder.path().join("tile/entries/001")).unwrap();
    let report = verify_bundle(folder.path(), &trust(), &[]);
    assert_eq!(report.verdict, Verdict::Incomplete { first_missing_index: Some(256) });
    std::fs::create_dir(folder.path().join("tile/entries/001")).unwrap();
    let report = verify_bundle(folder.path(), &trust(), &[]);
    assert_eq!(report.verdict, Verdict::Incomplete { first_missing_index: Some(256) });
    let nowhere = verify_bundle(folder.path().join("nowhere"), &trust(), &[]);
    assert_eq!((nowhere.verdict, nowhere.verdict.exit_code()), (Verdict::Incomplete { first_missing_index: None }, 2));
}

#[test]
fn no_checkpoint_is_written_over_entries_that_do_not_lead_to_it() {
    let entries = some_entries(10);
    let folder = tempfile::tempdir().unwrap();
    let good = || entries.iter().map(Ok::<_, &'static str>);
    let other = Checkpoint { root: empty_root(), ..checkpoint_of(&entries) }.sign(&log()).unwrap();
    assert!(matches!(write_bundle(folder.path(), good(), &other), Err(ExportError::RootDiffers)));
    let more = Checkpoint { size: 11, ..checkpoint_of(&entries) }.sign(&log()).unwrap();
    assert!(matches!(write_bundle(folder.path(), good(), &more), Err(ExportError::TooFew { stated: 11, found: 10 })));
    let note = signed(&entries);
    let broken = good().take(3).chain([Err("the row is gone")]);
    assert!(matches!(write_bundle(folder.path(), broken, &note), Err(ExportError::Entry("the row is gone"))));
    let large = [vec![0; 65_536]];
    let large = write_bundle(folder.path(), large.iter().map(Ok::<_, &'static str>), &note);
    assert!(matches!(large, Err(ExportError::Tile(TileError::EntryTooLarge(65_536)))));
    assert!(!folder.path().join("checkpoint").exists());
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(matches!(write_bundle(&file, good(), &note), Err(ExportError::Write { .. })));
}

#[test]
fn the_largest_and_the_empty_entry_are_kept() {
    let entries = vec![vec![0xff; 65_535], Vec::new()];
    let report = Files::export(&entries, &signed(&entries)).verify();
    assert_eq!(report.verdict, Verdict::Verified);
}

#[test]
fn a_fuller_file_may_stand_in_for_a_partial_one() {
    let entries = some_entries(600);
    let mut later = Files::export(&entries, &signed(&entries));
    let earlier = &entries[..500];
    later.0.insert("checkpoint".to_owned(), signed(earlier).to_string().into_bytes());
    // Level 1 had one hash then: a mirror keeps that partial tile or has none.
    let tile = later.file("tile/1/000.p/2")[..32].to_vec();
    later.0.insert("tile/1/000.p/1".to_owned(), tile);
    assert_eq!(later.verify().verdict, Verdict::Verified);
}

#[test]
fn a_checkpoint_of_any_size_ends_the_search_soon() {
    for size in [1, 25_601, u64::MAX / 2, u64::MAX - 1, u64::MAX] {
        let note = Checkpoint { size, ..checkpoint_of(&[]) }.sign(&log()).unwrap();
        let mut files = Files(BTreeMap::from([("checkpoint".to_owned(), note.to_string().into_bytes())]));
        let report = files.verify();
        assert_eq!(report.verdict, Verdict::Incomplete { first_missing_index: Some(0) });
        assert!(report.findings.len() <= 100 && report.findings_left_out <= 1, "{}", report.findings_left_out);
        files.0.insert("tile/entries/000".to_owned(), vec![0xff; 100]);
        files.0.insert("tile/0/000".to_owned(), vec![0xff; 100]);
        assert_ne!(files.verify().verdict, Verdict::Verified);
    }
}

#[test]
fn a_stranger_s_checkpoint_or_a_missing_quorum_is_a_matter_of_policy() {
    let entries = some_entries(300);
    let mut files = Files::export(&entries, &signed(&entries));
    let other = TrustPolicy::of_log(key(EXAMPLE_KEY)).unwrap();
    let report = verify_export(&files, &other, &[]);
    assert_eq!((report.verdict, report.verdict.exit_code()), (Verdict::PolicyNotMet, 3));
    assert_eq!(report.entries_lead_to_root, Some(true));

    let witnessed = TrustPolicy::parse(&format!("log {LOG_KEY}\nwitness w {WITNESS_KEY}\nquorum w\n")).unwrap();
    assert_eq!(verify_export(&files, &witnessed, &[]).verdict, Verdict::PolicyNotMet);
    let mut note = signed(&entries);
    note.cosign(&witness(), 77);
    *files.file("checkpoint") = note.to_string().into_bytes();
    let report = verify_export(&files, &witnessed, &[]);
    assert_eq!((report.verdict, report.witnesses), (Verdict::Verified, vec![("w".to_owned(), 77)]));

    // What was changed weighs more than who did not vouch for it.
    files.file("tile/entries/000")[5] ^= 1;
    assert_eq!(verify_export(&files, &other, &[]).verdict, Verdict::Tampered { first_bad_index: Some(0) });
}

#[test]
fn tmp_million() {
    let folder = tempfile::tempdir_in("/work").unwrap();
    let n = 1_000_000u64;
    let body = "x".repeat(280);
    let mut f = Frontier::default();
    let entry = |i: u64| format!("{i:08}{body}").into_bytes();
    (0..n).for_each(|i| f.append(leaf_hash(&entry(i))));
    let note = Checkpoint { origin: log().name().to_owned(), size: n, root: f.root() }.sign(&log()).unwrap();
    let t = std::time::Instant::now();
    write_bundle(folder.path(), (0..n).map(|i| Ok::<_, Infallible>(entry(i))), &note).unwrap();
    eprintln!("write {:?}", t.elapsed());
    let t = std::time::Instant::now();
    let r = verify_bundle(folder.path(), &trust(), &[]);
    eprintln!("verify {:?} {:?}", t.elapsed(), r.verdict);
}
