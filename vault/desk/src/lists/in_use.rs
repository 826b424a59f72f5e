//! The contacts of a released list: the one way to them for use.
//!
//! They come a page at a time. Each page is its own transaction that asks again, the store for a release and the policy for
//! leave, so that a release that is suspended while a list is being used ends the use.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;

use carnet_core::keys::Tag;
use carnet_core::model::{Card, ContactId, Controller, EntryId, ExportId, ListId, PurposeId, Standing, Timestamp};
use carnet_core::policy::{Decision, Operation};
use carnet_store::{SuppressionRow, Tx, ValidRelease};

use super::act::{standing, target_of};
use super::scan::opened_member;
use super::seal::verify_release;
use crate::consents::{PurposeStanding, RecordedConsent, standings_of};
use crate::keyring::Keyring;
use crate::seal::refusal_tags;
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

/// A contact of a list in use, whether or not it may be used.
pub(crate) struct Member {
    pub(crate) id: ContactId,
    pub(crate) card: Card,
    /// Where it stands with the purpose.
    pub(crate) standing: Option<PurposeStanding>,
    /// Whether it has refused the purpose, or everything.
    pub(crate) refused: bool,
}

/// What a list is used for.
pub(crate) struct Use {
    /// Asked of the policy at every page, and the name of the entry.
    pub(crate) operation: Operation,
    pub(crate) purpose: Option<PurposeId>,
    /// Which export it is, if it is one.
    pub(crate) export: Option<ExportId>,
    /// What the entry's details say beside the reason.
    pub(crate) more: Vec<(&'static str, String)>,
}

/// A released list in use: its contacts in the order of their ids. Whoever has refused is left out.
pub struct ListInUse<'d> {
    desk: &'d Desk<'d>,
    controller: Controller,
    list: ListId,
    operation: Operation,
    purpose: Option<PurposeId>,
    page: VecDeque<Member>,
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
        let more = Vec::new();
        self.begin_use(controller, list, Use { operation: Operation::ListUse, purpose, export: None, more })
    }

    /// Begins to use a list, and records it.
    pub(crate) fn begin_use<'d>(
        &'d self,
        controller: &Controller,
        list: ListId,
        new: Use,
    ) -> Result<ListInUse<'d>, DeskError> {
        let (operation, purpose) = (new.operation, new.purpose);
        let (until, members) = self.act(operation, controller, list, |tx, act| {
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
            if let Some(export) = new.export {
                act.draft.touch(export);
            }
            act.more.clone_from(&new.more);
            act.draft.count("contacts", act.standing.members);
            Ok((release.expires, act.standing.members))
        })?;
        Ok(ListInUse {
            desk: self,
            controller: controller.clone(),
            list,
            operation,
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
        loop {
            while self.page.is_empty() && !self.ended {
                self.page = self.turn()?.into();
            }
            match self.page.pop_front() {
                Some(member) if member.refused => self.refused += 1,
                Some(Member { id, card, standing, .. }) => return Ok(Some(UsedContact { id, card, standing })),
                None => return Ok(None),
            }
        }
    }

    /// The next page, whoever has refused included; it is empty at the end, and stays so.
    pub(crate) fn turn(&mut self) -> Result<Vec<Member>, DeskError> {
        if self.ended {
            return Ok(Vec::new());
        }
        let desk = self.desk;
        let (controller, list, after, purpose) = (self.controller.id, self.list, self.after, self.purpose);
        let operation = self.operation;
        let turned = desk.vault.with_keys(|ring| {
            desk.vault.store.read(|tx| {
                let now = Timestamp::now();
                let standing = standing(tx, ring, controller, list, now)?;
                if let Decision::Deny { because } = desk.decide(operation, &target_of(&standing)) {
                    return Err(DeskError::Denied(because));
                }
                let mut release = tx.list_in_use(controller, list, now)?.ok_or_else(not_released)?;
                verify_release(&ring.vault, release.row())?;
                opened_page(&mut release, ring, after, purpose)
            })
        });
        // What was refused once is not asked for again.
        self.ended = true;
        let page = match turned {
            Err(DeskError::Denied(because)) => return Err(desk.refuse(operation, Some(controller), because)),
            result => result?,
        };
        self.ended = page.is_empty();
        self.after = page.last().map(|member| member.id).or(self.after);
        Ok(page)
    }
}

impl Iterator for ListInUse<'_> {
    type Item = Result<UsedContact, DeskError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

fn has_refused(standing: &PurposeStanding) -> bool {
    standing.suppressed_since.is_some()
        || !matches!(standing.state.standing, Standing::Unknown | Standing::Given { .. })
}

/// Opens a page: what stands against its addresses, and where its entries stand in the ledger, is asked for once.
fn opened_page(
    release: &mut ValidRelease<'_, '_>,
    ring: &Keyring,
    after: Option<ContactId>,
    purpose: Option<PurposeId>,
) -> Result<Vec<Member>, DeskError> {
    let controller = release.row().controller;
    let keys = ring.controller(controller)?;
    let rows = release.members(after, PAGE)?;
    let mut opened = Vec::with_capacity(rows.len());
    for row in &rows {
        let (card, events) = opened_member(&keys, row)?;
        let tags = refusal_tags(row.contact.id, &card, &keys)?;
        opened.push((row, card, events, tags));
    }
    let all: Vec<Tag> = opened.iter().flat_map(|(.., tags)| tags).copied().collect();
    let mut against: HashMap<Tag, Vec<SuppressionRow>> = HashMap::new();
    for row in release.tx().suppressions_among(controller, &all)? {
        against.entry(row.tag).or_default().push(row);
    }
    let mut places = Places::default();
    let mut page = Vec::with_capacity(opened.len());
    for (row, card, events, tags) in opened {
        let suppressions: Vec<SuppressionRow> =
            tags.iter().filter_map(|tag| against.get(tag)).flatten().cloned().collect();
        let mut history = Vec::with_capacity(events.len());
        for (event, entry) in events.into_iter().zip(row.events.iter().map(|event| event.entry)) {
            history.push(RecordedConsent { event, entry, index: places.index(release.tx(), entry)? });
        }
        let told = standings_of(history, &suppressions, purpose);
        let standing = told.into_iter().find(|one| Some(one.purpose) == purpose);
        let refused =
            standing.as_ref().is_some_and(has_refused) || suppressions.iter().any(|row| row.purpose.is_none());
        page.push(Member { id: row.contact.id, card, standing, refused });
    }
    Ok(page)
}

/// Where entries stand in the ledger. The contacts of a page mostly came by a few imports.
#[derive(Default)]
struct Places(BTreeMap<EntryId, Option<u64>>);

impl Places {
    fn index(&mut self, tx: &mut Tx<'_>, entry: EntryId) -> Result<Option<u64>, DeskError> {
        if let Some(index) = self.0.get(&entry) {
            return Ok(*index);
        }
        let index = tx.ledger_entry(entry)?.map(|entry| entry.index);
        self.0.insert(entry, index);
        Ok(index)
    }
}
