//! What the gate looks at of one contact, whether it comes from a file or was kept before.

use std::net::IpAddr;

use crate::intake::{Incoming, has_vague_sign_up_time};
use crate::model::{Card, ConsentKind, Evidence, Timestamp};

/// One contact as the gate sees it. Texts are as they were written; empty is what nobody says.
///
/// Not `Debug`: all of it is personal.
#[derive(Clone, Default)]
pub struct Row<'a> {
    /// Its place in the source, from 1: the line of a file, the number of a record. Rows come in growing order.
    pub position: u64,
    /// The e-mail address as written.
    pub email: &'a str,
    /// Given name.
    pub given: &'a str,
    /// Surname.
    pub surname: &'a str,
    /// Organisation.
    pub organisation: &'a str,
    /// Country, by its code of ISO 3166-1; anything else counts as not known.
    pub country: &'a str,
    /// Whether there is a telephone number.
    pub has_phone: bool,
    /// When the subject signed up, by the source's word.
    pub opted_in_at: Option<Timestamp>,
    /// Whether there is a sign-up time that is not one moment, such as one without a zone.
    pub has_vague_time: bool,
    /// Whether the source says yes without saying when or how.
    pub has_bare_yes: bool,
    /// When the subject confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// When the subject was informed (Art. 14(3)).
    pub notified_at: Option<Timestamp>,
    /// When the subject last did something, such as opening a message.
    pub last_activity_at: Option<Timestamp>,
    /// The network address of the sign-up.
    pub ip: Option<IpAddr>,
    /// Where the contact came from, in the source's words.
    pub source: &'a str,
    /// The sentence that the subject agreed to, or the version of it.
    pub wording: &'a str,
    /// How the consent was expressed.
    pub method: &'a str,
}

/// One thing that is said about a contact's consent.
struct Said<'a> {
    kind: ConsentKind,
    at: Option<Timestamp>,
    evidence: &'a Evidence,
}

impl<'a> Row<'a> {
    /// A contact as an importer hands it over.
    pub fn of_incoming(incoming: &'a Incoming) -> Self {
        let position = u64::try_from(incoming.line).unwrap_or(u64::MAX);
        let mut row = Self::of_card(&incoming.card, position);
        row.source = incoming.source.as_deref().unwrap_or_default();
        row.notified_at = incoming.notified_at;
        row.last_activity_at = incoming.last_activity_at;
        for claim in &incoming.claims {
            row.take(&Said { kind: claim.kind, at: claim.at, evidence: &claim.evidence });
        }
        row
    }

    /// What a card says: address, name, organisation, country. What is known of its consent is added with
    /// [`with_consent`](Self::with_consent).
    pub fn of_card(card: &'a Card, position: u64) -> Self {
        let mut row = Self {
            position,
            email: card.main_email().unwrap_or_default().trim(),
            given: card.given().unwrap_or_default().trim(),
            surname: card.surname().unwrap_or_default().trim(),
            organisation: card.organizations().next().unwrap_or_default().trim(),
            country: country(card).unwrap_or_default().trim(),
            has_phone: card.phones().next().is_some(),
            ..Self::default()
        };
        if row.given.is_empty() && row.surname.is_empty() {
            let full = card.value().get("name").and_then(|name| name.get("full")?.as_str()).unwrap_or_default().trim();
            (row.given, row.surname) = full.rsplit_once(' ').unwrap_or(("", full));
        }
        row
    }

    /// Adds what one event says, in the order of events.
    #[must_use]
    pub fn with_consent(mut self, kind: ConsentKind, at: Option<Timestamp>, evidence: &'a Evidence) -> Self {
        self.take(&Said { kind, at, evidence });
        self
    }

    /// The same for an event that another source told of at another time: what was confirmed before this sign-up is not its confirmation.
    #[must_use]
    pub fn with_other_consent(mut self, kind: ConsentKind, at: Option<Timestamp>, evidence: &'a Evidence) -> Self {
        let known = self.confirmed_at;
        self.take(&Said { kind, at, evidence });
        if known.is_none() && self.confirmed_at.zip(self.opted_in_at).is_some_and(|(confirmed, at)| confirmed < at) {
            self.confirmed_at = None;
        }
        self
    }

    fn take(&mut self, said: &Said<'a>) {
        let evidence = said.evidence;
        match said.kind {
            ConsentKind::Given => {
                self.opted_in_at = self.opted_in_at.or(said.at);
                self.has_vague_time |= said.at.is_none() && has_vague_sign_up_time(evidence);
                let is_bare = evidence.wording.is_none() && evidence.wording_version.is_none();
                self.has_bare_yes |= said.at.is_none() && !self.has_vague_time && is_bare && evidence.method.is_none();
            }
            ConsentKind::Confirmed => self.confirmed_at = self.confirmed_at.or(said.at).or(evidence.confirmed_at),
            _ => return,
        }
        self.confirmed_at = self.confirmed_at.or(evidence.confirmed_at);
        self.notified_at = self.notified_at.or(evidence.notified_at);
        self.ip = self.ip.or(evidence.ip_address);
        let fill = |place: &mut &'a str, text: Option<&'a str>| {
            if place.is_empty() {
                *place = text.unwrap_or_default().trim();
            }
        };
        fill(&mut self.source, evidence.source.as_deref());
        fill(&mut self.wording, evidence.wording.as_deref());
        fill(&mut self.wording, evidence.wording_version.as_deref());
        fill(&mut self.method, evidence.method.as_ref().map(crate::model::CollectionMethod::as_str));
    }
}

/// The country of the first postal address that has one.
fn country(card: &Card) -> Option<&str> {
    let addresses = card.value().get("addresses")?.as_object()?;
    addresses.values().find_map(|address| {
        if let Some(code) = address.get("countryCode").and_then(serde_json::Value::as_str) {
            return Some(code);
        }
        let parts = address.get("components")?.as_array()?;
        let is_country = |part: &&serde_json::Value| part.get("kind").is_some_and(|kind| kind == "country");
        parts.iter().find(is_country)?.get("value")?.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::Claim;

    #[test]
    fn a_row_takes_what_card_and_claims_say() {
        let card = Card::parse(
            r#"{"@type":"Card","name":{"components":[{"kind":"given","value":"Ada"},{"kind":"surname","value":"EXAMPLE"}]},
                "emails":{"a":{"address":"Ada@Example.org"}},"organizations":{"o":{"name":"Ex"}},
                "addresses":{"a":{"components":[{"kind":"country","value":"FR"}]}}}"#,
        )
        .unwrap();
        let at = |text: &str| text.parse::<Timestamp>().ok();
        let evidence = Evidence {
            ip_address: "192.0.2.1".parse().ok(),
            wording: Some("v1".to_owned()),
            confirmed_at: at("2024-01-01T00:05:00Z"),
            ..Evidence::default()
        };
        let claim = Claim { kind: ConsentKind::Given, purpose: None, at: at("2024-01-01T00:00:00Z"), evidence };
        let incoming = Incoming {
            claims: vec![claim],
            source: Some("fair".to_owned()),
            last_activity_at: at("2025-01-01T00:00:00Z"),
            ..Incoming::of_card(card, 7)
        };
        let row = Row::of_incoming(&incoming);
        assert_eq!((row.position, row.email, row.given, row.surname), (7, "Ada@Example.org", "Ada", "EXAMPLE"));
        assert_eq!((row.organisation, row.country, row.source, row.wording), ("Ex", "FR", "fair", "v1"));
        assert_eq!((row.opted_in_at, row.confirmed_at), (at("2024-01-01T00:00:00Z"), at("2024-01-01T00:05:00Z")));
        assert!(row.ip.is_some() && row.last_activity_at.is_some() && !row.has_bare_yes && !row.has_phone);
    }

    #[test]
    fn a_yes_without_anything_and_a_time_without_a_zone_are_told_apart() {
        let bare = Evidence::default();
        let vague = Evidence {
            notes: Some("sign-up time as the source has it: 2024-01-01 10:00".to_owned()),
            ..Evidence::default()
        };
        let row = |evidence| Row::default().with_consent(ConsentKind::Given, None, evidence);
        assert!(row(&bare).has_bare_yes && !row(&bare).has_vague_time);
        assert!(!row(&vague).has_bare_yes && row(&vague).has_vague_time);
    }

    #[test]
    fn a_name_in_one_line_is_taken_apart() {
        let card = Card::parse(r#"{"@type":"Card","name":{"full":"Ada Maria Example"}}"#).unwrap();
        let row = Row::of_card(&card, 1);
        assert_eq!((row.given, row.surname), ("Ada Maria", "Example"));
    }
}
