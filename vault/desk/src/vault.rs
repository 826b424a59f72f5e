//! An opened vault: its store, its keys and its policy, from which desks are taken.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use carnet_core::keys::{KeyError, OpenError, RootKey, RootKeyId};
use carnet_core::ledger::{Checkpoint, KeyKind, Note, VerifierKey};
use carnet_core::model::{Account, AccountId, Role, RoleGrant, Slug, Timestamp, VaultId};
use carnet_core::policy::AccessPolicy;
use carnet_store::{Location, LockedStore, Store, StoreError, VaultRow, WriteTx};

use crate::audit::parse_checkpoint;
use crate::keyring::{self, Keyring};
use crate::lists::Gate;
use crate::record::{Errand, entry_of, recorded_for_vault};
use crate::{Desk, DeskError};

/// A vault, opened with its root key.
pub struct Vault {
    pub(crate) store: Store,
    pub(crate) id: VaultId,
    pub(crate) root: RwLock<RootKey>,
    pub(crate) access: AccessPolicy,
    pub(crate) ledger_key: VerifierKey,
    /// What judges lists. Without one none is judged, and so none is ever released.
    pub(crate) gate: Option<Arc<dyn Gate>>,
    keyring: RwLock<Arc<Keyring>>,
}

impl Vault {
    /// Makes a new vault at an empty place, with its first account, the owner of everything.
    ///
    /// # Errors
    /// [`StoreError::VaultExists`] where there is one.
    pub fn found(
        location: Location,
        root: RootKey,
        access: AccessPolicy,
        owner: Slug,
        errand: &Errand,
    ) -> Result<Self, DeskError> {
        let id = VaultId::new();
        let (keys, signer) = keyring::found(&root, id)?;
        let ledger_key = signer.verifier_key(KeyKind::Log);
        let store = LockedStore::create(location)?.unlock(signer)?;
        let created = Timestamp::now();
        let account = Account {
            id: AccountId::new(),
            name: owner,
            roles: vec![RoleGrant { role: Role::Owner, controller: None }],
            created,
        };
        let row = VaultRow { id, ledger_vkey: ledger_key.to_string(), created };
        let policy = access.version();
        let ring = store.write(|tx| {
            tx.vault_insert(&row)?;
            for key in &keys {
                tx.vault_key_put(key)?;
            }
            tx.account_insert(&account)?;
            let ring = Keyring::load(tx, &root, id)?;
            let mut entry = entry_of("vault.init", Some(account.id), errand, policy)?;
            entry.touch(account.id);
            Ok::<_, DeskError>((recorded_for_vault(entry, &ring.vault, id, errand, [])?, ring))
        })?;
        Ok(Self::of(store, id, root, access, ledger_key, ring))
    }

    /// Opens a vault.
    ///
    /// # Errors
    /// What keeps the store from opening, or [`carnet_core::keys::KeyError::WrongRootKey`].
    pub fn open(location: Location, root: RootKey, access: AccessPolicy) -> Result<Self, DeskError> {
        Self::opened(LockedStore::open(location)?, root, access)
    }

    /// The same of a store that was opened before.
    pub(crate) fn opened(locked: LockedStore, root: RootKey, access: AccessPolicy) -> Result<Self, DeskError> {
        let (id, signer) = keyring::load_signer(&locked, &root)?;
        let ring = locked.read(|tx| Keyring::load(tx, &root, id))?;
        let ledger_key = signer.verifier_key(KeyKind::Log);
        let store = locked.unlock(signer)?;
        Ok(Self::of(store, id, root, access, ledger_key, ring))
    }

    fn of(
        store: Store,
        id: VaultId,
        root: RootKey,
        access: AccessPolicy,
        ledger_key: VerifierKey,
        ring: Keyring,
    ) -> Self {
        let keyring = RwLock::new(Arc::new(ring));
        Self { store, id, root: RwLock::new(root), access, ledger_key, gate: None, keyring }
    }

    /// The same vault with what judges its lists. Whoever opens a vault chooses it, as they choose the access policy;
    /// nobody at a desk can put another in its place.
    #[must_use]
    pub fn with_gate(self, gate: Arc<dyn Gate>) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// What judges lists.
    pub(crate) fn gate(&self) -> Result<&Arc<dyn Gate>, DeskError> {
        self.gate.as_ref().ok_or_else(|| {
            DeskError::Invalid("this vault was opened without a gate, so that no list is judged".to_owned())
        })
    }

    /// The vault's id.
    pub const fn id(&self) -> VaultId {
        self.id
    }

    /// The public key that the ledger's checkpoints are signed with.
    pub const fn ledger_key(&self) -> &VerifierKey {
        &self.ledger_key
    }

    /// Where the vault is kept.
    pub fn location(&self) -> &Location {
        self.store.location()
    }

    /// The accounts: who may sit down at the desk.
    ///
    /// # Errors
    /// The store's own failure.
    pub fn accounts(&self) -> Result<Vec<Account>, DeskError> {
        Ok(self.store.read(|tx| tx.account_list())?)
    }

    /// Sits down at the desk as an account.
    ///
    /// # Errors
    /// [`DeskError::Unknown`] when there is no such account.
    pub fn desk(&self, account: &Slug, errand: Errand) -> Result<Desk<'_>, DeskError> {
        let accounts = self.store.read(|tx| tx.account_list())?;
        let account = accounts.into_iter().find(|one| one.name == *account).ok_or_else(|| DeskError::Unknown {
            what: "account",
            name: account.to_string(),
            command: "account ls",
        })?;
        Ok(Desk::new(self, account, errand))
    }

    /// The newest signed checkpoint; absent before the first entry.
    ///
    /// # Errors
    /// [`DeskError::Ledger`] and [`DeskError::Checkpoint`] when the stored one cannot be read or is not signed by the
    /// ledger's key: it would be taken for this vault's own.
    pub fn checkpoint(&self) -> Result<Option<Note>, DeskError> {
        let Some(head) = self.store.read(|tx| tx.ledger_head())? else { return Ok(None) };
        let note = parse_checkpoint(&head.checkpoint)?;
        Checkpoint::open(&note, &self.ledger_key)?;
        Ok(Some(note))
    }

    /// Whether the ledger still begins with all that an earlier checkpoint stated.
    ///
    /// # Errors
    /// The store's own failure, or [`StoreError::Ledger`] where hashes are missing.
    pub fn continues(&self, earlier: &carnet_core::ledger::Checkpoint) -> Result<bool, DeskError> {
        use carnet_core::ledger::HashSource as _;
        use carnet_store::StoredTree;

        self.store.read(|tx| {
            let size = tx.ledger_head()?.map_or(0, |head| head.size);
            Ok(earlier.size <= size && StoredTree::new(tx).root(earlier.size)? == earlier.root)
        })
    }

    pub(crate) fn keyring(&self) -> Arc<Keyring> {
        Arc::clone(&self.keyring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the keys again: a controller was added or a master key rotated, here or by another process.
    pub(crate) fn reload_keys(&self) -> Result<(), DeskError> {
        let root = self.root();
        let ring = self.store.read(|tx| Keyring::load(tx, &root, self.id))?;
        *self.keyring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        Ok(())
    }

    /// Holds the root key against its rotation, here and by other processes, and makes sure that it is still the vault's:
    /// a key that is stored under any other could never be unwrapped again, and the vault not be opened.
    pub(crate) fn hold_root(&self, tx: &mut WriteTx<'_>, root: &RootKey) -> Result<(), DeskError> {
        for row in tx.vault_keys_hold()? {
            let (wrapped_by, at_hand) = (RootKeyId::of_wrapped(&row.wrapped)?, root.id());
            if wrapped_by != at_hand {
                return Err(KeyError::WrongRootKey { wrapped_by, at_hand }.into());
            }
        }
        Ok(())
    }

    /// The root key once more, for a copy of this vault.
    pub(crate) fn root_again(&self) -> Result<RootKey, DeskError> {
        let words = zeroize::Zeroizing::new(self.root().to_words().reveal().to_string());
        RootKey::from_words(&words).map_err(|error| DeskError::Ledger(error.to_string()))
    }

    pub(crate) fn root(&self) -> RwLockReadGuard<'_, RootKey> {
        self.root.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something that seals, once more with fresh keys if the master key was rotated meanwhile.
    pub(crate) fn with_keys<T>(&self, mut work: impl FnMut(&Keyring) -> Result<T, DeskError>) -> Result<T, DeskError> {
        match work(&self.keyring()) {
            Err(
                DeskError::Store(StoreError::StaleKeys)
                | DeskError::Open(OpenError::WrongGeneration { .. })
                | DeskError::Unknown { what: "controller", .. },
            ) => {
                self.reload_keys()?;
                work(&self.keyring())
            }
            result => result,
        }
    }
}
