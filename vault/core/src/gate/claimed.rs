//! What the owner says of a list when it is submitted.

use crate::model::LawfulBasis;
use crate::model::text_enum::text_enum;

text_enum! {
    /// Whom a list is of.
    Audience, "an audience" {
        /// People in their work, for offers that concern it.
        Business = "business",
        /// People at home.
        Consumers = "consumers",
    }
}

/// The owner's claim. What is not said is not judged against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Claimed {
    /// On which basis the list is to be used.
    pub basis: Option<LawfulBasis>,
    /// Whom it is of.
    pub audience: Option<Audience>,
}
