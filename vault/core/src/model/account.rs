//! Accounts: who acts at the desk, and in which roles. What a role may do is for policy.

use super::text_enum::text_enum;
use super::{AccountId, ControllerId, Slug, Timestamp};

text_enum! {
    /// What an account is there for.
    Role, "a role" {
        /// Runs the vault: keys, accounts, controllers.
        Owner = "owner",
        /// The officer: the last word on every list.
        Compliance = "compliance",
        /// Works with contacts and lists.
        Operator = "operator",
        /// Reads the ledger and the registers.
        Auditor = "auditor",
    }
}

/// A role, for one controller or for the whole vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleGrant {
    /// The role.
    pub role: Role,
    /// For whom; `None` for every controller of the vault.
    pub controller: Option<ControllerId>,
}

impl RoleGrant {
    /// Whether it holds for this controller.
    pub fn covers(self, controller: ControllerId) -> bool {
        self.controller.is_none_or(|granted| granted == controller)
    }
}

/// Somebody who acts at the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its identifier.
    pub id: AccountId,
    /// Its handle; the ledger and the command line know it by this.
    pub name: Slug,
    /// Its roles.
    pub roles: Vec<RoleGrant>,
    /// When it was made.
    pub created: Timestamp,
}

impl Account {
    /// Whether it has a role for a controller.
    pub fn has_role(&self, role: Role, controller: ControllerId) -> bool {
        self.roles.iter().any(|grant| grant.role == role && grant.covers(controller))
    }

    /// Its roles for a controller, each once, in their order.
    pub fn roles_for(&self, controller: ControllerId) -> Vec<Role> {
        Role::ALL.iter().copied().filter(|role| self.has_role(*role, controller)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_for_one_controller_holds_for_no_other() {
        let [ours, theirs] = [ControllerId::new(), ControllerId::new()];
        let account = Account {
            id: AccountId::new(),
            name: "ada".parse().unwrap(),
            roles: vec![
                RoleGrant { role: Role::Operator, controller: Some(ours) },
                RoleGrant { role: Role::Auditor, controller: None },
            ],
            created: Timestamp::now(),
        };
        assert_eq!(account.roles_for(ours), [Role::Operator, Role::Auditor]);
        assert_eq!(account.roles_for(theirs), [Role::Auditor]);
        assert!(!account.has_role(Role::Compliance, ours));
    }

    #[test]
    fn roles_read_back_and_others_are_answered_with_the_list() {
        for role in Role::ALL {
            assert_eq!(role.to_string().parse::<Role>().unwrap(), *role);
        }
        let error = "root".parse::<Role>().unwrap_err();
        assert_eq!(error.to_string(), "this is not a role; expected one of owner, compliance, operator, auditor");
    }
}
