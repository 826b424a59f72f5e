//! The contacts of a released list: the one way to them for use.
//!
//! They come a page at a time. Each page is its own transaction that asks again, the store for a release and the policy for
//! leave, so that a release that is suspended while a list is being used ends the use.

use std::collections::VecDeque;
use std::fmt;

use carnet_core::model::{Card, ContactId, Controller, ListId, PurposeId, Standing, Timestamp};
use carnet_core::policy::{Decision, Operation};
use carnet_store::ValidRelease;

use super::act::{standing, target_of};
use super::scan::opened_member;
use super::seal::verify_release;
use crate::consents::{PurposeStanding, standings};
use crate::keyring::Keyring;
use crate::seal::suppression_tags;
use crate::{Desk, DeskError};

const PAGE: u32 = 500;

/// A contact of a list that is in use. `Debug` shows its id alone.
#[derive(Clone)]
pub struct UsedContact {
    /// Its id.
    pub id: ContactId,
    /// Its content.
    pub card: Card,
    /// Where it stands with the purpose that the list is used for; `None` without a purpose, or where nothing is known.
    pub standing: Option<PurposeStanding>,
}

impl fmt::Debug for UsedContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UsedContact").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A released list in use: its contacts in the order of their ids. Whoever has refused is left out.
pub struct ListInUse<'d> {
    desk: &'d Desk<'d>,
    controller: Controller,
    list: ListId,
    purpose: Option<PurposeId>,
    page: VecDeque<UsedContact>,
    after: Option<ContactId>,
    ended: bool,
    /// Until when it is released.
    pub until: Timestamp,
    /// How many contacts it has, those who have refused among them.
    pub members: u64,
    /// How many were left out so far, because they have refused.
    pub refused: u64,
}

impl Desk<'_> {
    /// Uses a list: its contacts, for a purpose if one is named. Recorded before the first of them is opened.
    ///
    /// Left out is who refused that purpose, or everything. Whether the purpose's lawful basis allows a use is not asked
    /// here: that is for whoever sends or hands on.
    ///
    /// # Errors
    /// [`DeskError::Denied`] unless a release of it is in force; [`DeskError::Open`] when somebody has edited it.
    pub fn use_list<'d>(
        &'d self,
        controller: &Controller,
        list: ListId,
        purpose: Option<PurposeId>,
    ) -> Result<ListInUse<'d>, DeskError> {
        let (until, members) = self.act(Operation::ListUse, controller, list, |tx, act| {
            // The policy has said yes, and it says that of released lists alone; what it was told is made sure of here.
            let release = act.standing.release.as_ref().ok_or_else(not_released)?;
            act.draft.touch(release.id);
            if let Some(purpose) = purpose {
                if !tx.purpose_list(controller.id)?.iter().any(|one| one.id == purpose) {
                    let name = purpose.to_string();
                    return Err(DeskError::Unknown { what: "purpose", name, command: "purpose ls" });
                }
                act.draft.touch(purpose);
            }
            act.draft.count("contacts", act.standing.members);
            Ok((release.expires, act.standing.members))
        })?;
        Ok(ListInUse {
            desk: self,
            controller: controller.clone(),
            list,
            purpose,
            page: VecDeque::new(),
            after: None,
            ended: false,
            until,
            members,
            refused: 0,
        })
    }
}

fn not_released() -> DeskError {
    DeskError::Denied("No list is used unless it is released.".to_owned())
}

impl ListInUse<'_> {
    fn read(&mut self) -> Result<Option<UsedContact>, DeskError> {
        while self.page.is_empty() && !self.ended {
            self.turn()?;
        }
        Ok(self.page.pop_front())
    }

    /// Reads the next page.
    fn turn(&mut self) -> Result<(), DeskError> {
        let desk = self.desk;
        let (controller, list, after, purpose) = (self.controller.id, self.list, self.after, self.purpose);
        let turned = desk.vault.with_keys(|ring| {
            desk.vault.store.read(|tx| {
                let now = Timestamp::now();
                let standing = standing(tx, ring, controller, list, now)?;
                if let Decision::Deny { because } = desk.decide(Operation::ListUse, &target_of(&standing)) {
                    return Err(DeskError::Denied(because));
                }
                let mut release = tx.list_in_use(controller, list, now)?.ok_or_else(not_released)?;
                verify_release(&ring.vault, release.row())?;
                opened_page(&mut release, ring, after, purpose)
            })
        });
        let page = match turned {
            Err(DeskError::Denied(because)) => return Err(desk.refuse(Operation::ListUse, Some(controller), because)),
            result => result?,
        };
        self.ended = page.last.is_none();
        self.after = page.last.or(self.after);
        self.refused += page.refused;
        self.page = page.contacts;
        Ok(())
    }
}

impl Iterator for ListInUse<'_> {
    type Item = Result<UsedContact, DeskError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.read();
        if next.is_err() {
            // What was refused once is not asked for again.
            self.ended = true;
        }
        next.transpose()
    }
}

fn has_refused(standing: &PurposeStanding) -> bool {
    standing.suppressed_since.is_some()
        || !matches!(standing.state.standing, Standing::Unknown | Standing::Given { .. })
}

struct Page {
    contacts: VecDeque<UsedContact>,
    last: Option<ContactId>,
    refused: u64,
}

fn opened_page(
    release: &mut ValidRelease<'_, '_>,
    ring: &Keyring,
    after: Option<ContactId>,
    purpose: Option<PurposeId>,
) -> Result<Page, DeskError> {
    let controller = release.row().controller;
    let keys = ring.controller(controller)?;
    let mut page = Page { contacts: VecDeque::new(), last: None, refused: 0 };
    for member in release.members(after, PAGE)? {
        let id = member.contact.id;
        page.last = Some(id);
        let (card, _) = opened_member(&keys, &member)?;
        let suppressions = release.tx().suppressions_of(controller, &suppression_tags(&card, &keys)?)?;
        let told = standings(release.tx(), &keys, controller, id)?;
        let known = told.into_iter().find(|one| Some(one.purpose) == purpose);
        let refused = known.as_ref().is_some_and(has_refused) || suppressions.iter().any(|row| row.purpose.is_none());
        if refused {
            page.refused += 1;
        } else {
            page.contacts.push_back(UsedContact { id, card, standing: known });
        }
    }
    Ok(page)
}
