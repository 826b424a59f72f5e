//! Where lines end, in files of every system, and the lines of one record with their numbers.

use memchr::{memchr, memchr2};

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// LF, with any number of CR before it.
    Feed,
    /// CR, as on old Macintoshes, or LF.
    Any,
}

/// A line without its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Physical<'a> {
    /// Counted in the record, from 0.
    pub(super) number: usize,
    pub(super) bytes: &'a [u8],
}

/// The lines as they stand.
#[derive(Clone)]
pub(super) struct PhysicalLines<'a> {
    rest: &'a [u8],
    number: usize,
    end: LineEnd,
}

impl<'a> PhysicalLines<'a> {
    pub(super) fn new(bytes: &'a [u8], end: LineEnd) -> Self {
        Self { rest: bytes, number: 0, end }
    }

    /// The next line, which stays the next.
    pub(super) fn peek(&self) -> Option<&'a [u8]> {
        self.clone().next().map(|line| line.bytes)
    }

    /// The first byte of the next line, or of its end.
    pub(super) fn next_byte(&self) -> Option<u8> {
        self.rest.first().copied()
    }
}

impl<'a> Iterator for PhysicalLines<'a> {
    type Item = Physical<'a>;

    fn next(&mut self) -> Option<Physical<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let number = self.number;
        self.number += 1;
        let (bytes, rest) = match find_end(self.rest, self.end) {
            Some((line, next)) => (self.rest.get(..line), self.rest.get(next..)),
            None => (Some(self.rest), None),
        };
        self.rest = rest.unwrap_or_default();
        Some(Physical { number, bytes: bytes.unwrap_or_default() })
    }
}

/// Where the first line of the bytes ends, and where the next one begins. A CR that is the last byte ends no line yet.
pub(super) fn find_end(bytes: &[u8], end: LineEnd) -> Option<(usize, usize)> {
    match end {
        LineEnd::Feed => {
            let feed = memchr(b'\n', bytes)?;
            let line = bytes.get(..feed)?;
            let returns = line.iter().rev().take_while(|byte| **byte == b'\r').count();
            Some((line.len() - returns, feed + 1))
        }
        LineEnd::Any => {
            let line = memchr2(b'\r', b'\n', bytes)?;
            let behind = bytes.get(line..)?;
            let returns = behind.iter().take_while(|byte| **byte == b'\r').count();
            match behind.get(returns) {
                Some(b'\n') => Some((line, line + returns + 1)),
                Some(_) => Some((line, line + 1)),
                None => None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_of_a_line_is_found() {
        let lines =
            |text: &str, end| PhysicalLines::new(text.as_bytes(), end).map(|line| line.bytes.len()).collect::<Vec<_>>();
        assert_eq!(lines("a\r\nbc\r\r\nd\re\n", LineEnd::Feed), [1, 2, 3]);
        assert_eq!(lines("a\rbc\r\nd\n\re\r", LineEnd::Any), [1, 2, 1, 0, 2]);
    }
}
