//! T1: one second holds many sign-ups, as an import or a script leaves them. Scans at an event are exempt.

use std::collections::BTreeMap;

use super::super::finding::Finding;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let mut seconds: BTreeMap<i64, u64> = BTreeMap::new();
    let mut timed = 0;
    for second in unit.rows().filter_map(|row| row.opted_in_s()) {
        *seconds.entry(second).or_default() += 1;
        timed += 1;
    }
    if timed == 0 {
        return Finding::NotJudged("no row has a sign-up time that is one moment");
    }
    if unit.context.times_are_days {
        return Finding::NotJudged("the times are days: all of a day have the same");
    }
    if unit.is_event() {
        return Finding::NotJudged("the rows were collected at an event, where times are those of the scanner");
    }
    let fullest = seconds.iter().max_by_key(|(second, rows)| (**rows, std::cmp::Reverse(**second)));
    let Some((fullest, _)) = fullest else { return Finding::NotJudged("no row has a sign-up time") };
    let mut hits = Hits::default();
    unit.rows().for_each(|row| hits.add_if(row.opted_in_s() == Some(*fullest), &row));
    Finding::share(hits, timed, "have one and the same second as the time of their sign-up")
}
