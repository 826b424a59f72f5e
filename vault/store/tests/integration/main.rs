//! The store from outside, on both engines: what it promises, and what faults and bad input get.

#[cfg(test)]
mod apart;
#[cfg(test)]
mod columns;
#[cfg(test)]
mod commits;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod segments;
#[cfg(test)]
mod shredding;
#[cfg(test)]
mod support;
#[cfg(test)]
mod suppressions;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod uniqueness;
