//! V8: the proof of a sign-up is that of another list: the same person, the same second, and the same network address where both have one.
//!
//! One click signs up with one firm. Events are exempt, since the organiser of a fair and its exhibitors read one badge; and so are the times
//! of an import, which T1 tells of.

use super::super::finding::Finding;
use super::super::stats::count;
use super::super::unit::{Hits, Unit};
use super::pair::Shared;

pub(super) fn judge(shared: &Shared<'_>) -> Finding {
    let batches = &shared.context.batches;
    let (mut timed, mut repeated) = (Vec::new(), Hits::default());
    for (row, theirs) in shared.looked_at() {
        let here = row.opted_in_s().filter(|at| !batches.contains_key(at));
        let (Some(here), Some(there)) = (here, theirs.opted_in_s) else { continue };
        timed.push(row.index);
        let same_address = row.ip().zip(theirs.ip).is_none_or(|(here, there)| here == there);
        repeated.add_if(here == there && same_address, &row);
    }
    if timed.is_empty() {
        return Finding::NotJudged("no shared row has a sign-up time of its own in both lists");
    }
    if shared.context.times_are_days {
        return Finding::NotJudged("the times are days");
    }
    if (Unit { context: shared.context, indices: &timed, is_whole: false }).is_event() {
        return Finding::NotJudged("the rows were collected at an event, where two firms read one badge");
    }
    Finding::share(
        repeated,
        count(timed.len()),
        format!("that are in {} too signed up there in the very same second", shared.list.label),
    )
}
