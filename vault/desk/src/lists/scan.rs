//! The rows of a list one after the other, a page at a time: memory does not grow with the list, and no transaction is
//! held while somebody judges.

use std::collections::{HashMap, VecDeque};

use carnet_core::intake::TagValues;
use carnet_core::keys::{ControllerKeys, OverlapKey, Tag};
use carnet_core::model::{Card, ConsentEvent, ContactId, ControllerId, ListId, Timestamp};
use carnet_store::{ContactRow, MemberRow, Store, StoreError, Tx};

use super::gate::CheckRow;
use crate::consents::{lifts, opened_event};
use crate::contacts::opened_with_salt;
use crate::cores::on_all_cores;
use crate::seal::{overlap_tags_of, own_refusal_tag, suppression_tags_of};
use crate::{Desk, DeskError};

/// How many contacts are read at once, and opened on all cores.
const PAGE: u32 = 2000;
/// The member of a card that says where the contact comes from, if no consent says it.
pub(crate) const SOURCE_MEMBER: &str = "carnet.example:source";
/// The member that says when the subject was informed (Art. 14(3)), if no consent says it.
pub(crate) const NOTIFIED_MEMBER: &str = "carnet.example:notified-at";
/// The member that says when the subject last did something, such as opening a message, as the source has it.
pub(crate) const ACTIVITY_MEMBER: &str = "carnet.example:last-activity-at";

/// What tells a list from what it was: one with the same marks has gained nobody, and nobody in it was changed in what a check is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) imports: u64,
    pub(super) members: u64,
    /// How often its contacts were changed in what a check is about.
    pub(super) changes: u64,
}

impl Marks {
    /// What a list has now, of so many contacts.
    pub(super) fn of(
        tx: &mut Tx<'_>,
        (controller, list): (ControllerId, ListId),
        members: u64,
    ) -> Result<Self, StoreError> {
        Ok(Self { imports: tx.list_imports(controller, list)?, members, changes: tx.list_changes(controller, list)? })
    }
}

/// Opens the contacts of a list in the order of their ids. What goes wrong is kept, and ends it.
pub(super) struct Scan<'s> {
    store: &'s Store,
    keys: (&'s ControllerKeys, &'s OverlapKey),
    controller: ControllerId,
    list: ListId,
    page: VecDeque<CheckRow>,
    after: Option<ContactId>,
    position: u64,
    ended: bool,
    failed: Option<DeskError>,
}

impl<'s> Scan<'s> {
    pub(super) fn new(
        store: &'s Store,
        keys: (&'s ControllerKeys, &'s OverlapKey),
        (controller, list): (ControllerId, ListId),
    ) -> Self {
        let page = VecDeque::new();
        Self { store, keys, controller, list, page, after: None, position: 0, ended: false, failed: None }
    }

    /// How many rows were read, once that was all of them.
    ///
    /// # Errors
    /// What kept it from reading on.
    pub(super) fn finish(self) -> Result<u64, DeskError> {
        match self.failed {
            Some(error) => Err(error),
            None if self.ended => Ok(self.position),
            // Whoever judges a part has not judged the list.
            None => {
                Err(DeskError::Invalid("the gate stopped before the end of the list; nothing was decided".to_owned()))
            }
        }
    }

    fn read(&mut self) -> Result<Option<CheckRow>, DeskError> {
        if self.page.is_empty() {
            let (controller, list, after) = (self.controller, self.list, self.after);
            let members = self.store.read(|tx| tx.list_page_for_check(controller, list, after, PAGE))?;
            self.page = self.rows(&members)?;
            self.after = self.page.back().map(|one| one.contact).or(self.after);
        }
        let Some(row) = self.page.pop_front() else { return Ok(None) };
        self.position += 1;
        Ok(Some(CheckRow { position: self.position, ..row }))
    }

    /// Opens a page of contacts; which of them are suppressed is asked for all of them at once.
    fn rows(&self, members: &[MemberRow]) -> Result<VecDeque<CheckRow>, DeskError> {
        let (keys, overlap) = self.keys;
        let opened = on_all_cores(members, |member| {
            let (card, events) = opened_member(keys, member)?;
            let values = TagValues::of(&card, None);
            let mut refusals = suppression_tags_of(&values, keys);
            refusals.push(own_refusal_tag(member.contact.id, keys));
            let tags = overlap_tags_of(&values, overlap);
            let (contact, since_ms) = (member.contact.id, since_ms(&member.contact));
            Ok((CheckRow { position: 0, contact, since_ms, card, events, tags, is_suppressed: false }, refusals))
        })?;
        let all: Vec<Tag> = opened.iter().flat_map(|(_, refusals)| refusals).copied().collect();
        let mut refused: HashMap<Tag, Timestamp> = HashMap::new();
        for one in self.store.read(|tx| tx.suppressions_among(self.controller, &all))? {
            refused.entry(one.tag).and_modify(|at| *at = one.at.max(*at)).or_insert(one.at);
        }
        let rows = opened.into_iter().map(|(mut row, tags)| {
            let since = tags.iter().filter_map(|tag| refused.get(tag)).max();
            row.is_suppressed = since.is_some_and(|since| !row.events.iter().any(|event| lifts(event, *since)));
            row
        });
        Ok(rows.collect())
    }
}

impl Desk<'_> {
    /// Reads a list to its end. Whoever takes the rows begins anew if keys were renewed meanwhile.
    pub(super) fn scanned<T>(
        &self,
        place: (ControllerId, ListId),
        mut take: impl FnMut(&ControllerKeys, &mut dyn Iterator<Item = CheckRow>) -> Result<T, DeskError>,
    ) -> Result<T, DeskError> {
        self.vault.with_keys(|ring| {
            let keys = ring.controller(place.0)?;
            let mut scan = Scan::new(&self.vault.store, (&keys, &ring.overlap), place);
            let taken = take(&keys, &mut scan)?;
            scan.finish()?;
            Ok(taken)
        })
    }
}

impl Iterator for Scan<'_> {
    type Item = CheckRow;

    fn next(&mut self) -> Option<CheckRow> {
        if self.ended || self.failed.is_some() {
            return None;
        }
        match self.read() {
            Ok(Some(row)) => Some(row),
            Ok(None) => {
                self.ended = true;
                None
            }
            Err(error) => {
                self.failed = Some(error);
                None
            }
        }
    }
}

/// The card of a member and its consent events.
pub(super) fn opened_member(keys: &ControllerKeys, member: &MemberRow) -> Result<(Card, Vec<ConsentEvent>), DeskError> {
    let card = opened_with_salt(keys, &member.contact, &member.salt)?;
    let events = member.events.iter().map(|row| {
        let key = keys.contact_key_for(&row.evidence, member.contact.id, &member.salt)?;
        opened_event(&key, row)
    });
    Ok((card, events.collect::<Result<_, _>>()?))
}

/// Since when a contact has the addresses that it has. An import says one time for all its rows, which may be long before a row came.
fn since_ms(contact: &ContactRow) -> i64 {
    contact.id.made_ms().max(contact.addressed.as_us() / 1_000)
}
