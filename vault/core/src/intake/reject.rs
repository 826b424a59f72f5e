//! What could not be read, with its place and its bytes, so that it can be corrected and fed again.
//!
//! Readers of files and of providers all answer with this, and go on behind it.

use std::fmt;
use std::io;

use crate::model::{CardError, EmailError};

/// A part of a source that is no contact, and where it stands.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct Reject {
    /// Line of the file, from 1.
    pub line: usize,
    /// Column in the line, from 1, in bytes of UTF-8.
    pub column: usize,
    /// What is wrong with it.
    pub reason: RejectReason,
    /// The part itself; `None` if it is larger than a contact may be. Personal: for the file of rejects alone.
    pub raw: Option<Vec<u8>>,
}

/// Why a part of a source is no contact. No variant repeats any of it; names of columns are not personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RejectReason {
    /// It can be taken apart, but is not a card that can be kept.
    #[error(transparent)]
    Card(CardError),
    /// Something else stands where a card should begin.
    #[error("expected a card here, beginning with {{")]
    NotACard,
    /// Quotes or brackets do not match.
    #[error(
        "the quotes or brackets of the card that begins here do not match; it may have been cut or joined with another"
    )]
    Unbalanced,
    /// The file ends within it.
    #[error("the file ends before the card that begins here does; it may not have been copied whole")]
    CutShort,
    /// The file ends before its list of cards does.
    #[error("the file ends before its list of cards is closed with ]; it may not have been copied whole")]
    ListNotClosed,
    /// Bytes that are no text.
    #[error("this is not UTF-8; save the file as UTF-8 and import it again")]
    NotUtf8,
    /// A row with more or fewer fields than the others.
    #[error("this row has {found} fields where {expected} are expected; check its separators and quotes")]
    Fields {
        /// Fields of the header, or of most rows.
        expected: usize,
        /// Fields of this row.
        found: usize,
    },
    /// Quotes of a row that do not close, or close in the middle of a field.
    #[error("a quote that opens in this row is not closed before the next separator; double the quotes inside a field")]
    Quotes,
    /// A row larger than the limit.
    #[error("this row is larger than {limit} bytes; shorten it, or check for a missing line end")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// A zero byte, which no text has.
    #[error("this row holds a zero byte; the file may be damaged, or in an encoding that was not recognised")]
    ZeroByte,
    /// Nothing to find the contact by.
    #[error("this row has neither an e-mail address nor a telephone number")]
    NoContact,
    /// A provider has already erased this person and left an empty shell.
    #[error("the provider has already erased this contact; there is nothing to import")]
    Erased,
    /// One value of a row that decides over the row.
    #[error("column {field}: {fault}")]
    Value {
        /// The name of the column.
        field: Box<str>,
        /// What is wrong with its value.
        fault: ValueFault,
    },
    /// One of several addresses belongs to another contact, whose name is another.
    #[error(
        "one of its addresses belongs to a contact of another name; remove the address here, or correct that contact, and import it again"
    )]
    AddressTaken,
    /// Addresses of several contacts.
    #[error(
        "its addresses belong to several contacts; split it, or bring those contacts together, and import it again"
    )]
    AddressesOfSeveral,
    /// Text that belongs to no vCard.
    #[error("expected BEGIN:VCARD here; these lines belong to no card")]
    OutsideCard,
    /// A vCard without its last line.
    #[error("the card that begins here has no END:VCARD before the next one begins; add that line where it ends")]
    NotEnded,
    /// A line of a vCard that is no property.
    #[error(
        "this line of the card is no property such as EMAIL:name@example.org; if it continues the line before, begin it with a space"
    )]
    NotAProperty,
    /// A line of a vCard whose text cannot be read.
    #[error("this line is neither UTF-8 nor in a character set that it names; save the file as UTF-8")]
    Charset,
    /// A line of an LDIF record that is no attribute.
    #[error(
        "this line of the record is no attribute such as mail: name@example.org; if it continues the line before, begin it with a space"
    )]
    NotAnAttribute,
    /// An LDIF record without its first line.
    #[error(
        "this record does not begin with its name, such as dn: cn=Ada Example; its beginning may have been cut off"
    )]
    NameMissing,
    /// An LDIF value that is no base64.
    #[error("the value behind :: is not base64")]
    NotBase64,
    /// An LDIF value that stands elsewhere.
    #[error(
        "the value is a reference to another file, and files are not opened for a record; put the value itself here"
    )]
    Reference,
    /// An LDIF record that says what to change.
    #[error("this record is a change and not an entry; export the entries themselves")]
    ChangeRecord,
    /// An LDIF record of something else than people.
    #[error(
        "this record describes no person but a group, a unit of an organisation or a thing; of a group, only the people with a record of their own are read"
    )]
    NotAPerson,
    /// The file cannot be read on.
    #[error("the file cannot be read on: {0}; what stands behind this place was not read")]
    Unreadable(io::ErrorKind),
    /// The file is not read on: an archive that is damaged, nested or far larger than it seems.
    #[error("the file is not read on: {0}; what stands behind this place was not read")]
    Refused(String),
}

impl RejectReason {
    /// Whether the source ends here although there may be more: what was read is not all.
    pub const fn ends_reading(&self) -> bool {
        matches!(self, Self::Unreadable(_) | Self::Refused(_))
    }

    /// Whether the source says itself that it is not whole.
    pub const fn is_cut(&self) -> bool {
        self.ends_reading() || matches!(self, Self::CutShort | Self::ListNotClosed)
    }
}

/// What is wrong with a value without which a row means nothing, or could mean too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValueFault {
    /// Not an address.
    #[error(transparent)]
    Email(EmailError),
    /// A status that is not known: it might be an opt-out.
    #[error(
        "this status is not a word that is known, and might be an opt-out; say what it means, or leave the column out of the mapping"
    )]
    Status,
    /// Neither yes nor no where it decides over an opt-out.
    #[error("expected yes or no, in English, French or German; it might be an opt-out")]
    YesOrNo,
}

impl fmt::Debug for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reject({}:{} {:?})", self.line, self.column, self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reject_says_where_and_what_and_shows_none_of_it() {
        let reason = RejectReason::Value { field: "E-mail".into(), fault: ValueFault::Email(EmailError::NoAt) };
        let reject = Reject { line: 3, column: 7, reason, raw: Some(b"zebulon".to_vec()) };
        assert_eq!(
            reject.to_string(),
            "line 3, column 7: column E-mail: the e-mail address has no @; expected one such as name@example.org"
        );
        assert!(!format!("{reject:?}").contains("zebulon"));
        assert!(!reject.reason.ends_reading() && RejectReason::Unreadable(io::ErrorKind::UnexpectedEof).ends_reading());
    }
}
