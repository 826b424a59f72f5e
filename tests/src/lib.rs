//! The harness: what tests of every room use to meet the outside world for real.
//!
//! It owns the databases that tests are given ([`TestDatabase`]), the servers that `tests/run` starts ([`servers`]) and
//! the program as its users run it ([`Program`]). It must not depend on any other crate of the house: the store and
//! the desk use it in their tests, and the program is only ever run from outside.
//!
//! A harness has nobody to hand an error to, so what goes wrong here panics with a sentence that says what to do.

mod database;
mod outcome;
mod program;
pub mod servers;

pub use database::{Engine, TestDatabase, for_each_engine, for_postgres};
pub use outcome::Outcome;
pub use program::{Program, Running};
