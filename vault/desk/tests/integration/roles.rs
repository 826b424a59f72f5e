//! Every method by every role: the policy's answer is what happens, and a refusal changes nothing and is recorded.

use std::fmt::Write as _;

use carnet_core::model::{Role, RoleGrant};
use carnet_core::policy::{Operation, Principal, Target};
use carnet_desk::{Desk, DeskError, DetailsView, ErrorKind};
use carnet_tests::for_each_engine;

use super::house::{Firm, desk, granted, policy, slug};
use super::operations::{Asked, METHODS, Method, Stage};
use super::sql;

const ROLES: [(&str, Option<Role>); 5] = [
    ("no role", None),
    ("owner", Some(Role::Owner)),
    ("compliance", Some(Role::Compliance)),
    ("operator", Some(Role::Operator)),
    ("auditor", Some(Role::Auditor)),
];

#[test]
fn the_policys_answer_is_enforced_for_every_method_and_every_role() {
    for_each_engine(|db| {
        let stage = Stage::set(db);
        let mut shown = String::from("y: allowed. Dot: refused. For a method of one controller: ours, then theirs.\n");
        for here_alone in [true, false] {
            let place = if here_alone { "our controller alone" } else { "the whole vault" };
            write!(shown, "\nThe role is granted for {place}\n\n{:20}", "method").unwrap();
            ROLES.iter().for_each(|(name, _)| write!(shown, " {name:10}").unwrap());
            shown.push('\n');
            let mut known = None;
            let accounts = ROLES.map(|(_, role)| account(&stage, role, here_alone));
            for method in &METHODS {
                write!(shown, "{:20}", method.name).unwrap();
                for account in &accounts {
                    let cell: String = firms(&stage, method)
                        .map(|firm| if allowed(&stage, account, (method, firm), &mut known) { 'y' } else { '.' })
                        .collect();
                    write!(shown, " {cell:10}").unwrap();
                }
                shown = shown.trim_end().to_owned() + "\n";
            }
        }
        insta::assert_snapshot!("methods_by_role", shown);
        stage.house.assert_clean();
    });
}

fn account(stage: &Stage<'_>, role: Option<Role>, here_alone: bool) -> String {
    let name = format!("{}-{}", role.map_or("none".to_owned(), |role| role.to_string()), u8::from(here_alone));
    let ours = stage.house.ours.controller.id;
    let grant = |role| if here_alone { granted(role, ours) } else { RoleGrant { role, controller: None } };
    stage.house.desk("owner").add_account(slug(&name), role.map(grant).into_iter().collect()).unwrap();
    name
}

fn firms<'s>(stage: &'s Stage<'_>, method: &Method) -> impl Iterator<Item = &'s Firm> {
    let all = [&stage.house.ours, &stage.house.theirs];
    all.into_iter().take(if method.asked == Asked::Vault { 1 } else { 2 })
}

/// Whether the method lets this account through; what must be true of each answer is checked on the way.
///
/// `known` is what the tables hold, while nothing was allowed to change them.
fn allowed(
    stage: &Stage<'_>,
    account: &str,
    (method, firm): (&Method, &Firm),
    known: &mut Option<(String, i64)>,
) -> bool {
    let desk = desk(&stage.house.vault, account);
    let before = known.take().unwrap_or_else(|| sql::rows_and_entries(stage.db));
    let expected = policy_allows(stage, &desk, method, firm);
    let denied = match (method.call)(stage, &desk, firm) {
        Err(error @ DeskError::Denied(_)) => {
            assert_eq!(error.kind(), ErrorKind::Denied);
            let after = sql::rows_and_entries(stage.db);
            assert_eq!(after, (before.0, before.1 + 1), "{} by {account} was refused, but did something", method.name);
            assert_refusal_recorded(stage, &desk, method);
            // Reading the ledger left an entry too.
            *known = Some((after.0, after.1 + 1));
            true
        }
        _ => false,
    };
    let asked_of_nobody = matches!(method.name, "list_controllers" | "known_accounts");
    assert_eq!(!denied, asked_of_nobody || expected, "{} by {account}", method.name);
    !denied
}

fn policy_allows(stage: &Stage<'_>, desk: &Desk<'_>, method: &Method, firm: &Firm) -> bool {
    let account = desk.account();
    let grants = [granted(Role::Operator, firm.controller.id)];
    let target = match method.asked {
        Asked::Vault => Target::Vault,
        Asked::Controller => Target::Controller(firm.controller.id),
        Asked::List(name) => {
            let (id, status) = stage.list(firm, name);
            let owner = stage.house.desk("operator").account().id;
            Target::List { id, controller: firm.controller.id, owner, status }
        }
        Asked::Appointment => {
            Target::Appointment { account: carnet_core::model::AccountId::from_bytes([7; 16]), grants: &grants }
        }
    };
    let principal = Principal { account: account.id, grants: &account.roles };
    policy().decide(&principal, method.operation, &target).is_allowed()
}

fn assert_refusal_recorded(stage: &Stage<'_>, desk: &Desk<'_>, method: &Method) {
    let officer = stage.house.desk("officer");
    let view = officer.audit_tail(1).unwrap().remove(0);
    assert_eq!(view.entry.event.as_str(), "access.denied", "{}", method.name);
    assert_eq!(view.entry.actor.account, Some(desk.account().id));
    let DetailsView::Opened { more, .. } = view.details else { panic!("the officer may open the details") };
    assert_eq!(more.get("operation").map(String::as_str), Some(method.operation.name()));
}

#[test]
fn a_list_of_controllers_shows_an_account_only_those_it_has_a_role_for() {
    for_each_engine(|db| {
        let stage = Stage::set(db);
        let ours = account(&stage, Some(Role::Operator), true);
        let shown = desk(&stage.house.vault, &ours).list_controllers().unwrap();
        assert_eq!(shown.iter().map(|one| one.id).collect::<Vec<_>>(), [stage.house.ours.controller.id]);
        assert!(stage.house.desk("nobody").list_controllers().unwrap().is_empty());
    });
}

#[test]
fn every_operation_that_a_desk_can_be_asked_for_has_a_method() {
    for operation in Operation::ALL {
        assert!(METHODS.iter().any(|method| method.operation == operation), "{operation}");
    }
}
