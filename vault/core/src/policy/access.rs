//! The access policy in force: loads it, names its version, and decides.
//!
//! Owns the decision and nothing after it: the desk records the version and the rules that decided in the ledger.

use std::fs;
use std::path::{Path, PathBuf};

use cedar_policy::{Authorizer, Decision as Effect, PolicyId, Response, Schema};
use sha2::{Digest, Sha256};

use super::error::PolicyError;
use super::operation::Operation;
use super::question::{NoQuestion, Vocabulary};
use super::refusal;
use super::release::{self, ReleaseRules};
use super::rules::{self, Rules};
use super::target::{Principal, Target};
use crate::model::{AccountId, Role};

const RULES_FILE: &str = "access.cedar";
const RULES: &str = include_str!("../../../../policies/access.cedar");
const SCHEMA_FILE: &str = "access.cedarschema";
const SCHEMA: &str = include_str!("../../../../policies/access.cedarschema");

/// Keeps this hash from ever being equal to one of another kind over the same bytes.
const VERSION_DOMAIN: &[u8] = b"carnet/policy/access/v1\0";

/// Nobody's account, to find out which role could do what was refused.
const ANYBODY: AccountId = AccountId::from_bytes([0xff; 16]);

/// Who may do what: the rules in force.
#[derive(Debug, Clone)]
pub struct AccessPolicy {
    words: Vocabulary,
    rules: Rules,
    release: ReleaseRules,
    version: [u8; 32],
    authorizer: Authorizer,
}

/// The answer to "may they?".
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Decision {
    /// Yes.
    Allow {
        /// The names of the rules that allow it, sorted.
        policies: Vec<String>,
    },
    /// No.
    Deny {
        /// A sentence for the person: what stands against it and which role could do it. Without personal data.
        because: String,
    },
}

impl Decision {
    /// Whether the answer is yes.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allow { .. })
    }
}

impl AccessPolicy {
    /// The policy that the program carries.
    #[expect(clippy::missing_panics_doc, clippy::expect_used, reason = "a test takes the text that is compiled in")]
    pub fn builtin() -> Self {
        Self::house().expect("the program's own policy is valid")
    }

    /// The policy of a folder, joined with the `forbid` rules of the house.
    ///
    /// The folder holds `access.cedar`, and may hold a copy of the program's `access.cedarschema` and a `release.toml` in
    /// place of the program's. House rules are added whether the file repeats them or not, so a folder can forbid more but
    /// never less.
    ///
    /// # Errors
    /// [`PolicyError`] with file and line when a file is missing, damaged, invalid in Cedar's strict mode, changes a
    /// house rule, or would silently not be read.
    pub fn from_dir(folder: &Path) -> Result<Self, PolicyError> {
        let house = Self::house()?;
        refuse_strays(folder)?;
        let schema_path = folder.join(SCHEMA_FILE);
        if schema_path.exists() {
            refuse_other_schema(&schema_path)?;
        }
        let path = folder.join(RULES_FILE);
        let text = read(&path)?;
        let rules = rules::of_a_folder(&path, &text, &house.rules, house.words.schema())?;
        let release_path = folder.join(release::FILE);
        let release_text = if release_path.exists() { read(&release_path)? } else { release::TEXT.to_owned() };
        let release = ReleaseRules::read(&release_path, &release_text)?;
        Ok(Self { rules, release, version: version(&text, &release_text), ..house })
    }

    fn house() -> Result<Self, PolicyError> {
        let broken = |problem: String| PolicyError::Refused { path: SCHEMA_FILE.into(), line: 1, problem };
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(|error| broken(error.to_string()))?;
        let rules = rules::of_the_house(Path::new(RULES_FILE), RULES, &schema)?;
        let words = Vocabulary::new(schema).map_err(broken)?;
        let release = ReleaseRules::read(Path::new(release::FILE), release::TEXT)?;
        let version = version(RULES, release::TEXT);
        Ok(Self { words, rules, release, version, authorizer: Authorizer::new() })
    }

    /// What it says about releases of lists.
    pub const fn release(&self) -> &ReleaseRules {
        &self.release
    }

    /// Which policy this is: SHA-256 over the texts in force.
    ///
    /// Hashed are a domain, then name, length and bytes of the schema, of the `access.cedar` in force, of the
    /// program's own `access.cedar`, from which the house rules come, and of the `release.toml` in force. A changed
    /// comment is another version.
    pub fn version(&self) -> [u8; 32] {
        self.version
    }

    /// Whether `who` may do `operation` to `target`.
    ///
    /// An allow takes some tens of microseconds and no lock; a refusal up to five times that, since it also looks for the role
    /// that could. Whatever cannot be decided is refused: an operation on a target that
    /// it does not concern, and any failure of a rule, since Cedar would otherwise pass over a `forbid` that fails.
    pub fn decide(&self, who: &Principal<'_>, operation: Operation, target: &Target<'_>) -> Decision {
        let response = match self.ask(who, operation, target) {
            Ok(response) => response,
            Err(NoQuestion::Misplaced) => return Decision::Deny { because: refusal::misplaced(operation, target) },
            Err(NoQuestion::Unbuilt) => {
                return Decision::Deny { because: "The access policy could not be asked; nothing is allowed.".into() };
            }
        };
        if let Some(error) = response.diagnostics().errors().next() {
            return Decision::Deny { because: failed(error) };
        }
        if response.decision() == Effect::Allow {
            let mut policies: Vec<String> = response.diagnostics().reason().map(PolicyId::to_string).collect();
            policies.sort_unstable();
            return Decision::Allow { policies };
        }
        let standing = self.standing(&response);
        let able: Vec<Role> = Role::ALL.iter().copied().filter(|role| self.could(*role, operation, target)).collect();
        Decision::Deny { because: refusal::sentence(who, operation, target, standing.as_deref(), &able) }
    }

    fn ask(&self, who: &Principal<'_>, operation: Operation, target: &Target<'_>) -> Result<Response, NoQuestion> {
        let question = self.words.question(who, operation, target)?;
        Ok(self.authorizer.is_authorized(&question.request, self.rules.about(operation), &question.entities))
    }

    /// The sentence of the first rule that forbids it.
    fn standing(&self, response: &Response) -> Option<String> {
        let mut forbids = self.rules.forbids.iter();
        let (id, because) = forbids.find(|(id, _)| response.diagnostics().reason().any(|reason| reason == id))?;
        Some(because.clone().unwrap_or_else(|| format!("The rule {id} of this vault's policy forbids it.")))
    }

    fn could(&self, role: Role, operation: Operation, target: &Target<'_>) -> bool {
        let grants = [refusal::probe(role, target)];
        let somebody = Principal { account: ANYBODY, grants: &grants };
        self.ask(&somebody, operation, target).is_ok_and(|response| {
            response.decision() == Effect::Allow && response.diagnostics().errors().next().is_none()
        })
    }
}

fn failed(error: &cedar_policy::AuthorizationError) -> String {
    let rule = match error {
        cedar_policy::AuthorizationError::PolicyEvaluationError(error) => error.policy_id(),
    };
    format!("The rule {rule} of the access policy failed; nothing that it concerns is allowed until it is repaired.")
}

fn version(in_force: &str, release: &str) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(VERSION_DOMAIN);
    for (name, text) in [(SCHEMA_FILE, SCHEMA), (RULES_FILE, in_force), ("house", RULES), (release::FILE, release)] {
        for bytes in [name.as_bytes(), text.as_bytes()] {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
    }
    hash.finalize().into()
}

fn read(path: &Path) -> Result<String, PolicyError> {
    let bytes = fs::read(path).map_err(|source| PolicyError::Unreadable { path: path.to_owned(), source })?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        PolicyError::Refused {
            path: path.to_owned(),
            line: valid.iter().filter(|byte| **byte == b'\n').count() + 1,
            problem: "this is not UTF-8 text; save the file as UTF-8".to_owned(),
        }
    })
}

/// A second Cedar file beside `access.cedar` would be a rule that its author believes in and nobody reads.
fn refuse_strays(folder: &Path) -> Result<(), PolicyError> {
    let unreadable = |source| PolicyError::Unreadable { path: folder.to_owned(), source };
    let mut strays: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_policy = path.extension().is_some_and(|extension| extension == "cedar" || extension == "cedarschema");
        let is_known = path.file_name().is_some_and(|name| name == RULES_FILE || name == SCHEMA_FILE);
        if is_policy && !is_known {
            strays.push(path);
        }
    }
    strays.sort();
    strays.into_iter().next().map_or(Ok(()), |path| {
        let problem = format!("only {RULES_FILE} is read; move these rules into it, or take the file away");
        Err(PolicyError::Refused { path, line: 1, problem })
    })
}

fn refuse_other_schema(path: &Path) -> Result<(), PolicyError> {
    let text = read(path)?;
    if text == SCHEMA {
        return Ok(());
    }
    let differs = text.lines().zip(SCHEMA.lines()).take_while(|(theirs, ours)| theirs == ours).count() + 1;
    let problem =
        "the schema belongs to the program and differs here; it may come from another version: take the file \
                   away, or replace it by this version's and look through access.cedar again"
            .to_owned();
    Err(PolicyError::Refused { path: path.to_owned(), line: differs, problem })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ControllerId, ListId, ListStatus, RoleGrant};

    #[test]
    fn reading_only_the_rules_about_an_operation_decides_as_reading_them_all() {
        let policy = AccessPolicy::builtin();
        let controller = ControllerId::new();
        let list = |owner| Target::List { id: ListId::new(), controller, owner, status: ListStatus::Blocked };
        let given = [RoleGrant { role: Role::Auditor, controller: Some(controller) }];
        let appointment = Target::Appointment { account: AccountId::new(), grants: &given };
        for role in Role::ALL.iter().copied() {
            let grants = [RoleGrant { role, controller: Some(controller) }];
            let who = Principal { account: AccountId::new(), grants: &grants };
            let targets =
                [Target::Vault, Target::Controller(controller), list(who.account), list(ANYBODY), appointment];
            for (operation, target) in Operation::ALL.iter().flat_map(|op| targets.iter().map(|target| (*op, target))) {
                let Ok(question) = policy.words.question(&who, operation, target) else { continue };
                let all = policy.authorizer.is_authorized(&question.request, &policy.rules.set, &question.entities);
                assert_eq!(policy.ask(&who, operation, target).unwrap(), all, "{operation} {target:?} {role}");
            }
        }
    }
}
