//! Who does not leave: the lawful basis of the purpose, and what the subject has said of it.

use carnet_core::intake::Claim;
use carnet_core::model::{Card, LawfulBasis, NoticeHash, Purpose, Standing, Withheld};
use serde_json::Value;
use std::collections::BTreeMap;

use crate::consents::PurposeStanding;
use crate::lists::Member;

/// Why a contact of the list is not handed to a recipient for this purpose; `None` if it is.
///
/// Consent has to stand (Art. 6(1)(a)). Every other basis bears a use until the subject says no: what was refused for the
/// purpose or for everything is refused on each of them, the absolute objection of Art. 21(2) among it.
pub(super) fn withheld(member: &Member, basis: LawfulBasis) -> Option<Withheld> {
    let standing = member.standing.as_ref().map_or(Standing::Unknown, |standing| standing.state.standing);
    match standing {
        Standing::Objected => Some(Withheld::Objected),
        Standing::Withdrawn => Some(Withheld::Withdrawn),
        Standing::Expired => Some(Withheld::Expired),
        _ if member.refused => Some(Withheld::Suppressed),
        Standing::Unknown if basis == LawfulBasis::Consent => Some(Withheld::ConsentMissing),
        Standing::Unknown | Standing::Given { .. } => has_no_address(&member.card).then_some(Withheld::NoAddress),
    }
}

fn has_no_address(card: &Card) -> bool {
    let is_some = |text: &str| !text.trim().is_empty();
    let has_post = || card.value().get("addresses").and_then(Value::as_object).is_some_and(|all| !all.is_empty());
    !card.emails().any(is_some) && !card.phones().any(is_some) && !has_post()
}

/// What the contact's standing rests on, as whoever receives it may claim: the consent that counts and its confirmation.
/// What was said of other purposes is none of the recipient's business (Art. 5(1)(c)).
pub(super) fn claims(
    standing: Option<&PurposeStanding>,
    purpose: &Purpose,
    notices: &BTreeMap<NoticeHash, String>,
) -> Vec<Claim> {
    let Some(standing) = standing else { return Vec::new() };
    let counted = [standing.state.because_of, standing.state.confirmed_by];
    let events = standing.history.iter().map(|one| &one.event);
    let mut events: Vec<_> = events.filter(|event| counted.contains(&Some(event.id))).collect();
    events.sort_by_key(|event| event.kind);
    events
        .into_iter()
        .map(|event| {
            let mut evidence = event.evidence.clone();
            if evidence.wording.is_none() {
                evidence.wording = event.notice.as_ref().and_then(|hash| notices.get(hash)).cloned();
            }
            Claim { kind: event.kind, purpose: Some(purpose.name.to_string()), at: event.at, evidence }
        })
        .collect()
}
