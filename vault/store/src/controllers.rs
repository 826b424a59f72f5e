//! Controllers, and what each of them declares: purposes, notices, provenances.

use carnet_core::keys::Sealed;
use carnet_core::model::{
    AccountId, Controller, ControllerId, Notice, ProvenanceId, ProvenanceKind, Purpose, PurposeId, Timestamp,
};
use diesel::prelude::*;

use crate::StoreError;
use crate::rows::{exactly, sealed, time, word};
use crate::schema::{controllers, notices, provenances, purposes};
use crate::tx::{Tx, WriteTx};

/// Where contacts came from, the sentence and its particulars sealed under the controller's record key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenanceRow {
    /// Whose contacts.
    pub controller: ControllerId,
    /// Its id.
    pub id: ProvenanceId,
    /// What kind of source.
    pub kind: ProvenanceKind,
    /// The rest.
    pub sealed: Sealed,
    /// Who brought them in.
    pub brought_by: AccountId,
    /// When.
    pub at: Timestamp,
}

type StoredPurpose = (Vec<u8>, Vec<u8>, String, String, String, String, i64);
type StoredNotice = (Vec<u8>, Vec<u8>, String, String, String, i64);
type StoredProvenance = (Vec<u8>, Vec<u8>, String, Vec<u8>, Vec<u8>, i64);

impl Tx<'_> {
    /// All controllers, by name.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn controller_list(&mut self) -> Result<Vec<Controller>, StoreError> {
        let rows: Vec<(Vec<u8>, String, String, Option<String>)> = controllers::table
            .order(controllers::name)
            .select((controllers::id, controllers::name, controllers::country, controllers::email))
            .load(self.db)?;
        rows.into_iter()
            .map(|(id, name, country, email)| {
                Ok(Controller {
                    id: ControllerId::from_bytes(exactly(&id, "controllers", "id")?),
                    name,
                    country: word(&country, "controllers", "country")?,
                    email: email.map(|email| word(&email, "controllers", "email")).transpose()?,
                })
            })
            .collect()
    }

    /// A controller's purposes, by name.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn purpose_list(&mut self, controller: ControllerId) -> Result<Vec<Purpose>, StoreError> {
        const TABLE: &str = "purposes";
        let rows: Vec<StoredPurpose> = purposes::table
            .filter(purposes::controller_id.eq(controller.as_bytes().as_slice()))
            .order(purposes::name)
            .load(self.db)?;
        rows.into_iter()
            .map(|(_, id, name, title, dpv, basis, created)| {
                Ok(Purpose {
                    id: PurposeId::from_bytes(exactly(&id, TABLE, "id")?),
                    controller,
                    name: word(&name, TABLE, "name")?,
                    title,
                    dpv: word(&dpv, TABLE, "dpv_iri")?,
                    basis: word(&basis, TABLE, "basis")?,
                    created: time(created, TABLE, "created_us")?,
                })
            })
            .collect()
    }

    /// A controller's notices with the time when each was declared, newest first.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn notice_list(&mut self, controller: ControllerId) -> Result<Vec<(Notice, Timestamp)>, StoreError> {
        const TABLE: &str = "notices";
        let rows: Vec<StoredNotice> = notices::table
            .filter(notices::controller_id.eq(controller.as_bytes().as_slice()))
            .order((notices::created_us.desc(), notices::hash))
            .load(self.db)?;
        rows.into_iter()
            .map(|(_, hash, name, language, body, created)| {
                let damaged = StoreError::Damaged { table: TABLE, column: "body" };
                let notice = Notice::new(&name, word(&language, TABLE, "language")?, &body);
                match notice {
                    Ok(notice) if notice.hash().as_bytes().as_slice() == hash => {
                        Ok((notice, time(created, TABLE, "created_us")?))
                    }
                    _ => Err(damaged),
                }
            })
            .collect()
    }

    /// A controller's origins, in the order in which they were written down.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn provenance_list(&mut self, controller: ControllerId) -> Result<Vec<ProvenanceRow>, StoreError> {
        let rows: Vec<StoredProvenance> = provenances::table
            .filter(provenances::controller_id.eq(controller.as_bytes().as_slice()))
            .order(provenances::id)
            .load(self.db)?;
        rows.into_iter().map(provenance).collect()
    }

    /// One origin.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn provenance(
        &mut self,
        controller: ControllerId,
        id: ProvenanceId,
    ) -> Result<Option<ProvenanceRow>, StoreError> {
        let found: Option<StoredProvenance> = provenances::table
            .filter(provenances::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(provenances::id.eq(id.as_bytes().as_slice()))
            .first(self.db)
            .optional()?;
        found.map(provenance).transpose()
    }
}

impl WriteTx<'_> {
    /// Adds a controller.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the name is taken.
    pub fn controller_insert(&mut self, new: &Controller, created: Timestamp) -> Result<(), StoreError> {
        diesel::insert_into(controllers::table)
            .values((
                controllers::id.eq(new.id.as_bytes().as_slice()),
                controllers::name.eq(&new.name),
                controllers::country.eq(new.country.to_string()),
                controllers::email.eq(new.email.as_ref().map(|email| email.as_str().to_owned())),
                controllers::created_us.eq(created.as_us()),
            ))
            .execute(self.db)?;
        Ok(())
    }

    /// Adds a purpose.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the controller has one of that name.
    pub fn purpose_insert(&mut self, new: &Purpose) -> Result<(), StoreError> {
        diesel::insert_into(purposes::table)
            .values((
                purposes::controller_id.eq(new.controller.as_bytes().as_slice()),
                purposes::id.eq(new.id.as_bytes().as_slice()),
                purposes::name.eq(new.name.to_string()),
                purposes::title.eq(&new.title),
                purposes::dpv_iri.eq(new.dpv.iri()),
                purposes::basis.eq(new.basis.to_string()),
                purposes::created_us.eq(new.created.as_us()),
            ))
            .execute(self.db)?;
        Ok(())
    }

    /// Adds a version of a notice.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the controller has this very text.
    pub fn notice_insert(
        &mut self,
        controller: ControllerId,
        new: &Notice,
        created: Timestamp,
    ) -> Result<(), StoreError> {
        diesel::insert_into(notices::table)
            .values((
                notices::controller_id.eq(controller.as_bytes().as_slice()),
                notices::hash.eq(new.hash().as_bytes().to_vec()),
                notices::name.eq(new.name()),
                notices::language.eq(new.language().to_string()),
                notices::body.eq(new.text()),
                notices::created_us.eq(created.as_us()),
            ))
            .execute(self.db)?;
        Ok(())
    }

    /// Adds an origin.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn provenance_insert(&mut self, new: &ProvenanceRow) -> Result<(), StoreError> {
        self.master_hold(new.controller, new.sealed.generation())?;
        diesel::insert_into(provenances::table)
            .values((
                provenances::controller_id.eq(new.controller.as_bytes().as_slice()),
                provenances::id.eq(new.id.as_bytes().as_slice()),
                provenances::kind.eq(new.kind.to_string()),
                provenances::sealed.eq(new.sealed.as_bytes()),
                provenances::brought_by.eq(new.brought_by.as_bytes().as_slice()),
                provenances::at_us.eq(new.at.as_us()),
            ))
            .execute(self.db)?;
        Ok(())
    }
}

fn provenance((controller, id, kind, bytes, by, at): StoredProvenance) -> Result<ProvenanceRow, StoreError> {
    const TABLE: &str = "provenances";
    Ok(ProvenanceRow {
        controller: ControllerId::from_bytes(exactly(&controller, TABLE, "controller_id")?),
        id: ProvenanceId::from_bytes(exactly(&id, TABLE, "id")?),
        kind: word(&kind, TABLE, "kind")?,
        sealed: sealed(bytes, TABLE, "sealed")?,
        brought_by: AccountId::from_bytes(exactly(&by, TABLE, "brought_by")?),
        at: time(at, TABLE, "at_us")?,
    })
}
