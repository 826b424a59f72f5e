//! What an import did to contacts, and what undoing it would do.

use carnet_core::keys::Sealed;
use carnet_core::model::{ContactId, ControllerId, ImportId, ProvenanceId};
use diesel::prelude::*;

use crate::StoreError;
use crate::engine::on;
use crate::rows::{count, exactly, sealed, size};
use crate::schema::{contacts, import_changes};
use crate::tx::{Tx, WriteTx};

/// What an import did to a contact that the vault had already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportChange {
    /// Which contact.
    pub contact: ContactId,
    /// Whether it joined the list by this import.
    pub joined: bool,
    /// The revision that the import left it at.
    pub revision: u64,
    /// Its card as it was before, if that was changed.
    pub before: Option<Sealed>,
}

/// What undoing an import would do to how many contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UndoCounts {
    /// Came by it alone, and go.
    pub removable: u64,
    /// Were there before, and get back what they were.
    pub restorable: u64,
    /// Were changed by somebody since, and stay.
    pub changed_since: u64,
}

type StoredChange = (Vec<u8>, i64, i64, Option<Vec<u8>>);

impl Tx<'_> {
    /// At most `limit` contacts that an import found in the vault, in the order of their ids, after `after`.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn import_changes(
        &mut self,
        controller: ControllerId,
        import: ImportId,
        after: Option<ContactId>,
        limit: u32,
    ) -> Result<Vec<ImportChange>, StoreError> {
        let after = after.map_or([0; 16], |id| *id.as_bytes());
        let rows: Vec<StoredChange> = import_changes::table
            .filter(import_changes::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(import_changes::import_id.eq(import.as_bytes().as_slice()))
            .filter(import_changes::contact_id.gt(after.as_slice()))
            .order(import_changes::contact_id)
            .limit(i64::from(limit))
            .select((
                import_changes::contact_id,
                import_changes::joined,
                import_changes::revision,
                import_changes::sealed_before,
            ))
            .load(self.db)?;
        rows.into_iter().map(change).collect()
    }

    /// What undoing an import would do to how many contacts.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn import_undo_counts(
        &mut self,
        controller: ControllerId,
        import: ImportId,
        provenance: ProvenanceId,
    ) -> Result<UndoCounts, StoreError> {
        let number = |found: i64| size(found, "contacts", "count");
        let all: i64 = contacts::table
            .filter(contacts::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(contacts::provenance_id.eq(provenance.as_bytes().as_slice()))
            .count()
            .get_result(self.db)?;
        let removable: i64 = removable(controller, import, provenance).count().get_result(self.db)?;
        let known = || {
            import_changes::table
                .inner_join(
                    contacts::table.on(contacts::controller_id
                        .eq(import_changes::controller_id)
                        .and(contacts::id.eq(import_changes::contact_id))),
                )
                .filter(import_changes::controller_id.eq(controller.as_bytes().to_vec()))
                .filter(import_changes::import_id.eq(import.as_bytes().to_vec()))
                .filter(contacts::provenance_id.ne(provenance.as_bytes().to_vec()))
        };
        let restorable: i64 =
            known().filter(contacts::revision.eq(import_changes::revision)).count().get_result(self.db)?;
        let changed: i64 =
            known().filter(contacts::revision.ne(import_changes::revision)).count().get_result(self.db)?;
        Ok(UndoCounts {
            removable: number(removable)?,
            restorable: number(restorable)?,
            changed_since: number(all - removable + changed)?,
        })
    }

    /// At most `limit` contacts that came by an import alone and that nothing but this import has changed.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn import_removable(
        &mut self,
        controller: ControllerId,
        import: ImportId,
        provenance: ProvenanceId,
        limit: u32,
    ) -> Result<Vec<ContactId>, StoreError> {
        let rows: Vec<Vec<u8>> = removable(controller, import, provenance)
            .order(contacts::id)
            .limit(i64::from(limit))
            .select(contacts::id)
            .load(self.db)?;
        rows.iter().map(|id| Ok(ContactId::from_bytes(exactly(id, "contacts", "id")?))).collect()
    }

    /// The cards of a contact as they were before imports changed it.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn import_befores(
        &mut self,
        controller: ControllerId,
        contact: ContactId,
    ) -> Result<Vec<(ImportId, Sealed)>, StoreError> {
        let rows: Vec<(Vec<u8>, Option<Vec<u8>>)> = import_changes::table
            .filter(import_changes::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(import_changes::contact_id.eq(contact.as_bytes().as_slice()))
            .filter(import_changes::sealed_before.is_not_null())
            .select((import_changes::import_id, import_changes::sealed_before))
            .load(self.db)?;
        rows.into_iter()
            .map(|(import, before)| {
                let import = ImportId::from_bytes(exactly(&import, "import_changes", "import_id")?);
                Ok((import, sealed(before.unwrap_or_default(), "import_changes", "sealed_before")?))
            })
            .collect()
    }
}

impl WriteTx<'_> {
    /// Notes what an import did to a contact; of several times, the first card before and the last revision count.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn import_change_put(
        &mut self,
        controller: ControllerId,
        import: ImportId,
        change: &ImportChange,
    ) -> Result<(), StoreError> {
        let ids = (
            import_changes::controller_id.eq(controller.as_bytes().as_slice()),
            import_changes::import_id.eq(import.as_bytes().as_slice()),
            import_changes::contact_id.eq(change.contact.as_bytes().as_slice()),
        );
        let before = change.before.as_ref().map(|sealed| sealed.as_bytes().to_vec());
        let revision = import_changes::revision.eq(count(change.revision)?);
        let new = on!(&mut *self.db, connection => diesel::insert_into(import_changes::table)
            .values((ids, import_changes::joined.eq(i64::from(change.joined)), revision, import_changes::sealed_before.eq(&before)))
            .on_conflict_do_nothing()
            .execute(connection))?;
        if new == 1 {
            return Ok(());
        }
        let known = import_changes::table
            .filter(import_changes::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(import_changes::import_id.eq(import.as_bytes().as_slice()))
            .filter(import_changes::contact_id.eq(change.contact.as_bytes().as_slice()));
        diesel::update(known).set(revision).execute(self.db)?;
        if change.joined {
            diesel::update(known).set(import_changes::joined.eq(1_i64)).execute(self.db)?;
        }
        if before.is_some() {
            diesel::update(known.filter(import_changes::sealed_before.is_null()))
                .set(import_changes::sealed_before.eq(&before))
                .execute(self.db)?;
        }
        Ok(())
    }

    /// Forgets what an import did to a contact.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn import_change_delete(
        &mut self,
        controller: ControllerId,
        import: ImportId,
        contact: ContactId,
    ) -> Result<(), StoreError> {
        diesel::delete(
            import_changes::table
                .filter(import_changes::controller_id.eq(controller.as_bytes().as_slice()))
                .filter(import_changes::import_id.eq(import.as_bytes().as_slice()))
                .filter(import_changes::contact_id.eq(contact.as_bytes().as_slice())),
        )
        .execute(self.db)?;
        Ok(())
    }
}

/// Contacts that came by an import and are as it left them.
#[diesel::dsl::auto_type(no_type_alias)]
fn removable(controller: ControllerId, import: ImportId, provenance: ProvenanceId) -> _ {
    let controller: Vec<u8> = controller.as_bytes().to_vec();
    let import: Vec<u8> = import.as_bytes().to_vec();
    let provenance: Vec<u8> = provenance.as_bytes().to_vec();
    contacts::table
        .left_join(
            import_changes::table.on(import_changes::controller_id
                .eq(contacts::controller_id)
                .and(import_changes::contact_id.eq(contacts::id))
                .and(import_changes::import_id.eq(import))),
        )
        .filter(contacts::controller_id.eq(controller))
        .filter(contacts::provenance_id.eq(provenance))
        .filter(
            import_changes::revision
                .is_null()
                .and(contacts::revision.eq(1_i64))
                .or(import_changes::revision.nullable().eq(contacts::revision.nullable())),
        )
}

fn change((contact, joined, revision, before): StoredChange) -> Result<ImportChange, StoreError> {
    const TABLE: &str = "import_changes";
    Ok(ImportChange {
        contact: ContactId::from_bytes(exactly(&contact, TABLE, "contact_id")?),
        joined: joined != 0,
        revision: size(revision, TABLE, "revision")?,
        before: before.map(|bytes| sealed(bytes, TABLE, "sealed_before")).transpose()?,
    })
}
