//! What the vault keeps: the words of the law and of the field as types, and the rules of each.

pub mod account;
pub mod id;
pub mod time;

pub use account::*;
pub use id::*;
pub use time::Timestamp;
