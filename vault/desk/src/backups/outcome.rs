//! What became of snapshots.

use carnet_core::backup::{Alarm, Content, SiteBackups, SnapshotState, Taken, alarms};
use carnet_core::keys::{Place, Sealed};
use carnet_core::model::{SiteId, Slug, Timestamp};
use carnet_core::policy::{BackupRules, Operation, Target};
use carnet_store::{SnapshotRow, salts_of};

use super::SiteView;
use crate::{BackupStatus, Desk, DeskError, Vault};

/// What became of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Where.
    pub site: SiteId,
    /// Its id in the repository; of one that never came into being, any that no other has.
    pub id: [u8; 32],
    /// Which half of the vault.
    pub content: Content,
    /// What is known of it now.
    pub state: SnapshotState,
    /// When it was taken.
    pub taken: Timestamp,
    /// How many cards or salts it holds.
    pub contacts: u64,
    /// How many salts were gone that no erasure accounts for.
    pub lost: u64,
    /// Its bytes; none for one that never came into being.
    pub bytes: u64,
    /// How many the repository grew by.
    pub added: u64,
    /// When it was restored and compared.
    pub proven: Option<Timestamp>,
    /// Why it failed, if it did.
    pub problem: Option<String>,
}

/// A snapshot as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotView {
    /// Where.
    pub site: Slug,
    /// What is known of it.
    pub outcome: Outcome,
}

impl Desk<'_> {
    /// Keeps what became of a snapshot: `backup.run` once it is stored, `backup.drill` once it was restored or failed to be.
    ///
    /// # Errors
    /// [`DeskError::Denied`], or the store's own failure.
    pub fn record_backup(&self, outcome: &Outcome) -> Result<(), DeskError> {
        self.authorise(Operation::BackupRun, &Target::Vault)?;
        let event = if outcome.state == SnapshotState::Stored { "backup.run" } else { "backup.drill" };
        let mut draft = self.draft(event)?;
        draft.touch(outcome.site);
        draft.count("contacts", outcome.contacts);
        draft.count("bytes", outcome.bytes);
        draft.count(outcome.state.as_str(), 1);
        draft.count(outcome.content.as_str(), 1);
        if outcome.lost > 0 {
            draft.count("lost-salts", outcome.lost);
        }
        let problem = outcome.problem.clone().unwrap_or_default();
        let bound = with_place(self.vault, outcome, |place| self.vault.keyring().vault.seal(place, problem.as_bytes()));
        let row = row(outcome, bound);
        let more = [("snapshot", hex::encode(outcome.id)), ("problem", problem)];
        let key = self.vault.keyring();
        let record = crate::record::recorded_for_vault(draft, &key.vault, self.vault.id, &self.errand, more)?;
        self.vault.store.write(|tx| {
            tx.backup_snapshot_put(&row)?;
            Ok((record, ()))
        })
    }

    /// Notes that a site has let go of snapshots.
    ///
    /// # Errors
    /// [`DeskError::Denied`], or the store's own failure.
    pub fn record_forgotten(&self, site: SiteId, ids: &[[u8; 32]]) -> Result<(), DeskError> {
        self.authorise(Operation::BackupRun, &Target::Vault)?;
        if ids.is_empty() {
            return Ok(());
        }
        let mut draft = self.draft("backup.forget")?;
        draft.touch(site);
        draft.count("snapshots", u64::try_from(ids.len()).unwrap_or(u64::MAX));
        self.change(draft, "this snapshot", |tx| {
            ids.iter().try_for_each(|id| tx.backup_snapshot_delete(site, id)).map_err(DeskError::from)
        })
    }

    /// What is known of snapshots, the newest first.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Open`] for a row that somebody changed.
    pub fn list_backups(&self) -> Result<Vec<SnapshotView>, DeskError> {
        self.authorise(Operation::BackupLs, &Target::Vault)?;
        self.vault.snapshots()
    }

    /// What somebody must look at now, judged by what is recorded.
    ///
    /// # Errors
    /// [`DeskError::Denied`].
    pub fn backup_alarms(&self, rules: &BackupRules, now: Timestamp) -> Result<Vec<Alarm>, DeskError> {
        self.authorise(Operation::BackupLs, &Target::Vault)?;
        let BackupStatus { sites, lost_salts } = self.vault.backup_status()?;
        Ok(alarms(&sites, lost_salts, rules, now))
    }

    /// How many contacts of the vault, and of an older keyring (its salts, a file at a time), have lost their salt without an
    /// erasure.
    ///
    /// # Errors
    /// What `older` returns, or the store's own failure.
    pub fn lost_salts(&self, older: impl IntoIterator<Item = Result<Vec<u8>, DeskError>>) -> Result<u64, DeskError> {
        self.authorise(Operation::BackupRun, &Target::Vault)?;
        let mut lost = self.vault.store.read(|tx| tx.contacts_without_salt())?;
        for file in older {
            let known = salts_of(&file?)?;
            let (gone, there) = self.vault.store.read(|tx| {
                let gone = tx.salts_unaccounted(&known)?;
                // Those that still have their card were counted above.
                let mut there = 0_u64;
                for (controller, contact) in &gone {
                    let has_none = tx.contact_salt(*controller, *contact)?.is_none();
                    there += u64::from(has_none && tx.contact(*controller, *contact)?.is_some());
                }
                Ok::<_, DeskError>((gone, there))
            })?;
            lost += u64::try_from(gone.len()).unwrap_or(u64::MAX).saturating_sub(there);
        }
        Ok(lost)
    }
}

impl Outcome {
    /// As retention and alarm see it.
    pub const fn taken(&self) -> Taken {
        Taken { at: self.taken, state: self.state, contacts: self.contacts }
    }
}

impl Vault {
    /// The sites with what retention and alarm have to know of their rows.
    pub(crate) fn backup_status(&self) -> Result<BackupStatus, DeskError> {
        let all = self.snapshots()?;
        let of = |site: SiteId, content: Content| {
            let of_half = all.iter().map(|one| &one.outcome).filter(move |one| one.content == content);
            of_half.filter(move |one| one.site == site).map(Outcome::taken).collect()
        };
        let site = |site: SiteView| SiteBackups {
            site: site.name.to_string(),
            rows: of(site.id, Content::Rows),
            keyrings: of(site.id, Content::Keyring),
        };
        let sites = self.sites()?.into_iter().map(|(view, _)| site(view)).collect();
        let newest = all.iter().find(|one| one.outcome.content == Content::Keyring);
        Ok(BackupStatus { sites, lost_salts: newest.map_or(0, |one| one.outcome.lost) })
    }

    fn snapshots(&self) -> Result<Vec<SnapshotView>, DeskError> {
        let names: Vec<_> = self.sites()?.into_iter().map(|(site, _)| (site.id, site.name)).collect();
        let rows = self.store.read(|tx| tx.backup_snapshots())?;
        let key = self.keyring();
        let mut views = Vec::new();
        for row in rows {
            let Some((_, site)) = names.iter().find(|(id, _)| *id == row.site) else { continue };
            let mut outcome = Outcome {
                site: row.site,
                id: row.id,
                content: row.content,
                state: row.state,
                taken: row.taken,
                contacts: row.contacts,
                lost: row.lost,
                bytes: row.bytes,
                added: row.added,
                proven: row.proven,
                problem: None,
            };
            let problem = with_place(self, &outcome, |place| key.vault.open(place, &row.sealed))?;
            outcome.problem =
                Some(String::from_utf8_lossy(&problem).into_owned()).filter(|problem| !problem.is_empty());
            views.push(SnapshotView { site: site.clone(), outcome });
        }
        Ok(views)
    }
}

fn row(outcome: &Outcome, sealed: Sealed) -> SnapshotRow {
    SnapshotRow {
        site: outcome.site,
        id: outcome.id,
        content: outcome.content,
        state: outcome.state,
        taken: outcome.taken,
        contacts: outcome.contacts,
        lost: outcome.lost,
        bytes: outcome.bytes,
        added: outcome.added,
        proven: outcome.proven,
        sealed,
    }
}

/// Where the sealed words about a snapshot stand, and what they vouch for: nobody makes a failed one a proven one.
fn with_place<T>(vault: &Vault, one: &Outcome, work: impl FnOnce(&Place<'_>) -> T) -> T {
    let numbers = [
        one.taken.as_us(),
        one.proven.map_or(i64::MIN, Timestamp::as_us),
        i64::try_from(one.contacts).unwrap_or(i64::MAX),
        i64::try_from(one.lost).unwrap_or(i64::MAX),
        i64::try_from(one.bytes).unwrap_or(i64::MAX),
        i64::try_from(one.added).unwrap_or(i64::MAX),
    ];
    let numbers: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
    let bound = [one.id.as_slice(), one.content.as_str().as_bytes(), one.state.as_str().as_bytes(), &numbers];
    work(&Place::new(vault.id, one.site, "backup_snapshots", "sealed").bound_to(&bound))
}
