//! Until when a list may be used, and what a list stands at now: never what its row says alone.

use carnet_core::keys::Sealed;
use carnet_core::model::{CheckId, ControllerId, DecisionId, List, ListId, ListStatus, ReleaseId, Timestamp};
use diesel::prelude::*;

use crate::StoreError;
use crate::rows::{count, exactly, sealed, size, time};
use crate::schema::list_releases;
use crate::tx::{Tx, WriteTx};

const TABLE: &str = "list_releases";

/// A release of a list. Its clear columns are bound to the seal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseRow {
    /// Whose list.
    pub controller: ControllerId,
    /// Which list.
    pub list: ListId,
    /// The release's id; later releases have later ids.
    pub id: ReleaseId,
    /// The check that it rests on: a newer one ends it.
    pub check: CheckId,
    /// The decision that gave it.
    pub decision: DecisionId,
    /// How many imports into the list had begun: another one ends it.
    pub imports: u64,
    /// How many contacts the list had: more than these are not released.
    pub members: u64,
    /// Since when.
    pub granted: Timestamp,
    /// Until when at most.
    pub expires: Timestamp,
    /// When it was ended before that: by evidence, a block, a withdrawal, an import, or a newer release.
    pub ended: Option<Timestamp>,
    /// Vouches for all of this.
    pub seal: Sealed,
}

/// A list and what it stands at now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListStanding {
    /// The list; its status is what its row says.
    pub list: List,
    /// What it stands at: `Released` only while a release is in force, otherwise `Held` where the row says `Released`.
    pub effective: ListStatus,
    /// The release that is in force.
    pub release: Option<ReleaseRow>,
    /// How many contacts it has.
    pub members: u64,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = list_releases)]
struct Stored {
    controller_id: Vec<u8>,
    list_id: Vec<u8>,
    id: Vec<u8>,
    check_id: Vec<u8>,
    decision_id: Vec<u8>,
    imports: i64,
    members: i64,
    granted_us: i64,
    expires_us: i64,
    ended_us: Option<i64>,
    sealed: Vec<u8>,
}

impl Tx<'_> {
    /// The newest release of a list, in force or not.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_last_release(
        &mut self,
        controller: ControllerId,
        list: ListId,
    ) -> Result<Option<ReleaseRow>, StoreError> {
        let found: Option<Stored> = list_releases::table
            .filter(list_releases::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(list_releases::list_id.eq(list.as_bytes().as_slice()))
            .order(list_releases::id.desc())
            .first(self.db)
            .optional()?;
        found.map(row).transpose()
    }

    /// Every release of every list, in no order.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_releases_all(&mut self) -> Result<Vec<ReleaseRow>, StoreError> {
        let rows: Vec<Stored> = list_releases::table.load(self.db)?;
        rows.into_iter().map(row).collect()
    }

    /// A list and what it stands at now. Whoever acts on it opens the seal of the release first: this looks at clear
    /// columns alone.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_standing(
        &mut self,
        controller: ControllerId,
        id: ListId,
        now: Timestamp,
    ) -> Result<Option<ListStanding>, StoreError> {
        let Some(list) = self.list(controller, id)? else { return Ok(None) };
        let members = self.list_size(controller, id)?;
        let release = match list.status {
            ListStatus::Released => self.release_in_force(&list, members, now)?,
            _ => None,
        };
        let effective = match (list.status, &release) {
            (ListStatus::Released, None) => ListStatus::Held,
            (status, _) => status,
        };
        Ok(Some(ListStanding { list, effective, release, members }))
    }

    fn release_in_force(
        &mut self,
        list: &List,
        members: u64,
        now: Timestamp,
    ) -> Result<Option<ReleaseRow>, StoreError> {
        let Some(release) = self.list_last_release(list.controller, list.id)? else { return Ok(None) };
        let check = self.list_last_check(list.controller, list.id)?;
        let stands = release.ended.is_none()
            && release.granted <= now
            && now < release.expires
            && check.is_some_and(|check| check.id == release.check)
            && members <= release.members
            && self.list_imports(list.controller, list.id)? == release.imports;
        Ok(Some(release).filter(|_| stands))
    }
}

impl WriteTx<'_> {
    /// Keeps a release.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn list_release_insert(&mut self, new: &ReleaseRow) -> Result<(), StoreError> {
        let stored = Stored {
            controller_id: new.controller.as_bytes().to_vec(),
            list_id: new.list.as_bytes().to_vec(),
            id: new.id.as_bytes().to_vec(),
            check_id: new.check.as_bytes().to_vec(),
            decision_id: new.decision.as_bytes().to_vec(),
            imports: count(new.imports)?,
            members: count(new.members)?,
            granted_us: new.granted.as_us(),
            expires_us: new.expires.as_us(),
            ended_us: new.ended.map(Timestamp::as_us),
            sealed: new.seal.as_bytes().to_vec(),
        };
        diesel::insert_into(list_releases::table).values(stored).execute(self.db)?;
        Ok(())
    }

    /// Notes that a release was ended, sealed anew.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was ended meanwhile.
    pub fn list_release_end(&mut self, ended: &ReleaseRow) -> Result<(), StoreError> {
        let rows = diesel::update(
            list_releases::table
                .filter(list_releases::controller_id.eq(ended.controller.as_bytes().as_slice()))
                .filter(list_releases::list_id.eq(ended.list.as_bytes().as_slice()))
                .filter(list_releases::id.eq(ended.id.as_bytes().as_slice()))
                .filter(list_releases::ended_us.is_null()),
        )
        .set((
            list_releases::ended_us.eq(ended.ended.map(Timestamp::as_us)),
            list_releases::sealed.eq(ended.seal.as_bytes()),
        ))
        .execute(self.db)?;
        if rows == 0 { Err(StoreError::Conflict) } else { Ok(()) }
    }
}

fn row(stored: Stored) -> Result<ReleaseRow, StoreError> {
    Ok(ReleaseRow {
        controller: ControllerId::from_bytes(exactly(&stored.controller_id, TABLE, "controller_id")?),
        list: ListId::from_bytes(exactly(&stored.list_id, TABLE, "list_id")?),
        id: ReleaseId::from_bytes(exactly(&stored.id, TABLE, "id")?),
        check: CheckId::from_bytes(exactly(&stored.check_id, TABLE, "check_id")?),
        decision: DecisionId::from_bytes(exactly(&stored.decision_id, TABLE, "decision_id")?),
        imports: size(stored.imports, TABLE, "imports")?,
        members: size(stored.members, TABLE, "members")?,
        granted: time(stored.granted_us, TABLE, "granted_us")?,
        expires: time(stored.expires_us, TABLE, "expires_us")?,
        ended: stored.ended_us.map(|us| time(us, TABLE, "ended_us")).transpose()?,
        seal: sealed(stored.sealed, TABLE, "sealed")?,
    })
}
