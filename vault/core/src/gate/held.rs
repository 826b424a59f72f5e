//! One row as a list holds it, and how signals see it.

use std::net::IpAddr;

use super::clock::offset_s;
use super::rows::Rows;
use super::text::TextId;

/// No time.
pub(super) const NEVER: i64 = i64::MIN;

/// One row as it is held.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) position: u64,
    pub(super) opted_in_s: i64,
    pub(super) confirmed_s: i64,
    pub(super) notified_s: i64,
    pub(super) active_s: i64,
    pub(super) written: Place,
    pub(super) local: Place,
    pub(super) domain: TextId,
    pub(super) given: TextId,
    pub(super) surname: TextId,
    pub(super) organisation: TextId,
    pub(super) source: TextId,
    pub(super) wording: TextId,
    pub(super) method: TextId,
    pub(super) ip: Option<IpAddr>,
    pub(super) country: Option<[u8; 2]>,
    pub(super) flags: u8,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    pub(super) start: u32,
    pub(super) bytes: u16,
}

pub(super) const HAS_PHONE: u8 = 1;
pub(super) const VAGUE_TIME: u8 = 2;
pub(super) const BARE_YES: u8 = 4;
pub(super) const SCRAPED: u8 = 8;

/// One row, with its texts.
#[derive(Clone, Copy)]
pub(super) struct View<'r> {
    pub(super) rows: &'r Rows,
    pub(super) row: &'r Held,
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

    /// Seconds by which the clocks of its country were ahead of UTC when it signed up, if both are known.
    pub(super) fn clock_ahead_s(&self) -> Option<i64> {
        offset_s(self.country()?, self.opted_in_s()?)
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
