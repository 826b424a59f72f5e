//! How many backups there are, how long they are kept, and when their age is an alarm: data, in `policies/backup.toml`.

use std::path::Path;

use serde::Deserialize;

use super::error::PolicyError;

const FILE: &str = "backup.toml";
const TEXT: &str = include_str!("../../../../policies/backup.toml");

/// A longer one would not let go of an erased contact's salt within seven days: a storage needs two to forget.
const KEYRING_DAYS_MAX: u8 = 5;

/// What the policy says about backups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupRules {
    /// For how many days every snapshot is kept.
    pub days: u16,
    /// The newest of how many weeks.
    pub weekly: u16,
    /// The newest of how many months.
    pub monthly: u16,
    /// The newest of how many years.
    pub yearly: u16,
    /// How many days a keyring stays after a newer one was proven at every site: 1 to 5.
    pub keyring_days: u8,
    /// How many hours old the newest proven snapshot of a site may be.
    pub proven_hours: u16,
    /// How many sites there should be.
    pub sites: u8,
    /// By how many percent a snapshot may shrink.
    pub shrink_percent: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "named so that no other member is taken by mistake")]
    version: u32,
    #[expect(dead_code, reason = "as version")]
    checked_on: String,
    #[expect(dead_code, reason = "as version")]
    source: String,
    keep: Keep,
    keyring: Keyring,
    alarm: Alarm,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keep {
    days: u16,
    weekly: u16,
    monthly: u16,
    yearly: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Keyring {
    days: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Alarm {
    proven_hours: u16,
    sites: u8,
    shrink_percent: u8,
}

impl BackupRules {
    /// The rules that the program carries.
    #[expect(clippy::missing_panics_doc, clippy::expect_used, reason = "a test takes the text that is compiled in")]
    pub fn builtin() -> Self {
        Self::read(Path::new(FILE), TEXT).expect("the program's own policy is valid")
    }

    /// The rules of a folder, or the program's own where it has no `backup.toml`.
    ///
    /// # Errors
    /// [`PolicyError`] with file and line.
    pub fn from_dir(folder: &Path) -> Result<Self, PolicyError> {
        let path = folder.join(FILE);
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::read(&path, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::builtin()),
            Err(source) => Err(PolicyError::Unreadable { path, source }),
        }
    }

    fn read(path: &Path, text: &str) -> Result<Self, PolicyError> {
        let refused = |line: usize, problem: String| PolicyError::Refused { path: path.to_owned(), line, problem };
        let File { keep, keyring, alarm, .. } = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            refused(before.matches('\n').count() + 1, error.message().to_owned())
        })?;
        let line = |section: &str, name: &str| {
            let mut lines = text.lines().enumerate().skip_while(|(_, line)| line.trim() != section);
            lines.find(|(_, line)| line.starts_with(name)).map_or(1, |(at, _)| at + 1)
        };
        if !(1..=KEYRING_DAYS_MAX).contains(&keyring.days) {
            let problem = format!("an old keyring stays for 1 to {KEYRING_DAYS_MAX} days, not for {}", keyring.days);
            return Err(refused(line("[keyring]", "days"), problem));
        }
        if keep.days == 0 {
            return Err(refused(line("[keep]", "days"), "snapshots are kept for a day at least".to_owned()));
        }
        if alarm.proven_hours == 0 || alarm.sites == 0 || alarm.shrink_percent > 100 {
            let problem = "an alarm needs an hour and a site at least, and a share of 100 at most".to_owned();
            return Err(refused(line("[alarm]", ""), problem));
        }
        Ok(Self {
            days: keep.days,
            weekly: keep.weekly,
            monthly: keep.monthly,
            yearly: keep.yearly,
            keyring_days: keyring.days,
            proven_hours: alarm.proven_hours,
            sites: alarm.sites,
            shrink_percent: alarm.shrink_percent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_that_ships_is_four_a_day_for_a_week_and_no_keyring_outlives_an_erasure() {
        let rules = BackupRules::builtin();
        assert_eq!((rules.days, rules.weekly, rules.monthly, rules.yearly), (7, 4, 3, 1));
        assert_eq!((rules.keyring_days, rules.proven_hours, rules.sites, rules.shrink_percent), (5, 26, 2, 10));
        for (from, to, line) in [
            ("[keyring]\n", "[keyring]\nhours = 3\n", "hours = 3"),
            ("days = 5", "days = 6", "days = 6"),
            ("days = 7", "days = 0", "days = 0"),
            ("proven-hours = 26", "proven-hours = 0", "[alarm]"),
        ] {
            let text = TEXT.replace(from, to);
            let wanted = text.lines().position(|one| one.starts_with(line)).unwrap() + 1;
            let error = BackupRules::read(Path::new(FILE), &text).unwrap_err();
            assert_eq!(error.line(), Some(wanted), "{to}: {error}");
        }
    }
}
