//! Addresses that belong to nobody: traps, which were never given to anybody, and canaries, each made for one export.

use carnet_core::keys::{Sealed, Tag};
use carnet_core::model::{ControllerId, ExportId, MarkKind, Timestamp};
use diesel::prelude::*;

use crate::StoreError;
use crate::rows::{exactly, nonzero, sealed, time, word};
use crate::schema::marked_addresses;
use crate::tx::{Tx, WriteTx};

const TABLE: &str = "marked_addresses";
/// How many tags one statement asks for: far below the engines' limits on bound values.
const STATEMENT_TAGS: usize = 1000;

/// A marked address. Its clear columns are bound to the label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkRow {
    /// The tag of the address under the vault's overlap key.
    pub tag: Tag,
    /// What it is for.
    pub kind: MarkKind,
    /// Whose canary it is; `None` for traps.
    pub controller: Option<ControllerId>,
    /// The export that it was made for; `None` for traps.
    pub export: Option<ExportId>,
    /// The address, sealed under the vault's key.
    pub label: Sealed,
    /// Since when it is marked.
    pub created: Timestamp,
}

type Stored = (Vec<u8>, String, Vec<u8>, Vec<u8>, Vec<u8>, i64);

impl Tx<'_> {
    /// Every marked address, in the order in which they were made.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn marks_all(&mut self) -> Result<Vec<MarkRow>, StoreError> {
        let rows: Vec<Stored> =
            marked_addresses::table.order((marked_addresses::created_us, marked_addresses::tag)).load(self.db)?;
        rows.into_iter().map(row).collect()
    }

    /// Those of these tags that are of marked addresses, in no order.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn marks_among(&mut self, tags: &[Tag]) -> Result<Vec<MarkRow>, StoreError> {
        let mut found = Vec::new();
        for tags in tags.chunks(STATEMENT_TAGS) {
            let wanted: Vec<&[u8]> = tags.iter().map(|tag| tag.as_bytes().as_slice()).collect();
            let rows: Vec<Stored> =
                marked_addresses::table.filter(marked_addresses::tag.eq_any(wanted)).load(self.db)?;
            for one in rows {
                found.push(row(one)?);
            }
        }
        Ok(found)
    }
}

impl WriteTx<'_> {
    /// Marks an address.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it is marked already, and the database's own failure.
    pub fn mark_insert(&mut self, new: &MarkRow) -> Result<(), StoreError> {
        let id = |id: Option<[u8; 16]>| id.unwrap_or_default().to_vec();
        diesel::insert_into(marked_addresses::table)
            .values((
                marked_addresses::tag.eq(new.tag.as_bytes().as_slice()),
                marked_addresses::kind.eq(new.kind.as_str()),
                marked_addresses::controller_id.eq(id(new.controller.map(|id| *id.as_bytes()))),
                marked_addresses::export_id.eq(id(new.export.map(|id| *id.as_bytes()))),
                marked_addresses::sealed_label.eq(new.label.as_bytes()),
                marked_addresses::created_us.eq(new.created.as_us()),
            ))
            .execute(self.db)?;
        Ok(())
    }

    /// Forgets a trap; `false` if there is none of this tag. Canaries are never forgotten.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn trap_delete(&mut self, tag: Tag) -> Result<bool, StoreError> {
        let rows = diesel::delete(
            marked_addresses::table
                .filter(marked_addresses::tag.eq(tag.as_bytes().as_slice()))
                .filter(marked_addresses::kind.ne(MarkKind::Canary.as_str())),
        )
        .execute(self.db)?;
        Ok(rows > 0)
    }
}

fn row((tag, kind, controller, export, label, created): Stored) -> Result<MarkRow, StoreError> {
    Ok(MarkRow {
        tag: Tag::from_bytes(exactly(&tag, TABLE, "tag")?),
        kind: word(&kind, TABLE, "kind")?,
        controller: nonzero(&controller, TABLE, "controller_id")?.map(ControllerId::from_bytes),
        export: nonzero(&export, TABLE, "export_id")?.map(ExportId::from_bytes),
        label: sealed(label, TABLE, "sealed_label")?,
        created: time(created, TABLE, "created_us")?,
    })
}
