//! Repositories in restic's format, by `rustic_core`, with a guard for each of its known traps.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;

use carnet_core::model::Timestamp;
use rustic_backend::BackendOptions;
use rustic_core::jiff::tz::TimeZone;
use rustic_core::jiff::{self, ToSpan as _};
use rustic_core::repofile::{MasterKey, Node, SnapshotFile, SnapshotId};
use rustic_core::{
    BackupOptions, CheckOptions, ConfigOptions, Credentials, Id, IndexedFull, KeyOptions, LimitOption, LsOptions,
    OpenStatus, ParentOptions, PruneOptions, ReadSubsetOption, Repository as Rustic, RepositoryBackends,
    RepositoryOptions, RusticError, RusticResult, SnapshotOptions, WriteBackend,
};

use super::source::Incoming;
use super::{BackupError, Entry, Reading, Repository, Share, Snapshot, Written};

/// Repositories of restic 0.14 and later, with compression.
const VERSION: u32 = 2;
/// Sealed rows hardly compress: the fastest level takes what there is.
const COMPRESSION: i32 = 1;
/// What the library says of data that a writer which was killed has left behind: nothing refers to them, so that all they do is
/// to take space.
const LEFT_BEHIND: &str = "not referenced in index";
/// The folder in a snapshot that everything is in; retention of the stock tool groups snapshots by it.
const FOLDER: &str = "carnet";

/// A repository in restic's format.
pub struct Restic {
    place: String,
    storage: RepositoryBackends,
    /// To derive it from the password takes a second each time.
    key: MasterKey,
}

impl Restic {
    /// Makes a repository in an empty folder.
    ///
    /// # Errors
    /// [`BackupError::Exists`], [`BackupError::Unavailable`].
    pub fn create(folder: &Path, password: &str) -> Result<Self, BackupError> {
        let place = folder.display().to_string();
        if folder.join("config").exists() {
            return Err(BackupError::Exists { place });
        }
        std::fs::create_dir_all(folder).map_err(|error| unavailable(&place, error.to_string()))?;
        Self::init(place, &local(folder)?, password)
    }

    /// Opens the repository of a folder.
    ///
    /// # Errors
    /// [`BackupError::WrongPassword`], [`BackupError::Unavailable`].
    pub fn open(folder: &Path, password: &str) -> Result<Self, BackupError> {
        let place = folder.display().to_string();
        if !folder.join("config").exists() {
            return Err(unavailable(&place, "there is no repository; is the disk mounted?".to_owned()));
        }
        Self::at(place, &local(folder)?, password)
    }

    /// The same over any storage.
    ///
    /// # Errors
    /// As [`Restic::create`].
    pub fn create_in(storage: Arc<dyn WriteBackend>, password: &str) -> Result<Self, BackupError> {
        Self::init(storage.location(), &RepositoryBackends::new(storage, None), password)
    }

    fn init(place: String, storage: &RepositoryBackends, password: &str) -> Result<Self, BackupError> {
        let config = ConfigOptions::default().set_version(VERSION).set_compression(COMPRESSION);
        let made = closed(storage).and_then(|one| one.init(&Credentials::password(password), &key_options(), &config));
        Self::of(place, storage, made)
    }

    fn at(place: String, storage: &RepositoryBackends, password: &str) -> Result<Self, BackupError> {
        let opened = closed(storage).and_then(|one| one.open(&Credentials::password(password)));
        Self::of(place, storage, opened)
    }

    fn of(
        place: String,
        storage: &RepositoryBackends,
        opened: RusticResult<Rustic<OpenStatus>>,
    ) -> Result<Self, BackupError> {
        let opened = opened.map_err(|error| failed(&place, &error))?;
        Ok(Self { key: opened.key(), storage: storage.clone(), place })
    }

    fn opened(&self) -> RusticResult<Rustic<OpenStatus>> {
        closed(&self.storage)?.open(&Credentials::Masterkey(self.key.clone()))
    }

    fn asked<T>(&self, work: impl FnOnce(Rustic<OpenStatus>) -> RusticResult<T>) -> Result<T, BackupError> {
        self.opened().and_then(work).map_err(|error| failed(&self.place, &error))
    }
}

impl Repository for Restic {
    fn write(&self, host: &str, label: &str, at: Timestamp, entries: Receiver<Entry>) -> Result<Written, BackupError> {
        let (source, tally) = Incoming::new(entries, FOLDER);
        let written = self.asked(|repository| {
            let time = jiff::Timestamp::from_microsecond(at.as_us()).unwrap_or_default().to_zoned(TimeZone::UTC);
            let snapshot = SnapshotOptions::default().host(host.to_owned()).label(label.to_owned()).time(time);
            // Never by the parent: a file of the same name and size would be taken for unchanged, unread.
            let options = BackupOptions::default().no_scan(true).parent_opts(ParentOptions::default().force(true));
            let folders = [PathBuf::from(FOLDER)];
            repository.to_indexed_ids()?.archive(&options, &source, snapshot.to_snapshot()?, &folders)
        })?;
        // The library passes over what it cannot read, and calls that a success.
        let (files, bytes) = (tally.files.load(Ordering::SeqCst), tally.bytes.load(Ordering::SeqCst));
        let summary = written.summary.as_ref();
        let found = summary.map_or((0, 0), |one| (one.total_files_processed, one.total_bytes_processed));
        if found != (files, bytes) {
            drop(self.asked(|repository| repository.delete_snapshots(&[written.id])));
            return Err(BackupError::Incomplete { place: self.place.clone(), found: found.1, wanted: bytes });
        }
        let added = summary.map_or(0, |one| one.data_added_packed);
        Ok(Written { snapshot: snapshot(&written), files, bytes, added })
    }

    fn snapshots(&self) -> Result<Vec<Snapshot>, BackupError> {
        let all = self.asked(|repository| repository.get_all_snapshots())?;
        let mut all: Vec<Snapshot> = all.iter().map(snapshot).collect();
        all.sort_by_key(|one| (one.at, one.id));
        Ok(all)
    }

    fn read(&self, id: &[u8; 32]) -> Result<Box<dyn Reading + '_>, BackupError> {
        self.asked(|repository| {
            let repository = repository.to_indexed()?;
            let root = repository.node_from_snapshot_path(&hex(id), |_| true)?;
            let mut nodes = BTreeMap::new();
            for found in repository.ls(&root, &LsOptions::default())? {
                let (path, node) = found?;
                if let Ok(path) = path.strip_prefix(FOLDER)
                    && node.is_file()
                {
                    nodes.insert(path.display().to_string(), node);
                }
            }
            Ok(Box::new(Opened { place: self.place.clone(), repository, nodes }) as Box<dyn Reading>)
        })
    }

    fn check(&self, share: Option<Share>) -> Result<Vec<String>, BackupError> {
        let options = CheckOptions::default();
        let options = match share {
            None => options,
            Some(Share { number, parts }) if parts > 1 => {
                options.read_data(true).read_data_subset(ReadSubsetOption::IdSubSet((number, parts)))
            }
            Some(_) => options.read_data(true).read_data_subset(ReadSubsetOption::All),
        };
        // Damage is found inside of a call that went well.
        let found = self.asked(|repository| repository.check(options))?;
        let all: Vec<String> = found.0.iter().map(|(_, finding)| one_line(&finding.to_string())).collect();
        let left_behind = |finding: &String| finding.contains(LEFT_BEHIND);
        let harmless = !all.is_empty() && all.iter().all(left_behind);
        let mut findings: Vec<String> = all.into_iter().filter(|finding| !left_behind(finding)).collect();
        if findings.is_empty()
            && !harmless
            && let Err(error) = found.is_ok()
        {
            findings.push(one_line(&error.display_log()));
        }
        Ok(findings)
    }

    fn forget(&self, ids: &[[u8; 32]]) -> Result<(), BackupError> {
        if ids.is_empty() {
            return Ok(());
        }
        self.asked(|repository| {
            let ids = ids.iter().map(|id| Ok(SnapshotId::from(hex(id).parse::<Id>()?)));
            repository.delete_snapshots(&ids.collect::<RusticResult<Vec<_>>>()?)
        })
    }

    fn prune(&self, grace_hours: u32) -> Result<(), BackupError> {
        let mut options = PruneOptions::default();
        options.max_unused = LimitOption::Percentage(0);
        options.max_repack = LimitOption::Unlimited;
        options.keep_delete = i64::from(grace_hours).hours();
        self.asked(|repository| {
            let plan = repository.prune_plan(&options)?;
            repository.prune(&options, plan)
        })
    }

    fn add_password(&self, password: &str) -> Result<(), BackupError> {
        self.asked(|repository| repository.add_key(password, &key_options()).map(drop))
    }
}

/// A snapshot whose trees were read.
struct Opened<S> {
    place: String,
    repository: Rustic<S>,
    nodes: BTreeMap<String, Node>,
}

impl<S: IndexedFull> Reading for Opened<S> {
    fn paths(&self) -> Vec<&str> {
        self.nodes.keys().map(String::as_str).collect()
    }

    fn file(&self, path: &str) -> Result<Vec<u8>, BackupError> {
        let missing = || unavailable(&self.place, format!("the snapshot has no {path}"));
        let node = self.nodes.get(path).ok_or_else(missing)?;
        let mut bytes = Vec::with_capacity(usize::try_from(node.meta.size).unwrap_or_default().min(32 << 20));
        self.repository.dump(node, &mut bytes).map_err(|error| failed(&self.place, &error))?;
        Ok(bytes)
    }
}

fn local(folder: &Path) -> Result<RepositoryBackends, BackupError> {
    let place = folder.display().to_string();
    let storage = BackendOptions::default().repository(place.clone()).to_backends();
    storage.map_err(|error| failed(&place, &error))
}

fn closed(storage: &RepositoryBackends) -> RusticResult<Rustic<()>> {
    Rustic::new(&RepositoryOptions::default().no_cache(true), storage)
}

/// What a key says of itself to the stock tool.
fn key_options() -> KeyOptions {
    KeyOptions::default().hostname("carnet".to_owned()).username("carnet".to_owned()).with_created(true)
}

fn snapshot(file: &SnapshotFile) -> Snapshot {
    let mut id = [0; 32];
    let hexadecimal = file.id.to_hex();
    for (byte, pair) in id.iter_mut().zip(hexadecimal.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).unwrap_or_default();
        *byte = u8::from_str_radix(pair, 16).unwrap_or_default();
    }
    let at = Timestamp::from_us(file.time.timestamp().as_microsecond()).unwrap_or_else(|_| Timestamp::now());
    Snapshot { id, at }
}

fn hex(id: &[u8; 32]) -> String {
    id.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn failed(place: &str, error: &RusticError) -> BackupError {
    if error.is_incorrect_password() {
        return BackupError::WrongPassword { place: place.to_owned() };
    }
    unavailable(place, one_line(&error.display_log()))
}

fn unavailable(place: &str, reason: String) -> BackupError {
    BackupError::Unavailable { place: place.to_owned(), reason }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
#[path = "restic_tests.rs"]
mod tests;
