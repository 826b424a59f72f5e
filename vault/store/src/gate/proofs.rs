//! What was drawn from blocked lists to be proven. A row goes with its contact.

use carnet_core::keys::Sealed;
use carnet_core::model::{AccountId, ContactId, ControllerId, DecisionId, ListId, ProofState, Timestamp};
use diesel::prelude::*;

use crate::StoreError;
use crate::rows::{exactly, sealed, time, word};
use crate::schema::list_proofs;
use crate::tx::{Tx, WriteTx};

const TABLE: &str = "list_proofs";

/// A contact that was drawn, and what was shown for it. Its clear columns are bound to the sealed note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProofRow {
    /// Whose list.
    pub controller: ControllerId,
    /// Which list.
    pub list: ListId,
    /// The proposal that it was drawn for.
    pub proposal: DecisionId,
    /// The contact.
    pub contact: ContactId,
    /// Where it stands.
    pub state: ProofState,
    /// Who showed something for it.
    pub shown_by: Option<AccountId>,
    /// Which officer judged that.
    pub judged_by: Option<AccountId>,
    /// What was shown, under the contact's key.
    pub note: Sealed,
    /// When it last changed.
    pub changed: Timestamp,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = list_proofs)]
struct Stored {
    controller_id: Vec<u8>,
    list_id: Vec<u8>,
    proposal_id: Vec<u8>,
    contact_id: Vec<u8>,
    state: String,
    shown_by: Option<Vec<u8>>,
    judged_by: Option<Vec<u8>>,
    sealed_note: Vec<u8>,
    changed_us: i64,
}

impl Tx<'_> {
    /// What was drawn for a proposal and is still there, in the order of the contacts.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_proofs(
        &mut self,
        controller: ControllerId,
        list: ListId,
        proposal: DecisionId,
    ) -> Result<Vec<ProofRow>, StoreError> {
        let rows: Vec<Stored> = list_proofs::table
            .filter(list_proofs::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(list_proofs::list_id.eq(list.as_bytes().as_slice()))
            .filter(list_proofs::proposal_id.eq(proposal.as_bytes().as_slice()))
            .order(list_proofs::contact_id)
            .load(self.db)?;
        rows.into_iter().map(row).collect()
    }

    /// Every proof that was ever drawn about a contact.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn proofs_of_contact(
        &mut self,
        controller: ControllerId,
        contact: ContactId,
    ) -> Result<Vec<ProofRow>, StoreError> {
        let rows: Vec<Stored> = list_proofs::table
            .filter(list_proofs::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(list_proofs::contact_id.eq(contact.as_bytes().as_slice()))
            .load(self.db)?;
        rows.into_iter().map(row).collect()
    }
}

impl WriteTx<'_> {
    /// Keeps a proof that was drawn.
    ///
    /// # Errors
    /// [`StoreError::StaleKeys`] after a rotation.
    pub fn list_proof_insert(&mut self, new: &ProofRow) -> Result<(), StoreError> {
        self.master_hold(new.controller, new.note.generation())?;
        let stored = Stored {
            controller_id: new.controller.as_bytes().to_vec(),
            list_id: new.list.as_bytes().to_vec(),
            proposal_id: new.proposal.as_bytes().to_vec(),
            contact_id: new.contact.as_bytes().to_vec(),
            state: new.state.to_string(),
            shown_by: new.shown_by.map(|id| id.as_bytes().to_vec()),
            judged_by: new.judged_by.map(|id| id.as_bytes().to_vec()),
            sealed_note: new.note.as_bytes().to_vec(),
            changed_us: new.changed.as_us(),
        };
        diesel::insert_into(list_proofs::table).values(stored).execute(self.db)?;
        Ok(())
    }

    /// Puts another state of a proof in its place, if it is still in the state `from`.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when somebody else changed it meanwhile; [`StoreError::StaleKeys`] after a rotation.
    pub fn list_proof_update(&mut self, row: &ProofRow, from: ProofState) -> Result<(), StoreError> {
        self.master_hold(row.controller, row.note.generation())?;
        let rows = diesel::update(
            list_proofs::table
                .filter(list_proofs::controller_id.eq(row.controller.as_bytes().as_slice()))
                .filter(list_proofs::list_id.eq(row.list.as_bytes().as_slice()))
                .filter(list_proofs::proposal_id.eq(row.proposal.as_bytes().as_slice()))
                .filter(list_proofs::contact_id.eq(row.contact.as_bytes().as_slice()))
                .filter(list_proofs::state.eq(from.as_str())),
        )
        .set((
            list_proofs::state.eq(row.state.as_str()),
            list_proofs::shown_by.eq(row.shown_by.map(|id| id.as_bytes().to_vec())),
            list_proofs::judged_by.eq(row.judged_by.map(|id| id.as_bytes().to_vec())),
            list_proofs::sealed_note.eq(row.note.as_bytes()),
            list_proofs::changed_us.eq(row.changed.as_us()),
        ))
        .execute(self.db)?;
        if rows == 0 { Err(StoreError::Conflict) } else { Ok(()) }
    }
}

fn row(stored: Stored) -> Result<ProofRow, StoreError> {
    let account =
        |id: Option<Vec<u8>>, column| id.map(|id| exactly(&id, TABLE, column).map(AccountId::from_bytes)).transpose();
    Ok(ProofRow {
        controller: ControllerId::from_bytes(exactly(&stored.controller_id, TABLE, "controller_id")?),
        list: ListId::from_bytes(exactly(&stored.list_id, TABLE, "list_id")?),
        proposal: DecisionId::from_bytes(exactly(&stored.proposal_id, TABLE, "proposal_id")?),
        contact: ContactId::from_bytes(exactly(&stored.contact_id, TABLE, "contact_id")?),
        state: word(&stored.state, TABLE, "state")?,
        shown_by: account(stored.shown_by, "shown_by")?,
        judged_by: account(stored.judged_by, "judged_by")?,
        note: sealed(stored.sealed_note, TABLE, "sealed_note")?,
        changed: time(stored.changed_us, TABLE, "changed_us")?,
    })
}
