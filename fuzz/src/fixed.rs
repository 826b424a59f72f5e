//! The same inputs everywhere: every file that a target starts from, then mutations that depend on nothing but their number.
//!
//! libFuzzer goes another way on each machine, whatever its seed: the order of a folder, the addresses of a program and the
//! states of its hash maps all lead it. That finds more, and cannot be a gate: what passes here may fail there.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::mutation::{Random, mutate};

/// How long one input may take, as libFuzzer is told, too.
const LIMIT: Duration = Duration::from_secs(10);

/// Defines a target for libFuzzer that `CARNET_FUZZ_INPUTS` turns into one that tries the same inputs everywhere.
#[macro_export]
macro_rules! target {
    (|$given:ident: $kind:ty| $check:block) => {
        fn hold($given: $kind) $check

        fn hold_of_bytes(bytes: &[u8]) {
            use libfuzzer_sys::arbitrary::{Arbitrary, Unstructured};
            if let Ok(given) = <$kind>::arbitrary_take_rest(Unstructured::new(bytes)) {
                hold(given);
            }
        }

        libfuzzer_sys::fuzz_target!(init: $crate::fixed::run_if_asked(hold_of_bytes), |$given: $kind| { hold($given) });
    };
}

/// Tries the inputs that `CARNET_FUZZ_INPUTS` asks for and ends the process, or does nothing without it.
///
/// The arguments are the folders of the files to start from, `CARNET_FUZZ_SEED` is where the mutations begin. The input that
/// is tried is in the file `CARNET_FUZZ_INPUT`, which is still there if the process dies of it.
pub fn run_if_asked(check: fn(&[u8])) {
    let Ok(mutations) = std::env::var("CARNET_FUZZ_INPUTS") else { return };
    let mutations: u64 = mutations.parse().expect("CARNET_FUZZ_INPUTS is a number");
    let seed: u64 =
        std::env::var("CARNET_FUZZ_SEED").map_or(1, |seed| seed.parse().expect("CARNET_FUZZ_SEED is a number"));
    let kept = PathBuf::from(std::env::var_os("CARNET_FUZZ_INPUT").expect("CARNET_FUZZ_INPUT names a file"));
    let folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let files: Vec<Vec<u8>> = folders.iter().flat_map(|folder| contents(folder)).collect();
    assert!(!files.is_empty(), "no files to start from");

    let mut digest = Digest::default();
    let mut tried = 0_u64;
    for input in inputs(&files, seed, mutations) {
        fs::write(&kept, &input).expect("the input can be kept");
        digest.add(&input);
        tried += 1;
        let began = Instant::now();
        check(&input);
        assert!(began.elapsed() < LIMIT, "an input took {:?}", began.elapsed());
    }
    fs::remove_file(&kept).expect("the input was kept");
    println!("{tried} inputs, digest {:016x}", digest.0);
    std::process::exit(0);
}

/// The files of a folder, in the order of their names, which every file system agrees on.
fn contents(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).collect()
}

/// The files, then their mutations in turn.
fn inputs(files: &[Vec<u8>], seed: u64, mutations: u64) -> impl Iterator<Item = Vec<u8>> {
    let mutated = (0..mutations).map(move |number| {
        let mut random = Random::new(seed, number);
        let file = &files[(number % files.len() as u64) as usize];
        mutate(file, files, &mut random)
    });
    files.iter().cloned().chain(mutated)
}

/// FNV-1a of all inputs: two runs that print the same have tried the same.
struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    fn add(&mut self, input: &[u8]) {
        for byte in input.len().to_le_bytes().iter().chain(input) {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}
