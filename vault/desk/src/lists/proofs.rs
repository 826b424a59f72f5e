//! What was drawn from a blocked list: shown by its owner, judged by an officer. The notes are sealed under the contacts'
//! keys and go with them.

use std::fmt;
use std::io::{self, Read};

use carnet_core::keys::{ContactKey, ControllerKeys};
use carnet_core::model::{
    AccountId, ContactId, Controller, ControllerId, DecisionKind, EmailAddress, ListId, ProofState, Timestamp,
};
use carnet_core::policy::Operation;
use carnet_store::{ProofRow, StoreError, Tx, WriteTx};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::act::Act;
use super::close::said;
use super::decide::{NewDecision, current_check, unsealed};
use super::release::{open_proposal, proposal_of};
use super::seal::{opened_proof, seal_proof};
use crate::contacts::opened_card;
use crate::{Desk, DeskError};

/// A contact that was drawn, and what was shown for it. `Debug` shows no words.
#[derive(Clone)]
pub struct ProofView {
    /// The contact.
    pub contact: ContactId,
    /// Its e-mail address, masked.
    pub address: Option<String>,
    /// Where it stands.
    pub state: ProofState,
    /// What the owner said.
    pub note: Option<String>,
    /// SHA-256 of the file that the owner showed, as 64 hexadecimal digits.
    pub file_hash: Option<String>,
    /// What the officer said.
    pub judgement: Option<String>,
    /// Who showed it.
    pub shown_by: Option<AccountId>,
    /// Who judged it.
    pub judged_by: Option<AccountId>,
    /// When it last changed.
    pub changed: Timestamp,
}

impl fmt::Debug for ProofView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProofView").field("contact", &self.contact).field("state", &self.state).finish_non_exhaustive()
    }
}

/// What is sealed beside a proof. Empty at first.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Note {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    judgement: Option<String>,
}

/// The note of a proof, and the key that it is sealed under now.
pub(super) fn opened_note(
    tx: &mut Tx<'_>,
    keys: &ControllerKeys,
    row: &ProofRow,
) -> Result<(Note, ContactKey), DeskError> {
    let salt = tx
        .contact_salt(row.controller, row.contact)?
        .ok_or(StoreError::Damaged { table: "contact_salts", column: "salt" })?;
    let bytes = opened_proof(&keys.contact_key_for(&row.note, row.contact, &salt)?, row)?;
    let note = match bytes.as_slice() {
        [] => Note::default(),
        bytes => serde_json::from_slice(bytes).map_err(|_| DeskError::Content("proof"))?,
    };
    Ok((note, keys.current().contact_key(row.contact, &salt)))
}

impl Desk<'_> {
    /// What was drawn from a blocked list to be proven; nothing where no release of it is proposed.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Open`] when a row was edited behind the vault's back.
    pub fn list_proofs(&self, controller: &Controller, list: ListId) -> Result<Vec<ProofView>, DeskError> {
        self.act(Operation::ListShow, controller, list, |tx, act| {
            let drawn = match proposal_of(tx, act) {
                Ok(proposal) => tx.list_proofs(controller.id, list, proposal)?,
                Err(DeskError::Invalid(_)) => Vec::new(),
                Err(error) => return Err(error),
            };
            let keys = act.ring.controller(controller.id)?;
            act.draft.count("proofs", u64::try_from(drawn.len()).unwrap_or(u64::MAX));
            drawn.into_iter().map(|row| view(tx, &keys, controller.id, row)).collect()
        })
    }

    /// Shows what proves that a contact of a blocked list agreed or was told: a note, and a file if there is one, of which
    /// the hash is kept. The file itself stays with the owner.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Invalid`] for an empty note, for a contact that was not drawn, and for one that
    /// an officer has judged.
    pub fn show_proof(
        &self,
        controller: &Controller,
        list: ListId,
        contact: ContactId,
        note: &str,
        file: Option<&mut dyn Read>,
    ) -> Result<(), DeskError> {
        let note = said(note, "what proves it, and where it is kept")?;
        let hash = file.map(hash_of).transpose()?;
        self.act(Operation::ListProve, controller, list, |tx, act| {
            let (row, _, key) = drawn_proof(tx, act, controller.id, contact)?;
            if !matches!(row.state, ProofState::Open | ProofState::Proven) {
                return Err(DeskError::Invalid(format!("this proof is {}; an officer has judged it", row.state)));
            }
            let words = Note { note: Some(note.to_owned()), file_hash: hash.clone(), judgement: None };
            let shown = ProofRow {
                state: ProofState::Proven,
                shown_by: Some(self.account.id),
                judged_by: None,
                changed: act.now,
                ..row.clone()
            };
            put(tx, act, (shown, &row), &key, &words)?;
            act.subject = Some((contact, key));
            Ok(())
        })
    }

    /// Takes a proof, or refuses it. One that does not hold keeps the list shut until it is checked again.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Invalid`] for a contact that was not drawn, for one that was judged, and where
    /// nothing was shown that could be taken.
    pub fn judge_proof(
        &self,
        controller: &Controller,
        list: ListId,
        contact: ContactId,
        holds: bool,
    ) -> Result<(), DeskError> {
        self.act(Operation::ListVet, controller, list, |tx, act| {
            let (row, mut words, key) = drawn_proof(tx, act, controller.id, contact)?;
            match (row.state, holds) {
                (ProofState::Proven, _) | (ProofState::Open, false) => {}
                (ProofState::Open, true) => {
                    let hint = "nothing was shown for this contact yet; its owner does that with `carnet list proofs`";
                    return Err(DeskError::Invalid(hint.to_owned()));
                }
                (state, _) => return Err(DeskError::Invalid(format!("this proof is {state} already"))),
            }
            if row.shown_by == Some(self.account.id) {
                return Err(DeskError::Denied("Nobody judges a proof that they have shown.".to_owned()));
            }
            words.judgement = Some(self.errand.reason.clone());
            let judged = ProofRow {
                state: if holds { ProofState::Accepted } else { ProofState::Failed },
                judged_by: Some(self.account.id),
                changed: act.now,
                ..row.clone()
            };
            put(tx, act, (judged, &row), &key, &words)?;
            if !holds {
                let check = current_check(tx, act)?.id;
                // Which contact it was goes with the contact; that one failed stays.
                let text = "A proof that was drawn does not hold.";
                let new = NewDecision { check: Some(check), ..NewDecision::of(DecisionKind::Fail, text) };
                self.put_decision(tx, act, &new)?;
            }
            act.draft.count("holds", u64::from(holds));
            act.subject = Some((contact, key));
            Ok(())
        })
    }
}

/// SHA-256 of a file, as hexadecimal digits.
fn hash_of(file: &mut dyn Read) -> Result<String, DeskError> {
    let mut hash = HashWriter(Sha256::new());
    let copied = io::copy(file, &mut hash);
    copied.map_err(|source| DeskError::File { place: "the file of the proof".to_owned(), source })?;
    Ok(hash.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

struct HashWriter(Sha256);

impl io::Write for HashWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A proof that was drawn for the proposal that holds, opened.
fn drawn_proof(
    tx: &mut Tx<'_>,
    act: &mut Act<'_>,
    controller: ControllerId,
    contact: ContactId,
) -> Result<(ProofRow, Note, ContactKey), DeskError> {
    let check = current_check(tx, act)?;
    let proposal = open_proposal(tx, act, &check)?.map(|one| one.id);
    let none =
        || DeskError::Invalid("this contact was not drawn; `carnet list proofs` shows those that were".to_owned());
    let proposal = proposal.ok_or_else(none)?;
    let drawn = tx.list_proofs(controller, act.standing.list.id, proposal)?;
    let row = drawn.into_iter().find(|row| row.contact == contact).ok_or_else(none)?;
    let keys = act.ring.controller(controller)?;
    let (note, key) = opened_note(tx, &keys, &row)?;
    act.draft.touch(contact);
    Ok((row, note, key))
}

fn put(
    tx: &mut WriteTx<'_>,
    act: &Act<'_>,
    (row, before): (ProofRow, &ProofRow),
    key: &ContactKey,
    words: &Note,
) -> Result<(), DeskError> {
    let bytes = serde_json::to_vec(words).map_err(|_| DeskError::Content("proof"))?;
    let row = ProofRow { note: unsealed(&act.ring.vault), ..row };
    Ok(tx.list_proof_update(&seal_proof(key, row, &bytes), before.state)?)
}

fn view(
    tx: &mut Tx<'_>,
    keys: &ControllerKeys,
    controller: ControllerId,
    row: ProofRow,
) -> Result<ProofView, DeskError> {
    let (words, _) = opened_note(tx, keys, &row)?;
    let (_, _, card) = opened_card(tx, keys, controller, row.contact)?;
    let address = card.emails().next().and_then(|text| text.parse::<EmailAddress>().ok());
    Ok(ProofView {
        contact: row.contact,
        address: address.map(|address| address.to_string()),
        state: row.state,
        note: words.note,
        file_hash: words.file_hash,
        judgement: words.judgement,
        shown_by: row.shown_by,
        judged_by: row.judged_by,
        changed: row.changed,
    })
}
