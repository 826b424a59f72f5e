//! What a history of consent amounts to: one rule, the same for every order in which the events arrived.
//!
//! # The rule, for one contact and one purpose
//! 1. *Stops* are `Withdrawn`, `Objected` and `Expired`, on anybody's word.
//! 2. Times: a time later than its recording counts as the time of recording. A stop without a time counts at its
//!    recording. A `Given` or `Confirmed` without a time counts before everything.
//! 3. A `Given` *lifts* a stop if it is the subject's own act, its time is known and strictly later than the stop's, and
//!    no stop has that very time: at equal times the stop wins and the `Given` does nothing.
//! 4. If a stop is not lifted, it stands. Of several that stand the strictest is named (`Objected`, then `Withdrawn`, then
//!    `Expired`), and of those the earliest, because it has been so since.
//! 5. If there are stops and all are lifted, the standing is `Given`. It is confirmed if the subject's own `Confirmed`
//!    has a known time not before that of a `Given` which is later than every stop. A `Confirmed` lifts nothing by itself:
//!    an old link that is clicked after a withdrawal is not a new consent.
//! 6. If there are no stops, any `Given` or `Confirmed` on anybody's word makes the standing `Given`, and any `Confirmed`
//!    makes it confirmed. Whether such a word suffices for a use is for policy, which reads the evidence.
//! 7. If there is nothing, it is `Unknown`.
//!
//! From 3 and 4 follows what the whole vault leans on: one more stop never loosens, and once there is a stop, no claim
//! changes anything. So an import, a restore or a merge can be replayed in any order.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Authority, ConsentEvent, ConsentEventId, ConsentKind, PurposeId, Timestamp};

/// Where one subject stands on one purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// The subject has said nothing that is known here.
    Unknown,
    /// The subject agrees.
    Given {
        /// Confirmed from the mailbox (double opt-in).
        confirmed: bool,
    },
    /// The subject took it back.
    Withdrawn,
    /// The subject objected.
    Objected,
    /// It ran out.
    Expired,
}

/// How little a standing allows, from the least strict to the strictest. No accident may move a standing down this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strictness {
    /// Agreed and confirmed.
    Confirmed,
    /// Agreed.
    Given,
    /// Nothing said: no consent, but no refusal either.
    Unknown,
    /// Ran out.
    Expired,
    /// Taken back.
    Withdrawn,
    /// Objected to.
    Objected,
}

impl Standing {
    /// Its place in the order of strictness.
    pub const fn strictness(self) -> Strictness {
        match self {
            Self::Given { confirmed: true } => Strictness::Confirmed,
            Self::Given { confirmed: false } => Strictness::Given,
            Self::Unknown => Strictness::Unknown,
            Self::Expired => Strictness::Expired,
            Self::Withdrawn => Strictness::Withdrawn,
            Self::Objected => Strictness::Objected,
        }
    }

    /// Whether the subject's last word is yes.
    pub const fn is_given(self) -> bool {
        matches!(self, Self::Given { .. })
    }
}

/// Where one subject stands on one purpose, and by which event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PurposeState {
    /// The standing.
    pub standing: Standing,
    /// Since when, if that is known.
    pub since: Option<Timestamp>,
    /// The event that decides; of several yeses the best proven: own act before claim, then the latest.
    pub because_of: Option<ConsentEventId>,
    /// The event that confirms it, if one does.
    pub confirmed_by: Option<ConsentEventId>,
}

impl PurposeState {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self { standing: Standing::Unknown, since: None, because_of: None, confirmed_by: None };

    /// What these events of one contact and one purpose amount to, in whatever order they come.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a ConsentEvent>) -> Self {
        let (stops, yeses): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| event.kind.is_stop());
        if stops.is_empty() {
            return without_stops(&yeses);
        }
        let own_acts: Vec<(Timestamp, &ConsentEvent)> = yeses
            .into_iter()
            .filter(|event| event.authority == Authority::OwnAct)
            .filter_map(|event| Some((event.counted_at()?, event)))
            .collect();
        let stops: Vec<(Timestamp, &ConsentEvent)> =
            stops.into_iter().filter_map(|event| Some((event.counted_at()?, event))).collect();
        let lifted_before = own_acts
            .iter()
            .filter(|(_, event)| event.kind == ConsentKind::Given)
            .filter(|(at, _)| stops.iter().all(|(stopped, _)| stopped != at))
            .map(|(at, _)| *at)
            .max();
        let standing = stops.iter().filter(|(at, _)| lifted_before.is_none_or(|lift| *at >= lift));
        let named = standing.min_by_key(|(at, event)| (Reverse(stop_standing(event.kind).strictness()), *at, event.id));
        match named {
            Some((at, event)) => Self {
                standing: stop_standing(event.kind),
                since: Some(*at),
                because_of: Some(event.id),
                confirmed_by: None,
            },
            None => after_stops(&stops, &own_acts),
        }
    }
}

const fn stop_standing(kind: ConsentKind) -> Standing {
    match kind {
        ConsentKind::Objected => Standing::Objected,
        ConsentKind::Withdrawn => Standing::Withdrawn,
        ConsentKind::Expired => Standing::Expired,
        ConsentKind::Given | ConsentKind::Confirmed => Standing::Unknown,
    }
}

fn without_stops(yeses: &[&ConsentEvent]) -> PurposeState {
    let best = |kind: ConsentKind| {
        let of_kind = yeses.iter().filter(|event| event.kind == kind);
        of_kind.max_by_key(|event| (Reverse(event.authority), event.counted_at(), Reverse(event.id)))
    };
    let confirmation = best(ConsentKind::Confirmed);
    match best(ConsentKind::Given).or(confirmation) {
        None => PurposeState::UNKNOWN,
        Some(event) => PurposeState {
            standing: Standing::Given { confirmed: confirmation.is_some() },
            since: event.counted_at(),
            because_of: Some(event.id),
            confirmed_by: confirmation.map(|event| event.id),
        },
    }
}

/// All stops are lifted: what counts is what the subject did after the last of them.
fn after_stops(stops: &[(Timestamp, &ConsentEvent)], own_acts: &[(Timestamp, &ConsentEvent)]) -> PurposeState {
    let last_stop = stops.iter().map(|(at, _)| *at).max();
    let later = |kind: ConsentKind| {
        own_acts.iter().filter(move |(at, event)| event.kind == kind && last_stop.is_none_or(|stop| *at > stop))
    };
    let Some((since, given)) = later(ConsentKind::Given).max_by_key(|(at, event)| (*at, Reverse(event.id))) else {
        return PurposeState::UNKNOWN;
    };
    let first_given = later(ConsentKind::Given).map(|(at, _)| *at).min();
    let confirmation = later(ConsentKind::Confirmed)
        .filter(|(at, _)| first_given.is_some_and(|given| *at >= given))
        .max_by_key(|(at, event)| (*at, Reverse(event.id)));
    PurposeState {
        standing: Standing::Given { confirmed: confirmation.is_some() },
        since: Some(*since),
        because_of: Some(given.id),
        confirmed_by: confirmation.map(|(_, event)| event.id),
    }
}

/// Where one subject stands on every purpose of the history.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConsentState {
    purposes: BTreeMap<PurposeId, PurposeState>,
}

impl ConsentState {
    /// What the events of one contact amount to, purpose by purpose.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a ConsentEvent>) -> Self {
        let mut histories: BTreeMap<PurposeId, Vec<&ConsentEvent>> = BTreeMap::new();
        for event in events {
            histories.entry(event.purpose).or_default().push(event);
        }
        let purposes = histories.into_iter().map(|(purpose, events)| (purpose, PurposeState::of(events))).collect();
        Self { purposes }
    }

    /// The state for a purpose; [`PurposeState::UNKNOWN`] if nothing was said of it.
    pub fn purpose(&self, purpose: PurposeId) -> PurposeState {
        self.purposes.get(&purpose).copied().unwrap_or(PurposeState::UNKNOWN)
    }

    /// Every purpose that something was said of.
    pub fn purposes(&self) -> impl Iterator<Item = (PurposeId, &PurposeState)> {
        self.purposes.iter().map(|(purpose, state)| (*purpose, state))
    }
}

#[cfg(test)]
#[path = "consent_state_tests.rs"]
mod tests;
