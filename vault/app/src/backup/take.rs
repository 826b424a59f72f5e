//! One backup of a site: both halves written, read back, restored for proof. Whatever happens, what is recorded is true.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::mpsc::sync_channel;

use carnet_connectors::backup::{Entry, Repository as _, Share, Written};
use carnet_core::backup::{Content, Manifest, SnapshotState};
use carnet_core::model::{SiteId, Slug, Timestamp};
use carnet_core::policy::BackupRules;
use carnet_desk::{BackupSite, Desk, Location, Outcome, Restored, SnapshotFiles as _};
use sha2::{Digest as _, Sha256};

use super::let_go::let_go;
use super::site::{Site, SnapshotReader, id_text};
use crate::failure::Failure;

/// How many files of a snapshot wait to be written: each has up to 16 MB.
const WAITING_FILES: usize = 2;
/// How the folder of a drill begins.
const DRILL: &str = "drill-";
/// Under which label the stock tool shows a snapshot.
const LABEL: &str = "carnet";

/// What a backup is to do.
pub(crate) struct Plan<'p> {
    /// What the policy says.
    pub rules: BackupRules,
    /// Files that go along: policies in place of the program's.
    pub configuration: BTreeMap<String, Vec<u8>>,
    /// Where a vault can be restored for proof; nothing is restored without one.
    pub scratch: Option<&'p Path>,
}

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    Write(Content),
    ReadBack,
    Drill,
    LetGo,
}

/// What came of it.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub site: Slug,
    pub rows: Outcome,
    pub keyring: Outcome,
    pub restored: Option<Restored>,
    /// How many old snapshots and keyrings the site has let go of.
    pub gone: (u64, u64),
}

/// Takes a backup to one site. `told` hears what is done, and how many bytes of it, of how many if that is known.
pub(crate) fn run(
    desk: &Desk<'_>,
    site: &BackupSite,
    plan: &Plan<'_>,
    told: &mut dyn FnMut(Task, u64, u64),
) -> Result<Report, Failure> {
    if let Some(scratch) = plan.scratch {
        clear(scratch)?;
    }
    let opened = Site::open(site).inspect_err(|failure| never_came(desk, site, Content::Rows, failure))?;
    for content in [Content::Rows, Content::Keyring] {
        level(desk, site, &opened, content).inspect_err(|failure| never_came(desk, site, content, failure))?;
    }
    let mut take = |content: Content| {
        let taken = take(desk, site, &opened, content, &plan.configuration, told);
        taken.inspect_err(|failure| never_came(desk, site, content, failure))
    };
    // Salts last: who comes in between has a salt without a row, not a row without a salt.
    let (mut rows, manifest) = take(Content::Rows)?;
    let (mut keyring, keyring_manifest) = take(Content::Keyring)?;
    keyring.lost =
        lost_salts(desk, site, &opened).inspect_err(|failure| never_came(desk, site, Content::Keyring, failure))?;
    let stored = (|| {
        for (outcome, manifest) in [(&rows, &manifest), (&keyring, &keyring_manifest)] {
            sound(&opened, outcome.content, None)?;
            if plan.scratch.is_none() {
                read_back(&opened, outcome, manifest, told)?;
            }
        }
        Ok(())
    })();
    settle(desk, [&mut rows, &mut keyring], &stored, SnapshotState::Stored)?;
    let restored =
        plan.scratch.map(|scratch| drill(desk, &opened, (&mut rows, &mut keyring), scratch, told)).transpose()?;
    told(Task::LetGo, 0, 0);
    let gone = let_go(desk, site, &opened, &plan.rules)?;
    Ok(Report { site: site.name.clone(), rows, keyring, restored, gone })
}

/// Reads everything that a site has of its newest snapshots, or a share of all its data, and notes what is found.
pub(crate) fn verify(
    desk: &Desk<'_>,
    site: &BackupSite,
    share: Share,
    told: &mut dyn FnMut(Task, u64, u64),
) -> Result<[Outcome; 2], Failure> {
    let opened = Site::open(site)?;
    let (mut rows, mut keyring) = newest(desk, site)?;
    for outcome in [&mut rows, &mut keyring] {
        let content = outcome.content;
        let found = (|| {
            sound(&opened, content, Some(share))?;
            let reader = SnapshotReader::open(opened.of(content), &outcome.id)?;
            let manifest =
                Manifest::read(&reader.file(Manifest::PATH)?).map_err(|error| damaged(&error.to_string()))?;
            read_back(&opened, outcome, &manifest, told)
        })();
        // What was proven stays proven, and what could not be restored stays so, whatever its bytes are; damage is noted.
        let state = outcome.state;
        settle(desk, [outcome], &found, state)?;
    }
    Ok([rows, keyring])
}

/// Restores the newest snapshot of a site for proof.
pub(crate) fn drill_newest(
    desk: &Desk<'_>,
    site: &BackupSite,
    scratch: &Path,
    told: &mut dyn FnMut(Task, u64, u64),
) -> Result<(Outcome, Restored), Failure> {
    let opened = Site::open(site)?;
    let (mut rows, mut keyring) = newest(desk, site)?;
    let restored = drill(desk, &opened, (&mut rows, &mut keyring), scratch, told)?;
    Ok((rows, restored))
}

/// The newest snapshot of each half that came into being.
fn newest(desk: &Desk<'_>, site: &BackupSite) -> Result<(Outcome, Outcome), Failure> {
    let all = desk.list_backups()?;
    let of = |content: Content| {
        let mut of_half = all.iter().map(|one| &one.outcome);
        // One from the future says nothing about today.
        let now = Timestamp::now();
        let found =
            of_half.find(|one| one.site == site.id && one.content == content && one.bytes > 0 && one.taken <= now);
        found.cloned().ok_or_else(|| {
            Failure::invalid(format!(
                "{} has no backup yet; take one with `carnet backup run {}`",
                site.name, site.name
            ))
        })
    };
    Ok((of(Content::Rows)?, of(Content::Keyring)?))
}

/// Brings what is recorded and what a site has to the same: a run that was killed leaves a snapshot that nobody recorded, and
/// what somebody has removed from the site is no backup any more.
fn level(desk: &Desk<'_>, site: &BackupSite, opened: &Site, content: Content) -> Result<(), Failure> {
    let repository = opened.of(content);
    let all = desk.list_backups()?;
    let known: Vec<&Outcome> =
        all.iter().map(|one| &one.outcome).filter(|one| one.site == site.id && one.content == content).collect();
    let there = repository.snapshots()?;
    for gone in known.iter().filter(|one| one.bytes > 0 && !there.iter().any(|found| found.id == one.id)) {
        if gone.state != SnapshotState::Failed {
            let problem = Some("it is not at its site any more".to_owned());
            desk.record_backup(&Outcome { state: SnapshotState::Failed, proven: None, problem, ..(*gone).clone() })?;
        }
    }
    for found in there.iter().filter(|one| !known.iter().any(|known| known.id == one.id)) {
        let reader = repository.read(&found.id)?;
        if !reader.paths().contains(&Manifest::PATH) {
            // Cut short before its manifest was written: no snapshot of anything.
            drop(reader);
            repository.forget(&[found.id])?;
            continue;
        }
        let manifest = Manifest::read(&reader.file(Manifest::PATH)?).map_err(|error| damaged(&error.to_string()))?;
        if manifest.vault != desk.vault_id() {
            return Err(damaged("another vault keeps its backups at this site"));
        }
        desk.record_backup(&stored(site, found.id, &manifest, manifest.bytes(), 0))?;
    }
    Ok(())
}

/// A snapshot that its site has.
fn stored(site: &BackupSite, id: [u8; 32], manifest: &Manifest, bytes: u64, added: u64) -> Outcome {
    let table = if manifest.content == Content::Rows { "contacts" } else { "contact_salts" };
    Outcome {
        site: site.id,
        id,
        content: manifest.content,
        state: SnapshotState::Stored,
        taken: manifest.taken,
        contacts: manifest.rows_of(table),
        lost: 0,
        bytes,
        added,
        proven: None,
        problem: None,
    }
}

/// Writes one half of the vault to its repository.
fn take(
    desk: &Desk<'_>,
    site: &BackupSite,
    opened: &Site,
    content: Content,
    configuration: &BTreeMap<String, Vec<u8>>,
    told: &mut dyn FnMut(Task, u64, u64),
) -> Result<(Outcome, Manifest), Failure> {
    let (sender, receiver) = sync_channel::<Entry>(WAITING_FILES);
    let repository = opened.of(content);
    let (handed, written) = std::thread::scope(|scope| {
        let writer = scope.spawn(move || repository.write(&site.name.to_string(), LABEL, Timestamp::now(), receiver));
        let mut bytes_done = 0;
        let handed = desk.snapshot(site.id, content, configuration, &mut |path, bytes| {
            bytes_done += u64::try_from(bytes.len()).unwrap_or_default();
            told(Task::Write(content), bytes_done, 0);
            sender.send(Entry { path, bytes }).map_err(|_| io::Error::other("the site stopped taking it"))
        });
        drop(sender);
        (handed, writer.join())
    });
    let written: Written = written.map_err(|_| damaged("the writer of the repository ended unexpectedly"))??;
    let manifest = match handed {
        Ok(manifest) => manifest,
        Err(error) => {
            // A half of a half: nobody may take it for more.
            repository.forget(&[written.snapshot.id])?;
            return Err(error.into());
        }
    };
    Ok((stored(site, written.snapshot.id, &manifest, written.bytes, written.added), manifest))
}

/// How many salts are lost, compared with the newest proven keyring of the site that can be read; one that cannot is proven no more.
fn lost_salts(desk: &Desk<'_>, site: &BackupSite, opened: &Site) -> Result<u64, Failure> {
    let proven = desk
        .list_backups()?
        .into_iter()
        .map(|one| one.outcome)
        .filter(|one| one.site == site.id && one.content == Content::Keyring && one.state == SnapshotState::Proven);
    for mut older in proven {
        let lost = (|| {
            let reader = SnapshotReader::open(&opened.keyring, &older.id)?;
            let manifest =
                Manifest::read(&reader.file(Manifest::PATH)?).map_err(|error| damaged(&error.to_string()))?;
            Ok::<_, Failure>(desk.lost_salts(manifest.files_of("contact_salts").map(|file| reader.file(&file.path)))?)
        })();
        match lost {
            Err(failure)
                if failure.kind == carnet_desk::ErrorKind::Damaged
                    || failure.kind == carnet_desk::ErrorKind::Storage =>
            {
                drop(settle::<()>(desk, [&mut older], &Err(failure), SnapshotState::Proven));
            }
            answer => return answer,
        }
    }
    Ok(desk.lost_salts([])?)
}

/// Whether the repository itself is sound.
fn sound(opened: &Site, content: Content, share: Option<Share>) -> Result<(), Failure> {
    let findings = opened.of(content).check(share)?;
    match findings.first() {
        None => Ok(()),
        Some(first) => {
            let more = findings.len() - 1;
            Err(damaged(&format!(
                "the repository is damaged: {first}{}",
                if more > 0 { format!(" (and {more} more)") } else { String::new() }
            )))
        }
    }
}

/// Reads every file of a snapshot back, and compares it with its manifest.
fn read_back(
    opened: &Site,
    outcome: &Outcome,
    manifest: &Manifest,
    told: &mut dyn FnMut(Task, u64, u64),
) -> Result<(), Failure> {
    let reader = SnapshotReader::open(opened.of(outcome.content), &outcome.id)?;
    let (mut done, whole) = (0, manifest.bytes());
    for file in &manifest.files {
        let bytes = reader.file(&file.path)?;
        if hex::encode(Sha256::digest(&bytes)) != file.sha256 {
            return Err(damaged(&format!("{} came back as something else", file.path)));
        }
        done += file.bytes;
        told(Task::ReadBack, done, whole);
    }
    Ok(())
}

/// Restores both halves into a vault that is thrown away.
fn drill(
    desk: &Desk<'_>,
    opened: &Site,
    (rows, keyring): (&mut Outcome, &mut Outcome),
    scratch: &Path,
    told: &mut dyn FnMut(Task, u64, u64),
) -> Result<Restored, Failure> {
    let restored = (|| {
        // What comes out whole today may have lost what the next one needs.
        sound(opened, Content::Rows, None)?;
        sound(opened, Content::Keyring, None)?;
        clear(scratch)?;
        // Beside the vault and not in a shared place: it holds what the vault holds.
        let folder = tempfile::Builder::new().prefix(DRILL).tempdir_in(scratch);
        let folder = folder.map_err(|error| Failure::file(scratch, &error))?;
        let place: Location = format!("sqlite:{}", folder.path().join("vault.db").display())
            .parse()
            .map_err(|error: carnet_desk::LocationError| Failure::invalid(error.to_string()))?;
        let files =
            (SnapshotReader::open(&opened.rows, &rows.id)?, SnapshotReader::open(&opened.keyring, &keyring.id)?);
        Ok(desk.drill(place, (&files.0, &files.1), &mut |done, whole| told(Task::Drill, done, whole))?)
    })();
    if restored.is_ok() {
        let now = Timestamp::now();
        (rows.proven, keyring.proven) = (Some(now), Some(now));
        (rows.problem, keyring.problem) = (None, None);
    }
    settle(desk, [rows, keyring], &restored, SnapshotState::Proven)?;
    restored
}

/// Removes what a drill that was killed has left: a vault whose erasures nobody would carry out.
fn clear(scratch: &Path) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::file(scratch, &error);
    for entry in std::fs::read_dir(scratch).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().starts_with(DRILL) {
            std::fs::remove_dir_all(entry.path()).map_err(|error| Failure::file(&entry.path(), &error))?;
        }
    }
    Ok(())
}

/// Records what became of snapshots; a failure is recorded and given back.
fn settle<'o, T>(
    desk: &Desk<'_>,
    outcomes: impl IntoIterator<Item = &'o mut Outcome>,
    result: &Result<T, Failure>,
    state: SnapshotState,
) -> Result<(), Failure> {
    for outcome in outcomes {
        match result {
            Ok(_) => outcome.state = state,
            Err(failure) => {
                outcome.state = SnapshotState::Failed;
                outcome.proven = None;
                outcome.problem = Some(failure.sentence.clone());
            }
        }
        desk.record_backup(outcome)?;
    }
    match result {
        Ok(_) => Ok(()),
        Err(failure) => Err(Failure { kind: failure.kind, sentence: failure.sentence.clone() }),
    }
}

/// Records that a snapshot never came into being, so that the alarm knows.
fn never_came(desk: &Desk<'_>, site: &BackupSite, content: Content, failure: &Failure) {
    let taken = Timestamp::now();
    let outcome = Outcome {
        site: site.id,
        id: Sha256::digest([SiteId::new().as_bytes().as_slice(), site.id.as_bytes()].concat()).into(),
        content,
        state: SnapshotState::Failed,
        taken,
        contacts: 0,
        lost: 0,
        bytes: 0,
        added: 0,
        proven: None,
        problem: Some(failure.sentence.clone()),
    };
    // Where even this cannot be written, the failure itself is all that can be told.
    drop(desk.record_backup(&outcome));
}

fn damaged(sentence: &str) -> Failure {
    Failure { kind: carnet_desk::ErrorKind::Damaged, sentence: sentence.to_owned() }
}

/// An id as it is typed: whole, or its first digits.
pub(crate) fn is_named(id: &[u8; 32], text: &str) -> bool {
    text.len() >= 4 && id_text(id).starts_with(&text.to_lowercase())
}
