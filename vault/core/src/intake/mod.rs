//! What an incoming card becomes before it is kept.
//!
//! This room levels values so that two writings of one thing are found by one tag. It changes no card: what is sealed is
//! what came in.

pub mod normalise;
pub mod words;

pub use normalise::{TagValues, Unread, UnreadReason, email, phone};
pub use words::{card_words, domain_words, query_words, words};
