//! Why the gate cannot say that a list is clear, whatever the signals say: too few rows, too few that differ, too little told.

use super::rows::Rows;
use super::stats::{count, float, share};
use super::unit::{Context, Unit};

/// What makes it impossible to say that a list is clear, whatever the signals say.
pub(super) fn doubts(context: &Context<'_>, rows: &Rows, least: u32) -> Vec<String> {
    let least = u64::from(least);
    let (held, distinct) = (count(rows.len()), count(rows.distinct_addresses()));
    let mut reasons = Vec::new();
    if held == 0 {
        reasons.push("There are no rows to judge.".to_owned());
        return reasons;
    }
    if held < least {
        let rows = if held == 1 { "is 1 row".to_owned() } else { format!("are {held} rows") };
        reasons.push(format!("There {rows}; fewer than {least} say too little."));
    } else if distinct < least || share(distinct, held) < 0.5 {
        reasons.push(format!("Of {held} rows most repeat others: different addresses are {distinct}."));
    }
    let without = count(rows.iter().filter(|row| row.domain_id() == 0).count());
    if share(without, held) > 0.5 {
        reasons.push(format!("{without} of {held} rows have no e-mail address; the signals judge addresses."));
    }
    if rows.is_cut() {
        reasons.push("The file could not be read to its end; what is judged is a part of it. Get it whole.".to_owned());
    }
    let unread = rows.rejected();
    if unread > 0 && float(unread) > 0.2 * float(unread + rows.seen()) {
        reasons.push(format!("{unread} rows could not be read; what is judged is not the list as it came."));
    }
    let timed = count(rows.iter().filter(|row| row.opted_in_s().is_some()).count());
    let vague = count(rows.iter().filter(|row| row.opted_in_s().is_none() && row.has_time()).count());
    if vague > timed {
        reasons.push(
            "Most sign-up times have no time zone, or are days alone, so that they could not be checked; import again and say the zone."
                .to_owned(),
        );
    }
    if context.times_are_days {
        reasons
            .push("The sign-up times are days, or of two times of day; when people signed up is not known.".to_owned());
    }
    let batched: u64 = context.batches.values().map(|rows| u64::from(*rows)).sum();
    if timed > 0
        && batched == timed
        && !(Unit { context, indices: &rows.indices().collect::<Vec<_>>(), is_whole: true }).is_event()
    {
        reasons.push("Every sign-up time is that of a batch; when people signed up is not known.".to_owned());
    }
    reasons
}
