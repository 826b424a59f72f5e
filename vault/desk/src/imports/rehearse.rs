//! What an import would do: every chunk is written as it would be, and taken back before it is committed.

use std::collections::HashMap;

use carnet_core::gate::Claimed;
use carnet_core::intake::Source;
use carnet_core::keys::Tag;
use carnet_core::model::{Card, ImportCounts, ImportId, ImportState, ListId};
use carnet_store::Record;
use sha2::{Digest as _, Sha256};

use super::chunk::{Chunk, Writer, Written};
use super::pipeline::Step;
use super::prepare::{Common, Prepared};
use super::typos::Typos;
use super::{ImportReport, Stop, Watch};
use crate::lists::Preview;
use crate::{Desk, DeskError};

/// A rehearsal so far.
pub(super) struct Rehearsal<'r> {
    desk: &'r Desk<'r>,
    common: &'r Common,
    counts: ImportCounts,
    typos: Typos,
    /// What the gate would say of the list, where there is one.
    preview: Option<Preview<'r>>,
    /// Addresses of earlier chunks, which are taken back, with a digest of the card that had them: some 40 bytes each.
    seen: HashMap<Tag, u64>,
}

impl<'r> Rehearsal<'r> {
    pub(super) fn new(desk: &'r Desk<'r>, common: &'r Common) -> Self {
        let preview = desk.vault.gate.is_some().then(|| Preview::new(desk, &common.controller));
        Self { desk, common, counts: ImportCounts::default(), typos: Typos::default(), preview, seen: HashMap::new() }
    }

    pub(super) fn step(&mut self, step: Step, watch: &mut dyn Watch) -> Result<bool, DeskError> {
        let Step::Write { mut chunk, typos, .. } = step else { return Ok(true) };
        self.typos.add(typos);
        if let Some(preview) = &mut self.preview {
            preview.push(chunk.prepared.iter().map(|one| &one.incoming))?;
            chunk.rejects.iter().for_each(|reject| preview.push_rejected(reject));
        }
        let mut counts = ImportCounts::default();
        let (again, first): (Vec<_>, Vec<_>) =
            std::mem::take(&mut chunk.prepared).into_iter().partition(|one| self.was_seen(one));
        for prepared in again {
            counts.undeliverable += u64::from(prepared.incoming.undeliverable.is_some());
            if self.is_the_same(&prepared) { counts.unchanged += 1 } else { counts.merged += 1 }
        }
        chunk.prepared = first;
        let written = self.written_and_taken_back(&chunk)?;
        counts += written.counts;
        self.remember(&chunk);
        written.hand_rejects(&chunk, watch)?;
        self.counts += counts;
        watch.progress(&self.counts);
        Ok(!watch.stops())
    }

    fn written_and_taken_back(&self, chunk: &Chunk) -> Result<Written, DeskError> {
        let mut outcome = Written::default();
        let place = (ImportId::new(), ListId::new());
        let ended = self.desk.vault.store.write(|tx| -> Result<(Record, ()), Stop> {
            outcome = Writer::write(tx, self.common, place, chunk)?;
            Err(Stop::Done)
        });
        match ended {
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Done) | Ok(()) => Ok(outcome),
        }
    }

    fn was_seen(&self, prepared: &Prepared) -> bool {
        prepared.loaded.tags.emails.iter().any(|(tag, _)| self.seen.contains_key(tag))
    }

    fn is_the_same(&self, prepared: &Prepared) -> bool {
        let digest = digest(&prepared.incoming.card);
        prepared.loaded.tags.emails.iter().all(|(tag, _)| self.seen.get(tag) == Some(&digest))
    }

    fn remember(&mut self, chunk: &Chunk) {
        for prepared in &chunk.prepared {
            let digest = digest(&prepared.incoming.card);
            self.seen.extend(prepared.loaded.tags.emails.iter().map(|(tag, _)| (*tag, digest)));
        }
    }

    pub(super) fn report(self, source: &dyn Source, claimed: Claimed) -> Result<ImportReport, DeskError> {
        Ok(ImportReport {
            place: None,
            state: ImportState::Unfinished,
            counts: self.counts,
            warnings: source.warnings(),
            suggestions: self.typos.into_suggestions(),
            gate: self.preview.map(|preview| preview.judged(claimed)).transpose()?,
        })
    }
}

fn digest(card: &Card) -> u64 {
    let hash = Sha256::digest(card.to_text());
    hash.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
