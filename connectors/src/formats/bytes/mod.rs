//! From the bytes that somebody hands over to text: unpacking within bounds, and decoding.
//!
//! A [`Package`] is a file as it came: plain, compressed with gzip, or a ZIP archive of several. It is taken apart into
//! [`Document`]s, and [`Text`] reads a document as UTF-8 whatever its encoding. Names inside archives are shown and never
//! used as paths; nothing is written anywhere.

mod inflate;
mod package;
mod text;
mod zip;

pub use inflate::Limits;
pub use package::{Document, Package, PackageError};
pub use text::{Encoding, Text};
