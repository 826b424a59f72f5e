//! T2: more sign-ups at night than people make. Judged in the clock of the row's country, or where it has none, in that which lets the list
//! sleep; and in the clock as written, because many exports call local time UTC. Whichever is kinder.

use super::super::finding::Finding;
use super::super::signal::SignalId;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(rule) = unit.rule(SignalId::T2) else { return Finding::NotJudged("it has no entry in the policy") };
    let (first, last) = (rule.setting("first_hour"), rule.setting("last_hour"));
    let is_night = |second: i64| {
        let hour = second.rem_euclid(86_400).div_euclid(3_600);
        (0..24).contains(&hour) && (first..last).contains(&f64::from(i32::try_from(hour).unwrap_or(0)))
    };
    if unit.context.times_are_days {
        return Finding::NotJudged("the times are days");
    }
    let (mut local, mut written, mut timed) = (Hits::default(), Hits::default(), 0);
    for row in unit.rows() {
        let Some(at) = row.opted_in_s() else { continue };
        // A batch is told by T1; its one time says nothing of the hours that people keep.
        if unit.context.batches.contains_key(&at) {
            continue;
        }
        timed += 1;
        local.add_if(is_night(at + row.clock_ahead_s().unwrap_or(-unit.context.utc_ahead_s)), &row);
        written.add_if(is_night(at), &row);
    }
    if timed == 0 {
        return Finding::NotJudged("no row has a sign-up time of its own");
    }
    let hits = if local.count < written.count { local } else { written };
    Finding::share(hits, timed, "were signed up between midnight and six in the morning")
}
