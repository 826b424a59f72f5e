//! JSContact (RFC 9553): one card, an array of cards, or one after the other (NDJSON, RFC 7464 sequences, or just so).
//!
//! The reader holds one card at a time. A broken card costs itself alone: reading goes on at the next place where a card can
//! begin, which is an object at the start of a line, or one whose first member says that it is a Card.

use std::io::Read;

use carnet_core::intake::{Incoming, Source};
use carnet_core::model::Card;

use super::json_scan::{Scanner, Step};
use super::{Reject, RejectReason};

const CHUNK_BYTES: usize = 64 * 1024;
/// Enough for `{"@type":"Card"` with generous spaces.
const LOOK_AHEAD_BYTES: usize = 64;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads contacts from a stream of cards, holding one at a time.
///
/// The card has the very text that it had, so there is no original beside it. RFC 9553 has no member that states a consent,
/// so no contact has claims but those that an [export](carnet_core::intake::carried) put into a member of its own. A contact's line is that of the card's first bracket.
pub struct JsContactSource<R> {
    cards: CardReader<R>,
}

impl<R: Read + Send> JsContactSource<R> {
    /// A source of cards of at most [`Card::MAX_BYTES`] each.
    pub fn new(input: R) -> Self {
        Self { cards: CardReader::new(input) }
    }
}

impl<R: Read + Send> Iterator for JsContactSource<R> {
    type Item = Result<Incoming, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        let card = self.cards.next()?;
        Some(card.map(|card| Incoming::of_exported_card(card, self.cards.card_line)))
    }
}

impl<R: Read + Send> Source for JsContactSource<R> {}

/// Reads cards from a stream.
///
/// Ends after the last card, or after a [`RejectReason::Unreadable`]. Columns and lines are those of the whole stream.
pub struct CardReader<R> {
    input: R,
    max_card_bytes: usize,
    window: Vec<u8>,
    /// Where in the window the part begins that was not handed out yet.
    start: usize,
    input_ended: bool,
    finished: bool,
    in_list: bool,
    at_beginning: bool,
    line: usize,
    column: usize,
    /// Where the card begins that was read last.
    card_line: usize,
}

/// What stands at the beginning of the window.
enum Extent {
    Whole(usize),
    Broken,
    TooLarge,
    CutShort,
}

impl<R: Read> CardReader<R> {
    /// A reader of cards of at most [`Card::MAX_BYTES`] each.
    pub fn new(input: R) -> Self {
        Self::with_max_card_bytes(input, Card::MAX_BYTES)
    }

    /// A reader of cards of at most this many bytes each.
    pub fn with_max_card_bytes(input: R, max_card_bytes: usize) -> Self {
        Self {
            input,
            max_card_bytes,
            window: Vec::new(),
            start: 0,
            input_ended: false,
            finished: false,
            in_list: false,
            at_beginning: true,
            line: 1,
            column: 1,
            card_line: 1,
        }
    }

    fn read_next(&mut self) -> Result<Option<Card>, Reject> {
        if self.at_beginning {
            self.at_beginning = false;
            if self.ahead(BYTE_ORDER_MARK.len())?.starts_with(BYTE_ORDER_MARK) {
                self.start += BYTE_ORDER_MARK.len();
            }
        }
        loop {
            match self.ahead(1)?.first().copied() {
                None if self.in_list => {
                    self.in_list = false;
                    return Err(self.reject_here(RejectReason::ListNotClosed));
                }
                None => return Ok(None),
                Some(b' ' | b'\t' | b'\r' | b'\n' | 0x1e) => self.consume(1),
                Some(b',') if self.in_list => self.consume(1),
                Some(b'[') if !self.in_list => {
                    self.in_list = true;
                    self.consume(1);
                }
                Some(b']') if self.in_list => {
                    self.in_list = false;
                    self.consume(1);
                }
                Some(b'{') => return self.read_card().map(Some),
                Some(_) => return Err(self.skip_stray()?),
            }
        }
    }

    fn read_card(&mut self) -> Result<Card, Reject> {
        let bytes = match self.measure()? {
            Extent::Whole(bytes) => bytes,
            Extent::Broken => return Err(self.skip_broken(RejectReason::Unbalanced)?),
            Extent::CutShort => return Err(self.skip_broken(RejectReason::CutShort)?),
            Extent::TooLarge => {
                // One byte past the limit is all that is known of its size without reading it whole.
                let (bytes, limit) = (self.max_card_bytes.saturating_add(1), self.max_card_bytes);
                let error = carnet_core::model::CardError::TooLarge { bytes, limit };
                return Err(self.skip_broken(RejectReason::Card(error))?);
            }
        };
        let (line, column) = (self.line, self.column);
        self.card_line = line;
        let raw = self.window.get(self.start..self.start + bytes).unwrap_or_default();
        let read = match std::str::from_utf8(raw) {
            Ok(text) => Card::parse_within(text, self.max_card_bytes)
                .map_err(|error| RejectReason::Card(error.placed_at(line, column))),
            Err(_) => Err(RejectReason::NotUtf8),
        };
        let read = read.map_err(|reason| {
            let (line, column) = match &reason {
                RejectReason::Card(error) => error.place().unwrap_or((line, column)),
                _ => (line, column),
            };
            Reject { line, column, reason, raw: Some(raw.to_vec()) }
        });
        self.consume(bytes);
        read
    }

    /// How far the object at the beginning of the window goes.
    fn measure(&mut self) -> Result<Extent, Reject> {
        let mut scanner = Scanner::new();
        let mut bytes = 0;
        loop {
            for byte in self.window.get(self.start + bytes..).unwrap_or_default() {
                bytes += 1;
                if bytes > self.max_card_bytes {
                    return Ok(Extent::TooLarge);
                }
                match scanner.step(*byte) {
                    Step::More => {}
                    Step::Done => return Ok(Extent::Whole(bytes)),
                    Step::Broken => return Ok(Extent::Broken),
                }
            }
            if !self.fill()? {
                return Ok(Extent::CutShort);
            }
        }
    }

    /// Rejects the object at the beginning of the window, up to where the next card can begin.
    fn skip_broken(&mut self, reason: RejectReason) -> Result<Reject, Reject> {
        let mut reject = self.reject_here(reason);
        self.take_into(&mut reject);
        let mut at_line_start = false;
        while let Some(byte) = self.ahead(1)?.first().copied() {
            if byte == b'{' && (at_line_start || says_card(self.ahead(LOOK_AHEAD_BYTES)?)) {
                return Ok(reject);
            }
            at_line_start = byte == b'\n' || (at_line_start && matches!(byte, b' ' | b'\t' | b'\r' | b',' | 0x1e));
            self.take_into(&mut reject);
        }
        // The bracket that closes the list may be in what was skipped.
        self.in_list = false;
        Ok(reject)
    }

    /// Rejects what stands where a card should, up to the end of the line or the next sign that means something.
    fn skip_stray(&mut self) -> Result<Reject, Reject> {
        let mut reject = self.reject_here(RejectReason::NotACard);
        self.take_into(&mut reject);
        while let Some(byte) = self.ahead(1)?.first().copied() {
            if matches!(byte, b'\n' | b'{') || (self.in_list && matches!(byte, b',' | b']')) {
                break;
            }
            self.take_into(&mut reject);
        }
        if reject.raw.as_ref().is_some_and(|raw| std::str::from_utf8(raw).is_err()) {
            reject.reason = RejectReason::NotUtf8;
        }
        Ok(reject)
    }

    fn reject_here(&self, reason: RejectReason) -> Reject {
        Reject { line: self.line, column: self.column, reason, raw: Some(Vec::new()) }
    }

    /// Moves one byte from the window to a reject, which lets go of its bytes past the limit.
    fn take_into(&mut self, reject: &mut Reject) {
        if let (Some(raw), Some(byte)) = (&mut reject.raw, self.window.get(self.start)) {
            raw.push(*byte);
        }
        if reject.raw.as_ref().is_some_and(|raw| raw.len() > self.max_card_bytes) {
            reject.raw = None;
        }
        self.consume(1);
    }

    fn consume(&mut self, bytes: usize) {
        for byte in self.window.get(self.start..self.start + bytes).unwrap_or_default() {
            if *byte == b'\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.start += bytes;
    }

    /// The next bytes: this many, or fewer at the end.
    fn ahead(&mut self, bytes: usize) -> Result<&[u8], Reject> {
        while self.window.len() < self.start + bytes && self.fill()? {}
        let rest = self.window.get(self.start..).unwrap_or_default();
        Ok(rest.get(..bytes).unwrap_or(rest))
    }

    /// Reads on; `false` at the end.
    fn fill(&mut self) -> Result<bool, Reject> {
        if self.input_ended {
            return Ok(false);
        }
        self.window.drain(..self.start);
        self.start = 0;
        let limit = u64::try_from(CHUNK_BYTES).unwrap_or(u64::MAX);
        match self.input.by_ref().take(limit).read_to_end(&mut self.window) {
            Ok(bytes) => {
                self.input_ended = bytes < CHUNK_BYTES;
                Ok(bytes > 0)
            }
            Err(error) => {
                self.finished = true;
                Err(self.reject_here(RejectReason::Unreadable(error.kind())))
            }
        }
    }
}

impl<R: Read> Iterator for CardReader<R> {
    type Item = Result<Card, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        let next = self.read_next().transpose();
        self.finished |= next.is_none();
        next
    }
}

/// Whether an object begins by saying that it is a Card.
fn says_card(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    ["{", "\"@type\"", ":", "\"Card\""].iter().all(|token| {
        let found = rest.trim_ascii_start().strip_prefix(token.as_bytes());
        rest = found.unwrap_or_default();
        found.is_some()
    })
}

#[cfg(test)]
#[path = "jscontact_tests.rs"]
mod tests;
