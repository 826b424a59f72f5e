//! Contacts to bytes: the formats that a list leaves in, each of which our own readers take back with its consents.

use std::io::{self, Write};

use carnet_core::intake::with_claims;
use carnet_core::model::Card;
use carnet_core::outgoing::Outgoing;

use super::csv::{self, CsvWriter};
use super::vcard;

/// In which format a list leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// A table for spreadsheets and providers.
    Csv,
    /// JSContact, one card a line.
    NdJson,
    /// vCard 4.0, one after the other.
    VCard,
    /// JSContact, one array of cards.
    JsContact,
}

/// The word names no format that a list leaves in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a format of exports; expected csv, ndjson, vcard or jscontact")]
pub struct UnknownExportFormat;

impl ExportFormat {
    const ALL: [Self; 4] = [Self::Csv, Self::NdJson, Self::VCard, Self::JsContact];

    /// Its word on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::NdJson => "ndjson",
            Self::VCard => "vcard",
            Self::JsContact => "jscontact",
        }
    }

    /// The heads of its columns, if it is a table.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Csv => csv::heads(),
            _ => &[],
        }
    }
}

impl std::str::FromStr for ExportFormat {
    type Err = UnknownExportFormat;

    fn from_str(text: &str) -> Result<Self, UnknownExportFormat> {
        Self::ALL.into_iter().find(|format| format.as_str() == text).ok_or(UnknownExportFormat)
    }
}

enum Kind<W> {
    Csv(Box<CsvWriter<W>>),
    NdJson(W),
    VCard(W),
    JsContact { output: W, begun: bool },
}

/// Writes contacts, one after the other.
pub struct ContactWriter<W>(Kind<W>);

impl<W: Write> ContactWriter<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What writing fails with.
    pub fn new(format: ExportFormat, output: W) -> io::Result<Self> {
        Ok(Self(match format {
            ExportFormat::Csv => Kind::Csv(Box::new(CsvWriter::new(output)?)),
            ExportFormat::NdJson => Kind::NdJson(output),
            ExportFormat::VCard => Kind::VCard(output),
            ExportFormat::JsContact => Kind::JsContact { output, begun: false },
        }))
    }

    /// Writes one contact.
    ///
    /// # Errors
    /// What writing fails with, and a card that is too large with its consents in it.
    pub fn write(&mut self, contact: &Outgoing) -> io::Result<()> {
        match &mut self.0 {
            Kind::Csv(table) => table.write(contact),
            Kind::NdJson(output) => writeln!(output, "{}", loaded(contact)?.value()),
            Kind::VCard(output) => output.write_all(vcard::write(&loaded(contact)?, vcard::Version::V4).as_bytes()),
            Kind::JsContact { output, begun } => {
                let between = if std::mem::replace(begun, true) { ",\n" } else { "[\n" };
                write!(output, "{between}{}", loaded(contact)?.value())
            }
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What writing fails with.
    pub fn finish(self) -> io::Result<W> {
        let mut output = match self.0 {
            Kind::Csv(table) => return table.finish(),
            Kind::NdJson(output) | Kind::VCard(output) => output,
            Kind::JsContact { mut output, begun } => {
                output.write_all(if begun { b"\n]\n" } else { b"[]\n" })?;
                output
            }
        };
        output.flush()?;
        Ok(output)
    }
}

/// The card with what its subject agreed to in it.
fn loaded(contact: &Outgoing) -> io::Result<Card> {
    with_claims(&contact.card, &contact.claims).map_err(io::Error::other)
}

#[cfg(test)]
#[path = "export_tests.rs"]
mod tests;
