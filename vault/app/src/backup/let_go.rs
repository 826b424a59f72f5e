//! What a site lets go of: snapshots by the policy's days, weeks, months and years; keyrings after days.

use std::collections::HashSet;

use carnet_connectors::backup::Repository as _;
use carnet_core::backup::{Content, Taken, kept, superseded};
use carnet_core::model::Timestamp;
use carnet_core::policy::BackupRules;
use carnet_desk::{BackupSite, Desk, Outcome};

use super::site::Site;
use crate::failure::Failure;

/// So long are data marked before they are removed: another writer might just be making use of them.
const GRACE_HOURS: u32 = 23;

/// Lets go of what is not needed any more; says of how many snapshots and keyrings.
pub(super) fn let_go(
    desk: &Desk<'_>,
    site: &BackupSite,
    opened: &Site,
    rules: &BackupRules,
) -> Result<(u64, u64), Failure> {
    let now = Timestamp::now();
    let all: Vec<Outcome> = desk.list_backups()?.into_iter().map(|one| one.outcome).collect();
    let here = |content: Content| all.iter().filter(move |one| one.site == site.id && one.content == content);

    let rows: Vec<&Outcome> = here(Content::Rows).collect();
    let taken: Vec<Taken> = rows.iter().map(|one| one.taken()).collect();
    let old: Vec<&Outcome> =
        rows.into_iter().zip(kept(&taken, rules, now)).filter(|(_, kept)| kept.is_none()).map(|(one, _)| one).collect();

    let sites: HashSet<_> = desk.list_backup_sites()?.into_iter().map(|one| one.id).collect();
    let lost = all.iter().find(|one| one.content == Content::Keyring).map_or(0, |one| one.lost);
    let keyrings: Vec<&Outcome> = here(Content::Keyring).collect();
    let others = sites.iter().filter(|id| **id != site.id).map(|id| {
        let of_site = all.iter().filter(|one| one.site == *id && one.content == Content::Keyring);
        of_site.map(Outcome::taken).collect::<Vec<_>>()
    });
    let taken = std::iter::once(keyrings.iter().map(|one| one.taken()).collect()).chain(others).collect::<Vec<_>>();
    let go = superseded(&taken, lost, rules, now).into_iter().next().unwrap_or_default();
    let spent: Vec<&Outcome> = keyrings.into_iter().zip(go).filter(|(_, go)| *go).map(|(one, _)| one).collect();

    // Keyrings first: erasures wait for them.
    forget(desk, site, opened, Content::Keyring, &spent)?;
    forget(desk, site, opened, Content::Rows, &old)?;
    let count = |of: &[&Outcome]| u64::try_from(of.len()).unwrap_or(u64::MAX);
    Ok((count(&old), count(&spent)))
}

/// First the site, then the record: what is cut short between is forgotten again.
fn forget(
    desk: &Desk<'_>,
    site: &BackupSite,
    opened: &Site,
    content: Content,
    outcomes: &[&Outcome],
) -> Result<(), Failure> {
    let repository = opened.of(content);
    let there: HashSet<[u8; 32]> = repository.snapshots()?.into_iter().map(|one| one.id).collect();
    let ids: Vec<[u8; 32]> = outcomes.iter().map(|one| one.id).collect();
    let to_forget: Vec<[u8; 32]> = ids.iter().filter(|id| there.contains(*id)).copied().collect();
    repository.forget(&to_forget)?;
    desk.record_forgotten(site.id, &ids)?;
    repository.prune(GRACE_HOURS)?;
    Ok(())
}
