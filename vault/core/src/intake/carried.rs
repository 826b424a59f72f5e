//! Consent that travels inside a card: how an export says what a subject agreed to where the format has no word for it.
//!
//! The member is vendor-specific (RFC 9553 section 1.8.1), so that other programs pass it by. Whoever reads it back has a
//! claim and no more: an export is somebody's word like every other file.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Claim;
use crate::model::{Card, CardError, ConsentKind, Evidence, Timestamp};

/// The member of a card that carries claims, as an array of objects with `kind`, `purpose`, `at` and `evidence`.
pub const CONSENTS_MEMBER: &str = "carnet.example:consents";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Carried {
    kind: ConsentKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    purpose: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
    #[serde(default)]
    evidence: Evidence,
}

/// The card with these claims in it; without claims as it is.
///
/// # Errors
/// [`CardError::TooLarge`] past [`Card::MAX_BYTES`].
pub fn with_claims(card: &Card, claims: &[Claim]) -> Result<Card, CardError> {
    if claims.is_empty() {
        return Ok(card.clone());
    }
    let carried = claims.iter().map(|claim| Carried {
        kind: claim.kind,
        purpose: claim.purpose.clone(),
        at: claim.at,
        evidence: claim.evidence.clone(),
    });
    // Text, numbers and times alone: nothing of this can fail to be JSON.
    let value = serde_json::to_value(carried.collect::<Vec<_>>()).unwrap_or(Value::Null);
    card.with_member(CONSENTS_MEMBER, &value)
}

/// The card without the claims in it, and the claims. A member that holds anything else stays in the card as it is.
pub fn taken_claims(card: Card) -> (Card, Vec<Claim>) {
    if !card.to_text().contains(CONSENTS_MEMBER) {
        return (card, Vec::new());
    }
    let carried = card.value().get(CONSENTS_MEMBER).map(Vec::<Carried>::deserialize);
    let (Some(Ok(carried)), Ok(rest)) = (carried, card.without_member(CONSENTS_MEMBER)) else {
        return (card, Vec::new());
    };
    let claims = carried.into_iter().map(|one| Claim {
        kind: one.kind,
        purpose: one.purpose,
        at: one.at,
        evidence: one.evidence,
    });
    (rest, claims.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim() -> Claim {
        let evidence = Evidence {
            source: Some("Fair \"2023\"".to_owned()),
            ip_address: Some("192.0.2.7".parse().unwrap()),
            method: Some("web-form".parse().unwrap()),
            ..Evidence::default()
        };
        let at = Some("2024-03-01T10:20:30.123456Z".parse().unwrap());
        Claim { kind: ConsentKind::Given, purpose: Some("newsletter".to_owned()), at, evidence }
    }

    #[test]
    fn claims_travel_in_a_card_and_leave_it_as_it_was() {
        let card = Card::parse(r#"{"@type":"Card","uid":"u1","name":{"full":"Ada"}}"#).unwrap();
        let confirmed = Claim { kind: ConsentKind::Confirmed, at: None, ..claim() };
        let loaded = with_claims(&card, &[claim(), confirmed.clone()]).unwrap();
        let (back, claims) = taken_claims(loaded);
        assert_eq!(claims, [claim(), confirmed]);
        assert_eq!(back.value(), card.value());
        assert_eq!(with_claims(&card, &[]).unwrap(), card);
    }

    #[test]
    fn what_is_no_list_of_claims_stays_in_the_card() {
        for value in
            [r#""yes""#, r#"[{"kind":"sold"}]"#, r#"[{"kind":"given","authority":"own-act"}]"#, r#"{"kind":"given"}"#]
        {
            let text = format!(r#"{{"@type":"Card","carnet.example:consents":{value}}}"#);
            let card = Card::parse(&text).unwrap();
            let (kept, claims) = taken_claims(card);
            assert_eq!((kept.to_text(), claims.len()), (text.as_str(), 0));
        }
    }
}
