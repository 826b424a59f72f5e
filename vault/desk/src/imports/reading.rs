//! How a source was read, as it is kept: it may name columns and files, so it is sealed under the vault's key.

use carnet_core::keys::{Place, Sealed, VaultKey};
use carnet_core::model::{ImportId, VaultId};
use carnet_store::ImportRow;

use crate::DeskError;

fn place(vault: VaultId, import: ImportId) -> Place<'static> {
    Place::new(vault, import, "imports", "sealed")
}

pub(super) fn sealed_reading(key: &VaultKey, vault: VaultId, import: ImportId, reading: &str) -> Sealed {
    key.seal(&place(vault, import), reading.as_bytes())
}

pub(super) fn opened_reading(key: &VaultKey, vault: VaultId, row: &ImportRow) -> Result<String, DeskError> {
    let text = key.open(&place(vault, row.id), &row.sealed)?;
    String::from_utf8(text.to_vec()).map_err(|_| DeskError::Content("import"))
}
