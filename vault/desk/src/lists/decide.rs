//! Decisions as they are kept: what, by whom, on which check, why in a word and in words.

use carnet_core::gate::Verdict;
use carnet_core::keys::{Place, Sealed, VaultKey};
use carnet_core::model::{
    CheckId, ControllerId, DecisionId, DecisionKind, DecisionScope, ListId, ListStatus, ReasonCode, ReleaseId,
    Timestamp,
};
use carnet_store::{CheckRow, DecisionRow, ReleaseRow, Tx, WriteTx};

use super::act::Act;
use super::close::end_release;
use super::scan::Marks;
use super::seal::{opened_check, opened_decision, seal_decision, seal_release};
use crate::{Desk, DeskError};

/// What was decided.
pub(super) struct NewDecision<'a> {
    pub(super) kind: DecisionKind,
    pub(super) check: Option<CheckId>,
    pub(super) code: Option<&'a str>,
    pub(super) expires: Option<Timestamp>,
    /// What of the list it is about.
    pub(super) scope: DecisionScope,
    /// Why, in words.
    pub(super) text: &'a str,
}

impl<'a> NewDecision<'a> {
    /// One about the whole list that gives no reason in a word and holds for good.
    pub(super) const fn of(kind: DecisionKind, text: &'a str) -> Self {
        Self { kind, check: None, code: None, expires: None, scope: DecisionScope::List, text }
    }
}

impl Desk<'_> {
    /// Keeps a decision, and names it in the entry.
    pub(super) fn put_decision(
        &self,
        tx: &mut WriteTx<'_>,
        act: &mut Act<'_>,
        new: &NewDecision<'_>,
    ) -> Result<DecisionId, DeskError> {
        self.put_decision_on(tx, act, act.standing.list.id, new)
    }

    /// The same about another list of the controller.
    pub(super) fn put_decision_on(
        &self,
        tx: &mut WriteTx<'_>,
        act: &mut Act<'_>,
        list: ListId,
        new: &NewDecision<'_>,
    ) -> Result<DecisionId, DeskError> {
        let id = DecisionId::new();
        let row = DecisionRow {
            controller: act.standing.list.controller,
            list,
            id,
            kind: new.kind,
            check: new.check,
            account: self.account.id,
            code: new.code.map(str::to_owned),
            scope: new.scope,
            expires: new.expires,
            text: unsealed(&act.ring.vault),
            at: act.now,
        };
        tx.list_decision_insert(&seal_decision(&act.ring.vault, row, new.text))?;
        act.draft.touch(id);
        if let Some(code) = new.code {
            act.more.push(("code", code.to_owned()));
        }
        if let Some(expires) = new.expires {
            act.more.push(("expires", expires.to_string()));
        }
        Ok(id)
    }

    /// Releases a list on a check, in place of any release that it has: true if it had one.
    pub(super) fn put_release(
        &self,
        tx: &mut WriteTx<'_>,
        act: &mut Act<'_>,
        check: &CheckRow,
        (code, expires, text): (ReasonCode, Timestamp, &str),
    ) -> Result<bool, DeskError> {
        let new = NewDecision {
            check: Some(check.id),
            code: Some(code.as_str()),
            expires: Some(expires),
            ..NewDecision::of(DecisionKind::Release, text)
        };
        let decision = self.put_decision(tx, act, &new)?;
        let list = &act.standing.list;
        tx.condemned_lift(list.controller, list.id)?;
        let renewed = end_release(tx, &act.ring.vault, list, &mut act.draft)?;
        let row = ReleaseRow {
            controller: list.controller,
            list: list.id,
            id: ReleaseId::new(),
            check: check.id,
            decision,
            imports: check.imports,
            members: check.members,
            granted: act.now,
            expires,
            ended: None,
            seal: unsealed(&act.ring.vault),
        };
        tx.list_release_insert(&seal_release(&act.ring.vault, row.clone()))?;
        act.draft.touch(row.id);
        if list.status != ListStatus::Released {
            tx.list_move(list, ListStatus::Released)?;
        }
        Ok(renewed)
    }
}

/// What stands in a row until it is sealed: the seal is bound to the row, so that the row comes first.
pub(super) fn unsealed(key: &VaultKey) -> Sealed {
    let nowhere = ListId::from_bytes([0; 16]);
    key.seal(&Place::new(ControllerId::from_bytes([0; 16]), nowhere, "", ""), b"")
}

/// The newest check of a list, if it is of the list as it is now.
pub(super) fn current_check(tx: &mut Tx<'_>, act: &Act<'_>) -> Result<CheckRow, DeskError> {
    let list = &act.standing.list;
    let gone = || {
        let hint = "this list is not as it was checked: contacts joined it, or one of them has other addresses or another consent, \
                    also through another list; have it checked again first";
        DeskError::Invalid(hint.to_owned())
    };
    let check = tx.list_last_check(list.controller, list.id)?.ok_or_else(gone)?;
    opened_check(&act.ring.vault, &check)?;
    let decisions = tx.list_decisions(list.controller, list.id)?;
    let marks = Marks::of(tx, (list.controller, list.id), act.standing.members)?;
    let same = is_current(&check, &decisions, marks) && tx.import_unfinished(list.controller, list.id)?.is_none();
    if same { Ok(check) } else { Err(gone()) }
}

/// Whether a list is still the one that was checked: nobody joined it, nobody in it was changed in what a check is about, and nothing was
/// split off.
pub(super) fn is_current(check: &CheckRow, decisions: &[DecisionRow], now: Marks) -> bool {
    let split = decisions.iter().any(|one| one.kind == DecisionKind::Split && one.check == Some(check.id));
    (check.imports, check.changes) == (now.imports, now.changes) && now.members <= check.members && !split
}

/// The reason in a word why officers have blocked a list, if they have and no release came after it. A list that was split off a blocked one
/// is blocked like it.
pub(super) fn officers_block<'d>(key: &VaultKey, decisions: &'d [DecisionRow]) -> Result<Option<&'d str>, DeskError> {
    for one in decisions.iter().rev() {
        opened_decision(key, one)?;
        match one.kind {
            DecisionKind::Release => return Ok(None),
            DecisionKind::Fail => return Ok(Some(ReasonCode::NoProof.as_str())),
            DecisionKind::Block | DecisionKind::Split if one.code.is_some() => return Ok(one.code.as_deref()),
            _ => {}
        }
    }
    Ok(None)
}

/// Whether nothing was ever held against a list: no check that was not clear, and nothing decided but by the gate itself.
pub(super) fn is_untouched(checks: &[CheckRow], decisions: &[DecisionRow]) -> bool {
    checks.iter().all(|check| check.verdict == Verdict::Clear)
        && decisions.iter().all(|one| match one.kind {
            DecisionKind::Submit => true,
            DecisionKind::Release => one.code.as_deref() == Some(ReasonCode::ClearVerdict.as_str()),
            _ => false,
        })
}
