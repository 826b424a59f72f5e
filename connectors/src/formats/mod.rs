//! File formats: bytes to cards, one at a time, whatever the size of the file.
//!
//! Every reader is an iterator of `Result<Card, Reject>`: what cannot be read is handed out with its place and its bytes, so
//! that it can be corrected and fed again, and reading goes on behind it.

pub mod jscontact;
mod json_scan;

use std::fmt;
use std::io;

use carnet_core::model::CardError;

/// A part of a file that is no card, and where it stands.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct Reject {
    /// Line of the file, from 1.
    pub line: usize,
    /// Column in the line, from 1, in bytes.
    pub column: usize,
    /// What is wrong with it.
    pub reason: RejectReason,
    /// The part itself; `None` if it is larger than a card may be. Personal: for the file of rejects alone.
    pub raw: Option<Vec<u8>>,
}

/// Why a part of a file is no card. No variant repeats any of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RejectReason {
    /// It can be taken apart, but is not a card that can be kept.
    #[error(transparent)]
    Card(CardError),
    /// Something else stands where a card should begin.
    #[error("expected a card here, beginning with {{")]
    NotACard,
    /// Quotes or brackets do not match.
    #[error(
        "the quotes or brackets of the card that begins here do not match; it may have been cut or joined with another"
    )]
    Unbalanced,
    /// The file ends within it.
    #[error("the file ends before the card that begins here does; it may not have been copied whole")]
    CutShort,
    /// The file ends before its list of cards does.
    #[error("the file ends before its list of cards is closed with ]; it may not have been copied whole")]
    ListNotClosed,
    /// Bytes that are no text.
    #[error("this is not UTF-8; save the file as UTF-8 and import it again")]
    NotUtf8,
    /// The file cannot be read on.
    #[error("the file cannot be read on: {0}; what stands behind this place was not read")]
    Unreadable(io::ErrorKind),
}

impl fmt::Debug for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reject({}:{} {:?})", self.line, self.column, self.reason)
    }
}
