//! Who asks, and what is asked about.
//!
//! Plain facts that the desk has looked up. A wrong fact here is a wrong decision: grants and a list's status are read
//! in the same transaction as the act that they allow.

use crate::model::{AccountId, ControllerId, ListId, ListStatus, RoleGrant};

/// The account that asks, with every role it was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal<'a> {
    /// The account.
    pub account: AccountId,
    /// Its grants; empty for an account without a role.
    pub grants: &'a [RoleGrant],
}

/// What an operation is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// The vault as a whole, every controller included.
    Vault,
    /// A controller and what belongs to it: contacts, purposes, notices, consents, its entries in the ledger.
    Controller(ControllerId),
    /// A list of contacts.
    List {
        /// The list.
        id: ListId,
        /// The controller that it belongs to.
        controller: ControllerId,
        /// The account that brought it in.
        owner: AccountId,
        /// Where it stands. `Released` means that a release is in force now; one that ran out is `Held`.
        status: ListStatus,
    },
    /// Roles that an account is about to receive, for `account.add`.
    Appointment {
        /// The account that receives them.
        account: AccountId,
        /// All the roles that it will then hold.
        grants: &'a [RoleGrant],
    },
}
