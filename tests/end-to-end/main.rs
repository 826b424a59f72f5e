//! The program from outside, as the people who use it and the machines that run it see it.
//!
//! What it prints is kept as golden files in `snapshots/`, for people and for programs; a change of any of them is read
//! in review. `INSTA_UPDATE=always tests/run end-to-end` writes them anew.

#[cfg(test)]
mod chance;
#[cfg(test)]
mod given;
#[cfg(test)]
mod redacted;
#[cfg(test)]
mod shell;
#[cfg(test)]
mod transcript;

#[cfg(test)]
mod backups;
#[cfg(test)]
mod bad_places;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod exit_codes;
#[cfg(test)]
mod exports;
#[cfg(test)]
mod first_day;
#[cfg(test)]
mod help;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod init;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod manners;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod together;
