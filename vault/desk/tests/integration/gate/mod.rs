//! Lists before the officer: what opens one, what closes it, and that nothing else does.

mod blocked;
mod forged;
mod known;
mod later;
mod memory;
mod property;
mod sides;
mod split;
mod steps;
mod taken_back;

use carnet_core::intake::Incoming;
use carnet_core::model::{ListId, ListStatus, ReasonCode, Role, Timestamp};
use carnet_desk::{DeskError, NewRelease, ReleaseOutcome, UsedContact};

use super::house::{Firm, House, granted, slug};
use super::imports::{Rows, Told, into_list, row};

/// A list that the operator brings in, of contacts with these names and sources; their addresses are nobody else's.
pub(crate) fn imported_list(house: &House, firm: &Firm, list: &str, rows: &[(&str, Option<&str>)]) -> ListId {
    let items = rows.iter().enumerate().map(|(n, (name, source))| {
        let incoming = row(name, &format!("{list}{n}@example.org").replace(' ', "."), n + 2);
        Ok(Incoming { source: source.map(str::to_owned), ..incoming })
    });
    let mut source = Rows::of(items.collect());
    let new = into_list(list, Some(firm.newsletter));
    let report = house.desk("operator").import(&firm.controller, &new, &mut source, &mut Told::default()).unwrap();
    report.place.unwrap().1
}

/// Takes a list that was just brought in, and has nothing against it, to a status.
pub(crate) fn to(house: &House, firm: &Firm, list: ListId, status: ListStatus) {
    let (operator, officer, of) = (house.desk("operator"), house.desk("officer"), &firm.controller);
    if status == ListStatus::Received {
        return;
    }
    operator.submit_list(of, list, None).unwrap();
    if status == ListStatus::Checking {
        return;
    }
    operator.check_list(of, list).unwrap();
    match status {
        ListStatus::Released => drop(officer.release_list(of, list, &release()).unwrap()),
        ListStatus::Blocked => officer.block_list(of, list, ReasonCode::NoProof).unwrap(),
        ListStatus::Withdrawn => operator.withdraw_list(of, list).unwrap(),
        _ => {}
    }
    assert_eq!(status_of(house, firm, list), status);
}

/// A release for as long as the policy allows.
pub(crate) fn release() -> NewRelease {
    NewRelease { code: ReasonCode::ProofSeen, until: None }
}

pub(crate) fn status_of(house: &House, firm: &Firm, list: ListId) -> ListStatus {
    let all = house.desk("officer").lists(&firm.controller).unwrap();
    all.iter().find(|one| one.list.id == list).unwrap().list.status
}

/// All contacts of a list, for use, by the operator.
pub(crate) fn used(house: &House, firm: &Firm, list: ListId) -> Result<Vec<UsedContact>, DeskError> {
    house.desk("operator").use_list(&firm.controller, list, None)?.collect()
}

/// Releases a list of ours by the officer.
fn released(house: &House, list: ListId, new: &NewRelease) -> Result<Timestamp, DeskError> {
    match house.desk("officer").release_list(&house.ours.controller, list, new)? {
        ReleaseOutcome::Released { until, .. } => Ok(until),
        ReleaseOutcome::Proposed { .. } => panic!("it is not blocked"),
    }
}

/// Another officer, for the whole vault.
fn second_officer(house: &House) {
    let grant = carnet_core::model::RoleGrant { role: Role::Compliance, controller: None };
    house.desk("owner").add_account(slug("second"), vec![grant]).unwrap();
}

/// An officer of the other controller alone.
fn their_officer(house: &House) {
    let grant = granted(Role::Compliance, house.theirs.controller.id);
    house.desk("owner").add_account(slug("their-officer"), vec![grant]).unwrap();
}

#[track_caller]
fn assert_shut(house: &House, list: ListId) {
    let refused = used(house, &house.ours, list).unwrap_err();
    assert!(matches!(refused, DeskError::Denied(_)), "{refused}");
}
