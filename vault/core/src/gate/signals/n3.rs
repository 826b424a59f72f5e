//! N3: firms whose people have addresses of several patterns, within this list alone. For lists of business contacts.

use std::collections::BTreeMap;

use super::super::claimed::Audience;
use super::super::finding::Finding;
use super::super::names::Pattern;
use super::super::signal::SignalId;
use super::super::stats::{count, share};
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(rule) = unit.rule(SignalId::N3) else { return Finding::NotJudged("it has no entry in the policy") };
    if unit.context.claimed.audience != Some(Audience::Business) {
        return Finding::NotJudged("the list is not said to be of business contacts");
    }
    let mut firms: BTreeMap<u32, (Vec<Pattern>, Vec<u32>)> = BTreeMap::new();
    for row in unit.rows() {
        let Some(pattern) = unit.context.pattern(&row) else { continue };
        let (patterns, rows) = firms.entry(row.domain_id()).or_default();
        patterns.push(pattern);
        rows.push(row.index);
    }
    let least = usize::try_from(rule.count_setting("named_rows")).unwrap_or(usize::MAX);
    firms.retain(|_, (patterns, _)| patterns.len() >= least);
    let judged = u64::try_from(firms.len()).unwrap_or(u64::MAX);
    if judged == 0 {
        return Finding::NotJudged("no firm has enough named rows");
    }
    let most = |patterns: &[Pattern]| {
        patterns.iter().map(|one| count(patterns.iter().filter(|other| *other == one).count())).max().unwrap_or(0)
    };
    let mut hits = Hits::default();
    for (patterns, rows) in firms.values() {
        let differ = share(count(patterns.len()) - most(patterns), count(patterns.len())) > rule.setting("odd_share");
        // Each firm counts once, by its first row.
        rows.first().and_then(|index| unit.context.rows.get(*index)).iter().for_each(|row| hits.add_if(differ, row));
    }
    Finding::share(hits, judged, "with several people make addresses in more than one way")
}
