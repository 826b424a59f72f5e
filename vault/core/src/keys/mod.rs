//! The keys of the house, what they seal, and the tags by which that is found.
//!
//! This room turns bytes into sealed bytes and back. It does not know tables, accounts or the law, keeps no state but a
//! small pool of random nonces, and touches the disk in one place only: the key file ([`KeyFile`]).
//!
//! ```text
//! passphrase --Argon2id--+
//!                        v
//! recovery words <--> RootKey ------- wraps (AES-256-GCM, label as associated data)
//!                        |
//!      one for the vault |                 for each controller
//!      +--------+--------+---+--------------------+-----------------+
//!      v        v            v                    v                 v
//!   VaultKey  OverlapKey  MasterKey(generation)  IndexKey     SuppressionKey
//!   (seals    (gate's     |            |         (look-up     (opt-outs, outlive
//!    vault     e-mail     | HKDF       | HKDF     tags by      erasure and every
//!    records)  tags)      | + salt     |          field)       rotation)
//!                         v            v
//!                     ContactKey    RecordKey
//!                     (one contact) (controller's records)
//! ```
//!
//! - **Root key.** Nothing in the database can be read without it. It leaves memory as a key file or as 24 words only.
//!   Rotating it wraps the keys below again ([`RootKey::rewrap`]) and touches no contact.
//! - **Master keys** have generations. Rotating one makes the next generation; what the old one sealed stays readable
//!   until it is sealed again, because every [`Sealed`] names its generation and [`ControllerKeys`] holds them all.
//! - **Contact keys** exist only while they are used: HKDF-SHA-256 (RFC 5869) of the master and the contact's [`Salt`].
//!   Whoever deletes the salt has erased every copy of what the contact's key sealed, in every backup.
//! - **Tag keys** ([`IndexKey`], [`SuppressionKey`], [`OverlapKey`]) are random keys of their own, wrapped by the root
//!   and never derived from a master. A rotation of a master therefore leaves look-ups working and opt-outs valid. They
//!   have no generations: a tag cannot be computed again without the value that it stands for, and after an erasure
//!   nobody has that value.
//!
//! Secrets are overwritten when they are dropped and print only their names. That is a best effort: Rust may leave
//! copies on the stack when a value moves, so the keys that live long are kept on the heap, where moving copies
//! nothing.

mod aead;
mod contact;
mod controller;
mod derive;
mod keyfile;
mod keytext;
mod master;
mod nonce;
mod passphrase;
mod place;
mod root;
mod sealed;
mod sealing;
mod secret;
mod tags;
mod vault;
mod words;

pub use contact::{ContactKey, Salt};
pub use controller::ControllerKeys;
pub use keyfile::{
    KeyFile, KeyFileError, PassphraseSlot, discard, promote, stage_plain, stage_sealed, staged, write_plain,
    write_sealed,
};
pub use master::{MasterKey, RecordKey};
pub use place::{Owner, Place, Scope};
pub use root::{KeyError, Label, RootKey, RootKeyId};
pub use sealed::{OpenError, Plaintext, Sealed};
pub use tags::{Field, IndexKey, OverlapKey, SuppressionKey, Tag};
pub use vault::VaultKey;
pub use words::{RecoveryWords, RevealedWords, WordsError};

#[cfg(test)]
mod tests;

/// 32 fresh random bytes for a key that this room does not know, such as the seed of the ledger's signing key.
pub fn random_seed() -> zeroize::Zeroizing<[u8; 32]> {
    zeroize::Zeroizing::new(crate::random::random_bytes())
}
