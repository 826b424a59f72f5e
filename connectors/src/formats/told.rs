//! For tests: what a source makes of a file, as text to be read and kept; and whether it has left any of it out.

use std::fmt::Write as _;
use std::io::{self, Read};
use std::path::PathBuf;

use carnet_core::intake::{Incoming, Source};

use super::Reject;
use super::vcard::{Version, write};

/// The files of a folder of the corpus, by their names.
pub(super) fn corpus(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(folder);
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// Each contact as JSContact and as vCard, each reject with its reason, and the warnings.
pub(super) fn told(mut source: impl Source) -> String {
    let mut out = String::new();
    for item in source.by_ref() {
        match item {
            Ok(incoming) => {
                let value = serde_json::to_string_pretty(incoming.card.value()).unwrap();
                let vcard = write(&incoming.card, Version::V4).replace("\r\n", "\n");
                assert!(incoming.claims.is_empty() && incoming.undeliverable.is_none() && incoming.source.is_none());
                writeln!(out, "== line {}\n{value}\n-- as vCard 4.0\n{vcard}", incoming.line).unwrap();
            }
            Err(reject) => {
                let bytes = reject.raw.as_ref().map_or(0, Vec::len);
                writeln!(out, "== reject of {bytes} bytes\n{reject}\n").unwrap();
            }
        }
    }
    source.warnings().iter().for_each(|warning| writeln!(out, "== warning\n{warning}").unwrap());
    out
}

/// What stands between the contacts and the rejects, which are all in the bytes in their order.
pub(super) fn between(bytes: &[u8], items: &[Result<Incoming, Reject>]) -> Vec<Vec<u8>> {
    let mut rest = bytes;
    let mut gaps = Vec::new();
    for item in items {
        let part: &[u8] = match item {
            Ok(incoming) => &incoming.original.as_ref().unwrap().bytes,
            Err(reject) => reject.raw.as_ref().unwrap(),
        };
        assert!(!part.is_empty());
        let start = rest.windows(part.len()).position(|window| window == part);
        let start = start.unwrap_or_else(|| panic!("bytes that are not where they should be: {item:?}"));
        gaps.push(rest[..start].to_vec());
        rest = &rest[start + part.len()..];
    }
    gaps.push(rest.to_vec());
    gaps
}

/// A connection that is reset before it says anything.
pub(super) struct Failing;

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::ConnectionReset.into())
    }
}
