//! What the gate said of lists: written once, never changed.

use carnet_core::gate::Verdict;
use carnet_core::keys::Sealed;
use carnet_core::model::{AccountId, CheckId, ControllerId, ListId, Timestamp};
use diesel::prelude::*;

use crate::StoreError;
use crate::rows::{count, exactly, number, sealed, size, time, word};
use crate::schema::{list_checks, list_releases};
use crate::tx::{Tx, WriteTx};

const TABLE: &str = "list_checks";

/// A check of a list. Its clear columns are bound to all sealed values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckRow {
    /// Whose list.
    pub controller: ControllerId,
    /// Which list.
    pub list: ListId,
    /// The check's id; later checks have later ids.
    pub id: CheckId,
    /// The version of the thresholds that judged.
    pub policy: [u8; 32],
    /// A digest of all that was judged.
    pub inputs: [u8; 32],
    /// What the gate proposes.
    pub verdict: Verdict,
    /// The points against it.
    pub points: u32,
    /// How many rows were judged.
    pub judged: u64,
    /// How many imports into the list had begun.
    pub imports: u64,
    /// How many contacts the list had.
    pub members: u64,
    /// How often its contacts had been changed in what a check is about.
    pub changes: u64,
    /// How many segments stand beside it.
    pub segments: u32,
    /// The whole report.
    pub report: Sealed,
    /// What later checks learn from this list while it is released.
    pub learnt: Sealed,
    /// Who had it checked.
    pub run_by: AccountId,
    /// When it ended.
    pub at: Timestamp,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = list_checks)]
struct Stored {
    controller_id: Vec<u8>,
    list_id: Vec<u8>,
    id: Vec<u8>,
    policy: Vec<u8>,
    inputs: Vec<u8>,
    verdict: String,
    points: i64,
    judged: i64,
    imports: i64,
    members: i64,
    changes: i64,
    segments: i64,
    sealed_report: Vec<u8>,
    sealed_learnt: Vec<u8>,
    run_by: Vec<u8>,
    at_us: i64,
}

impl Tx<'_> {
    /// The checks of a list, the newest first.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_checks(&mut self, controller: ControllerId, list: ListId) -> Result<Vec<CheckRow>, StoreError> {
        let rows: Vec<Stored> = list_checks::table
            .filter(list_checks::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(list_checks::list_id.eq(list.as_bytes().as_slice()))
            .order(list_checks::id.desc())
            .load(self.db)?;
        rows.into_iter().map(row).collect()
    }

    /// The newest check of a list.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_last_check(&mut self, controller: ControllerId, list: ListId) -> Result<Option<CheckRow>, StoreError> {
        let found: Option<Stored> = list_checks::table
            .filter(list_checks::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(list_checks::list_id.eq(list.as_bytes().as_slice()))
            .order(list_checks::id.desc())
            .first(self.db)
            .optional()?;
        found.map(row).transpose()
    }
}

impl Tx<'_> {
    /// The checks on which releases rested that had been granted then, and had neither ended nor run out, of all controllers, in the order of
    /// their ids. What has become of their lists since is not asked.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn released_checks(&mut self, then: Timestamp) -> Result<Vec<CheckRow>, StoreError> {
        let rows: Vec<Stored> = list_checks::table
            .inner_join(
                list_releases::table.on(list_releases::controller_id
                    .eq(list_checks::controller_id)
                    .and(list_releases::list_id.eq(list_checks::list_id))
                    .and(list_releases::check_id.eq(list_checks::id))),
            )
            .filter(list_releases::granted_us.le(then.as_us()))
            .filter(list_releases::ended_us.is_null().or(list_releases::ended_us.gt(then.as_us())))
            .filter(list_releases::expires_us.gt(then.as_us()))
            .order(list_checks::id)
            .select(list_checks::all_columns)
            .load(self.db)?;
        rows.into_iter().map(row).collect()
    }
}

impl WriteTx<'_> {
    /// Keeps a check.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn list_check_insert(&mut self, new: &CheckRow) -> Result<(), StoreError> {
        let stored = Stored {
            controller_id: new.controller.as_bytes().to_vec(),
            list_id: new.list.as_bytes().to_vec(),
            id: new.id.as_bytes().to_vec(),
            policy: new.policy.to_vec(),
            inputs: new.inputs.to_vec(),
            verdict: new.verdict.to_string(),
            points: i64::from(new.points),
            judged: count(new.judged)?,
            imports: count(new.imports)?,
            members: count(new.members)?,
            changes: count(new.changes)?,
            segments: i64::from(new.segments),
            sealed_report: new.report.as_bytes().to_vec(),
            sealed_learnt: new.learnt.as_bytes().to_vec(),
            run_by: new.run_by.as_bytes().to_vec(),
            at_us: new.at.as_us(),
        };
        diesel::insert_into(list_checks::table).values(stored).execute(self.db)?;
        Ok(())
    }
}

fn row(stored: Stored) -> Result<CheckRow, StoreError> {
    Ok(CheckRow {
        controller: ControllerId::from_bytes(exactly(&stored.controller_id, TABLE, "controller_id")?),
        list: ListId::from_bytes(exactly(&stored.list_id, TABLE, "list_id")?),
        id: CheckId::from_bytes(exactly(&stored.id, TABLE, "id")?),
        policy: exactly(&stored.policy, TABLE, "policy")?,
        inputs: exactly(&stored.inputs, TABLE, "inputs")?,
        verdict: word(&stored.verdict, TABLE, "verdict")?,
        points: number(stored.points, TABLE, "points")?,
        judged: size(stored.judged, TABLE, "judged")?,
        imports: size(stored.imports, TABLE, "imports")?,
        members: size(stored.members, TABLE, "members")?,
        changes: size(stored.changes, TABLE, "changes")?,
        segments: number(stored.segments, TABLE, "segments")?,
        report: sealed(stored.sealed_report, TABLE, "sealed_report")?,
        learnt: sealed(stored.sealed_learnt, TABLE, "sealed_learnt")?,
        run_by: AccountId::from_bytes(exactly(&stored.run_by, TABLE, "run_by")?),
        at: time(stored.at_us, TABLE, "at_us")?,
    })
}
