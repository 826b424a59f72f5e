//! One identifier type for each kind of thing, so that a contact's id can never be passed for a list's.
//!
//! All are UUIDv7 (RFC 9562 section 5.7): they sort by the time they were made, which keeps B-trees narrow at their end.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an identifier; expected a UUID such as 01930c5e-0000-7000-8000-000000000000")]
pub struct IdError;

macro_rules! id_types {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new identifier, later in order than every one made before it on this machine.
            #[expect(clippy::new_without_default, reason = "two new ids differ; a default would suggest that they do not")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The identifier with these 16 bytes, most significant first.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// When it was made, in milliseconds since 1970 (RFC 9562 section 5.7).
            pub const fn made_ms(&self) -> i64 {
                let [a, b, c, d, e, f, ..] = *self.0.as_bytes();
                i64::from_be_bytes([0, 0, a, b, c, d, e, f])
            }

            /// The 16 bytes, most significant first.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Uuid::parse_str(text).map(Self).map_err(|_| IdError)
            }
        }
    )+};
}

id_types! {
    /// A vault.
    VaultId;
    /// A controller (Art. 4(7) GDPR).
    ControllerId;
    /// A contact.
    ContactId;
    /// A purpose of a controller.
    PurposeId;
    /// A list of contacts.
    ListId;
    /// An import: one reading of files or of a provider into a list.
    ImportId;
    /// A recipient of contacts (Art. 4(9) GDPR).
    RecipientId;
    /// A provenance: where contacts came from.
    ProvenanceId;
    /// A consent event.
    ConsentEventId;
    /// An account.
    AccountId;
    /// A ledger entry.
    EntryId;
    /// A run of tags that wait for their place among the others.
    TagRunId;
    /// A check of a list by the gate.
    CheckId;
    /// A decision on a list, or an act of its owner before the officer.
    DecisionId;
    /// A release of a list for use.
    ReleaseId;
    /// An export: one handing over of a list to a recipient.
    ExportId;
    /// A place that keeps backups.
    SiteId;
}
