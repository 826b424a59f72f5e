//! Imports: what a source hands over becomes sealed contacts of a list, chunk by chunk, each with its ledger entry.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`request`] | what is asked for, and who is told how far it is |
//! | [`report`] | what came of it: read = new + merged + unchanged + suppressed + rejected |
//! | `pipeline` | reading, preparing on all cores, writing in the order of the source |
//! | `prepare` | what one incoming contact becomes before anybody looks whether it is known |
//! | `chunk` | what a chunk writes: looked up, merged, refused, sealed |
//! | `undo` | taking an import back |

pub mod report;
pub mod request;

pub use report::{ImportCounts, ImportReport, ImportState, ImportView, Suggestion};
pub use request::{NewImport, Started, Watch};
