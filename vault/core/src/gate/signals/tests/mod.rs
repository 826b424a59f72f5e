//! Each signal: a list that fires it, one that does not, and the boundary.

mod memory;
mod people;
mod proof;

use crate::gate::sample::{Person, World, subscribers};
use crate::gate::signal::SignalId;

/// The people, the first so many of them changed.
fn spoilt(count: usize, bad: usize, change: impl Fn(usize, &mut Person)) -> Vec<Person> {
    let mut people = subscribers(count);
    people.iter_mut().enumerate().take(bad).for_each(|(number, person)| change(number, person));
    people
}

fn points(id: SignalId, people: &[Person]) -> u32 {
    World::new().points(id, people)
}
