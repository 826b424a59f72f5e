//! From the bytes that somebody hands over to text: unpacking within bounds, and decoding.
//!
//! A [`Package`] is a file as it came: plain, compressed with gzip, or a ZIP archive of several. It is taken apart into
//! [`Document`]s, and [`Text`] reads a document as UTF-8 whatever its encoding. Names inside archives are shown and never
//! used as paths; nothing is written anywhere.

use std::io;

use carnet_core::intake::RejectReason;

mod inflate;
mod package;
mod text;
mod zip;

pub use inflate::Limits;
pub use package::{Document, Package, PackageError, Progress};
pub use text::{Encoding, Text};

/// Why reading stopped in the middle of a document, for the reject that says so.
pub(super) fn reading_failed(error: io::Error) -> RejectReason {
    match package::own_error(error) {
        PackageError::Io(error) => RejectReason::Unreadable(error.kind()),
        refused => RejectReason::Refused(refused.to_string()),
    }
}
