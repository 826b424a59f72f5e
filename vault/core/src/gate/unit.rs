//! What a signal is given: the rows of one segment or of the whole list, and what is known beside them.

use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};

use super::claimed::Claimed;
use super::clock::utc_ahead_s;
use super::held::View;
use super::knowledge::{Knowledge, registrable};
use super::memory::{Memory, TrapKind};
use super::names::{Pattern, Writings};
use super::policy::{GatePolicy, Rule};
use super::rows::Rows;
use super::stats::{count, share};
use super::text::TextId;
use super::traits::{Traits, times_are_days, traits};

/// Rows shown as examples at most.
pub(super) const EXAMPLES: usize = 5;

/// What is the same for all segments of a list.
pub(super) struct Context<'c> {
    pub(super) rows: &'c Rows,
    pub(super) knowledge: &'c Knowledge,
    pub(super) memory: &'c Memory,
    pub(super) claimed: &'c Claimed,
    pub(super) policy: &'c GatePolicy,
    pub(super) now_s: i64,
    pub(super) batches: HashMap<i64, u32>,
    pub(super) traits: Traits,
    marks: Vec<u8>,
    domains: Vec<u8>,
    pub(super) has_activity: bool,
    /// Whether any row names a source.
    pub(super) has_sources: bool,
    /// Whether sign-up times are no finer than days, whatever zone they were said to be of.
    pub(super) times_are_days: bool,
    /// Seconds by which UTC is ahead of the clock of those whose country does not tell.
    pub(super) utc_ahead_s: i64,
    patterns: OnceCell<Vec<Option<Pattern>>>,
}

const SUPPRESSED: u8 = 1;
const CONDEMNED: u8 = 2;
const OWN_TRAP: u8 = 4;
const RECYCLED: u8 = 8;
const CANARY: u8 = 16;

const FREE: u8 = 1;
const DISPOSABLE: u8 = 2;
const DEAD: u8 = 4;
const BLOCKLISTED: u8 = 8;
const KNOWN: u8 = 128;

impl<'c> Context<'c> {
    pub(super) fn new(
        rows: &'c Rows,
        (knowledge, memory, claimed): (&'c Knowledge, &'c Memory, &'c Claimed),
        policy: &'c GatePolicy,
        now_s: i64,
    ) -> Self {
        let batches = super::segment::batch_seconds(rows, policy.segments().batch_rows);
        let has_activity = rows.iter().any(|row| row.active_s().is_some());
        let has_sources = rows.iter().any(|row| row.source_id() != 0);
        let times_are_days = times_are_days(rows);
        let untold = rows.iter().filter(|row| row.clock_ahead_s().is_none()).filter_map(|row| row.opted_in_s());
        let utc_ahead_s = utc_ahead_s(untold.filter(|at| !batches.contains_key(at)));
        let (marks, domains) = (marks(rows, memory), domains(rows, knowledge));
        let traits = traits(rows);
        let patterns = OnceCell::new();
        Self {
            rows,
            knowledge,
            memory,
            claimed,
            policy,
            now_s,
            batches,
            traits,
            marks,
            domains,
            has_activity,
            has_sources,
            times_are_days,
            utc_ahead_s,
            patterns,
        }
    }

    fn mark(&self, row: &View<'_>, mark: u8) -> bool {
        usize::try_from(row.index).ok().and_then(|index| self.marks.get(index)).is_some_and(|marks| marks & mark != 0)
    }

    pub(super) fn is_suppressed(&self, row: &View<'_>) -> bool {
        self.mark(row, SUPPRESSED)
    }

    pub(super) fn is_condemned(&self, row: &View<'_>) -> bool {
        self.mark(row, CONDEMNED)
    }

    pub(super) fn is_trap(&self, row: &View<'_>, kind: TrapKind) -> bool {
        self.mark(row, if kind == TrapKind::Own { OWN_TRAP } else { RECYCLED })
    }

    pub(super) fn is_canary(&self, row: &View<'_>) -> bool {
        self.mark(row, CANARY)
    }

    fn domain(&self, id: TextId, fact: u8) -> bool {
        usize::try_from(id).ok().and_then(|id| self.domains.get(id)).is_some_and(|facts| facts & fact != 0)
    }

    pub(super) fn is_free(&self, row: &View<'_>) -> bool {
        self.domain(row.domain_id(), FREE)
    }

    pub(super) fn is_disposable(&self, row: &View<'_>) -> bool {
        self.domain(row.domain_id(), DISPOSABLE)
    }

    pub(super) fn is_dead(&self, row: &View<'_>) -> bool {
        self.domain(row.domain_id(), DEAD)
    }

    pub(super) fn is_blocklisted(&self, row: &View<'_>) -> bool {
        self.domain(row.domain_id(), BLOCKLISTED)
    }

    /// An address at a firm: neither of a mailbox provider nor thrown away.
    pub(super) fn is_business(&self, row: &View<'_>) -> bool {
        row.domain_id() != 0 && !self.is_free(row) && !self.is_disposable(row)
    }

    /// The pattern by which the address of a person at a firm follows from the name, if it does by one.
    pub(super) fn pattern(&self, row: &View<'_>) -> Option<Pattern> {
        let patterns = self.patterns.get_or_init(|| {
            let mut writings = Writings::default();
            let mut of = |row: &View<'_>| {
                let is_person = self.is_business(row) && !self.is_role(row);
                let (given, surname) = ((row.given_id(), row.given()), (row.surname_id(), row.surname()));
                is_person.then(|| writings.pattern(row.local(), given, surname)).flatten()
            };
            self.rows.iter().map(|row| of(&row)).collect()
        });
        *patterns.get(usize::try_from(row.index).ok()?)?
    }

    /// An address that stands for a post.
    pub(super) fn is_role(&self, row: &View<'_>) -> bool {
        self.knowledge.is_role(row.local())
    }
}

fn marks(rows: &Rows, memory: &Memory) -> Vec<u8> {
    let mut marks = vec![0_u8; rows.len()];
    let mut set = |position: u64, mark: u8| {
        let index = rows.at_position(position).and_then(|index| usize::try_from(index).ok());
        index.and_then(|index| marks.get_mut(index)).into_iter().for_each(|marks| *marks |= mark);
    };
    memory.suppressed.iter().flatten().for_each(|row| set(*row, SUPPRESSED));
    memory.condemned.iter().flat_map(|condemned| &condemned.rows).for_each(|row| set(*row, CONDEMNED));
    for trap in memory.traps.iter().flatten() {
        set(trap.row, if trap.kind == TrapKind::Own { OWN_TRAP } else { RECYCLED });
    }
    memory.others_canaries().into_iter().flatten().for_each(|canary| set(canary.row, CANARY));
    marks
}

/// What is known of each domain, by its number.
fn domains(rows: &Rows, knowledge: &Knowledge) -> Vec<u8> {
    let mut domains = vec![0_u8; rows.text_count()];
    for row in rows.iter().filter(|row| row.domain_id() != 0) {
        let Some(facts) = usize::try_from(row.domain_id()).ok().and_then(|id| domains.get_mut(id)) else { continue };
        if *facts & KNOWN != 0 {
            continue;
        }
        let domain = row.domain();
        let base = registrable(domain);
        let has = |set: &std::collections::HashSet<String>| set.contains(domain) || set.contains(base);
        let given = |set: &Option<std::collections::HashSet<String>>| set.as_ref().is_some_and(has);
        *facts = KNOWN;
        for (holds, fact) in [
            (has(&knowledge.free), FREE),
            (has(&knowledge.disposable), DISPOSABLE),
            // A dead sub-domain says nothing of the domain above it.
            (knowledge.dead.as_ref().is_some_and(|dead| dead.contains(domain)), DEAD),
            (given(&knowledge.blocklisted), BLOCKLISTED),
        ] {
            *facts |= if holds { fact } else { 0 };
        }
    }
    domains
}

/// Rows that are judged together.
pub(super) struct Unit<'u> {
    pub(super) context: &'u Context<'u>,
    pub(super) indices: &'u [u32],
    /// Whether these are all rows, so that what is known of rows beyond the sample counts too.
    pub(super) is_whole: bool,
}

impl<'u> Unit<'u> {
    pub(super) fn rows(&self) -> impl Iterator<Item = View<'u>> + use<'u> {
        let rows = self.context.rows;
        self.indices.iter().filter_map(move |index| rows.get(*index))
    }

    pub(super) fn len(&self) -> u64 {
        count(self.indices.len())
    }

    pub(super) fn rule(&self, id: super::signal::SignalId) -> Option<&'u Rule> {
        self.context.policy.rules().iter().find(|rule| rule.id == id)
    }

    /// Whether the rows were collected at an event: within two weeks, at many minutes, and either their source says so or
    /// they were scanned to the minute by day.
    pub(super) fn is_event(&self) -> bool {
        const TWO_WEEKS_S: i64 = 14 * 86_400;
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        let (mut by_minute, mut by_day, mut timed, mut said) = (0, 0, 0, 0);
        let mut minutes: BTreeSet<i64> = BTreeSet::new();
        let mut spoken: HashMap<TextId, bool> = HashMap::new();
        for row in self.rows() {
            let Some(at) = row.opted_in_s() else { continue };
            (first, last) = (first.min(at), last.max(at));
            if last - first > TWO_WEEKS_S {
                return false;
            }
            timed += 1;
            by_minute += u64::from(at.rem_euclid(60) == 0);
            by_day += u64::from((5..21).contains(&at.rem_euclid(86_400).div_euclid(3_600)));
            minutes.insert(at.div_euclid(60));
            let mut speaks = |id: TextId| {
                *spoken.entry(id).or_insert_with(|| self.context.knowledge.speaks_of_event(self.context.rows.text(id)))
            };
            said += u64::from(speaks(row.source_id()) || speaks(row.wording_id()));
        }
        let many_minutes = minutes.len() >= 5 && count(minutes.len()) * 20 >= timed;
        let says_so = share(said, timed) > 0.9;
        let was_scanned =
            share(by_minute, timed) > 0.95 && share(by_day, timed) > 0.98 && count(minutes.len()) * 5 >= timed;
        timed > 0 && timed * 10 >= self.len() * 9 && many_minutes && (says_so || was_scanned)
    }
}

/// Collects the first rows that show something, and counts all.
#[derive(Default)]
pub(super) struct Hits {
    pub(super) count: u64,
    pub(super) examples: Vec<u32>,
}

impl Hits {
    pub(super) fn add(&mut self, row: &View<'_>) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(row.index);
        }
    }

    pub(super) fn add_if(&mut self, shows: bool, row: &View<'_>) {
        if shows {
            self.add(row);
        }
    }
}
