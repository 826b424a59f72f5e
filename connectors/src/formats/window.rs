//! A stream of which one record is held at a time: lines are found in it, handed out by their place, and let go of.

use std::io::Read;
use std::ops::Range;

use super::line_ends::{LineEnd, find_end};
use super::{Reject, RejectReason};

const CHUNK_BYTES: usize = 64 * 1024;
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The part of a stream that was read and not let go of, which is never much more than the limit of a record.
pub(super) struct Window<R> {
    input: R,
    max_record_bytes: usize,
    pub(super) chunk_bytes: usize,
    bytes: Vec<u8>,
    /// Where in the bytes the part begins that was not let go of yet.
    start: usize,
    input_ended: bool,
    failed: bool,
    line: usize,
}

/// A line in the window, counted from the beginning of the part that was not let go of yet.
pub(super) struct Found {
    pub(super) content: Range<usize>,
    pub(super) next: usize,
}

impl<R: Read> Window<R> {
    pub(super) fn new(input: R, max_record_bytes: usize) -> Self {
        Self {
            input,
            max_record_bytes,
            chunk_bytes: CHUNK_BYTES,
            bytes: Vec::new(),
            start: 0,
            input_ended: false,
            failed: false,
            line: 1,
        }
    }

    /// Whether the stream could not be read on.
    pub(super) fn has_failed(&self) -> bool {
        self.failed
    }

    /// The number of the line that begins here, from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// How many bytes are held from here on.
    pub(super) fn held(&self) -> usize {
        self.bytes.len().saturating_sub(self.start)
    }

    pub(super) fn part(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(self.start + range.start..self.start + range.end).unwrap_or_default()
    }

    /// The bytes that [`consume`](Self::consume) let go of last, as long as nothing else was read.
    pub(super) fn consumed(&self, bytes: usize) -> &[u8] {
        self.bytes.get(self.start.saturating_sub(bytes)..self.start).unwrap_or_default()
    }

    pub(super) fn consume(&mut self, bytes: usize, lines: usize) {
        self.start += bytes;
        self.line += lines;
    }

    /// Whether nothing is left.
    pub(super) fn is_at_end(&mut self) -> Result<bool, Reject> {
        Ok(self.ahead(1)?.is_empty())
    }

    /// Lets go of byte-order marks, which stand before a file and before what was joined to it.
    pub(super) fn skip_marks(&mut self) -> Result<(), Reject> {
        while self.ahead(BYTE_ORDER_MARK.len())?.starts_with(BYTE_ORDER_MARK) {
            self.start += BYTE_ORDER_MARK.len();
        }
        Ok(())
    }

    /// The next bytes: this many, or fewer at the end.
    fn ahead(&mut self, bytes: usize) -> Result<&[u8], Reject> {
        while self.held() < bytes && self.fill()? {}
        let rest = self.bytes.get(self.start..).unwrap_or_default();
        Ok(rest.get(..bytes).unwrap_or(rest))
    }

    /// The line that begins there; `None` if it has no end within the limit of a record, or nothing is left. The last line
    /// of the stream may lack its end.
    pub(super) fn find_line(&mut self, from: usize, line_end: LineEnd) -> Result<Option<Found>, Reject> {
        let mut searched = from;
        loop {
            let rest = self.bytes.get(self.start + searched..).unwrap_or_default();
            if let Some((end, next)) = find_end(rest, line_end) {
                return Ok(Some(Found { content: from..searched + end, next: searched + next }));
            }
            let known = self.held();
            // What a CR means is told by what follows it.
            searched = known - self.part(from..known).iter().rev().take_while(|byte| **byte == b'\r').count();
            if known > self.max_record_bytes {
                return Ok(None);
            }
            if !self.fill()? {
                let known = self.held();
                return Ok((known > from).then_some(Found { content: from..known, next: known }));
            }
        }
    }

    /// Lets go of a line, however long it is. The reject keeps its bytes up to the limit.
    pub(super) fn skip_line(&mut self, line_end: LineEnd, mut reject: Option<&mut Reject>) -> Result<(), Reject> {
        loop {
            let found = self.find_line(0, line_end)?;
            let bytes = found.as_ref().map_or(self.held(), |found| found.next);
            if let Some(reject) = reject.as_deref_mut() {
                if let Some(raw) = &mut reject.raw {
                    raw.extend_from_slice(self.part(0..bytes));
                }
                if reject.raw.as_ref().is_some_and(|raw| raw.len() > self.max_record_bytes) {
                    reject.raw = None;
                }
            }
            self.consume(bytes, usize::from(found.is_some()));
            if found.is_some() || self.is_at_end()? {
                return Ok(());
            }
        }
    }

    /// Rejects what begins here, with no bytes yet.
    pub(super) fn reject_here(&self, reason: RejectReason) -> Reject {
        Reject { line: self.line, column: 1, reason, raw: Some(Vec::new()) }
    }

    /// Reads on; `false` at the end.
    fn fill(&mut self) -> Result<bool, Reject> {
        if self.input_ended {
            return Ok(false);
        }
        self.bytes.drain(..self.start);
        self.start = 0;
        let limit = u64::try_from(self.chunk_bytes).unwrap_or(u64::MAX);
        match self.input.by_ref().take(limit).read_to_end(&mut self.bytes) {
            Ok(bytes) => {
                self.input_ended = bytes < self.chunk_bytes;
                Ok(bytes > 0)
            }
            Err(error) => {
                self.failed = true;
                Err(self.reject_here(RejectReason::Unreadable(error.kind())))
            }
        }
    }

    /// How much of the stream is held.
    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}
