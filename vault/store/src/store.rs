//! The store: opened locked, unlocked with the ledger's signing key, then read and written through closures.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use carnet_core::ledger::NoteSigner;
use carnet_core::model::ControllerId;
use diesel::connection::{AnsiTransactionManager, TransactionManager as _};
use diesel::prelude::*;
use diesel::r2d2::{Pool, PooledConnection};
use diesel::sqlite::SqliteConnection;

use crate::StoreError;
use crate::engine::{
    Db, Group, Location, Manager, bring_up_to_date, establish_existing, establish_new, is_vault, refuse_foreign,
};
use crate::load::runs;
use crate::tx::{Record, Recorded, Tx, WriteTx};

const CONNECTIONS_MAX: u32 = 16;
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(15);

/// A vault's database whose ledger cannot be continued yet: its keys can be read, nothing can be written.
pub struct LockedStore {
    location: Location,
    pool: Pool<Manager>,
}

/// A vault's database. Every write carries its ledger entry.
pub struct Store {
    location: Location,
    pool: Pool<Manager>,
    signer: NoteSigner,
    writers: Writers,
}

enum Writers {
    /// SQLite has one writer: callers share its transactions.
    Grouped(Box<Group>),
    /// PostgreSQL has many: they commit on their own, then share the sequencer.
    Pooled(Sequencer),
}

/// Which commits have been sequenced, so that one run of the sequencer serves all who came before it.
#[derive(Default)]
struct Sequencer {
    arrived: AtomicU64,
    served: Mutex<u64>,
}

impl LockedStore {
    /// Makes an empty vault with its tables, where there is none; one whose making was cut short is taken up again.
    ///
    /// # Errors
    /// [`StoreError::VaultExists`] if there is one, [`StoreError::Foreign`] or [`StoreError::NotADatabase`] if something else
    /// is there; it is left as it is.
    pub fn create(location: Location) -> Result<Self, StoreError> {
        let mut db = establish_new(&location)?;
        refuse_foreign(&mut db, &location)?;
        if is_vault(&mut db)? && (Tx { db: &mut db }).vault_exists()? {
            return Err(StoreError::VaultExists { place: location.to_string() });
        }
        bring_up_to_date(&mut db)?;
        Self::with_pool(location)
    }

    /// Opens an existing vault and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError::NoVault`], [`StoreError::NotADatabase`], [`StoreError::Foreign`], [`StoreError::Newer`],
    /// [`StoreError::ReadOnly`], [`StoreError::Unavailable`]; [`StoreError::Restoring`] where a restore was cut short.
    pub fn open(location: Location) -> Result<Self, StoreError> {
        let (store, restoring) = Self::open_any(location)?;
        if restoring { Err(StoreError::Restoring { place: store.location.to_string() }) } else { Ok(store) }
    }

    /// Opens a vault that is being restored, to end that ([`WriteTx::restoration_end`]).
    ///
    /// # Errors
    /// As [`LockedStore::open`].
    pub fn open_restored(location: Location) -> Result<Self, StoreError> {
        Self::open_any(location).map(|(store, _)| store)
    }

    fn open_any(location: Location) -> Result<(Self, bool), StoreError> {
        let mut db = establish_existing(&location)?;
        refuse_foreign(&mut db, &location)?;
        if !is_vault(&mut db)? || !(Tx { db: &mut db }).vault_exists()? {
            return Err(StoreError::NoVault { place: location.to_string() });
        }
        bring_up_to_date(&mut db)?;
        let restoring = (Tx { db: &mut db }).is_restoring()?;
        Ok((Self::with_pool(location)?, restoring))
    }

    fn with_pool(location: Location) -> Result<Self, StoreError> {
        let pool = Pool::builder()
            .max_size(CONNECTIONS_MAX)
            .min_idle(Some(0))
            .connection_timeout(CONNECTION_TIMEOUT)
            .build_unchecked(Manager { location: location.clone() });
        Ok(Self { location, pool })
    }

    /// Reads one consistent view.
    ///
    /// # Errors
    /// What `work` returns, or the database's own failure.
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        read(&self.pool, &self.location, work)
    }

    /// Hands over the key that signs the ledger's checkpoints, and sequences what an earlier process left waiting.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn unlock(self, signer: NoteSigner) -> Result<Store, StoreError> {
        let writers = match &self.location {
            Location::Sqlite(_) => Writers::Grouped(Box::new(Group::new(self.location.clone()))),
            Location::Postgres(_) => Writers::Pooled(Sequencer::default()),
        };
        let store = Store { location: self.location, pool: self.pool, signer, writers };
        if let Writers::Pooled(_) = &store.writers {
            store.sequence()?;
        }
        Ok(store)
    }
}

impl Store {
    /// Where the database is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Reads one consistent view.
    ///
    /// # Errors
    /// What `work` returns, or the database's own failure.
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        let outcome = read(&self.pool, &self.location, work);
        if let Writers::Grouped(group) = &self.writers {
            group.scrub_after_read();
        }
        outcome
    }

    /// Changes the vault: all of `work` and the entry of the [`Record`] that it returns, or nothing.
    ///
    /// When this returns, change and entry are on disk and a signed checkpoint covers them.
    ///
    /// # Errors
    /// What `work` returns, or the database's own failure; nothing was changed then.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut WriteTx<'_>) -> Result<(Record, T), E>,
    ) -> Result<T, E> {
        match &self.writers {
            Writers::Grouped(group) => group.run(|db| WriteTx::run(db, work), |db, recorded| self.append(db, recorded)),
            Writers::Pooled(sequencer) => {
                let value = self.write_pooled(work)?;
                let ticket = sequencer.arrived.fetch_add(1, Ordering::SeqCst) + 1;
                // The change is committed and its entry waits in the queue: should the sequencer fail here, the next
                // write of any process, or the next opening of the vault, gives the entry its index.
                drop(sequencer.serve(ticket, || self.sequence()));
                Ok(value)
            }
        }
    }

    /// Puts tags that wait into their trees, in several transactions, if many wait or `all` of them shall. Nothing that
    /// anybody can see changes, so that no entry is owed.
    ///
    /// To be called before a write that takes tags of a contact away: what waits then would settle in that write, and an
    /// import in another process would wait for it longer than it does.
    ///
    /// # Errors
    /// The database's own failure; what is settled by then stays, and the rest still waits.
    pub fn settle_tags(&self, controller: ControllerId, all: bool) -> Result<(), StoreError> {
        let Writers::Grouped(group) = &self.writers else { return Ok(()) };
        let in_turn = |work: &mut dyn FnMut(&mut SqliteConnection) -> Result<i64, StoreError>| {
            group.run(
                |db| match db {
                    Db::Sqlite(connection) => Ok::<_, StoreError>((Recorded::nothing(), work(connection)?)),
                    Db::Postgres(_) => Ok((Recorded::nothing(), 0)),
                },
                |db, recorded| self.append(db, recorded),
            )
        };
        let waiting = in_turn(&mut |connection| runs::waiting(connection, controller))?;
        if waiting == 0 || (!all && waiting < runs::WAITING_MAX) {
            return Ok(());
        }
        // Those that are there now, and no others: another import may bring more at any time.
        let mut those = Vec::new();
        in_turn(&mut |connection| {
            those = runs::all(connection, controller)?;
            Ok(0)
        })?;
        for slice in 0..=runs::LAST_SLICE {
            in_turn(&mut |connection| runs::settle_slice(connection, controller, &those, slice).map(|()| 0))?;
        }
        in_turn(&mut |connection| runs::forget(connection, controller, &those).map(|()| 0))?;
        Ok(())
    }

    /// Gives what was recorded its place in the ledger.
    fn append(&self, db: &mut Db, recorded: &[Recorded]) -> Result<(), StoreError> {
        let owed = recorded.iter().filter(|one| !one.body.is_empty());
        let pending: Vec<_> = owed.map(|one| (one.id, one.body.as_slice())).collect();
        if pending.is_empty() { Ok(()) } else { Tx { db }.ledger_append(&pending, &self.signer) }
    }

    fn write_pooled<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut WriteTx<'_>) -> Result<(Record, T), E>,
    ) -> Result<T, E> {
        let mut db = connection(&self.pool, &self.location)?;
        in_transaction(&mut db, "BEGIN", |db| {
            let (recorded, value) = WriteTx::run(db, work)?;
            Tx { db }.ledger_enqueue(recorded.id, &recorded.body)?;
            Ok(value)
        })
    }

    /// Gives every waiting entry its index.
    fn sequence(&self) -> Result<(), StoreError> {
        let mut db = connection(&self.pool, &self.location)?;
        while in_transaction(&mut db, "BEGIN", |db| Tx { db }.ledger_sequence(&self.signer))? {}
        Ok(())
    }
}

impl Sequencer {
    fn serve(&self, ticket: u64, sequence: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        if *served >= ticket {
            return Ok(());
        }
        let through = self.arrived.load(Ordering::SeqCst);
        sequence()?;
        *served = through;
        Ok(())
    }
}

fn connection(pool: &Pool<Manager>, location: &Location) -> Result<PooledConnection<Manager>, StoreError> {
    pool.get().map_err(|error| StoreError::Unavailable { place: location.to_string(), reason: error.to_string() })
}

fn read<T, E: From<StoreError>>(
    pool: &Pool<Manager>,
    location: &Location,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let mut db = connection(pool, location)?;
    let begin = match location {
        Location::Sqlite(_) => "BEGIN",
        Location::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    };
    in_transaction(&mut db, begin, |db| work(&mut Tx { db }))
}

/// Diesel's own `transaction` starts with a plain `BEGIN`; this one starts with what it is told.
fn in_transaction<T, E: From<StoreError>>(
    db: &mut Db,
    begin: &str,
    work: impl FnOnce(&mut Db) -> Result<T, E>,
) -> Result<T, E> {
    type Manager = <Db as Connection>::TransactionManager;
    match db {
        Db::Postgres(connection) => AnsiTransactionManager::begin_transaction_sql(connection, begin),
        Db::Sqlite(connection) => AnsiTransactionManager::begin_transaction_sql(connection, begin),
    }
    .map_err(StoreError::from)?;
    match work(db) {
        Ok(value) => {
            Manager::commit_transaction(db).map_err(StoreError::from)?;
            Ok(value)
        }
        Err(error) => {
            // The first error is the one to report; a connection that cannot roll back is thrown away by the pool.
            drop(Manager::rollback_transaction(db));
            Err(error)
        }
    }
}
