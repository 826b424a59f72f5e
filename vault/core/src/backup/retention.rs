//! How long snapshots are kept.

use std::collections::BTreeSet;

use super::{SnapshotState, Taken};
use crate::model::Timestamp;
use crate::policy::BackupRules;

const DAY_US: i64 = 24 * 60 * 60 * 1_000_000;

/// Why a snapshot is kept; the first reason that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It is the newest proven one, or nothing newer is proven.
    Successor,
    /// It is dated in the future: somebody's clock is wrong, so nothing is concluded from it.
    Future,
    /// It is of the last days.
    Days,
    /// It is the newest of its week.
    Week,
    /// It is the newest of its month.
    Month,
    /// It is the newest of a year that is over.
    Year,
}

/// Which snapshots of one site are kept and why, in the order in which they are given; none: it may go.
///
/// None goes before a newer one is proven, so that a site where nothing is proven loses nothing. Behind the last days come
/// weeks, behind them months, behind them years that are over: each keeps its newest proven snapshot, so many of each. One that
/// nobody could restore keeps no place.
pub fn kept(snapshots: &[Taken], rules: &BackupRules, now: Timestamp) -> Vec<Option<Kept>> {
    let newest_proven = proven(snapshots).filter(|one| one.at <= now).map(|one| one.at).max();
    let mut places = Places::default();
    let mut order: Vec<(usize, &Taken)> = snapshots.iter().enumerate().collect();
    order.sort_by_key(|(_, one)| std::cmp::Reverse(one.at));
    let mut answer = vec![None; snapshots.len()];
    for (index, one) in order {
        let kept = if one.at > now {
            Some(Kept::Future)
        } else if newest_proven.is_none_or(|newest| one.at >= newest) {
            Some(Kept::Successor)
        } else if now.as_us() - one.at.as_us() <= i64::from(rules.days) * DAY_US {
            Some(Kept::Days)
        } else if one.state == SnapshotState::Proven {
            places.take(one.at, rules, now)
        } else {
            None
        };
        if let Some(place) = answer.get_mut(index) {
            *place = kept;
        }
    }
    answer
}

/// Which keyrings may go, for each site in the order in which its keyrings are given.
///
/// A copy goes when every site has had a newer proven one for so many days; none goes while salts are lost that no erasure
/// accounts for, since an older copy may be all that is left of them.
pub fn superseded(sites: &[Vec<Taken>], lost_salts: u64, rules: &BackupRules, now: Timestamp) -> Vec<Vec<bool>> {
    let latest = now.as_us() - i64::from(rules.keyring_days) * DAY_US;
    let settled: Vec<Option<Timestamp>> =
        sites.iter().map(|site| proven(site).filter(|one| one.at.as_us() <= latest).map(|one| one.at).max()).collect();
    // A site where none was proven in time keeps every other site from letting go.
    let oldest = settled.iter().copied().min().flatten().filter(|_| lost_salts == 0);
    sites.iter().map(|site| site.iter().map(|one| oldest.is_some_and(|oldest| one.at < oldest)).collect()).collect()
}

fn proven(snapshots: &[Taken]) -> impl Iterator<Item = &Taken> {
    snapshots.iter().filter(|one| one.state == SnapshotState::Proven)
}

/// Weeks, months and years that have their snapshot.
#[derive(Default)]
struct Places {
    weeks: BTreeSet<(i16, i8)>,
    months: BTreeSet<(i16, i8)>,
    years: BTreeSet<i16>,
}

impl Places {
    /// The place that a proven snapshot takes; snapshots come the newest first.
    fn take(&mut self, at: Timestamp, rules: &BackupRules, now: Timestamp) -> Option<Kept> {
        let (week, month, year) = at.calendar();
        if self.weeks.contains(&week) {
            return None;
        }
        if self.weeks.len() < usize::from(rules.weekly) {
            self.weeks.insert(week);
            return Some(Kept::Week);
        }
        if self.months.contains(&month) {
            return None;
        }
        if self.months.len() < usize::from(rules.monthly) {
            self.months.insert(month);
            return Some(Kept::Month);
        }
        let (_, _, this_year) = now.calendar();
        let is_new = year < this_year && self.years.len() < usize::from(rules.yearly) && self.years.insert(year);
        is_new.then_some(Kept::Year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR_US: i64 = 60 * 60 * 1_000_000;

    fn now() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().unwrap()
    }

    fn ago(hours: i64, state: SnapshotState) -> Taken {
        Taken { at: Timestamp::from_us(now().as_us() - hours * HOUR_US).unwrap(), state, contacts: 1 }
    }

    fn left(snapshots: &[Taken]) -> usize {
        kept(snapshots, &BackupRules::builtin(), now()).into_iter().flatten().count()
    }

    #[test]
    fn four_a_day_for_two_years_leave_a_week_four_weeks_three_months_and_a_year() {
        let all: Vec<Taken> = (0..2 * 365 * 4).map(|number| ago(number * 6, SnapshotState::Proven)).collect();
        let answer = kept(&all, &BackupRules::builtin(), now());
        let count = |reason: Kept| answer.iter().filter(|one| **one == Some(reason)).count();
        // Seven days have 28 quarters and the one with which they begin; the newest is its own successor.
        assert_eq!((count(Kept::Successor), count(Kept::Days)), (1, 28));
        assert_eq!((count(Kept::Week), count(Kept::Month), count(Kept::Year)), (4, 3, 1));
        let of_year = answer.iter().position(|one| *one == Some(Kept::Year)).unwrap();
        assert_eq!(all[of_year].at.to_string(), "2025-12-31T18:00:00Z");
    }

    #[test]
    fn day_after_day_nothing_is_dropped_that_a_later_place_would_need() {
        // Two years of one a day, let go each day: at the end there still is one of the year before.
        let mut there: Vec<Taken> = Vec::new();
        for day in (0..730).rev() {
            let today = ago(day * 24, SnapshotState::Proven);
            there.push(today);
            let answer = kept(&there, &BackupRules::builtin(), today.at);
            there = there.into_iter().zip(answer).filter(|(_, kept)| kept.is_some()).map(|(one, _)| one).collect();
            assert!(there.len() <= 8 + 4 + 3 + 1, "{}", there.len());
        }
        let oldest = there.iter().map(|one| one.at.to_string()).min().unwrap();
        assert!(oldest.starts_with("2025-12-"), "{oldest}");
    }

    #[test]
    fn nothing_goes_before_a_newer_one_is_proven() {
        let old = |state| (1..40).map(move |day| ago(day * 24, state));
        // Nothing is proven: all stay.
        for state in [SnapshotState::Stored, SnapshotState::Failed] {
            let all: Vec<Taken> = old(state).collect();
            assert_eq!(left(&all), all.len());
        }
        // The newest proven one is thirty days old: what came since stays, proven or not.
        let mut all: Vec<Taken> = (1..30).map(|day| ago(day * 24, SnapshotState::Stored)).collect();
        all.push(ago(30 * 24, SnapshotState::Proven));
        all.extend((31..40).map(|day| ago(day * 24, SnapshotState::Stored)));
        assert_eq!(left(&all), 30);
    }

    #[test]
    fn a_keyring_goes_when_every_site_has_had_a_newer_proven_one_for_days_and_no_salt_is_lost() {
        let rules = BackupRules::builtin();
        let day = |days: i64, state| ago(days * 24, state);
        let good = vec![day(9, SnapshotState::Proven), day(6, SnapshotState::Proven), day(0, SnapshotState::Proven)];
        let go = |sites: &[Vec<Taken>], lost| superseded(sites, lost, &rules, now());
        assert_eq!(go(&[good.clone(), good.clone()], 0), vec![vec![true, false, false]; 2]);
        assert_eq!(go(&[good.clone(), good.clone()], 1), vec![vec![false; 3]; 2]);
        // The second site has none that was proven in time, or none at all.
        for second in [vec![day(9, SnapshotState::Stored), day(0, SnapshotState::Proven)], Vec::new()] {
            assert_eq!(go(&[good.clone(), second], 0).first(), Some(&vec![false; 3]));
        }
        // Four copies a day: nobody older than five days and a bit is left, so that two days are left for the storage.
        let often: Vec<Taken> = (0..60).map(|number| ago(number * 6, SnapshotState::Proven)).collect();
        let left = go(std::slice::from_ref(&often), 0).concat().iter().filter(|gone| !**gone).count();
        assert_eq!(left, 21);
    }

    #[test]
    fn one_that_nobody_could_restore_keeps_no_place_and_one_from_the_future_drives_nobody_out() {
        let all = [
            ago(-24 * 400, SnapshotState::Proven),
            ago(1, SnapshotState::Proven),
            ago(24 * 10, SnapshotState::Failed),
            ago(24 * 11, SnapshotState::Proven),
        ];
        assert_eq!(
            kept(&all, &BackupRules::builtin(), now()),
            [Some(Kept::Future), Some(Kept::Successor), None, Some(Kept::Week)]
        );
    }
}
