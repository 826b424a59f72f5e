//! A vault made of a snapshot, with all that was refused and erased since.

use std::collections::{BTreeMap, HashSet};

use carnet_core::backup::{Content, Manifest};
use carnet_core::keys::{RootKey, random_seed};
use carnet_core::model::{ControllerId, ReleaseId, Timestamp, VaultId};
use carnet_core::policy::{AccessPolicy, Operation, Target};
use carnet_store::{
    ContactRow, Filler, Location, LockedStore, PortableTable, ShreddedRow, SuppressionRow, releases_in_force_of,
    salts_of, shredded_of, suppressions_of,
};

use super::parts::digest;
use super::snapshot::{CONDEMNED, RELEASES, SALTS, SHREDDED, SUPPRESSIONS, belongs};
use crate::contacts::opened_with_salt;
use crate::lists::end_this_release;
use crate::record::{Errand, entry_of, recorded_for_vault};
use crate::{Desk, DeskError, Vault};

/// How many contacts or refusals one entry tells of.
const ENTRY_ROWS: usize = 500;
/// At how many places of a controller's contacts cards are opened for proof, and how many at each.
const SAMPLE_PLACES: u64 = 20;
const SAMPLE_CARDS: u32 = 5;

/// The files of one snapshot.
pub trait SnapshotFiles {
    /// A file, whole, by its path.
    ///
    /// # Errors
    /// Where there is none, or it cannot be read.
    fn file(&self, path: &str) -> Result<Vec<u8>, DeskError>;
}

/// What a restore came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Which vault.
    pub vault: VaultId,
    /// When its rows were read.
    pub taken: Timestamp,
    /// When its salts were read.
    pub keyring: Timestamp,
    /// How many contacts it has.
    pub contacts: u64,
    /// How many of the snapshot's had been erased since, and were erased again.
    pub erased: u64,
    /// How many refusals had been added since, and were added again.
    pub suppressed: u64,
    /// How many releases of lists had ended since, and were ended again.
    pub ended: u64,
    /// How many salts came from older keyrings, because the newest had lost them.
    pub found_salts: u64,
    /// How many contacts nobody can open any more.
    pub without_salt: u64,
    /// How many cards were opened to see whether they open.
    pub opened: u64,
}

/// Makes a vault of the rows of one snapshot and the newest keyring, at an empty place. Older keyrings follow the newest: they
/// are asked for salts that it has lost.
///
/// What was erased or refused after the rows were read is erased and refused again before anybody can open the vault. Cut
/// short, it leaves nothing that could be opened; repeated, it begins anew.
///
/// # Errors
/// [`DeskError::DamagedSnapshot`] where files are not what the manifest says; [`DeskError::Key`] where the root key is another
/// vault's; [`carnet_store::StoreError::VaultExists`] where there is a vault.
pub fn restore(
    place: Location,
    root: RootKey,
    access: AccessPolicy,
    (rows, keyrings): (&dyn SnapshotFiles, &[&dyn SnapshotFiles]),
    errand: &Errand,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(Vault, Restored), DeskError> {
    let damaged = |what: &str| DeskError::DamagedSnapshot(what.to_owned());
    let newest = keyrings.first().ok_or_else(|| damaged("there is no keyring, without which no contact opens"))?;
    let (manifest, keyring) = (manifest(rows, Content::Rows)?, manifest(*newest, Content::Keyring)?);
    if manifest.vault != keyring.vault {
        return Err(damaged("the keyring is another vault's"));
    }
    let mut filler = Filler::create(place)?;
    let schema = filler.schema()?;
    if let Some(other) = [&manifest, &keyring].into_iter().find(|one| one.schema != schema) {
        let sentence = format!(
            "it was written under schema {}, and this program has {schema}: restore it with {}, and let this one bring that vault up to date",
            other.schema, other.program
        );
        return Err(DeskError::DamagedSnapshot(sentence));
    }
    let replay = replay_of(keyrings, &keyring)?;
    let whole = manifest.bytes() + keyring.bytes();
    let mut done = 0;
    for table in filler.tables().to_vec() {
        let of_rows = belongs(Content::Rows, &table.name).then_some((rows, &manifest));
        let of_keyring = comes_from_keyring(&table).then_some((*newest, &keyring));
        for (source, of) in of_rows.into_iter().chain(of_keyring) {
            fill(&mut filler, &table, source, of, &mut |bytes| {
                done += bytes;
                progress(done, whole);
            })?;
        }
    }
    let (found_salts, without_salt) = find_salts(&mut filler, &replay.shredded, keyrings)?;
    let place = filler.finish()?;
    let vault = Vault::opened(LockedStore::open_restored(place)?, root, access)?;
    let [erased, suppressed, ended] = replay.done(&vault, errand)?;
    let opened = open_some(&vault)?;
    let contacts = vault.store.read(|tx| tx.contact_count(None))?;
    let restored = Restored {
        vault: vault.id,
        taken: manifest.taken,
        keyring: keyring.taken,
        contacts,
        erased,
        suppressed,
        ended,
        found_salts,
        without_salt,
        opened,
    };
    end(&vault, &restored, errand)?;
    Ok((vault, restored))
}

impl Desk<'_> {
    /// Restores a snapshot into a vault that is thrown away, and compares it with what the snapshot says of itself: rows, hashes,
    /// the ledger, and cards that are opened.
    ///
    /// # Errors
    /// As [`restore`]; [`DeskError::DamagedSnapshot`] with the first thing that is wrong.
    pub fn drill(
        &self,
        scratch: Location,
        snapshot: (&dyn SnapshotFiles, &dyn SnapshotFiles),
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<Restored, DeskError> {
        self.authorise(Operation::BackupRun, &Target::Vault)?;
        let root = self.vault.root_again()?;
        let parts: (&dyn SnapshotFiles, &[&dyn SnapshotFiles]) = (snapshot.0, &[snapshot.1]);
        let (vault, restored) = restore(scratch, root, self.vault.access.clone(), parts, &self.errand, progress)?;
        if restored.vault != self.vault.id {
            return Err(DeskError::DamagedSnapshot("it is another vault's".to_owned()));
        }
        if restored.without_salt > 0 {
            let sentence = format!("{} contacts have no salt and cannot be opened by anybody", restored.without_salt);
            return Err(DeskError::DamagedSnapshot(sentence));
        }
        let report = vault.audited()?;
        match report.problems.first() {
            Some(problem) => Err(DeskError::DamagedSnapshot(format!("its ledger does not verify: {problem}"))),
            None => Ok(restored),
        }
    }
}

/// What is taken from the newest keyring as it is: salts; and condemned addresses beside those that the rows know. What else a
/// keyring has is done again, with its entries.
fn comes_from_keyring(table: &PortableTable) -> bool {
    table.name == SALTS || table.name == CONDEMNED
}

/// The manifest of a snapshot that this program can restore.
fn manifest(files: &dyn SnapshotFiles, content: Content) -> Result<Manifest, DeskError> {
    let manifest = Manifest::read(&files.file(Manifest::PATH)?)?;
    if manifest.content != content {
        return Err(DeskError::DamagedSnapshot(format!("it holds no {}", content.as_str())));
    }
    Ok(manifest)
}

fn fill(
    filler: &mut Filler,
    table: &PortableTable,
    source: &dyn SnapshotFiles,
    manifest: &Manifest,
    progress: &mut dyn FnMut(u64),
) -> Result<(), DeskError> {
    let known: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let stated = manifest.tables.iter().find(|one| one.name == table.name);
    if stated.is_none_or(|stated| stated.columns != known) {
        return Err(DeskError::DamagedSnapshot(format!("{} has other columns than its schema says", table.name)));
    }
    let mut rows = 0;
    for file in manifest.files_of(&table.name) {
        let bytes = checked(source, file)?;
        rows += filler.fill(table, &bytes)?;
        progress(file.bytes);
    }
    if rows == manifest.rows_of(&table.name) {
        return Ok(());
    }
    let sentence = format!("{} has {rows} rows, not the {} that it says", table.name, manifest.rows_of(&table.name));
    Err(DeskError::DamagedSnapshot(sentence))
}

/// A file, if it is the one that the manifest names.
fn checked(source: &dyn SnapshotFiles, file: &carnet_core::backup::FileDigest) -> Result<Vec<u8>, DeskError> {
    let bytes = source.file(&file.path)?;
    if digest(&file.path, &bytes) == *file {
        Ok(bytes)
    } else {
        Err(DeskError::DamagedSnapshot(format!("{} is not what was written", file.path)))
    }
}

/// What the keyring knows that older rows have forgotten.
#[derive(Default)]
struct Replay {
    shredded: Vec<ShreddedRow>,
    suppressions: Vec<SuppressionRow>,
    /// The releases of lists that were in force.
    in_force: HashSet<ReleaseId>,
}

/// The newest keyring must be readable; older ones add what they know, since nothing that was erased or refused is ever taken back.
fn replay_of(keyrings: &[&dyn SnapshotFiles], newest: &Manifest) -> Result<Replay, DeskError> {
    let mut replay = Replay::default();
    for (place, files) in keyrings.iter().enumerate() {
        let known = if place == 0 { Ok(newest.clone()) } else { manifest(*files, Content::Keyring) };
        match known.and_then(|keyring| replay.learn(*files, &keyring, place == 0)) {
            Err(error) if place == 0 => return Err(error),
            // One that is too damaged to be read says nothing; whoever asks for its salts hears of it.
            _ => {}
        }
    }
    Ok(replay)
}

impl Replay {
    fn learn(&mut self, files: &dyn SnapshotFiles, keyring: &Manifest, is_newest: bool) -> Result<(), DeskError> {
        for file in keyring.files_of(SHREDDED) {
            self.shredded.extend(shredded_of(&checked(files, file)?)?);
        }
        for file in keyring.files_of(SUPPRESSIONS) {
            self.suppressions.extend(suppressions_of(&checked(files, file)?)?);
        }
        for file in keyring.files_of(RELEASES).filter(|_| is_newest) {
            self.in_force.extend(releases_in_force_of(&checked(files, file)?)?);
        }
        // The same stands in every keyring, and a refusal counts as it was renewed last.
        self.shredded.sort_unstable_by_key(|row| (row.controller, row.contact, row.at));
        self.shredded.dedup_by_key(|row| (row.controller, row.contact));
        let key = |row: &SuppressionRow| (row.controller, row.tag, row.purpose);
        self.suppressions.sort_unstable_by(|one, next| key(one).cmp(&key(next)).then(next.at.cmp(&one.at)));
        self.suppressions.dedup_by_key(|row| key(row));
        Ok(())
    }
}

/// Looks in older keyrings for salts that the newest has lost; says how many were found, and how many were not.
fn find_salts(
    filler: &mut Filler,
    shredded: &[ShreddedRow],
    keyrings: &[&dyn SnapshotFiles],
) -> Result<(u64, u64), DeskError> {
    let mut missing = filler.without_salt()?;
    // Who was erased must stay erased, whatever an older copy still holds.
    for one in shredded {
        missing.remove(&(one.controller, one.contact));
    }
    let mut found = 0;
    for older in keyrings.iter().skip(1) {
        if missing.is_empty() {
            break;
        }
        let Ok(keyring) = manifest(*older, Content::Keyring) else { continue };
        for file in keyring.files_of(SALTS) {
            // What is damaged there may be whole in one that is older still.
            let Ok(bytes) = checked(*older, file) else { continue };
            let mut salts = salts_of(&bytes)?;
            salts.retain(|row| missing.remove(&(row.controller, row.contact)));
            filler.salts_add(&salts)?;
            found += salts.len();
        }
    }
    Ok((u64::try_from(found).unwrap_or(u64::MAX), u64::try_from(missing.len()).unwrap_or(u64::MAX)))
}

impl Replay {
    /// Erases and refuses again what was erased and refused since, and ends the releases that had ended, each with its entry; says
    /// how many of each.
    fn done(self, vault: &Vault, errand: &Errand) -> Result<[u64; 3], DeskError> {
        let now = Timestamp::now();
        // Who came to the vault after the rows were read is not in them, with all that is theirs.
        let here: HashSet<ControllerId> =
            vault.store.read(|tx| tx.controller_list())?.into_iter().map(|one| one.id).collect();
        let of_rows = vault.store.read(|tx| tx.contact_shredded())?;
        let of_rows = of_rows.into_iter().map(|(controller, contact)| ShreddedRow { controller, contact, at: now });
        let shredded = self.shredded.into_iter().filter(|row| here.contains(&row.controller)).chain(of_rows);
        let erased = erase_again(vault, shredded, errand)?;
        let suppressions: Vec<SuppressionRow> =
            self.suppressions.into_iter().filter(|row| here.contains(&row.controller)).collect();
        let refused = refuse_again(vault, &suppressions, errand)?;
        let mut ended = 0;
        for release in vault.store.read(|tx| tx.list_releases_all())? {
            if release.ended.is_none() && !self.in_force.contains(&release.id) {
                ended += written(vault, "backup.replay", release.controller, errand, |tx, draft| {
                    end_this_release(tx, &vault.keyring().vault, release.clone(), draft)?;
                    Ok(1)
                })?;
            }
        }
        Ok([erased, refused, ended])
    }
}

/// Erases whom the keyrings know as erased; says how many were there.
fn erase_again(vault: &Vault, shredded: impl Iterator<Item = ShreddedRow>, errand: &Errand) -> Result<u64, DeskError> {
    let known: HashSet<_> = vault.store.read(|tx| tx.contact_shredded())?.into_iter().collect();
    let mut of_controllers: BTreeMap<ControllerId, Vec<ShreddedRow>> = BTreeMap::new();
    for row in shredded {
        // A keyring from before an erasure has the salt of somebody whom the rows know as erased.
        let has_salt = vault.store.read(|tx| tx.contact_salt(row.controller, row.contact))?.is_some();
        if has_salt || !known.contains(&(row.controller, row.contact)) {
            of_controllers.entry(row.controller).or_default().push(row);
        }
    }
    let mut erased = 0;
    for (controller, rows) in of_controllers {
        for rows in rows.chunks(ENTRY_ROWS) {
            erased += written(vault, "contact.erase", controller, errand, |tx, draft| {
                let mut gone = 0;
                for row in rows {
                    tx.condemned_forget(row.controller, row.contact)?;
                    if tx.contact_erase(row.controller, row.contact, row.at)? {
                        draft.touch(row.contact);
                        gone += 1;
                    } else {
                        tx.contact_shred(row.controller, row.contact, row.at)?;
                    }
                }
                Ok(gone)
            })?;
        }
    }
    Ok(erased)
}

/// Puts down refusals that are not there, or not so late; says how many.
fn refuse_again(vault: &Vault, suppressions: &[SuppressionRow], errand: &Errand) -> Result<u64, DeskError> {
    let mut refused = 0;
    for rows in suppressions.chunk_by(|one, next| one.controller == next.controller) {
        let Some(controller) = rows.first().map(|row| row.controller) else { continue };
        for rows in rows.chunks(ENTRY_ROWS) {
            let tags: Vec<_> = rows.iter().map(|row| row.tag).collect();
            let there = vault.store.read(|tx| tx.suppressions_of(controller, &tags))?;
            // One that was renewed since is not there: a consent between the two would lift the older.
            let is_there = |row: &SuppressionRow| {
                there.iter().any(|one| (one.tag, one.purpose) == (row.tag, row.purpose) && one.at >= row.at)
            };
            let new: Vec<&SuppressionRow> = rows.iter().filter(|row| !is_there(row)).collect();
            if new.is_empty() {
                continue;
            }
            refused += written(vault, "backup.replay", controller, errand, |tx, _| {
                new.iter().try_for_each(|row| tx.suppression_put(row).map(drop))?;
                Ok(u64::try_from(new.len()).unwrap_or(u64::MAX))
            })?;
        }
    }
    Ok(refused)
}

/// Changes the vault for its own sake, with an entry of a controller.
fn written(
    vault: &Vault,
    event: &str,
    controller: ControllerId,
    errand: &Errand,
    work: impl FnOnce(&mut carnet_store::WriteTx<'_>, &mut crate::record::EntryDraft) -> Result<u64, DeskError>,
) -> Result<u64, DeskError> {
    let mut draft = entry_of(event, None, errand, vault.access.version())?.of_controller(controller);
    vault.store.write(|tx| {
        let count = work(tx, &mut draft)?;
        draft.count("replayed", count);
        Ok((recorded_for_vault(draft, &vault.keyring().vault, vault.id, errand, [])?, count))
    })
}

/// Opens cards here and there, at other places each time, as a sign that keys, salts and rows go together.
fn open_some(vault: &Vault) -> Result<u64, DeskError> {
    let ring = vault.keyring();
    vault.store.read(|tx| {
        let mut opened = 0;
        for controller in tx.controller_list()? {
            let keys = ring.controller(controller.id)?;
            let number = tx.contact_count(Some(controller.id))?;
            let mut after = None;
            for _ in 0..SAMPLE_PLACES {
                let page: Vec<ContactRow> = tx.contact_page(controller.id, after, SAMPLE_CARDS)?;
                for row in &page {
                    let Some(salt) = tx.contact_salt(controller.id, row.id)? else { continue };
                    opened_with_salt(&keys, row, &salt)?;
                    opened += 1;
                }
                let drawn = random_seed().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
                after = tx.contact_at(controller.id, drawn % number.max(1))?;
            }
        }
        Ok(opened)
    })
}

/// From here on the vault can be opened.
fn end(vault: &Vault, restored: &Restored, errand: &Errand) -> Result<(), DeskError> {
    let mut draft = entry_of("backup.restore", None, errand, vault.access.version())?;
    draft.touch(vault.id);
    draft.count("contacts", restored.contacts);
    draft.count("erased", restored.erased);
    draft.count("suppressed", restored.suppressed);
    draft.count("ended", restored.ended);
    draft.count("found-salts", restored.found_salts);
    let more = [("taken", restored.taken.to_string()), ("keyring", restored.keyring.to_string())];
    let record = recorded_for_vault(draft, &vault.keyring().vault, vault.id, errand, more)?;
    vault.store.write(|tx| {
        tx.restoration_end()?;
        Ok((record, ()))
    })
}
