//! What a list is like as a whole: how most of it is written, and how fine its times are.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::Rows;
use super::segment::{Mask, Style, Styles};

/// How the larger part of the list is written.
#[derive(Default)]
pub(super) struct Traits {
    pub(super) mask: Option<Mask>,
    pub(super) style: Option<Style>,
    /// Rows that have both.
    pub(super) rows: u64,
    /// Rows that have another kind of proof and that spelling, and those that have that kind of proof and another spelling.
    pub(super) other_mask: u64,
    pub(super) other_style: u64,
    pub(super) with_phone: u64,
    pub(super) with_firm: u64,
}

/// Days become moments by a zone: midnight there, which is one time of day by UTC, or two where there is summer time.
pub(super) fn times_are_days(rows: &Rows) -> bool {
    const LEAST_DAYS: usize = 5;
    let (mut times, mut days) = (BTreeSet::new(), BTreeSet::new());
    for at in rows.iter().filter_map(|row| row.opted_in_s()) {
        times.insert(at.rem_euclid(86_400));
        days.insert(at.div_euclid(86_400));
        if times.len() > 2 {
            return false;
        }
    }
    days.len() >= LEAST_DAYS && times.iter().all(|time| time % 1_800 == 0)
}

/// The kind of proof and the spelling that most rows have together.
pub(super) fn traits(rows: &Rows) -> Traits {
    let mut styles = Styles::new(rows);
    let mut groups: BTreeMap<(Mask, Style), (u64, u64, u64)> = BTreeMap::new();
    for row in rows.iter() {
        let group = groups.entry((Mask::of(&row), styles.of(rows, &row))).or_default();
        group.0 += 1;
        group.1 += u64::from(row.has_phone());
        group.2 += u64::from(row.organisation_id() != 0);
    }
    let largest = groups.iter().max_by_key(|(key, (rows, ..))| (*rows, std::cmp::Reverse(**key)));
    let Some((&(mask, style), &(rows, with_phone, with_firm))) = largest else { return Traits::default() };
    let others = |differs: &dyn Fn(Mask, Style) -> bool| -> u64 {
        groups.iter().filter(|((mask, style), _)| differs(*mask, *style)).map(|(_, (rows, ..))| rows).sum()
    };
    let other_mask = others(&|one, spelling| one != mask && spelling == style);
    let other_style = others(&|one, spelling| one == mask && spelling != style);
    Traits { mask: Some(mask), style: Some(style), rows, other_mask, other_style, with_phone, with_firm }
}
