//! The ledger's newest checkpoint, kept as a file outside the database, so that a database that was cut back or
//! replaced by an older copy is found out.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use carnet_core::ledger::{Checkpoint, Note};
use carnet_desk::Vault;

use crate::failure::Failure;
use crate::lock::{self, Matter};
use crate::output::Output;

/// Where it is kept in the data folder.
pub(crate) fn path(data: &Path) -> PathBuf {
    data.join("ledger.checkpoint")
}

/// Replaces the kept checkpoint by the vault's newest, unless that would go back in the ledger.
pub(crate) fn keep(data: &Path, vault: &Vault, output: &Output) {
    if let Err(failure) = try_keep(data, vault) {
        output.note(&format!("the checkpoint was not kept in the data folder: {}", failure.sentence));
    }
}

fn try_keep(data: &Path, vault: &Vault) -> Result<(), Failure> {
    let Some(note) = vault.checkpoint()? else { return Ok(()) };
    let size = |note: &Note| Checkpoint::parse(note.text()).map_or(0, |checkpoint| checkpoint.size);
    let path = path(data);
    // Others keep theirs at the same time: without the lock an older one could replace a newer one.
    let _turn = lock::wait(data, Matter::Checkpoint)?;
    if read(&path)?.is_some_and(|kept| size(&kept) >= size(&note)) {
        return Ok(());
    }
    let unfinished = path.with_extension("unfinished");
    File::create(&unfinished)
        .and_then(|mut file| file.write_all(note.to_string().as_bytes()).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&unfinished, &path))
        .map_err(|error| Failure::file(&path, &error))
}

/// A checkpoint that was kept earlier.
pub(crate) fn read(path: &Path) -> Result<Option<Note>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Note::parse(&bytes)
            .map(Some)
            .map_err(|error| Failure::invalid(format!("{} is not a checkpoint: {error}", path.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file(path, &error)),
    }
}
