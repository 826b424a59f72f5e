//! Accounts and the roles that they were granted.

use carnet_core::model::{Account, AccountId, ControllerId, RoleGrant};
use diesel::prelude::*;

use crate::StoreError;
use crate::rows::{exactly, nonzero, time, word};
use crate::schema::{account_grants, accounts};
use crate::tx::{Tx, WriteTx};

impl Tx<'_> {
    /// All accounts with their roles, by name.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn account_list(&mut self) -> Result<Vec<Account>, StoreError> {
        let rows: Vec<(Vec<u8>, String, i64)> = accounts::table.order(accounts::name).load(self.db)?;
        let granted: Vec<(Vec<u8>, Vec<u8>, String)> = account_grants::table
            .order((account_grants::account_id, account_grants::controller_id, account_grants::role))
            .load(self.db)?;
        rows.into_iter()
            .map(|(id, name, created)| {
                let roles = granted
                    .iter()
                    .filter(|(account, _, _)| *account == id)
                    .map(|(_, controller, role)| {
                        Ok(RoleGrant {
                            role: word(role, "account_grants", "role")?,
                            controller: nonzero(controller, "account_grants", "controller_id")?
                                .map(ControllerId::from_bytes),
                        })
                    })
                    .collect::<Result<Vec<_>, StoreError>>()?;
                Ok(Account {
                    id: AccountId::from_bytes(exactly(&id, "accounts", "id")?),
                    name: word(&name, "accounts", "name")?,
                    roles,
                    created: time(created, "accounts", "created_us")?,
                })
            })
            .collect()
    }
}

impl WriteTx<'_> {
    /// Adds an account with its roles.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the name is taken.
    pub fn account_insert(&mut self, new: &Account) -> Result<(), StoreError> {
        diesel::insert_into(accounts::table)
            .values((
                accounts::id.eq(new.id.as_bytes().as_slice()),
                accounts::name.eq(new.name.to_string()),
                accounts::created_us.eq(new.created.as_us()),
            ))
            .execute(self.db)?;
        for grant in &new.roles {
            diesel::insert_into(account_grants::table)
                .values((
                    account_grants::account_id.eq(new.id.as_bytes().as_slice()),
                    account_grants::controller_id.eq(grant.controller.map_or([0; 16], |id| *id.as_bytes()).to_vec()),
                    account_grants::role.eq(grant.role.to_string()),
                ))
                .execute(self.db)?;
        }
        Ok(())
    }
}
