//! The details of an entry: what may be personal data, kept sealed beside the ledger and never in it.
//!
//! The entry commits to them with HMAC-SHA-256 under a random key that is sealed with them. Once the sealed bytes are
//! shredded, the entry still verifies and says nothing about what they were (EDPB Guidelines 02/2025).

use std::collections::BTreeMap;
use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::entry::Entry;
use crate::random::random_bytes;

/// What is sealed beside an entry.
#[derive(Clone, PartialEq, Eq)]
pub struct Details {
    commit_key: Zeroizing<[u8; 32]>,
    content: Content,
}

/// What the commitment covers, as it is written.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    v: u8,
    reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    os_user_name: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    more: BTreeMap<String, String>,
}

/// The bytes are not the details of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the opened bytes are not the details of a ledger entry; the row was changed or belongs to another table")]
pub struct DetailsError;

impl Details {
    /// Details with a fresh commitment key.
    pub fn new(reason: &str, os_user_name: Option<&str>, more: BTreeMap<String, String>) -> Self {
        let content = Content { v: 1, reason: reason.to_owned(), os_user_name: os_user_name.map(str::to_owned), more };
        Self { commit_key: Zeroizing::new(random_bytes()), content }
    }

    /// Why it was done, in the actor's words.
    pub fn reason(&self) -> &str {
        &self.content.reason
    }

    /// The name of the operating system's user.
    pub fn os_user_name(&self) -> Option<&str> {
        self.content.os_user_name.as_deref()
    }

    /// Everything else.
    pub fn more(&self) -> &BTreeMap<String, String> {
        &self.content.more
    }

    /// What the entry says about them: HMAC-SHA-256 of the content under the commitment key.
    pub fn commitment(&self) -> [u8; 32] {
        self.mac().finalize().into_bytes().into()
    }

    /// Whether these are the details to which the entry commits; compared in constant time.
    pub fn opens(&self, entry: &Entry) -> bool {
        entry.commitment.is_some_and(|commitment| self.mac().verify_slice(&commitment).is_ok())
    }

    /// What is to be sealed: the 32-byte commitment key, then the content as JSON.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(self.commit_key.to_vec());
        bytes.extend(self.content_bytes().iter());
        bytes
    }

    /// Reads what [`Details::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`DetailsError`] for anything else, other spellings of the same content included.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DetailsError> {
        let (commit_key, json) = bytes.split_first_chunk::<32>().ok_or(DetailsError)?;
        let content: Content = serde_json::from_slice(json).map_err(|_| DetailsError)?;
        let details = Self { commit_key: Zeroizing::new(*commit_key), content };
        if details.content.v == 1 && *details.content_bytes() == json { Ok(details) } else { Err(DetailsError) }
    }

    #[expect(clippy::expect_used, reason = "RFC 2104 gives HMAC a key of any length")]
    fn mac(&self) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&*self.commit_key).expect("HMAC takes a key of any length");
        mac.chain_update(&*self.content_bytes())
    }

    #[expect(clippy::expect_used, reason = "strings and maps of strings always have JSON; an empty content would lie")]
    fn content_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(&self.content).expect("strings have JSON"))
    }
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Details(hidden)")
    }
}
