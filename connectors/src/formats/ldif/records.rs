//! Finds the records in a stream of LDIF, one at a time: what stands between empty lines (RFC 2849).
//!
//! A record that has lost the empty line before it, as in files that were joined, is known by its `dn:`.

use std::io::Read;

use carnet_core::model::CardError;

use crate::formats::line_ends::LineEnd;
use crate::formats::window::{BYTE_ORDER_MARK, Window};
use crate::formats::{Reject, RejectReason};

/// A whole record, in bytes, from its `dn` on.
pub(super) struct Block<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) first_line: usize,
    pub(super) line_end: LineEnd,
}

/// The records of a stream.
pub(super) struct Records<R> {
    pub(super) window: Window<R>,
    max_record_bytes: usize,
    line_end: Option<LineEnd>,
}

/// A record at the end of what the window let go of.
struct Whole {
    bytes: usize,
    first_line: usize,
    line_end: LineEnd,
}

/// What a line is for the record that it stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Empty,
    Comment,
    Version,
    Name,
    Other,
}

impl<R: Read> Records<R> {
    pub(super) fn new(input: R, max_record_bytes: usize) -> Self {
        Self { window: Window::new(input, max_record_bytes), max_record_bytes, line_end: None }
    }

    /// The next record, a reject, or `None` at the end of the stream and after it could not be read on.
    pub(super) fn next(&mut self) -> Option<Result<Block<'_>, Reject>> {
        if self.window.has_failed() {
            return None;
        }
        match self.read() {
            Ok(None) => None,
            Err(reject) => Some(Err(reject)),
            Ok(Some(Whole { bytes, first_line, line_end })) => {
                Some(Ok(Block { bytes: self.window.consumed(bytes), first_line, line_end }))
            }
        }
    }

    /// Passes over empty lines, comments and the version, up to a record.
    fn read(&mut self) -> Result<Option<Whole>, Reject> {
        let mut in_comment = false;
        loop {
            self.window.skip_marks()?;
            let line_end = self.line_end()?;
            let Some(found) = self.window.find_line(0, line_end)? else {
                return if self.window.is_at_end()? { Ok(None) } else { Err(self.skip_too_large(line_end)?) };
            };
            let line = self.window.part(found.content.clone());
            in_comment = match kind(line) {
                // Comments are folded as everything else is.
                _ if in_comment && line.starts_with(b" ") => true,
                Kind::Comment => true,
                Kind::Empty | Kind::Version => false,
                Kind::Other if line.trim_ascii().is_empty() => false,
                Kind::Name | Kind::Other => return self.read_record(line_end),
            };
            self.window.consume(found.next, 1);
        }
    }

    /// How lines end, as the first one does: a CR alone on old Macintoshes.
    fn line_end(&mut self) -> Result<LineEnd, Reject> {
        if let Some(known) = self.line_end {
            return Ok(known);
        }
        let found = self.window.find_line(0, LineEnd::Any)?;
        let end = found.map_or(&b""[..], |found| self.window.part(found.content.end..found.next));
        let line_end = if end == b"\r" { LineEnd::Any } else { LineEnd::Feed };
        self.line_end = Some(line_end);
        Ok(line_end)
    }

    fn read_record(&mut self, line_end: LineEnd) -> Result<Option<Whole>, Reject> {
        let (mut bytes, mut lines) = (0, 0);
        let mut has_name = false;
        loop {
            let found = self.window.find_line(bytes, line_end)?;
            let Some(found) = found else {
                // A line too long to be held, of this record or of the next one, as its beginning tells.
                let is_next = has_name && kind(self.window.part(bytes..bytes + NAME_BYTES)) == Kind::Name;
                if self.window.held() > bytes && !is_next {
                    return Err(self.skip_too_large(line_end)?);
                }
                break;
            };
            let line = self.window.part(found.content.clone());
            let kind = kind(line);
            if lines > 0 && (kind == Kind::Empty || has_name && kind == Kind::Name) {
                break;
            }
            has_name |= kind == Kind::Name;
            if found.next > self.max_record_bytes {
                return Err(self.skip_too_large(line_end)?);
            }
            bytes = found.next;
            lines += 1;
        }
        let first_line = self.window.line();
        self.window.consume(bytes, lines);
        Ok(Some(Whole { bytes, first_line, line_end }))
    }

    /// Rejects the record at the beginning of the window without holding it, up to its end or the next one.
    fn skip_too_large(&mut self, line_end: LineEnd) -> Result<Reject, Reject> {
        let limit = self.max_record_bytes;
        // One byte past the limit is all that is known of its size without reading it whole.
        let error = CardError::TooLarge { bytes: limit.saturating_add(1), limit };
        let reject = Reject { raw: None, ..self.window.reject_here(RejectReason::Card(error)) };
        let mut has_name = false;
        let mut first = true;
        while !self.window.is_at_end()? {
            let Some(found) = self.window.find_line(0, line_end)? else {
                // Whether it is the name, its beginning tells.
                has_name |= kind(self.window.part(0..NAME_BYTES)) == Kind::Name;
                self.window.skip_line(line_end, None)?;
                first = false;
                continue;
            };
            let kind = kind(self.window.part(found.content.clone()));
            if !first && (kind == Kind::Empty || has_name && kind == Kind::Name) {
                break;
            }
            has_name |= kind == Kind::Name;
            first = false;
            self.window.consume(found.next, 1);
        }
        Ok(reject)
    }
}

/// Length of `dn:`.
const NAME_BYTES: usize = 3;

fn kind(line: &[u8]) -> Kind {
    let begins = |word: &[u8]| line.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word));
    let behind_mark = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or_default();
    if line.is_empty() {
        Kind::Empty
    } else if line.starts_with(b"#") {
        Kind::Comment
    } else if begins(b"dn:") || behind_mark.get(..NAME_BYTES).is_some_and(|name| name.eq_ignore_ascii_case(b"dn:")) {
        Kind::Name
    } else if begins(b"version:") && line.get(b"version:".len()..).is_some_and(|value| value.trim_ascii() == b"1") {
        Kind::Version
    } else {
        Kind::Other
    }
}
