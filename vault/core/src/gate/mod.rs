//! The gate: looks at a list before it is used, for one that was bought, swapped, scraped or made up.
//!
//! Owns the arithmetic from rows to verdict and nothing else: no clock, no network, no store, no chance. [`inspect()`] takes
//! everything as data, so that a verdict can be replayed; each point of a [`Report`] leads to a signal, its threshold, its reason
//! in law and rows that show it. It proposes; an officer decides.
//!
//! To add a signal: a name in `signal.rs`, a file in `signals/`, an entry in `policies/exchange.toml`, a row in `docs/gate.md`.

mod claimed;
mod clock;
mod compare;
mod doubts;
mod finding;
mod firm_patterns;
mod held;
mod inspect;
mod knowledge;
mod learnt;
mod marks;
mod memory;
mod names;
mod policy;
mod report;
mod row;
mod rows;
#[cfg(test)]
mod sample;
mod segment;
mod signal;
mod signals;
mod stats;
mod tag_index;
mod text;
mod traits;
mod unit;
mod verdict;

pub use claimed::{Audience, Claimed};
pub use firm_patterns::learnt_patterns;
pub use inspect::{Inspection, Subject, inspect};
pub use knowledge::{Knowledge, registrable};
pub use learnt::{Learnt, Lessons};
pub use memory::{CanaryHit, Condemned, DomainMix, Memory, OtherList, Pair, Theirs, TrapHit, TrapKind};
pub use names::{Pattern, PatternError};
pub use policy::{GatePolicy, Rule, SegmentRules, Step, VerdictBounds};
pub use report::{
    ExampleRow, NotJudged, PolicyUsed, Report, SegmentKind, SegmentReport, SharedRows, SignalReport, name_in,
};
pub use row::Row;
pub use rows::Rows;
pub use signal::{Measure, SignalId};
pub use stats::{share, wilson_high};
pub use tag_index::TagIndex;
pub use verdict::Verdict;
