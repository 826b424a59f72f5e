//! From a list to a file: written beside its final name, encrypted on the way, and renamed when the ledger has its end.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use carnet_connectors::age::{self, Recipient};
use carnet_connectors::formats::{ContactWriter, ExportFormat};
use carnet_core::model::{Controller, ListId};
use carnet_desk::{Desk, ErrorKind, ExportFile, ExportReport, ListExport, NewExport};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;

use super::manifest::{Manifest, manifest};
use crate::failure::Failure;

const BUFFER_BYTES: usize = 256 * 1024;

/// What is to be delivered, and where.
pub(crate) struct Order<'o> {
    /// To whom and for what.
    pub new: NewExport,
    /// The purpose by its name.
    pub purpose: &'o str,
    /// In which format.
    pub format: ExportFormat,
    /// The file.
    pub to: &'o Path,
    /// Who can open it.
    pub encryption: &'o Recipient,
    /// Whether a file that is there is replaced.
    pub force: bool,
}

/// What was delivered.
pub(crate) struct Delivered {
    pub report: ExportReport,
    pub file: ExportFile,
    pub manifest: PathBuf,
}

/// Exports a list into a file; `progress` is told how many contacts were looked at, of how many.
pub(crate) fn deliver(
    desk: &Desk<'_>,
    (controller, list): (&Controller, ListId),
    order: &Order<'_>,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Delivered, Failure> {
    let manifest_path = beside(order.to);
    for path in [order.to, &manifest_path] {
        if !order.force && path.symlink_metadata().is_ok() {
            return Err(Failure {
                kind: ErrorKind::Conflict,
                sentence: format!(
                    "{} is there already; nothing was exported: choose another name, or --force",
                    path.display()
                ),
            });
        }
    }
    let unfinished = unfinished(order.to)?;
    let mut export = desk.export_list(controller, list, order.new.clone())?;
    let file = write(&mut export, order, unfinished.as_file(), progress)?;
    let report = export.finish(&file)?;
    let text = manifest(&Manifest { report: &report, file: &file, order, controller });
    let mut manifest_file = self::unfinished(order.to)?;
    let kept = manifest_file.write_all(text.as_bytes()).and_then(|()| manifest_file.as_file().sync_all());
    kept.map_err(|error| Failure::file(&manifest_path, &error))?;
    keep(manifest_file, &manifest_path, order.force)?;
    // The file comes last: where it stands, all of it stands.
    keep(unfinished, order.to, order.force).inspect_err(|_| drop(fs::remove_file(&manifest_path)))?;
    let folder = folder(order.to);
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| Failure::file(folder, &error))?;
    Ok(Delivered { report, file, manifest: manifest_path })
}

/// The manifest's name: that of the file, with `.manifest.json` behind it.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".manifest.json");
    PathBuf::from(name)
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A file in the folder of another, of mode 0600, which is gone unless it is kept.
fn unfinished(path: &Path) -> Result<NamedTempFile, Failure> {
    let folder = folder(path);
    let made = tempfile::Builder::new().prefix(".carnet-").suffix(".unfinished").tempfile_in(folder);
    made.map_err(|error| Failure::file(folder, &error))
}

fn keep(file: NamedTempFile, path: &Path, force: bool) -> Result<(), Failure> {
    let kept = if force { file.persist(path) } else { file.persist_noclobber(path) };
    kept.map(drop).map_err(|error| Failure::file(path, &error.error))
}

/// Writes all contacts; nothing is left in a buffer, and the disk has it.
fn write(
    export: &mut ListExport<'_>,
    order: &Order<'_>,
    file: &File,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<ExportFile, Failure> {
    let failed = |error: io::Error| Failure::file(order.to, &error);
    let outer = Digested::new(BufWriter::with_capacity(BUFFER_BYTES, file));
    let inner = Digested::new(age::encrypted(outer, order.encryption).map_err(failed)?);
    let mut writer = ContactWriter::new(order.format, BufWriter::with_capacity(BUFFER_BYTES, inner)).map_err(failed)?;
    let members = export.members();
    while let Some(contact) = export.next() {
        writer.write(&contact?).map_err(failed)?;
        progress(export.seen(), members);
    }
    let inner = writer.finish().map_err(failed)?.into_inner().map_err(|error| failed(error.into_error()))?;
    let (encrypted, plain_sha256, _) = inner.done();
    let (buffered, sha256, bytes) = encrypted.finish().map_err(failed)?.done();
    buffered.into_inner().map_err(|error| failed(error.into_error()))?.sync_all().map_err(failed)?;
    Ok(ExportFile { sha256, plain_sha256, bytes })
}

/// Hashes and counts what goes through it.
struct Digested<W> {
    output: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Digested<W> {
    fn new(output: W) -> Self {
        Self { output, hash: Sha256::new(), bytes: 0 }
    }

    fn done(self) -> (W, [u8; 32], u64) {
        (self.output, self.hash.finalize().into(), self.bytes)
    }
}

impl<W: Write> Write for Digested<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.output.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        self.bytes += u64::try_from(written).unwrap_or_default();
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
