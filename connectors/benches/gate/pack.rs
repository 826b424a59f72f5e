//! A pack of labelled lists: read as an import reads them, with what a vault that holds some of them would know.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use carnet_connectors::formats::{OpenOptions, open_file};
use carnet_core::gate::{
    Audience, CanaryHit, Claimed, Condemned, DomainMix, GatePolicy, Inspection, Knowledge, Memory, OtherList, Pair,
    Row, Rows, Subject, Theirs, TrapHit, TrapKind, inspect,
};
use carnet_core::intake::email;
use carnet_core::model::LawfulBasis;
use serde::Deserialize;

/// The present of a pack.
const NOW: &str = "2026-06-01T09:00:00Z";

#[derive(Clone, Deserialize)]
pub(crate) struct Label {
    pub(crate) list: String,
    pub(crate) cls: String,
    pub(crate) claim: String,
    pub(crate) org: String,
    #[serde(default)]
    pub(crate) x: Option<f64>,
    /// The rows that are left of it, by their positions; all where none is said.
    #[serde(skip)]
    pub(crate) left: Option<HashSet<u64>>,
}

/// What a list is, as far as targets go.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Group {
    Honest,
    Unproven,
    Large,
    Small,
}

impl Label {
    /// What the owner says of it.
    pub(crate) fn claimed(&self, known: Known) -> Claimed {
        let (basis, audience) = match (known, self.claim.as_str()) {
            (Known::File, _) => return Claimed::default(),
            (_, "b2b") => (LawfulBasis::LegitimateInterests, Audience::Business),
            _ => (LawfulBasis::Consent, Audience::Consumers),
        };
        Claimed { basis: Some(basis), audience: Some(audience) }
    }

    pub(crate) fn group(&self) -> Group {
        match (self.cls.as_str(), self.x) {
            ("migrated", _) => Group::Unproven,
            ("optin_double" | "optin_single" | "event" | "coevent" | "reimport" | "b2b_notice" | "big_client", _) => {
                Group::Honest
            }
            (class, Some(dose)) => {
                let least = if class.starts_with("swapped") { 0.1 } else { 0.2 };
                if dose >= least - 1e-9 { Group::Large } else { Group::Small }
            }
            _ => Group::Large,
        }
    }
}

/// How much the gate is told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// All that a vault with these lists in it knows.
    Vault,
    /// The list, what is claimed of it, and what anybody can find out: mailbox providers, role words, dead domains.
    World,
    /// A file and nothing else, of a world whose mailbox providers the program has never heard of.
    File,
}

#[derive(Deserialize)]
struct Reference {
    free: HashSet<String>,
    disposable: HashSet<String>,
    roles: HashSet<String>,
    dead: HashSet<String>,
    pristine: HashSet<String>,
    recycled: HashSet<String>,
    objections: HashSet<String>,
    canaries: HashMap<String, String>,
    nomen: BTreeMap<String, String>,
}

/// A list that the vault holds.
struct Held {
    name: String,
    rows: u64,
    claim: &'static str,
    condemned_share: f64,
    mix: DomainMix,
    by_email: HashMap<String, (u64, Theirs)>,
}

/// A pack.
pub(crate) struct World {
    folder: PathBuf,
    pub(crate) labels: Vec<Label>,
    reference: Reference,
    knowledge: Knowledge,
    condemned: HashSet<String>,
    held: Vec<Held>,
}

/// A list as it was read: rows, and the normal address of each by its position.
pub(crate) struct List {
    pub(crate) rows: Rows,
    pub(crate) emails: HashMap<u64, String>,
}

/// Reads what is left of a file as an import would.
fn read(path: &Path, left: Option<&HashSet<u64>>) -> List {
    let (mut rows, mut emails) = (Rows::new(), HashMap::new());
    for mut opened in open_file(File::open(path).unwrap(), None, &OpenOptions::default()).unwrap() {
        for incoming in opened.source.by_ref() {
            match incoming {
                Ok(incoming) => {
                    let row = Row::of_incoming(&incoming);
                    if left.is_some_and(|left| !left.contains(&row.position)) {
                        continue;
                    }
                    if let Ok(address) = email(row.email) {
                        emails.insert(row.position, address.as_str().to_owned());
                    }
                    rows.push(&row);
                }
                Err(reject) => rows.push_rejected(&reject),
            }
        }
    }
    List { rows, emails }
}

/// Judges a list by the program's own policy.
pub(crate) fn judge(claimed: Claimed, rows: &Rows, knowledge: &Knowledge, memory: &Memory) -> Inspection {
    let (policy, now) = (GatePolicy::builtin(), NOW.parse().unwrap());
    inspect(&Subject { rows, knowledge, memory, claimed: &claimed, policy: &policy, now })
}

/// The text of a file of the pack, which may be packed itself.
fn text(path: &Path) -> String {
    let packed = packed(path);
    let mut text = String::new();
    if packed == path {
        return fs::read_to_string(path).unwrap();
    }
    flate2::read::GzDecoder::new(File::open(packed).unwrap()).read_to_string(&mut text).unwrap();
    text
}

/// The file itself, or where there is none its packed form.
fn packed(path: &Path) -> PathBuf {
    if path.exists() { path.to_owned() } else { PathBuf::from(format!("{}.gz", path.display())) }
}

impl World {
    pub(crate) fn read(folder: &Path) -> Self {
        let labels = serde_json::from_str(&text(&folder.join("labels.json"))).unwrap();
        let reference: Reference = serde_json::from_str(&text(&folder.join("ref/ref.json"))).unwrap();
        let condemned: HashSet<String> = text(&folder.join("ref/known_bad.txt")).lines().map(str::to_owned).collect();
        let mut knowledge = Knowledge::builtin();
        knowledge.free.extend(reference.free.iter().cloned());
        knowledge.disposable.extend(reference.disposable.iter().cloned());
        knowledge.roles.extend(reference.roles.iter().cloned());
        knowledge.dead = Some(reference.dead.clone());
        let patterns = reference.nomen.iter();
        knowledge.patterns = patterns.map(|(domain, pattern)| (domain.clone(), pattern.parse().unwrap())).collect();
        // In this world 198.18/15 is where hosting firms are.
        knowledge.hosting = vec![("198.18.0.0".parse().unwrap(), "198.19.255.255".parse().unwrap())];
        let files = fs::read_dir(folder.join("vault")).unwrap();
        let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        let held = files.iter().map(|path| Held::read(path, &knowledge, &condemned)).collect();
        Self { folder: folder.to_owned(), labels, reference, knowledge, condemned, held }
    }

    /// What is left of a list.
    pub(crate) fn list_of(&self, label: &Label) -> List {
        read(&packed(&self.folder.join("lists").join(format!("{}.csv", label.list))), label.left.as_ref())
    }

    /// Where each row came from, one a line.
    pub(crate) fn origins(&self, label: &Label) -> String {
        text(&self.folder.join("lists").join(format!("{}.rows", label.list)))
    }

    /// Without a vault nobody knows firms' patterns and other organisations.
    pub(crate) fn knowledge_for(&self, label: &Label, known: Known) -> Knowledge {
        let mut knowledge = match known {
            Known::File => return Knowledge::builtin(),
            Known::Vault | Known::World => self.knowledge.clone(),
        };
        if known == Known::Vault {
            let others = self.held.iter().filter(|held| held.name != label.org);
            let words = others.filter_map(|held| held.name.split_once('-').map(|(_, name)| name.to_owned()));
            knowledge.organisations = words.collect();
        } else {
            knowledge.patterns.clear();
        }
        knowledge
    }

    /// What the vault knows of a list.
    pub(crate) fn memory(&self, label: &Label, known: Known, emails: &HashMap<u64, String>) -> Memory {
        if known != Known::Vault {
            return Memory::default();
        }
        let mut known: Vec<(u64, &str)> = emails.iter().map(|(row, email)| (*row, email.as_str())).collect();
        known.sort_unstable();
        let rows_in = |set: &HashSet<String>| -> Vec<u64> {
            known.iter().filter(|(_, email)| set.contains(*email)).map(|(row, _)| *row).collect()
        };
        let trap = |kind| move |row| TrapHit { row, kind };
        let own = rows_in(&self.reference.pristine).into_iter().map(trap(TrapKind::Own));
        let recycled = rows_in(&self.reference.recycled).into_iter().map(trap(TrapKind::Recycled));
        let canaries = known.iter().filter_map(|(row, email)| {
            let export = self.reference.canaries.get(*email)?;
            Some(CanaryHit { row: *row, export: export.clone(), is_own: *export == label.org })
        });
        let lists = self.held.iter().map(|held| held.shared(label, &known)).filter(|list| !list.pairs.is_empty());
        Memory {
            suppressed: Some(rows_in(&self.reference.objections)),
            condemned: Some(Condemned {
                rows: rows_in(&self.condemned),
                worst_honest_share: self.peers(label).map(|held| held.condemned_share).reduce(f64::max),
            }),
            traps: Some(own.chain(recycled).collect()),
            canaries: Some(canaries.collect()),
            lists: lists.collect(),
            peers: self.mix_of_peers(label),
        }
    }

    /// Lists of others under the same claim.
    fn peers<'w>(&'w self, label: &'w Label) -> impl Iterator<Item = &'w Held> {
        self.held.iter().filter(|held| held.claim == label.claim && held.name != label.org)
    }

    fn mix_of_peers(&self, label: &Label) -> Option<DomainMix> {
        let count = self.peers(label).fold(0.0, |count, _| count + 1.0);
        let mean = |pick: fn(&DomainMix) -> f64| self.peers(label).map(|held| pick(&held.mix)).sum::<f64>() / count;
        (count > 0.0).then(|| DomainMix {
            free: mean(|mix| mix.free),
            business: mean(|mix| mix.business),
            school: mean(|mix| mix.school),
            public: mean(|mix| mix.public),
        })
    }
}

impl Held {
    fn read(path: &Path, knowledge: &Knowledge, condemned: &HashSet<String>) -> Self {
        let (mut rows, mut by_email, mut has_notice) = (Rows::new(), HashMap::new(), false);
        for mut opened in open_file(File::open(path).unwrap(), None, &OpenOptions::default()).unwrap() {
            for (place, incoming) in (1..).zip(opened.source.by_ref()) {
                let incoming = incoming.unwrap();
                let row = Row::of_incoming(&incoming);
                has_notice |= row.notified_at.is_some();
                let Ok(address) = email(row.email) else { panic!("{}, row {place}: no address", path.display()) };
                by_email.insert(address.as_str().to_owned(), (place, Theirs::of(&row)));
                rows.push(&row);
            }
        }
        let bad = by_email.keys().filter(|email| condemned.contains(*email)).count();
        let name = path.file_name().unwrap().to_str().unwrap();
        Self {
            name: name.split_once('.').unwrap().0.to_owned(),
            rows: rows.seen(),
            claim: if has_notice { "b2b" } else { "optin" },
            condemned_share: bad as f64 / rows.seen() as f64,
            mix: DomainMix::of(&rows, knowledge),
            by_email,
        }
    }

    fn shared(&self, label: &Label, known: &[(u64, &str)]) -> OtherList {
        let both = known.iter().filter_map(|(row, email)| Some((*row, self.by_email.get(*email)?)));
        let mut pairs: Vec<Pair> =
            both.map(|(row, (there, theirs))| Pair { row, there: *there, theirs: Some(theirs.clone()) }).collect();
        // Of fewer the desk opens none.
        if pairs.len() <= 20 {
            pairs.iter_mut().for_each(|pair| pair.theirs = None);
        }
        let is_same_controller = self.name == label.org;
        OtherList { label: self.name.clone(), is_same_controller, rows: self.rows, pairs }
    }
}
