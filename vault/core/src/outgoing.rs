//! What leaves the vault for a recipient: one contact at a time, with what makes it lawful to use.

use std::fmt;

use crate::intake::Claim;
use crate::model::Card;

/// A contact as it is handed to a recipient. `Debug` shows no content.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The content.
    pub card: Card,
    /// What the subject agreed to, with its proof: the consent and its confirmation, as far as there are any.
    pub claims: Vec<Claim>,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("card", &self.card).field("claims", &self.claims).finish()
    }
}
