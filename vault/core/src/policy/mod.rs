//! Who may do what, and on which grounds.
//!
//! Owns the question and its answer: [`AccessPolicy::decide`] takes who asks ([`Principal`]), what they want to do
//! ([`Operation`]) and to what ([`Target`]), and answers with the rules that allow it or with a sentence that says who
//! could. The rules are data, `policies/access.cedar`, written in Cedar; this module loads them, refuses what is
//! damaged, and adds the rules of the house, which no folder can take away.
//!
//! It must not know where grants, lists or accounts are stored, and must not act: the desk asks, acts and records.

mod access;
mod backup;
mod error;
mod operation;
mod question;
mod refusal;
mod release;
mod rules;
mod target;

pub use access::{AccessPolicy, Decision};
pub use backup::BackupRules;
pub use error::PolicyError;
pub use operation::{Operation, OperationError};
pub use release::ReleaseRules;
pub use target::{Principal, Target};

#[cfg(test)]
mod tests;
