//! The rule of consent, by example and by property.

use proptest::prelude::*;

use super::*;
use crate::model::{ContactId, Evidence};

const PURPOSE: PurposeId = PurposeId::from_bytes([7; 16]);

/// An event at second `at` (none if unknown), recorded at second `recorded`, with `id` as its identifier's last byte.
fn event(id: u8, kind: ConsentKind, authority: Authority, at: Option<i64>, recorded: i64) -> ConsentEvent {
    let second = |second: i64| Timestamp::from_us(second * 1_000_000).unwrap();
    let mut bytes = [0; 16];
    bytes[15] = id;
    ConsentEvent {
        id: ConsentEventId::from_bytes(bytes),
        contact: ContactId::from_bytes([1; 16]),
        purpose: PURPOSE,
        kind,
        at: at.map(second),
        recorded_at: second(recorded),
        authority,
        notice: None,
        evidence: Evidence::default(),
    }
}

fn own(id: u8, kind: ConsentKind, at: i64) -> ConsentEvent {
    event(id, kind, Authority::OwnAct, Some(at), 1_000)
}

fn claim(id: u8, kind: ConsentKind, at: i64) -> ConsentEvent {
    event(id, kind, Authority::Claim, Some(at), 1_000)
}

fn standing(events: &[ConsentEvent]) -> Standing {
    PurposeState::of(events).standing
}

const GIVEN: Standing = Standing::Given { confirmed: false };
const CONFIRMED: Standing = Standing::Given { confirmed: true };

#[test]
fn given_withdrawn_and_given_again_is_three_events_and_a_yes() {
    let history = [own(1, ConsentKind::Given, 10), own(2, ConsentKind::Withdrawn, 20), own(3, ConsentKind::Given, 30)];
    assert_eq!(history.len(), 3);
    let state = PurposeState::of(&history);
    assert_eq!(state.standing, GIVEN);
    assert_eq!(state.because_of, Some(history[2].id));
    assert_eq!(state.since, history[2].at);
}

#[test]
fn no_claim_however_late_lifts_a_stop() {
    let history =
        [own(1, ConsentKind::Withdrawn, 20), claim(2, ConsentKind::Given, 30), claim(3, ConsentKind::Confirmed, 40)];
    assert_eq!(standing(&history), Standing::Withdrawn);
}

#[test]
fn a_claimed_stop_stops() {
    assert_eq!(standing(&[own(1, ConsentKind::Given, 10), claim(2, ConsentKind::Objected, 20)]), Standing::Objected);
}

#[test]
fn at_equal_times_the_stop_wins() {
    let history = [own(1, ConsentKind::Given, 20), own(2, ConsentKind::Expired, 20)];
    assert_eq!(standing(&history), Standing::Expired);
}

#[test]
fn a_yes_that_a_stop_meets_at_its_very_time_lifts_no_earlier_stop_either() {
    let history = [own(1, ConsentKind::Objected, 10), own(2, ConsentKind::Given, 20), own(3, ConsentKind::Expired, 20)];
    assert_eq!(standing(&history), Standing::Objected);
}

#[test]
fn a_later_stop_does_not_soften_one_that_still_stands() {
    let history = [own(1, ConsentKind::Objected, 10), own(2, ConsentKind::Expired, 20)];
    let state = PurposeState::of(&history);
    assert_eq!((state.standing, state.because_of), (Standing::Objected, Some(history[0].id)));
}

#[test]
fn a_stop_that_was_lifted_is_not_named_when_another_follows() {
    let history = [own(1, ConsentKind::Objected, 10), own(2, ConsentKind::Given, 20), own(3, ConsentKind::Expired, 30)];
    assert_eq!(standing(&history), Standing::Expired);
}

#[test]
fn unknown_times_count_for_a_stop_when_it_was_recorded_and_for_a_yes_before_everything() {
    let undated_stop = event(1, ConsentKind::Withdrawn, Authority::Claim, None, 50);
    assert_eq!(standing(&[undated_stop.clone(), own(2, ConsentKind::Given, 49)]), Standing::Withdrawn);
    assert_eq!(standing(&[undated_stop, own(2, ConsentKind::Given, 51)]), GIVEN);
    let undated_yes = event(2, ConsentKind::Given, Authority::OwnAct, None, 900);
    assert_eq!(standing(&[own(1, ConsentKind::Withdrawn, 20), undated_yes.clone()]), Standing::Withdrawn);
    assert_eq!(PurposeState::of(&[undated_yes]).since, None);
}

#[test]
fn a_yes_from_the_future_counts_when_it_was_recorded() {
    let yes = event(1, ConsentKind::Given, Authority::OwnAct, Some(9_000), 50);
    assert_eq!(standing(&[yes, own(2, ConsentKind::Withdrawn, 60)]), Standing::Withdrawn);
}

#[test]
fn an_old_confirmation_link_clicked_after_a_withdrawal_is_no_consent() {
    let history =
        [own(1, ConsentKind::Given, 10), own(2, ConsentKind::Withdrawn, 20), own(3, ConsentKind::Confirmed, 30)];
    assert_eq!(standing(&history), Standing::Withdrawn);
    let before =
        [own(1, ConsentKind::Withdrawn, 20), own(2, ConsentKind::Confirmed, 25), own(3, ConsentKind::Given, 30)];
    assert_eq!(standing(&before), GIVEN);
    let after =
        [own(1, ConsentKind::Withdrawn, 20), own(2, ConsentKind::Given, 30), own(3, ConsentKind::Confirmed, 30)];
    assert_eq!(standing(&after), CONFIRMED);
    assert_eq!(PurposeState::of(&after).confirmed_by, Some(after[2].id));
}

#[test]
fn without_any_stop_a_confirmation_stands_alone_and_the_best_proven_yes_decides() {
    assert_eq!(standing(&[own(1, ConsentKind::Confirmed, 10)]), CONFIRMED);
    let history = [claim(1, ConsentKind::Given, 90), own(2, ConsentKind::Given, 10), own(3, ConsentKind::Given, 20)];
    let state = PurposeState::of(&history);
    assert_eq!((state.standing, state.because_of), (GIVEN, Some(history[2].id)));
    assert_eq!(standing(&[]), Standing::Unknown);
}

#[test]
fn each_purpose_has_its_own_state() {
    let other = PurposeId::from_bytes([8; 16]);
    let history =
        [own(1, ConsentKind::Given, 10), ConsentEvent { purpose: other, ..own(2, ConsentKind::Objected, 20) }];
    let state = ConsentState::of(&history);
    assert_eq!(state.purpose(PURPOSE).standing, GIVEN);
    assert_eq!(state.purpose(other).standing, Standing::Objected);
    assert_eq!(state.purpose(PurposeId::from_bytes([9; 16])), PurposeState::UNKNOWN);
    assert_eq!(state.purposes().count(), 2);
}

/// Few distinct times, so that ties and clamping happen often.
fn any_event() -> impl Strategy<Value = ConsentEvent> {
    let kind = proptest::sample::select(ConsentKind::ALL);
    let authority = proptest::sample::select(Authority::ALL);
    (any::<u8>(), kind, authority, proptest::option::weighted(0.8, 0_i64..8), 0_i64..8)
        .prop_map(|(id, kind, authority, at, recorded)| event(id, kind, authority, at, recorded))
}

fn any_history() -> impl Strategy<Value = Vec<ConsentEvent>> {
    proptest::collection::vec(any_event(), 0..8).prop_map(|mut history| {
        for (event, id) in history.iter_mut().zip(0_u8..) {
            let mut bytes = [0; 16];
            bytes[15] = id;
            event.id = ConsentEventId::from_bytes(bytes);
        }
        history
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_state_is_the_same_in_every_order(
        (history, shuffled) in any_history().prop_flat_map(|history| (Just(history.clone()), Just(history).prop_shuffle()))
    ) {
        prop_assert_eq!(PurposeState::of(&history), PurposeState::of(&shuffled));
    }

    #[test]
    fn an_event_that_arrives_twice_counts_once(history in any_history()) {
        let twice: Vec<ConsentEvent> = history.iter().chain(&history).cloned().collect();
        prop_assert_eq!(PurposeState::of(&history), PurposeState::of(&twice));
    }

    #[test]
    fn one_more_stop_never_loosens(mut history in any_history(), mut more in any_event(),
        kind in proptest::sample::select(vec![ConsentKind::Withdrawn, ConsentKind::Objected, ConsentKind::Expired])) {
        let before = standing(&history).strictness();
        more.kind = kind;
        history.push(more);
        prop_assert!(standing(&history).strictness() >= before);
    }

    #[test]
    fn once_there_is_a_stop_no_claim_loosens(mut history in any_history(), stop in any_event(), mut more in any_event()) {
        history.push(ConsentEvent { kind: ConsentKind::Withdrawn, ..stop });
        let before = standing(&history).strictness();
        more.authority = Authority::Claim;
        history.push(more);
        prop_assert!(standing(&history).strictness() >= before);
    }

    #[test]
    fn a_yes_without_a_time_never_lifts_a_stop(mut history in any_history(), stop in any_event(), mut more in any_event()) {
        history.push(ConsentEvent { kind: ConsentKind::Objected, ..stop });
        let before = standing(&history);
        more.kind = ConsentKind::Given;
        more.at = None;
        history.push(more);
        prop_assert_eq!(standing(&history), before);
    }

    #[test]
    fn a_yes_after_a_stop_needs_the_subjects_own_dated_act_after_the_last_one(history in any_history()) {
        let last_stop = history.iter().filter(|event| event.kind.is_stop()).filter_map(ConsentEvent::counted_at).max();
        if let (Some(stop), true) = (last_stop, standing(&history).is_given()) {
            let by_own_act = history.iter().any(|event| {
                event.kind == ConsentKind::Given
                    && event.authority == Authority::OwnAct
                    && event.at.is_some_and(|at| at.min(event.recorded_at) > stop)
            });
            prop_assert!(by_own_act);
        }
    }
}
