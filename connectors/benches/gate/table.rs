//! The confusion table, the targets, and what it took.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use carnet_core::gate::{Inspection, Verdict, wilson_high};

use super::pack::{Group, Label};

/// Two-sided 95 %.
const Z: f64 = 1.96;

/// Hits among all.
type Share = [u64; 2];

#[derive(Default)]
pub(crate) struct Table {
    by_class: BTreeMap<(Group, String), [u64; 3]>,
    by_group: BTreeMap<Group, [u64; 3]>,
    bad: Share,
    honest: Share,
    stopped_bad: Share,
    rows: u64,
    reading: Duration,
    judging: Duration,
}

impl Table {
    pub(crate) fn add(
        &mut self,
        label: &Label,
        inspection: &Inspection,
        emails: &HashMap<u64, String>,
        origins: &str,
        took: (Duration, Duration),
    ) {
        let (group, verdict) = (label.group(), inspection.report.verdict);
        let class = match label.x {
            Some(dose) => format!("{} {:2.0} %", label.cls, dose * 100.0),
            None => label.cls.clone(),
        };
        let column = Verdict::ALL.iter().position(|known| *known == verdict).unwrap();
        for counts in [self.by_class.entry((group, class)).or_default(), self.by_group.entry(group).or_default()] {
            *counts.get_mut(column).unwrap() += 1;
        }
        self.rows += inspection.report.rows;
        self.reading += took.0;
        self.judging += took.1;
        if label.x.is_none() {
            return;
        }
        let held: HashSet<u64> = inspection.quarantined().into_iter().collect();
        // The first line is the head.
        for (origin, position) in origins.lines().zip(2_u64..).filter(|(_, position)| emails.contains_key(position)) {
            let hit = u64::from(held.contains(&position));
            add(if origin == "own" { &mut self.honest } else { &mut self.bad }, hit);
            if origin != "own" && verdict > Verdict::Clear {
                add(&mut self.stopped_bad, hit);
            }
        }
    }

    pub(crate) fn print(&self) {
        println!("\n{:<26} {:>6} {:>7} {:>6}", "class", "clear", "review", "block");
        for ((group, class), [clear, review, block]) in &self.by_class {
            println!("{class:<26} {clear:>6} {review:>7} {block:>6}   {group:?}");
        }
        println!("\n{:<26} {:>6} {:>7} {:>6}   stopped, 95 %", "group", "clear", "review", "block");
        for (group, [clear, review, block]) in &self.by_group {
            let (stopped, all) = (review + block, clear + review + block);
            let low = (1.0 - wilson_high(*clear, all, Z)) * 100.0;
            let (share, high) = (part([stopped, all]) * 100.0, wilson_high(stopped, all, Z) * 100.0);
            let name = format!("{group:?}");
            println!("{name:<26} {clear:>6} {review:>7} {block:>6}   {share:.1} % ({low:.1} to {high:.1})");
        }
        self.print_targets();
        let of_stopped = part(self.stopped_bad) * 100.0;
        println!("bad rows in quarantine, of mixtures that were stopped: {of_stopped:.1} %");
        let per_row = |took: Duration| took.as_secs_f64() * 1e6 / self.rows as f64;
        let (reading, judging) = (self.reading.as_secs_f64(), self.judging.as_secs_f64());
        println!(
            "{} rows: reading {reading:.2} s ({:.1} us a row), judging {judging:.2} s ({:.1} us a row)",
            self.rows,
            per_row(self.reading),
            per_row(self.judging)
        );
    }

    fn print_targets(&self) {
        let of = |group| self.by_group.get(&group).copied().unwrap_or_default();
        let [clear, review, block] = of(Group::Honest);
        let honest = clear + review + block;
        let stopped = |[clear, review, block]: [u64; 3]| part([review + block, clear + review + block]);
        let [unproven_clear, unproven_review, unproven_block] = of(Group::Unproven);
        println!();
        at_most("honest lists blocked", part([block, honest]), 0.005);
        at_most("honest lists reviewed", part([review, honest]), 0.08);
        let unproven = unproven_clear + unproven_review + unproven_block;
        at_most("unproven lists blocked", part([unproven_block, unproven]), 0.0);
        at_least("large doses stopped", stopped(of(Group::Large)), 0.99);
        at_least("small doses stopped", stopped(of(Group::Small)), 0.88);
        at_least("bad rows in quarantine", part(self.bad), 0.9);
        at_most("honest rows in quarantine", part(self.honest), 0.02);
    }
}

fn add(share: &mut Share, hit: u64) {
    let [hits, all] = share;
    (*hits, *all) = (*hits + hit, *all + 1);
}

fn part([hits, all]: Share) -> f64 {
    if all == 0 { 0.0 } else { hits as f64 / all as f64 }
}

fn at_least(what: &str, value: f64, bound: f64) {
    target(what, value, &format!(">= {:.1} %", bound * 100.0), value >= bound);
}

fn at_most(what: &str, value: f64, bound: f64) {
    target(what, value, &format!("<= {:.1} %", bound * 100.0), value <= bound);
}

fn target(what: &str, value: f64, bound: &str, is_met: bool) {
    println!("{what:<28} {:>6.2} %   target {bound:<9} {}", value * 100.0, if is_met { "pass" } else { "FAIL" });
}
