//! Tests of the ledger as a whole; known answers are in `../vectors`.

mod entries;
mod exports;
mod notes;
mod proofs;
mod tampering;
mod trees;
mod trusts;

use std::collections::BTreeMap;
use std::convert::Infallible;

use super::*;

pub(super) const EXAMPLE_NOTE: &str = include_str!("../vectors/example.note");
pub(super) const CHECKPOINT_NOTE: &str = include_str!("../vectors/checkpoint.note");
pub(super) const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
pub(super) const LOG_KEY: &str = "vault.example/audit+6c5bbaef+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
pub(super) const WITNESS_KEY: &str = "witness.example/w1+04d2d833+BD1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM";

/// The signer of RFC 8032 test 1.
pub(super) fn log() -> NoteSigner {
    signer("vault.example/audit", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
}

/// The signer of RFC 8032 test 2.
pub(super) fn witness() -> NoteSigner {
    signer("witness.example/w1", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
}

pub(super) fn signer(name: &str, seed: &str) -> NoteSigner {
    let mut bytes = [0; 32];
    hex::decode_to_slice(seed, &mut bytes).unwrap();
    NoteSigner::new(name, &bytes).unwrap()
}

pub(super) fn key(text: &str) -> VerifierKey {
    text.parse().unwrap()
}

pub(super) fn trust() -> TrustPolicy {
    TrustPolicy::of_log(key(LOG_KEY)).unwrap()
}

/// Entries of different lengths, of which none is empty.
pub(super) fn some_entries(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|index| format!("entry {index} {}", "x".repeat(index as usize % 7)).into_bytes()).collect()
}

pub(super) fn tree_of(entries: &[Vec<u8>]) -> MemoryTree {
    let mut tree = MemoryTree::default();
    entries.iter().for_each(|entry| tree.append(leaf_hash(entry)));
    tree
}

/// The checkpoint over these entries, signed by the log.
pub(super) fn signed(entries: &[Vec<u8>]) -> Note {
    checkpoint_of(entries).sign(&log()).unwrap()
}

pub(super) fn checkpoint_of(entries: &[Vec<u8>]) -> Checkpoint {
    Checkpoint { origin: log().name().to_owned(), size: entries.len() as u64, root: merkle_root(entries) }
}

/// An export in memory, as files by path.
#[derive(Debug, Clone)]
pub(super) struct Files(pub(super) BTreeMap<String, Vec<u8>>);

impl Files {
    /// What `write_bundle` writes into a folder, read back.
    pub(super) fn export(entries: &[Vec<u8>], note: &Note) -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_bundle(folder.path(), entries.iter().map(Ok::<_, Infallible>), note).unwrap();
        let mut files = BTreeMap::new();
        let mut folders = vec![folder.path().to_owned()];
        while let Some(inner) = folders.pop() {
            for item in std::fs::read_dir(inner).unwrap() {
                let path = item.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(folder.path()).unwrap().to_str().unwrap().to_owned();
                    files.insert(name, std::fs::read(&path).unwrap());
                }
            }
        }
        Self(files)
    }

    pub(super) fn verify(&self) -> Report {
        verify_export(self, &trust(), &[])
    }

    pub(super) fn file(&mut self, path: &str) -> &mut Vec<u8> {
        self.0.get_mut(path).unwrap()
    }
}

impl TileSource for Files {
    fn read(&self, path: &str, most: usize) -> Result<Vec<u8>, TileError> {
        let bytes = self.0.get(path).ok_or_else(|| TileError::Missing(path.to_owned()))?;
        if bytes.len() > most { Err(TileError::TooLong(path.to_owned())) } else { Ok(bytes.clone()) }
    }
}
