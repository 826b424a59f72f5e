//! Rows that a check judged together: written once, never changed. And what became of them when they were split off.

use carnet_core::gate::Verdict;
use carnet_core::keys::Sealed;
use carnet_core::model::{CheckId, ContactId, ControllerId, DecisionKind, ListId};
use diesel::prelude::*;

use crate::StoreError;
use crate::rows::{count, exactly, number, sealed, size, word};
use crate::schema::{contacts, import_changes, imports, list_checks, list_decisions, list_members, list_segments};
use crate::tx::{Tx, WriteTx};

const TABLE: &str = "list_segments";
/// How many contacts go in one statement.
const STEP: usize = 500;

/// A segment of a check. Its clear columns are bound to label and members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentRow {
    /// Whose list.
    pub controller: ControllerId,
    /// Which list.
    pub list: ListId,
    /// Which check.
    pub check: CheckId,
    /// Its number in that check.
    pub number: u32,
    /// What the gate proposes for it.
    pub verdict: Verdict,
    /// How many rows were judged.
    pub rows: u64,
    /// Whether the gate would rather have it apart from the rest.
    pub quarantined: bool,
    /// What its rows have in common.
    pub label: Sealed,
}

#[derive(Queryable)]
struct Stored {
    number: i64,
    verdict: String,
    row_count: i64,
    quarantined: i64,
    sealed_label: Vec<u8>,
}

impl Tx<'_> {
    /// The segments of a check, in the order of their numbers.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_segments(
        &mut self,
        controller: ControllerId,
        list: ListId,
        check: CheckId,
    ) -> Result<Vec<SegmentRow>, StoreError> {
        let rows: Vec<Stored> = list_segments::table
            .filter(list_segments::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(list_segments::list_id.eq(list.as_bytes().as_slice()))
            .filter(list_segments::check_id.eq(check.as_bytes().as_slice()))
            .order(list_segments::number)
            .select((
                list_segments::number,
                list_segments::verdict,
                list_segments::row_count,
                list_segments::quarantined,
                list_segments::sealed_label,
            ))
            .load(self.db)?;
        let row = |stored: Stored| {
            Ok(SegmentRow {
                controller,
                list,
                check,
                number: number(stored.number, TABLE, "number")?,
                verdict: word(&stored.verdict, TABLE, "verdict")?,
                rows: size(stored.row_count, TABLE, "row_count")?,
                quarantined: stored.quarantined != 0,
                label: sealed(stored.sealed_label, TABLE, "sealed_label")?,
            })
        };
        rows.into_iter().map(row).collect()
    }

    /// The contacts of a segment when it was judged, sealed: as many as there were, so they are read for one segment at a time.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; the database's own failure, or [`StoreError::Damaged`].
    pub fn list_segment_members(&mut self, segment: &SegmentRow) -> Result<Sealed, StoreError> {
        let found: Option<Vec<u8>> = list_segments::table
            .filter(list_segments::controller_id.eq(segment.controller.as_bytes().as_slice()))
            .filter(list_segments::list_id.eq(segment.list.as_bytes().as_slice()))
            .filter(list_segments::check_id.eq(segment.check.as_bytes().as_slice()))
            .filter(list_segments::number.eq(i64::from(segment.number)))
            .select(list_segments::sealed_members)
            .first(self.db)
            .optional()?;
        sealed(found.ok_or(StoreError::NotFound("the segment"))?, TABLE, "sealed_members")
    }

    /// The lists that were split off this one; not those that were split off them.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn lists_split_from(&mut self, controller: ControllerId, list: ListId) -> Result<Vec<ListId>, StoreError> {
        let checks = list_checks::table
            .filter(list_checks::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(list_checks::list_id.eq(list.as_bytes().as_slice()))
            .select(list_checks::id.nullable());
        let rows: Vec<Vec<u8>> = list_decisions::table
            .filter(list_decisions::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(list_decisions::list_id.ne(list.as_bytes().as_slice()))
            .filter(list_decisions::kind.eq(DecisionKind::Split.as_str()))
            .filter(list_decisions::check_id.eq_any(checks))
            .order(list_decisions::list_id)
            .select(list_decisions::list_id)
            .load(self.db)?;
        rows.iter().map(|id| Ok(ListId::from_bytes(exactly(id, "list_decisions", "list_id")?))).collect()
    }

    /// The list that this one was split off.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_split_origin(&mut self, controller: ControllerId, list: ListId) -> Result<Option<ListId>, StoreError> {
        let checks = list_decisions::table
            .filter(list_decisions::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(list_decisions::list_id.eq(list.as_bytes().as_slice()))
            .filter(list_decisions::kind.eq(DecisionKind::Split.as_str()))
            .select(list_decisions::check_id.assume_not_null());
        let found: Option<Vec<u8>> = list_checks::table
            .filter(list_checks::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(list_checks::list_id.ne(list.as_bytes().as_slice()))
            .filter(list_checks::id.eq_any(checks))
            .select(list_checks::list_id)
            .first(self.db)
            .optional()?;
        found.map(|id| Ok(ListId::from_bytes(exactly(&id, "list_checks", "list_id")?))).transpose()
    }

    /// Whether an import into this very list brought the contact: by adding it, or by finding it in the vault.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn list_joined_by_import(
        &mut self,
        controller: ControllerId,
        list: ListId,
        contact: ContactId,
    ) -> Result<bool, StoreError> {
        let into = imports::table
            .filter(imports::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(imports::list_id.eq(list.as_bytes().as_slice()));
        let found: i64 = import_changes::table
            .filter(import_changes::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(import_changes::contact_id.eq(contact.as_bytes().as_slice()))
            .filter(import_changes::joined.ne(0))
            .filter(import_changes::import_id.eq_any(into.select(imports::id)))
            .count()
            .get_result(self.db)?;
        let added: i64 = contacts::table
            .filter(contacts::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(contacts::id.eq(contact.as_bytes().as_slice()))
            .filter(contacts::provenance_id.eq_any(into.select(imports::provenance_id)))
            .count()
            .get_result(self.db)?;
        Ok(found + added > 0)
    }
}

impl WriteTx<'_> {
    /// Keeps a segment with its members.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn list_segment_insert(&mut self, new: &SegmentRow, members: &Sealed) -> Result<(), StoreError> {
        diesel::insert_into(list_segments::table)
            .values((
                list_segments::controller_id.eq(new.controller.as_bytes().as_slice()),
                list_segments::list_id.eq(new.list.as_bytes().as_slice()),
                list_segments::check_id.eq(new.check.as_bytes().as_slice()),
                list_segments::number.eq(i64::from(new.number)),
                list_segments::verdict.eq(new.verdict.as_str()),
                list_segments::row_count.eq(count(new.rows)?),
                list_segments::quarantined.eq(i64::from(new.quarantined)),
                list_segments::sealed_label.eq(new.label.as_bytes()),
                list_segments::sealed_members.eq(members.as_bytes()),
            ))
            .execute(self.db)?;
        Ok(())
    }

    /// Takes contacts out of a list and puts them into another, in which none of them is. Those that are not in the first, because they
    /// left or were erased, stay where they are. Answers who went, in the order given.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_members_move(
        &mut self,
        controller: ControllerId,
        (from, to): (ListId, ListId),
        contacts: &[ContactId],
    ) -> Result<Vec<ContactId>, StoreError> {
        let mut moved = Vec::with_capacity(contacts.len());
        for step in contacts.chunks(STEP) {
            let ids: Vec<&[u8]> = step.iter().map(|id| id.as_bytes().as_slice()).collect();
            let of_step = || {
                list_members::table
                    .filter(list_members::controller_id.eq(controller.as_bytes().as_slice()))
                    .filter(list_members::list_id.eq(from.as_bytes().as_slice()))
                    .filter(list_members::contact_id.eq_any(&ids))
            };
            let found: Vec<Vec<u8>> =
                of_step().order(list_members::contact_id).select(list_members::contact_id).load(self.db)?;
            diesel::update(of_step()).set(list_members::list_id.eq(to.as_bytes().as_slice())).execute(self.db)?;
            for id in &found {
                moved.push(ContactId::from_bytes(exactly(id, "list_members", "contact_id")?));
            }
        }
        Ok(moved)
    }
}
