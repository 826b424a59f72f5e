//! What can be done with a vault: authorise, do, record. The only caller of the store.
//!
//! A [`Vault`] is opened with its root key; a [`Desk`] is taken from it by an account with an [`Errand`]. Every operation
//! of a desk asks the access policy, does its work in one transaction, and leaves its entry in the ledger in that same
//! transaction. What only looks is recorded too, before its answer is given.

mod audit;
mod backups;
mod consents;
mod contacts;
mod cores;
mod desk;
mod directory;
mod error;
mod export;
mod imports;
mod keyring;
mod lists;
mod look;
mod origin;
mod record;
mod rotation;
mod seal;
mod vault;

pub use audit::{AuditProblem, AuditReport, DetailsView, LedgerView};
pub use backups::{BackupSite, Handover, NewSite, Outcome, Restored, SiteView, SnapshotFiles, SnapshotView, restore};
pub use carnet_store::{Location, LocationError, RotationRow, StoreError};
pub use consents::{NewConsent, PurposeStanding, RecordedConsent};
pub use contacts::{ErasurePlan, NewContact};
pub use desk::{BackupStatus, Desk, Status};
pub use directory::NewPurpose;
pub use error::{DeskError, ErrorKind};
pub use export::{CanaryCount, ExportFile, ExportReport, ListExport, NewExport, TrapView, TrapsView};
pub use imports::{ImportReport, ImportView, NewImport, Started, Suggestion, UndoPlan, Watch};
pub use lists::{
    Ask, CheckRow, CheckView, DecisionView, ExchangeGate, Gate, Judgement, ListCheck, ListInUse, ListSources,
    ListSplit, ListSummary, ListView, NewRelease, Others, Preview, ProofView, Recall, ReleaseOutcome, ReleaseView,
    Replay, Segment, SourceView, Submitted, Survey, UsedContact,
};
pub use look::{ContactView, FindOutcome, Found};
pub use origin::NewProvenance;
pub use record::{Errand, OsUser};
pub use vault::Vault;
