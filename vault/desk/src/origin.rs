//! Where contacts come from: the sentence that their first message would carry (Art. 14), sealed.

use std::fmt;

use carnet_core::keys::ControllerKeys;
use carnet_core::model::{AccountId, ControllerId, Holder, Provenance, ProvenanceId, ProvenanceKind, Timestamp};
use carnet_store::ProvenanceRow;
use serde::{Deserialize, Serialize};

use crate::DeskError;
use crate::seal::{ProvenanceBounds, provenance_place};

/// Where a contact comes from, to be written down. `Debug` leaves out the words, which may name people.
#[derive(Clone, PartialEq, Eq)]
pub struct NewProvenance {
    /// By which way.
    pub kind: ProvenanceKind,
    /// From whom and how, in a sentence that the subject could read.
    pub origin: String,
    /// Name of the file, if it was one.
    pub file_name: Option<String>,
    /// Who held it before. `None`: not known; empty: nobody.
    pub holders: Option<Vec<Holder>>,
}

/// What of a provenance may name people, as it is sealed.
#[derive(Serialize, Deserialize)]
struct Words {
    origin: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    brought_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holders: Option<Vec<Holder>>,
}

impl fmt::Debug for NewProvenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewProvenance").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl NewProvenance {
    /// Refuses an origin that says nothing.
    pub(crate) fn check(&self) -> Result<(), DeskError> {
        if self.origin.trim().is_empty() {
            let hint = "the origin is empty; say from whom and how the contact came, as you would tell the person";
            return Err(DeskError::Invalid(hint.to_owned()));
        }
        Ok(())
    }

    /// A provenance, sealed under the controller's record key. `by` is the account that brings it in, and its handle.
    pub(crate) fn seal(
        &self,
        keys: &ControllerKeys,
        controller: ControllerId,
        by: (AccountId, &str),
        at: Timestamp,
    ) -> Result<ProvenanceRow, DeskError> {
        let id = ProvenanceId::new();
        let words = Words {
            origin: self.origin.clone(),
            file_name: self.file_name.clone(),
            brought_by: Some(by.1.to_owned()),
            holders: self.holders.clone(),
        };
        let bytes = serde_json::to_vec(&words).map_err(|_| DeskError::Content("provenance"))?;
        let bounds = ProvenanceBounds::new(self.kind, by.0, at);
        let sealed = keys.current().record_key().seal(&provenance_place(controller, id, &bounds.parts()), &bytes);
        Ok(ProvenanceRow { controller, id, kind: self.kind, sealed, brought_by: by.0, at })
    }
}

/// A provenance, opened.
pub(crate) fn opened_provenance(keys: &ControllerKeys, row: &ProvenanceRow) -> Result<Provenance, DeskError> {
    let key = keys.master_for(&row.sealed)?.record_key();
    let bounds = ProvenanceBounds::of(row);
    let bytes = key.open(&provenance_place(row.controller, row.id, &bounds.parts()), &row.sealed)?;
    let words: Words = serde_json::from_slice(&bytes).map_err(|_| DeskError::Content("provenance"))?;
    Ok(Provenance {
        id: row.id,
        controller: row.controller,
        kind: row.kind,
        origin: words.origin,
        file_name: words.file_name,
        brought_by: words.brought_by,
        at: row.at,
        holders: words.holders,
    })
}
