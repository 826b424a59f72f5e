//! What sealing costs: our seal and open beside bare AES-256-GCM of the same bytes, and tags per second.
//!
//! `cargo bench -p carnet-core --bench sealing`. All variants run in one process, in turn, round after round, so that
//! whatever else the machine does meets them all alike; each figure is the median of the rounds, and each ratio is the
//! median of the ratios within a round.
//!
//! | variant | what one operation does |
//! | --- | --- |
//! | bare, one key | AES-256-GCM under one fixed key, counting nonce, no associated data |
//! | bare, key each | the same with a new key schedule each time, as every contact has its own key |
//! | seal, open | ours, with the contact's key at hand: nonce, place as associated data, format |
//! | contact seal, open | ours, with the contact's key derived from master and salt first |
#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::expect_used, reason = "a bench that cannot seal should stop")]

use std::hint::black_box;
use std::time::Instant;

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes256Gcm, KeyInit};
use carnet_core::keys::{ContactKey, Field, IndexKey, MasterKey, Place, Salt, Sealed};
use carnet_core::model::{ContactId, ControllerId};

const ROUNDS: usize = 41;
const OPERATIONS: u32 = 4_000;
const TAGS: u32 = 20_000;
const BARE_ONE: usize = 0;
const BARE_EACH: usize = 1;
const NAMES: [&str; 6] = ["bare, one key", "bare, key each", "seal", "open", "contact seal", "contact open"];

fn main() {
    println!("median of {ROUNDS} interleaved rounds; ratios are time per operation against bare AES-256-GCM (1.00)");
    for threads in [1, 2] {
        for card_bytes in [300, 1_000] {
            print_sealing(threads, card_bytes);
        }
        print_tags(threads);
    }
}

/// One controller's key, one contact of it, and a card: all that the variants work on.
struct Bench {
    master: MasterKey,
    controller: ControllerId,
    contact: ContactId,
    salt: Salt,
    key: ContactKey,
    card: Vec<u8>,
    sealed: Sealed,
}

impl Bench {
    fn new(card_bytes: usize) -> Self {
        let controller = ControllerId::new();
        let (master, contact, salt) = (MasterKey::generate(controller, 1), ContactId::new(), Salt::random());
        let key = master.contact_key(contact, &salt);
        let card = vec![0x61; card_bytes];
        let sealed = key.seal(&Place::new(controller, contact, "contact", "card"), &card);
        Self { master, controller, contact, salt, key, card, sealed }
    }

    fn variant(&self, variant: usize, operations: u32) {
        let place = Place::new(self.controller, self.contact, "contact", "card");
        let one = Aes256Gcm::new(&[7; 32].into());
        for operation in 0..operations {
            match variant {
                BARE_ONE => drop(black_box(bare_seal(&one, operation, &self.card))),
                BARE_EACH => {
                    let each = Aes256Gcm::new(black_box(&[7; 32]).into());
                    drop(black_box(bare_seal(&each, operation, &self.card)));
                }
                2 => drop(black_box(self.key.seal(&place, &self.card))),
                3 => drop(black_box(self.key.open(&place, &self.sealed).expect("opens"))),
                4 => drop(black_box(self.master.contact_key(self.contact, &self.salt).seal(&place, &self.card))),
                _ => {
                    let key = self.master.contact_key(self.contact, &self.salt);
                    drop(black_box(key.open(&place, &self.sealed).expect("opens")));
                }
            }
        }
    }
}

/// The bare cipher: the nonce counts, and the tag goes behind the ciphertext.
fn bare_seal(cipher: &Aes256Gcm, operation: u32, card: &[u8]) -> Vec<u8> {
    let mut nonce = [0; 12];
    for (to, from) in nonce.iter_mut().zip(operation.to_be_bytes()) {
        *to = from;
    }
    let mut text = Vec::with_capacity(card.len() + 16);
    text.extend_from_slice(card);
    let tag = cipher.encrypt_inout_detached(&nonce.into(), &[], text.as_mut_slice().into()).expect("seals");
    text.extend_from_slice(&tag);
    text
}

fn print_sealing(threads: u32, card_bytes: usize) {
    let bench = Bench::new(card_bytes);
    let mut rounds: Vec<Vec<f64>> = Vec::new();
    for _ in 0..ROUNDS {
        let variants = 0..NAMES.len();
        rounds.push(variants.map(|variant| rate(threads, OPERATIONS, |count| bench.variant(variant, count))).collect());
    }
    println!("\n{card_bytes} bytes, {threads} thread(s)");
    println!("  {:<16}{:>14}{:>14}{:>14}{:>12}", "", "operations/s", "to one key", "to key each", "ns each");
    for (variant, name) in NAMES.iter().enumerate() {
        let of = |round: &[f64], index: usize| round.get(index).copied().unwrap_or(f64::NAN);
        let against = |base: usize| median(rounds.iter().map(|round| of(round, base) / of(round, variant)));
        let rate = median(rounds.iter().map(|round| of(round, variant)));
        let ns = 1e9 * f64::from(threads) / rate;
        println!("  {name:<16}{rate:>14.0}{:>14.2}{:>14.2}{ns:>12.0}", against(BARE_ONE), against(BARE_EACH));
    }
}

fn print_tags(threads: u32) {
    let index = IndexKey::generate(ControllerId::new());
    let tag = |count| {
        for _ in 0..count {
            black_box(index.tag(Field::Email, black_box("firstname.lastname@mail.example")));
        }
    };
    let rate = median((0..ROUNDS).map(|_| rate(threads, TAGS, tag)));
    println!("\ne-mail tags, {threads} thread(s): {rate:.0}/s, {:.0} ns each", 1e9 * f64::from(threads) / rate);
}

/// Operations per second of all threads together, each of which does `operations`.
fn rate(threads: u32, operations: u32, work: impl Fn(u32) + Sync) -> f64 {
    let start = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(operations));
        }
    });
    f64::from(threads) * f64::from(operations) / start.elapsed().as_secs_f64()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
