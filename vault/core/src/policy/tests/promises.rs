//! What no permit can outvote: any grants, against a policy that permits everything.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn any_grants() -> impl Strategy<Value = Vec<RoleGrant>> {
    let one = (0..Role::ALL.len(), prop_oneof![Just(None), Just(Some(A)), Just(Some(B))]);
    proptest::collection::vec(one.prop_map(|(at, controller)| role(Role::ALL[at], controller)), 0..4)
}

fn reaches(grants: &[RoleGrant], role: Role, controller: ControllerId) -> bool {
    grants.iter().any(|grant| grant.role == role && grant.controller.is_none_or(|own| own == controller))
}

fn holds(grants: &[RoleGrant], role: Role) -> bool {
    grants.iter().any(|grant| grant.role == role)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_policy_that_permits_everything_still_decides_on_lists_as_the_house_promises(grants in any_grants()) {
        let policy = load(PERMIT_ALL).unwrap();
        let officer = reaches(&grants, Role::Compliance, A);
        let works = holds(&grants, Role::Owner) || holds(&grants, Role::Operator);
        let here = Role::ALL.iter().copied().any(|role| reaches(&grants, role, A));
        for status in ListStatus::ALL.iter().copied() {
            for owner in [ASKER, OTHER] {
                let may = |operation| decide(&policy, &grants, operation, &list(owner, status)).is_allowed();
                let blocked = status == ListStatus::Blocked;
                let checked = matches!(status, ListStatus::Held | ListStatus::Released | ListStatus::Blocked);
                let decides = officer && !works && owner != ASKER;
                let opens = here && !holds(&grants, Role::Auditor);
                prop_assert_eq!(may(Operation::ListUse), opens && status == ListStatus::Released);
                prop_assert_eq!(may(Operation::ListRelease), decides && checked);
                prop_assert_eq!(may(Operation::ListBlock), decides);
                prop_assert_eq!(may(Operation::ListWithdraw), here && (!blocked || officer && owner != ASKER));
            }
        }
    }

    #[test]
    fn a_policy_that_permits_everything_still_keeps_controllers_apart(grants in any_grants()) {
        let policy = load(PERMIT_ALL).unwrap();
        for operation in Operation::ALL {
            for controller in [A, B] {
                let allowed = decide(&policy, &grants, operation, &Target::Controller(controller)).is_allowed();
                prop_assert!(!allowed || Role::ALL.iter().copied().any(|role| reaches(&grants, role, controller)));
            }
            let allowed = decide(&policy, &grants, operation, &Target::Vault).is_allowed();
            prop_assert!(!allowed || grants.iter().any(|grant| grant.controller.is_none()));
        }
    }

    #[test]
    fn a_policy_that_permits_everything_still_lets_nobody_rise(asker in any_grants(), given in any_grants()) {
        let policy = load(PERMIT_ALL).unwrap();
        let may = |account| {
            decide(&policy, &asker, Operation::AccountAdd, &Target::Appointment { account, grants: &given }).is_allowed()
        };
        prop_assert!(!may(ASKER));
        let owns = |grant: &RoleGrant| match grant.controller {
            None => asker.contains(&role(Role::Owner, None)),
            Some(controller) => reaches(&asker, Role::Owner, controller),
        };
        let kinds: BTreeSet<Role> = given.iter().map(|grant| grant.role).collect();
        let one_hat = kinds.len() < 2 || !(kinds.contains(&Role::Compliance) || kinds.contains(&Role::Auditor));
        prop_assert_eq!(may(OTHER), holds(&asker, Role::Owner) && given.iter().all(owns) && one_hat);
    }
}

#[test]
fn an_auditor_never_opens_or_changes_a_contact_even_as_operator_under_a_policy_that_permits_everything() {
    let policy = load(PERMIT_ALL).unwrap();
    let both = [role(Role::Auditor, Some(B)), role(Role::Operator, Some(A))];
    for operation in Operation::ALL {
        let on_contacts = ["contact.", "consent."].iter().any(|kind| operation.name().starts_with(kind));
        let reads_purposes = operation == Operation::PurposeLs;
        if on_contacts || reads_purposes {
            let allowed = decide(&policy, &both, operation, &Target::Controller(A)).is_allowed();
            assert_eq!(allowed, reads_purposes, "{operation}");
        }
    }
}
