//! What the gate finds: labelled lists, each judged as the product does, beside what they are.
//!
//! `cargo bench -p carnet-connectors --bench gate -- [FOLDER] [--verbose]` reads a pack of labelled lists (`CARNET_GATE_PACK`, or the subset in
//! `tests/data/gate`): `lists/*.csv` with the origin of each row in `*.rows`, `labels.json`, the lists that a vault holds already in
//! `vault/*.csv`, and what is known of that world in `ref/`. `--verbose` tells each list's signals. `--thinned=2` takes
//! in place of each list two that hold a part of its rows, drawn anew, and of a mixture fewer of the bad ones. `--rows=200000` measures speed
//! and memory instead, over a list of so many invented rows.
#![expect(clippy::print_stdout, reason = "a bench prints its table")]
#![expect(clippy::unwrap_used, reason = "a bench that cannot work should stop")]

mod pack;
mod speed;
mod table;
mod thinned;

use std::path::{Path, PathBuf};
use std::time::Instant;

use carnet_core::gate::Inspection;
use pack::{Known, Label, World};
use table::Table;

/// How much the gate is told, and what that is called.
const TOLD: [(Known, &str); 3] = [
    (Known::Vault, "with the vault's memory"),
    (Known::World, "the list alone"),
    (Known::File, "the file alone: no claim, no DNS, mailbox providers unknown"),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let is_verbose = arguments.iter().any(|argument| argument == "--verbose");
    if let Some(count) = arguments.iter().find_map(|argument| argument.strip_prefix("--rows=")) {
        match count.parse() {
            Ok(count) => speed::measure(count),
            Err(_) => println!("--rows= takes a number of rows, such as --rows=200000"),
        }
        return;
    }
    let folder = arguments.iter().find(|argument| !argument.starts_with('-')).map(PathBuf::from);
    let folder = folder.or_else(|| std::env::var_os("CARNET_GATE_PACK").map(PathBuf::from));
    let folder = folder.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/gate"));
    let mut world = World::read(&folder);
    if let Some(times) = arguments.iter().find_map(|argument| argument.strip_prefix("--thinned=")) {
        match times.parse() {
            Ok(times) => thinned::thin(&mut world, times),
            Err(_) => return println!("--thinned= takes a number of draws, such as --thinned=2"),
        }
    }
    for (known, name) in TOLD {
        println!("\n== {name} ==");
        let mut table = Table::default();
        for label in &world.labels {
            let began = Instant::now();
            let list = world.list_of(label);
            let reading = began.elapsed();
            let memory = world.memory(label, known, &list.emails);
            let knowledge = world.knowledge_for(label, known);
            let began = Instant::now();
            let inspection = pack::judge(label.claimed(known), &list.rows, &knowledge, &memory);
            let judging = began.elapsed();
            let again = pack::judge(label.claimed(known), &list.rows, &knowledge, &memory);
            assert_eq!(again.report.to_bytes(), inspection.report.to_bytes(), "a replay differs");
            table.add(label, &inspection, &list.emails, &world.origins(label), (reading, judging));
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
        let told = segment.signals.iter();
        let told =
            told.map(|signal| format!("{}={} ({:.3}/{:.3})", signal.id, signal.points, signal.value, signal.bound));
        let (signals, held) = (told.collect::<Vec<_>>().join(" "), if segment.quarantined { "*" } else { " " });
        let (rows, verdict, points) = (segment.rows, segment.verdict, segment.points);
        println!("   {held}{rows} rows, {verdict} {points}: {signals} | {}", segment.label);
    }
}
