//! Rotating a controller's master key: how far it has come, and every sealed value of one contact in reach.

use carnet_core::keys::Sealed;
use carnet_core::model::{
    ConsentEventId, ContactId, ControllerId, DecisionId, EntryId, ImportId, ListId, ProvenanceId, Timestamp,
};
use diesel::prelude::*;

use crate::StoreError;
use crate::engine::Db;
use crate::rows::{count, exactly, number, sealed, size, time};
use crate::schema::{
    consent_events, contact_originals, contacts, import_changes, key_rotations, ledger_details, list_proofs,
    provenances,
};
use crate::tx::{Tx, WriteTx};

/// A rotation and its progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationRow {
    /// Whose master key.
    pub controller: ControllerId,
    /// The generation that everything is sealed under in the end.
    pub to_generation: u32,
    /// The last contact that is done; absent before the first.
    pub done_through: Option<ContactId>,
    /// How many contacts are done.
    pub resealed: u64,
    /// When it began.
    pub started: Timestamp,
    /// When it ended.
    pub finished: Option<Timestamp>,
}

/// A sealed value of a contact, by where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// The card.
    Card,
    /// The bytes that the card came in as.
    Original,
    /// The evidence of a consent event.
    Evidence(ConsentEventId),
    /// The details of a ledger entry.
    Details(EntryId),
    /// The card as it was before an import changed it.
    Before(ImportId),
    /// The note of a proof that was drawn for a proposal to release a list.
    Proof(ListId, DecisionId),
}

impl Tx<'_> {
    /// The rotation of this controller's master key that has not ended.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn rotation_open(&mut self, controller: ControllerId) -> Result<Option<RotationRow>, StoreError> {
        const TABLE: &str = "key_rotations";
        type Stored = (Vec<u8>, i64, Option<Vec<u8>>, i64, i64, Option<i64>);
        let found: Option<Stored> = key_rotations::table
            .filter(key_rotations::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(key_rotations::finished_us.is_null())
            .first(self.db)
            .optional()?;
        let Some((_, to_generation, done_through, resealed, started, finished)) = found else { return Ok(None) };
        Ok(Some(RotationRow {
            controller,
            to_generation: number(to_generation, TABLE, "to_generation")?,
            done_through: done_through
                .map(|id| exactly(&id, TABLE, "done_through").map(ContactId::from_bytes))
                .transpose()?,
            resealed: size(resealed, TABLE, "resealed")?,
            started: time(started, TABLE, "started_us")?,
            finished: finished.map(|us| time(us, TABLE, "finished_us")).transpose()?,
        }))
    }

    /// The ledger details that are sealed under this contact's key.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn ledger_details_of(
        &mut self,
        controller: ControllerId,
        contact: ContactId,
    ) -> Result<Vec<(EntryId, Sealed)>, StoreError> {
        let rows: Vec<(Vec<u8>, Vec<u8>)> = ledger_details::table
            .filter(ledger_details::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(ledger_details::contact_id.eq(contact.as_bytes().as_slice()))
            .select((ledger_details::entry_id, ledger_details::sealed))
            .load(self.db)?;
        rows.into_iter()
            .map(|(id, bytes)| {
                let id = EntryId::from_bytes(exactly(&id, "ledger_details", "entry_id")?);
                Ok((id, sealed(bytes, "ledger_details", "sealed")?))
            })
            .collect()
    }
}

impl WriteTx<'_> {
    /// Notes that a rotation begins.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when this generation was begun before.
    pub fn rotation_insert(
        &mut self,
        controller: ControllerId,
        to_generation: u32,
        started: Timestamp,
    ) -> Result<(), StoreError> {
        diesel::insert_into(key_rotations::table)
            .values((
                key_rotations::controller_id.eq(controller.as_bytes().as_slice()),
                key_rotations::to_generation.eq(i64::from(to_generation)),
                key_rotations::resealed.eq(0),
                key_rotations::started_us.eq(started.as_us()),
            ))
            .execute(self.db)?;
        Ok(())
    }

    /// The rotation that has not ended, held against other processes until the end of the transaction.
    ///
    /// # Errors
    /// As [`Tx::rotation_open`].
    pub fn rotation_hold(&mut self, controller: ControllerId) -> Result<Option<RotationRow>, StoreError> {
        if let Db::Postgres(connection) = &mut *self.db {
            key_rotations::table
                .filter(key_rotations::controller_id.eq(controller.as_bytes().to_vec()))
                .select(key_rotations::to_generation)
                .for_update()
                .load::<i64>(connection)?;
        }
        self.rotation_open(controller)
    }

    /// Notes how far a rotation has come.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without such a rotation.
    pub fn rotation_update(&mut self, row: &RotationRow) -> Result<(), StoreError> {
        let rows = diesel::update(
            key_rotations::table
                .filter(key_rotations::controller_id.eq(row.controller.as_bytes().as_slice()))
                .filter(key_rotations::to_generation.eq(i64::from(row.to_generation))),
        )
        .set((
            key_rotations::done_through.eq(row.done_through.map(|id| id.as_bytes().to_vec())),
            key_rotations::resealed.eq(count(row.resealed)?),
            key_rotations::finished_us.eq(row.finished.map(Timestamp::as_us)),
        ))
        .execute(self.db)?;
        if rows == 0 { Err(StoreError::NotFound("the rotation")) } else { Ok(()) }
    }

    /// Puts the same content, sealed under another generation, in a value's place.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn contact_reseal(
        &mut self,
        controller: ControllerId,
        contact: ContactId,
        cell: Cell,
        sealed: &Sealed,
    ) -> Result<(), StoreError> {
        let (controller, contact, bytes) =
            (controller.as_bytes().as_slice(), contact.as_bytes().as_slice(), sealed.as_bytes());
        match cell {
            Cell::Card => diesel::update(
                contacts::table.filter(contacts::controller_id.eq(controller)).filter(contacts::id.eq(contact)),
            )
            .set((contacts::sealed_card.eq(bytes), contacts::key_generation.eq(i64::from(sealed.generation()))))
            .execute(self.db)?,
            Cell::Original => diesel::update(
                contact_originals::table
                    .filter(contact_originals::controller_id.eq(controller))
                    .filter(contact_originals::contact_id.eq(contact)),
            )
            .set(contact_originals::sealed.eq(bytes))
            .execute(self.db)?,
            Cell::Evidence(id) => diesel::update(
                consent_events::table
                    .filter(consent_events::controller_id.eq(controller))
                    .filter(consent_events::contact_id.eq(contact))
                    .filter(consent_events::id.eq(id.as_bytes().as_slice())),
            )
            .set(consent_events::sealed_evidence.eq(bytes))
            .execute(self.db)?,
            Cell::Details(id) => diesel::update(
                ledger_details::table
                    .filter(ledger_details::controller_id.eq(controller))
                    .filter(ledger_details::entry_id.eq(id.as_bytes().as_slice())),
            )
            .set(ledger_details::sealed.eq(bytes))
            .execute(self.db)?,
            Cell::Before(id) => diesel::update(
                import_changes::table
                    .filter(import_changes::controller_id.eq(controller))
                    .filter(import_changes::import_id.eq(id.as_bytes().as_slice()))
                    .filter(import_changes::contact_id.eq(contact)),
            )
            .set(import_changes::sealed_before.eq(bytes))
            .execute(self.db)?,
            Cell::Proof(list, proposal) => diesel::update(
                list_proofs::table
                    .filter(list_proofs::controller_id.eq(controller))
                    .filter(list_proofs::list_id.eq(list.as_bytes().as_slice()))
                    .filter(list_proofs::proposal_id.eq(proposal.as_bytes().as_slice()))
                    .filter(list_proofs::contact_id.eq(contact)),
            )
            .set(list_proofs::sealed_note.eq(bytes))
            .execute(self.db)?,
        };
        Ok(())
    }

    /// Puts the same origin, sealed under another generation, in its place.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn provenance_reseal(
        &mut self,
        controller: ControllerId,
        id: ProvenanceId,
        sealed: &Sealed,
    ) -> Result<(), StoreError> {
        diesel::update(
            provenances::table
                .filter(provenances::controller_id.eq(controller.as_bytes().as_slice()))
                .filter(provenances::id.eq(id.as_bytes().as_slice())),
        )
        .set(provenances::sealed.eq(sealed.as_bytes()))
        .execute(self.db)?;
        Ok(())
    }
}
