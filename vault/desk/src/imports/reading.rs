//! How a source was read and for what, as it is kept: it may name columns and files, so it is sealed under the vault's key.

use carnet_core::keys::{Place, Sealed, VaultKey};
use carnet_core::model::{ImportId, PurposeId, VaultId};
use carnet_store::ImportRow;
use serde::{Deserialize, Serialize};

use super::NewImport;
use crate::DeskError;

/// What makes two imports the same, beside their origin and their source.
#[derive(Serialize, Deserialize)]
pub(super) struct Reading {
    /// Format and mapping.
    pub(super) reading: String,
    /// What consents are for that name no purpose themselves.
    pub(super) purpose: Option<PurposeId>,
}

impl Reading {
    pub(super) fn of(new: &NewImport) -> Self {
        Self { reading: new.reading.clone(), purpose: new.purpose }
    }

    pub(super) fn is_of(&self, new: &NewImport) -> bool {
        self.reading == new.reading && self.purpose == new.purpose
    }

    pub(super) fn seal(&self, key: &VaultKey, vault: VaultId, import: ImportId) -> Result<Sealed, DeskError> {
        let bytes = serde_json::to_vec(self).map_err(|_| DeskError::Content("import"))?;
        Ok(key.seal(&place(vault, import), &bytes))
    }

    pub(super) fn open(key: &VaultKey, vault: VaultId, row: &ImportRow) -> Result<Self, DeskError> {
        let bytes = key.open(&place(vault, row.id), &row.sealed)?;
        serde_json::from_slice(&bytes).map_err(|_| DeskError::Content("import"))
    }
}

/// What an import was for.
pub(crate) fn purpose_of(key: &VaultKey, vault: VaultId, row: &ImportRow) -> Result<Option<PurposeId>, DeskError> {
    Ok(Reading::open(key, vault, row)?.purpose)
}

fn place(vault: VaultId, import: ImportId) -> Place<'static> {
    Place::new(vault, import, "imports", "sealed")
}
