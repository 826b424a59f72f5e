//! The text of a policy becomes rules: parsed, checked against the schema, named, joined with the rules of the house.
//!
//! A text is taken whole or refused with its file and line. Warnings of Cedar's validator refuse it too: a rule that
//! can never apply, or letters that look like others, are mistakes or worse.

use std::collections::HashMap;
use std::path::Path;

use cedar_policy::ffi::DetailedError;
use cedar_policy::{
    ActionConstraint, Effect, ParseErrors, Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator,
};

use super::error::PolicyError;
use super::operation::Operation;

/// Marks the names that only the program's own rules bear.
const HOUSE_PREFIX: &str = "house.";

/// One rule, under the name that its text gives it.
#[derive(Debug, Clone)]
struct Rule {
    policy: Policy,
    line: usize,
}

/// Rules that are in force together.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) set: PolicySet,
    /// The rules that speak of each operation, so that a decision does not read the others.
    by_operation: HashMap<Operation, PolicySet>,
    /// Every `forbid` and its sentence for people, in the order in which they are told.
    pub(super) forbids: Vec<(PolicyId, Option<String>)>,
}

impl Rules {
    /// The rules that could allow or forbid this operation.
    pub(super) fn about(&self, operation: Operation) -> &PolicySet {
        self.by_operation.get(&operation).unwrap_or(&self.set)
    }
}

/// Takes the program's own text.
///
/// # Errors
/// [`PolicyError::Refused`]; a test shows that the text which ships is not.
pub(super) fn of_the_house(path: &Path, text: &str, schema: &Schema) -> Result<Rules, PolicyError> {
    let rules = parse(path, text, schema)?;
    join(path, rules)
}

/// Takes a replacement's text and adds the program's own `forbid` rules.
///
/// # Errors
/// [`PolicyError::Refused`] for a text that does not parse or conform to the schema, a rule without a name or with a
/// name used twice, a template, or a rule that bears a house rule's name and says something else.
pub(super) fn of_a_folder(path: &Path, text: &str, house: &Rules, schema: &Schema) -> Result<Rules, PolicyError> {
    let mut rules: Vec<Rule> = Vec::new();
    for (id, _) in &house.forbids {
        rules.extend(house.set.policy(id).map(|policy| Rule { policy: policy.clone(), line: 1 }));
    }
    for rule in parse(path, text, schema)? {
        let id = rule.policy.id();
        if !AsRef::<str>::as_ref(id).starts_with(HOUSE_PREFIX) {
            rules.push(rule);
        } else if !house.set.policy(id).is_some_and(|own| same(own, &rule.policy)) {
            let problem = format!(
                "the rule {id} differs from the program's; house rules cannot be changed, only added to: restore or \
                 delete it, and give a rule of your own a name that does not begin with {HOUSE_PREFIX}"
            );
            return Err(refused(path, rule.line, problem));
        }
    }
    join(path, rules)
}

fn parse(path: &Path, text: &str, schema: &Schema) -> Result<Vec<Rule>, PolicyError> {
    let set: PolicySet = text.parse().map_err(|errors: ParseErrors| {
        let told = DetailedError::from(&errors);
        refused(path, line_in(text, &told).unwrap_or(1), sentence(&told))
    })?;
    if let Some(template) = set.templates().next() {
        let line = line_of(text, text.find(&template.to_string()).unwrap_or(0));
        return Err(refused(
            path,
            line,
            "templates (?principal, ?resource) are not used here; write a rule".to_owned(),
        ));
    }
    let mut rules = Vec::with_capacity(set.num_of_policies());
    for (policy, line) in in_order(text, &set) {
        let Some(name) = policy.annotation("id").filter(|name| !name.trim().is_empty()) else {
            let problem = "a rule has no name; write @id(\"...\") above it, for the ledger to refer to".to_owned();
            return Err(refused(path, line, problem));
        };
        rules.push(Rule { policy: policy.new_id(PolicyId::new(name)), line });
    }
    conform(path, text, &rules, schema)?;
    Ok(rules)
}

fn conform(path: &Path, text: &str, rules: &[Rule], schema: &Schema) -> Result<(), PolicyError> {
    let set = join(path, rules.to_vec())?.set;
    let checked = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
    let placed = |id: &PolicyId, told: DetailedError| {
        let begins = rules.iter().find(|rule| rule.policy.id() == id).map_or(1, |rule| rule.line);
        (line_in(text, &told).unwrap_or(begins), told)
    };
    let errors = checked.validation_errors().map(|error| placed(error.policy_id(), error.into()));
    let warnings = checked.validation_warnings().map(|warning| placed(warning.policy_id(), warning.into()));
    let by_place = |(line, told): &(usize, DetailedError)| (*line, told.message.clone());
    // A warning may only be the consequence of an error: an unknown word makes its rule impossible.
    let first = errors.min_by_key(by_place).or_else(|| warnings.min_by_key(by_place));
    first.map_or(Ok(()), |(line, told)| Err(refused(path, line, sentence(&told))))
}

fn join(path: &Path, rules: Vec<Rule>) -> Result<Rules, PolicyError> {
    let mut set = PolicySet::new();
    let mut forbids = Vec::new();
    for Rule { policy, line } in rules {
        let id = policy.id().clone();
        if policy.effect() == Effect::Forbid {
            forbids.push((id.clone(), policy.annotation("because").map(str::to_owned)));
        }
        set.add(policy)
            .map_err(|_| refused(path, line, format!("the name {id} is used by two rules; names differ")))?;
    }
    let by_operation = Operation::ALL.into_iter().map(|operation| (operation, about(&set, operation))).collect();
    Ok(Rules { set, by_operation, forbids })
}

/// The schema has no groups of actions, so a rule speaks of an operation if it names it, or names none.
fn about(set: &PolicySet, operation: Operation) -> PolicySet {
    let speaks = |policy: &&Policy| match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::In(named) => named.iter().any(|action| action.id().unescaped() == operation.name()),
        ActionConstraint::Eq(action) => action.id().unescaped() == operation.name(),
    };
    let chosen = set.policies().filter(speaks).cloned();
    PolicySet::from_policies(chosen).unwrap_or_else(|_| set.clone())
}

/// Equal in all that decides and in the sentence told; comments and layout may differ.
fn same(one: &Policy, other: &Policy) -> bool {
    matches!((one.to_json(), other.to_json()), (Ok(one), Ok(other)) if one == other)
}

/// The set's rules in the order of their text, each with the line on which it begins.
fn in_order<'a>(text: &str, set: &'a PolicySet) -> Vec<(&'a Policy, usize)> {
    let mut policies: Vec<&Policy> = set.policies().collect();
    // The parser names them policy0, policy1 and so on.
    policies.sort_by_key(|policy| {
        AsRef::<str>::as_ref(policy.id()).strip_prefix("policy").and_then(|digits| digits.parse::<usize>().ok())
    });
    let mut from = 0;
    let mut placed = Vec::with_capacity(policies.len());
    for policy in policies {
        let written = policy.to_string();
        let start = text.get(from..).and_then(|rest| rest.find(&written)).map_or(from, |found| from + found);
        placed.push((policy, line_of(text, start)));
        from = start + written.len();
    }
    placed
}

fn line_in(text: &str, told: &DetailedError) -> Option<usize> {
    let own = told.source_locations.first().map(|label| line_of(text, label.loc.start));
    own.or_else(|| told.related.iter().find_map(|related| line_in(text, related)))
}

/// The line, counted from 1, of this byte; a byte at or past the end is on the last line with text.
fn line_of(text: &str, byte: usize) -> usize {
    let last = text.trim_end().len();
    let before = text.as_bytes().get(..byte.min(last)).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

fn sentence(told: &DetailedError) -> String {
    let label = told.source_locations.first().and_then(|location| location.label.as_deref());
    let mut sentence = told.message.clone();
    for more in [label, told.help.as_deref()].into_iter().flatten() {
        sentence.push_str("; ");
        sentence.push_str(more);
    }
    sentence
}

fn refused(path: &Path, line: usize, problem: String) -> PolicyError {
    PolicyError::Refused { path: path.to_owned(), line, problem }
}
