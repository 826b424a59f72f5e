//! Any bytes as a package: no more comes out than the limits allow, the same from a file as from a stream, and names are no paths.
#![no_main]

use std::io::{Cursor, Read};

use carnet_connectors::formats::OpenOptions;
use carnet_connectors::formats::bytes::{Limits, Package, PackageError};
use carnet_fuzz::target;

const LIMITS: Limits =
    Limits { max_bytes: 1 << 20, max_ratio: 50, free_bytes: 64 << 10, max_entries: 10, max_held_bytes: 1 << 20 };

target!(|bytes: &[u8]| {
    let from_file = unpacked(Package::from_file(Cursor::new(bytes.to_vec()), LIMITS));
    let from_stream = unpacked(Package::from_stream(Cursor::new(bytes.to_vec()), LIMITS));
    // Where the damage of an archive is met depends on how much is read at once; that it is met does not.
    let is_whole = |documents: &[(_, _, bool)]| !documents.is_empty() && documents.iter().all(|(.., ended)| *ended);
    assert_eq!(is_whole(&from_file), is_whole(&from_stream));
    assert!(!is_whole(&from_file) || from_file == from_stream);
    let options = OpenOptions { limits: LIMITS, ..OpenOptions::default() };
    for opened in
        carnet_connectors::formats::open(Box::new(Cursor::new(bytes.to_vec())), None, &options).into_iter().flatten()
    {
        let items: Vec<_> = opened.source.collect();
        carnet_fuzz::assert_in_order(&items);
    }
});

/// What comes out of each document, and whether it ended well.
fn unpacked(package: Result<Package, PackageError>) -> Vec<(Option<String>, Vec<u8>, bool)> {
    let documents = package.map(Package::into_documents).unwrap_or_default();
    assert!(documents.len() <= LIMITS.max_entries);
    let mut in_all = 0;
    let read = |mut document: carnet_connectors::formats::bytes::Document| {
        let name = document.name().map(str::to_owned);
        assert!(name.as_ref().is_none_or(|name| !name.contains(['/', '\\', '\0', '\n']) && !name.starts_with('.')));
        let mut out = Vec::new();
        let ended = document.read_to_end(&mut out).is_ok();
        in_all += out.len() as u64;
        (name, out, ended)
    };
    let out: Vec<_> = documents.into_iter().map(read).collect();
    let packed = out.iter().any(|(name, ..)| name.is_some());
    assert!(!packed || in_all <= LIMITS.max_bytes, "{in_all} bytes came out");
    out
}
