//! Unpacking within bounds: how much may come out, in all and for each byte that went in.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::package::PackageError;

/// How much a package may unpack to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all documents together, unpacked.
    pub max_bytes: u64,
    /// Bytes that come out for each byte that went in. Lists of contacts reach 20; the format's own limit is about 1,000.
    pub max_ratio: u64,
    /// Bytes that may come out before the ratio is looked at, because small texts can be very regular.
    pub free_bytes: u64,
    /// Entries of an archive.
    pub max_entries: usize,
    /// Bytes of an archive that comes as a stream and so has to be held in memory.
    pub max_held_bytes: u64,
}

impl Default for Limits {
    /// 64 GiB in all, 200 to 1 after the first 16 MiB, 1,000 entries, 64 MiB of a streamed archive.
    fn default() -> Self {
        Self { max_bytes: 64 << 30, max_ratio: 200, free_bytes: 16 << 20, max_entries: 1_000, max_held_bytes: 64 << 20 }
    }
}

/// Counts what is read through it.
pub(super) struct Counted<R> {
    input: R,
    count: Arc<AtomicU64>,
}

impl<R> Counted<R> {
    pub(super) fn new(input: R, count: Arc<AtomicU64>) -> Self {
        Self { input, count }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.input.read(buffer)?;
        self.count.fetch_add(as_u64(bytes), Ordering::Relaxed);
        Ok(bytes)
    }
}

/// Refuses to hand out more than the limits allow.
pub(super) struct Bounded<R> {
    input: R,
    limits: Limits,
    packed: Arc<AtomicU64>,
    /// Of all documents of the package.
    unpacked_in_all: Arc<AtomicU64>,
    unpacked: u64,
}

impl<R> Bounded<R> {
    /// `packed` counts what the input itself reads; `unpacked_in_all` is shared by all documents of a package.
    pub(super) fn new(input: R, limits: Limits, packed: Arc<AtomicU64>, unpacked_in_all: Arc<AtomicU64>) -> Self {
        Self { input, limits, packed, unpacked_in_all, unpacked: 0 }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.input.read(buffer).map_err(damaged)?;
        let count = as_u64(bytes);
        self.unpacked = self.unpacked.saturating_add(count);
        let in_all = self.unpacked_in_all.fetch_add(count, Ordering::Relaxed).saturating_add(count);
        if in_all > self.limits.max_bytes {
            return Err(io::Error::other(PackageError::TooLarge { limit: self.limits.max_bytes }));
        }
        let allowed = self.packed.load(Ordering::Relaxed).saturating_mul(self.limits.max_ratio);
        if self.unpacked > self.limits.free_bytes && self.unpacked > allowed {
            return Err(io::Error::other(PackageError::Ratio { limit: self.limits.max_ratio }));
        }
        Ok(bytes)
    }
}

/// What a decompressor answers to bytes that are none of its format, or end too soon.
fn damaged(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => io::Error::other(PackageError::Damaged),
        io::ErrorKind::UnexpectedEof => io::Error::other(PackageError::CutShort),
        _ => error,
    }
}

pub(super) fn as_u64(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
