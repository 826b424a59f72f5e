//! Everything that Carnet exchanges contacts with: file formats, providers, servers, destinations.
//!
//! This crate turns what is outside into cards and cards into what is outside. It knows `carnet-core` and never the store:
//! what becomes of a card is the desk's business. A provider never sees another provider.
//!
//! | module | owns |
//! | --- | --- |
//! | [`age`] | files that only their recipient opens |
//! | [`backup`] | repositories that keep snapshots |
//! | [`dns`] | whether the domains of a list take mail, and whether block lists name them |
//! | [`formats`] | bytes to cards and back |

pub mod age;
pub mod backup;
pub mod dns;
pub mod formats;
