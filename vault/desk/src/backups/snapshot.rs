//! All that the vault holds as files, read at one moment.

use std::collections::BTreeMap;
use std::io;

use carnet_core::backup::{Content, FileDigest, Manifest, TableCount};
use carnet_core::ledger::{CHECKPOINT, Checkpoint, ExportError, Note, bundle};
use carnet_core::model::{SiteId, Timestamp};
use carnet_core::policy::{Operation, Target};
use carnet_store::Tx;

use super::parts::{Parts, digest};
use crate::audit::{Bodies, ledger_failed, parse_checkpoint};
use crate::{Desk, DeskError};

/// The salts of contacts, in the keyring alone.
pub(super) const SALTS: &str = "contact_salts";
/// Tables that are in both halves: what may not be forgotten when older rows are restored.
const BOTH: [&str; 4] = [CONDEMNED, RELEASES, SHREDDED, SUPPRESSIONS];
/// Keyed hashes of the addresses of condemned lists.
pub(super) const CONDEMNED: &str = "condemned_tags";
/// Which lists may be used.
pub(super) const RELEASES: &str = "list_releases";
/// Who was erased.
pub(super) const SHREDDED: &str = "shredded_contacts";
/// What was refused.
pub(super) const SUPPRESSIONS: &str = "suppressions";
/// What a restore makes for itself.
const NEITHER: &str = "restorations";

/// Takes the files of a snapshot in the order of their paths.
pub type Handover<'h> = dyn FnMut(String, Vec<u8>) -> io::Result<()> + 'h;

impl Desk<'_> {
    /// Hands over one half of the vault for a site, as it is at one moment. `configuration` goes along with the rows, each file by its
    /// name. The manifest comes last: without it a snapshot is none.
    ///
    /// # Errors
    /// [`DeskError::Snapshot`] with what the taker said, or the database's own failure.
    pub fn snapshot(
        &self,
        site: SiteId,
        content: Content,
        configuration: &BTreeMap<String, Vec<u8>>,
        take: &mut Handover<'_>,
    ) -> Result<Manifest, DeskError> {
        self.authorise(Operation::BackupRun, &Target::Vault)?;
        // Recorded first, so that the copy that leaves says so itself.
        let mut draft = self.draft("backup.begin")?;
        draft.touch(site);
        draft.count(content.as_str(), 1);
        self.record_only(draft, [])?;
        if content == Content::Rows {
            for controller in self.vault.store.read(|tx| tx.controller_list())? {
                self.vault.store.settle_tags(controller.id, true)?;
            }
        }
        self.vault.store.read(|tx| {
            let head = tx.ledger_head()?;
            let mut out = Out { take, files: Vec::new() };
            if content == Content::Rows {
                for (name, bytes) in configuration {
                    out.file(format!("configuration/{name}"), bytes.clone())?;
                }
            }
            let mut tables = Vec::new();
            for table in tx.portable_tables()? {
                if !belongs(content, &table.name) {
                    continue;
                }
                let mut parts = Parts::default();
                let folder = Manifest::folder_of(&table.name);
                let rows = tx.portable_rows(&table, |row| match parts.push(row) {
                    Some(file) => out.file(format!("{folder}{}", parts.name()), file),
                    None => Ok(()),
                })?;
                if let Some(file) = parts.rest() {
                    out.file(format!("{folder}{}", parts.name()), file)?;
                }
                let columns = table.columns.into_iter().map(|column| column.name).collect();
                tables.push(TableCount { name: table.name, columns, rows });
            }
            let checkpoint = head.map(|head| head.checkpoint);
            if let (Content::Rows, Some(checkpoint)) = (content, &checkpoint) {
                self.ledger(tx, checkpoint, &mut out)?;
            }
            let manifest = Manifest {
                format: Manifest::FORMAT,
                content,
                vault: self.vault.id,
                taken: Timestamp::now(),
                program: concat!("carnet ", env!("CARGO_PKG_VERSION")).to_owned(),
                schema: tx.schema_version()?,
                checkpoint,
                tables,
                files: std::mem::take(&mut out.files),
            };
            out.file(Manifest::PATH.to_owned(), manifest.to_bytes())?;
            Ok(manifest)
        })
    }

    /// The ledger as an auditor's tools read it (C2SP tlog-tiles), in the order of the paths: so it is read twice.
    fn ledger(&self, tx: &mut Tx<'_>, checkpoint: &str, out: &mut Out<'_, '_>) -> Result<(), DeskError> {
        let note = parse_checkpoint(checkpoint)?;
        Checkpoint::open(&note, &self.vault.ledger_key)?;
        out.file(format!("ledger/{CHECKPOINT}"), checkpoint.as_bytes().to_vec())?;
        let mut upper: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        each_file(tx, &note, |path, bytes| {
            if path.starts_with("tile/0/") {
                out.file(format!("ledger/{path}"), bytes.to_vec())?;
            } else if !is_bundle(path) {
                upper.insert(format!("ledger/{path}"), bytes.to_vec());
            }
            Ok(())
        })?;
        for (path, bytes) in upper {
            out.file(path, bytes)?;
        }
        each_file(
            tx,
            &note,
            |path, bytes| {
                if is_bundle(path) { out.file(format!("ledger/{path}"), bytes.to_vec()) } else { Ok(()) }
            },
        )
    }
}

fn each_file(
    tx: &mut Tx<'_>,
    checkpoint: &Note,
    mut write: impl FnMut(&str, &[u8]) -> Result<(), DeskError>,
) -> Result<(), DeskError> {
    let entries = Bodies::of(tx).map(|body| body.map_err(DeskError::from));
    let written = bundle(entries, checkpoint, |path, bytes| write(path, bytes).map_err(ExportError::Entry));
    written.map(drop).map_err(ledger_failed)
}

fn is_bundle(path: &str) -> bool {
    path.starts_with("tile/entries/")
}

/// Which half a table is in.
pub(super) fn belongs(content: Content, table: &str) -> bool {
    match content {
        Content::Rows => table != SALTS && table != NEITHER,
        Content::Keyring => table == SALTS || BOTH.contains(&table),
    }
}

/// Files on their way out.
struct Out<'o, 'h> {
    take: &'o mut Handover<'h>,
    files: Vec<FileDigest>,
}

impl Out<'_, '_> {
    fn file(&mut self, path: String, bytes: Vec<u8>) -> Result<(), DeskError> {
        self.files.push(digest(&path, &bytes));
        (self.take)(path, bytes).map_err(|error| DeskError::Snapshot(error.to_string()))
    }
}
