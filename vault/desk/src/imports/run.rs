//! Importing: chunk by chunk, to the end of the source.

use carnet_core::gate::Claimed;
use carnet_core::intake::Source;
use carnet_core::keys::{Field, Tag};
use carnet_core::ledger::Bulk;
use carnet_core::model::{Controller, ImportCounts, ImportId, ImportState, ProvenanceId};
use carnet_store::{ImportRow, StoreError, WriteTx};

use super::chunk::{Chunk, Writer};
use super::pipeline::{self, Step, chained};
use super::prepare::Common;
use super::rehearse::Rehearsal;
use super::typos::Typos;
use super::{ImportReport, NewImport, Started, Watch};
use crate::lists::changed_in_lists;
use crate::record::EntryDraft;
use crate::{Desk, DeskError};

/// How often a chunk is looked up again when another writer was first with one of its addresses.
const ATTEMPTS: u32 = 5;
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
        let purposes = self.check_import(controller, new)?;
        let (row, goes_on) = self.begun_import(controller, new)?;
        let common = self.common(controller, (new.purpose, &purposes), row.provenance)?;
        let started = Started { import: row.id, list: row.list, goes_on, passed_over: row.counts.read };
        watch.started(&started);
        let mut run =
            Run { desk: self, common: &common, row, position: 0, digest: [0; 32], typos: Typos::default(), cut: false };
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
        let purposes = self.check_import(controller, new)?;
        let common = self.common(controller, (new.purpose, &purposes), ProvenanceId::new())?;
        // Whoever rehearses learns who of the source is known.
        self.record_only(self.draft("import.rehearse")?.of_controller(controller.id), [])?;
        let mut rehearsal = Rehearsal::new(self, &common);
        pipeline::run(source, &common, 0, |step| rehearsal.step(step, watch))?;
        let basis = purposes.iter().find(|one| Some(one.id) == new.purpose).map(|one| one.basis);
        rehearsal.report(source, Claimed { basis, audience: None })
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
    /// Whether the source said that it is not whole.
    cut: bool,
}

impl Run<'_> {
    fn step(&mut self, step: Step, watch: &mut dyn Watch) -> Result<bool, DeskError> {
        match step {
            Step::PassedOver { read, digest, cut } => {
                self.cut |= cut;
                self.position += read;
                self.digest = chained(self.digest, digest);
                if self.position >= self.row.counts.read {
                    self.must_be_the_same_source()?;
                }
            }
            Step::Write { chunk, digest, typos, cut } => {
                self.cut |= cut;
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
        let mut draft = self.draft("import.chunk")?;
        draft.0.id = chunk.entry;
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
            count_in(&mut draft, &written.counts);
            let changed = (controller, written.opened_more.as_slice());
            changed_in_lists(tx, &common.ring.vault, changed, Some(row.list), &mut draft)?;
            Ok::<_, DeskError>((self.desk.record_for_vault(draft)?, next))
        })?;
        Ok(())
    }

    /// An entry about this import and its list.
    fn draft(&self, event: &str) -> Result<EntryDraft, DeskError> {
        let mut draft = self.desk.draft(event)?.of_controller(self.row.controller);
        draft.touch(self.row.id);
        draft.touch(self.row.list);
        Ok(draft)
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
        let mut draft = self.draft("import.finish")?;
        count_in(&mut draft, &self.row.counts);
        let state = if self.cut { ImportState::Cut } else { ImportState::Finished };
        let row = &self.row;
        self.row = self.desk.vault.store.write(|tx| {
            let next = ImportRow { state, changed: draft.0.at, ..row.clone() };
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
            gate: None,
        }
    }
}

fn count_in(draft: &mut EntryDraft, counts: &ImportCounts) {
    counts.named().into_iter().take(ENTRY_COUNTS).for_each(|(name, number)| draft.count(name, number));
}

fn overtaken(import: ImportId) -> DeskError {
    DeskError::Invalid(format!(
        "another process works on import {import} as well, or has taken it back; nothing of this chunk was written"
    ))
}
