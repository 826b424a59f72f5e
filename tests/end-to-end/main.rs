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
mod first_day;
#[cfg(test)]
mod help;
