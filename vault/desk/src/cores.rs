//! The same work on all cores.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread;

use crate::DeskError;

/// Fewer are done where they are: a thread costs as much as some dozens of contacts.
const LEAST: usize = 128;

/// How many threads can work at once.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does the same to each of some items; what comes of them, in their order.
///
/// # Errors
/// What the work fails with, of the first item that it fails on in its part.
pub(crate) fn on_all_cores<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, DeskError> + Sync,
) -> Result<Vec<R>, DeskError> {
    let cores = cores();
    if cores == 1 || items.len() < LEAST {
        return items.iter().map(work).collect();
    }
    let parts = items.chunks(items.len().div_ceil(cores));
    let work = &work;
    thread::scope(|scope| {
        let running: Vec<_> =
            parts.map(|part| scope.spawn(move || part.iter().map(work).collect::<Result<Vec<R>, _>>())).collect();
        let mut done = Vec::with_capacity(items.len());
        for part in running {
            done.append(&mut part.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        Ok(done)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_of_many_is_in_their_order_and_a_failure_is_told() {
        let items: Vec<usize> = (0..10_000).collect();
        assert_eq!(on_all_cores(&items, |one| Ok(one * 2)).unwrap(), (0..20_000).step_by(2).collect::<Vec<_>>());
        assert!(on_all_cores(&items, |one| if *one == 9_999 { Err(DeskError::NoContact) } else { Ok(()) }).is_err());
        assert!(on_all_cores(&[] as &[u8], |_| Ok(())).unwrap().is_empty());
    }
}
