//! Puts rows together that come from one hand: same source, same kind of proof, same spelling, same batch.
//!
//! A few bad rows in a large list are a small share of the list and the whole of their segment. Groups that are too small are
//! pooled: first without their source, then by the kind of proof alone, then all that is left.

use std::collections::{BTreeMap, HashMap};

use super::held::View;
use super::names::Case;
use super::policy::SegmentRules;
use super::rows::Rows;
use super::text::TextId;

/// Which proof a row has, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(super) struct Mask(u8);

impl Mask {
    const NAMES: [&'static str; 6] = ["time", "confirmation", "network address", "source", "wording", "notice"];

    pub(super) fn of(row: &View<'_>) -> Self {
        let has = [
            row.has_time(),
            row.confirmed_s().is_some(),
            row.ip().is_some(),
            row.source_id() != 0,
            row.wording_id() != 0,
            row.notified_s().is_some(),
        ];
        Self(has.iter().enumerate().map(|(bit, has)| u8::from(*has) << bit).sum())
    }

    /// The bits as a small number.
    pub(super) const fn bits(self) -> usize {
        self.0 as usize
    }

    /// How many there can be.
    pub(super) const COUNT: usize = 64;
}

impl std::fmt::Display for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let there: Vec<&str> =
            Self::NAMES.iter().enumerate().filter(|(bit, _)| self.0 >> bit & 1 == 1).map(|(_, name)| *name).collect();
        if there.is_empty() { f.write_str("no proof") } else { f.write_str(&there.join(", ")) }
    }
}

/// How a row is spelled: given name, surname, and whether the organisation is in capitals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Style {
    given: Case,
    surname: Case,
    capital_firm: bool,
}

impl Style {
    pub(super) const COUNT: usize = 32;

    pub(super) const fn code(self) -> usize {
        self.given as usize * 8 + self.surname as usize * 2 + self.capital_firm as usize
    }

    pub(super) const fn has_name(self) -> bool {
        !matches!((self.given, self.surname), (Case::None, Case::None))
    }
}

impl std::fmt::Display for Style {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "given name {}, surname {}", self.given.as_str(), self.surname.as_str())?;
        if self.capital_firm { f.write_str(", firm CAPITALS") } else { Ok(()) }
    }
}

/// The cases of names, each worked out once.
pub(super) struct Styles(Vec<Option<Case>>);

impl Styles {
    pub(super) fn new(rows: &Rows) -> Self {
        Self(vec![None; rows.text_count()])
    }

    fn case(&mut self, rows: &Rows, id: TextId) -> Case {
        let place = usize::try_from(id).ok().and_then(|id| self.0.get_mut(id));
        place.map_or(Case::None, |case| *case.get_or_insert_with(|| Case::of(rows.text(id))))
    }

    pub(super) fn of(&mut self, rows: &Rows, row: &View<'_>) -> Style {
        Style {
            given: self.case(rows, row.given_id()),
            surname: self.case(rows, row.surname_id()),
            capital_firm: self.case(rows, row.organisation_id()) == Case::Upper,
        }
    }
}

/// What the rows of a segment have in common; `None` is what they do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Key {
    pub(super) source: Option<TextId>,
    pub(super) mask: Option<Mask>,
    pub(super) style: Option<Style>,
    pub(super) is_batch: Option<bool>,
}

/// Rows that are judged together.
pub(super) struct Segment {
    pub(super) key: Key,
    /// Their indices in growing order.
    pub(super) rows: Vec<u32>,
}

/// Seconds at which so many signed up that it was a batch.
pub(super) fn batch_seconds(rows: &Rows, least: u32) -> HashMap<i64, u32> {
    let mut seconds: HashMap<i64, u32> = HashMap::new();
    rows.iter().filter_map(|row| row.opted_in_s()).for_each(|second| *seconds.entry(second).or_default() += 1);
    seconds.retain(|_, count| *count >= least);
    seconds
}

/// All rows, each in one segment. Segments come in the order of their keys, what was pooled behind them.
pub(super) fn segments(rows: &Rows, rules: &SegmentRules, batches: &HashMap<i64, u32>) -> Vec<Segment> {
    let mut styles = Styles::new(rows);
    let mut groups: BTreeMap<Key, Vec<u32>> = BTreeMap::new();
    for row in rows.iter() {
        let key = Key {
            source: Some(row.source_id()),
            mask: Some(Mask::of(&row)),
            style: Some(styles.of(rows, &row)),
            is_batch: Some(row.opted_in_s().is_some_and(|second| batches.contains_key(&second))),
        };
        groups.entry(key).or_default().push(row.index);
    }
    let least = usize::try_from(rules.least_rows).unwrap_or(usize::MAX);
    let without_source: fn(Key) -> Key = |key| Key { source: None, ..key };
    let proof_alone: fn(Key) -> Key = |key| Key { mask: key.mask, ..Key::default() };
    let nothing: fn(Key) -> Key = |_| Key::default();
    let mut found: Vec<Segment> = Vec::new();
    for (round, coarser) in [without_source, proof_alone, nothing].into_iter().enumerate() {
        let mut pooled: BTreeMap<Key, Vec<u32>> = BTreeMap::new();
        for (key, members) in groups {
            if members.len() >= least {
                found.push(Segment { key, rows: members });
            } else {
                pooled.entry(coarser(key)).or_default().extend(members);
            }
        }
        groups = pooled;
        if round == 2 {
            found.extend(std::mem::take(&mut groups).into_iter().map(|(key, rows)| Segment { key, rows }));
        }
    }
    found.iter_mut().for_each(|segment| segment.rows.sort_unstable());
    found
}
