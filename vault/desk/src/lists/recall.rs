//! What the vault remembers of the addresses of a list: other controllers' lists that have them too, condemned lists, and what
//! released lists taught. The gate is told of it as data.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use carnet_core::gate::{
    CanaryHit, Claimed, Condemned, Learnt, Lessons, Memory, OtherList, Pair, TagIndex, Theirs, TrapHit, TrapKind,
};
use carnet_core::intake::level;
use carnet_core::model::{ContactId, Controller, ControllerId, ListId, MarkKind, Timestamp};
use carnet_store::{MarkRow, Overlap, Tx};

use super::gate::row_of;
use super::scan::opened_member;
use super::seal::opened_learnt;
use super::survey::Survey;
use crate::cores::on_all_cores;
use crate::keyring::Keyring;
use crate::{DeskError, Vault};

/// How many mailboxes a list has at least that is compared with other controllers' lists for who may not ask about single addresses.
const LEAST_ROWS: usize = 500;
/// For how long condemned lists count: 24 months of 30.44 days.
const CONDEMNED_US: i64 = 24 * 2_630_016 * 1_000_000;
/// How many rows of other lists are opened at most for one check, the most shared lists first.
const OPENED_MAX: usize = 100_000;
/// How many contacts are read at once, and opened on all cores.
const PAGE: usize = 2000;

/// What the vault remembers, for one list of one controller.
pub struct Recall<'v> {
    vault: &'v Vault,
    ring: &'v Keyring,
    controller: &'v Controller,
    /// The list, if the vault has it: it is not compared with itself.
    list: Option<ListId>,
    claimed: Claimed,
    now: Timestamp,
    /// Whether nothing is said that would tell of a single address what the vault knows of it.
    lists_alone: bool,
    opened: Cell<u64>,
}

/// What is remembered of a list.
pub(crate) struct Recalled {
    pub(crate) memory: Memory,
    pub(crate) lessons: Lessons,
    /// The lists of other controllers that share rows, by the words that a report has for them.
    pub(crate) lists: BTreeMap<String, (ControllerId, ListId)>,
}

impl<'v> Recall<'v> {
    pub(crate) const fn new(
        (vault, ring): (&'v Vault, &'v Keyring),
        (controller, list): (&'v Controller, Option<ListId>),
        claimed: Claimed,
        now: Timestamp,
    ) -> Self {
        Self { vault, ring, controller, list, claimed, now, lists_alone: false, opened: Cell::new(0) }
    }

    /// The same for who may not learn what the vault knows of single addresses: a long list is compared with other controllers' lists, and
    /// nobody is asked about traps, canaries and condemned lists.
    pub(crate) fn of_lists_alone(self) -> Self {
        Self { lists_alone: true, ..self }
    }

    /// What the owner says of the list.
    pub const fn claimed(&self) -> Claimed {
        self.claimed
    }

    /// The present.
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// How many contacts of other lists were opened to be compared.
    pub(crate) fn opened(&self) -> u64 {
        self.opened.get()
    }

    /// Since when condemned lists are remembered.
    pub(crate) fn condemned_since(now: Timestamp) -> Timestamp {
        Timestamp::from_us(now.as_us().saturating_sub(CONDEMNED_US)).unwrap_or(now)
    }

    /// What stands for a digest of all that is judged.
    pub(crate) fn of_inputs(&self, digest: &[u8; 32]) -> [u8; 32] {
        self.ring.overlap.of_inputs(digest)
    }

    /// Names of the vault's other controllers, as a `+tag` would write them.
    pub(crate) fn other_organisations(&self) -> Result<BTreeSet<String>, DeskError> {
        const SHORTEST: usize = 4;
        if self.lists_alone {
            return Ok(BTreeSet::new());
        }
        let all = self.vault.store.read(|tx| tx.controller_list())?;
        let others = all.iter().filter(|one| one.id != self.controller.id);
        let words = others.map(|one| level(&one.name).chars().filter(|c| c.is_alphanumeric()).collect::<String>());
        Ok(words.filter(|word| word.len() >= SHORTEST).collect())
    }

    /// What is known of these addresses. Lists that share more than `least` rows are looked at.
    pub(crate) fn memory(&self, survey: &Survey, least: u64) -> Result<Recalled, DeskError> {
        let tags = survey.tags();
        let asks_lists = !self.lists_alone || survey.mailboxes() >= LEAST_ROWS;
        let (overlaps, learnt) = self.vault.store.read(|tx| {
            let overlaps = if asks_lists { tx.overlaps(Some(self.controller.id), &tags)? } else { Vec::new() };
            Ok::<_, DeskError>((overlaps, self.learnt(tx)?))
        })?;
        let (lists, others) = self.shared_lists(survey, &overlaps, least)?.into_iter().unzip();
        let (mut condemned, mut marks) = (None, None);
        if !self.lists_alone {
            condemned = self.condemned((survey, &tags), &learnt)?;
            let all = self.vault.store.read(|tx| tx.marks_all())?;
            marks = Some(self.marked((survey, &tags), all.iter().filter(|mark| mark.created <= self.now)));
        }
        let (traps, canaries) = marks.unzip();
        let learnt: Vec<Learnt> = learnt.into_iter().map(|(_, learnt)| learnt).collect();
        let lessons = Lessons::of(&learnt, self.claimed.basis);
        let suppressed = Some(survey.suppressed.clone());
        let memory = Memory { suppressed, condemned, traps, canaries, lists: others, peers: lessons.peers };
        Ok(Recalled { memory, lessons, lists })
    }

    /// The rows that are traps or canaries.
    fn marked<'m>(
        &self,
        (survey, tags): (&Survey, &TagIndex),
        marks: impl Iterator<Item = &'m MarkRow>,
    ) -> (Vec<TrapHit>, Vec<CanaryHit>) {
        let (mut traps, mut canaries) = (Vec::new(), Vec::new());
        for mark in marks {
            // However often an address stands there, it is one.
            for row in tags.rows(&mark.tag).take(1).map(|row| survey.position(row)) {
                match mark.kind {
                    MarkKind::TrapOwn => traps.push(TrapHit { row, kind: TrapKind::Own }),
                    MarkKind::TrapRecycled => traps.push(TrapHit { row, kind: TrapKind::Recycled }),
                    MarkKind::Canary => canaries.push(CanaryHit {
                        row,
                        export: mark.export.map(|id| id.to_string()).unwrap_or_default(),
                        is_own: mark.controller == Some(self.controller.id),
                    }),
                }
            }
        }
        traps.sort_unstable_by_key(|hit| hit.row);
        canaries.sort_unstable_by_key(|hit| hit.row);
        (traps, canaries)
    }

    /// What released lists taught, the one under check apart, each with whose list it is.
    fn learnt(&self, tx: &mut Tx<'_>) -> Result<Vec<Taught>, DeskError> {
        let checks = tx.released_checks(self.now)?;
        let others = checks.iter().filter(|check| self.list != Some(check.list));
        others.map(|check| Ok(((check.controller, check.list), opened_learnt(&self.ring.vault, check)?))).collect()
    }

    /// The rows that condemned lists had, and how large a share of such rows an honest list has: a released one of the same claim. `None` if
    /// no list was condemned.
    fn condemned(
        &self,
        (survey, tags): (&Survey, &TagIndex),
        released: &[Taught],
    ) -> Result<Option<Condemned>, DeskError> {
        let own = self.list.map(|list| (self.controller.id, list));
        let times = (Self::condemned_since(self.now), self.now);
        let Some(condemned) = self.vault.store.read(|tx| tx.condemned_tags(own, times))? else { return Ok(None) };
        let mut rows: Vec<u64> = Vec::new();
        for one in &condemned {
            // Whoever was here before another controller's list began has not come from it. Of one's own it counts all the same: else it
            // would do to bring people in twice.
            let is_own = one.of == self.controller.id;
            let positions = tags.rows(&one.tag).map(|row| survey.position(row));
            rows.extend(
                positions.filter(|at| is_own || survey.since_ms(*at).is_none_or(|since| since >= ms(one.began))),
            );
        }
        rows.sort_unstable();
        rows.dedup();
        let alike = released.iter().filter(|(_, learnt)| learnt.basis == self.claimed.basis).map(|(place, _)| *place);
        let alike: Vec<(ControllerId, ListId)> = alike.collect();
        let mut worst: Option<f64> = None;
        if !alike.is_empty() && !rows.is_empty() {
            let index = TagIndex::new(condemned.iter().map(|one| one.tag).zip(0..).collect());
            let came_later = |known: &Overlap| {
                let one = usize::try_from(known.row).ok().and_then(|number| condemned.get(number));
                one.is_some_and(|one| one.of == known.controller || known.contact.made_ms() >= ms(one.began))
            };
            self.vault.store.read(|tx| {
                let known = tx.overlaps(None, &index)?;
                for (controller, list) in alike {
                    let of_one = known.iter().filter(|one| one.controller == controller && came_later(one));
                    let mut contacts: Vec<ContactId> = of_one.map(|one| one.contact).collect();
                    contacts.sort_unstable();
                    contacts.dedup();
                    let held = u64::try_from(tx.list_holds(controller, list, &contacts)?.len()).unwrap_or(u64::MAX);
                    let share = carnet_core::gate::share(held, tx.list_size(controller, list)?);
                    worst = Some(worst.map_or(share, |worst| worst.max(share)));
                }
                Ok::<_, DeskError>(())
            })?;
        }
        Ok(Some(Condemned { rows, worst_honest_share: worst }))
    }

    /// The lists of other controllers that share rows, the most shared first.
    fn shared_lists(
        &self,
        survey: &Survey,
        overlaps: &[Overlap],
        least: u64,
    ) -> Result<Vec<(Named, OtherList)>, DeskError> {
        let mut shared: Vec<SharedList> = Vec::new();
        for of_one in overlaps.chunk_by(|one, next| one.controller == next.controller) {
            let Some(controller) = of_one.first().map(|one| one.controller) else { continue };
            let mut rows: HashMap<ContactId, Vec<u64>> = HashMap::new();
            for one in of_one {
                let position = survey.position(one.row);
                // Whom this controller had, as they are, before the other one did has not come from there.
                if survey.since_ms(position).is_none_or(|since| since >= one.contact.made_ms()) {
                    rows.entry(one.contact).or_default().push(position);
                }
            }
            let mut contacts: Vec<ContactId> = rows.keys().copied().collect();
            contacts.sort_unstable();
            self.vault.store.read(|tx| {
                for list in tx.list_all(controller)? {
                    let held = tx.list_holds(controller, list.id, &contacts)?;
                    let pairs: Vec<(ContactId, u64)> =
                        held.iter().flat_map(|id| rows.get(id).into_iter().flatten().map(|row| (*id, *row))).collect();
                    // Of a mailbox that stands here often there is one.
                    if u64::try_from(held.len()).unwrap_or(u64::MAX) > least {
                        let rows = tx.list_size(controller, list.id)?;
                        shared.push(SharedList { controller, list: list.id, rows, pairs });
                    }
                }
                Ok::<_, DeskError>(())
            })?;
        }
        shared.sort_by_key(|one| (std::cmp::Reverse(one.pairs.len()), one.controller, one.list));
        let mut left = OPENED_MAX;
        let others = shared.iter().map(|one| {
            let other = self.other(one, &mut left)?;
            Ok(((other.label.clone(), (one.controller, one.list)), other))
        });
        others.collect()
    }

    /// A list of another controller, its shared rows opened as far as may be.
    fn other(&self, shared: &SharedList, left: &mut usize) -> Result<OtherList, DeskError> {
        let SharedList { controller, list, rows, pairs } = shared;
        let (controller, list, rows) = (*controller, *list, *rows);
        let looked = pairs.get(..(*left).min(pairs.len())).unwrap_or_default();
        *left -= looked.len();
        let keys = self.ring.controller(controller)?;
        let mut theirs: HashMap<ContactId, Theirs> = HashMap::new();
        for some in looked.chunks(PAGE) {
            let ids: Vec<ContactId> = some.iter().map(|(id, _)| *id).collect();
            let rows = self.vault.store.read(|tx| tx.members_for_check(controller, &ids))?;
            theirs.extend(on_all_cores(&rows, |member| {
                let (card, events) = opened_member(&keys, member)?;
                Ok((member.contact.id, Theirs::of(&row_of(&card, &events, 0))))
            })?);
        }
        self.opened.set(self.opened.get() + u64::try_from(theirs.len()).unwrap_or(u64::MAX));
        let places: BTreeMap<ContactId, u64> = pairs.iter().map(|(id, _)| *id).zip(0..).collect();
        let pairs = pairs.iter().map(|(id, row)| {
            let there = places.get(id).copied().unwrap_or_default();
            Pair { row: *row, there, theirs: theirs.get(id).cloned() }
        });
        Ok(OtherList { label: label(list), is_same_controller: false, rows, pairs: pairs.collect() })
    }
}

/// What a list taught, and whose it is.
type Taught = ((ControllerId, ListId), Learnt);

/// A list of another controller that shares rows.
struct SharedList {
    controller: ControllerId,
    list: ListId,
    /// How many contacts it has.
    rows: u64,
    /// Its contact and the row here, for each row that is in both.
    pairs: Vec<(ContactId, u64)>,
}

/// A list of another controller by the words that a report has for it.
type Named = (String, (ControllerId, ListId));

/// Milliseconds since 1970, which is how fine the times in ids are.
fn ms(at: Timestamp) -> i64 {
    at.as_us() / 1_000
}

/// By what a report names a list of another controller, until somebody reads it who may know more.
fn label(list: ListId) -> String {
    format!("list {list}")
}
