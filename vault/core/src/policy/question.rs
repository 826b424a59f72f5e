//! Turns a question into Cedar's terms: a request, and the entities that its rules look at.
//!
//! Entities are made for one question and thrown away, so that no decision is ever taken on yesterday's grants.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression, Schema,
};

use super::operation::Operation;
use super::target::{Principal, Target};
use crate::model::{Role, RoleGrant};

/// A question ready to be decided.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) request: Request,
    pub(super) entities: Entities,
}

/// Why a question cannot be put. Either way the answer is no.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoQuestion {
    /// The operation does not concern such a target.
    Misplaced,
    /// The facts could not be put into Cedar's terms.
    Unbuilt,
}

/// The types and actions of the schema, parsed once.
#[derive(Debug, Clone)]
pub(super) struct Vocabulary {
    schema: Schema,
    account: EntityTypeName,
    appointment: EntityTypeName,
    controller: EntityTypeName,
    list: EntityTypeName,
    list_status: EntityTypeName,
    vault: EntityUid,
    actions: HashMap<Operation, EntityUid>,
}

impl Vocabulary {
    /// The words of this schema.
    ///
    /// # Errors
    /// The sentence of Cedar's parser; cannot happen with the names below.
    pub(super) fn new(schema: Schema) -> Result<Self, String> {
        let kind = |name: &str| name.parse::<EntityTypeName>().map_err(|errors| errors.to_string());
        let action = kind("Action")?;
        let vault = uid(&kind("Vault")?, "vault");
        let actions = Operation::ALL.into_iter().map(|op| (op, uid(&action, op.name()))).collect();
        Ok(Self {
            schema,
            account: kind("Account")?,
            appointment: kind("Appointment")?,
            controller: kind("Controller")?,
            list: kind("List")?,
            list_status: kind("ListStatus")?,
            vault,
            actions,
        })
    }

    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Whether `who` may do `operation` to `target`, as a Cedar request.
    ///
    /// # Errors
    /// [`NoQuestion::Misplaced`] where the schema has no such operation on such a target.
    pub(super) fn question(
        &self,
        who: &Principal<'_>,
        operation: Operation,
        target: &Target<'_>,
    ) -> Result<Question, NoQuestion> {
        let asker = uid(&self.account, who.account);
        let resource = self.resource(target)?;
        let action = self.actions.get(&operation).ok_or(NoQuestion::Misplaced)?.clone();
        let request = Request::new(asker.clone(), action, resource.uid(), Context::empty(), Some(&self.schema))
            .map_err(|_| NoQuestion::Misplaced)?;
        let grants = HashMap::from([("grants".to_owned(), self.grants(who.grants)?)]);
        let account = Entity::new(asker, grants, HashSet::new()).map_err(|_| NoQuestion::Unbuilt)?;
        let entities = Entities::from_entities([account, resource], None).map_err(|_| NoQuestion::Unbuilt)?;
        Ok(Question { request, entities })
    }

    fn resource(&self, target: &Target<'_>) -> Result<Entity, NoQuestion> {
        match *target {
            Target::Vault => Ok(Entity::with_uid(self.vault.clone())),
            Target::Controller(id) => Ok(Entity::with_uid(uid(&self.controller, id))),
            Target::List { id, controller, owner, status } => {
                let facts = HashMap::from([
                    ("owner".to_owned(), RestrictedExpression::new_entity_uid(uid(&self.account, owner))),
                    (
                        "status".to_owned(),
                        RestrictedExpression::new_entity_uid(uid(&self.list_status, status.as_str())),
                    ),
                ]);
                let parents = HashSet::from([uid(&self.controller, controller)]);
                Entity::new(uid(&self.list, id), facts, parents).map_err(|_| NoQuestion::Unbuilt)
            }
            Target::Appointment { account, grants } => {
                let facts = HashMap::from([
                    ("account".to_owned(), RestrictedExpression::new_entity_uid(uid(&self.account, account))),
                    ("grants".to_owned(), self.grants(grants)?),
                ]);
                Entity::new(uid(&self.appointment, account), facts, HashSet::new()).map_err(|_| NoQuestion::Unbuilt)
            }
        }
    }

    fn grants(&self, grants: &[RoleGrant]) -> Result<RestrictedExpression, NoQuestion> {
        let mut roles = Vec::with_capacity(Role::ALL.len());
        for role in Role::ALL.iter().copied() {
            let held = || grants.iter().filter(move |grant| grant.role == role);
            let controllers = held()
                .filter_map(|grant| grant.controller)
                .map(|id| RestrictedExpression::new_entity_uid(uid(&self.controller, id)));
            let reach = RestrictedExpression::new_record([
                ("anywhere".to_owned(), RestrictedExpression::new_bool(held().next().is_some())),
                (
                    "everywhere".to_owned(),
                    RestrictedExpression::new_bool(held().any(|grant| grant.controller.is_none())),
                ),
                ("controllers".to_owned(), RestrictedExpression::new_set(controllers)),
            ])
            .map_err(|_| NoQuestion::Unbuilt)?;
            roles.push((role.as_str().to_owned(), reach));
        }
        RestrictedExpression::new_record(roles).map_err(|_| NoQuestion::Unbuilt)
    }
}

fn uid(kind: &EntityTypeName, id: impl Display) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AccountId, ControllerId, ListId, ListStatus};

    #[test]
    fn what_is_built_without_the_schema_conforms_to_it() {
        let schema: Schema = include_str!("../../../../policies/access.cedarschema").parse().unwrap();
        let words = Vocabulary::new(schema.clone()).unwrap();
        let controller = ControllerId::new();
        let grants = [
            RoleGrant { role: Role::Owner, controller: None },
            RoleGrant { role: Role::Operator, controller: Some(controller) },
        ];
        let who = Principal { account: AccountId::new(), grants: &grants };
        let appointment = Target::Appointment { account: AccountId::new(), grants: &grants };
        let mut asked = vec![
            (Operation::StatusRead, Target::Vault),
            (Operation::ContactShow, Target::Controller(controller)),
            (Operation::AccountAdd, appointment),
        ];
        for status in ListStatus::ALL.iter().copied() {
            let list = Target::List { id: ListId::new(), controller, owner: who.account, status };
            asked.push((Operation::ListUse, list));
        }
        for (operation, target) in asked {
            let question = words.question(&who, operation, &target).unwrap();
            Entities::from_entities(question.entities, Some(&schema)).unwrap();
        }
    }

    #[test]
    fn an_operation_on_a_target_that_it_does_not_concern_is_misplaced() {
        let words = Vocabulary::new(include_str!("../../../../policies/access.cedarschema").parse().unwrap()).unwrap();
        let who = Principal { account: AccountId::new(), grants: &[] };
        for (operation, target) in [
            (Operation::ControllerAdd, Target::Controller(ControllerId::new())),
            (Operation::ContactShow, Target::Vault),
            (Operation::ListUse, Target::Vault),
            (Operation::AccountAdd, Target::Vault),
        ] {
            assert_eq!(words.question(&who, operation, &target).unwrap_err(), NoQuestion::Misplaced, "{operation}");
        }
    }
}
