//! Reading on one thread, preparing on all cores, handing on in the order of the source: memory does not grow with it.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use carnet_core::intake::{Incoming, Reject, Source};
use carnet_core::model::{ContactId, EntryId};
use sha2::{Digest as _, Sha256};

use super::chunk::Chunk;
use super::prepare::{Common, Failure, Prepared};
use super::typos::Typos;
use crate::DeskError;
use crate::cores::cores;

/// How many contacts are handed to a thread at once.
const BATCH_ITEMS: usize = 512;
/// Large contacts go in smaller batches.
const BATCH_BYTES: usize = 1 << 20;
/// How many batches are written in one transaction.
const CHUNK_BATCHES: usize = 16;

type Item = Result<Incoming, Reject>;

/// A part of the source on its way to a thread.
struct Batch {
    number: usize,
    entry: EntryId,
    /// What each item becomes if it is new. Ids grow as the source goes on, so that the order of a list is not lost.
    ids: Vec<ContactId>,
    items: Vec<Item>,
    /// An earlier run has dealt with it: it is only digested.
    passed_over: bool,
}

/// A part of the source that is ready to be written.
struct ReadyBatch {
    number: usize,
    entry: EntryId,
    digest: [u8; 32],
    read: u64,
    passed_over: bool,
    prepared: Vec<Prepared>,
    rejects: Vec<Reject>,
    typos: Typos,
    /// Whether the source says here that it is not whole.
    cut: bool,
}

/// What arrives at the one who writes, in the order of the source.
pub(super) enum Step {
    /// A part that an earlier run has dealt with.
    PassedOver { read: u64, digest: [u8; 32], cut: bool },
    /// A part to be written.
    Write { chunk: Chunk, digest: [u8; 32], typos: Typos, cut: bool },
}

/// Runs a source through all cores. `take` is called on this thread with one chunk after the other; it says whether to
/// go on. The first `pass_over` items are digested and not prepared. True if the source was read to its end.
pub(super) fn run(
    source: &mut (dyn Source + Send),
    common: &Common,
    pass_over: u64,
    mut take: impl FnMut(Step) -> Result<bool, DeskError>,
) -> Result<bool, DeskError> {
    let workers = cores();
    let (to_workers, batches) = sync_channel(workers);
    let (to_writer, ready) = sync_channel(CHUNK_BATCHES);
    // Shared by the workers alone: when the last of them leaves, the reader's next batch finds nobody and it leaves too.
    let batches = Arc::new(Mutex::new(batches));
    thread::scope(|scope| {
        for _ in 0..workers {
            let (batches, to_writer) = (Arc::clone(&batches), to_writer.clone());
            scope.spawn(move || prepare(common, &batches, &to_writer));
        }
        drop((batches, to_writer));
        scope.spawn(move || read(source, pass_over, &to_workers));
        // Dropped when this ends, so that workers that still wait to hand something on leave.
        collect(ready, &mut take)
    })
}

/// Cuts the source into batches until it ends, or nobody takes them any more.
fn read(source: &mut (dyn Source + Send), pass_over: u64, to_workers: &SyncSender<Batch>) {
    let mut entry = EntryId::new();
    let mut read = 0;
    for number in 0.. {
        if number % CHUNK_BATCHES == 0 {
            entry = EntryId::new();
        }
        let (mut items, mut bytes) = (Vec::with_capacity(BATCH_ITEMS), 0);
        while items.len() < BATCH_ITEMS {
            let Some(item) = source.next() else { break };
            bytes += item.as_ref().map_or(0, |incoming| incoming.card.to_text().len());
            items.push(item);
            if bytes > BATCH_BYTES {
                break;
            }
        }
        let passed_over = read < pass_over;
        let ids = items.iter().map(|_| ContactId::new()).collect();
        read += u64::try_from(items.len()).unwrap_or(u64::MAX);
        let last = items.is_empty();
        if last || to_workers.send(Batch { number, entry, ids, items, passed_over }).is_err() {
            return;
        }
    }
}

/// Prepares batches as they come.
fn prepare(common: &Common, batches: &Mutex<Receiver<Batch>>, to_writer: &SyncSender<Result<ReadyBatch, DeskError>>) {
    loop {
        let next = batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = next else { return };
        if to_writer.send(prepared(common, batch)).is_err() {
            return;
        }
    }
}

fn prepared(common: &Common, batch: Batch) -> Result<ReadyBatch, DeskError> {
    let Batch { number, entry, ids, items, passed_over } = batch;
    let mut ready = ReadyBatch {
        number,
        entry,
        digest: digest(&items),
        read: u64::try_from(items.len()).unwrap_or(u64::MAX),
        passed_over,
        prepared: Vec::with_capacity(items.len()),
        rejects: Vec::new(),
        typos: Typos::default(),
        cut: items.iter().any(|item| item.as_ref().is_err_and(|reject| reject.reason.is_cut())),
    };
    if passed_over {
        return Ok(ready);
    }
    for (id, item) in ids.into_iter().zip(items) {
        match item {
            Err(reject) => ready.rejects.push(reject),
            Ok(incoming) => match common.prepare(id, incoming, entry) {
                Ok(prepared) => {
                    ready.typos.look_at(&prepared.incoming.card);
                    ready.prepared.push(prepared);
                }
                Err(Failure::Rejected(reject)) => ready.rejects.push(*reject),
                Err(Failure::Desk(error)) => return Err(error),
            },
        }
    }
    Ok(ready)
}

/// What the items are, in 32 bytes: the same source gives the same.
fn digest(items: &[Item]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for item in items {
        let (line, text) = match item {
            Ok(incoming) => (incoming.line, incoming.card.to_text()),
            Err(reject) => (reject.line, ""),
        };
        hash.update(line.to_be_bytes());
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    }
    hash.finalize().into()
}

/// The digest of all that was read, one part further.
pub(super) fn chained(so_far: [u8; 32], part: [u8; 32]) -> [u8; 32] {
    Sha256::new().chain_update(so_far).chain_update(part).finalize().into()
}

/// Puts batches back into the order of the source, and together into chunks.
fn collect(
    ready: Receiver<Result<ReadyBatch, DeskError>>,
    take: &mut impl FnMut(Step) -> Result<bool, DeskError>,
) -> Result<bool, DeskError> {
    let mut early: BTreeMap<usize, ReadyBatch> = BTreeMap::new();
    let mut open: Option<OpenChunk> = None;
    let mut next = 0;
    for batch in ready {
        let batch = batch?;
        early.insert(batch.number, batch);
        while let Some(batch) = early.remove(&next) {
            next += 1;
            let chunk = open.get_or_insert_with(|| OpenChunk::new(&batch));
            chunk.push(batch);
            if chunk.batches == CHUNK_BATCHES
                && let Some(chunk) = open.take()
                && !take(chunk.into_step())?
            {
                return Ok(false);
            }
        }
    }
    match open {
        Some(chunk) => take(chunk.into_step()),
        None => Ok(true),
    }
}

/// A chunk that more batches may join.
struct OpenChunk {
    batches: usize,
    passed_over: bool,
    digest: [u8; 32],
    chunk: Chunk,
    typos: Typos,
    cut: bool,
}

impl OpenChunk {
    fn new(first: &ReadyBatch) -> Self {
        let chunk = Chunk { entry: first.entry, prepared: Vec::new(), rejects: Vec::new(), read: 0 };
        Self { batches: 0, passed_over: first.passed_over, digest: [0; 32], chunk, typos: Typos::default(), cut: false }
    }

    fn push(&mut self, batch: ReadyBatch) {
        self.batches += 1;
        self.digest = chained(self.digest, batch.digest);
        self.chunk.read += batch.read;
        self.chunk.prepared.extend(batch.prepared);
        self.chunk.rejects.extend(batch.rejects);
        self.typos.add(batch.typos);
        self.cut |= batch.cut;
    }

    fn into_step(self) -> Step {
        let Self { passed_over, digest, chunk, typos, cut, .. } = self;
        if passed_over {
            Step::PassedOver { read: chunk.read, digest, cut }
        } else {
            Step::Write { chunk, digest, typos, cut }
        }
    }
}
