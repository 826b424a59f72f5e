//! Canaries: how many an export carries, where they stand in it, and what the vault remembers of them.

use std::collections::{HashSet, VecDeque};
use std::ops::Range;

use carnet_core::keys::{Field, Place, Tag, VaultKey};
use carnet_core::model::{ControllerId, EmailAddress, ExportId, MarkKind, Timestamp, VaultId};
use carnet_core::outgoing::Outgoing;
use carnet_store::MarkRow;

use super::invent::invented;
use super::lots::Lots;
use crate::{Desk, DeskError};

/// How many rows invented persons take their looks and names from.
const LOOKS: usize = 64;
/// How often another person is invented where the first has an address that somebody has.
const TRIES: usize = 16;

/// How many canaries an export of so many contacts carries (a leaker who removes some should not find them all, and a small
/// list should not consist of them).
const fn number(members: u64) -> u64 {
    match members {
        0..10_000 => 12,
        10_000..50_000 => 24,
        50_000..400_000 => 100,
        _ => 400,
    }
}

/// A canary that was made.
struct Canary {
    tag: Tag,
    address: EmailAddress,
}

/// The canaries of one export.
pub(super) struct Canaries {
    lots: Lots,
    /// Each with how many canaries it has; the next goes to the first of those that have fewest.
    domains: VecDeque<(String, u32)>,
    /// Behind which contacts of the list they stand, the last first.
    places: Vec<u64>,
    /// How many are due and were not placed yet.
    due: u64,
    looks: Vec<Outgoing>,
    seen: usize,
    made: Vec<Canary>,
}

impl Canaries {
    /// The canaries of a list of so many contacts; none without a domain.
    pub(super) fn planned(members: u64, domains: &[String]) -> Self {
        let mut lots = Lots::new();
        let mut domains = domains.to_vec();
        lots.shuffle(&mut domains);
        let wanted = if domains.is_empty() { 0 } else { number(members) };
        let mut places: Vec<u64> = (0..wanted).map(|_| lots.below_u64(members)).collect();
        places.sort_unstable_by(|one, other| other.cmp(one));
        let domains = domains.into_iter().map(|domain| (domain, 0)).collect();
        Self { lots, domains, places, due: 0, looks: Vec::new(), seen: 0, made: Vec::new() }
    }

    /// How many were made.
    pub(super) fn made(&self) -> u64 {
        u64::try_from(self.made.len()).unwrap_or(u64::MAX)
    }

    /// Puts the canaries of a page among its contacts: those whose places are in `range`, and no more than a tenth of the
    /// contacts that have `left` by then.
    pub(super) fn join(
        &mut self,
        desk: &Desk<'_>,
        controller: ControllerId,
        page: &mut Vec<Outgoing>,
        (range, left): (Range<u64>, u64),
    ) -> Result<(), DeskError> {
        while self.places.last().is_some_and(|place| range.contains(place)) {
            self.places.pop();
            self.due += 1;
        }
        if self.domains.is_empty() {
            return Ok(());
        }
        page.iter().for_each(|one| self.look(one));
        let (mut joining, mut failed) = (Vec::new(), 0);
        // What cannot be made of these names stays due: rows that come later may have others.
        while self.due > 0 && self.made() < left / 10 && failed < TRIES {
            match self.make(desk, controller)? {
                Some(canary) => {
                    self.due -= 1;
                    joining.push(canary);
                }
                None => failed += 1,
            }
        }
        for canary in joining {
            let place = self.lots.below(page.len() + 1);
            page.insert(place, canary);
        }
        Ok(())
    }

    /// Keeps a contact among those that looks are taken from, each with the same chance (reservoir sampling).
    fn look(&mut self, one: &Outgoing) {
        self.seen += 1;
        if self.looks.len() < LOOKS {
            self.looks.push(one.clone());
        } else if let Some(place) = self.looks.get_mut(self.lots.below(self.seen)) {
            *place = one.clone();
        }
    }

    /// Invents a person whose address nobody has.
    fn make(&mut self, desk: &Desk<'_>, controller: ControllerId) -> Result<Option<Outgoing>, DeskError> {
        let fewest = (0..).zip(&self.domains).min_by_key(|(_, (_, used))| *used).map(|(place, _)| place);
        let Some((domain, used)) = fewest.and_then(|place| self.domains.remove(place)) else { return Ok(None) };
        let made = self.make_at(desk, controller, &domain)?;
        self.domains.push_back((domain, used + u32::from(made.is_some())));
        Ok(made)
    }

    fn make_at(
        &mut self,
        desk: &Desk<'_>,
        controller: ControllerId,
        domain: &str,
    ) -> Result<Option<Outgoing>, DeskError> {
        for _ in 0..TRIES {
            let Some((canary, address)) = invented(&mut self.lots, &self.looks, domain) else { continue };
            if let Some(tag) = free_tag(desk, controller, &address)?
                && !self.made.iter().any(|one| one.tag == tag)
            {
                self.made.push(Canary { tag, address });
                return Ok(Some(canary));
            }
        }
        Ok(None)
    }

    /// What the vault remembers of them.
    pub(super) fn rows(
        &self,
        (controller, export): (ControllerId, ExportId),
        key: (VaultId, &VaultKey),
        at: Timestamp,
    ) -> Vec<MarkRow> {
        let mark = |one: &Canary| {
            let clear = ClearMark { tag: one.tag, kind: MarkKind::Canary, of: Some((controller, export)), created: at };
            clear.sealed(key, &one.address)
        };
        let distinct: HashSet<Tag> = self.made.iter().map(|one| one.tag).collect();
        debug_assert_eq!(distinct.len(), self.made.len());
        self.made.iter().map(mark).collect()
    }
}

/// The tag of an address that no contact of the controller has and that is not marked.
fn free_tag(desk: &Desk<'_>, controller: ControllerId, address: &EmailAddress) -> Result<Option<Tag>, DeskError> {
    desk.vault.with_keys(|ring| {
        let tag = ring.overlap.email_tag(address);
        let own = ring.controller(controller)?.index().tag(Field::Email, address.as_str());
        desk.vault.store.read(|tx| {
            let taken = !tx.marks_among(&[tag])?.is_empty() || !tx.contacts_by_emails(controller, &[own])?.is_empty();
            Ok((!taken).then_some(tag))
        })
    })
}

/// What of a marked address stands in clear, which its sealed label vouches for.
pub(super) struct ClearMark {
    pub(super) tag: Tag,
    pub(super) kind: MarkKind,
    pub(super) of: Option<(ControllerId, ExportId)>,
    pub(super) created: Timestamp,
}

impl ClearMark {
    /// What stands in clear of a row.
    pub(super) fn of(row: &MarkRow) -> Self {
        Self { tag: row.tag, kind: row.kind, of: row.controller.zip(row.export), created: row.created }
    }

    fn bound(&self) -> [Vec<u8>; 4] {
        let of = |id: Option<[u8; 16]>| id.unwrap_or_default().to_vec();
        [
            self.kind.as_str().as_bytes().to_vec(),
            of(self.of.map(|(controller, _)| *controller.as_bytes())),
            of(self.of.map(|(_, export)| *export.as_bytes())),
            self.created.as_us().to_be_bytes().to_vec(),
        ]
    }

    /// The row with the address sealed into it.
    pub(super) fn sealed(self, (vault, key): (VaultId, &VaultKey), address: &EmailAddress) -> MarkRow {
        let bound = self.bound();
        let bound: Vec<&[u8]> = bound.iter().map(Vec::as_slice).collect();
        let place = Place::new(vault, *self.tag.as_bytes(), "marked_addresses", "sealed_label").bound_to(&bound);
        let label = key.seal(&place, address.as_str().as_bytes());
        let (controller, export) = self.of.unzip();
        MarkRow { tag: self.tag, kind: self.kind, controller, export, label, created: self.created }
    }

    /// The address of a row.
    pub(super) fn opened((vault, key): (VaultId, &VaultKey), row: &MarkRow) -> Result<String, DeskError> {
        let bound = Self::of(row).bound();
        let bound: Vec<&[u8]> = bound.iter().map(Vec::as_slice).collect();
        let place = Place::new(vault, *row.tag.as_bytes(), "marked_addresses", "sealed_label").bound_to(&bound);
        let opened = key.open(&place, &row.label)?;
        std::str::from_utf8(&opened).map(str::to_owned).map_err(|_| DeskError::Content("marked address"))
    }
}
