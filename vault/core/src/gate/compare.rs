//! A list beside each other list that shares rows with it.

use std::collections::HashSet;

use super::finding::Finding;
use super::inspect::{Judged, Unjudged, judged, note};
use super::report::{SegmentKind, SignalReport};
use super::signals::pair;
use super::stats::{count, share};
use super::unit::Context;

/// Compares with each other list that shares enough rows. What is found stands against the segments that are mostly shared; if there
/// are none, against the shared rows themselves.
pub(super) fn compare(context: &Context<'_>, units: &mut Vec<Judged>, unjudged: &mut Unjudged) {
    let rules = context.policy.segments();
    let enough = usize::try_from(rules.pair_rows).unwrap_or(usize::MAX);
    for list in context.memory.others().filter(|list| list.pairs.len() > enough) {
        let shared = pair::Shared::new(context, list);
        let mut signals: Vec<SignalReport> = Vec::new();
        for rule in context.policy.rules().iter().filter(|rule| rule.id.is_of_pair()) {
            let finding = pair::judge(rule.id, &shared);
            if let Finding::NotJudged(why) = finding {
                // There is a list to compare with: what else is missing says more than that there was none for the segments.
                let told = unjudged.entry(rule.id).or_default();
                *told = told.map(|_| why);
            }
            signals.extend(note(context, rule, finding, unjudged));
        }
        if signals.is_empty() {
            continue;
        }
        let members: HashSet<u32> = shared.pairs.iter().map(|(index, _)| *index).collect();
        let held = |unit: &Judged| count(unit.indices.iter().filter(|index| members.contains(index)).count());
        let is_part = |unit: &Judged| unit.kind == SegmentKind::Segment || unit.is_only;
        let mut carriers: Vec<usize> = Vec::new();
        let mut carried = 0;
        for (place, unit) in units.iter().enumerate().filter(|(_, unit)| is_part(unit)) {
            let here = held(unit);
            if share(here, count(unit.indices.len())) >= rules.carrier_share {
                carriers.push(place);
                carried += here;
            }
        }
        if carried * 2 >= count(members.len()) && !carriers.is_empty() {
            for (place, unit) in units.iter_mut().enumerate() {
                if carriers.contains(&place) {
                    merge(&mut unit.signals, &signals);
                }
            }
        } else {
            let indices: Vec<u32> = shared.pairs.iter().map(|(index, _)| *index).collect();
            let name = (SegmentKind::Overlap, format!("rows shared with {}", list.label));
            let mut unit = judged(context, name, indices, unjudged);
            merge(&mut unit.signals, &signals);
            units.push(unit);
        }
    }
}

/// Of two answers of one signal the stronger stays.
fn merge(signals: &mut Vec<SignalReport>, more: &[SignalReport]) {
    for signal in more {
        match signals.iter_mut().find(|known| known.id == signal.id) {
            Some(known) if (known.points, known.bound) >= (signal.points, signal.bound) => {}
            Some(known) => *known = signal.clone(),
            None => signals.push(signal.clone()),
        }
    }
}
