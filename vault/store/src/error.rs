//! What can go wrong with the store, in sentences for the person who has to do something about it.

use crate::engine::{Location, LocationError};

/// A failure of the store. Carries no personal data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Nothing is there.
    #[error("there is no vault at {place}; make one with `carnet init`, or name its folder with --data")]
    NoVault {
        /// Where it was looked for.
        place: String,
    },
    /// A restore into it has not ended.
    #[error("a restore into {place} was cut short, and nothing is served from it; repeat `carnet backup restore`")]
    Restoring {
        /// Where.
        place: String,
    },
    /// Something is there already.
    #[error("there is already a vault at {place}; nothing was changed")]
    VaultExists {
        /// Where it is.
        place: String,
    },
    /// The file is something else, or damaged from its first page.
    #[error("{place} is not a vault's database, or its first page is damaged; restore it from a backup")]
    NotADatabase {
        /// Which file.
        place: String,
    },
    /// Another program keeps its tables there.
    #[error("{place} belongs to another program; nothing was changed. Name another file or database")]
    Foreign {
        /// Which database.
        place: String,
    },
    /// A newer program has changed the schema.
    #[error(
        "this vault was last used by a newer carnet (schema {version}); install that version, nothing was changed by this one"
    )]
    Newer {
        /// The first unknown migration.
        version: String,
    },
    /// No space left.
    #[error("the disk is full; nothing of this action was kept. Free some space and repeat it")]
    DiskFull,
    /// The file or its folder may not be written.
    #[error("{place} cannot be written; check the owner and mode of the file and of its folder")]
    ReadOnly {
        /// Which database.
        place: String,
    },
    /// Another process held the write lock for too long.
    #[error("another carnet process is writing to this vault and did not finish in time; wait for it and repeat")]
    Busy,
    /// Another caller's failure took the shared transaction with it.
    #[error("the database gave up the transaction that this action was part of; nothing of it was kept. Repeat it")]
    Abandoned,
    /// Sealed under a master key that has been rotated since.
    #[error("the controller's master key was rotated meanwhile; nothing was changed. Repeat the action")]
    StaleKeys,
    /// The server cannot be reached or refuses.
    #[error("the database {place} cannot be opened: {reason}")]
    Unavailable {
        /// Which database.
        place: String,
        /// What it said.
        reason: String,
    },
    /// A unique thing is there already.
    #[error("it already exists")]
    Conflict,
    /// A row that is referred to is missing.
    #[error("{0} is not in this vault")]
    NotFound(&'static str),
    /// A stored value cannot be what this program wrote.
    #[error("table {table} holds a damaged value in {column}; run `carnet audit verify` and restore from a backup")]
    Damaged {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
    },
    /// The ledger cannot be continued.
    #[error("the ledger is damaged: {0}; run `carnet audit verify`")]
    Ledger(String),
    /// A migration failed.
    #[error("the schema could not be brought up to date: {0}")]
    Migration(String),
    /// What should be rows of a table is not.
    #[error(transparent)]
    Portable(#[from] crate::portable::RowError),
    /// The URL is not one.
    #[error(transparent)]
    Location(#[from] LocationError),
    /// Anything else that the engine says.
    #[error("the database reported an error that is not expected")]
    Engine(#[source] diesel::result::Error),
}

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        use diesel::result::{DatabaseErrorKind as Kind, Error};
        match &error {
            Error::NotFound => Self::NotFound("the row"),
            Error::DatabaseError(Kind::UniqueViolation, _) => Self::Conflict,
            Error::DatabaseError(Kind::ForeignKeyViolation, _) => Self::NotFound("what it refers to"),
            Error::DatabaseError(Kind::ClosedConnection, what) => {
                Self::Unavailable { place: "server".to_owned(), reason: what.message().to_owned() }
            }
            Error::DatabaseError(_, what) => Self::from_message(what.message()).unwrap_or(Self::Engine(error)),
            _ => Self::Engine(error),
        }
    }
}

impl StoreError {
    /// The same failure, named with its place where the engine did not know it.
    pub(crate) fn at(self, location: &Location) -> Self {
        let place = location.to_string();
        match self {
            Self::NotADatabase { .. } => Self::NotADatabase { place },
            Self::ReadOnly { .. } => Self::ReadOnly { place },
            other => other,
        }
    }

    /// The same failure for each of those who shared a transaction.
    pub(crate) fn repeat(&self) -> Self {
        match self {
            Self::DiskFull => Self::DiskFull,
            Self::Busy => Self::Busy,
            Self::ReadOnly { place } => Self::ReadOnly { place: place.clone() },
            Self::Ledger(what) => Self::Ledger(what.clone()),
            _ => Self::Abandoned,
        }
    }

    /// SQLite and PostgreSQL have no error kind for these in diesel: their own words are all there is.
    pub(crate) fn from_message(message: &str) -> Option<Self> {
        let place = || "the database".to_owned();
        if message.contains("database or disk is full") || message.contains("No space left on device") {
            Some(Self::DiskFull)
        } else if message.contains("readonly database") || message.contains("unable to open database file") {
            Some(Self::ReadOnly { place: place() })
        } else if message.contains("database is locked") {
            Some(Self::Busy)
        } else if message.contains("not a database") || message.contains("malformed") {
            Some(Self::NotADatabase { place: place() })
        } else {
            None
        }
    }
}
