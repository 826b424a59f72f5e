//! What a chunk writes: each contact looked up among the known ones and those before it, then loaded, merged or kept out.

use std::collections::{HashMap, HashSet};
use std::slice;

use carnet_core::intake::{Claim, Reject, RejectReason, level, merge::merge};
use carnet_core::keys::{Field, Tag};
use carnet_core::ledger::Touched;
use carnet_core::model::{Card, ConsentKind, ContactId, EntryId, ImportCounts, ImportId, ListId, NO_PURPOSE};
use carnet_store::{Load, LoadedContact, SuppressionRow, WriteTx};

use super::prepare::{Common, Prepared, reject};
use super::{Watch, known};
use crate::DeskError;
use crate::contacts::{Refusal, suppress};
use crate::seal::own_refusal_tag;

/// A part of the source that is written in one transaction with its entry.
pub(super) struct Chunk {
    pub(super) entry: EntryId,
    pub(super) prepared: Vec<Prepared>,
    pub(super) rejects: Vec<Reject>,
    /// How much of the source it is.
    pub(super) read: u64,
}

/// What writing a chunk came to.
#[derive(Default)]
pub(super) struct Written {
    pub(super) counts: ImportCounts,
    pub(super) touched: Vec<Touched>,
    /// Known contacts that have other addresses now, or more that they are said to have agreed to.
    pub(super) opened_more: Vec<ContactId>,
    /// What is not taken as it is, beside what could not be read.
    pub(super) rejects: Vec<Reject>,
}

impl Written {
    /// Hands over what was not taken, in the order of the source.
    pub(super) fn hand_rejects(&self, chunk: &Chunk, watch: &mut dyn Watch) -> Result<(), DeskError> {
        let mut rejects: Vec<_> = chunk.rejects.iter().chain(&self.rejects).collect();
        rejects.sort_by_key(|reject| reject.line);
        rejects.into_iter().try_for_each(|reject| {
            let kept = watch.reject(reject);
            kept.map_err(|source| DeskError::File { place: "the file of rejects".to_owned(), source })
        })
    }
}

/// A contact of this chunk that is new, with what later ones of the chunk add to it.
struct New<'c> {
    prepared: &'c Prepared,
    /// Put together again, if a later one added something.
    again: Option<(Card, LoadedContact)>,
    /// All that is claimed, if a later one claims more.
    claims: Option<Vec<Claim>>,
}

/// Whose an incoming contact is.
enum Owner {
    Nobody,
    Known(ContactId),
    /// One of the new contacts of this chunk.
    New(usize),
    /// It cannot be told.
    Unclear(RejectReason),
}

pub(super) struct Writer<'c> {
    pub(super) common: &'c Common,
    pub(super) import: ImportId,
    pub(super) list: ListId,
    entry: EntryId,
    known: HashMap<Tag, ContactId>,
    standing: HashMap<Tag, Vec<SuppressionRow>>,
    new: Vec<New<'c>>,
    new_by_email: HashMap<Tag, usize>,
    new_by_phone: HashMap<Tag, usize>,
    touched: HashMap<ContactId, Touched>,
    pub(super) written: Written,
}

impl<'c> Writer<'c> {
    /// Writes all of a chunk but its rejects, which are not in the vault's hands.
    pub(super) fn write(
        tx: &mut WriteTx<'_>,
        common: &'c Common,
        (import, list): (ImportId, ListId),
        chunk: &'c Chunk,
    ) -> Result<Written, DeskError> {
        let controller = common.controller.id;
        let emails: Vec<Tag> =
            chunk.prepared.iter().flat_map(|one| one.loaded.tags.emails.iter().map(|(tag, _)| *tag)).collect();
        let refusals: Vec<Tag> = chunk.prepared.iter().flat_map(|one| one.refusals.iter().copied()).collect();
        let mut standing: HashMap<Tag, Vec<SuppressionRow>> = HashMap::new();
        for row in tx.suppressions_among(controller, &refusals)? {
            standing.entry(row.tag).or_default().push(row);
        }
        let mut writer = Self {
            common,
            import,
            list,
            entry: chunk.entry,
            known: tx.contacts_by_emails(controller, &emails)?,
            standing,
            new: Vec::with_capacity(chunk.prepared.len()),
            new_by_email: HashMap::with_capacity(chunk.prepared.len()),
            new_by_phone: HashMap::new(),
            touched: HashMap::new(),
            written: Written::default(),
        };
        for prepared in &chunk.prepared {
            writer.take(tx, prepared)?;
        }
        writer.load(tx)?;
        writer.written.counts.read = chunk.read;
        let rejected = chunk.rejects.len() + writer.written.rejects.len();
        writer.written.counts.rejected = u64::try_from(rejected).unwrap_or(u64::MAX);
        writer.written.touched = writer.touched.into_values().collect();
        writer.written.touched.sort_unstable_by_key(|touched| touched.contact);
        Ok(writer.written)
    }

    fn take(&mut self, tx: &mut WriteTx<'_>, prepared: &'c Prepared) -> Result<(), DeskError> {
        if prepared.incoming.undeliverable.is_some() {
            self.written.counts.undeliverable += 1;
        }
        let owner = self.owner(tx, prepared)?;
        let contact = self.contact_of(&owner, prepared);
        let stays_out = match &owner {
            Owner::Known(_) | Owner::New(_) => self.objected(prepared),
            Owner::Nobody | Owner::Unclear(_) => self.objected(prepared) || self.suppressed_entirely(prepared),
        };
        match owner {
            _ if stays_out => self.written.counts.suppressed += 1,
            Owner::Nobody => self.add(prepared),
            Owner::New(index) => self.join_new(index, prepared)?,
            Owner::Known(contact) => {
                let change =
                    known::merge_known(tx, self.common, (self.import, self.list), contact, prepared, self.entry)?;
                if change.opens_more {
                    self.written.opened_more.push(contact);
                }
                self.count_known(contact, change);
                // What this one brought is the contact's from here on, for the next ones of the chunk too.
                self.known.extend(prepared.loaded.tags.emails.iter().map(|(tag, _)| (*tag, contact)));
            }
            Owner::Unclear(reason) => self.written.rejects.push(reject(&prepared.incoming, reason)),
        }
        // Whatever becomes of the contact, a refusal holds for the addresses that it was made with.
        self.refuse(tx, prepared, contact)
    }

    /// The contact that an incoming one becomes, or would.
    fn contact_of(&self, owner: &Owner, prepared: &Prepared) -> ContactId {
        match owner {
            Owner::Known(contact) => *contact,
            Owner::New(index) => self.new.get(*index).map_or(prepared.loaded.id, |new| new.loaded().id),
            Owner::Nobody | Owner::Unclear(_) => prepared.loaded.id,
        }
    }

    fn owner(&self, tx: &mut WriteTx<'_>, prepared: &Prepared) -> Result<Owner, DeskError> {
        let emails = &prepared.loaded.tags.emails;
        if emails.is_empty() {
            return self.owner_by_phone(tx, prepared);
        }
        let owner = |tag: &Tag| match (self.known.get(tag), self.new_by_email.get(tag)) {
            (Some(contact), _) => Some((Some(*contact), 0)),
            (None, Some(index)) => Some((None, *index)),
            (None, None) => None,
        };
        let owners: HashSet<_> = emails.iter().filter_map(|(tag, _)| owner(tag)).collect();
        let mut owners = owners.into_iter();
        let first_is_theirs = emails.first().is_some_and(|(tag, _)| owner(tag).is_some());
        Ok(match (owners.next(), owners.next()) {
            (None, _) => Owner::Nobody,
            (Some(_), Some(_)) => Owner::Unclear(RejectReason::AddressesOfSeveral),
            (Some((Some(contact), _)), None) => {
                let theirs = first_is_theirs || {
                    let card = known::card(tx, self.common, contact)?;
                    may_be_one(&card, &prepared.incoming.card)
                };
                if theirs { Owner::Known(contact) } else { Owner::Unclear(RejectReason::AddressTaken) }
            }
            (Some((None, index)), None) => {
                let theirs = first_is_theirs
                    || self.new.get(index).is_some_and(|new| may_be_one(new.card(), &prepared.incoming.card));
                if theirs { Owner::New(index) } else { Owner::Unclear(RejectReason::AddressTaken) }
            }
        })
    }

    /// Whoever has no address is the same person if number and name are the same: families and firms share numbers.
    fn owner_by_phone(&self, tx: &mut WriteTx<'_>, prepared: &Prepared) -> Result<Owner, DeskError> {
        let card = &prepared.incoming.card;
        for (_, tag) in &prepared.loaded.tags.others {
            if let Some(index) = self.new_by_phone.get(tag).copied()
                && self.new.get(index).is_some_and(|new| same_name(new.card(), card))
            {
                return Ok(Owner::New(index));
            }
            for contact in tx.contact_by_tag(self.common.controller.id, Field::Phone, *tag, known::NAMESAKES_MAX)? {
                if same_name(&known::card(tx, self.common, contact)?, card) {
                    return Ok(Owner::Known(contact));
                }
            }
        }
        Ok(Owner::Nobody)
    }

    fn standing_of<'s>(&'s self, prepared: &'s Prepared) -> impl Iterator<Item = &'s SuppressionRow> {
        prepared.refusals.iter().filter_map(|tag| self.standing.get(tag)).flatten()
    }

    /// Whether the owner of one of these addresses objected to what this import is for.
    fn objected(&self, prepared: &Prepared) -> bool {
        let objection = ConsentKind::Objected.as_str();
        self.standing_of(prepared)
            .any(|row| row.cause == objection && (row.purpose.is_none() || row.purpose == self.common.purpose))
    }

    /// Whether one of these addresses is refused for everything: its owner was erased, or said no without saying to what.
    fn suppressed_entirely(&self, prepared: &Prepared) -> bool {
        self.standing_of(prepared).any(|row| row.purpose.is_none())
    }

    fn add(&mut self, prepared: &'c Prepared) {
        let index = self.new.len();
        for (tag, _) in &prepared.loaded.tags.emails {
            self.new_by_email.insert(*tag, index);
        }
        if prepared.loaded.tags.emails.is_empty() {
            for (_, tag) in &prepared.loaded.tags.others {
                self.new_by_phone.entry(*tag).or_insert(index);
            }
        }
        self.new.push(New { prepared, again: None, claims: None });
        self.written.counts.new += 1;
    }

    /// The same person twice in one chunk: the second is merged into the first before it is written.
    fn join_new(&mut self, index: usize, prepared: &Prepared) -> Result<(), DeskError> {
        let Some(new) = self.new.get_mut(index) else { return Ok(()) };
        let merged = merge(new.card(), &prepared.incoming.card, Some(self.common.controller.country))?;
        let more: Vec<Claim> =
            prepared.incoming.claims.iter().filter(|claim| !new.claims().contains(claim)).cloned().collect();
        self.written.counts.differing += u64::from(merged.differing > 0);
        if merged.card.is_none() && more.is_empty() {
            self.written.counts.unchanged += 1;
            return Ok(());
        }
        self.written.counts.merged += 1;
        let claims = [new.claims(), &more].concat();
        let card = merged.card.unwrap_or_else(|| new.card().clone());
        let tags = self.common.tags_of(&card);
        for (tag, _) in &tags.emails {
            self.new_by_email.insert(*tag, index);
        }
        let loaded = &new.prepared.loaded;
        let mut incoming = new.prepared.incoming.clone();
        // The bytes that one of them came in as would not say what the other said.
        incoming.original = None;
        incoming.card = card;
        let again = self.common.sealed(loaded.id, loaded.salt.clone(), tags, &incoming, &claims, self.entry)?;
        new.claims = Some(claims);
        new.again = Some((incoming.card, again));
        Ok(())
    }

    fn count_known(&mut self, contact: ContactId, change: known::Change) {
        let counts = &mut self.written.counts;
        counts.differing += u64::from(change.differing);
        counts.consents += u64::try_from(change.events).unwrap_or(u64::MAX);
        counts.refusals += u64::try_from(change.refusals).unwrap_or(u64::MAX);
        if change.card || change.events > 0 {
            counts.merged += 1
        } else {
            counts.unchanged += 1
        }
        if !change.card && change.events == 0 && !change.joined {
            return;
        }
        let touched = self.touched.entry(contact).or_insert(Touched::kept(contact));
        touched.note(change.card, change.events);
    }

    /// Puts down what the source says was refused, for each address that comes in; for the contact itself if none does, so
    /// that the refusal is not forgotten when it gets one.
    fn refuse(&mut self, tx: &mut WriteTx<'_>, prepared: &Prepared, contact: ContactId) -> Result<(), DeskError> {
        let own = prepared.refusals.is_empty().then(|| own_refusal_tag(contact, &self.common.keys));
        let tags = own.as_ref().map_or(prepared.refusals.as_slice(), slice::from_ref);
        for claim in prepared.incoming.claims.iter().filter(|claim| claim.kind.is_refusal()) {
            let event = self.common.event(claim, contact);
            let at = event.counted_at().unwrap_or(event.recorded_at);
            let purpose = Some(event.purpose).filter(|purpose| *purpose != NO_PURPOSE);
            let refusal = Refusal { purpose, cause: claim.kind.as_str(), at };
            let controller = self.common.controller.id;
            suppress(tx, controller, tags, refusal)?;
            for tag in tags {
                let row = SuppressionRow { controller, tag: *tag, purpose, cause: refusal.cause.to_owned(), at };
                self.standing.entry(*tag).or_default().push(row);
            }
        }
        Ok(())
    }

    fn load(&mut self, tx: &mut WriteTx<'_>) -> Result<(), DeskError> {
        let mut contacts: Vec<&LoadedContact> = self.new.iter().map(New::loaded).collect();
        contacts.sort_unstable_by_key(|contact| contact.id);
        let common = self.common;
        tx.contacts_load(&Load {
            controller: common.controller.id,
            provenance: common.provenance,
            list: self.list,
            at: common.at,
            contacts: &contacts,
        })?;
        for loaded in contacts {
            let events = loaded.events.len();
            self.written.counts.consents += u64::try_from(events).unwrap_or(u64::MAX);
            let refusals = loaded.events.iter().filter(|event| event.kind.is_refusal()).count();
            self.written.counts.refusals += u64::try_from(refusals).unwrap_or(u64::MAX);
            self.touched.insert(loaded.id, Touched::added(loaded.id, events));
        }
        Ok(())
    }
}

impl New<'_> {
    fn card(&self) -> &Card {
        self.again.as_ref().map_or(&self.prepared.incoming.card, |(card, _)| card)
    }

    fn claims(&self) -> &[Claim] {
        self.claims.as_deref().unwrap_or(&self.prepared.incoming.claims)
    }

    fn loaded(&self) -> &LoadedContact {
        self.again.as_ref().map_or(&self.prepared.loaded, |(_, loaded)| loaded)
    }
}

/// Whether two cards may be one person's: their names agree, or one has none.
fn may_be_one(one: &Card, other: &Card) -> bool {
    match (one.full_name(), other.full_name()) {
        (Some(one), Some(other)) => level(&one) == level(&other),
        _ => true,
    }
}

/// Whether two cards have the same name.
fn same_name(one: &Card, other: &Card) -> bool {
    one.full_name().is_some() && other.full_name().is_some() && may_be_one(one, other)
}
