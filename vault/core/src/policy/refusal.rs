//! The sentence that a refused person reads: what stands against it, and which role could do it.

use super::operation::Operation;
use super::target::{Principal, Target};
use crate::model::{Role, RoleGrant};

/// Which grant to try when looking for the role that could: the narrowest that reaches the target.
pub(super) fn probe(role: Role, target: &Target<'_>) -> RoleGrant {
    let controller = match *target {
        Target::Vault | Target::Appointment { .. } => None,
        Target::Controller(id) | Target::List { controller: id, .. } => Some(id),
    };
    RoleGrant { role, controller }
}

/// Says why not, and who could.
///
/// `standing` is the sentence of the rule that forbids it, if one does; `able` the roles that could do it.
pub(super) fn sentence(
    who: &Principal<'_>,
    operation: Operation,
    target: &Target<'_>,
    standing: Option<&str>,
    able: &[Role],
) -> String {
    let phrase = operation.phrase();
    let could = if able.is_empty() {
        standing.is_none().then(|| format!("No role may {phrase} here."))
    } else if able.iter().any(|role| holds(who, *role, target)) {
        Some(format!("Another account with the role {} may {phrase}.", or(able)))
    } else {
        Some(format!("It takes the role {}, granted for {}, to {phrase}.", or(able), place(target)))
    };
    [standing.map(str::to_owned), could].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The operation was asked of something that it does not concern.
pub(super) fn misplaced(operation: Operation, target: &Target<'_>) -> String {
    let asked_of = match target {
        Target::Vault => "the whole vault",
        Target::Controller(_) => "one controller",
        Target::List { .. } => "a list",
        Target::Appointment { .. } => "an appointment",
    };
    format!("The operation {operation} does not concern {asked_of}.")
}

fn holds(who: &Principal<'_>, role: Role, target: &Target<'_>) -> bool {
    let needed = probe(role, target);
    who.grants
        .iter()
        .any(|grant| grant.role == role && (grant.controller.is_none() || grant.controller == needed.controller))
}

fn place(target: &Target<'_>) -> &'static str {
    match target {
        Target::Vault => "the whole vault",
        Target::Controller(_) | Target::List { .. } => "this controller or the whole vault",
        Target::Appointment { .. } => "all that these roles reach",
    }
}

fn or(roles: &[Role]) -> String {
    match roles {
        [] => String::new(),
        [only] => only.to_string(),
        [others @ .., last] => {
            let others: Vec<String> = others.iter().map(Role::to_string).collect();
            format!("{} or {last}", others.join(", "))
        }
    }
}
