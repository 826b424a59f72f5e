//! The vault's own row, and the wrapped keys of vault and controllers. Nothing here can be opened without the root key.

use carnet_core::model::{ControllerId, Timestamp, VaultId};
use diesel::prelude::*;
use diesel::upsert::excluded;

use crate::StoreError;
use crate::engine::{Db, on};
use crate::rows::{exactly, number, time};
use crate::schema::{controller_keys, restorations, vault, vault_keys};
use crate::tx::{Tx, WriteTx};

/// What a vault is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultRow {
    /// Its id.
    pub id: VaultId,
    /// The public key of its ledger (C2SP vkey).
    pub ledger_vkey: String,
    /// When it was made.
    pub created: Timestamp,
}

/// A key of the vault, wrapped by the root key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultKeyRow {
    /// Which key.
    pub name: String,
    /// Counts up with each rotation, from 1.
    pub generation: u32,
    /// The wrapped bytes.
    pub wrapped: Vec<u8>,
}

/// A key of one controller, wrapped by the root key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControllerKeyRow {
    /// Whose.
    pub controller: ControllerId,
    /// Which key.
    pub name: String,
    /// Counts up with each rotation, from 1.
    pub generation: u32,
    /// The wrapped bytes.
    pub wrapped: Vec<u8>,
    /// When it was made.
    pub created: Timestamp,
}

type StoredKey = (Vec<u8>, String, i64, Vec<u8>, i64);

/// The name of master keys among a controller's keys.
pub const MASTER: &str = "master";

impl Tx<'_> {
    /// The vault's own row.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] while the vault is still being made.
    pub fn vault(&mut self) -> Result<VaultRow, StoreError> {
        let row: Option<(Vec<u8>, String, i64)> =
            vault::table.select((vault::vault_id, vault::ledger_vkey, vault::created_us)).first(self.db).optional()?;
        let (id, ledger_vkey, created) = row.ok_or(StoreError::NotFound("the vault's own row"))?;
        Ok(VaultRow {
            id: VaultId::from_bytes(exactly(&id, "vault", "vault_id")?),
            ledger_vkey,
            created: time(created, "vault", "created_us")?,
        })
    }

    /// Whether the vault was made to its end.
    pub(crate) fn vault_exists(&mut self) -> Result<bool, StoreError> {
        Ok(vault::table.count().get_result::<i64>(self.db)? > 0)
    }

    /// Whether a restore into it has not ended.
    pub(crate) fn is_restoring(&mut self) -> Result<bool, StoreError> {
        Ok(restorations::table.count().get_result::<i64>(self.db)? > 0)
    }

    /// All keys of the vault.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn vault_keys(&mut self) -> Result<Vec<VaultKeyRow>, StoreError> {
        let rows: Vec<(String, i64, Vec<u8>)> =
            vault_keys::table.order((vault_keys::name, vault_keys::generation.desc())).load(self.db)?;
        rows.into_iter()
            .map(|(name, generation, wrapped)| {
                Ok(VaultKeyRow { name, generation: number(generation, "vault_keys", "generation")?, wrapped })
            })
            .collect()
    }

    /// All keys of all controllers.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn controller_keys(&mut self) -> Result<Vec<ControllerKeyRow>, StoreError> {
        let rows: Vec<StoredKey> = controller_keys::table
            .order((controller_keys::controller_id, controller_keys::name, controller_keys::generation.desc()))
            .load(self.db)?;
        rows.into_iter()
            .map(|(controller, name, generation, wrapped, created)| {
                Ok(ControllerKeyRow {
                    controller: ControllerId::from_bytes(exactly(&controller, "controller_keys", "controller_id")?),
                    name,
                    generation: number(generation, "controller_keys", "generation")?,
                    wrapped,
                    created: time(created, "controller_keys", "created_us")?,
                })
            })
            .collect()
    }
}

impl WriteTx<'_> {
    /// Writes the vault's own row, once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] the second time.
    pub fn vault_insert(&mut self, row: &VaultRow) -> Result<(), StoreError> {
        diesel::insert_into(vault::table)
            .values((
                vault::id.eq(1),
                vault::vault_id.eq(row.id.as_bytes().as_slice()),
                vault::ledger_vkey.eq(&row.ledger_vkey),
                vault::created_us.eq(row.created.as_us()),
            ))
            .execute(self.db)?;
        Ok(())
    }

    /// Ends a restore: from here on the vault can be opened.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn restoration_end(&mut self) -> Result<(), StoreError> {
        diesel::delete(restorations::table).execute(self.db)?;
        Ok(())
    }

    /// Writes a key of the vault, in place of the one of that name and generation.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn vault_key_put(&mut self, row: &VaultKeyRow) -> Result<(), StoreError> {
        let values = (
            vault_keys::name.eq(&row.name),
            vault_keys::generation.eq(i64::from(row.generation)),
            vault_keys::wrapped.eq(&row.wrapped),
        );
        on!(&mut *self.db, connection => diesel::insert_into(vault_keys::table)
            .values(values)
            .on_conflict((vault_keys::name, vault_keys::generation))
            .do_update()
            .set(vault_keys::wrapped.eq(excluded(vault_keys::wrapped)))
            .execute(connection))?;
        Ok(())
    }

    /// Writes a key of a controller, in place of the one of that name and generation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] without such a controller.
    pub fn controller_key_put(&mut self, row: &ControllerKeyRow) -> Result<(), StoreError> {
        use controller_keys as keys;
        let values = (
            keys::controller_id.eq(row.controller.as_bytes().as_slice()),
            keys::name.eq(&row.name),
            keys::generation.eq(i64::from(row.generation)),
            keys::wrapped.eq(&row.wrapped),
            keys::created_us.eq(row.created.as_us()),
        );
        on!(&mut *self.db, connection => diesel::insert_into(keys::table)
            .values(values)
            .on_conflict((keys::controller_id, keys::name, keys::generation))
            .do_update()
            .set(keys::wrapped.eq(excluded(keys::wrapped)))
            .execute(connection))?;
        Ok(())
    }

    /// The keys of the vault, held against a rotation of the root key until the end of the transaction.
    ///
    /// Whoever wraps a key compares the root key at hand with the one that wrapped these, so that no key is ever stored
    /// under a root key that is no longer the vault's.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn vault_keys_hold(&mut self) -> Result<Vec<VaultKeyRow>, StoreError> {
        if let Db::Postgres(connection) = &mut *self.db {
            // Against each other too: two who would each upgrade a shared lock would wait for ever.
            vault_keys::table.select(vault_keys::name).for_update().load::<String>(connection)?;
        }
        self.vault_keys()
    }

    /// Makes sure that a value sealed under this generation may be written: that no newer one has been started.
    ///
    /// # Errors
    /// [`StoreError::StaleKeys`] when the controller's master key was rotated since the value was sealed.
    pub(crate) fn master_hold(&mut self, controller: ControllerId, generation: u32) -> Result<(), StoreError> {
        let newest = match self.held {
            Some((held, newest)) if held == controller => newest,
            _ => {
                let newest = self.master_newest(controller)?;
                self.held = Some((controller, newest));
                newest
            }
        };
        if newest == generation { Ok(()) } else { Err(StoreError::StaleKeys) }
    }

    fn master_newest(&mut self, controller: ControllerId) -> Result<u32, StoreError> {
        use controller_keys as keys;
        let masters = || {
            let of = keys::table.filter(keys::controller_id.eq(controller.as_bytes().to_vec()));
            of.filter(keys::name.eq(MASTER)).order(keys::generation.desc()).select(keys::generation)
        };
        if let Db::Postgres(connection) = &mut *self.db {
            masters().for_share().load::<i64>(connection)?;
        }
        // Asked again once the lock is held: a locking read that waited for a rotation to begin still has the snapshot
        // from before it, and would miss the generation that it waited for. A writer on SQLite is alone.
        let newest: Option<i64> = masters().first(&mut *self.db).optional()?;
        number(newest.ok_or(StoreError::NotFound("the controller"))?, "controller_keys", "generation")
    }

    /// Starts a generation of a master key: from here on nothing can be sealed under an earlier one.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it was started before.
    pub fn master_start(&mut self, row: &ControllerKeyRow) -> Result<(), StoreError> {
        use controller_keys as keys;
        let query = keys::table
            .filter(keys::controller_id.eq(row.controller.as_bytes().to_vec()))
            .filter(keys::name.eq(MASTER))
            .select(keys::generation);
        // Waits for those who have sealed under the newest generation and not yet committed.
        let earlier: Vec<i64> = match &mut *self.db {
            Db::Postgres(connection) => query.for_update().load(connection)?,
            Db::Sqlite(connection) => query.load(connection)?,
        };
        if earlier.iter().any(|generation| *generation >= i64::from(row.generation)) {
            return Err(StoreError::Conflict);
        }
        self.controller_key_put(row)
    }

    /// Forgets a key of a controller that nothing is sealed under any more.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn controller_key_delete(
        &mut self,
        controller: ControllerId,
        name: &str,
        generation: u32,
    ) -> Result<(), StoreError> {
        use controller_keys as keys;
        diesel::delete(
            keys::table
                .filter(keys::controller_id.eq(controller.as_bytes().as_slice()))
                .filter(keys::name.eq(name))
                .filter(keys::generation.eq(i64::from(generation))),
        )
        .execute(self.db)?;
        Ok(())
    }
}
