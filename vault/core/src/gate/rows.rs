//! The rows of a list, held small: about 100 bytes each beside the address, and repeated texts once.
//!
//! A list of any length may be fed. Past [`Rows::LIMIT`] rows only every second, then every fourth block of
//! [`Rows::BLOCK`] consecutive rows is kept, so that order and neighbourhood can still be judged, memory is bounded, and what is
//! kept depends on the list alone. What the vault's memory knows is looked up for every row and is not sampled.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::ops::Range;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroize as _;

use super::held::{BARE_YES, HAS_PHONE, Held, NEVER, Place, SCRAPED, VAGUE_TIME, View};
use super::marks::is_scraped;
use super::row::Row;
use super::text::{TextId, Texts};
use crate::intake::{self, Reject};
use crate::model::Timestamp;

/// Everything that the gate looks at of a list. `Debug` shows counts alone.
pub struct Rows {
    rows: Vec<Held>,
    /// Addresses as written, and normal local parts where they differ.
    arena: String,
    texts: Texts,
    seen: u64,
    rejected: u64,
    rejected_with_marks: u64,
    is_cut: bool,
    limit: usize,
    /// One block in so many is kept.
    stride: u64,
    digest: Sha256,
}

impl Rows {
    /// Rows that are held at most.
    pub const LIMIT: usize = 1_000_000;
    /// Consecutive rows that stay together in a sample.
    pub const BLOCK: u64 = 1_000;

    /// None yet.
    pub fn new() -> Self {
        Self::with_limit(Self::LIMIT)
    }

    #[cfg(test)]
    pub(super) fn with_limit_for_tests(limit: usize) -> Self {
        Self::with_limit(limit)
    }

    fn with_limit(limit: usize) -> Self {
        let digest = Sha256::new_with_prefix(b"carnet/gate/rows/v1\0");
        let (arena, texts) = (String::new(), Texts::default());
        let counts = (0, 0, 0);
        Self {
            rows: Vec::new(),
            arena,
            texts,
            seen: counts.0,
            rejected: counts.1,
            rejected_with_marks: counts.2,
            is_cut: false,
            limit,
            stride: 1,
            digest,
        }
    }

    /// Takes the next row of the list.
    pub fn push(&mut self, row: &Row<'_>) {
        self.digest_row(row);
        let block = self.seen / Self::BLOCK;
        self.seen += 1;
        if !block.is_multiple_of(self.stride) {
            return;
        }
        if self.rows.len() >= self.limit {
            self.thin();
            if !block.is_multiple_of(self.stride) {
                return;
            }
        }
        let held = self.hold(row);
        self.rows.push(held);
    }

    /// Takes note of a row that could not be read, by its bytes: an address that was copied from a page is often none.
    pub fn push_rejected(&mut self, reject: &Reject) {
        let raw = reject.raw.as_deref().unwrap_or_default();
        self.rejected += 1;
        self.is_cut |= reject.reason.is_cut();
        self.rejected_with_marks += u64::from(is_scraped(&String::from_utf8_lossy(raw)));
        self.digest.update([0xfe, u8::from(reject.reason.is_cut())]);
        self.digest.update(raw.len().to_be_bytes());
        self.digest.update(raw);
    }

    /// Rows that were fed.
    pub const fn seen(&self) -> u64 {
        self.seen
    }

    /// Rows that are held: all of them, or a sample.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether no row is held.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Rows that could not be read.
    pub const fn rejected(&self) -> u64 {
        self.rejected
    }

    /// Whether the source ended before it was whole.
    pub(super) const fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Of these, the ones with marks of an address copied from a page.
    pub(super) const fn rejected_with_marks(&self) -> u64 {
        self.rejected_with_marks
    }

    /// SHA-256 over everything that was fed, in its order.
    pub fn digest(&self) -> [u8; 32] {
        self.digest.clone().finalize().into()
    }

    /// The index of the row at this position of the source, if it is held.
    pub(super) fn at_position(&self, position: u64) -> Option<u32> {
        let index = self.rows.binary_search_by_key(&position, |row| row.position).ok()?;
        u32::try_from(index).ok()
    }

    /// The row of an index.
    pub(super) fn get(&self, index: u32) -> Option<View<'_>> {
        let row = self.rows.get(usize::try_from(index).ok()?)?;
        Some(View { rows: self, row, index })
    }

    /// All of them in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = View<'_>> {
        (0_u32..).zip(&self.rows).map(|(index, row)| View { rows: self, row, index })
    }

    /// The text of a number.
    pub(super) fn text(&self, id: TextId) -> &str {
        self.texts.get(id)
    }

    /// How many different texts there are.
    pub(super) fn text_count(&self) -> usize {
        self.texts.len()
    }

    fn hold(&mut self, row: &Row<'_>) -> Held {
        let written = self.place(row.email);
        let read = intake::email(row.email).ok();
        let (local, domain) = match &read {
            Some(address) => {
                let plain = row.email.rsplit_once('@').map(|(local, _)| local);
                let same = plain == Some(address.local_part());
                let bytes = u16::try_from(address.local_part().len()).unwrap_or_default();
                let local = if same { Place { start: written.start, bytes } } else { self.place(address.local_part()) };
                (local, self.texts.id(address.domain()))
            }
            None => (Place::default(), 0),
        };
        let time = |at: Option<Timestamp>| at.map_or(NEVER, |at| at.as_us().div_euclid(1_000_000));
        let flag = |on: bool, flag: u8| if on { flag } else { 0 };
        let texts = &mut self.texts;
        Held {
            position: row.position,
            opted_in_s: time(row.opted_in_at),
            confirmed_s: time(row.confirmed_at),
            notified_s: time(row.notified_at),
            active_s: time(row.last_activity_at),
            written,
            local,
            domain,
            given: texts.id(row.given),
            surname: texts.id(row.surname),
            organisation: texts.id(row.organisation),
            source: texts.id(row.source),
            wording: texts.id(row.wording),
            method: texts.id(row.method),
            ip: row.ip,
            country: country(row.country),
            flags: flag(row.has_phone, HAS_PHONE)
                | flag(row.has_vague_time, VAGUE_TIME)
                | flag(row.has_bare_yes, BARE_YES)
                | flag(is_scraped(row.email), SCRAPED),
        }
    }

    fn place(&mut self, text: &str) -> Place {
        let (Ok(start), Ok(bytes)) = (u32::try_from(self.arena.len()), u16::try_from(text.len())) else {
            return Place::default();
        };
        self.arena.push_str(text);
        Place { start, bytes }
    }

    /// What stands at a place of the arena.
    pub(super) fn slice(&self, place: Place) -> &str {
        let start = usize::try_from(place.start).unwrap_or(usize::MAX);
        self.arena.get(start..start.saturating_add(usize::from(place.bytes))).unwrap_or_default()
    }

    /// Lets every second block go, and the texts that only they had. The rows stay where they are, so that memory does not grow.
    fn thin(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        let old = std::mem::replace(self, Self::with_limit(self.limit));
        (self.seen, self.rejected, self.stride) = (old.seen, old.rejected, old.stride * 2);
        (self.rejected_with_marks, self.is_cut) = (old.rejected_with_marks, old.is_cut);
        self.digest = old.digest.clone();
        let mut number = 0_u64;
        rows.retain(|_| {
            let block = number / Self::BLOCK;
            number += 1;
            block.is_multiple_of(2)
        });
        for row in &mut rows {
            self.move_in(row, &old);
        }
        self.rows = rows;
    }

    /// Takes over the texts of a row that another list holds.
    fn move_in(&mut self, row: &mut Held, old: &Self) {
        let is_same = row.local.start == row.written.start;
        row.written = self.place(old.slice(row.written));
        row.local =
            if is_same { Place { start: row.written.start, ..row.local } } else { self.place(old.slice(row.local)) };
        let texts = [
            &mut row.domain,
            &mut row.given,
            &mut row.surname,
            &mut row.organisation,
            &mut row.source,
            &mut row.wording,
            &mut row.method,
        ];
        texts.into_iter().for_each(|id| *id = self.texts.id(old.texts.get(*id)));
    }

    fn digest_row(&mut self, row: &Row<'_>) {
        let digest = &mut self.digest;
        digest.update([0x01]);
        digest.update(row.position.to_be_bytes());
        let texts =
            [row.email, row.given, row.surname, row.organisation, row.country, row.source, row.wording, row.method];
        for text in texts {
            digest.update(text.len().to_be_bytes());
            digest.update(text.as_bytes());
        }
        for at in [row.opted_in_at, row.confirmed_at, row.notified_at, row.last_activity_at] {
            digest.update(at.map_or(NEVER, Timestamp::as_us).to_be_bytes());
        }
        match row.ip {
            Some(IpAddr::V4(ip)) => digest.update(ip.octets()),
            Some(IpAddr::V6(ip)) => digest.update(ip.octets()),
            None => digest.update([0]),
        }
        digest.update([u8::from(row.has_phone), u8::from(row.has_vague_time), u8::from(row.has_bare_yes)]);
    }
}

impl Rows {
    /// The domains of at least so many of the rows that are held, in their normal form and in the order of the alphabet.
    pub fn domains_with(&self, least: u64) -> Vec<&str> {
        let mut counts: HashMap<TextId, u64> = HashMap::new();
        for row in self.iter().filter(|row| row.domain_id() != 0) {
            *counts.entry(row.domain_id()).or_default() += 1;
        }
        let many = counts.into_iter().filter(|(_, rows)| *rows >= least);
        let mut domains: Vec<&str> = many.map(|(domain, _)| self.text(domain)).collect();
        domains.sort_unstable();
        domains
    }

    /// Addresses that differ.
    pub(super) fn distinct_addresses(&self) -> usize {
        self.iter().map(|row| (row.local(), row.domain_id())).collect::<HashSet<_>>().len()
    }

    /// The indices of all rows.
    pub(super) fn indices(&self) -> Range<u32> {
        0..u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }
}

impl Default for Rows {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        self.arena.zeroize();
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rows({} of {}, {} rejected)", self.rows.len(), self.seen, self.rejected)
    }
}

fn country(text: &str) -> Option<[u8; 2]> {
    let bytes: [u8; 2] = text.as_bytes().try_into().ok()?;
    bytes.iter().all(u8::is_ascii_alphabetic).then(|| bytes.map(|byte| byte.to_ascii_uppercase()))
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
