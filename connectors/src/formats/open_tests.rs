use std::io::Write;

use carnet_core::intake::Status;

use super::*;

fn opened(bytes: &[u8], name: Option<&str>) -> Result<Vec<Opened>, OpenError> {
    open(Box::new(Cursor::new(bytes.to_vec())), name, &OpenOptions::default())
}

fn addresses(opened: Vec<Opened>) -> Vec<String> {
    let contacts = opened.into_iter().flat_map(|opened| opened.source);
    contacts.map(|contact| contact.unwrap().card.main_email().unwrap().to_owned()).collect()
}

#[test]
fn a_compressed_table_is_read_like_a_plain_one() {
    let table = b"email;prenom\na@example.org;\xc9lodie\n";
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(table).unwrap();
    let packed = packer.finish().unwrap();
    for bytes in [&table[..], &packed] {
        let opened = opened(bytes, Some("list.csv")).unwrap();
        assert_eq!(opened[0].table.as_ref().map(|table| table.encoding), Some(Encoding::Windows1252));
        let contact = opened.into_iter().next().unwrap().source.next().unwrap().unwrap();
        assert_eq!(contact.card.given(), Some("Élodie"));
    }
}

#[test]
fn a_table_that_is_cut_in_its_archive_gives_its_good_rows_and_says_so() {
    let rows: String =
        (0..2_000_u32).map(|n| format!("p{n}-{}@example.org\n", n.wrapping_mul(2_654_435_761))).collect();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(rows.as_bytes()).unwrap();
    let mut packed = packer.finish().unwrap();
    packed.truncate(packed.len() / 2);
    let items: Vec<_> = opened(&packed, None).unwrap().into_iter().flat_map(|opened| opened.source).collect();
    assert!(items.len() > 100 && items[..items.len() - 1].iter().all(Result::is_ok));
    assert!(items.last().unwrap().as_ref().unwrap_err().reason.ends_reading());
}

#[test]
fn what_is_no_list_is_refused_with_a_sentence() {
    assert!(matches!(opened(b"", None), Err(OpenError::Empty)));
    assert!(matches!(opened(b"<!DOCTYPE html><html>", None), Err(OpenError::Markup)));
    assert!(matches!(opened(b"%PDF-1.7", None), Err(OpenError::Package(PackageError::NotText))));
    assert_eq!(opened(b"BEGIN:VCARD\r\n", None).unwrap()[0].format, Format::VCard);
}

#[test]
fn a_format_that_is_said_is_believed() {
    let options = OpenOptions { format: Some(Format::Csv), ..OpenOptions::default() };
    let table = b"{x},email\n1,a@example.org\n".to_vec();
    let opened = open(Box::new(Cursor::new(table)), None, &options).unwrap();
    assert_eq!(addresses(opened), ["a@example.org"]);
}

#[test]
fn an_archive_of_several_tables_gives_each_with_its_status() {
    let archive = include_bytes!("../../corpus/csv/audience.zip");
    let parts = open_file(Cursor::new(archive.to_vec()), Some("audience.zip"), &OpenOptions::default()).unwrap();
    let stated: Vec<_> = parts.iter().map(|part| part.table.as_ref().and_then(|table| table.mapping.status)).collect();
    assert_eq!(stated, [Some(Status::Subscribed), Some(Status::Unsubscribed), Some(Status::Bounced)]);
    assert!(parts.iter().all(|part| part.progress.total_bytes().is_some()));
    assert_eq!(addresses(parts).len(), 6);
}

#[test]
fn an_archive_of_very_many_documents_is_refused() {
    let options = OpenOptions { limits: Limits { max_entries: 2, ..Limits::default() }, ..OpenOptions::default() };
    let archive = include_bytes!("../../corpus/csv/audience.zip");
    let refused = open(Box::new(Cursor::new(archive.to_vec())), None, &options);
    assert!(matches!(refused, Err(OpenError::Package(PackageError::Entries { limit: 2 }))));
}
