//! Checkpoints (C2SP tlog-checkpoint): the size and root that a ledger signs, so that it cannot deny them later.

use super::key::{KeyKind, NoteSigner, VerifierKey};
use super::note::{Note, NoteError};
use super::tree::TreeHash;

/// What a ledger states about itself at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The ledger's name; equal to the name of the key that signs.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root over them.
    pub root: TreeHash,
}

/// A checkpoint cannot be read, signed or believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not origin, size and root on three lines.
    #[error("not a checkpoint; line {0} is malformed")]
    Line(usize),
    /// Signed by one ledger's key under another ledger's name.
    #[error("the checkpoint is of {origin:?}, but the key is of {key:?}; a key signs for its own ledger only")]
    Origin {
        /// The checkpoint's origin.
        origin: String,
        /// The key's name.
        key: String,
    },
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
}

impl Checkpoint {
    /// The text that is signed: origin, size and root, a line each.
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, self.root)
    }

    /// Reads the text of a note as a checkpoint; extension lines are allowed and not kept.
    ///
    /// # Errors
    /// [`CheckpointError::Line`] with the number of the first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let mut lines = text.strip_suffix('\n').ok_or(CheckpointError::Line(1))?.split('\n');
        let origin = lines.next().filter(|origin| !origin.is_empty()).ok_or(CheckpointError::Line(1))?;
        let size = lines.next().and_then(parse_decimal).ok_or(CheckpointError::Line(2))?;
        let root = lines.next().and_then(|root| root.parse().ok()).ok_or(CheckpointError::Line(3))?;
        match lines.position(str::is_empty) {
            Some(extension) => Err(CheckpointError::Line(extension + 4)),
            None => Ok(Self { origin: origin.to_owned(), size, root }),
        }
    }

    /// Signs it as its ledger.
    ///
    /// A ledger must never sign two checkpoints of which one does not continue the other; the caller sees to that.
    ///
    /// # Errors
    /// [`CheckpointError::Origin`] when the signer has another name, [`CheckpointError::Note`] for an unfit origin.
    pub fn sign(&self, signer: &NoteSigner) -> Result<Note, CheckpointError> {
        self.check_origin(signer.name())?;
        Ok(Note::sign(&self.to_text(), signer)?)
    }

    /// Reads a note that must be signed by this ledger's key.
    ///
    /// # Errors
    /// [`CheckpointError`] when it is not a checkpoint of this ledger, or the signature is absent or fails.
    pub fn open(note: &Note, key: &VerifierKey) -> Result<Self, CheckpointError> {
        if key.kind() != KeyKind::Log {
            return Err(NoteError::NoKnownKey.into());
        }
        note.verify(std::slice::from_ref(key))?;
        let checkpoint = Self::parse(note.text())?;
        checkpoint.check_origin(key.name())?;
        Ok(checkpoint)
    }

    pub(super) fn check_origin(&self, key: &str) -> Result<(), CheckpointError> {
        if self.origin == key {
            return Ok(());
        }
        Err(CheckpointError::Origin { origin: self.origin.clone(), key: key.to_owned() })
    }
}

/// A decimal number without sign or leading zero.
pub(super) fn parse_decimal(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}
