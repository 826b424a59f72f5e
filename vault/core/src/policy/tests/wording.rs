//! The program's own text and what people read of it; and what a decision costs.

use std::collections::BTreeSet;
use std::time::Instant;

use super::*;

#[test]
fn the_schema_knows_exactly_the_operations_of_the_program() {
    let (schema, _) = cedar_policy::Schema::from_cedarschema_str(SCHEMA).unwrap();
    let actions: BTreeSet<String> = schema.actions().map(|action| action.id().unescaped().to_owned()).collect();
    let operations: BTreeSet<String> = Operation::ALL.iter().map(|operation| operation.name().to_owned()).collect();
    assert_eq!(actions, operations);
}

#[test]
fn every_forbid_is_a_house_rule_with_a_sentence_and_no_permit_is_one() {
    let set: cedar_policy::PolicySet = BUILTIN.parse().unwrap();
    for policy in set.policies() {
        let id = policy.annotation("id").unwrap();
        let forbids = policy.effect() == cedar_policy::Effect::Forbid;
        assert_eq!(id.starts_with("house."), forbids, "{id}");
        assert_eq!(policy.annotation("because").is_some_and(|told| told.ends_with('.')), forbids, "{id}");
    }
}

#[test]
fn an_allowed_act_names_the_rules_that_allow_it() {
    let decision = decide(
        &AccessPolicy::builtin(),
        &[role(Role::Operator, Some(A))],
        Operation::ContactShow,
        &Target::Controller(A),
    );
    assert_eq!(decision, Decision::Allow { policies: vec!["operator.contacts".to_owned()] });
}

#[test]
fn a_refusal_says_what_stands_against_it_and_which_role_could() {
    let policy = AccessPolicy::builtin();
    let operator = [role(Role::Operator, Some(A))];
    let officer = [role(Role::Compliance, Some(A))];
    let own = Target::Controller(A);
    let told = [
        refusal(&policy, &operator, Operation::ContactErase, &own),
        refusal(&policy, &operator, Operation::ContactShow, &Target::Controller(B)),
        refusal(&policy, &[], Operation::StatusRead, &Target::Vault),
        refusal(&policy, &operator, Operation::KeyRotate, &Target::Vault),
        refusal(&policy, &operator, Operation::ControllerAdd, &own),
        refusal(&policy, &operator, Operation::ListUse, &list(OTHER, ListStatus::Held)),
        refusal(&policy, &operator, Operation::ListRelease, &list(OTHER, ListStatus::Held)),
        refusal(&policy, &officer, Operation::ListRelease, &list(ASKER, ListStatus::Held)),
        refusal(&policy, &operator, Operation::ListWithdraw, &list(OTHER, ListStatus::Held)),
        refusal(&policy, &operator, Operation::ListWithdraw, &list(ASKER, ListStatus::Blocked)),
        refusal(
            &policy,
            &[role(Role::Owner, None)],
            Operation::AccountAdd,
            &Target::Appointment { account: ASKER, grants: &[role(Role::Compliance, None)] },
        ),
        refusal(
            &policy,
            &[role(Role::Owner, Some(A))],
            Operation::AccountAdd,
            &Target::Appointment { account: OTHER, grants: &[role(Role::Operator, Some(B))] },
        ),
    ];
    reviewed("refusals", &told.join("\n"));
}

/// The bound is far above what it takes, so that a busy machine does not fail it but a change of kind does.
#[test]
fn a_decision_takes_well_under_a_millisecond() {
    let policy = AccessPolicy::builtin();
    let grants = [role(Role::Operator, Some(A)), role(Role::Operator, Some(B))];
    let mut taken: Vec<u128> = Vec::new();
    for _ in 0..500 {
        let start = Instant::now();
        assert!(decide(&policy, &grants, Operation::ContactShow, &Target::Controller(B)).is_allowed());
        taken.push(start.elapsed().as_nanos());
    }
    taken.sort_unstable();
    let median_ns = taken[taken.len() / 2];
    println!("median decision: {median_ns} ns");
    assert!(median_ns < 1_000_000, "median decision: {median_ns} ns");
}
