//! Recipients: whom contacts are disclosed to (Art. 4(9)), and whose law reaches them there.

use super::{ControllerId, Country, EmailAddress, RecipientId, Timestamp};

/// One who receives contacts of a controller: a partner, a processor, a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// Its identifier.
    pub id: RecipientId,
    /// Whose recipient it is.
    pub controller: ControllerId,
    /// Its name, as subjects would be told (Art. 15(1)(c)).
    pub name: String,
    /// Where it is established.
    pub country: Country,
    /// Where the company that controls it in the end is established; `None` if nobody has said so.
    pub parent_country: Option<Country>,
    /// Where it is told of objections and erasures (Art. 19).
    pub email: Option<EmailAddress>,
    /// When it was entered.
    pub created: Timestamp,
}

impl Recipient {
    /// The countries whose law reaches what it holds, its own first; `None` while the parent's is not known.
    pub fn jurisdictions(&self) -> Option<Vec<Country>> {
        let parent = self.parent_country?;
        Some(if parent == self.country { vec![parent] } else { vec![self.country, parent] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_parent_leaves_the_jurisdictions_unknown() {
        let country = |code: &str| code.parse::<Country>().unwrap();
        let recipient = |parent: Option<&str>| Recipient {
            id: RecipientId::new(),
            controller: ControllerId::new(),
            name: "Example Mailing".to_owned(),
            country: country("IE"),
            parent_country: parent.map(country),
            email: None,
            created: Timestamp::now(),
        };
        assert_eq!(recipient(None).jurisdictions(), None);
        assert_eq!(recipient(Some("US")).jurisdictions(), Some(vec![country("IE"), country("US")]));
        assert_eq!(recipient(Some("IE")).jurisdictions(), Some(vec![country("IE")]));
    }
}
