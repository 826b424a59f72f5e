//! V5: rows shared with another list differ from the rest of this one in source, kind of proof, spelling or columns, as a
//! foreign body does. Rows of firms with many rows are left out: staff of one large customer look alike.

use std::collections::BTreeMap;

use super::super::finding::{Finding, Found, Measured};
use super::super::segment::{Mask, Style, Styles};
use super::super::signal::SignalId;
use super::super::stats::{float, share, variation};
use super::super::unit::Hits;
use super::pair::Shared;

/// Counts of one trait by its value, among the shared rows and among the rest.
struct Traits {
    here: Vec<u64>,
    rest: Vec<u64>,
}

impl Traits {
    fn new(values: usize) -> Self {
        Self { here: vec![0; values], rest: vec![0; values] }
    }

    fn add(&mut self, is_shared: bool, value: usize) {
        let side = if is_shared { &mut self.here } else { &mut self.rest };
        side.iter_mut().skip(value).take(1).for_each(|count| *count += 1);
    }
}

pub(super) fn judge(shared: &Shared<'_>) -> Finding {
    let context = shared.context;
    let rule = context.policy.rules().iter().find(|rule| rule.id == SignalId::V5);
    let Some(rule) = rule else { return Finding::NotJudged("it has no entry in the policy") };
    let (large, members) = (shared.large_firms(rule.count_setting("rows_for_each_firm")), shared.members());
    let mut styles = Styles::new(context.rows);
    let mut sources: BTreeMap<u32, usize> = BTreeMap::new();
    let [mut mask, mut style, mut columns] = [Mask::COUNT, Style::COUNT, 2].map(Traits::new);
    let mut source = Traits::new(0);
    let mut groups: BTreeMap<(u32, Mask, Style), (u64, u64)> = BTreeMap::new();
    let mut hits = Hits::default();
    for row in context.rows.iter() {
        let is_shared = members.contains(&row.index);
        if large.contains(&row.domain_id()) {
            continue;
        }
        hits.add_if(is_shared, &row);
        let next = sources.len();
        let place = *sources.entry(row.source_id()).or_insert(next);
        if place == next {
            source.here.push(0);
            source.rest.push(0);
        }
        source.add(is_shared, place);
        mask.add(is_shared, Mask::of(&row).bits());
        let spelling = styles.of(context.rows, &row);
        style.add(is_shared, spelling.code());
        let alike = groups.entry((row.source_id(), Mask::of(&row), spelling)).or_default();
        *alike = (alike.0 + u64::from(is_shared), alike.1 + 1);
        columns.add(is_shared, usize::from(row.has_phone()));
    }
    let rest: u64 = source.rest.iter().sum();
    if hits.count < rule.least || rest < rule.least {
        return Finding::NotJudged("too few rows are shared, or too few are not, once large firms are left out");
    }
    // Rows like them that the other list does not have speak against a foreign body: then it is the rest that is odd.
    let alike: f64 = groups.values().map(|(shared, all)| float(*shared) * share(*shared, *all)).sum();
    if alike / float(hits.count) < rule.setting("concentration") {
        return Finding::NotJudged("most rows that look like the shared ones are not in the other list");
    }
    let z = context.policy.segments().confidence_z;
    let parts = [&source, &mask, &style, &columns].map(|traits| variation(&traits.here, &traits.rest, z));
    let mean = |pick: fn(&(f64, f64)) -> f64| parts.iter().map(pick).sum::<f64>() / 4.0;
    let (value, bound) = (mean(|part| part.0), mean(|part| part.1));
    let [source, mask, style, columns] = parts.map(|(distance, _)| distance * 100.0);
    let sentence = format!(
        "The {} rows shared with {} differ from the rest: in source by {source:.0} %, in kind of proof by {mask:.0} %, in spelling by {style:.0} %, in columns by {columns:.0} %.",
        hits.count, shared.list.label
    );
    // Where all of them have another proof, or are spelled otherwise, the other respects take nothing away. Another source, and telephone
    // numbers, are what an honest list has too: the visitors of one fair.
    let [_, proof, spelling, _] = &parts;
    let is_apart = [proof, spelling].iter().any(|(_, bound)| *bound >= rule.setting("apart"));
    let points_at_least = if is_apart { rule.points_setting("apart_points") } else { 0 };
    Finding::Found(Found { measured: Measured::Number { value, bound }, hits, sentence, points_at_least, peers: None })
}
