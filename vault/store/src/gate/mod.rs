//! What the gate and the officers say of lists, and the one way to the contacts of a list for use.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `sources` | where the rows of a list say that they come from |
//! | `checks` | what the gate said |
//! | `changes` | how often what a check is about was changed in a list's contacts |
//! | `segments` | what it said of rows that it judged together, and how they become a list of their own |
//! | `decisions` | what people decided, asked and answered |
//! | `releases` | until when a list may be used, and what it stands at now |
//! | `proofs` | what was drawn from a blocked list to be proven |
//! | `overlaps`, `condemned` | the vault's memory of addresses: who else has one, and which condemned lists had it |
//! | `marks` | addresses that belong to nobody: traps and canaries |
//! | `members` | who is in a list: for a check to anybody, for use against a [`ValidRelease`] alone |

mod changes;
mod checks;
mod condemned;
mod decisions;
mod marks;
mod members;
mod overlaps;
mod proofs;
mod releases;
mod segments;
mod sources;

pub use checks::CheckRow;
pub use condemned::CondemnedTag;
pub use decisions::DecisionRow;
pub use marks::MarkRow;
pub use members::{MemberRow, ValidRelease};
pub use overlaps::Overlap;
pub use proofs::ProofRow;
pub use releases::{ListStanding, ReleaseRow};
pub use segments::SegmentRow;
pub use sources::SourceRow;
