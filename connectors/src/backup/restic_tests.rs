//! What a repository keeps comes back; what its library or its storage does wrong is found out. Each trap of the library that is
//! known has a test here.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::sync_channel;

use rustic_core::{BytesList, FileType, ReadBackend};

use super::*;

const PASSWORD: &str = "0123-4567";

/// A storage in memory that can be told to lie.
#[derive(Debug, Default)]
struct Storage {
    files: Mutex<HashMap<(&'static str, Id), Vec<u8>>>,
    packs: AtomicUsize,
    /// The pack, counted from 1, that cannot be written; or is written short by a storage that says nothing.
    fails: AtomicUsize,
    shortens: AtomicUsize,
}

impl Storage {
    fn place(kind: FileType, id: &Id) -> (&'static str, Id) {
        (kind.dirname(), if kind == FileType::Config { Id::default() } else { *id })
    }

    /// Turns a bit of the largest file of a kind.
    fn flip(&self, kind: FileType) {
        let mut files = self.files.lock().unwrap();
        let of_kind = files.iter_mut().filter(|(place, _)| place.0 == kind.dirname());
        let (_, bytes) = of_kind.max_by_key(|(_, bytes)| bytes.len()).unwrap();
        let middle = bytes.len() / 3;
        bytes[middle] ^= 1;
    }
}

fn refused(what: &'static str) -> Box<RusticError> {
    RusticError::new(rustic_core::ErrorKind::Backend, what)
}

impl ReadBackend for Storage {
    fn location(&self) -> String {
        "memory".to_owned()
    }

    fn list_with_size(&self, kind: FileType) -> RusticResult<Vec<(Id, u32)>> {
        let files = self.files.lock().unwrap();
        let of_kind = files.iter().filter(|(place, _)| place.0 == kind.dirname());
        Ok(of_kind.map(|(place, bytes)| (place.1, u32::try_from(bytes.len()).unwrap())).collect())
    }

    fn read_full(&self, kind: FileType, id: &Id) -> RusticResult<bytes::Bytes> {
        let files = self.files.lock().unwrap();
        files.get(&Self::place(kind, id)).map(|found| found.clone().into()).ok_or_else(|| refused("not found"))
    }

    fn read_partial(&self, kind: FileType, id: &Id, _: bool, from: u32, length: u32) -> RusticResult<bytes::Bytes> {
        let (whole, from) = (self.read_full(kind, id)?, from as usize);
        whole.get(from..from + length as usize).map(|part| whole.slice_ref(part)).ok_or_else(|| refused("too short"))
    }

    fn warmup_path(&self, _: FileType, _: &Id) -> String {
        String::new()
    }
}

impl WriteBackend for Storage {
    fn write_bytes(&self, kind: FileType, id: &Id, _: bool, content: BytesList) -> RusticResult<()> {
        let mut bytes: Vec<u8> = content.into_vec().concat();
        if kind == FileType::Pack {
            let number = self.packs.fetch_add(1, Ordering::SeqCst) + 1;
            if self.fails.load(Ordering::SeqCst) == number {
                return Err(refused("the disk is full"));
            }
            if self.shortens.load(Ordering::SeqCst) == number {
                bytes.truncate(bytes.len() - 10);
            }
        }
        self.files.lock().unwrap().insert(Self::place(kind, id), bytes);
        Ok(())
    }

    fn remove(&self, kind: FileType, id: &Id, _: bool) -> RusticResult<()> {
        self.files.lock().unwrap().remove(&Self::place(kind, id));
        Ok(())
    }
}

fn given() -> (Arc<Storage>, Restic) {
    let storage = Arc::new(Storage::default());
    let repository = Restic::create_in(Arc::<Storage>::clone(&storage), PASSWORD).unwrap();
    (storage, repository)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_us(1_790_000_000_000_000 + seconds * 1_000_000).unwrap()
}

fn write(repository: &Restic, seconds: i64, files: &[(&str, &[u8])]) -> Result<Written, BackupError> {
    let (sender, receiver) = sync_channel(files.len().max(1));
    for (path, bytes) in files {
        sender.send(Entry { path: (*path).to_owned(), bytes: bytes.to_vec() }).unwrap();
    }
    drop(sender);
    repository.write("barn", "carnet", at(seconds), receiver)
}

/// Bytes that do not compress.
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn what_was_written_comes_back_and_the_same_again_adds_next_to_nothing() {
    let (_, repository) = given();
    let large = noise(3 << 20, 1);
    let files: [(&str, &[u8]); 3] = [("data/a/000001", &large), ("data/b/000001", b"b"), ("manifest.json", b"{}")];
    let first = write(&repository, 0, &files).unwrap();
    assert_eq!((first.files, first.bytes, first.snapshot.at), (3, (3 << 20) + 3, at(0)));
    let again = write(&repository, 60, &files).unwrap();
    assert!(first.added > 3 << 20 && again.added * 100 < first.added, "{} {}", first.added, again.added);
    assert_eq!(repository.snapshots().unwrap(), [first.snapshot.clone(), again.snapshot]);
    let reader = repository.read(&first.snapshot.id).unwrap();
    assert_eq!(reader.paths(), ["data/a/000001", "data/b/000001", "manifest.json"]);
    assert_eq!(reader.file("data/a/000001").unwrap(), large);
    assert!(matches!(reader.file("data/c"), Err(BackupError::Unavailable { .. })));
    assert_eq!(repository.check(Some(Share::ALL)).unwrap(), Vec::<String>::new());
}

#[test]
fn a_file_of_the_same_name_and_size_is_read_anew() {
    let (_, repository) = given();
    for (second, bytes) in [(0, b"AAAA"), (60, b"BBBB"), (120, b"CCCC")] {
        let written = write(&repository, second, &[("x", bytes)]).unwrap();
        assert_eq!(repository.read(&written.snapshot.id).unwrap().file("x").unwrap(), bytes);
    }
}

#[test]
fn a_storage_that_refuses_leaves_no_snapshot_and_one_that_lies_is_found_out() {
    let large = noise(2 << 20, 2);
    for pack in 1..=2 {
        let (storage, repository) = given();
        storage.fails.store(pack, Ordering::SeqCst);
        assert!(write(&repository, 0, &[("x", &large)]).is_err(), "pack {pack}");
        assert_eq!(repository.snapshots().unwrap(), []);
    }
    let (storage, repository) = given();
    storage.shortens.store(1, Ordering::SeqCst);
    let written = write(&repository, 0, &[("x", &large)]).unwrap();
    assert_ne!(repository.check(None).unwrap(), Vec::<String>::new());
    // What was cut off says where the bytes begin; they themselves are all there.
    assert_eq!(repository.read(&written.snapshot.id).unwrap().file("x").unwrap(), large);
}

#[test]
fn a_flipped_bit_is_found_by_reading_and_only_so() {
    let (storage, repository) = given();
    let written = write(&repository, 0, &[("x", &noise(2 << 20, 3))]).unwrap();
    storage.flip(FileType::Pack);
    assert_eq!(repository.check(None).unwrap(), Vec::<String>::new());
    assert_ne!(repository.check(Some(Share::ALL)).unwrap(), Vec::<String>::new());
    // In shares it is found in one of them.
    let found =
        (1..=3).filter(|number| !repository.check(Some(Share { number: *number, parts: 3 })).unwrap().is_empty());
    assert_eq!(found.count(), 1);
    assert!(repository.read(&written.snapshot.id).unwrap().file("x").is_err());
}

#[test]
fn what_is_forgotten_is_marked_first_and_gone_after_its_grace() {
    let (storage, repository) = given();
    let old = write(&repository, 0, &[("x", &noise(2 << 20, 4))]).unwrap();
    let new = write(&repository, 60, &[("x", &noise(1 << 20, 5))]).unwrap();
    let bytes = || {
        let files = storage.files.lock().unwrap();
        files.iter().filter(|(place, _)| place.0 == FileType::Pack.dirname()).map(|(_, pack)| pack.len()).sum::<usize>()
    };
    let both = bytes();
    repository.forget(&[old.snapshot.id]).unwrap();
    repository.prune(23).unwrap();
    assert!(bytes() >= both, "nothing is removed that another writer might be making use of");
    repository.prune(23).unwrap();
    assert!(bytes() >= both);
    repository.prune(0).unwrap();
    assert!(bytes() < both - (1 << 20), "{} of {both}", bytes());
    assert_eq!(repository.snapshots().unwrap(), [new.snapshot]);
    assert_eq!(repository.check(Some(Share::ALL)).unwrap(), Vec::<String>::new());
}

#[test]
fn data_that_a_killed_writer_left_behind_are_no_damage() {
    let (storage, repository) = given();
    let written = write(&repository, 0, &[("x", &noise(1 << 20, 6))]).unwrap();
    // Packs that are there before any index names them.
    let known: Vec<_> = storage.files.lock().unwrap().keys().copied().collect();
    write(&repository, 60, &[("y", &noise(1 << 20, 7))]).unwrap();
    let pack = FileType::Pack.dirname();
    storage.files.lock().unwrap().retain(|place, _| place.0 == pack || known.contains(place));
    let packs = || storage.files.lock().unwrap().keys().filter(|place| place.0 == pack).count();
    assert!(packs() > known.iter().filter(|place| place.0 == pack).count());
    assert_eq!(repository.check(Some(Share::ALL)).unwrap(), Vec::<String>::new());
    assert_eq!(repository.snapshots().unwrap(), std::slice::from_ref(&written.snapshot));
    repository.prune(0).unwrap();
    assert_eq!(repository.read(&written.snapshot.id).unwrap().file("x").unwrap().len(), 1 << 20);
}

#[test]
fn a_password_that_is_added_opens_and_another_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("rows");
    assert!(matches!(Restic::open(&place, PASSWORD), Err(BackupError::Unavailable { .. })));
    let repository = Restic::create(&place, PASSWORD).unwrap();
    assert!(matches!(Restic::create(&place, PASSWORD), Err(BackupError::Exists { .. })));
    repository.add_password("another").unwrap();
    let written = write(&repository, 0, &[("x", b"x")]).unwrap();
    for password in [PASSWORD, "another"] {
        let opened = Restic::open(&place, password).unwrap();
        assert_eq!(opened.read(&written.snapshot.id).unwrap().file("x").unwrap(), b"x");
    }
    assert!(matches!(Restic::open(&place, "none"), Err(BackupError::WrongPassword { .. })));
}
