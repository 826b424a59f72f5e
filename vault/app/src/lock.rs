//! One process at a time: founding a vault, replacing its root key, keeping its checkpoint, taking backups.
//!
//! The lock is on a file of its own, is the system's and not the file's existence, and so ends with the process that
//! holds it, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use carnet_desk::ErrorKind;

use crate::failure::Failure;

/// What is locked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Matter {
    /// The key file and the keys that it opens.
    Keys,
    /// The checkpoint in the data folder.
    Checkpoint,
    /// The backups: one writer at a time.
    Backups,
}

/// Held until it is dropped.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "open for as long as the lock is held")] File);

/// Waits for its turn.
pub(crate) fn wait(data: &Path, matter: Matter) -> Result<Lock, Failure> {
    let file = open(data, matter)?;
    file.lock().map_err(|error| Failure::file(&data.join(matter.file()), &error))?;
    Ok(Lock(file))
}

/// Takes the lock if nobody has it; says so if somebody does.
pub(crate) fn take(data: &Path, matter: Matter) -> Result<Lock, Failure> {
    let file = open(data, matter)?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(Failure {
            kind: ErrorKind::Conflict,
            sentence: format!("another carnet process {} {}; wait for it and repeat", matter.doing(), data.display()),
        }),
        Err(TryLockError::Error(error)) => Err(Failure::file(&data.join(matter.file()), &error)),
    }
}

fn open(data: &Path, matter: Matter) -> Result<File, Failure> {
    let path = data.join(matter.file());
    let opened = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    opened.map_err(|error| Failure::file(&path, &error))
}

impl Matter {
    const fn file(self) -> &'static str {
        match self {
            Self::Keys => "keys.lock",
            Self::Checkpoint => "checkpoint.lock",
            Self::Backups => "backups.lock",
        }
    }

    const fn doing(self) -> &'static str {
        match self {
            Self::Keys => "is making or replacing the keys of",
            Self::Checkpoint => "is keeping the checkpoint of",
            Self::Backups => "is at work on the backups of",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_is_refused_and_the_next_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let held = take(folder.path(), Matter::Keys).unwrap();
        let refused = take(folder.path(), Matter::Keys).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Conflict);
        drop(wait(folder.path(), Matter::Checkpoint).unwrap());
        drop(held);
        drop(take(folder.path(), Matter::Keys).unwrap());
    }
}
