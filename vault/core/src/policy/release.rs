//! How lists are released: by whom, for how long, and by when somebody should have looked.
//!
//! Data, in `policies/release.toml`. What it says can make a release rarer or shorter than the house allows, never longer.

use std::path::Path;

use serde::Deserialize;

use super::error::PolicyError;
use crate::model::Timestamp;
use crate::model::time::TimeError;

pub(super) const FILE: &str = "release.toml";
pub(super) const TEXT: &str = include_str!("../../../../policies/release.toml");

/// No release holds longer, whatever a policy says.
const MONTHS_MAX: u8 = 12;

/// What the policy says about releases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseRules {
    /// Whether a clear verdict releases a list about which nothing was ever held against it.
    pub by_itself: bool,
    /// How many months a release holds at most, and if nobody says for how long: 1 to 12.
    pub months: u8,
    /// By how many working days an officer should have decided.
    pub working_days: u8,
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
    release: Section,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Section {
    by_itself: bool,
    months: u8,
    working_days: u8,
}

impl ReleaseRules {
    /// Reads the text of a policy file.
    ///
    /// # Errors
    /// [`PolicyError::Refused`] for what is no such file, and for releases of no time or of more than twelve months.
    pub(super) fn read(path: &Path, text: &str) -> Result<Self, PolicyError> {
        let refused = |line: usize, problem: String| PolicyError::Refused { path: path.to_owned(), line, problem };
        let file: File = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            refused(before.matches('\n').count() + 1, error.message().to_owned())
        })?;
        let Section { by_itself, months, working_days } = file.release;
        let line = |name: &str| text.lines().position(|line| line.starts_with(name)).unwrap_or(0) + 1;
        if !(1..=MONTHS_MAX).contains(&months) {
            let problem = format!("a release holds for 1 to {MONTHS_MAX} months, not for {months}");
            return Err(refused(line("months"), problem));
        }
        if working_days == 0 {
            return Err(refused(line("working-days"), "an officer has at least one working day".to_owned()));
        }
        Ok(Self { by_itself, months, working_days })
    }

    /// The latest moment until which a release that is given now may hold.
    ///
    /// # Errors
    /// [`TimeError`] at the end of time.
    pub fn latest(&self, now: Timestamp) -> Result<Timestamp, TimeError> {
        now.months_later(self.months)
    }

    /// By when an officer should have decided on a list that waits since then.
    ///
    /// # Errors
    /// [`TimeError`] at the end of time.
    pub fn due(&self, since: Timestamp) -> Result<Timestamp, TimeError> {
        since.working_days_later(self.working_days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ReleaseRules, PolicyError> {
        ReleaseRules::read(Path::new("release.toml"), text)
    }

    #[test]
    fn the_text_that_ships_leaves_every_release_to_an_officer() {
        assert_eq!(read(TEXT).unwrap(), ReleaseRules { by_itself: false, months: 12, working_days: 1 });
    }

    #[test]
    fn what_is_longer_than_the_house_allows_or_misspelt_is_refused_with_its_line() {
        let line_of = |name: &str| TEXT.lines().position(|line| line.starts_with(name)).unwrap() + 1;
        for (from, to, line) in [
            ("months = 12", "months = 13", "months"),
            ("months = 12", "months = 0", "months"),
            ("working-days = 1", "working-days = 0", "working-days"),
            ("by-itself = false", "by-itself = maybe", "by-itself"),
            ("by-itself = false", "by-itselff = false", "by-itself"),
        ] {
            let error = read(&TEXT.replace(from, to)).unwrap_err();
            assert_eq!(error.line(), Some(line_of(line)), "{to}: {error}");
        }
    }

    #[test]
    fn a_weekend_is_no_working_day_and_a_year_is_a_year() {
        let rules = read(TEXT).unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        // 2026-11-20 is a Friday.
        for (since, due) in [
            ("2026-11-19T10:00:00Z", "2026-11-20T10:00:00Z"),
            ("2026-11-20T10:00:00Z", "2026-11-23T10:00:00Z"),
            ("2026-11-21T10:00:00Z", "2026-11-23T10:00:00Z"),
            ("2026-11-22T10:00:00Z", "2026-11-23T10:00:00Z"),
        ] {
            assert_eq!(rules.due(at(since)).unwrap(), at(due), "{since}");
        }
        assert_eq!(rules.latest(at("2026-11-22T10:00:00Z")).unwrap(), at("2027-11-22T10:00:00Z"));
        assert_eq!(rules.latest(at("2024-02-29T10:00:00Z")).unwrap(), at("2025-02-28T10:00:00Z"));
    }
}
