//! Proof files (C2SP tlog-proof): a receipt that one entry is in the ledger, which stands alone.
//!
//! With the entry's bytes and the ledger's key it is checked without the vault, without the other entries, offline.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::checkpoint::{Checkpoint, parse_decimal};
use super::key::VerifierKey;
use super::note::{MAX_NOTE_BYTES, Note, NoteError};
use super::path::{PathError, verify_inclusion};
use super::tree::{TreeHash, leaf_hash};
use super::trust::{TrustError, TrustPolicy};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// The most hashes in a proof: one for each level of the largest tree that a checkpoint can state.
const MAX_HASHES: usize = 64;

/// A proof that an entry is in the ledger. The extra data is not covered by any signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Data for the reader that nothing vouches for.
    pub extra: Option<Vec<u8>>,
    /// The entry's index, counted from 0.
    pub index: u64,
    /// The path from the leaf's sibling to the root's child.
    pub hashes: Vec<TreeHash>,
    /// The signed checkpoint whose root the path reaches.
    pub checkpoint: Note,
}

/// A proof file cannot be read or does not prove its entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Larger than any honest proof.
    #[error("the proof file is too large; one is a few kilobytes")]
    TooLarge,
    /// A line before the checkpoint that is not what the format asks for.
    #[error("not a proof file; line {0} is malformed")]
    Line(usize),
    /// The checkpoint cannot be read.
    #[error("the checkpoint inside the proof file: {0}")]
    Note(NoteError),
    /// The checkpoint is not believed.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The path does not lead from the entry to the checkpoint's root.
    #[error(transparent)]
    Path(#[from] PathError),
}

impl TlogProof {
    /// Reads a proof file.
    ///
    /// # Errors
    /// [`ProofError`] unless it has exactly the form of one.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofError> {
        if bytes.len() > 2 * MAX_NOTE_BYTES {
            return Err(ProofError::TooLarge);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ProofError::Line(1))?;
        let (head, note) = text.split_once("\n\n").ok_or(ProofError::Line(1))?;
        let mut lines = head.split('\n').zip(1..).peekable();
        lines.next_if(|(line, _)| *line == FIRST_LINE).ok_or(ProofError::Line(1))?;
        let extra = match lines.peek().and_then(|(line, _)| line.strip_prefix("extra ")) {
            Some(extra) => Some(STANDARD.decode(extra).map_err(|_| ProofError::Line(2))?),
            None => None,
        };
        if extra.is_some() {
            lines.next();
        }
        let (line, number) = lines.next().ok_or(ProofError::Line(2))?;
        let index = line.strip_prefix("index ").and_then(parse_decimal).ok_or(ProofError::Line(number))?;
        let mut hashes = Vec::new();
        for (line, number) in lines {
            let hash = line.parse().ok().filter(|_| hashes.len() < MAX_HASHES);
            hashes.push(hash.ok_or(ProofError::Line(number))?);
        }
        let checkpoint = Note::parse(note.as_bytes()).map_err(ProofError::Note)?;
        Ok(Self { extra, index, hashes, checkpoint })
    }

    /// Checks that the ledger with this key holds the entry, and answers the checkpoint that says so.
    ///
    /// # Errors
    /// [`ProofError`] when the proof does not show it.
    pub fn verify(&self, entry: &[u8], key: &VerifierKey) -> Result<Checkpoint, ProofError> {
        self.verify_under(entry, &TrustPolicy::of_log(key.clone())?)
    }

    /// Checks the same with the witnesses that a policy asks for.
    ///
    /// # Errors
    /// [`ProofError`] when the proof does not show it or the policy is not met.
    pub fn verify_under(&self, entry: &[u8], trust: &TrustPolicy) -> Result<Checkpoint, ProofError> {
        let checkpoint = trust.judge(&self.checkpoint)?.checkpoint;
        verify_inclusion(&leaf_hash(entry), self.index, checkpoint.size, &self.hashes, &checkpoint.root)?;
        Ok(checkpoint)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", STANDARD.encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}
