//! Judging an exported ledger: every entry hashed again, every tile compared, the root against the signed checkpoint.
//!
//! It believes nothing but the trust policy. It reads one bundle at a time, so that memory does not grow with the ledger.

use super::checkpoint::Checkpoint;
use super::note::{MAX_NOTE_BYTES, Note};
use super::report::{Findings, MAX_FINDINGS, Problem, Report, Verdict};
use super::tiles::{
    BundleReader, FULL, MAX_BUNDLE_BYTES, TileBuilder, TileError, TileSource, entries_path, read_of_width, read_tile,
    tile_path, width_of,
};
use super::tree::{Frontier, TreeHash, leaf_hash};
use super::trust::{TrustError, TrustPolicy};

/// Judges an export, wherever its files are; `older` are checkpoint notes kept from before.
pub fn verify_export(source: &(impl TileSource + ?Sized), trust: &TrustPolicy, older: &[Vec<u8>]) -> Report {
    let mut findings = Findings::default();
    let mut report = Report {
        verdict: Verdict::Verified,
        checkpoint: None,
        witnesses: Vec::new(),
        entries: 0,
        entries_lead_to_root: None,
        findings: Vec::new(),
        findings_left_out: 0,
    };
    if let Some((checkpoint, witnesses)) = open_checkpoint(source, trust, &mut findings) {
        let older = open_older(older, trust, &checkpoint, &mut findings);
        let mut walk = Walk {
            source,
            size: checkpoint.size,
            older,
            findings: &mut findings,
            frontier: Frontier::default(),
            tiles: TileBuilder::default(),
            gap: false,
            entries: 0,
        };
        walk.compare_older();
        walk.all_bundles();
        report.entries = walk.entries;
        report.entries_lead_to_root = walk.finish(&checkpoint);
        report.checkpoint = Some(checkpoint);
        report.witnesses = witnesses;
    }
    report.verdict = findings.verdict();
    report.findings = findings.listed;
    report.findings_left_out = findings.left_out;
    report
}

/// The checkpoint to check against; nothing when there is none that anything could be checked against.
fn open_checkpoint(
    source: &(impl TileSource + ?Sized),
    trust: &TrustPolicy,
    findings: &mut Findings,
) -> Option<(Checkpoint, Vec<(String, u64)>)> {
    const FILE: &str = "checkpoint";
    let bytes = source.read(FILE, MAX_NOTE_BYTES).map_err(|error| findings.unreadable(FILE, None, error)).ok()?;
    let mut blame = |error| findings.add(FILE, None, Problem::Checkpoint(error));
    let note = Note::parse(&bytes).map_err(|error| blame(TrustError::Forged(error.into()))).ok()?;
    match trust.judge(&note) {
        Ok(judgement) => Some((judgement.checkpoint, judgement.witnesses)),
        Err(error) if error.is_forgery() => {
            blame(error);
            None
        }
        Err(error) => {
            blame(error);
            // Nobody trusted vouches for it, but whether the export agrees with itself is still worth knowing.
            let stated = Checkpoint::parse(note.text()).map_err(|error| blame(TrustError::Forged(error)));
            stated.ok().map(|checkpoint| (checkpoint, Vec::new()))
        }
    }
}

/// The older checkpoints that the export can be compared with, smallest first.
fn open_older(
    older: &[Vec<u8>],
    trust: &TrustPolicy,
    newest: &Checkpoint,
    findings: &mut Findings,
) -> Vec<(String, Checkpoint)> {
    let mut opened = Vec::new();
    for (bytes, number) in older.iter().zip(1..) {
        let file = format!("older checkpoint {number}");
        let judged = Note::parse(bytes).map_err(|error| TrustError::Forged(error.into()));
        match judged.and_then(|note| trust.judge_log(&note)) {
            Ok(checkpoint) if checkpoint.size > newest.size => {
                findings.add(&file, Some(newest.size), Problem::CutBack { size: checkpoint.size });
            }
            Ok(checkpoint) => opened.push((file, checkpoint)),
            Err(error) => findings.add(&file, None, Problem::Checkpoint(error)),
        }
    }
    opened.sort_by_key(|(_, checkpoint)| checkpoint.size);
    opened
}

/// One pass over the entries, in order.
struct Walk<'a, S: ?Sized> {
    source: &'a S,
    size: u64,
    older: Vec<(String, Checkpoint)>,
    findings: &'a mut Findings,
    frontier: Frontier,
    tiles: TileBuilder,
    /// Whether a leaf was in neither file; from there on no root can be computed.
    gap: bool,
    entries: u64,
}

impl<S: TileSource + ?Sized> Walk<'_, S> {
    fn all_bundles(&mut self) {
        let mut bundle = 0;
        loop {
            let width = width_of(self.size, 0, bundle);
            if width == 0 || self.findings.missing >= MAX_FINDINGS {
                self.gap |= width != 0;
                return;
            }
            self.one_bundle(bundle, width);
            bundle += 1;
        }
    }

    fn one_bundle(&mut self, bundle: u64, width: u64) {
        let start = bundle * FULL;
        let file = entries_path(bundle, width);
        let entries = read_of_width(self.source, |width| entries_path(bundle, width), width, MAX_BUNDLE_BYTES);
        let (bytes, exact, told) = match entries {
            Ok((bytes, exact)) => (bytes, exact, false),
            Err(error) => {
                self.findings.unreadable(&file, Some(start), error);
                (Vec::new(), false, true)
            }
        };
        let tile = read_tile(self.source, 0, bundle, width);
        let tile_file = tile_path(0, bundle, width);
        let hashes = tile.map_err(|error| self.findings.unreadable(&tile_file, Some(start), error)).unwrap_or_default();
        let mut reader = BundleReader::new(&bytes);
        let mut hashes = hashes.into_iter();
        let mut cut_off = false;
        for index in start..start + width {
            let entry = if cut_off { None } else { reader.next_entry().map(leaf_hash) };
            if entry.is_none() && !cut_off {
                cut_off = true;
                // One that is there and empty was cut off like any other.
                if !told {
                    self.findings.unreadable(&file, Some(index), TileError::CutOff(file.clone()));
                }
            }
            let hash = hashes.next();
            if entry.is_some() && hash.is_some() && entry != hash {
                self.findings.add(&file, Some(index), Problem::EntryDiffers);
            }
            self.entries += u64::from(entry.is_some());
            self.leaf(entry.or(hash));
        }
        if exact && !cut_off && !reader.is_finished() {
            self.findings.add(&file, Some(start + width - 1), Problem::TooLong);
        }
    }

    fn leaf(&mut self, leaf: Option<TreeHash>) {
        let Some(leaf) = leaf.filter(|_| !self.gap) else {
            self.gap = true;
            return;
        };
        self.frontier.append(leaf);
        let (source, findings) = (self.source, &mut *self.findings);
        let pushed: Result<(), std::convert::Infallible> = self.tiles.push(leaf, |level, index, hashes| {
            compare_tile(source, level, index, hashes, findings);
            Ok(())
        });
        let Ok(()) = pushed;
        self.compare_older();
    }

    /// Compares the older checkpoints of the size reached so far.
    fn compare_older(&mut self) {
        while self.older.first().is_some_and(|(_, older)| older.size == self.frontier.size()) {
            let (file, older) = self.older.remove(0);
            if older.root != self.frontier.root() {
                self.findings.add(&file, None, Problem::Rewritten { size: older.size });
            }
        }
    }

    fn finish(self, checkpoint: &Checkpoint) -> Option<bool> {
        if self.gap {
            return None;
        }
        let (source, findings) = (self.source, self.findings);
        let finished: Result<(), std::convert::Infallible> = self.tiles.finish(|level, index, hashes| {
            compare_tile(source, level, index, hashes, findings);
            Ok(())
        });
        let Ok(()) = finished;
        let leads = self.frontier.root() == checkpoint.root;
        if !leads {
            findings.add("checkpoint", None, Problem::RootDiffers);
        }
        Some(leads)
    }
}

/// Compares a tile above level 0 with what the entries lead to; level 0 was compared entry by entry.
fn compare_tile<S: TileSource + ?Sized>(
    source: &S,
    level: u8,
    index: u64,
    hashes: &[TreeHash],
    findings: &mut Findings,
) {
    if level == 0 {
        return;
    }
    let width = hashes.len() as u64;
    let file = tile_path(level, index, width);
    let first_of = |hash: u64| hash.checked_shl(u32::from(level) * 8);
    let stored = match read_tile(source, level, index, width) {
        Ok(stored) => stored,
        Err(error) => return findings.unreadable(&file, first_of(index * FULL), error),
    };
    for ((stored, computed), number) in stored.iter().zip(hashes).zip(index * FULL..) {
        if stored != computed {
            findings.add(&file, first_of(number), Problem::NodeDiffers);
        }
    }
}
