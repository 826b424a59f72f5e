//! Places that do not serve: no vault, a vault already, a mistyped URL, a damaged configuration, a database of a newer
//! program, a folder that cannot be written, a full disk.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use carnet_tests::{Program, for_each_engine};

use crate::given::Given;
use crate::shell::words;
use crate::transcript::Transcript;

#[test]
fn no_vault_two_vaults_and_a_key_file_in_the_way() {
    let program = Program::new();
    let mut told = Transcript::for_people(&program);
    told.run("status").exited(5);
    told.run("audit verify").exited(5);
    assert!(!program.data().exists(), "looking for a vault made something");
    told.run("init").succeeded();
    let (key, folder) = (fs::read(program.folder().join("data.key")).unwrap(), listing(program.data()));
    told.run("init").exited(6);
    told.run("init --passphrase").exited(6);
    told.run("init --key-file another.key").exited(6);
    told.run("init --database sqlite:another.db").exited(6);
    told.heading("The folder is gone, its key is not: it may be the only one of a backup");
    assert_eq!(listing(program.data()), folder);
    fs::remove_dir_all(program.data()).unwrap();
    told.run("init").exited(7);
    assert_eq!(fs::read(program.folder().join("data.key")).unwrap(), key);
    assert!(!program.data().exists());
    insta::assert_snapshot!("no_vault_two_vaults", told.text());
}

#[test]
fn a_mistyped_database_is_refused_and_makes_no_file() {
    let given = Given::vault();
    let before = (listing(given.program.data()), listing(given.program.folder()));
    let mut told = Transcript::for_people(&given.program);
    for url in ["sqllite:vault.db", "vault.db", "sqlite:", "postgre://u@h/db", "postgres://u@h", "postgres:///db"] {
        told.run(&format!("status --database {url}")).exited(2);
        told.run(&format!("init --data new --database {url}")).exited(2);
    }
    told.run("init --data new --database postgres://u@h/db?sslmode=prefer").exited(2);
    told.run("init --data new --database postgres://u@h/db?ssl-mode=require").exited(2);
    told.run("status --database sqlite:valut.db").exited(5);
    assert_eq!((listing(given.program.data()), listing(given.program.folder())), before);
    insta::assert_snapshot!("mistyped_database", told.text());
}

#[test]
fn a_damaged_configuration_is_told_by_its_line() {
    let given = Given::vault();
    let file = given.program.data().join("carnet.toml");
    let text = fs::read_to_string(&file).unwrap();
    let mut told = Transcript::for_people(&given.program);
    for damaged in [text.clone() + "colour = \"red\"\n", text.clone() + "[[[\n", text.replace("sqlite:", "sqlit:")] {
        fs::write(&file, damaged).unwrap();
        told.run("status").exited(2);
    }
    fs::write(&file, b"\xff\xfe").unwrap();
    told.run("status").exited(2);
    fs::write(&file, text).unwrap();
    told.run("status --as nobody").exited(5);
    told.run("status --policies nowhere").exited(2);
    given.ok("status");
    insta::assert_snapshot!("damaged_configuration", told.text());
}

#[test]
fn a_database_of_a_newer_program_is_left_as_it_is() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        db.query("INSERT INTO __diesel_schema_migrations (version) VALUES ('29991231000000')");
        let mut told = Transcript::for_people(&given.program);
        told.run("status").exited(1);
        told.run("contact add --name Ada --origin 'at the fair'").exited(1);
        insta::assert_snapshot!("newer_database", told.text());
        db.query("DELETE FROM __diesel_schema_migrations WHERE version = '29991231000000'");
        given.ok("audit verify");
    });
}

#[test]
fn what_is_no_database_is_refused_and_left_as_it_is() {
    let given = Given::vault();
    let whole = fs::read(given.database()).unwrap();
    let mut told = Transcript::for_people(&given.program);
    for (heading, bytes) in [
        ("Something else under its name", b"Dear Ada, the key is under the mat.\n".repeat(200)),
        ("An empty file", Vec::new()),
        ("Its first half", whole[..whole.len() / 2].to_vec()),
    ] {
        fs::write(given.database(), &bytes).unwrap();
        told.heading(heading);
        assert_ne!(told.run("status").code, Some(0));
        assert_ne!(told.run("contact add --name Ada --origin 'at the fair'").code, Some(0));
        // SQLite turns an empty file into an empty database; nothing was in it.
        assert!(bytes.is_empty() || fs::read(given.database()).unwrap() == bytes, "changed: {heading}");
    }
    fs::remove_file(given.database()).unwrap();
    told.heading("Nothing");
    told.run("status").exited(5);
    assert!(!given.database().exists());
    insta::assert_snapshot!("no_database", told.text());
    fs::write(given.database(), whole).unwrap();
    given.ok("audit verify");
}

#[test]
fn a_folder_that_cannot_be_written_costs_nothing() {
    let given = Given::vault().ready();
    given.contact("Ada Martin", "ada@atelier.example");
    let set_mode = |mode| fs::set_permissions(given.program.data(), Permissions::from_mode(mode)).unwrap();
    fs::set_permissions(given.database(), Permissions::from_mode(0o400)).unwrap();
    set_mode(0o500);
    let program = without_privileges(Program::new().with_data(given.program.data()));
    let mut told = Transcript::for_people(&program).with(given.program.folder().display().to_string(), "~");
    told.run("contact add --name Bruno --origin 'at the fair'").exited(1);
    told.run("contact find ada --reason 'a look leaves an entry'").exited(1);
    told.run("key rotate --root --reason test").exited(1);
    told.run(&format!("init --data {}/new", given.program.data().display())).exited(1);
    set_mode(0o700);
    fs::set_permissions(given.database(), Permissions::from_mode(0o600)).unwrap();
    insta::assert_snapshot!("read_only", told.text());
    assert_eq!(given.count(), 1);
    given.ok("audit verify");
}

#[test]
fn a_full_disk_costs_nothing_but_what_did_not_fit() {
    let disk = SmallDisk::new();
    let program = Program::new().with_wrapper(disk.enter()).with_data(disk.folder.join("data"));
    let given = Given::made_by(program, "init").ready();
    given.contact("Ada Martin", "ada@atelier.example");
    disk.fill();
    let cards: String = (0..200).map(|number| crate::given::card(number, &"x".repeat(2000))).collect();
    let full = given.cards(&cards).exited(1);
    let told_as_added = full.json()["added"].as_array().unwrap().len() as u64;
    assert!(full.stderr.contains("the disk is full"), "{}", full.stderr);
    // Whether the key file or the database is what does not fit depends on the last few bytes.
    assert!(matches!(given.run("key rotate --root").code, Some(1 | 7)));

    disk.empty();
    assert!((1..200).contains(&told_as_added), "{told_as_added} were added before the disk was full");
    assert_eq!(given.count(), 1 + told_as_added, "contacts that were told as added");
    given.ok("audit verify");
    given.ok("key rotate --root");
    given.ok("contact find ada@atelier.example");
    // What was told as added is there, and the list can be given again: the rest follows, nothing comes twice.
    given.cards(&cards).exited(2);
    assert_eq!(given.count(), 201);
}

/// Names, sizes and times of what is in a folder: what a command may not have touched.
fn listing(folder: &Path) -> Vec<(PathBuf, u64)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut all: Vec<_> = entries.map(|entry| (entry.path(), entry.metadata().unwrap().len())).collect();
    all.retain(|(path, _)| !path.to_string_lossy().contains(".db-"));
    all.sort();
    all
}

/// Modes hold for root as well once it has no capability left.
fn without_privileges(program: Program) -> Program {
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if root { program.with_wrapper(["setpriv", "--bounding-set=-all", "--inh-caps=-all"]) } else { program }
}

/// A disk of a megabyte or two, in a mount namespace of its own that a sleeping process keeps.
struct SmallDisk {
    keeper: Child,
    folder: PathBuf,
    /// The same folder as it is seen from outside.
    from_outside: PathBuf,
    _mount_point: tempfile::TempDir,
}

impl SmallDisk {
    fn new() -> Self {
        let mount_point = tempfile::tempdir().unwrap();
        let folder = mount_point.path().to_owned();
        let script =
            r#"mount -t tmpfs -o size=1500k,mode=0700 carnet-test "$0" && touch "$0/mounted" && exec sleep 600"#;
        let keeper = Command::new("unshare")
            .args(["--user", "--map-root-user", "--mount", "sh", "-c", script])
            .arg(&folder)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let from_outside = PathBuf::from(format!("/proc/{}/root{}", keeper.id(), folder.display()));
        let disk = Self { keeper, folder, from_outside, _mount_point: mount_point };
        for _ in 0..1000 {
            if disk.from_outside.join("mounted").exists() {
                return disk;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        panic!("no small disk: this test needs a kernel that lets its user mount a tmpfs in a namespace (unshare)");
    }

    fn enter(&self) -> Vec<String> {
        words(&format!("nsenter --target {} --user --mount --preserve-credentials", self.keeper.id()))
    }

    /// Leaves some pages free: enough to begin, not to end.
    fn fill(&self) {
        let block = vec![0; 4096];
        let mut bytes = Vec::new();
        while fs::write(self.from_outside.join("filler"), &bytes).is_ok() {
            bytes.extend_from_slice(&block);
        }
        bytes.truncate(bytes.len().saturating_sub(80 * block.len()));
        fs::remove_file(self.from_outside.join("filler")).unwrap();
        fs::write(self.from_outside.join("filler"), &bytes).unwrap();
    }

    fn empty(&self) {
        fs::remove_file(self.from_outside.join("filler")).unwrap();
        Command::new("nsenter")
            .args(&self.enter()[1..])
            .args(["mount", "-o", "remount,size=64m"])
            .arg(&self.folder)
            .status()
            .unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.keeper.kill());
        drop(self.keeper.wait());
    }
}
