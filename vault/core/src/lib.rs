//! The pure heart of Carnet: what a contact, a consent and a ledger are, and the arithmetic that protects them.
//!
//! This crate knows no database, no network, no runtime. Everything in it is a function of its arguments, the clock and
//! the system's random source, so that an auditor can read it without reading the rest.
//!
//! | module | owns |
//! | --- | --- |
//! | [`model`] | cards, contacts, consent, purposes, notices, provenance, lists, recipients, controllers, accounts |
//! | [`keys`] | root key, controllers' keys, sealing, tags, recovery words |
//! | [`ledger`] | entry encoding, Merkle tree, signed checkpoints, tiles, proofs, verification |
//! | [`intake`] | what comes in: normalising, claims about consent, what could not be read |
//! | [`gate`] | what a list shows of where it came from: signals, verdict, report |
//! | [`policy`] | who may do what |
//! | [`backup`] | what a snapshot says of itself, how long it is kept, when somebody is woken |

pub mod backup;
pub mod gate;
pub mod intake;
pub mod keys;
pub mod ledger;
pub mod model;
pub mod outgoing;
pub mod policy;
mod random;
