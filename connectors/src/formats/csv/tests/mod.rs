//! Whole files in, contacts, claims and rejects out.

mod corpus;
mod properties;
mod shapes;

use carnet_core::intake::{Claim, Incoming, Reject, Source};

use super::{CsvOptions, CsvReader};

/// What a file gives.
struct Given {
    reader: CsvReader<std::io::Cursor<Vec<u8>>>,
    contacts: Vec<Incoming>,
    rejects: Vec<Reject>,
}

fn read(bytes: &[u8], options: &CsvOptions) -> Given {
    let mut reader = CsvReader::new(std::io::Cursor::new(bytes.to_vec()), options).unwrap();
    let (mut contacts, mut rejects) = (Vec::new(), Vec::new());
    for item in &mut reader {
        match item {
            Ok(contact) => contacts.push(contact),
            Err(reject) => rejects.push(reject),
        }
    }
    Given { reader, contacts, rejects }
}

fn read_text(text: &str) -> Given {
    read(text.as_bytes(), &CsvOptions::default())
}

fn claim_text(claim: &Claim) -> String {
    let at = claim.at.map_or_else(|| "time missing".to_owned(), |at| at.to_string());
    let evidence = serde_json::to_string(&claim.evidence).unwrap();
    let purpose = claim.purpose.as_deref().map(|purpose| format!(" to {purpose}")).unwrap_or_default();
    format!("{}{purpose} at {at} {evidence}", claim.kind)
}

/// Everything that a file gives, for a snapshot.
fn shown(given: &Given) -> String {
    let mut text = given.reader.mapping().to_string();
    for name in given.reader.unsettled() {
        text += &format!("day and month unclear: {name}\n");
    }
    for contact in &given.contacts {
        text += &format!("\nline {}: {}\n", contact.line, contact.card.to_text());
        contact.claims.iter().for_each(|claim| text += &format!("  {}\n", claim_text(claim)));
        contact.undeliverable.iter().for_each(|undeliverable| text += &format!("  {undeliverable:?}\n"));
    }
    text.push('\n');
    given.rejects.iter().for_each(|reject| text += &format!("reject: {reject}\n"));
    given.reader.warnings().iter().for_each(|warning| text += &format!("warning: {warning}\n"));
    text
}
