//! The manifest of a snapshot: the last file that is written, and the only one that says that all the others are there.

use serde::{Deserialize, Serialize};

use crate::model::{Timestamp, VaultId};

/// The version of the format that this program writes and reads.
const FORMAT: u32 = 1;

/// Which half of a vault a snapshot holds: each is of no use to a thief without the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// All rows but the salts of contacts; kept for long.
    Rows,
    /// The salts, with who was erased and who must not be written to; kept for days.
    Keyring,
}

impl Content {
    /// Its word, which is also the folder of its repository.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Keyring => "keyring",
        }
    }
}

impl std::str::FromStr for Content {
    type Err = ContentError;

    fn from_str(text: &str) -> Result<Self, ContentError> {
        [Self::Rows, Self::Keyring].into_iter().find(|one| one.as_str() == text).ok_or(ContentError)
    }
}

/// The text names no half of a vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a snapshot holds rows or a keyring")]
pub struct ContentError;

/// What a snapshot says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The version of this format.
    pub format: u32,
    /// Which half this is.
    pub content: Content,
    /// Of which vault.
    pub vault: VaultId,
    /// When its rows were read, all at one moment.
    pub taken: Timestamp,
    /// Which program wrote it.
    pub program: String,
    /// The newest step of the schema: only a program that ends with this step restores it.
    pub schema: String,
    /// The ledger's newest checkpoint, as a signed note (C2SP signed-note).
    pub checkpoint: Option<String>,
    /// How many rows each table had.
    pub tables: Vec<TableCount>,
    /// Every file but this one, in the order in which they were written.
    pub files: Vec<FileDigest>,
}

/// How many rows of a table a snapshot has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableCount {
    /// The table.
    pub name: String,
    /// Its columns in the order in which they stand in a row.
    pub columns: Vec<String>,
    /// How many rows.
    pub rows: u64,
}

/// A file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileDigest {
    /// Its path in the snapshot.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// The file is no manifest that this program reads.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// It is something else.
    #[error("the manifest of this snapshot cannot be read: {0}")]
    Unreadable(String),
    /// A newer program wrote it.
    #[error("this snapshot has format {0}, which a newer carnet has written; restore it with that one")]
    Newer(u32),
}

impl Manifest {
    /// The path of the manifest itself.
    pub const PATH: &'static str = "manifest.json";

    /// The version of the format that is written.
    pub const FORMAT: u32 = FORMAT;

    /// The bytes of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`FormatError`].
    pub fn read(bytes: &[u8]) -> Result<Self, FormatError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let unreadable = |error: serde_json::Error| FormatError::Unreadable(error.to_string());
        let Head { format } = serde_json::from_slice(bytes).map_err(unreadable)?;
        if format > FORMAT {
            return Err(FormatError::Newer(format));
        }
        serde_json::from_slice(bytes).map_err(unreadable)
    }

    /// How many rows a table has.
    pub fn rows_of(&self, table: &str) -> u64 {
        self.tables.iter().find(|one| one.name == table).map_or(0, |one| one.rows)
    }

    /// The files of a table, in the order of its rows.
    pub fn files_of<'m>(&'m self, table: &str) -> impl Iterator<Item = &'m FileDigest> {
        let folder = Self::folder_of(table);
        self.files.iter().filter(move |file| file.path.starts_with(&folder))
    }

    /// The folder of a table's files.
    pub fn folder_of(table: &str) -> String {
        format!("data/{table}/")
    }

    /// How many entries the ledger had: which of two snapshots of a vault is the later one, whatever their clocks said.
    pub fn entries(&self) -> u64 {
        // A checkpoint (C2SP tlog-checkpoint) has the origin, then the size.
        let size = self.checkpoint.as_deref().and_then(|note| note.lines().nth(1));
        size.and_then(|size| size.parse().ok()).unwrap_or_default()
    }

    /// The bytes of all files together.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_comes_back_and_a_newer_or_damaged_one_is_told_apart() {
        let manifest = Manifest {
            format: FORMAT,
            content: Content::Keyring,
            vault: VaultId::new(),
            taken: Timestamp::now(),
            program: "carnet 0.1.0".to_owned(),
            schema: "1".to_owned(),
            checkpoint: None,
            tables: vec![TableCount { name: "contact_salts".to_owned(), columns: vec!["salt".to_owned()], rows: 3 }],
            files: vec![FileDigest { path: "data/contact_salts/0".to_owned(), bytes: 4, sha256: "00".to_owned() }],
        };
        let bytes = manifest.to_bytes();
        assert_eq!(Manifest::read(&bytes), Ok(manifest.clone()));
        let noted = Manifest { checkpoint: Some("carnet-ledger/x\n17\nAAAA\n\n".to_owned()), ..manifest.clone() };
        assert_eq!((manifest.entries(), noted.entries()), (0, 17));
        assert_eq!((manifest.rows_of("contact_salts"), manifest.files_of("contact_salts").count()), (3, 1));
        assert_eq!((manifest.rows_of("contact"), manifest.files_of("contact").count()), (0, 0));
        let newer = String::from_utf8(bytes.clone()).unwrap().replace("\"format\": 1", "\"format\": 2");
        assert_eq!(Manifest::read(newer.as_bytes()), Err(FormatError::Newer(2)));
        assert!(matches!(Manifest::read(&bytes[..bytes.len() - 3]), Err(FormatError::Unreadable(_))));
    }
}
