//! Policy folders: what they may change, and what is refused with its file and line.

use std::fs;
use std::path::Path;

use super::*;

fn refused_at(result: Result<AccessPolicy, PolicyError>, line: usize, part: &str) {
    let error = result.unwrap_err();
    let told = error.to_string();
    assert_eq!(error.line(), Some(line), "{told}");
    assert!(told.contains(&format!("access.cedar:{line}: ")), "{told}");
    assert!(told.contains(part), "{told}");
}

#[test]
fn a_folder_may_forbid_more_than_the_house() {
    let text = format!(
        "{PERMIT_ALL}@id(\"no-erasure\")\n@because(\"Erasures are on hold.\")\n\
         forbid (principal, action == Action::\"contact.erase\", resource);\n"
    );
    let policy = load(&text).unwrap();
    let officer = [role(Role::Compliance, None)];
    assert!(decide(&policy, &officer, Operation::ContactShow, &Target::Controller(A)).is_allowed());
    assert_eq!(refusal(&policy, &officer, Operation::ContactErase, &Target::Controller(A)), "Erasures are on hold.");
}

#[test]
fn a_copy_of_the_programs_own_policy_decides_the_same() {
    let own = AccessPolicy::builtin();
    let folder = folder(BUILTIN);
    fs::write(folder.path().join("access.cedarschema"), SCHEMA).unwrap();
    let copy = AccessPolicy::from_dir(folder.path()).unwrap();
    assert_eq!(copy.version(), own.version());
    for operation in Operation::ALL {
        for role in Role::ALL.iter().copied() {
            let grants = [RoleGrant { role, controller: Some(A) }];
            for target in [Target::Vault, Target::Controller(A), list(OTHER, ListStatus::Released)] {
                assert_eq!(
                    decide(&copy, &grants, operation, &target),
                    decide(&own, &grants, operation, &target),
                    "{operation} {role}"
                );
            }
        }
    }
}

#[test]
fn a_rule_that_fails_refuses_even_where_another_permits() {
    let text = format!(
        "{PERMIT_ALL}@id(\"overflow\")\nforbid (principal, action == Action::\"contact.show\", resource)\n\
         when {{ 9223372036854775807 + 1 > 0 }};\n"
    );
    let policy = load(&text).unwrap();
    let officer = [role(Role::Compliance, None)];
    let told = refusal(&policy, &officer, Operation::ContactShow, &Target::Controller(A));
    assert!(told.contains("overflow"), "{told}");
    assert!(decide(&policy, &officer, Operation::ContactFind, &Target::Controller(A)).is_allowed());
}

#[test]
fn a_text_that_is_not_cedar_is_refused_with_its_line() {
    refused_at(
        load("@id(\"a\")\npermit (principal, action, resource);\n\npermit (principal action, resource);\n"),
        4,
        "",
    );
    let cut = &BUILTIN[..BUILTIN.find("forbid (").unwrap() + 20];
    let last = cut.lines().count();
    refused_at(load(cut), last, "");
}

#[test]
fn a_rule_with_a_word_that_the_schema_does_not_know_is_refused_with_its_line() {
    let unknown_action = "@id(\"a\")\npermit (\n  principal,\n  action == Action::\"contact.burn\",\n  resource\n);\n";
    refused_at(load(unknown_action), 4, "contact.burn");
    let unknown_attribute =
        "\n@id(\"a\")\npermit (principal, action, resource) when {\n  principal.grants.sales.anywhere\n};\n";
    refused_at(load(unknown_attribute), 4, "sales");
    let unknown_status = "@id(\"a\")\npermit (principal, action == Action::\"list.use\", resource)\n\
                          when { resource.status == ListStatus::\"relaesed\" };\n";
    refused_at(load(unknown_status), 3, "relaesed");
}

#[test]
fn a_rule_that_can_never_apply_is_refused_with_its_line() {
    let never = "@id(\"a\")\npermit (principal, action == Action::\"contact.show\", resource is Vault);\n";
    refused_at(load(&format!("\n\n{never}")), 3, "impossible");
}

#[test]
fn a_rule_without_a_name_or_with_a_name_used_twice_is_refused_with_its_line() {
    refused_at(load(&format!("{PERMIT_ALL}\npermit (principal, action, resource);\n")), 4, "@id");
    refused_at(load(&format!("{PERMIT_ALL}\n{PERMIT_ALL}")), 4, "used by two rules");
}

#[test]
fn a_template_is_refused_with_its_line() {
    refused_at(load("\n\npermit (principal == ?principal, action, resource);\n"), 3, "templates");
}

#[test]
fn a_house_rule_that_was_changed_or_invented_is_refused_with_its_line() {
    let sentence = "Nobody decides on a list that they own.";
    let line = BUILTIN.lines().position(|line| line.contains("\"house.own-list\"")).unwrap() + 1;
    refused_at(load(&BUILTIN.replace(sentence, "Anybody may.")), line, "house.own-list");
    let loosened = BUILTIN.replace("resource.account == principal", "false");
    let line = BUILTIN.lines().position(|line| line.contains("\"house.appoint-not-oneself\"")).unwrap() + 1;
    refused_at(load(&loosened), line, "impossible");
    let narrowed =
        BUILTIN.replace("resource.account == principal", "resource.account == principal && principal == principal");
    refused_at(load(&narrowed), line, "house.appoint-not-oneself differs");
    refused_at(load("@id(\"house.mine\")\npermit (principal, action, resource);\n"), 1, "house.mine");
}

#[test]
fn a_file_that_would_not_be_read_is_refused_by_name() {
    let folder = folder(PERMIT_ALL);
    fs::write(folder.path().join("more.cedar"), PERMIT_ALL).unwrap();
    fs::write(folder.path().join("gate.toml"), "").unwrap();
    let told = AccessPolicy::from_dir(folder.path()).unwrap_err().to_string();
    assert!(told.contains("more.cedar:1: only access.cedar is read"), "{told}");
}

#[test]
fn a_schema_of_another_version_is_refused_with_the_line_where_it_differs() {
    let folder = folder(PERMIT_ALL);
    let line = SCHEMA.lines().position(|line| line.contains("entity Vault;")).unwrap() + 1;
    fs::write(folder.path().join("access.cedarschema"), SCHEMA.replace("entity Vault;", "entity Safe;")).unwrap();
    let error = AccessPolicy::from_dir(folder.path()).unwrap_err();
    assert_eq!(error.line(), Some(line));
}

#[test]
fn a_missing_folder_or_file_and_a_file_that_is_not_text_are_refused() {
    assert!(matches!(AccessPolicy::from_dir(Path::new("no/such/folder")), Err(PolicyError::Unreadable { .. })));
    let empty = tempfile::tempdir().unwrap();
    let told = AccessPolicy::from_dir(empty.path()).unwrap_err().to_string();
    assert!(told.contains("access.cedar"), "{told}");
    fs::write(empty.path().join("access.cedar"), b"// one\n// tw\xff\n").unwrap();
    refused_at(AccessPolicy::from_dir(empty.path()), 2, "UTF-8");
}

#[test]
fn an_empty_policy_allows_nobody_anything() {
    let policy = load("// Closed.\n").unwrap();
    for role in Role::ALL.iter().copied() {
        for operation in Operation::ALL {
            let grants = [RoleGrant { role, controller: None }];
            for target in [Target::Vault, Target::Controller(A), list(OTHER, ListStatus::Released)] {
                assert!(!decide(&policy, &grants, operation, &target).is_allowed());
            }
        }
    }
}

#[test]
fn the_version_is_stable_and_changes_with_one_byte() {
    let version = load(PERMIT_ALL).unwrap().version();
    assert_eq!(load(PERMIT_ALL).unwrap().version(), version);
    assert_ne!(load(&format!("{PERMIT_ALL}\n")).unwrap().version(), version);
    assert_ne!(load(&PERMIT_ALL.replace("\"all\"", "\"alL\"")).unwrap().version(), version);
    assert_ne!(AccessPolicy::builtin().version(), version);
}
