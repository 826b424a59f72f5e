//! An export, a page at a time: memory does not grow with the list, and no transaction is held while somebody writes.

use std::collections::{BTreeMap, VecDeque};

use carnet_core::ledger::{Bulk, EntryError, Frontier, ObjectId, ObjectKind, ObjectRef, leaf_hash};
use carnet_core::model::{Controller, ExportId, ListId, NoticeHash, Purpose, Withheld};
use carnet_core::outgoing::Outgoing;
use carnet_core::policy::Operation;
use carnet_store::StoreError;

use super::canaries::Canaries;
use super::withheld::{claims, withheld};
use super::{ExportFile, ExportReport, NewExport};
use crate::lists::{ListInUse, Use};
use crate::record::recorded_for_vault;
use crate::{Desk, DeskError};

/// The event of an export that came to its end. One that was cut short has its beginning, `list.export`, alone.
const DONE: &str = "export.done";
/// Under which name an entry tells of a file, by its hash.
const FILE: &str = "file";

/// An export on its way: what leaves, one contact after the other, canaries among them.
pub struct ListExport<'d> {
    desk: &'d Desk<'d>,
    usage: ListInUse<'d>,
    controller: Controller,
    list: ListId,
    /// Which export it is.
    pub id: ExportId,
    new: NewExport,
    purpose: Purpose,
    notices: BTreeMap<NoticeHash, String>,
    page: VecDeque<Outgoing>,
    ended: bool,
    /// Whether something went wrong: then it never ends.
    failed: bool,
    left: u64,
    withheld: BTreeMap<Withheld, u64>,
    /// The tree over the ids of the contacts that left.
    tree: Frontier,
    canaries: Canaries,
}

impl Desk<'_> {
    /// Begins to hand a released list to a recipient. Recorded before the first contact is opened.
    ///
    /// What the lawful basis of the purpose does not bear, and whoever has refused, is withheld and counted. The export has
    /// happened once [`ListExport::finish`] has recorded its end.
    ///
    /// # Errors
    /// [`DeskError::Denied`] unless a release of it is in force; [`DeskError::Unknown`] for a purpose that the controller
    /// has not; [`DeskError::Invalid`] without a recipient.
    pub fn export_list<'d>(
        &'d self,
        controller: &Controller,
        list: ListId,
        new: NewExport,
    ) -> Result<ListExport<'d>, DeskError> {
        let recipient = new.recipient.trim();
        if recipient.is_empty() || recipient.chars().any(char::is_control) {
            return Err(DeskError::Invalid("an export needs the name of its recipient, on one line".to_owned()));
        }
        let id = ExportId::new();
        let usage = self.begin_use(
            controller,
            list,
            Use {
                operation: Operation::ListExport,
                purpose: Some(new.purpose),
                export: Some(id),
                more: told(&new).collect(),
            },
        )?;
        let (purpose, notices) = self.vault.store.read(|tx| {
            let purpose = tx.purpose_list(controller.id)?.into_iter().find(|one| one.id == new.purpose);
            Ok::<_, DeskError>((purpose, tx.notice_list(controller.id)?))
        })?;
        let purpose = purpose.ok_or(StoreError::NotFound("purpose"))?;
        let notices = notices.into_iter().map(|(notice, _)| (notice.hash(), notice.text().to_owned())).collect();
        let canaries = Canaries::planned(usage.members, &new.canary_domains);
        Ok(ListExport {
            desk: self,
            usage,
            controller: controller.clone(),
            list,
            id,
            new,
            purpose,
            notices,
            page: VecDeque::new(),
            ended: false,
            failed: false,
            left: 0,
            withheld: BTreeMap::new(),
            tree: Frontier::default(),
            canaries,
        })
    }
}

/// What the entries say of an export in their sealed details.
fn told(new: &NewExport) -> impl Iterator<Item = (&'static str, String)> {
    let country = new.country.map(|country| ("country", country.to_string()));
    [("recipient", new.recipient.trim().to_owned()), ("format", new.format.to_owned())].into_iter().chain(country)
}

impl ListExport<'_> {
    /// How many contacts the list has, those among them that will be withheld.
    pub const fn members(&self) -> u64 {
        self.usage.members
    }

    /// How many contacts were looked at so far.
    pub fn seen(&self) -> u64 {
        self.left + self.withheld.values().sum::<u64>()
    }

    /// Records that all of it was written, and remembers its canaries.
    ///
    /// # Errors
    /// [`DeskError::Invalid`] before the end of the list; the failure of the store, and the export has not happened then.
    pub fn finish(self, file: &ExportFile) -> Result<ExportReport, DeskError> {
        if !self.ended || self.failed {
            return Err(DeskError::Invalid(
                "the export stopped before the end of the list; nothing has left".to_owned(),
            ));
        }
        let desk = self.desk;
        let kind = ObjectKind::new(FILE).map_err(EntryError::from)?;
        let canaries = self.canaries.made();
        let at = desk.vault.with_keys(|ring| {
            let mut draft = desk.draft(DONE)?.of_controller(self.controller.id);
            draft.touch(self.list);
            draft.touch(self.id);
            draft.touch(self.new.purpose);
            draft.touch(ObjectRef { kind: kind.clone(), id: ObjectId::Hash(file.sha256) });
            draft.count("contacts", self.left);
            draft.count("canaries", canaries);
            for (reason, number) in &self.withheld {
                draft.count(reason.as_str(), *number);
            }
            draft.0.bulk = Some(Bulk { count: self.tree.size(), root: *self.tree.root().as_bytes() });
            let at = draft.0.at;
            let marks = self.canaries.rows((self.controller.id, self.id), (desk.vault.id, &ring.vault), at);
            let record = recorded_for_vault(draft, &ring.vault, desk.vault.id, &desk.errand, told(&self.new))?;
            desk.vault.store.write(|tx| {
                for mark in &marks {
                    tx.mark_insert(mark)?;
                }
                Ok::<_, DeskError>((record, at))
            })
        })?;
        Ok(ExportReport {
            id: self.id,
            members: self.seen(),
            left: self.left,
            withheld: self.withheld,
            canaries,
            at,
            policy: desk.vault.access.version(),
            checkpoint: desk.vault.checkpoint()?.map(|note| note.to_string()),
        })
    }

    fn read(&mut self) -> Result<Option<Outgoing>, DeskError> {
        while self.page.is_empty() && !self.ended {
            self.turn()?;
        }
        Ok(self.page.pop_front())
    }

    fn turn(&mut self) -> Result<(), DeskError> {
        let members = self.usage.turn()?;
        self.ended = members.is_empty();
        let before = self.seen();
        let mut page = Vec::with_capacity(members.len());
        for member in members {
            if let Some(reason) = withheld(&member, self.purpose.basis) {
                *self.withheld.entry(reason).or_default() += 1;
                continue;
            }
            self.left += 1;
            self.tree.append(leaf_hash(member.id.as_bytes()));
            let claims = claims(member.standing.as_ref(), &self.purpose, &self.notices);
            page.push(Outgoing { card: member.card, claims });
        }
        let range = before..self.seen();
        self.canaries.join(self.desk, self.controller.id, &mut page, (range, self.left))?;
        self.page = page.into();
        Ok(())
    }
}

impl Iterator for ListExport<'_> {
    type Item = Result<Outgoing, DeskError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.read();
        self.failed = next.is_err();
        next.transpose()
    }
}
