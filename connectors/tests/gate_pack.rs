//! What the gate must find in the labelled lists of `tests/data/gate`, and what it must leave alone.
#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "../benches/gate/pack.rs"]
mod pack;

use std::collections::HashSet;
use std::path::Path;

use carnet_core::gate::{Report, Verdict};
use pack::{Group, Known, World};

fn world() -> World {
    World::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/gate"))
}

/// Stopped and all, of one group.
fn stopped(verdicts: &[(Group, Verdict)], group: Group) -> (usize, usize) {
    let of: Vec<Verdict> = verdicts.iter().filter(|(of, _)| *of == group).map(|(_, verdict)| *verdict).collect();
    (of.iter().filter(|verdict| **verdict > Verdict::Clear).count(), of.len())
}

#[test]
fn with_a_vaults_memory_bad_lists_are_stopped_and_honest_ones_pass() {
    let world = world();
    let (mut verdicts, mut bad, mut honest) = (Vec::new(), [0_u32; 2], [0_u32; 2]);
    for label in &world.labels {
        let list = world.list_of(label);
        let (memory, knowledge) =
            (world.memory(label, Known::Vault, &list.emails), world.knowledge_for(label, Known::Vault));
        let inspection = pack::judge(label.claimed(Known::Vault), &list.rows, &knowledge, &memory);
        verdicts.push((label.group(), inspection.report.verdict));
        let held: HashSet<u64> = inspection.quarantined().into_iter().collect();
        if label.x.is_none() {
            continue;
        }
        for (origin, position) in world.origins(label).lines().zip(2_u64..) {
            if list.emails.contains_key(&position) {
                let side = if origin == "own" { &mut honest } else { &mut bad };
                side[0] += u32::from(held.contains(&position));
                side[1] += 1;
            }
        }
    }
    assert!(verdicts.iter().all(|(group, verdict)| *group != Group::Honest || *verdict < Verdict::Block));
    let (reviewed, all) = stopped(&verdicts, Group::Honest);
    assert!(all >= 14 && reviewed * 100 <= all * 8, "{reviewed} of {all} honest lists are not clear");
    assert!(verdicts.iter().filter(|(group, _)| *group == Group::Unproven).all(|(_, found)| *found == Verdict::Review));
    let (found, all) = stopped(&verdicts, Group::Large);
    assert!(all >= 8 && found == all, "{found} of {all} large doses");
    let (found, all) = stopped(&verdicts, Group::Small);
    assert!(all >= 4 && found * 100 >= all * 88, "{found} of {all} small doses");
    assert!(bad[0] * 10 >= bad[1] * 9, "{bad:?} bad rows are held");
    assert!(honest[0] * 50 <= honest[1], "{honest:?} honest rows are held");
}

#[test]
fn the_list_alone_shows_most_of_it_and_never_stops_an_honest_one() {
    let world = world();
    for known in [Known::World, Known::File] {
        let mut verdicts = Vec::new();
        for label in &world.labels {
            let list = world.list_of(label);
            let knowledge = world.knowledge_for(label, known);
            let memory = world.memory(label, known, &list.emails);
            let judge = || pack::judge(label.claimed(known), &list.rows, &knowledge, &memory);
            let inspection = judge();
            let bytes = inspection.report.to_bytes();
            assert_eq!(bytes, judge().report.to_bytes(), "{} is not replayed", label.list);
            assert_eq!(serde_json::from_slice::<Report>(&bytes).unwrap(), inspection.report);
            let unmasked =
                list.emails.values().filter(|email| bytes.windows(email.len()).any(|part| part == email.as_bytes()));
            assert_eq!(if list.emails.len() < 700 { unmasked.count() } else { 0 }, 0, "an address is shown");
            verdicts.push((label.group(), inspection.report.verdict));
        }
        let (reviewed, all) = stopped(&verdicts, Group::Honest);
        assert!(reviewed * 100 <= all * 8, "{reviewed} of {all} honest lists are not clear");
        let (found, all) = stopped(&verdicts, Group::Large);
        assert_eq!(found, all, "large doses");
    }
}
