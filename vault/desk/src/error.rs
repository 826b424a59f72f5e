//! Why the desk did not do what it was asked, and of which kind the reason is.

use carnet_core::keys::{KeyError, KeyFileError, OpenError};
use carnet_core::ledger::{CheckpointError, DetailsError, EntryError};
use carnet_core::model::{CardError, EmailError, Timestamp};
use carnet_core::policy::PolicyError;
use carnet_store::StoreError;

/// A refusal or a failure. Carries no personal data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// Policy says no.
    #[error("{0}")]
    Denied(String),
    /// The operation wants to know why.
    #[error("to {0} a reason is needed: who asked for it, or what for")]
    NoReason(&'static str),
    /// There is no such thing.
    #[error("there is no {what} {name:?} here; `carnet {command}` shows what there is")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// How it was named.
        name: String,
        /// Where to look.
        command: &'static str,
    },
    /// There is no such contact, or not any more.
    #[error("there is no such contact; it may have been erased")]
    NoContact,
    /// It is there already.
    #[error("there is already {0}; nothing was changed")]
    Exists(&'static str),
    /// The address belongs to a contact already.
    #[error("this e-mail address belongs to contact {0} already; change that one, or find out why it is here twice")]
    EmailTaken(String),
    /// The subject was erased or objected to everything.
    #[error(
        "this address has been suppressed since {0}: its owner was erased or objected. Only their own act brings them back: `contact add --own-act`, with an --origin that says how it came"
    )]
    Suppressed(Timestamp),
    /// The request does not hold together.
    #[error("{0}")]
    Invalid(String),
    /// Somebody else changed it meanwhile.
    #[error("somebody else changed this contact meanwhile; read it again and repeat the change")]
    Overtaken,
    /// Somebody else changed the list meanwhile.
    #[error("this list was changed, imported into or checked meanwhile; look at it again and repeat")]
    ListOvertaken,
    /// The owner has not said of every source how its addresses came.
    #[error(
        "{sources} of the sources that this list names have no sentence yet, and {rows} rows name them; `carnet list sources` shows them: write from whom and how these addresses came, as you would tell the people (Art. 14)"
    )]
    NoSentence {
        /// How many sources.
        sources: u64,
        /// How many rows name one of them.
        rows: u64,
    },
    /// The ledger is not what it should be.
    #[error("the ledger does not verify: {0}")]
    Ledger(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A wrapped key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The key file.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// A sealed value.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The policy folder.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A card.
    #[error(transparent)]
    Card(#[from] CardError),
    /// An e-mail address.
    #[error(transparent)]
    Email(#[from] EmailError),
    /// An entry of the ledger.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The details of an entry.
    #[error(transparent)]
    Details(#[from] DetailsError),
    /// A checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// What was opened is not what this program sealed.
    #[error("a {0} was opened but cannot be read; it was written by a newer carnet, or is damaged")]
    Content(&'static str),
    /// A snapshot could not be handed over.
    #[error("the snapshot could not be written: {0}")]
    Snapshot(String),
    /// A snapshot does not hold what it says.
    #[error("this snapshot is damaged: {0}")]
    DamagedSnapshot(String),
    /// A snapshot's manifest.
    #[error(transparent)]
    Manifest(#[from] carnet_core::backup::FormatError),
    /// A file beside the database.
    #[error("{place}: {source}")]
    File {
        /// Which file.
        place: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Kinds of failure, as callers tell them apart: exit codes of the program, status codes of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request is wrong in itself.
    Invalid,
    /// Not allowed.
    Denied,
    /// Not there.
    NotFound,
    /// Contradicts what is there.
    Conflict,
    /// The key is wrong, lost or unreadable.
    Key,
    /// Stored data are damaged or were tampered with.
    Damaged,
    /// The database or the disk does not serve.
    Storage,
}

impl DeskError {
    /// Of which kind it is.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Denied(_) => ErrorKind::Denied,
            Self::NoReason(_)
            | Self::Invalid(_)
            | Self::NoSentence { .. }
            | Self::Policy(_)
            | Self::Card(_)
            | Self::Email(_) => ErrorKind::Invalid,
            Self::Unknown { .. } | Self::NoContact => ErrorKind::NotFound,
            Self::Exists(_) | Self::EmailTaken(_) | Self::Suppressed(_) | Self::Overtaken | Self::ListOvertaken => {
                ErrorKind::Conflict
            }
            Self::Key(KeyError::Tampered | KeyError::Malformed { .. } | KeyError::Ring { .. }) => ErrorKind::Damaged,
            Self::Key(_) | Self::KeyFile(_) => ErrorKind::Key,
            // What is written is always in form: an entry that is not was changed in the database.
            Self::Open(_)
            | Self::Entry(_)
            | Self::Details(_)
            | Self::Checkpoint(_)
            | Self::Ledger(_)
            | Self::Content(_) => ErrorKind::Damaged,
            Self::Store(error) => match error {
                StoreError::NoVault { .. } | StoreError::NotFound(_) => ErrorKind::NotFound,
                StoreError::VaultExists { .. } | StoreError::Conflict | StoreError::StaleKeys => ErrorKind::Conflict,
                StoreError::Location(_) => ErrorKind::Invalid,
                StoreError::Damaged { .. } | StoreError::NotADatabase { .. } | StoreError::Ledger(_) => {
                    ErrorKind::Damaged
                }
                _ => ErrorKind::Storage,
            },
            Self::DamagedSnapshot(_) | Self::Manifest(_) => ErrorKind::Damaged,
            Self::Snapshot(_) | Self::File { .. } => ErrorKind::Storage,
        }
    }
}
