//! `kill -9` at random moments of a process that adds, changes, erases, records and rotates: whatever it was told is done
//! is there, whatever it was not told is there whole or not at all.

use std::collections::BTreeSet;
use std::env;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use carnet_core::keys::RootKey;
use carnet_core::model::{Authority, CardEntry, CardPatch, ConsentKind, ContactId, Controller, PurposeId};
use carnet_desk::{Desk, Location, Vault};
use carnet_tests::{Engine, TestDatabase};

use super::house::{House, assert_clean, card, consent, desk, new_contact, policy, slug};
use super::sql;

/// What the child is told, in its environment.
const URL: &str = "CARNET_CRASH_URL";
const WORDS: &str = "CARNET_CRASH_WORDS";
const SEED: &str = "CARNET_CRASH_SEED";

/// Ledgers are read whole after each round: a new vault now and then keeps them short.
const ROUNDS_A_VAULT: u32 = 25;

/// A small generator, so that a round can be played again from its seed (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % end
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let end = u64::try_from(all.len()).unwrap();
        (end > 0).then(|| all[usize::try_from(self.below(end)).unwrap()])
    }
}

/// What the killed process works with.
struct Work<'v> {
    operator: Desk<'v>,
    officer: Desk<'v>,
    owner: Desk<'v>,
    controller: Controller,
    newsletter: PurposeId,
    ids: Vec<ContactId>,
    chance: Chance,
}

impl<'v> Work<'v> {
    fn begin(vault: &'v Vault, seed: u64) -> Self {
        let operator = desk(vault, "operator");
        let controller = operator.controller_named("Port Cooperative").unwrap();
        let newsletter = operator.purpose_named(controller.id, &slug("newsletter")).unwrap();
        let ids = operator.find_contacts(&controller, "@example.org").unwrap().found.iter().map(|one| one.id).collect();
        let (officer, owner) = (desk(vault, "officer"), desk(vault, "owner"));
        Self { operator, officer, owner, controller, newsletter, ids, chance: Chance(seed | 1) }
    }

    fn act(&mut self, number: u64) {
        match (self.chance.below(10), self.chance.pick(&self.ids)) {
            (0..4, _) | (_, None) => {
                let email = format!("n{number}.{}@example.org", self.chance.0);
                let id = self.operator.add_contact(&self.controller, &new_contact(card("Nan", &email))).unwrap();
                say(&format!("added {id}"));
                self.ids.push(id);
            }
            (4..6, Some(id)) => {
                let patch = CardPatch::new().set(CardEntry::Note, &number.to_string());
                self.operator.edit_contact(&self.controller, id, &patch).unwrap();
            }
            (6..8, Some(id)) => {
                let kind = self.chance.pick(ConsentKind::ALL).unwrap();
                let new = consent(self.newsletter, kind, None, Authority::OwnAct);
                let event = self.operator.record_consent(&self.controller, id, &new).unwrap();
                say(&format!("recorded {event} {id}"));
            }
            (8, Some(id)) => {
                let plan = self.officer.plan_erasure(&self.controller, id).unwrap();
                say(&format!("erasing {id}"));
                self.officer.carry_out_erasure(&plan).unwrap();
                say(&format!("erased {id}"));
                self.ids.retain(|one| *one != id);
            }
            (_, Some(_)) => {
                self.owner.begin_rotation(&self.controller).unwrap();
                self.owner.step_rotation(&self.controller).unwrap();
            }
        }
    }
}

/// Tells the parent, if there is one, before anything else happens.
fn say(line: &str) {
    if env::var_os(URL).is_none() {
        return;
    }
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n{line}").and_then(|()| out.flush()).unwrap();
}

/// What the rounds below start and kill. Without a parent it works for a while on a vault of its own, and ends well.
#[test]
fn works_until_it_is_killed() {
    let Ok(url) = env::var(URL) else {
        let db = TestDatabase::sqlite();
        let house = House::found(&db);
        let mut work = Work::begin(&house.vault, 1);
        (0..100).for_each(|number| work.act(number));
        house.assert_clean();
        return;
    };
    let root = RootKey::from_words(&env::var(WORDS).unwrap()).unwrap();
    let vault = Vault::open(url.parse().unwrap(), root, policy()).unwrap();
    let mut work = Work::begin(&vault, env::var(SEED).unwrap().parse().unwrap());
    say("ready");
    for number in 0.. {
        work.act(number);
    }
}

/// What the child has said of its work.
#[derive(Default)]
struct Said {
    added: BTreeSet<ContactId>,
    recorded: Vec<(String, ContactId)>,
    erasing: BTreeSet<ContactId>,
    erased: BTreeSet<ContactId>,
    acts: usize,
}

impl Said {
    fn hear(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["added", id] => drop(self.added.insert(id.parse().unwrap())),
            ["recorded", event, id] => self.recorded.push((event.replace('-', ""), id.parse().unwrap())),
            ["erasing", id] => drop(self.erasing.insert(id.parse().unwrap())),
            ["erased", id] => drop(self.erased.insert(id.parse().unwrap())),
            _ => return,
        }
        self.acts += 1;
    }
}

fn start(db: &TestDatabase, words: &str, seed: u64) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["crash::works_until_it_is_killed", "--exact", "--nocapture"])
        .envs([(URL, db.url()), (WORDS, words.to_owned()), (SEED, seed.to_string())])
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while line.trim_end() != "ready" {
        line.clear();
        assert_ne!(out.read_line(&mut line).unwrap(), 0, "the child ended before it began");
    }
    (child, out)
}

/// One round: the child at work, killed after 5 to 120 ms, and what it leaves.
fn round(db: &TestDatabase, (location, words): (&Location, &str), said: &mut Said, seed: u64) {
    let mut chance = Chance(seed | 1);
    let (mut child, mut out) = start(db, words, chance.below(u64::MAX));
    thread::sleep(Duration::from_micros(5_000 + chance.below(115_000)));
    // SIGKILL, to this very process.
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    // A last line without its end was cut off while it was said.
    rest.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n')).for_each(|line| said.hear(line));

    let vault = Vault::open(location.clone(), RootKey::from_words(words).unwrap(), policy()).unwrap();
    assert_clean(&vault);
    assert_as_said(db, said);
    assert_rows_agree_with_entries(db);
    let here = desk(&vault, "operator");
    let controller = here.controller_named("Port Cooperative").unwrap();
    for id in sql::bytes_of(db, "id", "contacts") {
        here.show_contact(&controller, ContactId::from_bytes(id.try_into().unwrap())).unwrap();
    }
}

fn assert_as_said(db: &TestDatabase, said: &Said) {
    let ids = |column: &str, rest: &str| -> BTreeSet<ContactId> {
        let found = sql::bytes_of(db, column, rest).into_iter();
        found.map(|id| ContactId::from_bytes(id.try_into().unwrap())).collect()
    };
    let present = ids("id", "contacts");
    for id in &said.added {
        assert!(present.contains(id) || said.erasing.contains(id), "{id} was added, and is not there");
    }
    for id in &said.erased {
        assert!(!present.contains(id), "{id} was erased, and is there");
    }
    let events: BTreeSet<String> = sql::bytes_of(db, "id", "consent_events").iter().map(|id| sql::hex(id)).collect();
    for (event, contact) in &said.recorded {
        assert!(events.contains(event) || !present.contains(contact), "{event} was recorded, and is not there");
    }
    // A salt for each contact and no other, and whole.
    assert_eq!(
        ids("contact_id", "contact_salts WHERE contact_id NOT IN (SELECT contact_id FROM shredded_contacts)"),
        present
    );
    assert_eq!(
        sql::number(db, "SELECT count(DISTINCT contact_id) FROM contact_emails"),
        i64::try_from(present.len()).unwrap()
    );
}

/// Counted by the database alone, past our own audit.
fn assert_rows_agree_with_entries(db: &TestDatabase) {
    let text = match db.engine() {
        Engine::Sqlite => "CAST(body AS TEXT)",
        Engine::Postgres => "convert_from(body, 'UTF8')",
    };
    let entries = |event: &str| {
        sql::number(db, &format!("SELECT count(*) FROM ledger_entries WHERE {text} LIKE '%\"event\":\"{event}\"%'"))
    };
    assert_eq!(entries("contact.add") - entries("contact.erase"), sql::count(db, "contacts"));
    assert_eq!(entries("contact.add"), sql::count(db, "contact_salts"));
    let edits = sql::number(db, "SELECT CAST(coalesce(sum(revision - 1), 0) AS bigint) FROM contacts");
    assert!(edits <= entries("contact.edit"));
    assert_eq!(sql::count(db, "ledger_queue"), 0);
}

fn rounds(engine: Engine, count: u32) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = env::var(SEED).map_or_else(|_| now.as_secs(), |seed| seed.parse().unwrap());
    let (began, mut acts, mut done) = (Instant::now(), 0, 0);
    println!("{SEED}={seed} plays these rounds again, as far as their moments can be repeated");
    while done < count {
        let db = TestDatabase::new(engine);
        let house = House::found(&db);
        let (location, words) = (house.location(), house.words().to_owned());
        drop(house);
        let mut said = Said::default();
        for _ in 0..ROUNDS_A_VAULT.min(count - done) {
            round(&db, (&location, &words), &mut said, seed.wrapping_add(u64::from(done)).wrapping_mul(0x9e37_79b9));
            done += 1;
        }
        acts += said.acts;
    }
    println!("{done} rounds on {engine}: {acts} acts in {:.0?}", began.elapsed());
    assert!(acts > usize::try_from(count).unwrap(), "the child was always killed before it did anything");
}

#[test]
fn after_each_of_200_kills_on_sqlite_the_ledger_verifies_and_rows_and_entries_agree() {
    if Engine::wanted().contains(&Engine::Sqlite) {
        rounds(Engine::Sqlite, 200);
    }
}

#[test]
fn after_each_of_30_kills_on_postgres_the_ledger_verifies_and_rows_and_entries_agree() {
    if Engine::wanted().contains(&Engine::Postgres) {
        rounds(Engine::Postgres, 30);
    }
}
