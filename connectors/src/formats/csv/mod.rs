//! CSV of any layout: separator, quotes, encoding, heads and what the columns are, all found by itself and shown.
//!
//! [`CsvReader`] streams: one row, one contact or one reject. What the columns are is a [`Mapping`], which is found by the
//! heads of the columns (in English, French, German, Italian and Spanish, or those of an export that is known), can be changed,
//! saved and used again. What no field is found for is kept in the card (see `COLUMNS_MEMBER` of the model).

mod consent;
mod contact;
mod contacts;
mod date_cursor;
mod dates;
mod detect;
mod dialect;
mod export;
mod field;
mod formula;
mod headers;
mod mapping;
mod moments;
mod presets;
mod reader;
mod rest;
mod rows;
mod scan;
mod tally;
mod words;

pub use dates::DateOrder;
pub use export::{CsvWriter, heads};
pub use field::{AddressPart, ConsentField, Field, UnknownField};
pub use mapping::{Column, Mapping, MappingError, Override};
pub use moments::{Zone, ZoneError};
pub use reader::{CsvOptions, CsvReader};
pub use rows::MAX_ROW_BYTES;
pub use scan::Dialect;
pub use words::Words;

#[cfg(test)]
mod tests;
