//! What a backup costs: the first snapshot, the same once more, and restoring it for proof, beside the stock `restic` on the same bytes.
//!
//! `cargo bench --workspace --bench backup -- [ROWS]` (1,000,000 where none is said), on SQLite. `restic` is Debian's; without it that line is left out.
//!
//! | line | what it does |
//! | --- | --- |
//! | first | reads all rows of the vault in one transaction, and writes them to an empty repository |
//! | again | the same of the unchanged vault |
//! | keyring | the same of salts, erasures and refusals |
//! | drill | makes a vault of both, compares all digests, verifies its ledger, opens cards |
//! | restic | `restic backup` of the files of the first snapshot, from a folder, into an empty repository |
#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot work should stop")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use carnet_connectors::backup::{Entry, Reading, Repository as _, Restic, Written};
use carnet_connectors::formats::{OpenOptions, open_file};
use carnet_core::backup::Content;
use carnet_core::intake::Reject;
use carnet_core::keys::RootKey;
use carnet_core::ledger::Channel;
use carnet_core::model::{DpvPurpose, LawfulBasis, ProvenanceKind, SiteId, Timestamp};
use carnet_core::policy::AccessPolicy;
use carnet_desk::{Desk, DeskError, Errand, NewImport, NewPurpose, SnapshotFiles, Vault, Watch};

const ROWS: u64 = 1_000_000;
const PASSWORD: &str = "bench";

fn main() {
    let rows = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(ROWS);
    let folder = tempfile::tempdir().unwrap();
    let vault = filled(folder.path(), rows);
    let errand = Errand { channel: Channel::CommandLine, os_user: None, reason: "to measure".to_owned() };
    let desk = vault.desk(&"owner".parse().unwrap(), errand).unwrap();
    let repositories = [Content::Rows, Content::Keyring].map(|content| {
        let place = folder.path().join(content.as_str());
        Restic::create(&place, PASSWORD).unwrap()
    });
    println!("{rows} contacts\n{:>8} {:>9} {:>10} {:>10} {:>10}", "", "seconds", "MB", "added MB", "memory MB");
    let show = |name: &str, seconds: f64, bytes: u64, added: u64| {
        println!("{name:>8} {seconds:>9.1} {:>10} {:>10.1} {:>10}", bytes / 1_000_000, megabytes(added), peak());
    };
    let (first, seconds) = timed(|| taken(&desk, Content::Rows, &repositories[0]));
    show("first", seconds, first.bytes, first.added);
    let (again, seconds_again) = timed(|| taken(&desk, Content::Rows, &repositories[0]));
    show("again", seconds_again, again.bytes, again.added);
    let (keyring, seconds_keyring) = timed(|| taken(&desk, Content::Keyring, &repositories[1]));
    show("keyring", seconds_keyring, keyring.bytes, keyring.added);
    let files = [(&repositories[0], again.snapshot.id), (&repositories[1], keyring.snapshot.id)];
    let [rows_files, keyring_files] = files.map(|(repository, id)| Files(repository.read(&id).unwrap()));
    let scratch = format!("sqlite:{}", folder.path().join("drill.db").display());
    let ((), drill) = timed(|| {
        desk.drill(scratch.parse().unwrap(), (&rows_files, &keyring_files), &mut |_, _| ()).map(drop).unwrap();
    });
    show("drill", drill, again.bytes + keyring.bytes, 0);
    let plain = folder.path().join("plain");
    for path in rows_files.0.paths() {
        let to = plain.join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, rows_files.0.file(path).unwrap()).unwrap();
    }
    if let Some(restic) = stock(folder.path(), &plain) {
        println!("{:>8} {restic:>9.1} {:>10}", "restic", again.bytes / 1_000_000);
        println!(
            "first snapshot {:.2} of restic, drill {:.2} of the first snapshot",
            seconds / restic,
            drill / seconds
        );
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let began = Instant::now();
    let value = work();
    (value, began.elapsed().as_secs_f64())
}

#[expect(clippy::cast_precision_loss, reason = "a table shows three digits")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// The most memory that this process had, in MB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

fn taken(desk: &Desk<'_>, content: Content, repository: &Restic) -> Written {
    let (sender, receiver) = sync_channel::<Entry>(2);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| repository.write("bench", "carnet", Timestamp::now(), receiver).unwrap());
        let mut send =
            |path, bytes| sender.send(Entry { path, bytes }).map_err(|_| io::Error::other("the writer has ended"));
        desk.snapshot(SiteId::new(), content, &BTreeMap::new(), &mut send).unwrap();
        drop(sender);
        writer.join().unwrap()
    })
}

struct Files<'r>(Box<dyn Reading + 'r>);

impl SnapshotFiles for Files<'_> {
    fn file(&self, path: &str) -> Result<Vec<u8>, DeskError> {
        self.0.file(path).map_err(|error| DeskError::Snapshot(error.to_string()))
    }
}

/// Seconds that the stock tool takes for the same files.
fn stock(folder: &Path, plain: &Path) -> Option<f64> {
    let repository = folder.join("stock");
    let restic = |arguments: &[&str]| {
        let mut command = Command::new("restic");
        command.args(["--quiet", "--no-cache", "--repo"]).arg(&repository).args(arguments);
        command.env("RESTIC_PASSWORD", PASSWORD).status().is_ok_and(|status| status.success())
    };
    if !restic(&["init", "--repository-version", "2"]) {
        return None;
    }
    let began = Instant::now();
    restic(&["backup", plain.to_str().unwrap()]).then(|| began.elapsed().as_secs_f64())
}

struct NoRejects;

impl Watch for NoRejects {
    fn reject(&mut self, reject: &Reject) -> io::Result<()> {
        Err(io::Error::other(reject.to_string()))
    }
}

/// A vault of invented people, imported as a list is.
fn filled(folder: &Path, rows: u64) -> Vault {
    let errand = || Errand { channel: Channel::CommandLine, os_user: None, reason: "to measure".to_owned() };
    let place = format!("sqlite:{}", folder.join("vault.db").display()).parse().unwrap();
    let account = "owner".parse().unwrap();
    let vault = Vault::found(place, RootKey::generate(), AccessPolicy::builtin(), account, &errand()).unwrap();
    let desk = vault.desk(&"owner".parse().unwrap(), errand()).unwrap();
    let controller = desk.add_controller("Port Cooperative", "FR".parse().unwrap(), None).unwrap();
    let (title, dpv) = ("Letters".to_owned(), DpvPurpose::all().next().unwrap());
    let purpose = NewPurpose { name: "newsletter".parse().unwrap(), title, dpv, basis: LawfulBasis::Consent };
    let purpose = desk.add_purpose(controller.id, purpose).unwrap().id;
    let file = folder.join("list.csv");
    let mut text = String::from("email,first name,last name,company,phone,optin_time\n");
    for row in 0..rows {
        let (firm, phone, day) = (row % 5_000, row % 100_000, 1 + row % 28);
        writeln!(
            text,
            "person{row}@firm{firm}.example.org,Ann,Example{row},Firm {firm} Ltd,+331990{phone:05},2024-05-{day:02}T10:00:00Z"
        )
        .unwrap();
    }
    fs::write(&file, text).unwrap();
    let new = NewImport {
        list: "fair".to_owned(),
        kind: ProvenanceKind::File,
        origin: "signed up at the harbour fair".to_owned(),
        file_name: None,
        purpose: Some(purpose),
        reading: String::new(),
    };
    let mut opened = open_file(fs::File::open(&file).unwrap(), None, &OpenOptions::default()).unwrap();
    desk.import(&controller, &new, opened.first_mut().unwrap().source.as_mut(), &mut NoRejects).unwrap();
    drop(desk);
    vault
}
