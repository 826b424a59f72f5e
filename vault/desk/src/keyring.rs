//! The vault's keys, unwrapped and at hand; and how they are wrapped for the store.

use std::collections::BTreeMap;
use std::sync::Arc;

use carnet_core::keys::{
    ControllerKeys, IndexKey, KeyError, Label, MasterKey, OverlapKey, RootKey, SuppressionKey, VaultKey,
};
use carnet_core::ledger::{KeyKind, NoteSigner};
use carnet_core::model::{ControllerId, Timestamp, VaultId};
use carnet_store::{ControllerKeyRow, LockedStore, MASTER, StoreError, Tx, VaultKeyRow};

use crate::DeskError;

const VAULT: &str = "vault";
const OVERLAP: &str = "overlap";
const LEDGER: &str = "ledger";
const INDEX: &str = "index";
const SUPPRESSION: &str = "suppression";
/// The generation of keys that do not rotate.
const ONLY: u32 = 1;

/// Every key of the vault but the root.
pub(crate) struct Keyring {
    pub(crate) vault: VaultKey,
    pub(crate) overlap: OverlapKey,
    controllers: BTreeMap<ControllerId, Arc<ControllerKeys>>,
}

impl Keyring {
    /// Unwraps all keys that the store holds.
    pub(crate) fn load(tx: &mut Tx<'_>, root: &RootKey, vault: VaultId) -> Result<Self, DeskError> {
        let rows = tx.vault_keys()?;
        let of_vault = |name: &str| {
            rows.iter().find(|row| row.name == name).ok_or(StoreError::Damaged { table: "vault_keys", column: "name" })
        };
        let vault_row = of_vault(VAULT)?;
        Ok(Self {
            vault: VaultKey::unwrap(root, vault, vault_row.generation, &vault_row.wrapped)?,
            overlap: OverlapKey::unwrap(root, vault, &of_vault(OVERLAP)?.wrapped)?,
            controllers: controllers(&tx.controller_keys()?, root, vault)?,
        })
    }

    /// The keys of one controller.
    pub(crate) fn controller(&self, id: ControllerId) -> Result<Arc<ControllerKeys>, DeskError> {
        self.controllers.get(&id).cloned().ok_or_else(|| DeskError::Unknown {
            what: "controller",
            name: id.to_string(),
            command: "controller ls",
        })
    }
}

/// The ledger's signing key, which the store needs before it can write.
pub(crate) fn load_signer(store: &LockedStore, root: &RootKey) -> Result<(VaultId, NoteSigner), DeskError> {
    store.read(|tx| {
        let row = tx.vault()?;
        let keys = tx.vault_keys()?;
        let wrapped = keys
            .iter()
            .find(|key| key.name == LEDGER)
            .ok_or(StoreError::Damaged { table: "vault_keys", column: "name" })?;
        let seed = root.unwrap(&ledger_label(row.id), &wrapped.wrapped)?;
        let name = row.ledger_vkey.split('+').next().unwrap_or_default();
        let signer = NoteSigner::new(name, &seed).map_err(|error| DeskError::Ledger(error.to_string()))?;
        // It is what auditors are told to trust: one that was put in its place must not be shown to them.
        if signer.name() != ledger_origin(row.id) || signer.verifier_key(KeyKind::Log).to_string() != row.ledger_vkey {
            return Err(StoreError::Damaged { table: "vault", column: "ledger_vkey" }.into());
        }
        Ok((row.id, signer))
    })
}

/// New keys for a new vault: the rows to store, and the signing key.
pub(crate) fn found(root: &RootKey, vault: VaultId) -> Result<(Vec<VaultKeyRow>, NoteSigner), DeskError> {
    let seed = carnet_core::keys::random_seed();
    let signer = NoteSigner::new(&ledger_origin(vault), &seed).map_err(|error| DeskError::Ledger(error.to_string()))?;
    let row = |name: &str, wrapped| VaultKeyRow { name: name.to_owned(), generation: ONLY, wrapped };
    let rows = vec![
        row(VAULT, VaultKey::generate(vault, ONLY).wrap(root)),
        row(OVERLAP, OverlapKey::generate(vault).wrap(root)),
        row(LEDGER, root.wrap(&ledger_label(vault), &seed)),
    ];
    Ok((rows, signer))
}

/// New keys for a new controller.
pub(crate) fn found_controller(
    root: &RootKey,
    vault: VaultId,
    controller: ControllerId,
    created: Timestamp,
) -> Vec<ControllerKeyRow> {
    let row = |name: &str, wrapped| ControllerKeyRow {
        controller,
        name: name.to_owned(),
        generation: ONLY,
        wrapped,
        created,
    };
    vec![
        row(MASTER, MasterKey::generate(controller, ONLY).wrap(root, vault)),
        row(INDEX, IndexKey::generate(controller).wrap(root, vault)),
        row(SUPPRESSION, SuppressionKey::generate(controller).wrap(root, vault)),
    ]
}

/// Under which label a stored key of the vault was wrapped.
pub(crate) fn vault_label<'a>(vault: VaultId, row: &'a VaultKeyRow) -> Label<'a> {
    match row.name.as_str() {
        VAULT => VaultKey::label(vault, row.generation),
        OVERLAP => OverlapKey::label(vault),
        LEDGER => ledger_label(vault),
        other => Label { vault, name: other, controller: None, generation: row.generation },
    }
}

/// Under which label a stored key of a controller was wrapped.
pub(crate) fn controller_label<'a>(vault: VaultId, row: &'a ControllerKeyRow) -> Label<'a> {
    match row.name.as_str() {
        MASTER => MasterKey::label(vault, row.controller, row.generation),
        INDEX => IndexKey::label(vault, row.controller),
        SUPPRESSION => SuppressionKey::label(vault, row.controller),
        other => Label { vault, name: other, controller: Some(row.controller), generation: row.generation },
    }
}

/// The name of the vault's ledger; a random vault's id says nothing about who runs it.
fn ledger_origin(vault: VaultId) -> String {
    format!("carnet-ledger/{vault}")
}

const fn ledger_label(vault: VaultId) -> Label<'static> {
    Label { vault, name: LEDGER, controller: None, generation: ONLY }
}

fn controllers(
    rows: &[ControllerKeyRow],
    root: &RootKey,
    vault: VaultId,
) -> Result<BTreeMap<ControllerId, Arc<ControllerKeys>>, DeskError> {
    let mut rings = BTreeMap::new();
    for rows in rows.chunk_by(|a, b| a.controller == b.controller) {
        let Some(controller) = rows.first().map(|row| row.controller) else { continue };
        let one = |name: &str| {
            rows.iter()
                .find(|row| row.name == name)
                .map(|row| row.wrapped.as_slice())
                .ok_or(KeyError::Ring { reason: "one of them is missing" })
        };
        let masters = rows
            .iter()
            .filter(|row| row.name == MASTER)
            .map(|row| MasterKey::unwrap(root, vault, controller, row.generation, &row.wrapped))
            .collect::<Result<Vec<_>, _>>()?;
        let index = IndexKey::unwrap(root, vault, controller, one(INDEX)?)?;
        let suppression = SuppressionKey::unwrap(root, vault, controller, one(SUPPRESSION)?)?;
        rings.insert(controller, Arc::new(ControllerKeys::new(masters, index, suppression)?));
    }
    Ok(rings)
}
