//! What is remembered of condemned lists: the keyed hashes of their addresses, for 24 months.

use std::collections::HashSet;

use carnet_core::keys::Tag;
use carnet_core::model::{ContactId, Controller, ControllerId, ListId, Timestamp};
use carnet_core::policy::Operation;
use carnet_store::WriteTx;

use super::recall::Recall;
use super::scan::Marks;
use crate::{Desk, DeskError};

/// What the addresses of a list were compared by when they were read, and how large it was.
pub(super) struct Compared {
    marks: Marks,
    contacts: Vec<(ContactId, Vec<Tag>)>,
}

impl Desk<'_> {
    /// Reads what the addresses of a list are compared by, for an operation that the policy allows on it.
    pub(super) fn compared(
        &self,
        operation: Operation,
        controller: &Controller,
        list: ListId,
    ) -> Result<Compared, DeskError> {
        self.allowed_on(operation, controller, list)?;
        let marks = self.marks(controller.id, list)?;
        let contacts =
            self.scanned((controller.id, list), |_, rows| Ok(rows.map(|row| (row.contact, row.tags)).collect()))?;
        Ok(Compared { marks, contacts })
    }

    /// The same of a list that is condemned; `None` of any other.
    pub(super) fn compared_if_condemned(
        &self,
        operation: Operation,
        controller: &Controller,
        list: ListId,
    ) -> Result<Option<Compared>, DeskError> {
        let is_condemned = self.vault.store.read(|tx| tx.is_condemned(controller.id, list))?;
        is_condemned.then(|| self.compared(operation, controller, list)).transpose()
    }
}

impl Compared {
    /// Makes sure that the list is as it was when it was read.
    fn is_of(&self, tx: &mut WriteTx<'_>, place: (ControllerId, ListId), members: u64) -> Result<(), DeskError> {
        let now = Marks::of(tx, place, members)?;
        if now == self.marks { Ok(()) } else { Err(DeskError::ListOvertaken) }
    }

    /// Remembers the list as condemned, and forgets those that were long ago.
    pub(super) fn condemn(
        &self,
        tx: &mut WriteTx<'_>,
        (place, members): ((ControllerId, ListId), u64),
        now: Timestamp,
    ) -> Result<(), DeskError> {
        self.is_of(tx, place, members)?;
        tx.condemned_purge(Recall::condemned_since(now))?;
        let tags: Vec<Tag> = self.contacts.iter().flat_map(|(_, tags)| tags).copied().collect();
        // Who was split off came in with the list before.
        let mut first = place.1;
        while let Some(before) = tx.list_split_origin(place.0, first)? {
            first = before;
        }
        let began = tx.list(place.0, first)?.map_or(now, |list| list.created);
        Ok(tx.condemned_put(place, &tags, (now, began))?)
    }

    /// Those who were moved into another list are remembered with that one; `members` counts the first list before.
    pub(super) fn go_along(
        &self,
        tx: &mut WriteTx<'_>,
        (place, members): ((ControllerId, ListId), u64),
        (to, moved): (ListId, &[ContactId]),
    ) -> Result<(), DeskError> {
        self.is_of(tx, place, members)?;
        let known = tx.condemned_of(place.0, place.1)?;
        let Some((_, at, began)) = known.first().copied() else { return Ok(()) };
        let moved: HashSet<&ContactId> = moved.iter().collect();
        let of = |is_moved: bool| -> HashSet<Tag> {
            let some = self.contacts.iter().filter(|(contact, _)| moved.contains(contact) == is_moved);
            some.flat_map(|(_, tags)| tags).copied().collect()
        };
        let (gone, left) = (of(true), of(false));
        let known = || known.iter().map(|(tag, ..)| *tag);
        let there: Vec<Tag> = known().filter(|tag| gone.contains(tag)).collect();
        // One address may be of two contacts; and who was taken out of the list before stays remembered with it.
        let here: Vec<Tag> = known().filter(|tag| !gone.contains(tag) || left.contains(tag)).collect();
        tx.condemned_put((place.0, to), &there, (at, began))?;
        Ok(tx.condemned_put(place, &here, (at, began))?)
    }
}
