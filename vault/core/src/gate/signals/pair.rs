//! What is compared when another list of the vault shares rows with this one.
//!
//! That two lists share rows proves nothing: two exhibitors of one fair met the same people. The overlap only says which rows to
//! compare; the proof is what they repeat.

use std::collections::{HashMap, HashSet};

use super::super::finding::Finding;
use super::super::held::View;
use super::super::memory::{OtherList, Pair, Theirs};
use super::super::signal::SignalId;
use super::super::unit::Context;
use super::{v1, v3, v4, v5, v6, v7, v8};

/// The rows that this list shares with another one.
pub(in super::super) struct Shared<'s> {
    pub(in super::super) context: &'s Context<'s>,
    pub(in super::super) list: &'s OtherList,
    /// Index here and what is known there, by growing index, each index once.
    pub(in super::super) pairs: Vec<(u32, &'s Pair)>,
}

impl<'s> Shared<'s> {
    pub(in super::super) fn new(context: &'s Context<'s>, list: &'s OtherList) -> Self {
        let found = list.pairs.iter().filter_map(|pair| Some((context.rows.at_position(pair.row)?, pair)));
        let mut pairs: Vec<(u32, &Pair)> = found.collect();
        pairs.sort_by_key(|(index, pair)| (*index, pair.there));
        pairs.dedup_by_key(|(index, _)| *index);
        Self { context, list, pairs }
    }

    /// The rows and what the other list says of each that was looked at.
    pub(super) fn looked_at(&self) -> impl Iterator<Item = (View<'s>, &'s Theirs)> {
        let rows = self.context.rows;
        self.pairs.iter().filter_map(move |(index, pair)| Some((rows.get(*index)?, pair.theirs.as_ref()?)))
    }

    /// Firms of which more rows are shared than this: staff of one large customer look alike.
    pub(super) fn large_firms(&self, most: u64) -> HashSet<u32> {
        let mut of_firm: HashMap<u32, u64> = HashMap::new();
        for row in self.views().filter(|row| self.context.is_business(row)) {
            *of_firm.entry(row.domain_id()).or_default() += 1;
        }
        of_firm.into_iter().filter(|(_, rows)| *rows > most).map(|(firm, _)| firm).collect()
    }

    /// The indices of the shared rows.
    pub(super) fn members(&self) -> HashSet<u32> {
        self.pairs.iter().map(|(index, _)| *index).collect()
    }

    pub(super) fn views(&self) -> impl Iterator<Item = View<'s>> {
        let rows = self.context.rows;
        self.pairs.iter().filter_map(move |(index, _)| rows.get(*index))
    }
}

/// Looks at an overlap for one signal.
pub(in super::super) fn judge(id: SignalId, shared: &Shared<'_>) -> Finding {
    match id {
        SignalId::V1 => v1::judge(shared),
        SignalId::V3 => v3::judge(shared),
        SignalId::V4 => v4::judge(shared),
        SignalId::V5 => v5::judge(shared),
        SignalId::V6 => v6::judge(shared),
        SignalId::V7 => v7::judge(shared),
        SignalId::V8 => v8::judge(shared),
        _ => Finding::NotJudged("it does not compare lists"),
    }
}
