//! The words of an entry: event names, kinds and ids of objects.
//!
//! Each is so narrow that no name, address or sentence fits into it: an entry cannot hold personal data by mistake.

use std::fmt;
use std::str::FromStr;

use crate::model::{
    AccountId, CheckId, ConsentEventId, ContactId, ControllerId, DecisionId, EntryId, ExportId, ImportId, ListId,
    ProvenanceId, PurposeId, RecipientId, ReleaseId, SiteId, VaultId,
};

/// A word of an entry is not spelled as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not two or more slugs joined by dots, or longer than 64 bytes.
    #[error("not an event; expected lower-case words joined by dots, such as contact.add, at most 64 bytes")]
    Event,
    /// Not a slug, or longer than 64 bytes.
    #[error("not a word of the ledger; expected a-z, 0-9 and -, beginning with a letter, at most 64 bytes")]
    Slug,
    /// Neither a UUID nor a hash.
    #[error("not an object's id; expected a UUID or 64 hexadecimal digits, in lower case")]
    ObjectId,
}

/// What happened: a dotted lower-case name such as `contact.add`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Event(String);

impl Event {
    /// An event of this name.
    ///
    /// # Errors
    /// [`NameError::Event`] unless it is two or more slugs joined by dots, at most 64 bytes together.
    pub fn new(name: &str) -> Result<Self, NameError> {
        let good = name.len() <= 64 && name.contains('.') && name.split('.').all(is_slug);
        if good { Ok(Self(name.to_owned())) } else { Err(NameError::Event) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Event {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::new(text)
    }
}

/// What kind of thing was touched: `contact`, `consent`, `purpose`, `notice`, `list`, `key`, ...
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKind(String);

impl ObjectKind {
    /// A kind of this name.
    ///
    /// # Errors
    /// [`NameError::Slug`] unless it is a slug of at most 64 bytes.
    pub fn new(name: &str) -> Result<Self, NameError> {
        if is_slug(name) { Ok(Self(name.to_owned())) } else { Err(NameError::Slug) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which thing was touched: 16 bytes written as a UUID, or 32 bytes written as hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectId {
    /// An identifier of the vault.
    Uuid([u8; 16]),
    /// The SHA-256 hash that names a thing by its content: a notice, a policy, a checkpoint.
    Hash([u8; 32]),
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uuid(bytes) => uuid::Uuid::from_bytes(*bytes).fmt(f),
            Self::Hash(bytes) => f.write_str(&hex::encode(bytes)),
        }
    }
}

impl FromStr for ObjectId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let mut hash = [0; 32];
        let parsed = if hex::decode_to_slice(text, &mut hash).is_ok() {
            Self::Hash(hash)
        } else {
            Self::Uuid(uuid::Uuid::parse_str(text).map_err(|_| NameError::ObjectId)?.into_bytes())
        };
        // One spelling for each id: other cases and forms of UUID are refused.
        if parsed.to_string() == text { Ok(parsed) } else { Err(NameError::ObjectId) }
    }
}

/// One thing that was touched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectRef {
    /// What kind of thing.
    pub kind: ObjectKind,
    /// Which one.
    pub id: ObjectId,
}

impl ObjectRef {
    /// A notice, named by the hash of its text.
    pub fn notice(hash: [u8; 32]) -> Self {
        Self { kind: ObjectKind("notice".to_owned()), id: ObjectId::Hash(hash) }
    }
}

macro_rules! refs {
    ($($id:ident => $kind:literal),+ $(,)?) => {$(
        impl From<$id> for ObjectRef {
            fn from(id: $id) -> Self {
                Self { kind: ObjectKind($kind.to_owned()), id: ObjectId::Uuid(*id.as_bytes()) }
            }
        }
    )+};
}

refs! {
    AccountId => "account", CheckId => "check", ConsentEventId => "consent", ContactId => "contact",
    ControllerId => "controller", DecisionId => "decision", EntryId => "entry", ExportId => "export", ImportId => "import", ListId => "list", ProvenanceId => "provenance", PurposeId => "purpose",
    RecipientId => "recipient", ReleaseId => "release", SiteId => "site", VaultId => "vault",
}

/// Lower-case letters, digits and inner hyphens, beginning with a letter, 1 to 64 bytes.
pub(super) fn is_slug(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    plain && begins && text.len() <= 64 && !text.ends_with('-')
}
