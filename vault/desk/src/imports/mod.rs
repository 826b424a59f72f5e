//! Imports: what a source hands over becomes sealed contacts of a list, chunk by chunk, each with its ledger entry.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `request` | what is asked for, and who is told how far it is |
//! | `report` | what came of it: read = new + merged + unchanged + suppressed + rejected |
//! | `begin` | what is checked first, and where an import begins or goes on |
//! | `run` | an import from there to the end of its source |
//! | `pipeline` | reading, preparing on all cores, handing on in the order of the source |
//! | `prepare` | what one incoming contact becomes before anybody looks whether it is known |
//! | `chunk`, `known` | what a chunk writes: looked up, merged, refused, loaded |
//! | `rehearse` | the same without a trace |
//! | `undo` | taking an import back |
//! | `views` | which imports there are |
//! | `words` | what comes after an import: being found by words of a name |

mod begin;
mod chunk;
mod known;
mod pipeline;
mod prepare;
mod reading;
mod rehearse;
mod report;
mod request;
mod run;
mod typos;
mod undo;
mod views;
mod words;

pub(crate) use reading::purpose_of;

pub use report::{ImportReport, ImportView, Suggestion};
pub use request::{NewImport, Started, Watch};
pub use undo::UndoPlan;

use carnet_store::StoreError;

use crate::DeskError;

/// Why a step in a transaction writes nothing.
enum Stop {
    /// There is nothing left to do.
    Done,
    Failed(DeskError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<DeskError> for Stop {
    fn from(error: DeskError) -> Self {
        Self::Failed(error)
    }
}
