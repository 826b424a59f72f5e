//! Changed exports: every flipped bit, every cut, and whoever holds the ledger's own key.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::ledger::tiles::BundleReader;

static WHOLE: LazyLock<Files> = LazyLock::new(|| {
    let entries = some_entries(600);
    Files::export(&entries, &signed(&entries))
});

fn tampered(index: u64) -> Verdict {
    Verdict::Tampered { first_bad_index: Some(index) }
}

#[test]
fn a_changed_entry_is_named_and_so_is_a_changed_tile() {
    let mut files = WHOLE.clone();
    let bundle = files.file("tile/entries/001");
    let at = bundle.windows(9).position(|window| window == b"entry 300").unwrap();
    bundle[at] = b'E';
    let report = files.verify();
    assert_eq!((report.verdict, report.verdict.exit_code()), (tampered(300), 1));
    assert_eq!(report.entries_lead_to_root, Some(false));
    let first = &report.findings[0];
    assert_eq!(
        (first.file.as_str(), first.index, &first.problem),
        ("tile/entries/001", Some(300), &Problem::EntryDiffers)
    );

    let mut files = WHOLE.clone();
    files.file("tile/0/001")[44 * 32] ^= 0x80;
    let report = files.verify();
    assert_eq!((report.verdict, report.entries_lead_to_root), (tampered(300), Some(true)));

    let mut files = WHOLE.clone();
    files.file("tile/1/000.p/2")[32] ^= 1;
    let report = files.verify();
    assert_eq!((report.verdict, report.entries_lead_to_root), (tampered(256), Some(true)));
}

#[test]
fn entries_and_tiles_rebuilt_together_do_not_lead_to_the_signed_root() {
    let mut entries = some_entries(600);
    let genuine = signed(&entries).to_string().into_bytes();
    entries[300] = b"nothing happened".to_vec();
    let mut files = Files::export(&entries, &signed(&entries));
    *files.file("checkpoint") = genuine;
    let report = files.verify();
    assert_eq!(report.verdict, Verdict::Tampered { first_bad_index: None });
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].problem, Problem::RootDiffers);
}

#[test]
fn an_older_checkpoint_shows_what_the_ledger_s_own_key_was_used_to_hide() {
    let entries = some_entries(600);
    let older = [300, 256, 600].map(|size| signed(&entries[..size]).to_string().into_bytes()).to_vec();
    assert_eq!(verify_export(&*WHOLE, &trust(), &older).verdict, Verdict::Verified);
    let empty = signed(&[]).to_string().into_bytes();
    assert_eq!(verify_export(&*WHOLE, &trust(), &[empty]).verdict, Verdict::Verified);

    let cut = Files::export(&entries[..500], &signed(&entries[..500]));
    assert_eq!(cut.verify().verdict, Verdict::Verified);
    let report = verify_export(&cut, &trust(), &older);
    assert_eq!(report.verdict, tampered(500));
    assert_eq!(report.findings[0].problem, Problem::CutBack { size: 600 });

    let mut rewritten = entries;
    rewritten[280] = b"nothing happened".to_vec();
    let files = Files::export(&rewritten, &signed(&rewritten));
    assert_eq!(files.verify().verdict, Verdict::Verified);
    let report = verify_export(&files, &trust(), &older);
    assert_eq!(report.verdict, Verdict::Tampered { first_bad_index: None });
    let sizes: Vec<_> = report.findings.iter().map(|finding| finding.problem.clone()).collect();
    assert_eq!(sizes, [Problem::Rewritten { size: 300 }, Problem::Rewritten { size: 600 }]);
}

#[test]
fn an_older_checkpoint_that_is_itself_bad_is_said_to_be() {
    let forged = signed(&some_entries(5)).to_string().replacen("\n5\n", "\n6\n", 1).into_bytes();
    let report = verify_export(&*WHOLE, &trust(), &[forged]);
    assert_eq!(report.verdict, Verdict::Tampered { first_bad_index: None });
    assert_eq!(report.findings[0].file, "older checkpoint 1");
    let report = verify_export(&*WHOLE, &trust(), &[EXAMPLE_NOTE.as_bytes().to_vec()]);
    assert_eq!(report.verdict, Verdict::PolicyNotMet);
}

#[test]
fn a_missing_file_is_missing_and_not_wrong() {
    for path in WHOLE.0.keys() {
        let mut files = WHOLE.clone();
        files.0.remove(path);
        let verdict = files.verify().verdict;
        assert!(matches!(verdict, Verdict::Incomplete { .. }), "without {path}: {verdict:?}");
    }
    // With a bundle and its tile gone, what can still be compared is.
    let mut files = WHOLE.clone();
    files.0.remove("tile/entries/000");
    files.0.remove("tile/0/000");
    let report = files.verify();
    assert_eq!(report.verdict, Verdict::Incomplete { first_missing_index: Some(0) });
    assert_eq!((report.entries, report.entries_lead_to_root), (344, None));
    files.file("tile/entries/001")[3] ^= 1;
    assert_eq!(files.verify().verdict, tampered(256));
}

#[test]
fn entries_swapped_or_dropped_inside_a_bundle_are_found() {
    let entries = some_entries(600);
    let mut swapped = entries.clone();
    swapped.swap(10, 20);
    let mut files = WHOLE.clone();
    *files.file("tile/entries/000") = bundle(&swapped[..256]);
    assert_eq!(files.verify().verdict, tampered(10));
    let mut dropped = entries;
    dropped.remove(10);
    *files.file("tile/entries/000") = bundle(&dropped[..255]);
    assert_eq!(files.verify().verdict, tampered(10));
}

fn bundle(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    entries.iter().for_each(|entry| crate::ledger::tiles::push_entry(&mut bytes, entry).unwrap());
    bytes
}

/// The index of the entry in whose bytes this position lies; nothing inside a length.
fn entry_at(bundle: &[u8], first: u64, position: usize) -> Option<u64> {
    let (mut reader, mut start, mut index) = (BundleReader::new(bundle), 0, first);
    while let Some(entry) = reader.next_entry() {
        if (start + 2..start + 2 + entry.len()).contains(&position) {
            return Some(index);
        }
        start += 2 + entry.len();
        index += 1;
    }
    None
}

fn first_of(path: &str) -> Option<u64> {
    let bundle = path.strip_prefix("tile/entries/")?.get(..3)?;
    Some(bundle.parse::<u64>().unwrap() * 256)
}

#[test]
fn every_file_that_was_emptied_is_found() {
    for path in WHOLE.0.keys() {
        let mut files = WHOLE.clone();
        files.file(path).clear();
        let verdict = files.verify().verdict;
        assert_ne!(verdict, Verdict::Verified, "{path}");
        assert!(path == "checkpoint" || matches!(verdict, Verdict::Incomplete { .. }), "{path}: {verdict:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_flipped_bit_in_any_file_is_found_and_in_an_entry_named(
        file in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), bit in 0..8
    ) {
        let path = WHOLE.0.keys().nth(file.index(WHOLE.0.len())).unwrap();
        let mut files = WHOLE.clone();
        let bytes = files.file(path);
        let at = at.index(bytes.len());
        let index = first_of(path).and_then(|first| entry_at(bytes, first, at));
        bytes[at] ^= 1_u8 << bit;
        let verdict = files.verify().verdict;
        prop_assert_ne!(verdict, Verdict::Verified);
        if let Some(index) = index {
            prop_assert_eq!(verdict, tampered(index));
        }
        if path.starts_with("tile/0/") {
            let tile: u64 = path[7..10].parse().unwrap();
            prop_assert_eq!(verdict, tampered(tile * 256 + at as u64 / 32));
        }
    }

    #[test]
    fn any_file_cut_or_lengthened_is_found(
        file in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), more in prop::collection::vec(any::<u8>(), 1..80)
    ) {
        let path = WHOLE.0.keys().nth(file.index(WHOLE.0.len())).unwrap();
        let mut files = WHOLE.clone();
        let bytes = files.file(path);
        bytes.truncate(at.index(bytes.len()));
        let verdict = files.verify().verdict;
        prop_assert_ne!(verdict, Verdict::Verified);
        if path != "checkpoint" {
            prop_assert!(matches!(verdict, Verdict::Incomplete { .. }), "{} {:?}", path, verdict);
        }
        let mut files = WHOLE.clone();
        files.file(path).extend(more);
        prop_assert!(matches!(files.verify().verdict, Verdict::Tampered { .. }), "{}", path);
    }
}
