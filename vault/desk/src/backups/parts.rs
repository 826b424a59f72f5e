//! Rows cut into files of some megabytes.
//!
//! Where a file ends is said by the row itself, so that rows that are put in, changed or taken out move the ends of the files
//! around them and of no others.

use carnet_core::backup::FileDigest;
use sha2::{Digest as _, Sha256};

/// No file but the last of a table is smaller.
const BYTES_MIN: usize = 4 << 20;
/// None is larger by more than a row.
const BYTES_MAX: usize = 16 << 20;
/// One row in so many ends a file, if it is large enough.
const ROWS_MEAN: u64 = 4096;

/// Rows on their way into files.
#[derive(Default)]
pub(super) struct Parts {
    buffer: Vec<u8>,
    number: u32,
}

impl Parts {
    /// Takes a row; gives a file back where this row ends one.
    pub(super) fn push(&mut self, row: &[u8]) -> Option<Vec<u8>> {
        self.buffer.extend_from_slice(row);
        let ends = self.buffer.len() >= BYTES_MAX || (self.buffer.len() >= BYTES_MIN && ends_part(row));
        ends.then(|| self.take())
    }

    /// What is left, if anything.
    pub(super) fn rest(&mut self) -> Option<Vec<u8>> {
        (!self.buffer.is_empty()).then(|| self.take())
    }

    /// The name of the file that was given last.
    pub(super) fn name(&self) -> String {
        format!("{:06}.cbor", self.number)
    }

    fn take(&mut self) -> Vec<u8> {
        self.number += 1;
        let next = Vec::with_capacity(self.buffer.len().min(BYTES_MAX));
        std::mem::replace(&mut self.buffer, next)
    }
}

/// What a file is called and how it is told from others.
pub(super) fn digest(path: &str, bytes: &[u8]) -> FileDigest {
    let sha256 = hex::encode(Sha256::digest(bytes));
    FileDigest { path: path.to_owned(), bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX), sha256 }
}

fn ends_part(row: &[u8]) -> bool {
    let (words, rest) = row.as_chunks::<8>();
    let mixed = words.iter().map(|word| u64::from_le_bytes(*word)).chain(rest.iter().map(|byte| u64::from(*byte)));
    // FNV-1a with words for bytes; its upper half is mixed best.
    let hash = mixed.fold(0xcbf2_9ce4_8422_2325_u64, |hash, word| (hash ^ word).wrapping_mul(0x0000_0100_0000_01b3));
    (hash >> 32) % ROWS_MEAN == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(rows: impl IntoIterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
        let mut parts = Parts::default();
        let mut files: Vec<Vec<u8>> = rows.into_iter().filter_map(|row| parts.push(&row)).collect();
        files.extend(parts.rest());
        assert_eq!(parts.name(), format!("{:06}.cbor", files.len()));
        files
    }

    fn row(number: u32) -> Vec<u8> {
        Sha256::digest(number.to_be_bytes()).repeat(8).to_vec()
    }

    #[test]
    fn a_row_that_is_put_in_changes_the_file_that_it_is_in_and_perhaps_the_next() {
        let before = files((0..300_000).map(row));
        let put_in = (0..300_000)
            .flat_map(|number| if number == 100_000 { vec![row(1 << 31), row(number)] } else { vec![row(number)] });
        let after = files(put_in);
        assert!(before.len() >= 8, "{}", before.len());
        assert!(before.iter().all(|file| file.len() < BYTES_MAX + 256));
        let new = after.iter().filter(|file| !before.contains(file)).count();
        assert!((1..=2).contains(&new), "{new} of {}", after.len());
        assert_eq!(files(std::iter::empty()), Vec::<Vec<u8>>::new());
    }
}
