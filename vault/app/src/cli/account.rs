//! `carnet account`: who may act, and in which roles.

use carnet_core::model::{Account, Role, RoleGrant};
use clap::Subcommand;
use serde_json::{Value, json};

use super::Global;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::session::{at_desk, parsed};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add an account with one role or more
    #[command(
        after_long_help = "Examples:\n  carnet account add anne --role operator:\"My association\" --reason \"hired\"\n  \
        carnet account add omar --role compliance --reason \"our data protection officer\""
    )]
    Add {
        /// Its handle, such as anne
        name: String,
        /// owner, compliance, operator or auditor; for one controller only as ROLE:CONTROLLER
        #[arg(long = "role", value_name = "ROLE[:CONTROLLER]", required = true)]
        roles: Vec<String>,
    },
    /// List all accounts and their roles
    Ls,
}

impl Command {
    pub(crate) fn run(self, global: &Global, output: &Output) -> Result<(), Failure> {
        at_desk(global, output, |desk| {
            let names = desk.list_controllers()?;
            let named = |grant: &RoleGrant| match grant.controller {
                None => grant.role.to_string(),
                Some(id) => {
                    let name =
                        names.iter().find(|one| one.id == id).map_or_else(|| id.to_string(), |one| one.name.clone());
                    format!("{}:{name}", grant.role)
                }
            };
            let value = |one: &Account| {
                let roles: Vec<String> = one.roles.iter().map(&named).collect();
                json!({ "id": one.id.to_string(), "name": one.name.to_string(), "roles": roles, "created": one.created.to_string() })
            };
            match &self {
                Self::Add { name, roles } => {
                    let grants = roles.iter().map(|text| grant(desk, text)).collect::<Result<Vec<_>, _>>()?;
                    let made = desk.add_account(parsed(name, "NAME")?, grants)?;
                    output.say(&value(&made), &format!("Account {} added; use it with --as {}", made.name, made.name))
                }
                Self::Ls => {
                    let all = desk.list_accounts()?;
                    let values: Value = all.iter().map(value).collect();
                    output.show(&values, |out| {
                        let roles = |one: &Account| one.roles.iter().map(&named).collect::<Vec<_>>().join(", ");
                        let rows: Vec<_> = all.iter().map(|one| vec![one.name.to_string(), roles(one)]).collect();
                        table(out, &["NAME", "ROLES"], &rows)
                    })
                }
            }
        })
    }
}

fn grant(desk: &carnet_desk::Desk<'_>, text: &str) -> Result<RoleGrant, Failure> {
    let (role, controller) = match text.split_once(':') {
        Some((role, name)) => (role, Some(desk.controller_named(name)?.id)),
        None => (text, None),
    };
    Ok(RoleGrant { role: parsed::<Role>(role, "--role")?, controller })
}
