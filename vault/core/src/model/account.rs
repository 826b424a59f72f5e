//! Accounts' roles, and how far each is granted.

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
    pub const ALL: [Self; 4] = [Self::Owner, Self::Compliance, Self::Operator, Self::Auditor];

    fn name(self) -> &'static str {
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
        f.write_str(self.name())
    }
}

/// The text is not a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a role; expected owner, compliance, operator or auditor")]
pub struct RoleError;

impl FromStr for Role {
    type Err = RoleError;

    fn from_str(text: &str) -> Result<Self, RoleError> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or(RoleError)
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
