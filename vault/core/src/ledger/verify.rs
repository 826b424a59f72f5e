//! Judging an exported ledger: every entry hashed again, every tile compared, the root against the signed checkpoint.
//!
//! It believes nothing but the trust policy. It reads one bundle at a time, so that memory does not grow with the ledger.

use super::checkpoint::Checkpoint;
use super::note::{MAX_NOTE_BYTES, Note};
use super::tiles::{
    BundleReader, FULL, MAX_BUNDLE_BYTES, TileBuilder, TileError, TileSource, entries_path, read_of_width, read_tile,
    tile_path, width_of,
};
use super::tree::{Frontier, TreeHash, leaf_hash};
use super::trust::{TrustError, TrustPolicy};

/// The most findings that a report lists, and the most missing files after which the search ends.
///
/// A checkpoint may state any size: without an end, an empty folder could keep the verifier busy for ever.
const MAX_FINDINGS: usize = 100;

/// What an export is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Every entry is what the trusted ledger signed.
    Verified,
    /// Something was changed.
    Tampered {
        /// The lowest index at which an entry or its hash differs; nothing when only a signature or the root tells.
        first_bad_index: Option<u64>,
    },
    /// Nothing differs, but evidence is missing.
    Incomplete {
        /// The lowest index whose evidence is missing; nothing when the checkpoint itself is.
        first_missing_index: Option<u64>,
    },
    /// Nothing differs or is missing, but a trusted signature or the quorum is.
    PolicyNotMet,
}

impl Verdict {
    /// The exit code of a program that ends with this verdict.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Verified => 0,
            Self::Tampered { .. } => 1,
            Self::Incomplete { .. } => 2,
            Self::PolicyNotMet => 3,
        }
    }
}

/// One thing that is wrong with an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file, as a path inside the export; `older checkpoint N` for the ones given beside it.
    pub file: String,
    /// The entry that it concerns, or the first of those that it concerns.
    pub index: Option<u64>,
    /// What is wrong.
    pub problem: Problem,
}

/// What can be wrong with an export.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// An entry is not the one that the tile of level 0 has the hash of.
    #[error("the entry and its hash in the tile differ; one of them was changed")]
    EntryDiffers,
    /// A tile above level 0 has a hash that the entries do not lead to.
    #[error("the tile has a hash that the entries do not lead to")]
    NodeDiffers,
    /// The entries do not lead to the signed root.
    #[error("the entries do not lead to the signed root")]
    RootDiffers,
    /// An older checkpoint has another root: the ledger was rewritten.
    #[error("the first {size} entries do not lead to the root signed then; the ledger was rewritten")]
    Rewritten {
        /// The older checkpoint's size.
        size: u64,
    },
    /// An older checkpoint has more entries: the ledger was cut back.
    #[error("{size} entries were signed then; the ledger was cut back")]
    CutBack {
        /// The older checkpoint's size.
        size: u64,
    },
    /// A file has more than it may have.
    #[error("the file holds more than it may")]
    TooLong,
    /// A file is absent, cut off or unreadable.
    #[error(transparent)]
    Missing(TileError),
    /// A checkpoint that is forged or does not meet the policy.
    #[error(transparent)]
    Checkpoint(TrustError),
}

/// What was found out about an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What it is worth.
    pub verdict: Verdict,
    /// What its checkpoint states; believed only when the verdict is [`Verdict::Verified`].
    pub checkpoint: Option<Checkpoint>,
    /// The trusted witnesses that cosigned, and when, in seconds since 1970.
    pub witnesses: Vec<(String, u64)>,
    /// How many entries were hashed.
    pub entries: u64,
    /// Whether the entries alone lead to the stated root; nothing when some are missing.
    ///
    /// Together with [`Verdict::Tampered`] it says that the entries are as stated and a tile was changed.
    pub entries_lead_to_root: Option<bool>,
    /// What is wrong, at most 100 things.
    pub findings: Vec<Finding>,
    /// How many findings were left out.
    pub findings_left_out: u64,
}

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
        let (bytes, exact) =
            entries.map_err(|error| self.findings.unreadable(&file, Some(start), error)).unwrap_or_default();
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
                if !bytes.is_empty() {
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

/// What is wrong so far, and how bad.
#[derive(Default)]
struct Findings {
    listed: Vec<Finding>,
    left_out: u64,
    tampered: bool,
    unmet: bool,
    missing: usize,
    first_missing: Option<u64>,
    /// The lowest entry that differs, and the lowest covered by a higher tile that does: a changed entry changes
    /// all tiles above it, whose first entry is then not the bad one.
    first_bad_entry: Option<u64>,
    first_bad_node: Option<u64>,
}

impl Findings {
    fn unreadable(&mut self, file: &str, index: Option<u64>, error: TileError) {
        let problem = if matches!(error, TileError::TooLong(_)) { Problem::TooLong } else { Problem::Missing(error) };
        self.add(file, index, problem);
    }

    fn add(&mut self, file: &str, index: Option<u64>, problem: Problem) {
        match &problem {
            Problem::Missing(_) => {
                self.missing += 1;
                self.first_missing = lower(self.first_missing, index);
            }
            Problem::Checkpoint(error) if !error.is_forgery() => self.unmet = true,
            Problem::NodeDiffers => {
                self.tampered = true;
                self.first_bad_node = lower(self.first_bad_node, index);
            }
            _ => {
                self.tampered = true;
                self.first_bad_entry = lower(self.first_bad_entry, index);
            }
        }
        if self.listed.len() < MAX_FINDINGS {
            self.listed.push(Finding { file: file.to_owned(), index, problem });
        } else {
            self.left_out += 1;
        }
    }

    fn verdict(&self) -> Verdict {
        if self.tampered {
            Verdict::Tampered { first_bad_index: self.first_bad_entry.or(self.first_bad_node) }
        } else if self.missing > 0 {
            Verdict::Incomplete { first_missing_index: self.first_missing }
        } else if self.unmet {
            Verdict::PolicyNotMet
        } else {
            Verdict::Verified
        }
    }
}

fn lower(known: Option<u64>, new: Option<u64>) -> Option<u64> {
    known.into_iter().chain(new).min()
}
