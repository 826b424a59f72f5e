//! Backups as work: the desk's files into repositories, and back.
//!
//! | module | what it does |
//! | --- | --- |
//! | `site` | the two repositories of a site, and their snapshots as the desk reads them |
//! | `take` | one snapshot of each half, read back, restored for proof |
//! | `let_go` | what is old enough, and not needed any more |

mod let_go;
mod site;
mod take;

pub(crate) use site::{Site, SnapshotReader, id_text};
pub(crate) use take::{Plan, Report, Task, drill_newest, is_named, run, verify};
