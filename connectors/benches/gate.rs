//! What the gate finds: labelled lists, each judged as the product does, beside what they are.
//!
//! `cargo bench -p carnet --bench gate -- [FOLDER]` reads a pack of labelled lists (`CARNET_GATE_PACK`, or the subset in
//! `tests/data/gate`): `lists/*.csv` with the origin of each row in `*.rows`, `labels.json`, the lists that a vault holds already in
//! `vault/*.csv`, and what is known of that world in `ref/`. `--verbose` tells each list's signals.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot work should stop")]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use carnet_connectors::formats::{OpenOptions, open_file};
use carnet_core::gate::{
    Audience, CanaryHit, Claimed, Condemned, DomainMix, GatePolicy, Inspection, Knowledge, Memory, OtherList, Pair, Row,
    Rows, Subject, Theirs, TrapHit, TrapKind, Verdict, inspect, wilson_high,
};
use carnet_core::intake::email;
use carnet_core::model::LawfulBasis;
use serde::Deserialize;

const Z: f64 = 1.96;

#[derive(Deserialize)]
struct Label {
    list: String,
    cls: String,
    claim: String,
    org: String,
    #[serde(default)]
    x: Option<f64>,
}

impl Label {
    fn group(&self) -> Group {
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

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Group {
    Honest,
    Unproven,
    Large,
    Small,
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

struct World {
    reference: Reference,
    knowledge: Knowledge,
    condemned: HashSet<String>,
    held: Vec<Held>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let is_verbose = arguments.iter().any(|argument| argument == "--verbose");
    let folder = arguments.iter().find(|argument| !argument.starts_with('-')).map(PathBuf::from);
    let folder = folder.or_else(|| std::env::var_os("CARNET_GATE_PACK").map(PathBuf::from));
    let folder = folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/gate"));
    let world = World::read(&folder);
    let labels: Vec<Label> = serde_json::from_slice(&fs::read(folder.join("labels.json")).unwrap()).unwrap();
    let policy = GatePolicy::builtin();
    for with_memory in [true, false] {
        println!("\n== {} ==", if with_memory { "with the vault's memory" } else { "the list alone" });
        let mut table = Table::default();
        for label in &labels {
            let path = folder.join("lists").join(format!("{}.csv", label.list));
            let began = Instant::now();
            let (rows, emails) = read(&path);
            let reading = began.elapsed();
            let memory = if with_memory { world.memory(label, &emails) } else { Memory::default() };
            let knowledge = world.knowledge_for(label, with_memory);
            let began = Instant::now();
            let business = label.claim == "b2b";
            let claimed = Claimed {
                basis: Some(if business { LawfulBasis::LegitimateInterests } else { LawfulBasis::Consent }),
                audience: Some(if business { Audience::Business } else { Audience::Consumers }),
            };
            let now = "2026-06-01T09:00:00Z".parse().unwrap();
            let subject =
                Subject { rows: &rows, knowledge: &knowledge, memory: &memory, claimed: &claimed, policy: &policy, now };
            let inspection = inspect(&subject);
            let judging = began.elapsed();
            assert_eq!(inspect(&subject).report.to_bytes(), inspection.report.to_bytes(), "a replay differs");
            let origins = fs::read_to_string(path.with_extension("rows")).unwrap();
            table.add(label, &inspection, &emails, &origins, (reading, judging));
            if is_verbose {
                tell(label, &inspection);
            }
        }
        table.print();
    }
}

fn tell(label: &Label, inspection: &Inspection) {
    let report = &inspection.report;
    let dose = label.x.map(|dose| format!(" {:.0} %", dose * 100.0)).unwrap_or_default();
    println!("{} {}{dose} ({} rows): {} {}", label.list, label.cls, report.rows, report.verdict, report.points);
    for reason in &report.cannot_judge {
        println!("    cannot judge: {reason}");
    }
    for segment in &report.segments {
        let signals: Vec<String> = segment
            .signals
            .iter()
            .map(|signal| format!("{}={} ({:.3}/{:.3})", signal.id, signal.points, signal.value, signal.bound))
            .collect();
        let held = if segment.quarantined { "*" } else { " " };
        println!("   {held}{} rows, {} {}: {} | {}", segment.rows, segment.verdict, segment.points, signals.join(" "), segment.label);
    }
}

/// Reads a file as an import would.
fn read(path: &Path) -> (Rows, HashMap<u64, String>) {
    let (mut rows, mut emails) = (Rows::new(), HashMap::new());
    let name = path.file_name().and_then(|name| name.to_str());
    for mut opened in open_file(File::open(path).unwrap(), name, &OpenOptions::default()).unwrap() {
        for incoming in opened.source.by_ref() {
            match incoming {
                Ok(incoming) => {
                    let row = Row::of_incoming(&incoming);
                    if let Ok(address) = email(row.email) {
                        emails.insert(row.position, address.as_str().to_owned());
                    }
                    rows.push(&row);
                }
                Err(reject) => rows.push_rejected(reject.raw.as_deref().unwrap_or_default()),
            }
        }
    }
    (rows, emails)
}

impl World {
    fn read(folder: &Path) -> Self {
        let reference: Reference = serde_json::from_slice(&fs::read(folder.join("ref/ref.json")).unwrap()).unwrap();
        let condemned = fs::read_to_string(folder.join("ref/known_bad.txt")).unwrap();
        let condemned: HashSet<String> = condemned.lines().map(str::to_owned).collect();
        let mut knowledge = Knowledge::builtin();
        knowledge.free.extend(reference.free.iter().cloned());
        knowledge.disposable.extend(reference.disposable.iter().cloned());
        knowledge.roles.extend(reference.roles.iter().cloned());
        knowledge.dead = Some(reference.dead.clone());
        knowledge.patterns =
            reference.nomen.iter().map(|(domain, pattern)| (domain.clone(), pattern.parse().unwrap())).collect();
        // In this world 198.18/15 is where hosting firms are.
        knowledge.hosting = vec![("198.18.0.0".parse().unwrap(), "198.19.255.255".parse().unwrap())];
        let mut files: Vec<PathBuf> = fs::read_dir(folder.join("vault")).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        let held = files.iter().map(|path| Held::read(path, &knowledge, &condemned)).collect();
        Self { reference, knowledge, condemned, held }
    }

    /// Without a vault nobody knows firms' patterns and other organisations.
    fn knowledge_for(&self, label: &Label, with_memory: bool) -> Knowledge {
        let mut knowledge = self.knowledge.clone();
        if with_memory {
            let others = self.held.iter().filter(|held| held.name != label.org);
            let words = others.filter_map(|held| held.name.split_once('-').map(|(_, name)| name.to_owned()));
            knowledge.organisations = words.collect();
        } else {
            knowledge.patterns.clear();
        }
        knowledge
    }

    fn memory(&self, label: &Label, emails: &HashMap<u64, String>) -> Memory {
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
        let peers = || self.held.iter().filter(|held| held.claim == label.claim && held.name != label.org);
        let worst = peers().map(|held| held.condemned_share).fold(None, |worst: Option<f64>, share| {
            Some(worst.map_or(share, |worst| worst.max(share)))
        });
        let count = peers().count() as f64;
        let mean = |pick: fn(&DomainMix) -> f64| peers().map(|held| pick(&held.mix)).sum::<f64>() / count;
        let peers = DomainMix {
            free: mean(|mix| mix.free),
            business: mean(|mix| mix.business),
            school: mean(|mix| mix.school),
            public: mean(|mix| mix.public),
        };
        let lists = self.held.iter().map(|held| held.shared(label, &known)).filter(|list| !list.pairs.is_empty());
        Memory {
            suppressed: Some(rows_in(&self.reference.objections)),
            condemned: Some(Condemned { rows: rows_in(&self.condemned), worst_honest_share: worst }),
            traps: own.chain(recycled).collect(),
            canaries: canaries.collect(),
            lists: lists.collect(),
            peers: (count > 0.0).then_some(peers),
        }
    }
}

impl Held {
    fn read(path: &Path, knowledge: &Knowledge, condemned: &HashSet<String>) -> Self {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut by_email = HashMap::new();
        let mut has_notice = false;
        let mut place = 0;
        for mut opened in open_file(File::open(path).unwrap(), None, &OpenOptions::default()).unwrap() {
            for incoming in opened.source.by_ref() {
                let incoming = incoming.unwrap();
                let row = Row::of_incoming(&incoming);
                has_notice |= row.notified_at.is_some();
                place += 1;
                let theirs =
                    Theirs { email: row.email.to_owned(), given: row.given.to_owned(), surname: row.surname.to_owned() };
                by_email.insert(email(row.email).unwrap().as_str().to_owned(), (place, theirs));
            }
        }
        let (rows, _) = read(path);
        let bad = by_email.keys().filter(|email| condemned.contains(*email)).count();
        Self {
            name,
            rows: rows.seen(),
            claim: if has_notice { "b2b" } else { "optin" },
            condemned_share: bad as f64 / rows.seen() as f64,
            mix: DomainMix::of(&rows, knowledge),
            by_email,
        }
    }

    fn shared(&self, label: &Label, known: &[(u64, &str)]) -> OtherList {
        let mut pairs: Vec<Pair> = known
            .iter()
            .filter_map(|(row, email)| {
                let (there, _) = self.by_email.get(*email)?;
                Some(Pair { row: *row, there: *there, theirs: None })
            })
            .collect();
        if pairs.len() > 20 {
            let emails: HashMap<u64, &str> = known.iter().copied().collect();
            for pair in &mut pairs {
                pair.theirs = self.by_email.get(emails[&pair.row]).map(|(_, theirs)| theirs.clone());
            }
        }
        let is_same_controller = self.name == label.org;
        OtherList { label: self.name.clone(), is_same_controller, rows: self.rows, pairs }
    }
}

#[derive(Default)]
struct Table {
    by_class: BTreeMap<(Group, String), [u64; 3]>,
    by_group: BTreeMap<Group, [u64; 3]>,
    bad: [u64; 2],
    honest: [u64; 2],
    stopped_bad: [u64; 2],
    stopped_honest: [u64; 2],
    rows: u64,
    reading: Duration,
    judging: Duration,
}

impl Table {
    fn add(&mut self, label: &Label, inspection: &Inspection, emails: &HashMap<u64, String>, origins: &str, took: (Duration, Duration)) {
        let verdict = inspection.report.verdict;
        let group = label.group();
        let column = match verdict {
            Verdict::Clear => 0,
            Verdict::Review => 1,
            Verdict::Block => 2,
        };
        let class = match label.x {
            Some(dose) => format!("{} {:.0} %", label.cls, dose * 100.0),
            None => label.cls.clone(),
        };
        self.by_class.entry((group, class)).or_default()[column] += 1;
        self.by_group.entry(group).or_default()[column] += 1;
        self.rows += inspection.report.rows;
        self.reading += took.0;
        self.judging += took.1;
        if !matches!(group, Group::Large | Group::Small) || label.x.is_none() {
            return;
        }
        let held: HashSet<u64> = inspection.quarantined().into_iter().collect();
        // The first line is the head.
        for (origin, position) in origins.lines().zip(2_u64..) {
            if !emails.contains_key(&position) {
                continue;
            }
            let side = if origin == "own" { &mut self.honest } else { &mut self.bad };
            side[0] += u64::from(held.contains(&position));
            side[1] += 1;
            if verdict > Verdict::Clear {
                let side = if origin == "own" { &mut self.stopped_honest } else { &mut self.stopped_bad };
                side[0] += u64::from(held.contains(&position));
                side[1] += 1;
            }
        }
    }

    fn print(&self) {
        println!("\n{:<26} {:>6} {:>7} {:>6}", "class", "clear", "review", "block");
        for ((group, class), [clear, review, block]) in &self.by_class {
            println!("{:<26} {clear:>6} {review:>7} {block:>6}   {group:?}", class);
        }
        println!("\n{:<26} {:>6} {:>7} {:>6}   stopped, 95 %", "group", "clear", "review", "block");
        for (group, [clear, review, block]) in &self.by_group {
            let (stopped, all) = (review + block, clear + review + block);
            let (low, high) = (1.0 - wilson_high(*clear, all, Z), wilson_high(stopped, all, Z));
            println!(
                "{:<26} {clear:>6} {review:>7} {block:>6}   {:.1} % ({:.1} to {:.1})",
                format!("{group:?}"),
                stopped as f64 * 100.0 / all as f64,
                low * 100.0,
                high * 100.0
            );
        }
        let of = |group| self.by_group.get(&group).copied().unwrap_or_default();
        let share = |[part, all]: [u64; 2]| if all == 0 { 0.0 } else { part as f64 / all as f64 };
        let [clear, review, block] = of(Group::Honest);
        let honest = clear + review + block;
        let stopped = |[clear, review, block]: [u64; 3]| share([review + block, clear + review + block]);
        println!();
        target("honest lists blocked", share([block, honest]), "<= 0.5 %", share([block, honest]) <= 0.005);
        target("honest lists reviewed", share([review, honest]), "<= 8 %", share([review, honest]) <= 0.08);
        target("unproven lists not blocked", 1.0 - share([of(Group::Unproven)[2], of(Group::Unproven).iter().sum()]), "all", of(Group::Unproven)[2] == 0);
        target("large doses stopped", stopped(of(Group::Large)), ">= 99 %", stopped(of(Group::Large)) >= 0.99);
        target("small doses stopped", stopped(of(Group::Small)), ">= 88 %", stopped(of(Group::Small)) >= 0.88);
        target("bad rows in quarantine", share(self.bad), ">= 90 %", share(self.bad) >= 0.9);
        target("honest rows in quarantine", share(self.honest), "<= 2 %", share(self.honest) <= 0.02);
        println!("of stopped mixtures alone: bad {:.1} %, honest {:.2} %", share(self.stopped_bad) * 100.0, share(self.stopped_honest) * 100.0);
        let per = |took: Duration| took.as_secs_f64() * 1e6 / self.rows as f64;
        println!(
            "{} rows: reading {:.2} s ({:.1} us a row), judging {:.2} s ({:.1} us a row)",
            self.rows,
            self.reading.as_secs_f64(),
            per(self.reading),
            self.judging.as_secs_f64(),
            per(self.judging)
        );
    }
}

fn target(what: &str, value: f64, bound: &str, is_met: bool) {
    println!("{:<28} {:>6.1} %  target {bound:<9} {}", what, value * 100.0, if is_met { "pass" } else { "FAIL" });
}
