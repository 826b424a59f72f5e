//! What a row of our own exports says beside its cells: members of the card that have no column, and the whole of the claims
//! where the columns do not say all of them.

use carnet_core::intake::{CONSENTS_MEMBER, Incoming, taken_claims};
use carnet_core::model::{Card, CardError};
use serde_json::{Map, Value};

/// Members in the manner of a JSON merge patch (RFC 7396): `null` takes one away that the cells have made.
pub(super) struct Rest(Map<String, Value>);

impl Rest {
    /// Reads the cell; `None` for what is no object, or would make something else of the card.
    pub(super) fn read(cell: &str) -> Option<Self> {
        let members = match serde_json::from_str(cell) {
            Ok(Value::Object(members)) => members,
            _ => return None,
        };
        members.get("@type").is_none_or(|kind| kind == "Card").then_some(Self(members))
    }

    /// The contact of the cells, with the rest in it.
    pub(super) fn with(self, incoming: Incoming) -> Result<Incoming, CardError> {
        let mut members = incoming.card.value().as_object().cloned().unwrap_or_default();
        let says_claims = self.0.contains_key(CONSENTS_MEMBER);
        for (member, value) in self.0 {
            match value {
                Value::Null => drop(members.shift_remove(&member)),
                value => drop(members.insert(member, value)),
            }
        }
        let (card, claims) = taken_claims(Card::parse(&Value::Object(members).to_string())?);
        let claims = if says_claims { claims } else { incoming.claims.clone() };
        Ok(Incoming { card, claims, ..incoming })
    }
}
