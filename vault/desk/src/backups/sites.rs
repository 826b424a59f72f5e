//! Where backups are kept.

use carnet_core::keys::Place;
use carnet_core::model::{Country, SiteId, Slug, Timestamp};
use carnet_core::policy::{Operation, Target};
use carnet_store::SiteRow;
use serde::{Deserialize, Serialize};

use crate::{Desk, DeskError, Vault};

/// A site to be added. `Debug` shows no password.
#[derive(Clone)]
pub struct NewSite {
    /// Its name.
    pub name: Slug,
    /// The folder of its repositories.
    pub folder: String,
    /// The password that opens them.
    pub password: String,
    /// In which country it is.
    pub country: Country,
    /// In which country the ultimate parent of its operator is.
    pub parent_country: Country,
}

/// A site with what it takes to use it. `Debug` shows no password.
#[derive(Clone)]
pub struct BackupSite {
    /// Its id.
    pub id: SiteId,
    /// Its name.
    pub name: Slug,
    /// The folder of its repositories.
    pub folder: String,
    /// The password that opens them.
    pub password: String,
}

/// A site as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteView {
    /// Its id.
    pub id: SiteId,
    /// Its name.
    pub name: Slug,
    /// The folder of its repositories.
    pub folder: String,
    /// In which country it is.
    pub country: Country,
    /// In which country the ultimate parent of its operator is.
    pub parent_country: Country,
    /// When it was added.
    pub created: Timestamp,
}

impl std::fmt::Debug for NewSite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSite").field("name", &self.name).field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for BackupSite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BackupSite").field("name", &self.name).field("folder", &self.folder).finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
struct Words {
    folder: String,
    password: String,
}

impl Desk<'_> {
    /// Adds a site, whose repositories are there already.
    ///
    /// # Errors
    /// [`DeskError::Exists`] when the name is taken; [`DeskError::Invalid`] where another site has the same folder.
    pub fn add_backup_site(&self, new: &NewSite) -> Result<SiteView, DeskError> {
        self.authorise(Operation::BackupSiteAdd, &Target::Vault)?;
        self.refuse_known_site(&new.name, &new.folder)?;
        let mut draft = self.draft("backup.site-add")?;
        let (id, created) = (SiteId::new(), draft.0.at);
        draft.touch(id);
        let words = serde_json::to_vec(&Words { folder: new.folder.clone(), password: new.password.clone() });
        let words = words.map_err(|_| DeskError::Content("backup site"))?;
        let view = SiteView {
            id,
            name: new.name.clone(),
            folder: new.folder.clone(),
            country: new.country,
            parent_country: new.parent_country,
            created,
        };
        let sealed = with_place(self.vault, &view, |place| self.vault.keyring().vault.seal(place, &words));
        let row = SiteRow {
            id,
            name: new.name.clone(),
            country: new.country,
            parent_country: new.parent_country,
            sealed,
            created,
        };
        self.change(draft, "a backup site of that name", |tx| Ok(tx.backup_site_insert(&row)?))?;
        Ok(view)
    }

    /// Refuses a site that could not be added, before anything is made for it.
    ///
    /// # Errors
    /// [`DeskError::Exists`] when the name is taken; [`DeskError::Invalid`] where another site has the same folder.
    pub fn plan_backup_site(&self, name: &Slug, folder: &str) -> Result<(), DeskError> {
        self.authorise(Operation::BackupSiteAdd, &Target::Vault)?;
        self.refuse_known_site(name, folder)
    }

    fn refuse_known_site(&self, name: &Slug, folder: &str) -> Result<(), DeskError> {
        for site in self.vault.sites()? {
            if site.0.name == *name {
                return Err(DeskError::Exists("a backup site of that name"));
            }
            if site.0.folder == folder {
                let sentence =
                    format!("the site {} keeps its backups in {folder} already; two sites are two places", site.0.name);
                return Err(DeskError::Invalid(sentence));
            }
        }
        Ok(())
    }

    /// Removes a site: what is in its folder stays there, and is looked after by nobody.
    ///
    /// # Errors
    /// [`DeskError::Unknown`].
    pub fn remove_backup_site(&self, name: &Slug) -> Result<SiteView, DeskError> {
        self.authorise(Operation::BackupSiteAdd, &Target::Vault)?;
        let found = self.vault.sites()?.into_iter().map(|(view, _)| view).find(|view| view.name == *name);
        let unknown = || DeskError::Unknown { what: "backup site", name: name.to_string(), command: "backup site ls" };
        let view = found.ok_or_else(unknown)?;
        let mut draft = self.draft("backup.site-rm")?;
        draft.touch(view.id);
        self.change(draft, "this site", |tx| Ok(tx.backup_site_delete(view.id)?))?;
        Ok(view)
    }

    /// The sites, by name.
    ///
    /// # Errors
    /// [`DeskError::Denied`].
    pub fn list_backup_sites(&self) -> Result<Vec<SiteView>, DeskError> {
        self.authorise(Operation::BackupLs, &Target::Vault)?;
        Ok(self.vault.sites()?.into_iter().map(|(view, _)| view).collect())
    }

    /// What it takes to use the sites, by name: all of them, or the one of this name.
    ///
    /// # Errors
    /// [`DeskError::Unknown`] where there is none of that name, [`DeskError::Invalid`] where there is none at all.
    pub fn open_backup_sites(&self, name: Option<&Slug>) -> Result<Vec<BackupSite>, DeskError> {
        self.authorise(Operation::BackupRun, &Target::Vault)?;
        let all = self.vault.sites()?;
        if all.is_empty() {
            let sentence =
                "there is no backup site yet; add one with `carnet backup site add NAME FOLDER --country FR`";
            return Err(DeskError::Invalid(sentence.to_owned()));
        }
        let wanted: Vec<BackupSite> = all
            .into_iter()
            .filter(|(view, _)| name.is_none_or(|name| view.name == *name))
            .map(|(view, password)| BackupSite { id: view.id, name: view.name, folder: view.folder, password })
            .collect();
        match name {
            Some(name) if wanted.is_empty() => {
                Err(DeskError::Unknown { what: "backup site", name: name.to_string(), command: "backup site ls" })
            }
            _ => Ok(wanted),
        }
    }

    /// The same for one site whose password is to be written on paper: that is recorded.
    ///
    /// # Errors
    /// [`DeskError::Unknown`].
    pub fn backup_sheet(&self, name: &Slug) -> Result<BackupSite, DeskError> {
        self.authorise(Operation::BackupSheet, &Target::Vault)?;
        let found = self.vault.sites()?.into_iter().find(|(view, _)| view.name == *name);
        let unknown = || DeskError::Unknown { what: "backup site", name: name.to_string(), command: "backup site ls" };
        let (view, password) = found.ok_or_else(unknown)?;
        let mut draft = self.draft("backup.sheet")?;
        draft.touch(view.id);
        self.record_only(draft, [])?;
        Ok(BackupSite { id: view.id, name: view.name, folder: view.folder, password })
    }
}

impl Vault {
    /// The sites with their passwords.
    pub(super) fn sites(&self) -> Result<Vec<(SiteView, String)>, DeskError> {
        let rows = self.store.read(|tx| tx.backup_sites())?;
        let key = self.keyring();
        rows.into_iter()
            .map(|row| {
                let mut view = SiteView {
                    id: row.id,
                    name: row.name,
                    folder: String::new(),
                    country: row.country,
                    parent_country: row.parent_country,
                    created: row.created,
                };
                let words = with_place(self, &view, |place| key.vault.open(place, &row.sealed))?;
                let words: Words = serde_json::from_slice(&words).map_err(|_| DeskError::Content("backup site"))?;
                view.folder = words.folder;
                Ok((view, words.password))
            })
            .collect()
    }
}

/// Where the sealed words of a site stand, and what they vouch for.
fn with_place<T>(vault: &Vault, view: &SiteView, work: impl FnOnce(&Place<'_>) -> T) -> T {
    let (name, country, parent) = (view.name.to_string(), view.country.to_string(), view.parent_country.to_string());
    let created = view.created.as_us().to_be_bytes();
    let bound = [name.as_bytes(), country.as_bytes(), parent.as_bytes(), &created];
    work(&Place::new(vault.id, view.id, "backup_sites", "sealed").bound_to(&bound))
}
