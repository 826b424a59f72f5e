//! Other lists of the same make: of each list a part of its rows, drawn anew, and of a mixture fewer of the bad ones.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::pack::{Label, World};

/// What is left of lists of one kind, and of the honest rows of a mixture.
const LEFT: f64 = 0.6;
const HONEST_LEFT: f64 = 0.8;
/// A mixture is drawn only where at most this part of its bad rows is taken: another draw has others.
const BAD_LEFT_AT_MOST: f64 = 0.85;
/// Fewer bad rows are no segment.
const LEAST_BAD: usize = 10;

/// Puts so many draws of each list in its place.
pub(crate) fn thin(world: &mut World, times: u64) {
    let of_one = |label: &Label| {
        let origins = world.origins(label);
        (0..times).flat_map(|draw| draws(label, &origins, draw)).collect::<Vec<_>>()
    };
    world.labels = world.labels.iter().flat_map(of_one).collect();
}

fn draws(label: &Label, origins: &str, draw: u64) -> Vec<Label> {
    let mut rows: Vec<(u64, &str)> = (2..).zip(origins.lines()).collect();
    rows.sort_by_cached_key(|(position, _)| {
        let mut hasher = DefaultHasher::new();
        (draw, &label.list, position).hash(&mut hasher);
        hasher.finish()
    });
    let of_kind = |is_own: bool| -> Vec<u64> {
        rows.iter().filter(|(_, origin)| (*origin == "own") == is_own).map(|(position, _)| *position).collect()
    };
    let (own, bad) = (of_kind(true), of_kind(false));
    if label.x.is_none() {
        // Of one kind all are.
        let all = if own.is_empty() { bad } else { own };
        return vec![Label { left: Some(first(&all, part(all.len(), LEFT)).collect()), ..label.clone() }];
    }
    let doses = if label.cls.starts_with("swapped") { [0.02, 0.05] } else { [0.05, 0.1] };
    let honest = part(own.len(), HONEST_LEFT);
    let of_dose = doses.into_iter().filter_map(|dose| {
        let count = part(honest, dose / (1.0 - dose));
        let is_fewer = count <= part(bad.len(), BAD_LEFT_AT_MOST) && count >= LEAST_BAD;
        let left: HashSet<u64> = first(&own, honest).chain(first(&bad, count)).collect();
        is_fewer.then(|| Label { x: Some(dose), left: Some(left), ..label.clone() })
    });
    of_dose.collect()
}

fn first(rows: &[u64], count: usize) -> impl Iterator<Item = u64> {
    rows.iter().take(count).copied()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of some thousand rows")]
fn part(count: usize, share: f64) -> usize {
    (count as f64 * share).round() as usize
}
