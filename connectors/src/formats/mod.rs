//! File formats: bytes to contacts, one at a time, whatever the size of the file.
//!
//! Every reader is an iterator of contacts and [`Reject`]s: what cannot be read is handed out with its place and its bytes, so
//! that it can be corrected and fed again, and reading goes on behind it.

pub mod bytes;
pub mod csv;
mod export;
pub mod jscontact;
mod json_scan;
pub mod ldif;
mod line_ends;
mod open;
mod recognise;
#[cfg(test)]
mod told;
pub mod vcard;
mod window;

pub use carnet_core::intake::{Original, Reject, RejectReason};
pub use export::{ContactWriter, ExportFormat, UnknownExportFormat};
pub use open::{OpenError, OpenOptions, Opened, Table, open, open_document, open_file};
pub use recognise::{Format, UnknownFormat};
