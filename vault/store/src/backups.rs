//! Backup sites, and what is known of the snapshots there.

use std::collections::{HashMap, HashSet};

use carnet_core::backup::{Content, SnapshotState};
use carnet_core::keys::Sealed;
use carnet_core::model::{ContactId, ControllerId, Country, SiteId, Slug, Timestamp};
use diesel::prelude::*;

use crate::engine::on;
use crate::rows::{count, exactly, sealed, size, time, word};
use crate::schema::{backup_sites, backup_snapshots, contact_salts, contacts, shredded_contacts};
use crate::tx::{Tx, WriteTx};
use crate::{SaltRow, StoreError};

const SITES: &str = "backup_sites";
const SNAPSHOTS: &str = "backup_snapshots";
/// How many contacts are looked for in one statement.
const STATEMENT_ROWS: usize = 500;

/// A place that keeps backups. Its clear columns are bound to the sealed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRow {
    /// Its id.
    pub id: SiteId,
    /// Its name.
    pub name: Slug,
    /// In which country it is.
    pub country: Country,
    /// In which country the ultimate parent of its operator is.
    pub parent_country: Country,
    /// Folder and password.
    pub sealed: Sealed,
    /// When it was added.
    pub created: Timestamp,
}

/// A snapshot of one half of the vault at a site. Its clear columns are bound to the sealed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRow {
    /// Where.
    pub site: SiteId,
    /// Its id in the repository.
    pub id: [u8; 32],
    /// Which half.
    pub content: Content,
    /// What is known of it.
    pub state: SnapshotState,
    /// When it was taken.
    pub taken: Timestamp,
    /// How many cards or salts it holds.
    pub contacts: u64,
    /// How many salts were gone that no erasure accounts for.
    pub lost: u64,
    /// Its bytes.
    pub bytes: u64,
    /// How many the repository grew by.
    pub added: u64,
    /// When it was restored and compared.
    pub proven: Option<Timestamp>,
    /// Why it failed, if it did.
    pub sealed: Sealed,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = backup_snapshots)]
struct Stored {
    site_id: Vec<u8>,
    id: Vec<u8>,
    content: String,
    state: String,
    taken_us: i64,
    contacts: i64,
    lost: i64,
    bytes: i64,
    added: i64,
    proven_us: Option<i64>,
    sealed: Vec<u8>,
}

impl Tx<'_> {
    /// The backup sites, by name.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn backup_sites(&mut self) -> Result<Vec<SiteRow>, StoreError> {
        type Found = (Vec<u8>, String, String, String, Vec<u8>, i64);
        let mut rows: Vec<Found> = backup_sites::table.load(self.db)?;
        rows.sort_by(|one, next| one.1.cmp(&next.1));
        rows.into_iter()
            .map(|(id, name, country, parent, bytes, created)| {
                Ok(SiteRow {
                    id: SiteId::from_bytes(exactly(&id, SITES, "id")?),
                    name: word(&name, SITES, "name")?,
                    country: word(&country, SITES, "country")?,
                    parent_country: word(&parent, SITES, "parent_country")?,
                    sealed: sealed(bytes, SITES, "sealed")?,
                    created: time(created, SITES, "created_us")?,
                })
            })
            .collect()
    }

    /// What is known of snapshots, the newest first.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn backup_snapshots(&mut self) -> Result<Vec<SnapshotRow>, StoreError> {
        let rows: Vec<Stored> = backup_snapshots::table
            .order((backup_snapshots::taken_us.desc(), backup_snapshots::site_id, backup_snapshots::id))
            .load(self.db)?;
        rows.into_iter().map(row).collect()
    }

    /// How many contacts have no salt, so that nobody can open them: their erasure would have taken them with it.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn contacts_without_salt(&mut self) -> Result<u64, StoreError> {
        let found: i64 = contacts::table
            .left_join(
                contact_salts::table.on(contact_salts::controller_id
                    .eq(contacts::controller_id)
                    .and(contact_salts::contact_id.eq(contacts::id))
                    .and(contact_salts::salt.ne([0_u8; 16].as_slice()))),
            )
            .filter(contact_salts::salt.nullable().is_null())
            .count()
            .get_result(self.db)?;
        size(found, "contact_salts", "salt")
    }

    /// Whose salt of these is not there any more, or is another, without an erasure that accounts for it: salts never change.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn salts_unaccounted(&mut self, known: &[SaltRow]) -> Result<Vec<(ControllerId, ContactId)>, StoreError> {
        let mut lost = Vec::new();
        let of_controllers = known.chunk_by(|one, next| one.controller == next.controller);
        for known in of_controllers.flat_map(|of_one| of_one.chunks(STATEMENT_ROWS)) {
            let Some(controller) = known.first().map(|row| row.controller) else { continue };
            let ids: Vec<&[u8]> = known.iter().map(|row| row.contact.as_bytes().as_slice()).collect();
            let controller_id = controller.as_bytes().as_slice();
            let salts: Vec<(Vec<u8>, Vec<u8>)> = contact_salts::table
                .filter(contact_salts::controller_id.eq(controller_id))
                .filter(contact_salts::contact_id.eq_any(ids.clone()))
                .select((contact_salts::contact_id, contact_salts::salt))
                .load(self.db)?;
            let salts: HashMap<Vec<u8>, Vec<u8>> = salts.into_iter().collect();
            let is_there = |row: &SaltRow| {
                salts.get(row.contact.as_bytes().as_slice()).is_some_and(|salt| salt == row.salt.as_bytes())
            };
            if known.iter().all(is_there) {
                continue;
            }
            let shredded: Vec<Vec<u8>> = shredded_contacts::table
                .filter(shredded_contacts::controller_id.eq(controller_id))
                .filter(shredded_contacts::contact_id.eq_any(ids))
                .select(shredded_contacts::contact_id)
                .load(self.db)?;
            let shredded: HashSet<Vec<u8>> = shredded.into_iter().collect();
            let gone = known.iter().filter(|row| !is_there(row));
            let gone = gone.filter(|row| !shredded.contains(row.contact.as_bytes().as_slice()));
            lost.extend(gone.map(|row| (row.controller, row.contact)));
        }
        Ok(lost)
    }
}

impl WriteTx<'_> {
    /// Adds a site.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the name is taken.
    pub fn backup_site_insert(&mut self, new: &SiteRow) -> Result<(), StoreError> {
        diesel::insert_into(backup_sites::table)
            .values((
                backup_sites::id.eq(new.id.as_bytes().as_slice()),
                backup_sites::name.eq(new.name.to_string()),
                backup_sites::country.eq(new.country.to_string()),
                backup_sites::parent_country.eq(new.parent_country.to_string()),
                backup_sites::sealed.eq(new.sealed.as_bytes()),
                backup_sites::created_us.eq(new.created.as_us()),
            ))
            .execute(self.db)?;
        Ok(())
    }

    /// Removes a site, and what is known of its snapshots.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn backup_site_delete(&mut self, site: SiteId) -> Result<(), StoreError> {
        let id = site.as_bytes().as_slice();
        diesel::delete(backup_snapshots::table.filter(backup_snapshots::site_id.eq(id))).execute(self.db)?;
        diesel::delete(backup_sites::table.filter(backup_sites::id.eq(id))).execute(self.db)?;
        Ok(())
    }

    /// Keeps what is known of a snapshot, in place of what was known before.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn backup_snapshot_put(&mut self, row: &SnapshotRow) -> Result<(), StoreError> {
        let stored = Stored {
            site_id: row.site.as_bytes().to_vec(),
            id: row.id.to_vec(),
            content: row.content.as_str().to_owned(),
            state: row.state.to_string(),
            taken_us: row.taken.as_us(),
            contacts: count(row.contacts)?,
            lost: count(row.lost)?,
            bytes: count(row.bytes)?,
            added: count(row.added)?,
            proven_us: row.proven.map(Timestamp::as_us),
            sealed: row.sealed.as_bytes().to_vec(),
        };
        self.backup_snapshot_delete(row.site, &row.id)?;
        on!(&mut *self.db, connection => diesel::insert_into(backup_snapshots::table).values(&stored).execute(connection))?;
        Ok(())
    }

    /// Forgets a snapshot that its site has let go of.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn backup_snapshot_delete(&mut self, site: SiteId, id: &[u8; 32]) -> Result<(), StoreError> {
        diesel::delete(
            backup_snapshots::table
                .filter(backup_snapshots::site_id.eq(site.as_bytes().as_slice()))
                .filter(backup_snapshots::id.eq(id.as_slice())),
        )
        .execute(self.db)?;
        Ok(())
    }
}

fn row(stored: Stored) -> Result<SnapshotRow, StoreError> {
    Ok(SnapshotRow {
        site: SiteId::from_bytes(exactly(&stored.site_id, SNAPSHOTS, "site_id")?),
        id: exactly(&stored.id, SNAPSHOTS, "id")?,
        content: word(&stored.content, SNAPSHOTS, "content")?,
        state: word(&stored.state, SNAPSHOTS, "state")?,
        taken: time(stored.taken_us, SNAPSHOTS, "taken_us")?,
        contacts: size(stored.contacts, SNAPSHOTS, "contacts")?,
        lost: size(stored.lost, SNAPSHOTS, "lost")?,
        bytes: size(stored.bytes, SNAPSHOTS, "bytes")?,
        added: size(stored.added, SNAPSHOTS, "added")?,
        proven: stored.proven_us.map(|at| time(at, SNAPSHOTS, "proven_us")).transpose()?,
        sealed: sealed(stored.sealed, SNAPSHOTS, "sealed")?,
    })
}
