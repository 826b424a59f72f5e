//! Importing: begun or taken up again, chunk by chunk, to the end of the source.

use std::sync::Arc;

use carnet_core::intake::{Source, level};
use carnet_core::keys::{Field, Tag};
use carnet_core::ledger::Bulk;
use carnet_core::model::{
    Controller, ImportCounts, ImportId, ImportState, List, ListId, ListStatus, ProvenanceId, PurposeId, Slug, Timestamp,
};
use carnet_core::policy::{Operation, Target};
use carnet_store::{ImportRow, StoreError, WriteTx};

use super::chunk::{Chunk, Writer};
use super::pipeline::{self, Step, chained};
use super::prepare::Common;
use super::reading::Reading;
use super::typos::Typos;
use super::{ImportReport, NewImport, Started, Watch};
use crate::origin::{NewProvenance, opened_provenance};
use crate::{Desk, DeskError};

/// How often a chunk is looked up again when another writer was first with one of its addresses.
const ATTEMPTS: u32 = 5;
/// Longest name of a list, in bytes.
const LIST_NAME_MAX: usize = 200;
/// How many of the named numbers an entry has: those that add up, and those of consents.
const ENTRY_COUNTS: usize = 8;

impl Desk<'_> {
    /// Imports a source into a list of the controller, or goes on where the same import stopped.
    ///
    /// Every chunk is one transaction with its entry in the ledger. What the source says about consent is kept as its
    /// claim: it can tighten where somebody stands and never loosen it. The list can be used only once it is released.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] for an empty origin, for a list that another import is in the middle of, and for a source that
    /// is not the one that this import began with; [`DeskError::Denied`]. What is wrong with the source is no error but a
    /// reject.
    pub fn import(
        &self,
        controller: &Controller,
        new: &NewImport,
        source: &mut (dyn Source + Send),
        watch: &mut dyn Watch,
    ) -> Result<ImportReport, DeskError> {
        self.check_import(controller, new)?;
        let row = self.begun_import(controller, new)?;
        let common = self.common(controller, new, row.provenance)?;
        let started = Started { import: row.id, list: row.list, passed_over: row.counts.read };
        watch.started(&started);
        let mut run = Run { desk: self, common: &common, row, position: 0, digest: [0; 32], typos: Typos::default() };
        let pass_over = run.row.counts.read;
        let ended = pipeline::run(source, &common, pass_over, |step| run.step(step, watch))?;
        if ended {
            run.finish()?;
        }
        Ok(run.report(source))
    }

    /// What an import would do, without writing anything: the report of [`import`](Self::import), every contact looked up
    /// among those of the vault.
    ///
    /// # Errors
    /// As [`import`](Self::import).
    pub fn rehearse_import(
        &self,
        controller: &Controller,
        new: &NewImport,
        source: &mut (dyn Source + Send),
        watch: &mut dyn Watch,
    ) -> Result<ImportReport, DeskError> {
        self.check_import(controller, new)?;
        let common = self.common(controller, new, ProvenanceId::new())?;
        // Whoever rehearses learns who of the source is known.
        self.record_only(self.draft("import.rehearse")?.of_controller(controller.id), [])?;
        let mut rehearsal = super::rehearse::Rehearsal::new(self, &common);
        pipeline::run(source, &common, 0, |step| rehearsal.step(step, watch))?;
        Ok(rehearsal.report(source))
    }

    fn check_import(&self, controller: &Controller, new: &NewImport) -> Result<(), DeskError> {
        self.authorise(Operation::ListImport, &Target::Controller(controller.id))?;
        provenance_of(new).check()?;
        if new.list.trim().is_empty() || new.list.chars().any(char::is_control) || new.list.len() > LIST_NAME_MAX {
            let hint = format!("a list needs a name of 1 to {LIST_NAME_MAX} bytes on one line");
            return Err(DeskError::Invalid(hint));
        }
        let purposes = self.vault.store.read(|tx| tx.purpose_list(controller.id))?;
        match new.purpose {
            Some(id) if !purposes.iter().any(|one| one.id == id) => {
                Err(DeskError::Unknown { what: "purpose", name: id.to_string(), command: "purpose ls" })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn common(
        &self,
        controller: &Controller,
        new: &NewImport,
        provenance: ProvenanceId,
    ) -> Result<Common, DeskError> {
        self.vault.reload_keys()?;
        let ring = self.vault.keyring();
        let keys = ring.controller(controller.id)?;
        let all = self.vault.store.read(|tx| tx.purpose_list(controller.id))?;
        let named = |name: &Slug, title: &str, id: PurposeId| [(level(name.as_str()), id), (level(title), id)];
        let purposes = all.iter().flat_map(|one| named(&one.name, &one.title, one.id)).collect();
        Ok(Common {
            controller: controller.clone(),
            ring: Arc::clone(&ring),
            keys,
            provenance,
            purpose: new.purpose,
            purposes,
            at: Timestamp::now(),
        })
    }

    /// The unfinished import that this one is, or a new one.
    fn begun_import(&self, controller: &Controller, new: &NewImport) -> Result<ImportRow, DeskError> {
        self.vault.with_keys(|ring| {
            let keys = ring.controller(controller.id)?;
            let id = ImportId::new();
            let mut draft = self.draft("import.begin")?.of_controller(controller.id);
            let now = draft.0.at;
            let by = (self.account.id, self.account.name.as_str());
            let origin = provenance_of(new).seal(&keys, controller.id, by, now)?;
            draft.touch(id);
            self.vault.store.write(|tx| {
                let list = match tx.list_named(controller.id, &new.list)? {
                    None => self.new_list(tx, controller, new, origin.id, now)?,
                    Some(list) => list,
                };
                draft.touch(list.id);
                if let Some(row) = tx.import_unfinished(controller.id, list.id)? {
                    let origin =
                        tx.provenance(controller.id, row.provenance)?.ok_or(StoreError::NotFound("the origin"))?;
                    let same = Reading::open(&ring.vault, self.vault.id, &row)?.is_of(new)
                        && opened_provenance(&keys, &origin)?.origin == new.origin;
                    if !same {
                        return Err(other_import(&list.name, row.id));
                    }
                    draft.count("continued", 1);
                    return Ok((self.record_for_vault(draft)?, row));
                }
                close_again(tx, &list)?;
                draft.touch(origin.id);
                tx.provenance_insert(&origin)?;
                let row = ImportRow {
                    controller: controller.id,
                    id,
                    list: list.id,
                    provenance: origin.id,
                    brought_by: self.account.id,
                    state: ImportState::Unfinished,
                    sealed: Reading::of(new).seal(&ring.vault, self.vault.id, id)?,
                    counts: ImportCounts::default(),
                    position_tag: Tag::from_bytes([0; 16]),
                    worded_through: None,
                    started: now,
                    changed: now,
                };
                tx.import_insert(&row)?;
                Ok((self.record_for_vault(draft)?, row))
            })
        })
    }

    fn new_list(
        &self,
        tx: &mut WriteTx<'_>,
        controller: &Controller,
        new: &NewImport,
        provenance: ProvenanceId,
        now: Timestamp,
    ) -> Result<List, DeskError> {
        let list = List {
            id: ListId::new(),
            controller: controller.id,
            name: new.list.clone(),
            provenance,
            owner: self.account.id,
            status: ListStatus::Received,
            created: now,
        };
        tx.list_insert(&list)?;
        Ok(list)
    }
}

/// A run of an import, from its first part to where it ends or stops.
struct Run<'r> {
    desk: &'r Desk<'r>,
    common: &'r Common,
    /// As far as it is written.
    row: ImportRow,
    /// As far as the source was passed over.
    position: u64,
    /// Of all that was read.
    digest: [u8; 32],
    typos: Typos,
}

impl Run<'_> {
    fn step(&mut self, step: Step, watch: &mut dyn Watch) -> Result<bool, DeskError> {
        match step {
            Step::PassedOver { read, digest } => {
                self.position += read;
                self.digest = chained(self.digest, digest);
                if self.position >= self.row.counts.read {
                    self.must_be_the_same_source()?;
                }
            }
            Step::Write { chunk, digest, typos } => {
                self.typos.add(typos);
                self.digest = chained(self.digest, digest);
                self.write(&chunk, watch)?;
                self.desk.vault.store.settle_tags(self.row.controller, false)?;
                self.position = self.row.counts.read;
                watch.progress(&self.row.counts);
            }
        }
        Ok(!watch.stops())
    }

    /// The keyed digest of all that was read: nothing about a contact can be tried out on it without the key.
    fn position_tag(&self) -> Tag {
        let digest: String = self.digest.iter().map(|byte| format!("{byte:02x}")).collect();
        self.common.keys.index().tag(Field::Uid, &digest)
    }

    fn must_be_the_same_source(&self) -> Result<(), DeskError> {
        if self.position == self.row.counts.read && self.position_tag() == self.row.position_tag {
            return Ok(());
        }
        Err(DeskError::Invalid(format!(
            "this is not the source that import {0} began with, or it was changed since; give the same one, or take back what \
             came in with `carnet import undo {0}`",
            self.row.id
        )))
    }

    fn write(&mut self, chunk: &Chunk, watch: &mut dyn Watch) -> Result<(), DeskError> {
        let mut attempt = 1;
        loop {
            match self.write_once(chunk, watch) {
                // Another writer was first with one of the addresses: looked up again, they are known.
                Err(DeskError::Store(StoreError::Conflict)) if attempt < ATTEMPTS => attempt += 1,
                result => return result,
            }
        }
    }

    fn write_once(&mut self, chunk: &Chunk, watch: &mut dyn Watch) -> Result<(), DeskError> {
        let (common, position_tag, controller) = (self.common, self.position_tag(), self.row.controller);
        let mut draft = self.desk.draft("import.chunk")?.of_controller(controller);
        draft.0.id = chunk.entry;
        draft.touch(self.row.id);
        draft.touch(self.row.list);
        let row = &self.row;
        self.row = self.desk.vault.store.write(|tx| {
            let written = Writer::write(tx, common, (row.id, row.list), chunk)?;
            written.hand_rejects(chunk, watch)?;
            let mut next = row.clone();
            next.counts += written.counts;
            next.position_tag = position_tag;
            next.changed = draft.0.at;
            self.advance(tx, &next)?;
            tx.bulk_insert(controller, row.id, chunk.entry, &written.touched)?;
            draft.0.bulk = Some(Bulk::of_touched(&written.touched));
            for (name, number) in written.counts.named().into_iter().take(ENTRY_COUNTS) {
                draft.count(name, number);
            }
            Ok::<_, DeskError>((self.desk.record_for_vault(draft)?, next))
        })?;
        Ok(())
    }

    /// Notes how far the import is, if nobody took it further meanwhile.
    fn advance(&self, tx: &mut WriteTx<'_>, next: &ImportRow) -> Result<(), DeskError> {
        tx.import_advance(next, self.row.counts.read).map_err(|error| match error {
            StoreError::Conflict => overtaken(next.id),
            other => other.into(),
        })
    }

    /// The source was read to its end.
    fn finish(&mut self) -> Result<(), DeskError> {
        if self.position < self.row.counts.read {
            self.must_be_the_same_source()?;
        }
        self.desk.vault.store.settle_tags(self.row.controller, true)?;
        let mut draft = self.desk.draft("import.finish")?.of_controller(self.row.controller);
        draft.touch(self.row.id);
        draft.touch(self.row.list);
        for (name, number) in self.row.counts.named().into_iter().take(ENTRY_COUNTS) {
            draft.count(name, number);
        }
        let row = &self.row;
        self.row = self.desk.vault.store.write(|tx| {
            let next = ImportRow { state: ImportState::Finished, changed: draft.0.at, ..row.clone() };
            self.advance(tx, &next)?;
            Ok::<_, DeskError>((self.desk.record_for_vault(draft)?, next))
        })?;
        Ok(())
    }

    fn report(self, source: &dyn Source) -> ImportReport {
        ImportReport {
            place: Some((self.row.id, self.row.list)),
            state: self.row.state,
            counts: self.row.counts,
            warnings: source.warnings(),
            suggestions: self.typos.into_suggestions(),
        }
    }
}

/// What a list must be before contacts join it: not blocked or withdrawn; a released one is closed until it is checked
/// again with what comes in.
fn close_again(tx: &mut WriteTx<'_>, list: &List) -> Result<(), DeskError> {
    match list.status {
        ListStatus::Received | ListStatus::Checking | ListStatus::Held => Ok(()),
        ListStatus::Released => Ok(tx.list_move(list, ListStatus::Held)?),
        ListStatus::Blocked | ListStatus::Withdrawn => Err(DeskError::Invalid(format!(
            "the list {:?} is {}, and nothing is added to it; import into another list",
            list.name, list.status
        ))),
    }
}

fn provenance_of(new: &NewImport) -> NewProvenance {
    NewProvenance { kind: new.kind, origin: new.origin.clone(), file_name: new.file_name.clone(), holders: None }
}

fn other_import(list: &str, import: ImportId) -> DeskError {
    DeskError::Invalid(format!(
        "the list {list:?} has an unfinished import, {import}, with another origin, purpose or mapping; repeat the command that it \
         began with, or take back what came in with `carnet import undo {import}`"
    ))
}

fn overtaken(import: ImportId) -> DeskError {
    DeskError::Invalid(format!(
        "another process works on import {import} as well, or has taken it back; nothing of this chunk was written"
    ))
}
