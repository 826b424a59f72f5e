//! What closes a list: a block, a withdrawal, and what is learned later.

use carnet_core::keys::VaultKey;
use carnet_core::ledger::{EntryError, ObjectId, ObjectKind, ObjectRef};
use carnet_core::model::{
    ContactId, Controller, ControllerId, DecisionKind, LaterEvidence, List, ListId, ListStatus, ReasonCode,
};
use carnet_core::policy::Operation;
use carnet_store::{ReleaseRow, WriteTx};

use super::act::step;
use super::decide::NewDecision;
use super::seal::seal_release;
use crate::record::EntryDraft;
use crate::{Desk, DeskError};

/// Under which name an entry tells of a release that it has ended.
pub(crate) const ENDED_RELEASE: &str = "ended-release";

/// Ends the release of a list and names it in the entry, if the list has one that was not ended.
pub(crate) fn end_release(
    tx: &mut WriteTx<'_>,
    key: &VaultKey,
    list: &List,
    draft: &mut EntryDraft,
) -> Result<bool, DeskError> {
    match tx.list_last_release(list.controller, list.id)? {
        Some(release) if release.ended.is_none() => end_this_release(tx, key, release, draft).map(|()| true),
        _ => Ok(false),
    }
}

/// Ends one release.
pub(crate) fn end_this_release(
    tx: &mut WriteTx<'_>,
    key: &VaultKey,
    release: ReleaseRow,
    draft: &mut EntryDraft,
) -> Result<(), DeskError> {
    let kind = ObjectKind::new(ENDED_RELEASE).map_err(EntryError::from)?;
    draft.touch(ObjectRef { kind, id: ObjectId::Uuid(*release.id.as_bytes()) });
    Ok(tx.list_release_end(&seal_release(key, ReleaseRow { ended: Some(draft.0.at), ..release }))?)
}

/// Counts a change for all lists but one that hold any of these contacts, whose check was of other addresses, or of more or less that these
/// people are said to have agreed to; and ends their releases. Such a list is held then, and waits for a new check.
pub(crate) fn changed_in_lists(
    tx: &mut WriteTx<'_>,
    key: &VaultKey,
    (controller, contacts): (ControllerId, &[ContactId]),
    except: Option<ListId>,
    draft: &mut EntryDraft,
) -> Result<(), DeskError> {
    if contacts.is_empty() {
        return Ok(());
    }
    let lists: Vec<List> = tx.list_all(controller)?.into_iter().filter(|list| Some(list.id) != except).collect();
    changed_among(tx, key, (&lists, contacts), draft)
}

/// The same of some lists of one controller.
pub(crate) fn changed_among(
    tx: &mut WriteTx<'_>,
    key: &VaultKey,
    (lists, contacts): (&[List], &[ContactId]),
    draft: &mut EntryDraft,
) -> Result<(), DeskError> {
    for List { controller, id, .. } in lists {
        if tx.list_holds(*controller, *id, contacts)?.is_empty() {
            continue;
        }
        let Some(list) = tx.list_hold(*controller, *id)? else { continue };
        tx.list_changed(list.controller, list.id)?;
        if list.status == ListStatus::Released {
            draft.touch(list.id);
            end_release(tx, key, &list, draft)?;
            tx.list_move(&list, step(list.status, ListStatus::Held)?)?;
        }
    }
    Ok(())
}

impl Desk<'_> {
    /// Blocks a list. From then on it takes two officers and a sample of proofs to release it. One that was bought, swapped, scraped
    /// or made up is remembered by the keyed hashes of its addresses, for 24 months.
    ///
    /// The words are those of the errand's reason.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Invalid`] for a code that is no reason to block, and for a list that has not
    /// been before the gate.
    pub fn block_list(&self, controller: &Controller, list: ListId, code: ReasonCode) -> Result<(), DeskError> {
        if !ReasonCode::FOR_BLOCK.contains(&code) {
            return Err(wrong_code(code, &ReasonCode::FOR_BLOCK, "block"));
        }
        let condemns = ReasonCode::CONDEMNS.contains(&code);
        let condemned = if condemns { Some(self.compared(Operation::ListBlock, controller, list)?) } else { None };
        self.act(Operation::ListBlock, controller, list, |tx, act| {
            if let Some(condemned) = &condemned {
                condemned.condemn(tx, ((controller.id, list), act.standing.members), act.now)?;
            }
            let check = tx.list_last_check(controller.id, list)?.map(|check| check.id);
            let text = self.errand.reason.clone();
            let new = NewDecision { check, code: Some(code.as_str()), ..NewDecision::of(DecisionKind::Block, &text) };
            self.put_decision(tx, act, &new)?;
            end_release(tx, &act.ring.vault, &act.standing.list, &mut act.draft)?;
            let from = act.standing.list.status;
            if from != ListStatus::Blocked {
                tx.list_move(&act.standing.list, step(from, ListStatus::Blocked)?)?;
            }
            Ok(())
        })
    }

    /// Takes a list back for good. Its contacts stay in the vault, and are used through this list no more.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Invalid`] when it is withdrawn already.
    pub fn withdraw_list(&self, controller: &Controller, list: ListId) -> Result<(), DeskError> {
        self.act(Operation::ListWithdraw, controller, list, |tx, act| {
            let text = self.errand.reason.clone();
            self.put_decision(tx, act, &NewDecision::of(DecisionKind::Withdraw, &text))?;
            end_release(tx, &act.ring.vault, &act.standing.list, &mut act.draft)?;
            Ok(tx.list_move(&act.standing.list, step(act.standing.list.status, ListStatus::Withdrawn)?)?)
        })
    }

    /// Reports what was learned about a list: a release of it is suspended at once, and the list is held. True if there was
    /// a release. Where there was none the evidence is kept all the same, for the officer.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Invalid`] when nothing is said.
    pub fn report_evidence(
        &self,
        controller: &Controller,
        list: ListId,
        kind: LaterEvidence,
        what: &str,
    ) -> Result<bool, DeskError> {
        let what = said(what, "what was learned")?;
        self.act(Operation::ListSuspend, controller, list, |tx, act| {
            let new = NewDecision { code: Some(kind.as_str()), ..NewDecision::of(DecisionKind::Suspend, what) };
            self.put_decision(tx, act, &new)?;
            act.more.push(("said", what.to_owned()));
            if kind == LaterEvidence::Trap {
                // The check before did not know of it.
                tx.list_changed(controller.id, list)?;
            }
            let ended = end_release(tx, &act.ring.vault, &act.standing.list, &mut act.draft)?;
            if act.standing.list.status == ListStatus::Released {
                tx.list_move(&act.standing.list, step(ListStatus::Released, ListStatus::Held)?)?;
            }
            act.draft.count("ended", u64::from(ended));
            Ok(ended)
        })
    }
}

/// Longest name of a list, in bytes.
const NAME_MAX: usize = 200;

/// Whether a list may have this name.
pub(crate) fn check_name(name: &str) -> Result<(), DeskError> {
    if name.trim().is_empty() || name.chars().any(char::is_control) || name.len() > NAME_MAX {
        return Err(DeskError::Invalid(format!("a list needs a name of 1 to {NAME_MAX} bytes on one line")));
    }
    Ok(())
}

/// Longest text about a list, in bytes.
const TEXT_MAX: usize = 4000;

/// A text that says something.
pub(super) fn said<'t>(text: &'t str, what: &str) -> Result<&'t str, DeskError> {
    let text = text.trim();
    if text.is_empty() || text.len() > TEXT_MAX {
        return Err(DeskError::Invalid(format!("say {what}, in 1 to {TEXT_MAX} bytes")));
    }
    Ok(text)
}

pub(super) fn wrong_code(code: ReasonCode, codes: &[ReasonCode], act: &str) -> DeskError {
    let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
    DeskError::Invalid(format!("{code} is no reason to {act} a list; expected one of {}", codes.join(", ")))
}
