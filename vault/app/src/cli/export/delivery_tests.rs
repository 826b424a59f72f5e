//! A list all the way into a file that the stock `age` opens, and back through our own reader.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;

use carnet_connectors::formats::csv::{CsvOptions, CsvReader};
use carnet_connectors::formats::jscontact::JsContactSource;
use carnet_connectors::formats::vcard::VCardSource;
use carnet_core::gate::{Report, Verdict};
use carnet_core::intake::{Claim, Incoming, Reject, Source};
use carnet_core::keys::RootKey;
use carnet_core::ledger::Channel;
use carnet_core::model::{
    Card, CardParts, ConsentKind, EmailParts, Evidence, ImportCounts, LawfulBasis, ProvenanceKind, ReasonCode, Role,
    RoleGrant, Slug,
};
use carnet_core::policy::AccessPolicy;
use carnet_desk::{
    CheckRow, DeskError, Errand, ExchangeGate, Gate, Judgement, Location, NewImport, NewPurpose, NewRelease, Others,
    Recall, Started, Survey, Vault, Watch,
};
use secrecy::SecretString;
use serde_json::Value;
use tempfile::TempDir;

use super::*;

/// Finds every list clear.
struct Kind;

impl Gate for Kind {
    fn judge(&self, rows: &mut dyn Iterator<Item = CheckRow>, recall: &Recall<'_>) -> Result<Judgement, DeskError> {
        let judgement = ExchangeGate::builtin().judge(rows, recall)?;
        Ok(Judgement { verdict: Verdict::Clear, points: 0, ..judgement })
    }

    fn preview(&self, survey: &Survey, recall: &Recall<'_>) -> Result<(Report, Others), DeskError> {
        ExchangeGate::builtin().preview(survey, recall)
    }
}

struct Rows(std::vec::IntoIter<Incoming>);

impl Iterator for Rows {
    type Item = Result<Incoming, Reject>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(Ok)
    }
}

impl Source for Rows {}

struct Silent;

impl Watch for Silent {
    fn started(&mut self, _: &Started) {}

    fn reject(&mut self, reject: &Reject) -> std::io::Result<()> {
        panic!("{reject}")
    }

    fn progress(&mut self, _: &ImportCounts) {}

    fn stops(&self) -> bool {
        false
    }
}

const GIVEN: [&str; 8] = ["Ada", "Bruno", "Chiara", "Dorian", "Elif", "Farid", "Greta", "Hugo"];
const SURNAMES: [&str; 11] =
    ["Martin", "Keller", "Conti", "Petit", "Aydin", "Benali", "Olsen", "Ruiz", "Novak", "Sapin", "Amsel"];

struct Stage {
    folder: TempDir,
    vault: Vault,
    controller: Controller,
    purpose: carnet_core::model::PurposeId,
    list: ListId,
}

fn slug(name: &str) -> Slug {
    name.parse().unwrap()
}

fn errand() -> Errand {
    Errand { channel: Channel::CommandLine, os_user: None, reason: "to try it".to_owned() }
}

fn person(n: usize) -> Incoming {
    let surname = |n: usize| SURNAMES[n % SURNAMES.len()];
    let name = format!("{} {}-{}", GIVEN[n % GIVEN.len()], surname(n / 8), surname(n / 88));
    let email = format!("ada{n}@people.example");
    let emails = vec![EmailParts { address: &email, context: None }];
    let parts = CardParts { full_name: &name, emails, notes: vec!["=1+1"], ..CardParts::default() };
    let card = Card::from_parts(&parts).unwrap();
    let evidence = Evidence {
        source: Some("the fair".to_owned()),
        wording: Some("Yes, \"write\" to me".to_owned()),
        ip_address: Some("192.0.2.7".parse().unwrap()),
        ..Evidence::default()
    };
    let at = Some("2024-03-01T10:00:00Z".parse().unwrap());
    let given = Claim { kind: ConsentKind::Given, purpose: Some("newsletter".to_owned()), at, evidence };
    // Each tenth has said nothing.
    let claims = if n.is_multiple_of(10) { vec![] } else { vec![given] };
    Incoming { claims, ..Incoming::of_card(card, n + 2) }
}

/// A vault on SQLite with a released list of so many people.
fn stage(people: usize) -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let location: Location = format!("sqlite:{}", folder.path().join("vault.db").display()).parse().unwrap();
    let policy = AccessPolicy::builtin();
    let vault = Vault::found(location, RootKey::generate(), policy, slug("owner"), &errand()).unwrap();
    let vault = vault.with_gate(Arc::new(Kind));
    let owner = vault.desk(&slug("owner"), errand()).unwrap();
    owner.add_account(slug("officer"), vec![RoleGrant { role: Role::Compliance, controller: None }]).unwrap();
    let controller = owner.add_controller("Tilleuls", "FR".parse().unwrap(), None).unwrap();
    let dpv = "DirectMarketing".parse().unwrap();
    let new = NewPurpose { name: slug("newsletter"), title: "Letter".to_owned(), dpv, basis: LawfulBasis::Consent };
    let purpose = owner.add_purpose(controller.id, new).unwrap().id;
    let new = NewImport {
        list: "News".to_owned(),
        kind: ProvenanceKind::File,
        origin: "signed up at the fair".to_owned(),
        file_name: None,
        purpose: Some(purpose),
        reading: "format = \"csv\"".to_owned(),
    };
    let mut rows = Rows((0..people).map(person).collect::<Vec<_>>().into_iter());
    let list = owner.import(&controller, &new, &mut rows, &mut Silent).unwrap().place.unwrap().1;
    owner.describe_source(&controller, list, "the fair", "You left your card at our stand").unwrap();
    owner.submit_list(&controller, list, None).unwrap();
    owner.check_list(&controller, list).unwrap();
    let officer = vault.desk(&slug("officer"), errand()).unwrap();
    officer.release_list(&controller, list, &NewRelease { code: ReasonCode::ProofSeen, until: None }).unwrap();
    drop((owner, officer));
    Stage { folder, vault, controller, purpose, list }
}

impl Stage {
    fn deliver(
        &self,
        format: ExportFormat,
        to: &Path,
        encryption: &Recipient,
        force: bool,
    ) -> Result<Delivered, Failure> {
        let desk = self.vault.desk(&slug("owner"), errand()).unwrap();
        let new = NewExport {
            purpose: self.purpose,
            recipient: "Example Mailing".to_owned(),
            country: None,
            format: format.as_str(),
            canary_domains: vec!["trace.example".to_owned()],
        };
        let order = Order { new, purpose: "newsletter", format, to, encryption, force };
        deliver(&desk, (&self.controller, self.list), &order, &mut |_, _| {})
    }

    /// What stands in the folder beside the vault.
    fn files(&self) -> BTreeSet<String> {
        let names = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        names.map(|name| name.into_string().unwrap()).filter(|name| !name.starts_with("vault.db")).collect()
    }
}

/// A pair of keys as `age-keygen` makes it: the file of the secret one, and the public one.
fn pair(folder: &Path) -> (PathBuf, Recipient) {
    let path = folder.join("key.txt");
    let made =
        Command::new("age-keygen").arg("-o").arg(&path).output().expect("age is installed (tests/lib/install.sh)");
    assert!(made.status.success());
    let text = fs::read_to_string(&path).unwrap();
    let public = text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    (path, public.parse().unwrap())
}

fn opened(file: &Path, key: &Path) -> Vec<u8> {
    let out = Command::new("age").arg("--decrypt").arg("-i").arg(key).arg(file).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

fn read(format: ExportFormat, bytes: Vec<u8>) -> Vec<Incoming> {
    let bytes = std::io::Cursor::new(bytes);
    let items: Vec<Result<Incoming, Reject>> = match format {
        ExportFormat::Csv => CsvReader::new(bytes, &CsvOptions::default()).unwrap().collect(),
        ExportFormat::VCard => VCardSource::new(bytes).collect(),
        ExportFormat::NdJson | ExportFormat::JsContact => JsContactSource::new(bytes).collect(),
    };
    items.into_iter().map(Result::unwrap).collect()
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[test]
fn the_stock_age_opens_what_left_and_our_reader_takes_it_back_with_its_consents() {
    let stage = stage(1500);
    let (key, recipient) = pair(stage.folder.path());
    for format in [ExportFormat::Csv, ExportFormat::NdJson, ExportFormat::VCard, ExportFormat::JsContact] {
        let to = stage.folder.path().join(format!("news.{}.age", format.as_str()));
        let done = stage.deliver(format, &to, &recipient, false).unwrap();
        assert_eq!((done.report.members, done.report.left, done.report.canaries), (1500, 1350, 12));
        let plain = opened(&to, &key);
        let manifest: Value = serde_json::from_slice(&fs::read(&done.manifest).unwrap()).unwrap();
        let sent = fs::read(&to).unwrap();
        assert_eq!(manifest["sha256"], hash(&sent));
        assert_eq!(manifest["plain_sha256"], hash(&plain));
        assert_eq!(manifest["bytes"], sent.len());
        assert_eq!((&manifest["left"], &manifest["withheld"]["consent-missing"]), (&1350.into(), &150.into()));
        assert!(!manifest.to_string().contains("people.example"));
        assert_eq!(manifest["traced"], true);
        assert!(manifest["checkpoint"].as_str().unwrap().contains("carnet"));
        let back = read(format, plain);
        assert_eq!(back.len(), 1362);
        let expected: std::collections::BTreeMap<String, Incoming> =
            (0..1500).map(person).map(|one| (one.card.main_email().unwrap().to_owned(), one)).collect();
        let ours = back.iter().filter_map(|one| Some((one, expected.get(one.card.main_email()?)?)));
        let mut met = 0;
        for (got, sent) in ours {
            assert_eq!((got.card.value(), &got.claims), (sent.card.value(), &sent.claims), "{}", format.as_str());
            met += 1;
        }
        assert_eq!(met, 1350);
        let traced = back.iter().filter(|one| one.card.main_email().unwrap().ends_with("@trace.example"));
        assert_eq!(traced.filter(|one| !one.claims.is_empty()).count(), 12);
    }
}

#[test]
fn a_passphrase_opens_what_was_sealed_with_it() {
    let stage = stage(30);
    let to = stage.folder.path().join("news.csv.age");
    let recipient = Recipient::Passphrase(SecretString::from("correct horse battery staple"));
    stage.deliver(ExportFormat::Csv, &to, &recipient, false).unwrap();
    // `age` asks on a terminal, which `script` gives it.
    let command = format!("age --decrypt -o {0}.plain {0}", to.display());
    let mut asked = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    asked.stdin.take().unwrap().write_all(b"correct horse battery staple\n").unwrap();
    assert!(asked.wait().unwrap().success());
    let plain = fs::read(format!("{}.plain", to.display())).unwrap();
    assert_eq!(read(ExportFormat::Csv, plain).len(), 27 + 2);
}

#[test]
fn nothing_half_stands_under_the_final_name_and_nothing_is_replaced_unasked() {
    let stage = stage(30);
    let (_, recipient) = pair(stage.folder.path());
    let to = stage.folder.path().join("news.csv.age");
    // The release ends before the export begins.
    let officer = stage.vault.desk(&slug("officer"), errand()).unwrap();
    let evidence = carnet_core::model::LaterEvidence::Bounces;
    fs::write(&to, "an earlier file").unwrap();
    let refused = stage.deliver(ExportFormat::Csv, &to, &recipient, false).err().unwrap();
    assert_eq!((refused.kind, fs::read_to_string(&to).unwrap()), (ErrorKind::Conflict, "an earlier file".to_owned()));
    stage.deliver(ExportFormat::Csv, &to, &recipient, true).unwrap();
    assert!(fs::read(&to).unwrap().starts_with(b"age-encryption.org/v1\n"));
    officer.report_evidence(&stage.controller, stage.list, evidence, "a third came back").unwrap();
    let other = stage.folder.path().join("other.csv.age");
    let refused = stage.deliver(ExportFormat::Csv, &other, &recipient, false).err().unwrap();
    assert_eq!(refused.kind, ErrorKind::Denied);
    // A key for which every file would be open to everybody: found out when the file has begun.
    let weak = stage.deliver(ExportFormat::Csv, &other, &Recipient::Key([0; 32]), false).err().unwrap();
    assert!(matches!(weak.kind, ErrorKind::Denied | ErrorKind::Storage));
    let names = ["key.txt", "news.csv.age", "news.csv.age.manifest.json"].map(str::to_owned);
    assert_eq!(stage.files(), BTreeSet::from(names));
}

#[test]
fn an_export_that_is_cut_short_leaves_no_file_and_no_end_in_the_ledger() {
    let stage = stage(1200);
    let (_, recipient) = pair(stage.folder.path());
    let to = stage.folder.path().join("news.csv.age");
    let desk = stage.vault.desk(&slug("owner"), errand()).unwrap();
    let officer = stage.vault.desk(&slug("officer"), errand()).unwrap();
    let new = NewExport {
        purpose: stage.purpose,
        recipient: "Example Mailing".to_owned(),
        country: None,
        format: "csv",
        canary_domains: Vec::new(),
    };
    let format = ExportFormat::Csv;
    let order = Order { new, purpose: "newsletter", format, to: &to, encryption: &recipient, force: false };
    let mut told = false;
    let cut = deliver(&desk, (&stage.controller, stage.list), &order, &mut |seen, _| {
        if seen > 0 && !std::mem::replace(&mut told, true) {
            let evidence = carnet_core::model::LaterEvidence::Complaints;
            officer.report_evidence(&stage.controller, stage.list, evidence, "nine complaints").unwrap();
        }
    });
    assert_eq!(cut.err().unwrap().kind, ErrorKind::Denied);
    assert_eq!(stage.files(), BTreeSet::from(["key.txt".to_owned()]));
    let events: Vec<String> =
        officer.audit_tail(10).unwrap().iter().map(|view| view.entry.event.as_str().to_owned()).collect();
    assert!(events.contains(&"list.export".to_owned()) && !events.contains(&"export.done".to_owned()), "{events:?}");
}
