//! The rows of a table, one after the other, from a stream: what is broken costs itself and no more.
//!
//! Memory holds one row and a piece of the stream. A row that is broken is handed out as a [`Reject`] with its place, and
//! reading goes on at the next line that can be a row.

use std::io::Read;

use carnet_core::intake::{Reject, RejectReason};
use memchr::{memchr, memchr_iter, memchr2, memrchr2};

use super::scan::{Cell, Dialect, Scan, scan};
use crate::formats::bytes::{Encoding, Text, reading_failed};

/// Bytes of a row at most: what a card may have.
pub const MAX_ROW_BYTES: usize = 1 << 20;
/// What is read at once, and looked at before the first row is.
const CHUNK_BYTES: usize = 256 * 1024;
/// Lines behind a row that is too large that may show that a quote of it was never closed.
const LINES_LOOKED_AT: usize = 8;

/// How many cells a row has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Width {
    /// Fewer are a reject: the cells may have moved.
    pub(super) least: usize,
    /// More are a reject unless they are blank.
    pub(super) most: usize,
}

/// Reads rows.
pub(super) struct Rows<R> {
    input: R,
    window: Vec<u8>,
    start: usize,
    ended: bool,
    failure: Option<RejectReason>,
    dialect: Dialect,
    width: Width,
    line: usize,
    cells: Vec<Cell>,
    /// Bytes of the row that is shown, without and with its line end.
    content: usize,
    taken: usize,
}

impl<R: Read> Rows<Text<R>> {
    /// The encoding, as far as it is known by now.
    pub(super) fn encoding(&self) -> Encoding {
        self.input.encoding()
    }
}

impl<R: Read> Rows<R> {
    pub(super) fn new(input: R) -> Self {
        let width = Width { least: 0, most: usize::MAX };
        let mut rows = Self {
            input,
            window: Vec::new(),
            start: 0,
            ended: false,
            failure: None,
            dialect: Dialect::default(),
            width,
            line: 1,
            cells: Vec::new(),
            content: 0,
            taken: 0,
        };
        rows.fill();
        rows
    }

    /// What was read and not handed out, and whether nothing follows it.
    pub(super) fn ahead(&self) -> (&[u8], bool) {
        (self.window.get(self.start + self.taken..).unwrap_or_default(), self.ended)
    }

    pub(super) const fn set_dialect(&mut self, dialect: Dialect) {
        self.dialect = dialect;
    }

    pub(super) const fn dialect(&self) -> Dialect {
        self.dialect
    }

    pub(super) const fn set_width(&mut self, width: Width) {
        self.width = width;
    }

    /// Shows the same row again at the next [`advance`](Self::advance).
    pub(super) const fn step_back(&mut self) {
        self.taken = 0;
    }

    /// Leaves out the first line.
    pub(super) fn skip_line(&mut self) {
        let end = self.line_end(0).map_or(self.rest().len(), |end| end + self.ending(end));
        self.consume(end);
    }

    /// The row that is shown, its cells and its line.
    pub(super) fn row(&self) -> (&[u8], &[Cell], usize) {
        (self.rest().get(..self.content).unwrap_or_default(), &self.cells, self.line)
    }

    /// A reject of the row that is shown.
    pub(super) fn reject(&self, offset: usize, reason: RejectReason) -> Reject {
        self.reject_of(offset, reason, self.content)
    }

    /// Goes to the next row that has something in it.
    pub(super) fn advance(&mut self) -> Option<Result<(), Reject>> {
        self.consume(self.taken);
        loop {
            if self.rest().is_empty() && !self.fill() {
                let reason = self.failure.take()?;
                return Some(Err(self.reject_of(0, reason, 0)));
            }
            let rest = self.window.get(self.start..).unwrap_or_default();
            let most_cells = self.width.most.saturating_mul(2).saturating_add(16);
            match scan(rest, self.dialect, self.ended, most_cells, &mut self.cells) {
                Scan::Row { content, bytes, spanning } => {
                    if self.failure.is_some() && bytes == rest.len() && content == bytes {
                        // Cut where reading failed: who knows what it would have said.
                        return Some(Err(self.cut_by_failure()));
                    }
                    (self.content, self.taken) = (content, bytes);
                    if self.is_blank() {
                        self.consume(bytes);
                        continue;
                    }
                    return Some(self.checked(spanning));
                }
                Scan::More if rest.len() > MAX_ROW_BYTES => return Some(Err(self.too_large())),
                Scan::More => {
                    self.fill();
                }
                Scan::Broken { quote } => return Some(Err(self.unclosed(quote))),
            }
        }
    }

    fn is_blank(&self) -> bool {
        let (row, ..) = self.row();
        let blank = |cell: &Cell| row.get(cell.start..cell.end).unwrap_or_default().trim_ascii().is_empty();
        self.cells.iter().all(blank)
    }

    fn checked(&mut self, spanning: Option<usize>) -> Result<(), Reject> {
        let (row, cells, _) = self.row();
        if row.len() > MAX_ROW_BYTES {
            return Err(self.too_large());
        }
        if let Some(at) = memchr(0, row) {
            return Err(self.reject(at, RejectReason::ZeroByte));
        }
        if let Err(error) = std::str::from_utf8(row) {
            return Err(self.reject(error.valid_up_to(), RejectReason::NotUtf8));
        }
        let filled = |cell: &Cell| row.get(cell.start..cell.end).is_some_and(|text| !text.trim_ascii().is_empty());
        let stray = cells.iter().skip(self.width.most).find(|cell| filled(cell));
        if cells.len() >= self.width.least && stray.is_none() {
            return Ok(());
        }
        let (offset, found) = (stray.map_or(row.len(), |cell| cell.start), cells.len());
        match spanning {
            Some(quote) if self.is_whole(self.line_end(0).map(|end| end + self.ending(end))) => {
                Err(self.unclosed(quote))
            }
            _ => Err(self.reject(offset, RejectReason::Fields { expected: self.width.most, found })),
        }
    }

    /// Rejects the lines up to the one in which a quote opens, and goes on behind them.
    fn unclosed(&mut self, quote: usize) -> Reject {
        while self.line_end(quote).is_none() && self.rest().len() <= MAX_ROW_BYTES && self.fill() {}
        let end = match self.line_end(quote) {
            Some(end) => end,
            None if self.ended => self.rest().len(),
            None => return self.skip_large(RejectReason::Quotes, quote),
        };
        let reject = self.reject_of(quote, RejectReason::Quotes, end);
        self.taken = end + self.whole_ending(end);
        reject
    }

    fn too_large(&mut self) -> Reject {
        let lines_follow = self.line_end(0).is_some_and(|end| end < MAX_ROW_BYTES);
        if lines_follow && (self.width.most < 2 || self.whole_row_follows()) {
            let first = self.line_end(0).and_then(|end| self.rest().get(..end)).unwrap_or_default();
            let quote = memrchr2(self.dialect.quote, self.dialect.quote, first).unwrap_or_default();
            return self.unclosed(quote);
        }
        self.skip_large(RejectReason::TooLarge { limit: MAX_ROW_BYTES }, 0)
    }

    fn whole_row_follows(&mut self) -> bool {
        let mut line = self.line_end(0).map(|end| end + self.ending(end));
        for _ in 0..LINES_LOOKED_AT {
            if self.is_whole(line) {
                return true;
            }
            line = line.and_then(|start| self.line_end(start)).map(|end| end + self.ending(end));
        }
        false
    }

    /// Leaves out a row that does not fit in memory, up to its end or to a line that is a row by itself.
    fn skip_large(&mut self, reason: RejectReason, offset: usize) -> Reject {
        let mut reject = self.reject_of(offset, reason, 0);
        reject.raw = None;
        let mut quotes = 0_usize;
        (self.taken, self.content) = (0, 0);
        loop {
            let end = self.line_end(0);
            let line = self.rest().get(..end.unwrap_or(self.rest().len())).unwrap_or_default();
            quotes += memchr_iter(self.dialect.quote, line).count();
            match end {
                None => {
                    self.consume(self.rest().len());
                    if !self.fill() {
                        return reject;
                    }
                }
                Some(end) => {
                    let ending = self.whole_ending(end);
                    self.consume(end + ending);
                    while self.line_end(0).is_none() && self.rest().len() <= MAX_ROW_BYTES && self.fill() {}
                    if quotes.is_multiple_of(2) || self.is_whole(Some(0)) {
                        return reject;
                    }
                }
            }
        }
    }

    /// Whether the line that begins there is a row by itself, with all its cells.
    fn is_whole(&self, start: Option<usize>) -> bool {
        let Some(start) = start.filter(|_| self.width.most > 1) else { return false };
        let end = self.line_end(start).unwrap_or(self.rest().len());
        let line = self.rest().get(start..end).unwrap_or_default();
        let mut cells = Vec::new();
        matches!(scan(line, self.dialect, true, usize::MAX, &mut cells), Scan::Row { .. })
            && cells.len() == self.width.most
    }

    fn cut_by_failure(&mut self) -> Reject {
        let bytes = self.rest().len();
        let reason = self.failure.take().unwrap_or(RejectReason::Quotes);
        let reject = self.reject_of(0, reason, bytes);
        self.taken = bytes;
        reject
    }

    fn rest(&self) -> &[u8] {
        self.window.get(self.start..).unwrap_or_default()
    }

    /// Where the line ends that stands at this offset.
    fn line_end(&self, from: usize) -> Option<usize> {
        memchr2(b'\n', b'\r', self.rest().get(from..)?).map(|count| from + count)
    }

    /// Bytes of the line end that stands there.
    fn ending(&self, at: usize) -> usize {
        let ending = self.rest().get(at..).unwrap_or_default();
        if ending.starts_with(b"\r\n") { 2 } else { ending.len().min(1) }
    }

    /// The same, where the line end itself may not be read whole.
    fn whole_ending(&mut self, at: usize) -> usize {
        if self.rest().len() <= at + 1 {
            self.fill();
        }
        self.ending(at)
    }

    fn reject_of(&self, offset: usize, reason: RejectReason, bytes: usize) -> Reject {
        let before = self.rest().get(..offset).unwrap_or_default();
        let line_start = memrchr2(b'\n', b'\r', before).map_or(0, |at| at + 1);
        let raw = self.rest().get(..bytes).unwrap_or_default();
        Reject {
            line: self.line + lines(before),
            column: offset - line_start + 1,
            reason,
            raw: (raw.len() <= MAX_ROW_BYTES).then(|| raw.to_vec()),
        }
    }

    fn consume(&mut self, bytes: usize) {
        self.line += lines(self.rest().get(..bytes).unwrap_or_default());
        self.start = (self.start + bytes).min(self.window.len());
        (self.content, self.taken) = (0, 0);
    }

    /// Reads on; whether there was something.
    fn fill(&mut self) -> bool {
        if self.ended {
            return false;
        }
        self.window.drain(..self.start);
        self.start = 0;
        let chunk = u64::try_from(CHUNK_BYTES).unwrap_or(u64::MAX);
        let before = self.window.len();
        match self.input.by_ref().take(chunk).read_to_end(&mut self.window) {
            Ok(bytes) => self.ended = bytes < CHUNK_BYTES,
            Err(error) => {
                self.ended = true;
                self.failure = Some(reading_failed(error));
            }
        }
        self.window.len() > before
    }
}

/// Line ends of any kind.
fn lines(bytes: &[u8]) -> usize {
    let lone = |at: &usize| bytes.get(at + 1) != Some(&b'\n');
    memchr_iter(b'\n', bytes).count() + memchr_iter(b'\r', bytes).filter(lone).count()
}

#[cfg(test)]
#[path = "rows_tests.rs"]
mod tests;
