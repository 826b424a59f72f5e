//! The entry: what one action leaves behind for ever, and its one spelling as bytes.
//!
//! It holds ids, counts and hashes, never a name, an address or a reason: those are in the sealed
//! [`Details`](super::details::Details), to which the entry only commits, so that an erasure can empty them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::object::{Event, NameError, ObjectId, ObjectKind, ObjectRef, is_slug};
use super::touched::Touched;
use super::tree::merkle_root;
use crate::model::{AccountId, ContactId, ControllerId, EntryId, Timestamp};

/// The largest encoded entry, in bytes: what a tile's length prefix can say (C2SP tlog-tiles).
pub const MAX_ENTRY_BYTES: usize = 65_535;

/// One recorded action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The entry's own id.
    pub id: EntryId,
    /// When it happened, by the server's clock.
    pub at: Timestamp,
    /// What happened.
    pub event: Event,
    /// Who did it, and by which way.
    pub actor: Actor,
    /// For which controller; nothing for what concerns the whole vault.
    pub controller: Option<ControllerId>,
    /// What was touched.
    pub objects: Vec<ObjectRef>,
    /// How many of what; the names are slugs.
    pub counts: BTreeMap<String, u64>,
    /// The contacts that a bulk act touched.
    pub bulk: Option<Bulk>,
    /// The SHA-256 hash of the policy version that decided.
    pub policy: Option<[u8; 32]>,
    /// The commitment to the sealed details.
    pub commitment: Option<[u8; 32]>,
}

/// Who acted, and by which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The account; nothing before the first account exists, or where a job acts for the vault itself.
    pub account: Option<AccountId>,
    /// The way.
    pub channel: Channel,
    /// The number of the operating system's user, where the way has one.
    pub os_user: Option<u32>,
}

/// The way by which an action came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// The making of the vault.
    Init,
    /// The command line.
    CommandLine,
    /// The web pages.
    Web,
    /// The programming interface.
    Api,
    /// A scheduled job.
    Job,
}

/// The contacts that a bulk act touched, as a count and a Merkle root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bulk {
    /// How many contacts.
    pub count: u64,
    /// The root of the tree over them: of [`Bulk::of`] or of [`Bulk::of_touched`].
    pub root: [u8; 32],
}

impl Bulk {
    /// The bulk of these contacts, in this order; sorted by id unless the order has a meaning. A leaf is the 16 bytes of an
    /// id.
    pub fn of(contacts: impl IntoIterator<Item = ContactId>) -> Self {
        Self::over(contacts.into_iter().map(|id| *id.as_bytes()))
    }

    /// The bulk of what was done to these contacts, in this order. A leaf is the 21 bytes of [`Touched::to_bytes`].
    pub fn of_touched(touched: &[Touched]) -> Self {
        Self::over(touched.iter().map(Touched::to_bytes))
    }

    fn over<L: AsRef<[u8]>>(leaves: impl IntoIterator<Item = L>) -> Self {
        let mut count = 0;
        let root = merkle_root(leaves.into_iter().inspect(|_| count += 1));
        Self { count, root: *root.as_bytes() }
    }
}

/// An entry cannot be written, or bytes are not an entry.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// More bytes than a leaf may have.
    #[error("the entry has {0} bytes and may have 65535; record a bulk act with a root instead of naming each object")]
    TooLarge(usize),
    /// Not the JSON of an entry: a field missing, unknown or of the wrong type.
    #[error("the bytes are not an entry of the ledger")]
    Form(#[source] serde_json::Error),
    /// Written by a later program.
    #[error("the entry has version {0}, which this program does not know; use a newer one")]
    Version(u64),
    /// A value that is not what its field asks for.
    #[error("the entry's field {0} is malformed")]
    Field(&'static str),
    /// A word that is not spelled as one.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The right content in another spelling: order, spaces, capitals or a field twice.
    #[error("the entry is not in its one spelling; it was rewritten by another program")]
    Spelling,
}

impl Entry {
    /// An entry of now that says who did what; the rest is for the caller to fill in.
    pub fn new(event: Event, actor: Actor) -> Self {
        Self {
            id: EntryId::new(),
            at: Timestamp::now(),
            event,
            actor,
            controller: None,
            objects: Vec::new(),
            counts: BTreeMap::new(),
            bulk: None,
            policy: None,
            commitment: None,
        }
    }

    /// The entry's one spelling: compact JSON, fields in a fixed order, absent ones left out.
    ///
    /// # Errors
    /// [`EntryError::TooLarge`] above 65,535 bytes, [`EntryError::Name`] for a count whose name is no slug.
    pub fn encode(&self) -> Result<Vec<u8>, EntryError> {
        if !self.counts.keys().all(|name| is_slug(name)) {
            return Err(NameError::Slug.into());
        }
        let bytes = serde_json::to_vec(&Wire::from(self)).map_err(EntryError::Form)?;
        if bytes.len() > MAX_ENTRY_BYTES { Err(EntryError::TooLarge(bytes.len())) } else { Ok(bytes) }
    }

    /// Reads an entry from its one spelling.
    ///
    /// # Errors
    /// [`EntryError`]; anything that [`Entry::encode`] would not have written is refused.
    pub fn decode(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(EntryError::TooLarge(bytes.len()));
        }
        let wire: Wire = serde_json::from_slice(bytes).map_err(EntryError::Form)?;
        let entry = Self::try_from(wire)?;
        if entry.encode()? == bytes { Ok(entry) } else { Err(EntryError::Spelling) }
    }
}

/// The fields as they are written, in their order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    v: u64,
    id: String,
    at: String,
    event: String,
    actor: WireActor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    controller: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    objects: Vec<WireObject>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    counts: BTreeMap<String, u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bulk: Option<WireBulk>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commitment: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireActor {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    channel: Channel,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    os_user: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireObject {
    kind: String,
    id: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireBulk {
    count: u64,
    root: String,
}

impl From<&Entry> for Wire {
    fn from(entry: &Entry) -> Self {
        let object = |object: &ObjectRef| WireObject { kind: object.kind.to_string(), id: object.id.to_string() };
        Self {
            v: 1,
            id: entry.id.to_string(),
            at: entry.at.to_string(),
            event: entry.event.to_string(),
            actor: WireActor {
                account: entry.actor.account.map(|id| id.to_string()),
                channel: entry.actor.channel,
                os_user: entry.actor.os_user,
            },
            controller: entry.controller.map(|id| id.to_string()),
            objects: entry.objects.iter().map(object).collect(),
            counts: entry.counts.clone(),
            bulk: entry.bulk.map(|bulk| WireBulk { count: bulk.count, root: hex::encode(bulk.root) }),
            policy: entry.policy.map(hex::encode),
            commitment: entry.commitment.map(hex::encode),
        }
    }
}

impl TryFrom<Wire> for Entry {
    type Error = EntryError;

    fn try_from(wire: Wire) -> Result<Self, EntryError> {
        if wire.v != 1 {
            return Err(EntryError::Version(wire.v));
        }
        let object = |object: WireObject| -> Result<ObjectRef, EntryError> {
            Ok(ObjectRef { kind: ObjectKind::new(&object.kind)?, id: object.id.parse::<ObjectId>()? })
        };
        let bulk = |bulk: WireBulk| -> Result<Bulk, EntryError> {
            Ok(Bulk { count: bulk.count, root: hash("bulk", &bulk.root)? })
        };
        Ok(Self {
            id: wire.id.parse().map_err(|_| EntryError::Field("id"))?,
            at: wire.at.parse().map_err(|_| EntryError::Field("at"))?,
            event: Event::new(&wire.event)?,
            actor: Actor {
                account: parse_id("account", wire.actor.account)?,
                channel: wire.actor.channel,
                os_user: wire.actor.os_user,
            },
            controller: parse_id("controller", wire.controller)?,
            objects: wire.objects.into_iter().map(object).collect::<Result<_, _>>()?,
            counts: wire.counts,
            bulk: wire.bulk.map(bulk).transpose()?,
            policy: wire.policy.map(|text| hash("policy", &text)).transpose()?,
            commitment: wire.commitment.map(|text| hash("commitment", &text)).transpose()?,
        })
    }
}

fn parse_id<T: std::str::FromStr>(field: &'static str, text: Option<String>) -> Result<Option<T>, EntryError> {
    text.map(|text| text.parse().map_err(|_| EntryError::Field(field))).transpose()
}

fn hash(field: &'static str, text: &str) -> Result<[u8; 32], EntryError> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| EntryError::Field(field))?;
    Ok(bytes)
}
