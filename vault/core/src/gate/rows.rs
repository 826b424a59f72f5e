//! The rows of a list, held small: about 100 bytes each beside the address, and repeated texts once.
//!
//! A list of any length may be fed. Past [`Rows::LIMIT`] rows only every second, then every fourth block of
//! [`Rows::BLOCK`] consecutive rows is kept, so that order and neighbourhood can still be judged, memory is bounded, and what is
//! kept depends on the list alone. What the vault's memory knows is looked up for every row and is not sampled.

use std::collections::HashSet;
use std::net::IpAddr;
use std::ops::Range;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroize as _;

use super::marks::is_scraped;
use super::row::Row;
use super::text::{TextId, Texts};
use crate::intake;
use crate::model::Timestamp;

/// No time.
const NEVER: i64 = i64::MIN;

/// Everything that the gate looks at of a list. `Debug` shows counts alone.
pub struct Rows {
    rows: Vec<Held>,
    /// Addresses as written, and normal local parts where they differ.
    arena: String,
    texts: Texts,
    seen: u64,
    rejected: u64,
    rejected_with_marks: u64,
    limit: usize,
    /// One block in so many is kept.
    stride: u64,
    digest: Sha256,
}

/// One row as it is held.
#[derive(Clone)]
struct Held {
    position: u64,
    opted_in_s: i64,
    confirmed_s: i64,
    notified_s: i64,
    active_s: i64,
    written: Place,
    local: Place,
    domain: TextId,
    given: TextId,
    surname: TextId,
    organisation: TextId,
    source: TextId,
    wording: TextId,
    method: TextId,
    ip: Option<IpAddr>,
    country: Option<[u8; 2]>,
    flags: u8,
}

#[derive(Clone, Copy, Default)]
struct Place {
    start: u32,
    bytes: u16,
}

const HAS_PHONE: u8 = 1;
const VAGUE_TIME: u8 = 2;
const BARE_YES: u8 = 4;
const SCRAPED: u8 = 8;

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
    pub fn push_rejected(&mut self, raw: &[u8]) {
        self.rejected += 1;
        self.rejected_with_marks += u64::from(is_scraped(&String::from_utf8_lossy(raw)));
        self.digest.update([0xfe]);
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

    fn slice(&self, place: Place) -> &str {
        let start = usize::try_from(place.start).unwrap_or(usize::MAX);
        self.arena.get(start..start.saturating_add(usize::from(place.bytes))).unwrap_or_default()
    }

    /// Lets every second block go, and the texts that only they had.
    fn thin(&mut self) {
        let rows = std::mem::take(&mut self.rows);
        let old = std::mem::replace(self, Self::with_limit(self.limit));
        (self.seen, self.rejected, self.stride) = (old.seen, old.rejected, old.stride * 2);
        self.rejected_with_marks = old.rejected_with_marks;
        self.digest = old.digest.clone();
        let block = usize::try_from(Self::BLOCK).unwrap_or(usize::MAX);
        for kept in rows.chunks(block).step_by(2).flatten() {
            let written = self.place(old.slice(kept.written));
            let same = kept.local.start == kept.written.start;
            let local =
                if same { Place { start: written.start, ..kept.local } } else { self.place(old.slice(kept.local)) };
            let texts = &mut self.texts;
            let mut moved = |id: TextId| texts.id(old.texts.get(id));
            let held = Held {
                written,
                local,
                domain: moved(kept.domain),
                given: moved(kept.given),
                surname: moved(kept.surname),
                organisation: moved(kept.organisation),
                source: moved(kept.source),
                wording: moved(kept.wording),
                method: moved(kept.method),
                ..*kept
            };
            self.rows.push(held);
        }
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

fn country(text: &str) -> Option<[u8; 2]> {
    let bytes: [u8; 2] = text.as_bytes().try_into().ok()?;
    bytes.iter().all(u8::is_ascii_alphabetic).then(|| bytes.map(|byte| byte.to_ascii_uppercase()))
}

/// One row, with its texts.
#[derive(Clone, Copy)]
pub(super) struct View<'r> {
    rows: &'r Rows,
    row: &'r Held,
    /// Its index among the rows that are held.
    pub(super) index: u32,
}

impl<'r> View<'r> {
    pub(super) const fn position(&self) -> u64 {
        self.row.position
    }

    /// The address as written.
    pub(super) fn written(&self) -> &'r str {
        self.rows.slice(self.row.written)
    }

    /// The local part in its normal form; empty if the address is none.
    pub(super) fn local(&self) -> &'r str {
        self.rows.slice(self.row.local)
    }

    pub(super) const fn domain_id(&self) -> TextId {
        self.row.domain
    }

    /// The domain in its normal form; empty if the address is none.
    pub(super) fn domain(&self) -> &'r str {
        self.rows.text(self.row.domain)
    }

    pub(super) fn given(&self) -> &'r str {
        self.rows.text(self.row.given)
    }

    pub(super) const fn given_id(&self) -> TextId {
        self.row.given
    }

    pub(super) fn surname(&self) -> &'r str {
        self.rows.text(self.row.surname)
    }

    pub(super) const fn surname_id(&self) -> TextId {
        self.row.surname
    }

    pub(super) const fn organisation_id(&self) -> TextId {
        self.row.organisation
    }

    pub(super) const fn source_id(&self) -> TextId {
        self.row.source
    }

    pub(super) fn source(&self) -> &'r str {
        self.rows.text(self.row.source)
    }

    pub(super) const fn wording_id(&self) -> TextId {
        self.row.wording
    }

    pub(super) fn wording(&self) -> &'r str {
        self.rows.text(self.row.wording)
    }

    pub(super) const fn ip(&self) -> Option<IpAddr> {
        self.row.ip
    }

    pub(super) const fn country(&self) -> Option<[u8; 2]> {
        self.row.country
    }

    /// Seconds since 1970, as the next three.
    pub(super) fn opted_in_s(&self) -> Option<i64> {
        known(self.row.opted_in_s)
    }

    pub(super) fn confirmed_s(&self) -> Option<i64> {
        known(self.row.confirmed_s)
    }

    pub(super) fn notified_s(&self) -> Option<i64> {
        known(self.row.notified_s)
    }

    pub(super) fn active_s(&self) -> Option<i64> {
        known(self.row.active_s)
    }

    pub(super) const fn has_phone(&self) -> bool {
        self.row.flags & HAS_PHONE != 0
    }

    /// A sign-up time, be it one moment or not.
    pub(super) fn has_time(&self) -> bool {
        self.opted_in_s().is_some() || self.row.flags & VAGUE_TIME != 0
    }

    pub(super) const fn has_bare_yes(&self) -> bool {
        self.row.flags & BARE_YES != 0
    }

    pub(super) const fn is_scraped(&self) -> bool {
        self.row.flags & SCRAPED != 0
    }
}

fn known(time: i64) -> Option<i64> {
    Some(time).filter(|time| *time != NEVER)
}

impl Rows {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(limit: usize, count: u64) -> Rows {
        let mut rows = Rows::with_limit(limit);
        for position in 1..=count {
            let email = format!("Name{position}@Firm{}.example", position % 7);
            rows.push(&Row { position, email: &email, source: "form", ..Row::default() });
        }
        rows
    }

    #[test]
    fn a_row_is_small_and_comes_back() {
        assert!(size_of::<Held>() <= 128, "{}", size_of::<Held>());
        let rows = fed(10_000, 3);
        let row = rows.get(1).unwrap();
        assert_eq!((row.written(), row.local(), row.domain()), ("Name2@Firm2.example", "name2", "firm2.example"));
        assert_eq!((row.source(), row.position(), row.opted_in_s()), ("form", 2, None));
        assert_eq!((rows.at_position(3), rows.at_position(4)), (Some(2), None));
        assert_eq!(rows.distinct_addresses(), 3);
    }

    #[test]
    fn a_long_list_is_thinned_to_whole_blocks() {
        let rows = fed(4_000, 10_000);
        assert_eq!((rows.seen(), rows.len()), (10_000, 3_000));
        let blocks: Vec<u64> = rows.iter().map(|row| (row.position() - 1) / Rows::BLOCK).step_by(1_000).collect();
        assert_eq!(blocks, [0, 4, 8]);
        let row = rows.get(1_000).unwrap();
        assert_eq!((row.written(), row.local()), ("Name4001@Firm4.example", "name4001"));
        assert_eq!(rows.digest(), fed(10_000, 10_000).digest(), "the digest is of the whole list");
    }

    #[test]
    fn what_is_no_address_is_held_as_none() {
        let mut rows = Rows::new();
        rows.push(&Row { position: 1, email: "nobody", ..Row::default() });
        rows.push_rejected(b"jean[at]firm.example,Jean");
        let row = rows.get(0).unwrap();
        assert_eq!((row.written(), row.local(), row.domain_id()), ("nobody", "", 0));
        assert_eq!((rows.rejected(), rows.rejected_with_marks()), (1, 1));
    }
}
