//! Finds the cards in a stream, one at a time, and what stands between them.
//!
//! A card is what stands between `BEGIN:VCARD` and its `END:VCARD`, both at the beginning of a line. A card that another
//! one interrupts, or the end of the file, costs itself alone.

use std::io::Read;

use carnet_core::model::CardError;

use super::lines::{announces_card, begins_card, ends_card};
use super::version::Version;
use crate::formats::line_ends::LineEnd;
use crate::formats::window::{BYTE_ORDER_MARK, Found, Window};
use crate::formats::{Reject, RejectReason};

/// A whole card, in bytes.
pub(super) struct Block<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) first_line: usize,
    pub(super) line_end: LineEnd,
    pub(super) version: Version,
}

/// The cards of a stream.
pub(super) struct Blocks<R> {
    pub(super) window: Window<R>,
    max_card_bytes: usize,
}

/// A whole card at the end of what the window let go of.
struct Whole {
    bytes: usize,
    first_line: usize,
    line_end: LineEnd,
    version: Version,
}

/// How a card in the window goes on.
struct Extent {
    bytes: usize,
    lines: usize,
    version: Version,
    fault: Option<RejectReason>,
}

impl<R: Read> Blocks<R> {
    pub(super) fn new(input: R, max_card_bytes: usize) -> Self {
        Self { window: Window::new(input, max_card_bytes), max_card_bytes }
    }

    /// The next card, a reject, or `None` at the end of the stream and after it could not be read on.
    pub(super) fn next(&mut self) -> Option<Result<Block<'_>, Reject>> {
        if self.window.has_failed() {
            return None;
        }
        match self.read() {
            Ok(None) => None,
            Err(reject) => Some(Err(reject)),
            Ok(Some(Whole { bytes, first_line, line_end, version })) => {
                Some(Ok(Block { bytes: self.window.consumed(bytes), first_line, line_end, version }))
            }
        }
    }

    fn read(&mut self) -> Result<Option<Whole>, Reject> {
        loop {
            self.window.skip_marks()?;
            let Some(found) = self.window.find_line(0, LineEnd::Any)? else {
                return if self.window.is_at_end()? { Ok(None) } else { Err(self.skip_outside()?) };
            };
            let line = self.window.part(found.content.clone());
            if begins_card(line) {
                return self.read_card(&found).map(Some);
            }
            if !line.trim_ascii().is_empty() {
                return Err(self.skip_outside()?);
            }
            self.window.consume(found.next, 1);
        }
    }

    fn read_card(&mut self, first: &Found) -> Result<Whole, Reject> {
        let line_end = match self.window.part(first.content.end..first.next) {
            b"\r" => LineEnd::Any,
            _ => LineEnd::Feed,
        };
        let extent = self.measure(first, line_end)?;
        let first_line = self.window.line();
        match extent.fault {
            None => {
                self.window.consume(extent.bytes, extent.lines);
                Ok(Whole { bytes: extent.bytes, first_line, line_end, version: extent.version })
            }
            Some(reason @ RejectReason::Card(_)) => Err(self.skip_too_large(reason, line_end)?),
            Some(reason) => {
                let raw = Some(self.window.part(0..extent.bytes).to_vec());
                self.window.consume(extent.bytes, extent.lines);
                Err(Reject { line: first_line, column: 1, reason, raw })
            }
        }
    }

    /// How far the card at the beginning of the window goes.
    fn measure(&mut self, first: &Found, line_end: LineEnd) -> Result<Extent, Reject> {
        let mut extent = Extent { bytes: first.next, lines: 1, version: Version::V3, fault: None };
        let mut depth = 0_usize;
        let mut announced = false;
        loop {
            let found =
                self.window.find_line(extent.bytes, line_end)?.filter(|found| found.next <= self.max_card_bytes);
            let Some(found) = found else {
                let rest = self.window.held();
                let limit = self.max_card_bytes;
                extent.fault = Some(if rest > limit {
                    // As far as it was read.
                    RejectReason::Card(CardError::TooLarge { bytes: limit.saturating_add(1), limit })
                } else {
                    RejectReason::CutShort
                });
                extent.bytes = rest;
                return Ok(extent);
            };
            let line = self.window.part(found.content.clone());
            let is_end = ends_card(line);
            if begins_card(line) {
                if !announced {
                    extent.fault = Some(RejectReason::NotEnded);
                    return Ok(extent);
                }
                depth += 1;
            }
            if depth == 0
                && let Some((name, value)) = line.split_at_checked(8)
                && name.eq_ignore_ascii_case(b"VERSION:")
            {
                extent.version = Version::of_value(value);
            }
            announced = announces_card(line) || (announced && line.is_empty());
            extent.bytes = found.next;
            extent.lines += 1;
            if is_end {
                let Some(outer) = depth.checked_sub(1) else { return Ok(extent) };
                depth = outer;
            }
        }
    }

    /// Rejects the card at the beginning of the window without holding it, up to its end or the next one.
    fn skip_too_large(&mut self, reason: RejectReason, line_end: LineEnd) -> Result<Reject, Reject> {
        let reject = Reject { line: self.window.line(), column: 1, reason, raw: None };
        let mut first = true;
        while !self.window.is_at_end()? {
            let Some(found) = self.window.find_line(0, line_end)? else {
                self.window.skip_line(line_end, None)?;
                first = false;
                continue;
            };
            let line = self.window.part(found.content.clone());
            let ends = ends_card(line);
            if begins_card(line) && !first {
                break;
            }
            first = false;
            self.window.consume(found.next, 1);
            if ends {
                break;
            }
        }
        Ok(reject)
    }

    /// Rejects what stands outside cards, up to the next one.
    fn skip_outside(&mut self) -> Result<Reject, Reject> {
        let mut reject = self.window.reject_here(RejectReason::OutsideCard);
        loop {
            self.window.skip_line(LineEnd::Any, Some(&mut reject))?;
            if self.window.is_at_end()? {
                return Ok(reject);
            }
            if let Some(found) = self.window.find_line(0, LineEnd::Any)? {
                let line = self.window.part(found.content.clone());
                if begins_card(line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line)) {
                    return Ok(reject);
                }
            }
        }
    }
}
