//! What a signal finds in a unit, before the policy turns it into points.

use super::unit::Hits;

/// The answer of one signal.
pub(super) enum Finding {
    /// What it needs is not there; why, as the end of "not judged: ...".
    NotJudged(&'static str),
    /// It was looked at.
    Found(Found),
}

/// What was found.
pub(super) struct Found {
    pub(super) measured: Measured,
    /// Rows that show it: how many count against `least`, and examples.
    pub(super) hits: Hits,
    /// The sentence; of a share only what the rows do, since count and share go before it.
    pub(super) sentence: String,
    /// Points that a second condition of the signal gives by itself.
    pub(super) points_at_least: u32,
    /// What the value is compared with, if the vault knows such.
    pub(super) peers: Option<f64>,
}

/// A measure.
pub(super) enum Measured {
    /// The hits among so many; what of the share is above `beyond` counts.
    Share { of: u64, beyond: f64 },
    /// A number and its lower bound.
    Number { value: f64, bound: f64 },
}

impl Finding {
    /// A share of the hits among `of` rows. `phrase` follows "12 of 80 rows (15.0 %)".
    pub(super) fn share(hits: Hits, of: u64, phrase: impl Into<String>) -> Self {
        let measured = Measured::Share { of, beyond: 0.0 };
        Self::Found(Found { measured, hits, sentence: phrase.into(), points_at_least: 0, peers: None })
    }

    /// A number, with a whole sentence.
    pub(super) fn number(value: f64, bound: f64, hits: Hits, sentence: String) -> Self {
        let measured = Measured::Number { value, bound };
        Self::Found(Found { measured, hits, sentence, points_at_least: 0, peers: None })
    }
}
