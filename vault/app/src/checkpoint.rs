//! The ledger's newest checkpoint, kept as a file outside the database, so that a database that was cut back or
//! replaced by an older copy is found out.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use carnet_core::ledger::{Checkpoint, Note};
use carnet_desk::{ErrorKind, Vault};

use crate::failure::Failure;
use crate::lock::{self, Matter};
use crate::output::Output;

/// Where it is kept in the data folder.
pub(crate) fn path(data: &Path) -> PathBuf {
    data.join("ledger.checkpoint")
}

/// Replaces the kept checkpoint by the vault's newest, unless the ledger does not continue the kept one: that is evidence.
pub(crate) fn keep(data: &Path, vault: &Vault, output: &Output) {
    match try_keep(data, vault) {
        Ok(true) => {}
        Ok(false) => output.note(&format!(
            "carnet: the ledger does not continue the checkpoint that was kept in {}: it was changed, or the database \
             replaced by an older copy; see `carnet audit verify`",
            path(data).display()
        )),
        Err(failure) => {
            output.note(&format!("carnet: no checkpoint was kept in the data folder: {}", failure.sentence))
        }
    }
}

fn try_keep(data: &Path, vault: &Vault) -> Result<bool, Failure> {
    let path = path(data);
    // Others keep theirs at the same time: without the lock an older one could replace a newer one.
    let _turn = lock::wait(data, Matter::Checkpoint)?;
    let Some(note) = vault.checkpoint()? else { return Ok(true) };
    if let Some(kept) = read(&path)? {
        let kept = Checkpoint::parse(kept.text()).map_err(|error| damaged(&path, &error))?;
        if !vault.continues(&kept)? {
            return Ok(false);
        }
        if Checkpoint::parse(note.text()).is_ok_and(|newest| newest.size == kept.size) {
            return Ok(true);
        }
    }
    let unfinished = path.with_extension("unfinished");
    File::create(&unfinished)
        .and_then(|mut file| file.write_all(note.to_string().as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&unfinished, &path))
        .map_err(|error| Failure::file(&path, &error))?;
    Ok(true)
}

/// A checkpoint that was kept earlier.
pub(crate) fn read(path: &Path) -> Result<Option<Note>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Note::parse(&bytes).map(Some).map_err(|error| damaged(path, &error)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file(path, &error)),
    }
}

fn damaged(path: &Path, error: &dyn std::error::Error) -> Failure {
    let sentence = format!("{} is not a checkpoint: {error}; put it back from a copy", path.display());
    Failure { kind: ErrorKind::Damaged, sentence }
}
