//! The access policy tried: its table, its promises, its wording, and what is refused as a replacement.

mod matrix;
mod promises;
mod replacement;
mod wording;

use std::fs;

use tempfile::TempDir;

use super::*;
use crate::model::{AccountId, ControllerId, ListId, ListStatus, Role, RoleGrant};

const BUILTIN: &str = include_str!("../../../../../policies/access.cedar");
const SCHEMA: &str = include_str!("../../../../../policies/access.cedarschema");
const PERMIT_ALL: &str = "@id(\"all\")\npermit (principal, action, resource);\n";

const A: ControllerId = ControllerId::from_bytes([0xaa; 16]);
const B: ControllerId = ControllerId::from_bytes([0xbb; 16]);
const ASKER: AccountId = AccountId::from_bytes([1; 16]);
const OTHER: AccountId = AccountId::from_bytes([2; 16]);

fn folder(text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("access.cedar"), text).unwrap();
    folder
}

fn load(text: &str) -> Result<AccessPolicy, PolicyError> {
    AccessPolicy::from_dir(folder(text).path())
}

fn role(role: Role, controller: Option<ControllerId>) -> RoleGrant {
    RoleGrant { role, controller }
}

fn list(owner: AccountId, status: ListStatus) -> Target<'static> {
    Target::List { id: ListId::from_bytes([3; 16]), controller: A, owner, status }
}

fn decide(policy: &AccessPolicy, grants: &[RoleGrant], operation: Operation, target: &Target<'_>) -> Decision {
    policy.decide(&Principal { account: ASKER, grants }, operation, target)
}

fn refusal(policy: &AccessPolicy, grants: &[RoleGrant], operation: Operation, target: &Target<'_>) -> String {
    match decide(policy, grants, operation, target) {
        Decision::Deny { because } => because,
        Decision::Allow { policies } => panic!("{operation} is allowed by {policies:?}"),
    }
}

/// Snapshots lie together beside the module, under names of their own.
fn reviewed(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
