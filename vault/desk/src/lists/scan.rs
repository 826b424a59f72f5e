//! The rows of a list one after the other, a page at a time: memory does not grow with the list, and no transaction is
//! held while somebody judges.

use std::collections::VecDeque;

use carnet_core::keys::ControllerKeys;
use carnet_core::model::{Card, ConsentEvent, ContactId, ControllerId, ListId};
use carnet_store::{MemberRow, Store};

use super::gate::CheckRow;
use crate::DeskError;
use crate::consents::opened_event;
use crate::contacts::opened_with_salt;

/// How many contacts are read at once.
const PAGE: u32 = 500;
/// The member of a card that says where the contact comes from, if no consent says it.
pub(crate) const SOURCE_MEMBER: &str = "carnet.example:source";

/// What a list has gained so far: a list with the same marks has gained nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) imports: u64,
    pub(super) members: u64,
}

/// Opens the contacts of a list in the order of their ids. What goes wrong is kept, and ends it.
pub(super) struct Scan<'s> {
    store: &'s Store,
    keys: &'s ControllerKeys,
    controller: ControllerId,
    list: ListId,
    page: VecDeque<MemberRow>,
    after: Option<ContactId>,
    position: u64,
    ended: bool,
    failed: Option<DeskError>,
}

impl<'s> Scan<'s> {
    pub(super) fn new(store: &'s Store, keys: &'s ControllerKeys, controller: ControllerId, list: ListId) -> Self {
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
            let page = self.store.read(|tx| tx.list_page_for_check(controller, list, after, PAGE))?;
            self.page = page.into();
            self.after = self.page.back().map(|one| one.contact.id).or(self.after);
        }
        let Some(member) = self.page.pop_front() else { return Ok(None) };
        let (card, events) = opened_member(self.keys, &member)?;
        self.position += 1;
        Ok(Some(CheckRow { position: self.position, contact: member.contact.id, card, events }))
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
