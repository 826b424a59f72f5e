//! Finds the cards in a stream, one at a time, and what stands between them.
//!
//! A card is what stands between `BEGIN:VCARD` and its `END:VCARD`, both at the beginning of a line. A card that another
//! one interrupts, or the end of the file, costs itself alone.

use std::io::Read;
use std::ops::Range;

use carnet_core::model::CardError;

use super::lines::{LineEnd, announces_card, begins_card, ends_card, find_end};
use super::version::Version;
use crate::formats::{Reject, RejectReason};

const CHUNK_BYTES: usize = 64 * 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A whole card, in bytes.
pub(super) struct Block<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) first_line: usize,
    pub(super) line_end: LineEnd,
    pub(super) version: Version,
}

/// The cards of a stream.
pub(super) struct Blocks<R> {
    input: R,
    max_card_bytes: usize,
    pub(super) chunk_bytes: usize,
    window: Vec<u8>,
    /// Where in the window the part begins that was not handed out yet.
    start: usize,
    input_ended: bool,
    failed: bool,
    line: usize,
}

/// A line in the window, from the beginning of the part that was not handed out yet.
struct Found {
    content: Range<usize>,
    next: usize,
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
        Self {
            input,
            max_card_bytes,
            chunk_bytes: CHUNK_BYTES,
            window: Vec::new(),
            start: 0,
            input_ended: false,
            failed: false,
            line: 1,
        }
    }

    /// The next card, a reject, or `None` at the end of the stream and after it could not be read on.
    pub(super) fn next(&mut self) -> Option<Result<Block<'_>, Reject>> {
        if self.failed {
            return None;
        }
        match self.read() {
            Ok(None) => None,
            Err(reject) => Some(Err(reject)),
            Ok(Some((bytes, first_line, line_end, version))) => {
                let bytes = self.window.get(bytes).unwrap_or_default();
                Some(Ok(Block { bytes, first_line, line_end, version }))
            }
        }
    }

    fn read(&mut self) -> Result<Option<(Range<usize>, usize, LineEnd, Version)>, Reject> {
        loop {
            while self.ahead(0, BYTE_ORDER_MARK.len())?.starts_with(BYTE_ORDER_MARK) {
                self.start += BYTE_ORDER_MARK.len();
            }
            let Some(found) = self.find_line(0, LineEnd::Any)? else {
                return if self.ahead(0, 1)?.is_empty() { Ok(None) } else { Err(self.skip_outside()?) };
            };
            let line = self.part(found.content.clone());
            if begins_card(line) {
                return self.read_card(&found).map(Some);
            }
            if !line.trim_ascii().is_empty() {
                return Err(self.skip_outside()?);
            }
            self.consume(found.next, 1);
        }
    }

    fn read_card(&mut self, first: &Found) -> Result<(Range<usize>, usize, LineEnd, Version), Reject> {
        let line_end = match self.part(first.content.end..first.next) {
            b"\r" => LineEnd::Any,
            _ => LineEnd::Feed,
        };
        let extent = self.measure(first, line_end)?;
        let first_line = self.line;
        match extent.fault {
            None => {
                let bytes = self.start..self.start + extent.bytes;
                self.consume(extent.bytes, extent.lines);
                Ok((bytes, first_line, line_end, extent.version))
            }
            Some(reason @ RejectReason::Card(_)) => Err(self.skip_too_large(reason, line_end)?),
            Some(reason) => {
                let raw = Some(self.part(0..extent.bytes).to_vec());
                self.consume(extent.bytes, extent.lines);
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
            let found = self.find_line(extent.bytes, line_end)?.filter(|found| found.next <= self.max_card_bytes);
            let Some(found) = found else {
                let rest = self.window.len() - self.start;
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
            let line = self.part(found.content.clone());
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
        let reject = Reject { line: self.line, column: 1, reason, raw: None };
        let mut first = true;
        while !self.ahead(0, 1)?.is_empty() {
            let Some(found) = self.find_line(0, line_end)? else {
                self.skip_line(line_end, None)?;
                first = false;
                continue;
            };
            let line = self.part(found.content.clone());
            let ends = ends_card(line);
            if begins_card(line) && !first {
                break;
            }
            first = false;
            self.consume(found.next, 1);
            if ends {
                break;
            }
        }
        Ok(reject)
    }

    /// Rejects what stands outside cards, up to the next one.
    fn skip_outside(&mut self) -> Result<Reject, Reject> {
        let mut reject =
            Reject { line: self.line, column: 1, reason: RejectReason::OutsideCard, raw: Some(Vec::new()) };
        loop {
            self.skip_line(LineEnd::Any, Some(&mut reject))?;
            if self.ahead(0, 1)?.is_empty() {
                return Ok(reject);
            }
            if let Some(found) = self.find_line(0, LineEnd::Any)? {
                let line = self.part(found.content.clone());
                if begins_card(line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line)) {
                    return Ok(reject);
                }
            }
        }
    }

    /// Lets go of a line, however long it is. The reject keeps its bytes up to the limit.
    fn skip_line(&mut self, line_end: LineEnd, mut reject: Option<&mut Reject>) -> Result<(), Reject> {
        loop {
            let found = self.find_line(0, line_end)?;
            let bytes = match &found {
                Some(found) => found.next,
                None => self.window.len() - self.start,
            };
            if let Some(reject) = reject.as_deref_mut() {
                if let Some(raw) = &mut reject.raw {
                    raw.extend_from_slice(self.part(0..bytes));
                }
                if reject.raw.as_ref().is_some_and(|raw| raw.len() > self.max_card_bytes) {
                    reject.raw = None;
                }
            }
            self.consume(bytes, usize::from(found.is_some()));
            if found.is_some() || self.ahead(0, 1)?.is_empty() {
                return Ok(());
            }
        }
    }

    /// The line that begins here; `None` if it has no end within the limit of a card. The last line of the stream
    /// may lack its end.
    fn find_line(&mut self, from: usize, line_end: LineEnd) -> Result<Option<Found>, Reject> {
        let mut searched = from;
        loop {
            let rest = self.window.get(self.start + searched..).unwrap_or_default();
            if let Some((end, next)) = find_end(rest, line_end) {
                return Ok(Some(Found { content: from..searched + end, next: searched + next }));
            }
            let known = self.window.len() - self.start;
            // What a CR means is told by what follows it.
            searched = known - self.part(from..known).iter().rev().take_while(|byte| **byte == b'\r').count();
            if known > self.max_card_bytes {
                return Ok(None);
            }
            if !self.fill()? {
                let known = self.window.len() - self.start;
                return Ok((known > from).then_some(Found { content: from..known, next: known }));
            }
        }
    }

    /// How much of the stream is held.
    #[cfg(test)]
    pub(super) fn window_bytes(&self) -> usize {
        self.window.capacity()
    }

    fn part(&self, range: Range<usize>) -> &[u8] {
        self.window.get(self.start + range.start..self.start + range.end).unwrap_or_default()
    }

    fn consume(&mut self, bytes: usize, lines: usize) {
        self.start += bytes;
        self.line += lines;
    }

    /// The bytes from here on: this many, or fewer at the end.
    fn ahead(&mut self, from: usize, bytes: usize) -> Result<&[u8], Reject> {
        while self.window.len() < self.start + from + bytes && self.fill()? {}
        let rest = self.window.get(self.start + from..).unwrap_or_default();
        Ok(rest.get(..bytes).unwrap_or(rest))
    }

    /// Reads on; `false` at the end.
    fn fill(&mut self) -> Result<bool, Reject> {
        if self.input_ended {
            return Ok(false);
        }
        self.window.drain(..self.start);
        self.start = 0;
        let limit = u64::try_from(self.chunk_bytes).unwrap_or(u64::MAX);
        match self.input.by_ref().take(limit).read_to_end(&mut self.window) {
            Ok(bytes) => {
                self.input_ended = bytes < self.chunk_bytes;
                Ok(bytes > 0)
            }
            Err(error) => {
                self.failed = true;
                let reason = RejectReason::Unreadable(error.kind());
                Err(Reject { line: self.line, column: 1, reason, raw: Some(Vec::new()) })
            }
        }
    }
}
