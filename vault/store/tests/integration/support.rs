//! What every test of the store begins with: a founded vault, one controller, and things to write into them.

use std::path::Path;

use carnet_core::keys::{Field, MasterKey, Place, Salt, Sealed, Tag};
use carnet_core::ledger::{Actor, Channel, Checkpoint, Entry, Event, KeyKind, Note, NoteSigner, merkle_root};
use carnet_core::model::{ContactId, Controller, ControllerId, ProvenanceId, Timestamp, VaultId};
use carnet_store::{
    ContactRow, ContactTags, ControllerKeyRow, Location, LockedStore, MASTER, Record, Store, StoreError, VaultRow,
};
use carnet_tests::TestDatabase;

/// A failure of the store in a test is a failure of the test.
pub(crate) type Outcome<T> = Result<T, StoreError>;

/// The key of the test's ledger.
pub(crate) fn signer() -> NoteSigner {
    NoteSigner::new("ledger.example/carnet", &[7; 32]).unwrap()
}

pub(crate) fn location(db: &TestDatabase) -> Location {
    db.url().parse().unwrap()
}

/// A vault with its own row and nothing else.
pub(crate) fn found(location: Location) -> Store {
    let store = LockedStore::create(location).unwrap().unlock(signer()).unwrap();
    let row = VaultRow {
        id: VaultId::new(),
        ledger_vkey: signer().verifier_key(KeyKind::Log).to_string(),
        created: Timestamp::now(),
    };
    store.write(|tx| Ok::<_, StoreError>((record("vault.init"), tx.vault_insert(&row)?))).unwrap();
    store
}

/// The same vault, as another process or another node opens it.
pub(crate) fn reopen(location: Location) -> Store {
    LockedStore::open(location).unwrap().unlock(signer()).unwrap()
}

pub(crate) fn record(event: &str) -> Record {
    let actor = Actor { account: None, channel: Channel::Job, os_user: None };
    Record { entry: Entry::new(Event::new(event).unwrap(), actor), details: None }
}

/// A write that changes nothing but the ledger.
pub(crate) fn note(store: &Store, event: &str) -> Outcome<()> {
    store.write(|_| Ok((record(event), ())))
}

/// A controller and its first master key, as the test sees both.
pub(crate) struct House {
    pub(crate) controller: Controller,
    pub(crate) master: MasterKey,
}

impl House {
    /// Adds a controller to the vault.
    pub(crate) fn in_store(store: &Store) -> Self {
        let house = Self::of(ControllerId::new());
        let key = house.key_row(1);
        store
            .write(|tx| {
                tx.controller_insert(&house.controller, Timestamp::now())?;
                Ok::<_, StoreError>((record("controller.add"), tx.controller_key_put(&key)?))
            })
            .unwrap();
        house
    }

    /// A controller that another process added; the key is another one, which the store cannot know.
    pub(crate) fn of(id: ControllerId) -> Self {
        let name = format!("House {id}");
        let controller = Controller { id, name, country: "FR".parse().unwrap(), email: None };
        Self { controller, master: MasterKey::generate(id, 1) }
    }

    pub(crate) fn id(&self) -> ControllerId {
        self.controller.id
    }

    /// A generation of the master key as it is stored; nothing here opens the wrapped bytes.
    pub(crate) fn key_row(&self, generation: u32) -> ControllerKeyRow {
        let name = MASTER.to_owned();
        ControllerKeyRow { controller: self.id(), name, generation, wrapped: vec![1; 60], created: Timestamp::now() }
    }

    /// A contact whose card has this many bytes, under a salt of its own.
    pub(crate) fn contact(&self, card_bytes: usize) -> (ContactRow, Salt) {
        let (id, salt) = (ContactId::new(), Salt::random());
        let card = self.seal(id, &salt, &vec![b'x'; card_bytes]);
        let now = Timestamp::now();
        let provenance = ProvenanceId::new();
        let row = ContactRow {
            controller: self.id(),
            id,
            provenance,
            revision: 1,
            added: now,
            changed: now,
            addressed: now,
            card,
        };
        (row, salt)
    }

    pub(crate) fn seal(&self, id: ContactId, salt: &Salt, bytes: &[u8]) -> Sealed {
        self.master.contact_key(id, salt).seal(&Place::new(self.id(), id, "contacts", "sealed_card"), bytes)
    }
}

/// A tag that stands for this number.
pub(crate) fn tag(number: u64) -> Tag {
    let mut bytes = [0x5a; 16];
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    Tag::from_bytes(bytes)
}

/// The tags of a contact with one e-mail address and one word of a name.
pub(crate) fn tags(number: u64) -> ContactTags {
    let overlap = tag(number + (1 << 62));
    ContactTags { emails: vec![(tag(number), overlap)], others: vec![(Field::Word, tag(number + (1 << 61)))] }
}

/// Makes sure that the ledger is whole: no gap, no doubled entry, hashes, root and signature as they must be.
/// Answers how many entries it has.
pub(crate) fn ledger_must_be_whole(store: &Store) -> u64 {
    let (head, rows) = store
        .read(|tx| {
            let head = tx.ledger_head()?.unwrap();
            assert_eq!(tx.ledger_waiting()?, 0, "entries without an index");
            let mut rows = Vec::new();
            loop {
                let page = tx.ledger_entries(u64::try_from(rows.len()).unwrap(), 10_000)?;
                if page.is_empty() {
                    break Ok::<_, StoreError>((head, rows));
                }
                rows.extend(page);
            }
        })
        .unwrap();
    assert!(rows.iter().map(|row| row.index).eq(0..head.size), "a gap, or more entries than the head counts");
    let ids: std::collections::BTreeSet<_> = rows.iter().map(|row| row.id).collect();
    assert_eq!(ids.len(), rows.len(), "an entry stands twice");
    assert!(rows.iter().all(|row| Entry::decode(&row.body).unwrap().id == row.id));
    assert_eq!(merkle_root(rows.iter().map(|row| &row.body)), head.frontier.root());
    let note = Note::parse(head.checkpoint.as_bytes()).unwrap();
    let checkpoint = Checkpoint::open(&note, &signer().verifier_key(KeyKind::Log)).unwrap();
    assert_eq!((checkpoint.size, checkpoint.root), (head.size, head.frontier.root()));
    head.size
}

/// Every file of a folder and its bytes.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}
