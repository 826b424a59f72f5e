//! Group commit on SQLite: callers that write at the same time share one transaction and one wait for the disk.
//!
//! Whoever holds the lock runs its own work inside a savepoint. If others are already waiting for the lock, it leaves the
//! transaction open to them; the last one commits for all. Nobody returns before the commit that holds its work, and work
//! that fails takes nothing with it but itself.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, SimpleConnection as _, TransactionManager as _};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::connect::BUSY_TIMEOUT;
use super::{Db, Location, establish_existing};
use crate::StoreError;
use crate::tx::Recorded;

/// No more callers than this share a transaction, so that none waits for an endless stream of others.
const CALLERS_MAX: usize = 512;
/// What a writer holds in memory, in KiB and negative by SQLite's convention, and after how many pages the log is copied
/// into the file. What a large transaction changes, or one after the other change, would otherwise be written more than
/// once.
const WRITER_CACHE: &str = "PRAGMA cache_size = -49152; PRAGMA wal_autocheckpoint = 16384";
/// How long a commit that shredded something waits for readers to let go of the log. Long ones are not waited for.
const SCRUB_PATIENCE: Duration = Duration::from_millis(200);

/// The one writing connection of a SQLite vault.
pub(crate) struct Group {
    location: Location,
    waiting: AtomicUsize,
    state: Mutex<State>,
    /// The log may still hold what was shredded.
    unscrubbed: AtomicBool,
}

#[derive(Default)]
struct State {
    db: Option<Db>,
    batch: Option<Arc<Batch>>,
    joined: usize,
    recorded: Vec<Recorded>,
}

/// One shared transaction, as those who wait for its commit see it.
#[derive(Default)]
struct Batch {
    outcome: Mutex<Option<Result<(), Arc<StoreError>>>>,
    settled: Condvar,
}

impl Group {
    pub(crate) fn new(location: Location) -> Self {
        Self {
            location,
            waiting: AtomicUsize::new(0),
            state: Mutex::default(),
            // An earlier process may have been killed before it emptied the log.
            unscrubbed: AtomicBool::new(true),
        }
    }

    /// Runs `work`, and `finish` over what the whole batch recorded before it is committed.
    pub(crate) fn run<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<(Recorded, T), E>,
        finish: impl FnOnce(&mut Db, &[Recorded]) -> Result<(), StoreError>,
    ) -> Result<T, E> {
        let arrived = Instant::now();
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut state = lock(&self.state);
        self.waiting.fetch_sub(1, Ordering::SeqCst);

        let batch = state.join(&self.location, BUSY_TIMEOUT.saturating_sub(arrived.elapsed()))?;
        let outcome = catch_unwind(AssertUnwindSafe(|| state.in_savepoint(work)));
        if state.db.is_none() || state.joined >= CALLERS_MAX || self.waiting.load(Ordering::SeqCst) == 0 {
            self.settle(&mut state, finish);
        }
        drop(state);

        let committed = batch.wait();
        match outcome {
            Err(panic) => resume_unwind(panic),
            Ok(Err(error)) => Err(error),
            Ok(Ok(value)) => committed.map(|()| value).map_err(|error| E::from(error.repeat())),
        }
    }

    /// Commits the batch and tells everybody in it.
    fn settle(&self, state: &mut State, finish: impl FnOnce(&mut Db, &[Recorded]) -> Result<(), StoreError>) {
        let Some(batch) = state.batch.take() else { return };
        let recorded = std::mem::take(&mut state.recorded);
        let result = match state.db.as_mut() {
            None => Err(StoreError::Abandoned),
            Some(db) => commit(db, &recorded, finish),
        };
        if result.is_err() {
            state.db = None;
        }
        let shredded = recorded.iter().any(|one| one.shredded);
        if self.unscrubbed.fetch_or(shredded, Ordering::SeqCst) || shredded {
            let patience = if shredded { SCRUB_PATIENCE } else { Duration::ZERO };
            self.scrub(state, patience);
        }
        batch.settle(result.map_err(Arc::new));
    }

    fn scrub(&self, state: &mut State, patience: Duration) {
        if state.db.as_mut().is_some_and(|db| scrub(db, patience)) {
            self.unscrubbed.store(false, Ordering::SeqCst);
        }
    }

    /// Empties the log if a reader that has just ended was what kept it; never waits.
    pub(crate) fn scrub_after_read(&self) {
        if !self.unscrubbed.load(Ordering::SeqCst) {
            return;
        }
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // A writer is at work, and empties the log itself.
            Err(TryLockError::WouldBlock) => return,
        };
        if state.batch.is_none() {
            self.scrub(&mut state, Duration::ZERO);
        }
    }
}

impl State {
    fn connected(&mut self, location: &Location) -> Result<&mut Db, StoreError> {
        if self.db.is_none() {
            let mut db = establish_existing(location)?;
            if let Db::Sqlite(connection) = &mut db {
                connection.batch_execute(WRITER_CACHE)?;
            }
            self.db = Some(db);
        }
        self.db.as_mut().ok_or(StoreError::Busy)
    }

    /// The open batch, or a new one under the write lock of the file, which another process may hold.
    fn join(&mut self, location: &Location, patience: Duration) -> Result<Arc<Batch>, StoreError> {
        if let Some(batch) = &self.batch {
            return Ok(Arc::clone(batch));
        }
        if let Db::Sqlite(connection) = self.connected(location)? {
            wait_at_most(connection, patience)?;
            AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE")?;
        }
        self.joined = 0;
        self.recorded.clear();
        let batch = Arc::<Batch>::default();
        self.batch = Some(Arc::clone(&batch));
        Ok(batch)
    }

    fn in_savepoint<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&mut Db) -> Result<(Recorded, T), E>,
    ) -> Result<T, E> {
        self.joined += 1;
        let db = self.db.as_mut().ok_or(StoreError::Busy)?;
        type Manager = <Db as Connection>::TransactionManager;
        Manager::begin_transaction(db).map_err(StoreError::from)?;
        let outcome = catch_unwind(AssertUnwindSafe(|| work(db)));
        let released = match &outcome {
            Ok(Ok(_)) => Manager::commit_transaction(db),
            _ => Manager::rollback_transaction(db),
        };
        if released.is_err() {
            // SQLite rolls the whole transaction back by itself when the disk is full or fails: there is nothing left to save.
            self.db = None;
        }
        match outcome {
            Err(panic) => resume_unwind(panic),
            Ok(Err(error)) => Err(error),
            Ok(Ok((recorded, value))) => {
                released.map_err(StoreError::from)?;
                self.recorded.push(recorded);
                Ok(value)
            }
        }
    }
}

fn commit(
    db: &mut Db,
    recorded: &[Recorded],
    finish: impl FnOnce(&mut Db, &[Recorded]) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    type Manager = <Db as Connection>::TransactionManager;
    if recorded.is_empty() {
        return Ok(Manager::rollback_transaction(db)?);
    }
    finish(db, recorded)?;
    Ok(Manager::commit_transaction(db)?)
}

/// Empties the write-ahead log into the database, so that no earlier image of a shredded page stays in it.
/// False when a reader still needs the log; it is then tried again after the next commit or read.
fn scrub(db: &mut Db, patience: Duration) -> bool {
    #[derive(QueryableByName)]
    struct Checkpoint {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        busy: i32,
    }
    let Db::Sqlite(connection) = db else { return true };
    if wait_at_most(connection, patience).is_err() {
        return false;
    }
    let rows: QueryResult<Vec<Checkpoint>> = diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").load(connection);
    rows.is_ok_and(|rows| rows.iter().all(|row| row.busy == 0))
}

/// How long the next statements wait for locks that others hold.
fn wait_at_most(connection: &mut SqliteConnection, patience: Duration) -> QueryResult<()> {
    connection.batch_execute(&format!("PRAGMA busy_timeout = {}", patience.as_millis()))
}

impl Batch {
    fn settle(&self, outcome: Result<(), Arc<StoreError>>) {
        *lock(&self.outcome) = Some(outcome);
        self.settled.notify_all();
    }

    fn wait(&self) -> Result<(), Arc<StoreError>> {
        let mut outcome = lock(&self.outcome);
        loop {
            if let Some(outcome) = outcome.as_ref() {
                return outcome.clone();
            }
            outcome = self.settled.wait(outcome).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A panic of one caller's work is passed on to that caller; it leaves nothing half-done behind the lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Group {
    /// Leaves an empty log behind, so that what was deleted is gone from the folder once the program has ended.
    fn drop(&mut self) {
        // A reader in another process may hold the log: the next writer empties it then.
        let mut state = lock(&self.state);
        self.scrub(&mut state, SCRUB_PATIENCE);
    }
}
