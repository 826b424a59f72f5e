//! Controllers: who decides why contacts are kept (Art. 4(7)). One vault serves several.

use super::{ControllerId, Country, EmailAddress};

/// An organisation that decides why contacts are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Controller {
    /// Its identifier.
    pub id: ControllerId,
    /// Its name, as subjects are told (Art. 13(1)(a)).
    pub name: String,
    /// Where it is established.
    pub country: Country,
    /// Where subjects write to it.
    pub email: Option<EmailAddress>,
}
