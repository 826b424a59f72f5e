//! The key file: the only thing in this room that touches a disk.
//!
//! A key file is readable by its owner alone, is never overwritten in place, and is on the disk before a function
//! returns. Rotation goes through a second file beside it, so that at every moment one of the two opens the vault:
//!
//! 1. [`stage_plain`] or [`stage_sealed`] writes `PATH.new` durably;
//! 2. the store wraps all keys again under the new root key, in one transaction;
//! 3. [`promote`] renames `PATH.new` over `PATH`.
//!
//! After a crash [`staged`] finds `PATH.new`. If [`RootKeyId::of_wrapped`](super::RootKeyId::of_wrapped) of the vault's
//! keys names the staged key, step 2 was done: [`promote`]. If it names the old key, or the staged file is damaged
//! because step 1 was cut off, [`discard`] it and rotate again.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use super::keytext::{self, Content, Flaw, MAX_BYTES};
use super::passphrase::{Cost, Locked, UnlockError};
use super::root::RootKey;

/// What a key file turned out to hold.
#[derive(Debug)]
pub enum KeyFile {
    /// The root key itself.
    Plain(RootKey),
    /// A root key that a passphrase opens.
    Passphrase(PassphraseSlot),
}

/// A root key that a passphrase opens.
pub struct PassphraseSlot {
    path: PathBuf,
    locked: Locked,
}

/// Why a key file was not read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// No such file.
    #[error("there is no key file at {path}; put it back from your safe copy, or make it again from the recovery \
        words with `carnet key recover`", path = .path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// Others than the owner may read or change it.
    #[error("the key file {path} is open to others than its owner (mode {mode:04o}); close it with `chmod 600 \
        {quoted}`, and rotate the key if others use this machine", path = .path.display(), quoted = quoted(.path))]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Not a key file, or no longer a whole one.
    #[error("the key file {path} is damaged: {flaw}; put it back from your safe copy, or make it again from the \
        recovery words with `carnet key recover`", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        flaw: &'static str,
    },
    /// The passphrase does not open it.
    #[error("the passphrase does not open the key file {path}; try again, or make it again from the recovery words \
        with `carnet key recover`", path = .path.display())]
    WrongPassphrase {
        /// The file.
        path: PathBuf,
    },
    /// A passphrase of no characters protects nothing.
    #[error("the passphrase is empty; give one, or make a key file without a passphrase")]
    EmptyPassphrase,
    /// The machine has too little free memory for Argon2id.
    #[error("there is not enough free memory to open the key file {path}, which asks for {memory_kib} KiB; free some \
        and try again", path = .path.display())]
    OutOfMemory {
        /// The file.
        path: PathBuf,
        /// What its Argon2id parameters ask for.
        memory_kib: u32,
    },
    /// Something is there already, and a key file is never overwritten.
    #[error("{path} exists already and was left as it is; a key file is never overwritten, so move it away if it is \
        not needed", path = .path.display())]
    Exists {
        /// What is there.
        path: PathBuf,
    },
    /// There is no staged key file to promote.
    #[error("there is no staged key file at {path}; the rotation was finished or never begun", path = .path.display())]
    NotStaged {
        /// Where it would be.
        path: PathBuf,
    },
    /// The disk or the system refused.
    #[error("could not {doing} {path}; check the folder's permissions and the free space", path = .path.display())]
    Io {
        /// What was being done, such as `read`.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl KeyFile {
    /// Reads a key file that only its owner can read.
    ///
    /// # Errors
    /// [`KeyFileError::Missing`], [`KeyFileError::Exposed`], [`KeyFileError::Damaged`] and [`KeyFileError::Io`].
    /// Nothing is read from a file with a wrong mode.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        // Asked before opening, because opening a named pipe would wait for a writer; asked again of the opened file.
        check_kind_and_mode(path, &fs::metadata(path).map_err(|source| missing_or("read", path, source))?)?;
        let file = File::open(path).map_err(|source| missing_or("read", path, source))?;
        check_kind_and_mode(path, &file.metadata().map_err(io_error("read", path))?)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
        file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(io_error("read", path))?;
        if bytes.len() > MAX_BYTES {
            return Err(damaged(path, "it is longer than any key file"));
        }
        match keytext::parse(&bytes).map_err(|flaw| damaged(path, flaw))? {
            Content::Plain(key) => Ok(Self::Plain(key)),
            Content::Locked(locked) => Ok(Self::Passphrase(PassphraseSlot { path: path.to_owned(), locked })),
        }
    }
}

impl PassphraseSlot {
    /// The root key.
    ///
    /// Takes a good part of a second and the memory that the file asks for, 1 GiB at most.
    ///
    /// # Errors
    /// [`KeyFileError::WrongPassphrase`] and [`KeyFileError::OutOfMemory`].
    pub fn open(&self, passphrase: &SecretString) -> Result<RootKey, KeyFileError> {
        self.locked.unlock(passphrase).map_err(|error| unlock_error(error, &self.path, self.locked.cost))
    }
}

impl fmt::Debug for PassphraseSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PassphraseSlot").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Writes a new key file of mode 0600 that holds the root key itself.
///
/// # Errors
/// [`KeyFileError::Exists`] if anything is there already, and [`KeyFileError::Io`], after which nothing is left behind.
pub fn write_plain(path: &Path, key: &RootKey) -> Result<(), KeyFileError> {
    write_new(path, &keytext::write_plain(key))
}

/// Writes a new key file of mode 0600 whose root key opens with a passphrase.
///
/// Argon2id (RFC 9106) with 64 MiB, 3 passes and 1 lane.
///
/// # Errors
/// As [`write_plain`], and [`KeyFileError::EmptyPassphrase`] and [`KeyFileError::OutOfMemory`].
pub fn write_sealed(path: &Path, key: &RootKey, passphrase: &SecretString) -> Result<(), KeyFileError> {
    if passphrase.expose_secret().is_empty() {
        return Err(KeyFileError::EmptyPassphrase);
    }
    let cost = Cost::DEFAULT;
    let locked = Locked::lock(key, passphrase, cost).map_err(|error| unlock_error(error, path, cost))?;
    write_new(path, &keytext::write_locked(&locked))
}

/// Begins a rotation of the key file at `path`: as [`write_plain`], to `PATH.new`.
///
/// # Errors
/// As [`write_plain`]; [`KeyFileError::Exists`] means that an earlier rotation was interrupted.
pub fn stage_plain(path: &Path, key: &RootKey) -> Result<(), KeyFileError> {
    write_plain(&staged_path(path), key)
}

/// Begins a rotation of the key file at `path`: as [`write_sealed`], to `PATH.new`.
///
/// # Errors
/// As [`write_sealed`]; [`KeyFileError::Exists`] means that an earlier rotation was interrupted.
pub fn stage_sealed(path: &Path, key: &RootKey, passphrase: &SecretString) -> Result<(), KeyFileError> {
    write_sealed(&staged_path(path), key, passphrase)
}

/// The staged key file beside `path`, if an interrupted rotation left one.
///
/// [`KeyFile::read`] reads it.
///
/// # Errors
/// [`KeyFileError::Io`] if the folder cannot be looked into.
pub fn staged(path: &Path) -> Result<Option<PathBuf>, KeyFileError> {
    let staged = staged_path(path);
    match fs::symlink_metadata(&staged) {
        Ok(_) => Ok(Some(staged)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(io_error("look for", &staged)(error)),
    }
}

/// Ends a rotation: puts the staged key file in the place of the old one.
///
/// Atomic and durable.
///
/// # Errors
/// [`KeyFileError::NotStaged`]; whatever [`KeyFile::read`] has against the staged file, which then replaces nothing;
/// and [`KeyFileError::Io`].
pub fn promote(path: &Path) -> Result<(), KeyFileError> {
    let staged = staged(path)?.ok_or_else(|| KeyFileError::NotStaged { path: staged_path(path) })?;
    KeyFile::read(&staged)?;
    fs::rename(&staged, path).map_err(io_error("replace", path))?;
    sync_folder(path)
}

/// Gives up a rotation: removes the staged key file, if there is one.
///
/// Only for when no wrapped key names the staged root key.
///
/// # Errors
/// [`KeyFileError::Io`].
pub fn discard(path: &Path) -> Result<(), KeyFileError> {
    if let Some(staged) = staged(path)? {
        fs::remove_file(&staged).map_err(io_error("remove", &staged))?;
        sync_folder(path)?;
    }
    Ok(())
}

fn staged_path(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".new");
    name.into()
}

fn check_kind_and_mode(path: &Path, metadata: &Metadata) -> Result<(), KeyFileError> {
    if !metadata.is_file() {
        return Err(damaged(path, "it is not a file"));
    }
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & !0o600 == 0 { Ok(()) } else { Err(KeyFileError::Exposed { path: path.to_owned(), mode }) }
}

fn write_new(path: &Path, text: &str) -> Result<(), KeyFileError> {
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = created.map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::Exists { path: path.to_owned() },
        _ => io_error("create", path)(source),
    })?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io_error("write", path));
    written.and_then(|()| sync_folder(path)).inspect_err(|_| {
        // Half a key file would stand in the way of the next attempt. Should removing it fail too, the first error is
        // the one worth telling.
        let _removed = fs::remove_file(path);
    })
}

/// A new name is not durable before its folder is.
fn sync_folder(path: &Path) -> Result<(), KeyFileError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io_error("write", folder))
}

fn unlock_error(error: UnlockError, path: &Path, cost: Cost) -> KeyFileError {
    let path = path.to_owned();
    match error {
        UnlockError::WrongPassphrase => KeyFileError::WrongPassphrase { path },
        UnlockError::TooCostly => KeyFileError::OutOfMemory { path, memory_kib: cost.memory_kib },
    }
}

fn damaged(path: &Path, flaw: Flaw) -> KeyFileError {
    KeyFileError::Damaged { path: path.to_owned(), flaw }
}

fn io_error(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> KeyFileError {
    let path = path.to_owned();
    move |source| KeyFileError::Io { doing, path, source }
}

fn missing_or(doing: &'static str, path: &Path, source: io::Error) -> KeyFileError {
    match source.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing { path: path.to_owned() },
        _ => io_error(doing, path)(source),
    }
}

/// The path as a shell takes it, so that the command in the message can be copied.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests;
