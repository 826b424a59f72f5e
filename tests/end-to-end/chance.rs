//! Random moments: when a run of the program is killed.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::time::Duration;

/// A random moment within the first `span`.
pub(crate) fn moment_within(span: Duration) -> Duration {
    let draw = RandomState::new().build_hasher().finish();
    Duration::from_nanos(draw % u64::try_from(span.as_nanos()).unwrap_or(u64::MAX).max(1))
}
