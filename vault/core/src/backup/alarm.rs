//! When somebody must be woken: judged from what is recorded, and not by who takes the backups.

use std::fmt;

use super::{SnapshotState, Taken};
use crate::model::Timestamp;
use crate::policy::BackupRules;

const HOUR_US: i64 = 60 * 60 * 1_000_000;
/// How many days it takes a storage to let go of what was forgotten.
const STORAGE_DAYS: i64 = 2;

/// What is known of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteBackups {
    /// The site's name.
    pub site: String,
    /// Its snapshots of the rows.
    pub rows: Vec<Taken>,
    /// Its keyrings.
    pub keyrings: Vec<Taken>,
}

/// Something that somebody must look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alarm {
    /// There are fewer sites than there should be.
    TooFewSites {
        /// How many there are.
        found: u64,
        /// How many there should be.
        wanted: u64,
    },
    /// A site has no proven snapshot.
    NeverProven {
        /// The site.
        site: String,
    },
    /// The newest proven snapshot of a site is too old.
    TooOld {
        /// The site.
        site: String,
        /// How many hours old it is.
        hours: u64,
        /// How many it may be.
        most: u64,
    },
    /// The newest snapshot of a site failed.
    Failed {
        /// The site.
        site: String,
    },
    /// A snapshot is dated in the future.
    Future {
        /// The site.
        site: String,
    },
    /// A snapshot has far fewer contacts than the proven one before it.
    Shrunk {
        /// The site.
        site: String,
        /// How many it had before.
        before: u64,
        /// How many it has.
        after: u64,
    },
    /// A keyring is older than an erasure may take to reach every backup.
    KeptTooLong {
        /// The site.
        site: String,
    },
    /// Salts are gone that no erasure accounts for.
    LostSalts {
        /// How many.
        lost: u64,
    },
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewSites { found, wanted } => {
                write!(f, "there are {found} backup sites, and there should be {wanted} at least")
            }
            Self::NeverProven { site } => write!(f, "{site}: no snapshot of this site was ever restored"),
            Self::TooOld { site, hours, most } => {
                write!(f, "{site}: the newest proven snapshot is {hours} hours old, and may be {most}")
            }
            Self::Failed { site } => write!(f, "{site}: the newest snapshot failed"),
            Self::Future { site } => {
                write!(f, "{site}: a snapshot is dated in the future; a clock is wrong, or somebody tampers")
            }
            Self::Shrunk { site, before, after } => {
                write!(f, "{site}: the newest snapshot has {after} contacts, the proven one before it had {before}")
            }
            Self::KeptTooLong { site } => {
                write!(f, "{site}: an old keyring was not let go in time, so that erasures have not reached this site")
            }
            Self::LostSalts { lost } => {
                write!(f, "{lost} contacts have lost their salts, and no erasure says why; no old keyring is let go")
            }
        }
    }
}

/// What is to be told of these sites.
pub fn alarms(sites: &[SiteBackups], lost_salts: u64, rules: &BackupRules, now: Timestamp) -> Vec<Alarm> {
    let mut alarms = Vec::new();
    let found = u64::try_from(sites.len()).unwrap_or(u64::MAX);
    if found < u64::from(rules.sites) {
        alarms.push(Alarm::TooFewSites { found, wanted: u64::from(rules.sites) });
    }
    for SiteBackups { site, rows, keyrings } in sites {
        let before = alarms.len();
        of_site(site, rows, rules, now, &mut alarms);
        // Neither half is of use without the other; what is wrong with both is told once.
        if alarms.len() == before {
            of_site(&format!("{site}, keyring"), keyrings, rules, now, &mut alarms);
        }
        let latest = now.as_us() - 24 * HOUR_US * (i64::from(rules.keyring_days) + STORAGE_DAYS);
        if lost_salts == 0 && keyrings.iter().any(|one| one.at.as_us() < latest) {
            alarms.push(Alarm::KeptTooLong { site: site.clone() });
        }
    }
    if lost_salts > 0 {
        alarms.push(Alarm::LostSalts { lost: lost_salts });
    }
    alarms
}

fn of_site(name: &str, snapshots: &[Taken], rules: &BackupRules, now: Timestamp, alarms: &mut Vec<Alarm>) {
    let site = || name.to_owned();
    if snapshots.iter().any(|one| one.at > now) {
        alarms.push(Alarm::Future { site: site() });
    }
    let past = || snapshots.iter().filter(|one| one.at <= now);
    let proven = || past().filter(|one| one.state == SnapshotState::Proven);
    match proven().max_by_key(|one| one.at) {
        None => alarms.push(Alarm::NeverProven { site: site() }),
        Some(newest) => {
            let hours = u64::try_from((now.as_us() - newest.at.as_us()) / HOUR_US).unwrap_or_default();
            if hours > u64::from(rules.proven_hours) {
                alarms.push(Alarm::TooOld { site: site(), hours, most: u64::from(rules.proven_hours) });
            }
        }
    }
    let Some(newest) = past().max_by_key(|one| one.at) else { return };
    if newest.state == SnapshotState::Failed {
        // What it holds, if anything, says nothing about the vault.
        alarms.push(Alarm::Failed { site: site() });
        return;
    }
    // Not the one just before it alone: what shrinks step by step, or shrank a day ago, would be its own measure.
    let since = newest.at.as_us() - i64::from(rules.days) * 24 * HOUR_US;
    let before = proven().filter(|one| one.at < newest.at && one.at.as_us() >= since).map(|one| one.contacts).max();
    if let Some(before) = before {
        let least = before.saturating_mul(u64::from(100_u8.saturating_sub(rules.shrink_percent))) / 100;
        if newest.contacts < least {
            alarms.push(Alarm::Shrunk { site: site(), before, after: newest.contacts });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn taken(hours_ago: i64, state: SnapshotState, contacts: u64) -> Taken {
        Taken { at: Timestamp::from_us(now().as_us() - hours_ago * HOUR_US).unwrap(), state, contacts }
    }

    fn of(snapshots: &[Taken]) -> Vec<Alarm> {
        with_keyrings(snapshots, &[taken(1, SnapshotState::Proven, 10)])
    }

    fn with_keyrings(rows: &[Taken], keyrings: &[Taken]) -> Vec<Alarm> {
        let good = vec![taken(1, SnapshotState::Proven, 10)];
        let cellar = SiteBackups { site: "cellar".to_owned(), rows: good.clone(), keyrings: good };
        let barn = SiteBackups { site: "barn".to_owned(), rows: rows.to_vec(), keyrings: keyrings.to_vec() };
        alarms(&[cellar, barn], 0, &BackupRules::builtin(), now())
    }

    #[test]
    fn a_keyring_that_is_damaged_old_or_kept_too_long_is_told_as_rows_are() {
        let good = taken(1, SnapshotState::Proven, 10);
        let site = || "barn, keyring".to_owned();
        let of = |keyrings: &[Taken]| with_keyrings(&[good], keyrings);
        assert_eq!(of(&[good]), []);
        assert_eq!(of(&[]), [Alarm::NeverProven { site: site() }]);
        assert_eq!(of(&[good, taken(0, SnapshotState::Failed, 10)]), [Alarm::Failed { site: site() }]);
        assert_eq!(of(&[good, taken(7 * 24, SnapshotState::Proven, 10)]), []);
        assert_eq!(
            of(&[good, taken(7 * 24 + 1, SnapshotState::Proven, 10)]),
            [Alarm::KeptTooLong { site: "barn".to_owned() }]
        );
        // What is wrong with both is told once.
        assert_eq!(with_keyrings(&[], &[]), [Alarm::NeverProven { site: "barn".to_owned() }]);
    }

    #[test]
    fn what_shrank_a_day_ago_or_step_by_step_is_told_still() {
        let of = |contacts: &[u64]| {
            let steps = contacts.iter().zip(0..);
            of(&steps.map(|(contacts, step)| taken(6 * step, SnapshotState::Proven, *contacts)).collect::<Vec<_>>())
        };
        assert_eq!(of(&[50, 50, 50, 100]), [Alarm::Shrunk { site: "barn".to_owned(), before: 100, after: 50 }]);
        assert_eq!(of(&[85, 91, 95, 100]), [Alarm::Shrunk { site: "barn".to_owned(), before: 100, after: 85 }]);
        assert_eq!(of(&[100, 95, 91, 85]), []);
    }

    #[test]
    fn silence_is_for_two_sites_with_a_proven_snapshot_of_today() {
        assert_eq!(of(&[taken(26, SnapshotState::Proven, 10)]), []);
    }

    #[test]
    fn each_fault_is_told_with_its_site() {
        let site = || "barn".to_owned();
        assert_eq!(of(&[]), [Alarm::NeverProven { site: site() }]);
        assert_eq!(of(&[taken(1, SnapshotState::Stored, 10)]), [Alarm::NeverProven { site: site() }]);
        // Seven fresh ones that nobody has restored do not make up for the old one.
        let mut seven: Vec<Taken> = (0..7).map(|hours| taken(hours, SnapshotState::Stored, 10)).collect();
        seven.push(taken(27, SnapshotState::Proven, 10));
        assert_eq!(of(&seven), [Alarm::TooOld { site: site(), hours: 27, most: 26 }]);
        assert_eq!(
            of(&[taken(2, SnapshotState::Proven, 10), taken(1, SnapshotState::Failed, 10)]),
            [Alarm::Failed { site: site() }]
        );
        assert_eq!(
            of(&[taken(2, SnapshotState::Proven, 100), taken(1, SnapshotState::Proven, 89)]),
            [Alarm::Shrunk { site: site(), before: 100, after: 89 }]
        );
        assert_eq!(of(&[taken(2, SnapshotState::Proven, 100), taken(1, SnapshotState::Proven, 90)]), []);
        // One from the future is no proof of today.
        assert_eq!(
            of(&[taken(-48, SnapshotState::Proven, 10)]),
            [Alarm::Future { site: site() }, Alarm::NeverProven { site: site() }]
        );
        let alone = alarms(&[], 3, &BackupRules::builtin(), now());
        assert_eq!(alone, [Alarm::TooFewSites { found: 0, wanted: 2 }, Alarm::LostSalts { lost: 3 }]);
    }
}
