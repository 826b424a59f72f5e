//! What each kind of statement amounts to, and what it never does.

use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn known(text: &str) -> Option<Moment> {
    Some(Moment::Known(at(text)))
}

fn kinds(statement: &Statement) -> Vec<ConsentKind> {
    statement.clone().into_claims().iter().map(|claim| claim.kind).collect()
}

const SIGNED_UP: &str = "2024-03-01T09:00:00Z";
const CONFIRMED: &str = "2024-03-01T09:05:00Z";

fn double_opt_in() -> Statement {
    Statement {
        given_at: known(SIGNED_UP),
        confirmed_at: known(CONFIRMED),
        confirmed_ip_address: Some("192.0.2.2".parse().unwrap()),
        evidence: Evidence {
            ip_address: Some("192.0.2.1".parse().unwrap()),
            source: Some("form".to_owned()),
            ..Evidence::default()
        },
        ..Statement::default()
    }
}

#[test]
fn being_in_a_file_is_no_claim_whatever_the_provider_calls_it() {
    assert_eq!(kinds(&Statement::default()), []);
    for status in [Status::Subscribed, Status::Confirmed, Status::Pending, Status::Archived, Status::NeverOptedIn] {
        assert_eq!(kinds(&Statement { status: Some(status), ..Statement::default() }), [], "{status}");
    }
}

#[test]
fn a_double_opt_in_becomes_two_claims_each_with_its_own_address() {
    let claims = double_opt_in().into_claims();
    assert_eq!((claims[0].kind, claims[0].at), (ConsentKind::Given, Some(at(SIGNED_UP))));
    assert_eq!((claims[1].kind, claims[1].at), (ConsentKind::Confirmed, Some(at(CONFIRMED))));
    let addresses = claims.iter().map(|claim| claim.evidence.ip_address.unwrap().to_string()).collect::<Vec<_>>();
    assert_eq!(addresses, ["192.0.2.1", "192.0.2.2"]);
    assert_eq!(claims[0].evidence.confirmed_at, Some(at(CONFIRMED)));
    assert_eq!(claims[0].evidence.requested_at, None, "the sign-up is not the request to confirm");
    assert_eq!(claims[0].evidence.source.as_deref(), Some("form"));
    assert_eq!(claims[1].evidence.source, None, "a confirmation does not borrow the sign-up's proof");
}

#[test]
fn the_address_of_a_sign_up_is_not_lent_to_its_confirmation() {
    let claims = Statement { confirmed_ip_address: None, ..double_opt_in() }.into_claims();
    assert_eq!(claims[1].evidence.ip_address, None);
}

#[test]
fn a_confirmation_without_a_sign_up_has_all_the_proof_there_is() {
    let claims = Statement { given_at: None, confirmed_ip_address: None, ..double_opt_in() }.into_claims();
    assert_eq!(claims.len(), 1);
    assert_eq!(claims[0].evidence.source.as_deref(), Some("form"));
    assert!(claims[0].evidence.ip_address.is_some());
}

#[test]
fn pending_is_never_confirmed_and_given_only_with_a_time() {
    assert_eq!(kinds(&Statement { status: Some(Status::Pending), ..double_opt_in() }), [ConsentKind::Given]);
}

#[test]
fn who_never_opted_in_has_said_no_or_was_archived_is_not_claimed_to_have_agreed() {
    for status in [Status::NeverOptedIn, Status::Archived] {
        assert_eq!(kinds(&Statement { status: Some(status), ..double_opt_in() }), []);
    }
    assert_eq!(kinds(&Statement { opted_in: Some(false), ..double_opt_in() }), []);
    assert_eq!(kinds(&Statement { opted_in: Some(true), ..Statement::default() }), [ConsentKind::Given]);
}

#[test]
fn leaving_keeps_the_history_and_adds_the_stop() {
    let left = Statement {
        status: Some(Status::Unsubscribed),
        withdrawn_at: known("2024-06-01T00:00:00Z"),
        withdrawal_reason: Some("too many messages".to_owned()),
        ..double_opt_in()
    };
    let claims = left.clone().into_claims();
    assert_eq!(kinds(&left), [ConsentKind::Given, ConsentKind::Confirmed, ConsentKind::Withdrawn]);
    assert_eq!(claims[2].at, Some(at("2024-06-01T00:00:00Z")));
    assert_eq!(claims[2].evidence.notes.as_deref(), Some("reason given: too many messages"));
    assert_eq!(claims[2].evidence.ip_address, None);
}

#[test]
fn every_word_for_a_stop_is_one_even_without_a_readable_time() {
    let unreadable = || Some(Moment::Unreadable("soon".to_owned()));
    for (statement, kind) in [
        (Statement { status: Some(Status::Unsubscribed), ..Statement::default() }, ConsentKind::Withdrawn),
        (Statement { status: Some(Status::Blocked), ..Statement::default() }, ConsentKind::Withdrawn),
        (Statement { opted_out: true, ..Statement::default() }, ConsentKind::Withdrawn),
        (Statement { withdrawn_at: unreadable(), ..Statement::default() }, ConsentKind::Withdrawn),
        (Statement { status: Some(Status::Complained), ..Statement::default() }, ConsentKind::Objected),
        (Statement { complained: true, ..Statement::default() }, ConsentKind::Objected),
        (Statement { objected_at: unreadable(), ..Statement::default() }, ConsentKind::Objected),
    ] {
        assert_eq!(kinds(&statement), [kind]);
        assert_eq!(statement.into_claims()[0].at, None);
    }
}

#[test]
fn a_bounce_is_undeliverable_and_no_claim() {
    let bounced = Statement { status: Some(Status::Bounced), ..Statement::default() };
    assert_eq!(bounced.deliverability(), Some(Undeliverable::default()));
    assert_eq!(kinds(&bounced), []);
    assert_eq!(kinds(&Statement { status: Some(Status::Bounced), ..double_opt_in() }).len(), 2);
}

#[test]
fn a_time_that_is_no_moment_is_missing_and_its_text_is_kept() {
    let vague = Statement { given_at: Some(Moment::Vague("01/02/2024".to_owned())), ..Statement::default() };
    let claims = vague.into_claims();
    assert_eq!((claims[0].kind, claims[0].at), (ConsentKind::Given, None));
    assert_eq!(claims[0].evidence.notes.as_deref(), Some("sign-up time as the source has it: 01/02/2024"));
    let day = Statement {
        given_at: Some(Moment::Day(at("2024-03-01T00:00:00Z"), "2024-03-01".to_owned())),
        ..Statement::default()
    };
    let claims = day.into_claims();
    assert_eq!(claims[0].at, Some(at("2024-03-01T00:00:00Z")));
    assert_eq!(claims[0].evidence.notes.as_deref(), Some("sign-up time, of which only the day is known: 2024-03-01"));
}

#[test]
fn text_that_is_no_time_is_no_yes() {
    let text = || Some(Moment::Unreadable("maybe".to_owned()));
    assert_eq!(kinds(&Statement { given_at: text(), confirmed_at: text(), ..Statement::default() }), []);
}

#[test]
fn proof_of_nothing_is_noticed() {
    let proof = Statement { given_at: None, confirmed_at: None, ..double_opt_in() };
    assert!(proof.has_stray_proof() && !double_opt_in().has_stray_proof() && !Statement::default().has_stray_proof());
}

fn any_moment() -> impl Strategy<Value = Option<Moment>> {
    proptest::option::of(prop_oneof![
        (0_i64..2_000_000_000).prop_map(|s| Moment::Known(Timestamp::from_us(s * 1_000_000).unwrap())),
        Just(Moment::Vague("1/2/2024".to_owned())),
        Just(Moment::Unreadable("x".to_owned())),
    ])
}

proptest! {
    #[test]
    fn no_statement_with_a_stop_loses_it(
        status in proptest::option::of(proptest::sample::select(Status::ALL)),
        flags in any::<[bool; 4]>(), opted_in in any::<Option<bool>>(),
        times in [any_moment(), any_moment(), any_moment(), any_moment()],
    ) {
        let [given_at, confirmed_at, withdrawn_at, objected_at] = times;
        let statement = Statement {
            status, opted_in, confirmed: flags[0], opted_out: flags[1], complained: flags[2],
            given_at, confirmed_at, withdrawn_at, objected_at, ..Statement::default()
        };
        let stops = statement.opted_out || statement.withdrawn_at.is_some()
            || matches!(status, Some(Status::Unsubscribed | Status::Blocked));
        let objects = statement.complained || statement.objected_at.is_some() || status == Some(Status::Complained);
        let kinds = kinds(&statement);
        prop_assert_eq!(kinds.contains(&ConsentKind::Withdrawn), stops);
        prop_assert_eq!(kinds.contains(&ConsentKind::Objected), objects);
        if matches!(status, Some(Status::NeverOptedIn | Status::Archived)) || opted_in == Some(false) {
            prop_assert!(kinds.iter().all(|kind| kind.is_stop()));
        }
    }
}

#[test]
fn that_the_subject_was_informed_belongs_to_the_proof_of_a_yes() {
    let informed = Statement { notified_at: known("2024-03-10T09:00:00Z"), ..double_opt_in() };
    let claims = informed.into_claims();
    assert_eq!(claims[0].evidence.notified_at, Some(at("2024-03-10T09:00:00Z")));
    assert_eq!(claims[1].evidence.notified_at, None, "told once");
    let vague = Statement { notified_at: Some(Moment::Vague("10/03/2024".to_owned())), ..double_opt_in() };
    let notes = vague.into_claims()[0].evidence.notes.clone().unwrap();
    assert!(notes.contains("time of the information as the source has it: 10/03/2024"), "{notes}");
    assert!(!has_vague_sign_up_time(&Evidence { notes: Some(notes), ..Evidence::default() }));
}

#[test]
fn a_sign_up_time_that_is_not_one_moment_is_known_as_such() {
    let vague = Statement { given_at: Some(Moment::Vague("2024-03-01 10:00".to_owned())), ..Statement::default() };
    let claims = vague.into_claims();
    assert!(claims[0].at.is_none() && has_vague_sign_up_time(&claims[0].evidence));
    assert!(!has_vague_sign_up_time(&double_opt_in().into_claims()[0].evidence));
}
