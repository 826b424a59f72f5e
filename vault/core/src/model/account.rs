//! Accounts' roles, how far each is granted, and where a list stands.

use std::fmt;
use std::str::FromStr;

use super::ControllerId;

/// What an account is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Runs the vault: accounts, controllers, keys.
    Owner,
    /// The officer: sees everything, decides on lists, answers subjects.
    Compliance,
    /// Works with contacts day by day.
    Operator,
    /// Reads the ledger, never a contact.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: &'static [Self] = &[Self::Owner, Self::Compliance, Self::Operator, Self::Auditor];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Compliance => "compliance",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text is not a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not a role; expected owner, compliance, operator or auditor")]
pub struct RoleError;

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        Self::ALL.iter().copied().find(|role| role.as_str() == text).ok_or(RoleError)
    }
}

/// A role given to an account, for one controller or for the whole vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleGrant {
    /// What the account may be.
    pub role: Role,
    /// Where; `None` is the whole vault.
    pub controller: Option<ControllerId>,
}

/// Where a list stands between its arrival and its use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListStatus {
    /// It is in the vault and has not been checked.
    Received,
    /// The gate is looking at it.
    Checking,
    /// The gate has looked; it waits for an officer.
    Held,
    /// A release is in force.
    Released,
    /// An officer, or the gate, has closed it.
    Blocked,
    /// It was taken back.
    Withdrawn,
}

impl ListStatus {
    /// Every status.
    pub const ALL: &'static [Self] =
        &[Self::Received, Self::Checking, Self::Held, Self::Released, Self::Blocked, Self::Withdrawn];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Checking => "checking",
            Self::Held => "held",
            Self::Released => "released",
            Self::Blocked => "blocked",
            Self::Withdrawn => "withdrawn",
        }
    }
}
