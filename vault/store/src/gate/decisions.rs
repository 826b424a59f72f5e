//! What people decided about lists, asked and answered: written once, never changed.

use carnet_core::keys::Sealed;
use carnet_core::model::{
    AccountId, CheckId, ControllerId, DecisionId, DecisionKind, DecisionScope, ListId, Timestamp,
};
use diesel::prelude::*;

use crate::StoreError;
use crate::rows::{exactly, sealed, time, word};
use crate::schema::list_decisions;
use crate::tx::{Tx, WriteTx};

const TABLE: &str = "list_decisions";

/// A decision on a list. Its clear columns are bound to the sealed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// Whose list.
    pub controller: ControllerId,
    /// Which list.
    pub list: ListId,
    /// The decision's id; later decisions have later ids.
    pub id: DecisionId,
    /// What was decided.
    pub kind: DecisionKind,
    /// The check that it was decided on.
    pub check: Option<CheckId>,
    /// By whom.
    pub account: AccountId,
    /// Why, in a word.
    pub code: Option<String>,
    /// What of the list it is about.
    pub scope: DecisionScope,
    /// Until when it holds, if not for good.
    pub expires: Option<Timestamp>,
    /// Why, in words.
    pub text: Sealed,
    /// When.
    pub at: Timestamp,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = list_decisions)]
struct Stored {
    controller_id: Vec<u8>,
    list_id: Vec<u8>,
    id: Vec<u8>,
    kind: String,
    check_id: Option<Vec<u8>>,
    account_id: Vec<u8>,
    code: Option<String>,
    scope: String,
    expires_us: Option<i64>,
    sealed_text: Vec<u8>,
    at_us: i64,
}

impl Tx<'_> {
    /// What was decided about a list, the oldest first.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_decisions(&mut self, controller: ControllerId, list: ListId) -> Result<Vec<DecisionRow>, StoreError> {
        let rows: Vec<Stored> = list_decisions::table
            .filter(list_decisions::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(list_decisions::list_id.eq(list.as_bytes().as_slice()))
            .order(list_decisions::id)
            .load(self.db)?;
        rows.into_iter().map(row).collect()
    }
}

impl WriteTx<'_> {
    /// Keeps a decision.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn list_decision_insert(&mut self, new: &DecisionRow) -> Result<(), StoreError> {
        let stored = Stored {
            controller_id: new.controller.as_bytes().to_vec(),
            list_id: new.list.as_bytes().to_vec(),
            id: new.id.as_bytes().to_vec(),
            kind: new.kind.to_string(),
            check_id: new.check.map(|id| id.as_bytes().to_vec()),
            account_id: new.account.as_bytes().to_vec(),
            code: new.code.clone(),
            scope: new.scope.to_string(),
            expires_us: new.expires.map(Timestamp::as_us),
            sealed_text: new.text.as_bytes().to_vec(),
            at_us: new.at.as_us(),
        };
        diesel::insert_into(list_decisions::table).values(stored).execute(self.db)?;
        Ok(())
    }
}

fn row(stored: Stored) -> Result<DecisionRow, StoreError> {
    let check = stored.check_id.map(|id| exactly(&id, TABLE, "check_id").map(CheckId::from_bytes)).transpose()?;
    Ok(DecisionRow {
        controller: ControllerId::from_bytes(exactly(&stored.controller_id, TABLE, "controller_id")?),
        list: ListId::from_bytes(exactly(&stored.list_id, TABLE, "list_id")?),
        id: DecisionId::from_bytes(exactly(&stored.id, TABLE, "id")?),
        kind: word(&stored.kind, TABLE, "kind")?,
        check,
        account: AccountId::from_bytes(exactly(&stored.account_id, TABLE, "account_id")?),
        code: stored.code,
        scope: word(&stored.scope, TABLE, "scope")?,
        expires: stored.expires_us.map(|us| time(us, TABLE, "expires_us")).transpose()?,
        text: sealed(stored.sealed_text, TABLE, "sealed_text")?,
        at: time(stored.at_us, TABLE, "at_us")?,
    })
}
