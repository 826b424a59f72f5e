//! Where contacts come from: the sentence that their first message would carry (Art. 14), sealed.

use carnet_core::keys::ControllerKeys;
use carnet_core::model::{AccountId, ControllerId, Holder, ProvenanceId, ProvenanceKind, Timestamp};
use carnet_store::ProvenanceRow;
use serde::{Deserialize, Serialize};

use crate::DeskError;
use crate::seal::provenance_place;

/// Where a contact comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrigin {
    /// What kind of source.
    pub kind: ProvenanceKind,
    /// From whom and how, in a sentence that the subject could read.
    pub sentence: String,
    /// The file, where there was one.
    pub file: Option<String>,
    /// Everybody who held it before, in order.
    pub holders: Vec<Holder>,
}

/// What is sealed of an origin.
#[derive(Serialize, Deserialize)]
struct Sentence {
    sentence: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    holders: Vec<Holder>,
}

/// An origin as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its id.
    pub id: ProvenanceId,
    /// Who brought it in.
    pub brought_by: AccountId,
    /// When.
    pub at: Timestamp,
    /// What was said about it.
    pub said: NewOrigin,
}

impl NewOrigin {
    /// Refuses an origin that says nothing.
    pub(crate) fn check(&self) -> Result<(), DeskError> {
        if self.sentence.trim().is_empty() {
            let hint = "the origin is empty; say from whom and how the contact came, as you would tell the person";
            return Err(DeskError::Invalid(hint.to_owned()));
        }
        Ok(())
    }
}

/// An origin, sealed under the controller's record key.
pub(crate) fn sealed_origin(
    keys: &ControllerKeys,
    new: &NewOrigin,
    controller: ControllerId,
    brought_by: AccountId,
    at: Timestamp,
) -> Result<ProvenanceRow, DeskError> {
    let id = ProvenanceId::new();
    let content =
        Sentence { sentence: new.sentence.clone(), file: new.file.clone(), holders: new.holders.clone() };
    let bytes = serde_json::to_vec(&content).map_err(|_| DeskError::Content("origin"))?;
    let sealed = keys.current().record_key().seal(&provenance_place(controller, id), &bytes);
    Ok(ProvenanceRow { controller, id, kind: new.kind, sealed, brought_by, at })
}

/// An origin, opened.
pub(crate) fn opened_origin(keys: &ControllerKeys, row: &ProvenanceRow) -> Result<Origin, DeskError> {
    let key = keys.master_for(&row.sealed)?.record_key();
    let bytes = key.open(&provenance_place(row.controller, row.id), &row.sealed)?;
    let content: Sentence = serde_json::from_slice(&bytes).map_err(|_| DeskError::Content("origin"))?;
    Ok(Origin {
        id: row.id,
        brought_by: row.brought_by,
        at: row.at,
        said: NewOrigin {
            kind: row.kind,
            sentence: content.sentence,
            file: content.file,
            holders: content.holders,
        },
    })
}
