//! Every role by every operation by every place, as one table that is reviewed like code.
//!
//! `snapshots/access_matrix.snap` is what the policy means. A change of it is a change of who may do what.

use std::fmt::Write;

use super::*;

const COLUMNS: [Option<Role>; 5] =
    [None, Some(Role::Owner), Some(Role::Compliance), Some(Role::Operator), Some(Role::Auditor)];

fn mark(policy: &AccessPolicy, grants: &[RoleGrant], operation: Operation, target: &Target<'_>, yes: char) -> char {
    match policy.decide(&Principal { account: ASKER, grants }, operation, target) {
        Decision::Allow { .. } => yes,
        Decision::Deny { because } if because.contains("does not concern") => ' ',
        Decision::Deny { .. } => '.',
    }
}

fn row(out: &mut String, name: &str, cells: impl IntoIterator<Item = String>) {
    let cells: Vec<String> = cells.into_iter().map(|cell| format!("{cell:<11}")).collect();
    writeln!(out, "{:<30}{}", name, cells.concat()).unwrap();
    let kept = out.trim_end().len();
    out.truncate(kept);
    out.push('\n');
}

fn headings(out: &mut String, first: &str) {
    row(out, first, COLUMNS.map(|role| role.map_or("no role".to_owned(), |role| role.to_string())));
}

fn grants(role: Option<Role>, controller: Option<ControllerId>) -> Vec<RoleGrant> {
    role.map(|role| RoleGrant { role, controller }).into_iter().collect()
}

fn operations(out: &mut String, policy: &AccessPolicy, reach: Option<ControllerId>) {
    headings(out, "operation");
    for operation in Operation::ALL {
        if OF_LISTS.contains(&operation) || operation == Operation::AccountAdd {
            continue;
        }
        let cells = COLUMNS.map(|role| {
            let grants = grants(role, reach);
            [(Target::Controller(A), 'A'), (Target::Controller(B), 'B'), (Target::Vault, 'V')]
                .map(|(target, yes)| mark(policy, &grants, operation, &target, yes))
                .iter()
                .collect::<String>()
        });
        row(out, operation.name(), cells);
    }
}

/// What is asked about a list, and not about its controller.
const OF_LISTS: [Operation; 16] = [
    Operation::ListUndo,
    Operation::ListShow,
    Operation::ListDescribe,
    Operation::ListSubmit,
    Operation::ListCheck,
    Operation::ListAsk,
    Operation::ListAnswer,
    Operation::ListProve,
    Operation::ListVet,
    Operation::ListSplit,
    Operation::ListSuspend,
    Operation::ListUse,
    Operation::ListExport,
    Operation::ListRelease,
    Operation::ListBlock,
    Operation::ListWithdraw,
];

fn lists(out: &mut String, policy: &AccessPolicy, reach: Option<ControllerId>) {
    headings(out, "operation on a list that is");
    for operation in OF_LISTS {
        for status in ListStatus::ALL.iter().copied() {
            let cells = COLUMNS.map(|role| {
                let grants = grants(role, reach);
                [(A, OTHER, 'A'), (A, ASKER, 'O'), (B, OTHER, 'B')]
                    .map(|(controller, owner, yes)| {
                        let target = Target::List { id: ListId::from_bytes([3; 16]), controller, owner, status };
                        mark(policy, &grants, operation, &target, yes)
                    })
                    .iter()
                    .collect::<String>()
            });
            row(out, &format!("{:<15}{}", operation.name(), status.as_str()), cells);
        }
    }
}

fn appointments(out: &mut String, policy: &AccessPolicy) {
    let askers: [(&str, Vec<RoleGrant>); 6] = [
        ("no role", vec![]),
        ("owner A", grants(Some(Role::Owner), Some(A))),
        ("owner", grants(Some(Role::Owner), None)),
        ("compliance", grants(Some(Role::Compliance), None)),
        ("operator", grants(Some(Role::Operator), None)),
        ("auditor", grants(Some(Role::Auditor), None)),
    ];
    row(out, "account.add of an account as", askers.iter().map(|(name, _)| (*name).to_owned()));
    let mut given: Vec<(String, Vec<RoleGrant>)> = vec![("no role".to_owned(), vec![])];
    for role in Role::ALL.iter().copied() {
        for (place, controller) in [("A", Some(A)), ("B", Some(B)), ("vault", None)] {
            given.push((format!("{role} {place}"), grants(Some(role), controller)));
        }
    }
    for one in Role::ALL.iter().copied() {
        for other in Role::ALL.iter().copied().filter(|other| *other > one) {
            let both =
                vec![RoleGrant { role: one, controller: Some(A) }, RoleGrant { role: other, controller: Some(A) }];
            given.push((format!("{one} and {other} A"), both));
        }
    }
    for (name, given) in given {
        let cells = askers.iter().map(|(_, grants)| {
            [(OTHER, 'y'), (ASKER, 's')]
                .map(|(account, yes)| {
                    let target = Target::Appointment { account, grants: &given };
                    mark(policy, grants, Operation::AccountAdd, &target, yes)
                })
                .iter()
                .collect::<String>()
        });
        row(out, &name, cells);
    }
}

fn table(policy: &AccessPolicy) -> String {
    let mut out = String::from(
        "Who may do what.\n\
         A, B: asked of controller A or B. V: asked of the whole vault. Dot: refused. Blank: does not concern it.\n\n\
         1. The role is granted for controller A alone\n\n",
    );
    operations(&mut out, policy, Some(A));
    out.push_str("\n2. The role is granted for the whole vault\n\n");
    operations(&mut out, policy, None);
    let letters = "A: a list of controller A. O: a list of A that the account itself owns. B: a list of controller B.";
    write!(out, "\n3. Lists; the role is granted for controller A alone\n{letters}\n\n").unwrap();
    lists(&mut out, policy, Some(A));
    write!(out, "\n4. Lists; the role is granted for the whole vault\n{letters}\n\n").unwrap();
    lists(&mut out, policy, None);
    out.push_str(
        "\n5. Appointments; who asks holds the role for the whole vault, \"owner A\" for controller A alone\n\
         y: for somebody else. s: for their own account.\n\n",
    );
    appointments(&mut out, policy);
    out
}

#[test]
fn who_may_do_what_is_what_was_reviewed() {
    reviewed("access_matrix", &table(&AccessPolicy::builtin()));
}
