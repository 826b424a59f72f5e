//! V7: one source of this list is, for the most part, another controller's list, and the rest of this list is not.
//!
//! The rest is what it is compared with: a list of the whole country shares much with every part of any other. Events are
//! exempt, since the organiser of a fair has met everybody whom an exhibitor met.

use std::collections::BTreeMap;

use super::super::finding::Finding;
use super::super::signal::SignalId;
use super::super::stats::{count, share, wilson_low};
use super::super::unit::{Hits, Unit};
use super::pair::Shared;

pub(super) fn judge(shared: &Shared<'_>) -> Finding {
    let context = shared.context;
    let rule = context.policy.rules().iter().find(|rule| rule.id == SignalId::V7);
    let Some(rule) = rule else { return Finding::NotJudged("it has no entry in the policy") };
    let (large, members) = (shared.large_firms(rule.count_setting("rows_for_each_firm")), shared.members());
    let mut sources: BTreeMap<u32, (u64, Vec<u32>)> = BTreeMap::new();
    let (mut all, mut all_shared) = (0, 0);
    for row in context.rows.iter().filter(|row| !large.contains(&row.domain_id())) {
        let is_shared = u64::from(members.contains(&row.index));
        let (shared, rows) = sources.entry(row.source_id()).or_default();
        *shared += is_shared;
        rows.push(row.index);
        (all, all_shared) = (all + 1, all_shared + is_shared);
    }
    let z = context.policy.segments().confidence_z;
    let mut best: Option<(f64, u64, Vec<u32>)> = None;
    for (shared, rows) in sources.into_values() {
        let (here, rest) = (count(rows.len()), all - count(rows.len()));
        let rest_share = share(all_shared - shared, rest);
        if shared < rule.least || rest < rule.least || rest_share > share(shared, here) * rule.setting("rest_at_most") {
            continue;
        }
        let bound = wilson_low(shared, here, z);
        let is_event = || Unit { context, indices: &rows, is_whole: false }.is_event();
        if best.as_ref().is_none_or(|(known, ..)| bound > *known) && !is_event() {
            best = Some((bound, shared, rows));
        }
    }
    let Some((_, _, rows)) = best else {
        return Finding::NotJudged("no source stands out from the rest of the list by what it shares");
    };
    let mut hits = Hits::default();
    let views = rows.iter().filter_map(|index| context.rows.get(*index));
    views.for_each(|row| hits.add_if(members.contains(&row.index), &row));
    Finding::share(hits, count(rows.len()), format!("of one source are in {} too", shared.list.label))
}
