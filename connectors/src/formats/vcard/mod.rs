//! vCard 2.1, 3.0 and 4.0 (versit 1996, RFC 2426, RFC 6350): files to cards, and cards to files.
//!
//! The reader hands out each card as JSContact (RFC 9555), and with it the bytes that it came in: as long as nobody edits
//! the card, those bytes are the card. A card that was edited, or never was a vCard, is written by [`write()`].
//!
//! What the reader does not know stays in the card as it was (`vCardProps`, `vCardParams`), and what the writer has no
//! property for becomes a `JSPROP`; so nothing is lost either way. Of what goes through both, these change: the order of
//! properties, where lines are folded, upper and lower case of names, how a character is escaped, and the version; and an
//! `@type` that RFC 9553 implies is not said.
//! `localizations` are written as `JSPROP`, and properties with `ALTID` are read as entries of their own.
//!
//! | module | owns |
//! | --- | --- |
//! | `blocks` | cards in a stream |
//! | `lines`, `property`, `charset`, `text` | a card's bytes to properties |
//! | `legacy` | vCard 2.1 and 3.0 to 4.0, and 4.0 to 3.0 |
//! | `import`, `export`, with `table`, `components`, `dates` | properties to JSContact and back |
//! | `write` | properties to lines |

mod blocks;
mod charset;
mod components;
mod dates;
mod export;
mod import;
mod legacy;
mod lines;
mod property;
mod table;
mod text;
mod version;
mod write;

use std::io::Read;

use carnet_core::intake::{Incoming, Source};
use carnet_core::model::{Card, CardError};
use zeroize::Zeroizing;

use super::{Original, Reject, RejectReason};
use blocks::{Block, Blocks};
use lines::{Lines, NoProperty};
pub(super) use property::Property;
pub(super) use text::{escape, escape_uri};
pub use version::Version;

/// The media type of every original, whichever version its `VERSION` names (RFC 6350 section 10.1).
pub const MEDIA_TYPE: &str = "text/vcard";

/// Reads contacts from a stream of vCards, each with its bytes, holding one at a time.
///
/// Ends after the last card, or after a [`RejectReason::Unreadable`]. Lines are those of the whole stream; a contact's is
/// that of its `BEGIN:VCARD`. No property of vCard states a consent, so
/// no contact has claims but those that an [export](carnet_core::intake::carried) put into a `JSPROP`.
pub struct VCardSource<R> {
    blocks: Blocks<R>,
    max_card_bytes: usize,
}

impl<R: Read + Send> VCardSource<R> {
    /// A source of cards of at most [`Card::MAX_BYTES`] each, as vCard and as JSContact.
    pub fn new(input: R) -> Self {
        Self::with_max_card_bytes(input, Card::MAX_BYTES)
    }

    /// A source of cards of at most this many bytes each.
    pub fn with_max_card_bytes(input: R, max_card_bytes: usize) -> Self {
        Self { blocks: Blocks::new(input, max_card_bytes), max_card_bytes }
    }
}

impl<R: Read + Send> Iterator for VCardSource<R> {
    type Item = Result<Incoming, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        let limit = self.max_card_bytes;
        Some(self.blocks.next()?.and_then(|block| read_block(&block, limit)))
    }
}

impl<R: Read + Send> Source for VCardSource<R> {}

/// Reads everything that the bytes hold: what a fuzzer calls.
pub fn read(bytes: &[u8]) -> Vec<Result<Incoming, Reject>> {
    VCardSource::new(bytes).collect()
}

/// Writes a card as a vCard, with CRLF at the end of each line. [`Version::V2_1`] is written as 3.0, its successor.
///
/// The one thing that a vCard cannot hold is a carriage return: text that has one comes back with a line feed instead.
pub fn write(card: &Card, version: Version) -> String {
    let version = if version == Version::V4 { Version::V4 } else { Version::V3 };
    let mut out = String::with_capacity(card.to_text().len() + 128);
    out.push_str("BEGIN:VCARD\r\n");
    write::push_line(&mut out, &Property::new("VERSION", version.as_str()));
    let members = card.value().as_object();
    for mut property in members.map(|members| export::properties(members, version)).unwrap_or_default() {
        if version == Version::V3 {
            legacy::downgrade(&mut property);
        }
        write::push_line(&mut out, &property);
    }
    out.push_str("END:VCARD\r\n");
    out
}

fn read_block(block: &Block<'_>, max_card_bytes: usize) -> Result<Incoming, Reject> {
    let reject = |line: usize, reason: RejectReason| Reject {
        line: block.first_line + line,
        column: 1,
        reason,
        raw: Some(block.bytes.to_vec()),
    };
    let properties = properties(block).map_err(|(line, reason)| reject(line, reason))?;
    let card = card_of(properties, max_card_bytes).map_err(|error| reject(0, RejectReason::Card(error)))?;
    let original = Original { media_type: MEDIA_TYPE, bytes: Zeroizing::new(block.bytes.to_vec()) };
    let incoming = Incoming::of_exported_card(card, block.first_line);
    // The bytes would say what the card says no more.
    let original = Some(original).filter(|_| incoming.claims.is_empty());
    let raw = original.is_none().then(|| block.bytes.to_vec());
    Ok(Incoming { original, raw, ..incoming })
}

/// The card that properties of vCard 4.0 make: what another format is read through.
pub(super) fn card_of(properties: Vec<Property>, max_card_bytes: usize) -> Result<Card, CardError> {
    let text = Zeroizing::new(import::card(properties).to_string());
    Card::parse_within(&text, max_card_bytes)
}

/// The properties of a card between its `BEGIN` and its `END`, or the line that is none.
fn properties(block: &Block<'_>) -> Result<Vec<Property>, (usize, RejectReason)> {
    let mut properties = Vec::new();
    for line in Lines::new(block.bytes, block.line_end, block.version) {
        let line = line.map_err(|NoProperty { number }| (number, RejectReason::NotAProperty))?;
        let number = line.number;
        let is_frame = matches!(line.header.name.as_str(), "BEGIN" | "END");
        if is_frame && !line.value.trim_ascii().eq_ignore_ascii_case(b"VCARD") {
            return Err((number, RejectReason::NotAProperty));
        }
        properties.push(legacy::upgrade(line, block.version).ok_or((number, RejectReason::Charset))?);
    }
    Ok(properties)
}

#[cfg(test)]
mod tests;
