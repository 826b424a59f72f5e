//! Why a text is no card, or a change does not fit one. No sentence here repeats any of the card.

use super::card::Card;
use super::json::{JsonError, JsonFault};

/// The text is not a card that can be kept. No variant repeats any of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CardError {
    /// Larger than the limit.
    #[error("the card is larger than {limit} bytes; take large photographs out of it")]
    TooLarge {
        /// Size of the text, as far as it was read.
        bytes: usize,
        /// The limit that applied.
        limit: usize,
    },
    /// Not JSON.
    #[error("the card is not JSON: {what} (line {line}, column {column})")]
    NotJson {
        /// Line in the card, from 1.
        line: usize,
        /// Column in the line, from 1, in bytes.
        column: usize,
        /// What the JSON reader met or missed.
        what: String,
    },
    /// A member given twice (RFC 7493 section 2.3 forbids it).
    #[error("the card has a member twice in one object (line {line}, column {column}); keep one of them")]
    Duplicate {
        /// Line in the card, from 1.
        line: usize,
        /// Column in the line, from 1, in bytes.
        column: usize,
    },
    /// Too many objects inside each other.
    #[error("the card nests more than {} objects inside each other (line {line}, column {column})", Card::MAX_DEPTH)]
    TooDeep {
        /// Line in the card, from 1.
        line: usize,
        /// Column in the line, from 1, in bytes.
        column: usize,
    },
    /// JSON, but not a Card.
    #[error("this is not a JSContact card; expected an object with \"@type\": \"Card\" (RFC 9553 section 2.1.1)")]
    NotACard,
    /// A known member has another shape than RFC 9553 gives it.
    #[error("the card's member {member} has the wrong shape; expected {expected}")]
    Shape {
        /// The member of the card.
        member: &'static str,
        /// Its shape in RFC 9553.
        expected: &'static str,
    },
    /// A change names a value that the card does not have.
    #[error("the card has no such entry in {member}; read the card again before changing it")]
    NoSuchEntry {
        /// The member of the card.
        member: &'static str,
    },
}

impl CardError {
    /// The same error, its place counted in a file in which the card begins at this line and column (both from 1).
    #[must_use]
    pub fn placed_at(mut self, first_line: usize, first_column: usize) -> Self {
        if let Self::NotJson { line, column, .. } | Self::Duplicate { line, column } | Self::TooDeep { line, column } =
            &mut self
        {
            if *line <= 1 {
                *column = column.saturating_add(first_column.saturating_sub(1));
            }
            *line = line.saturating_add(first_line.saturating_sub(1));
        }
        self
    }

    /// Line and column of what is wrong, if it is in one place.
    pub fn place(&self) -> Option<(usize, usize)> {
        match self {
            Self::NotJson { line, column, .. } | Self::Duplicate { line, column } | Self::TooDeep { line, column } => {
                Some((*line, *column))
            }
            _ => None,
        }
    }
}

impl From<JsonError> for CardError {
    fn from(error: JsonError) -> Self {
        // Where a line ends within a text, the library stands before the first column of the next.
        let (line, column) = (error.line.max(1), error.column.max(1));
        match error.fault {
            JsonFault::Syntax(what) => Self::NotJson { line, column, what },
            JsonFault::Duplicate => Self::Duplicate { line, column },
            JsonFault::Depth => Self::TooDeep { line, column },
        }
    }
}
