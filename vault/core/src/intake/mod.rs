//! What an incoming card becomes before it is kept.
//!
//! This room levels values so that two writings of one thing are found by one tag, and says what an importer hands over:
//! cards, what the source claims about consent, and what could not be read. A card of somebody who is not known is sealed
//! as it came in; one of somebody who is [adds what was missing](merge()) and takes nothing away.

pub mod carried;
pub mod incoming;
pub mod merge;
pub mod normalise;
pub mod reject;
pub mod statement;
pub mod typo;
pub mod words;

pub use carried::{CONSENTS_MEMBER, taken_claims, with_claims};
pub use incoming::{Claim, Incoming, Original, Source, Undeliverable, Warning, WarningKind};
pub use merge::{Merged, merge};
pub use normalise::{TagValues, Unread, UnreadReason, email, phone};
pub use reject::{Reject, RejectReason, ValueFault};
pub use statement::{Moment, Statement, Status, has_vague_sign_up_time};
pub use typo::suggested_domain;
pub use words::{card_words, domain_words, level, query_words, words};
