//! Rotating keys. The root key wraps the others again, at once; a master key is replaced by sealing its controller's
//! contacts again, a few at a time, beside all other work and on from where it was interrupted.

use std::sync::PoisonError;

use carnet_core::keys::{ControllerKeys, MasterKey, RootKey, Salt, Sealed};
use carnet_core::ledger::Bulk;
use carnet_core::model::{ContactId, Controller, ControllerId, Timestamp};
use carnet_core::policy::{Operation, Target};
use carnet_store::{Cell, ContactRow, ControllerKeyRow, MASTER, RotationRow, StoreError, WriteTx};

use crate::consents::clear_event;
use crate::keyring::{controller_label, vault_label};
use crate::lists::with_proof_place;
use crate::record::details_place_of_contact;
use crate::seal::{
    CardBounds, EvidenceBounds, ProvenanceBounds, before_place, card_place, evidence_place, original_place,
    provenance_place,
};
use crate::{Desk, DeskError};

/// How many contacts one step seals again: short enough that others wait a few hundredths of a second at most.
const STEP_CONTACTS: u32 = 200;

impl Desk<'_> {
    /// Wraps every key of the vault under another root key. The caller has put that key in a safe place before.
    ///
    /// # Errors
    /// [`carnet_core::keys::KeyError`]; the vault then still opens with the old root key.
    pub fn rotate_root(&self, new: RootKey) -> Result<(), DeskError> {
        self.authorise(Operation::KeyRotate, &Target::Vault)?;
        let mut draft = self.draft("key.rotate")?;
        draft.count("root", 1);
        let mut root = self.vault.root.write().unwrap_or_else(PoisonError::into_inner);
        let vault = self.vault.id;
        self.change(draft, "that key", |tx| {
            self.vault.hold_root(tx, &root)?;
            for mut row in tx.vault_keys()? {
                row.wrapped = root.rewrap(&new, &vault_label(vault, &row), &row.wrapped)?;
                tx.vault_key_put(&row)?;
            }
            for mut row in tx.controller_keys()? {
                row.wrapped = root.rewrap(&new, &controller_label(vault, &row), &row.wrapped)?;
                tx.controller_key_put(&row)?;
            }
            Ok(())
        })?;
        *root = new;
        Ok(())
    }

    /// Begins the rotation of a controller's master key, or takes up one that was interrupted.
    ///
    /// # Errors
    /// The store's own failure.
    pub fn begin_rotation(&self, controller: &Controller) -> Result<RotationRow, DeskError> {
        self.authorise(Operation::KeyRotate, &Target::Controller(controller.id))?;
        loop {
            if let Some(open) = self.vault.store.read(|tx| tx.rotation_open(controller.id))? {
                return Ok(open);
            }
            match self.start_generation(controller) {
                // Another process was first; if it is at the end of it already, the next generation is ours.
                Err(DeskError::Exists(_)) => {}
                started => started?,
            }
        }
    }

    fn start_generation(&self, controller: &Controller) -> Result<(), DeskError> {
        self.vault.reload_keys()?;
        let generation = self.vault.keyring().controller(controller.id)?.current().generation() + 1;
        let started = Timestamp::now();
        let root = self.vault.root();
        let wrapped = MasterKey::generate(controller.id, generation).wrap(&root, self.vault.id);
        let row = ControllerKeyRow {
            controller: controller.id,
            name: MASTER.to_owned(),
            generation,
            wrapped,
            created: started,
        };
        let mut draft = self.draft("key.rotate")?.of_controller(controller.id);
        draft.count("generation", u64::from(generation));
        self.change(draft, "a rotation to that generation", |tx| {
            self.vault.hold_root(tx, &root)?;
            tx.master_start(&row)?;
            Ok(tx.rotation_insert(controller.id, generation, started)?)
        })?;
        drop(root);
        self.vault.reload_keys()
    }

    /// How many contacts of this controller there are to seal again.
    ///
    /// # Errors
    /// The store's own failure.
    pub fn contact_count(&self, controller: &Controller) -> Result<u64, DeskError> {
        self.authorise(Operation::StatusRead, &Target::Controller(controller.id))?;
        Ok(self.vault.store.read(|tx| tx.contact_count(Some(controller.id)))?)
    }

    /// Seals a few more contacts under the new generation. After the last of them the old key is forgotten.
    ///
    /// # Errors
    /// [`DeskError::Open`] when a value does not open: the rotation stops there and nothing is lost.
    pub fn step_rotation(&self, controller: &Controller) -> Result<RotationRow, DeskError> {
        self.authorise(Operation::KeyRotate, &Target::Controller(controller.id))?;
        self.vault
            .with_keys(|ring| {
                let keys = ring.controller(controller.id)?;
                let mut draft = self.draft("key.reseal")?.of_controller(controller.id);
                self.vault.store.write(|tx| {
                    let mut rotation =
                        tx.rotation_hold(controller.id)?.ok_or(StoreError::NotFound("an open rotation of this key"))?;
                    let generation = rotation.to_generation;
                    let page = tx.contact_page(controller.id, rotation.done_through, STEP_CONTACTS)?;
                    for row in &page {
                        reseal_contact(tx, &keys, generation, row)?;
                    }
                    draft.0.bulk = Some(Bulk::of(page.iter().map(|row| row.id)));
                    draft.count("resealed", u64::try_from(page.len()).unwrap_or(u64::MAX));
                    match page.last() {
                        Some(last) => {
                            rotation.done_through = Some(last.id);
                            rotation.resealed += u64::try_from(page.len()).unwrap_or(u64::MAX);
                        }
                        None => finish(tx, &keys, controller.id, &mut rotation)?,
                    }
                    tx.rotation_update(&rotation)?;
                    Ok((self.record_for_vault(draft)?, rotation))
                })
            })
            .and_then(|rotation| {
                if rotation.finished.is_some() {
                    self.vault.reload_keys()?;
                }
                Ok(rotation)
            })
    }
}

/// Nothing is left under an earlier generation: the origins follow, and the old keys go.
fn finish(
    tx: &mut WriteTx<'_>,
    keys: &ControllerKeys,
    controller: ControllerId,
    rotation: &mut RotationRow,
) -> Result<(), DeskError> {
    let generation = rotation.to_generation;
    // A forgotten key is forgotten for ever: what the walk may have missed for any reason is walked again before that.
    if tx.contact_count_before(controller, generation)? > 0 {
        rotation.done_through = None;
        return Ok(());
    }
    let new = master(keys, generation)?.record_key();
    for origin in tx.provenance_list(controller)? {
        if origin.sealed.generation() < generation {
            let bounds = ProvenanceBounds::of(&origin);
            let parts = bounds.parts();
            let place = provenance_place(controller, origin.id, &parts);
            let text = keys.master_for(&origin.sealed)?.record_key().open(&place, &origin.sealed)?;
            tx.provenance_reseal(controller, origin.id, &new.seal(&place, &text))?;
        }
    }
    for earlier in keys.masters().map(MasterKey::generation).filter(|earlier| *earlier < generation) {
        tx.controller_key_delete(controller, MASTER, earlier)?;
    }
    rotation.finished = Some(Timestamp::now());
    Ok(())
}

fn reseal_contact(
    tx: &mut WriteTx<'_>,
    keys: &ControllerKeys,
    generation: u32,
    row: &ContactRow,
) -> Result<(), DeskError> {
    let (controller, contact) = (row.controller, row.id);
    if !tx.contact_lock(controller, contact)? {
        return Ok(());
    }
    // Read again under the lock: on PostgreSQL somebody may have changed or erased it since the page was read.
    let Some(row) = tx.contact(controller, contact)? else { return Ok(()) };
    let salt =
        tx.contact_salt(controller, contact)?.ok_or(StoreError::Damaged { table: "contact_salts", column: "salt" })?;
    let resealer = Resealer { keys, contact, salt, generation };
    let bounds = CardBounds::of(&row);
    let mut cells = vec![(Cell::Card, resealer.again(&card_place(controller, contact, &bounds.parts()), &row.card)?)];
    if let Some(original) = tx.contact_original(controller, contact)? {
        let bound: [&[u8]; 1] = [original.media_type.as_bytes()];
        cells.push((Cell::Original, resealer.again(&original_place(controller, contact, &bound), &original.sealed)?));
    }
    for event in tx.consent_history(controller, contact)? {
        let bounds = EvidenceBounds::of(&clear_event(&event), event.entry);
        let parts = bounds.parts();
        let place = evidence_place(controller, event.id, &parts);
        cells.push((Cell::Evidence(event.id), resealer.again(&place, &event.evidence)?));
    }
    for (import, before) in tx.import_befores(controller, contact)? {
        let bound: [&[u8]; 1] = [import.as_bytes()];
        cells.push((Cell::Before(import), resealer.again(&before_place(controller, contact, &bound), &before)?));
    }
    for proof in tx.proofs_of_contact(controller, contact)? {
        let again = with_proof_place(&proof, |place| resealer.again(place, &proof.note))?;
        cells.push((Cell::Proof(proof.list, proof.proposal), again));
    }
    for (entry, details) in tx.ledger_details_of(controller, contact)? {
        let place = details_place_of_contact(controller, entry);
        cells.push((Cell::Details(entry), resealer.again(&place, &details)?));
    }
    for (cell, sealed) in cells {
        if let Some(sealed) = sealed {
            tx.contact_reseal(controller, contact, cell, &sealed)?;
        }
    }
    Ok(())
}

/// Opens with the generation that sealed, and seals with the one that is to be.
struct Resealer<'k> {
    keys: &'k ControllerKeys,
    contact: ContactId,
    salt: Salt,
    generation: u32,
}

impl Resealer<'_> {
    fn again(&self, place: &carnet_core::keys::Place<'_>, sealed: &Sealed) -> Result<Option<Sealed>, DeskError> {
        if sealed.generation() >= self.generation {
            return Ok(None);
        }
        let text = self.keys.contact_key_for(sealed, self.contact, &self.salt)?.open(place, sealed)?;
        let key = master(self.keys, self.generation)?.contact_key(self.contact, &self.salt);
        Ok(Some(key.seal(place, &text)))
    }
}

fn master(keys: &ControllerKeys, generation: u32) -> Result<&MasterKey, DeskError> {
    keys.by_generation(generation)
        .ok_or_else(|| carnet_core::keys::OpenError::WrongGeneration { sealed: generation }.into())
}
