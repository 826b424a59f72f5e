//! Lists that leave: the one way out to a recipient, and the addresses by which a copy is known again.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `run` | an export: recorded before its first contact, and once more with what left when it ends |
//! | `withheld` | who does not leave, and why |
//! | `canaries` | where and when addresses of the export's own come in |
//! | `invent` | what they look like |
//! | `lots` | what is left to chance |
//! | `traps` | addresses that no list of people has |

mod canaries;
mod invent;
mod lots;
mod run;
mod traps;
mod withheld;

use std::collections::BTreeMap;

use carnet_core::model::{Country, ExportId, PurposeId, Timestamp, Withheld};

pub use run::ListExport;
pub use traps::{CanaryCount, TrapView, TrapsView};

/// What is exported, to whom and for what.
#[derive(Clone)]
pub struct NewExport {
    /// For what; its lawful basis says who may leave.
    pub purpose: PurposeId,
    /// Who receives it, as the subjects would be told (Art. 15(1)(c)).
    pub recipient: String,
    /// Where the recipient is established, if that is known.
    pub country: Option<Country>,
    /// In which format, in a word.
    pub format: &'static str,
    /// The domains that canaries may have an address at; none: the export carries no canaries.
    pub canary_domains: Vec<String>,
}

/// What an export was written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportFile {
    /// The SHA-256 hash of the file as it is delivered.
    pub sha256: [u8; 32],
    /// The SHA-256 hash of what the recipient finds in it.
    pub plain_sha256: [u8; 32],
    /// How many bytes are delivered.
    pub bytes: u64,
}

/// What left, and what did not. `left` and all of `withheld` together are `members`; canaries are in none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportReport {
    /// The export.
    pub id: ExportId,
    /// How many contacts the list had.
    pub members: u64,
    /// How many of them left.
    pub left: u64,
    /// How many did not, by reason.
    pub withheld: BTreeMap<Withheld, u64>,
    /// How many canaries left beside them. For officers and whoever runs the vault, never for the recipient.
    pub canaries: u64,
    /// When it ended.
    pub at: Timestamp,
    /// The version of the policy that decided.
    pub policy: [u8; 32],
    /// The checkpoint of the ledger, which covers the entry of this export, as a signed note.
    pub checkpoint: Option<String>,
}
