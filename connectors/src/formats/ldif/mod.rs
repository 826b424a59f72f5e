//! LDIF (RFC 2849): entries of a directory or of an address book such as Thunderbird's, to cards.
//!
//! Each entry that describes a person becomes a contact, with the bytes that it came in. Entries are read, changes are not:
//! a record with a `changetype:` other than `add` is rejected. A value that stands in another place (`jpegPhoto:< file:///...`) is rejected, and
//! nothing is ever opened for it.
//!
//! An entry that describes a group, a unit or a thing is rejected with its bytes, so that no list is silently smaller than
//! its file. The people in a group are read from records of their own.
//!
//! | module | owns |
//! | --- | --- |
//! | `records` | records in a stream |
//! | `attributes` | a record's bytes to names and values |
//! | `table`, `values`, `mapping` | names and values to properties, which `vcard` makes a card of |

mod attributes;
mod mapping;
mod records;
mod table;
mod values;

use std::collections::BTreeMap;
use std::io::Read;

use carnet_core::intake::{Incoming, Source, Warning, WarningKind};
use carnet_core::model::Card;
use zeroize::Zeroizing;

use super::vcard::card_of;
use super::{Original, Reject, RejectReason};
use attributes::Attribute;
use records::{Block, Records};

/// The media type of every original. RFC 2849 registers none; this is the one of freedesktop.org's shared MIME database.
pub const MEDIA_TYPE: &str = "text/x-ldif";

/// Reads contacts from a stream of LDIF, each with its bytes, holding one record at a time.
///
/// Ends after the last record, or after a [`RejectReason::Unreadable`]. Lines are those of the whole stream; a contact's is
/// that of its `dn`. No attribute of the schemas that are read states a consent, so no contact has claims.
pub struct LdifSource<R> {
    records: Records<R>,
    max_record_bytes: usize,
    /// Secrets that were left out, by the attribute in lower case.
    credentials: BTreeMap<String, Warning>,
}

impl<R: Read + Send> LdifSource<R> {
    /// A source of records of at most [`Card::MAX_BYTES`] each, as LDIF and as JSContact.
    pub fn new(input: R) -> Self {
        Self::with_max_record_bytes(input, Card::MAX_BYTES)
    }

    /// A source of records of at most this many bytes each.
    pub fn with_max_record_bytes(input: R, max_record_bytes: usize) -> Self {
        Self { records: Records::new(input, max_record_bytes), max_record_bytes, credentials: BTreeMap::new() }
    }

    fn note_credential(credentials: &mut BTreeMap<String, Warning>, name: String, line: usize) {
        let warning = credentials.entry(name).or_insert_with_key(|name| Warning {
            field: name.clone(),
            kind: WarningKind::CredentialLeftOut,
            count: 0,
            first_line: line,
        });
        warning.count += 1;
    }
}

impl<R: Read + Send> Iterator for LdifSource<R> {
    type Item = Result<Incoming, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        let limit = self.max_record_bytes;
        let block = match self.records.next()? {
            Ok(block) => block,
            Err(reject) => return Some(Err(reject)),
        };
        let first_line = block.first_line;
        let (incoming, credentials) = match read_block(&block, limit) {
            Ok(read) => read,
            Err(reject) => return Some(Err(reject)),
        };
        for (name, line) in credentials {
            Self::note_credential(&mut self.credentials, name, first_line + line);
        }
        Some(Ok(incoming))
    }
}

impl<R: Read + Send> Source for LdifSource<R> {
    fn warnings(&self) -> Vec<Warning> {
        self.credentials.values().cloned().collect()
    }
}

/// Reads everything that the bytes hold: what a fuzzer calls.
pub fn read(bytes: &[u8]) -> Vec<Result<Incoming, Reject>> {
    LdifSource::new(bytes).collect()
}

/// The contact, and the secrets that were left out of it with their lines, counted in the record from 0.
fn read_block(block: &Block<'_>, max_card_bytes: usize) -> Result<(Incoming, Vec<(String, usize)>), Reject> {
    let reject = |(line, reason): (usize, RejectReason)| Reject {
        line: block.first_line + line,
        column: 1,
        reason,
        raw: Some(block.bytes.to_vec()),
    };
    let attributes = attributes::attributes(block).map_err(reject)?;
    if !mapping::is_person(&attributes) {
        return Err(reject((0, RejectReason::NotAPerson)));
    }
    let secrets = attributes.iter().filter(|attribute| mapping::is_credential(attribute));
    let credentials = secrets.map(|secret: &Attribute| (secret.name(), secret.line)).collect();
    let properties = mapping::properties(attributes).map_err(reject)?;
    let card = card_of(properties, max_card_bytes).map_err(|error| reject((0, RejectReason::Card(error))))?;
    let original = Original { media_type: MEDIA_TYPE, bytes: Zeroizing::new(block.bytes.to_vec()) };
    Ok((Incoming { original: Some(original), ..Incoming::of_card(card, block.first_line) }, credentials))
}

#[cfg(test)]
mod tests;
