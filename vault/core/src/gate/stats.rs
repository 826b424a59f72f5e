//! The few statistics that a verdict rests on. All of them give the same bits for the same numbers in the same order.

/// The lower end of Wilson's interval for a share: what the share is at least, were the rows a sample of many.
pub(super) fn wilson_low(hits: u64, of: u64, z: f64) -> f64 {
    wilson(hits, of, z, -1.0).max(0.0)
}

/// The upper end of it.
pub fn wilson_high(hits: u64, of: u64, z: f64) -> f64 {
    wilson(hits, of, z, 1.0).min(1.0)
}

fn wilson(hits: u64, of: u64, z: f64, side: f64) -> f64 {
    if of == 0 {
        return if side < 0.0 { 0.0 } else { 1.0 };
    }
    let (n, p) = (float(of), share(hits, of));
    let square = z * z;
    let middle = p + square / (2.0 * n);
    let half = z * (p * (1.0 - p) / n + square / (4.0 * n * n)).max(0.0).sqrt();
    (middle + side * half) / (1.0 + square / n)
}

/// A count as a number to reckon with; exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^53")]
pub(super) const fn float(count: u64) -> f64 {
    count as f64
}

/// A length as a count.
pub(super) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Hits among all; 0 of none.
pub fn share(hits: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { float(hits) / float(of) }
}

/// The middle value, the lower one of two; and the value that half of many such samples would have at least
/// (the lower end of the 95 % interval by order statistics).
pub(super) fn median(values: &mut [i64], z: f64) -> Option<(i64, i64)> {
    values.sort_unstable();
    let n = values.len();
    let middle = values.get(n.checked_sub(1)? / 2)?;
    let below = float(count(n)) / 2.0 - z * float(count(n)).sqrt() / 2.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the number of values")]
    let low = values.get(below.floor().max(0.0) as usize)?;
    Some((*middle, *low))
}

/// Total variation between two sets of counts by category: the raw distance, and what of it is more than the chance
/// difference of two samples of this size.
pub(super) fn variation(here: &[u64], rest: &[u64], z: f64) -> (f64, f64) {
    let (n, m) = (here.iter().sum::<u64>(), rest.iter().sum::<u64>());
    if n == 0 || m == 0 {
        return (0.0, 0.0);
    }
    let (mut distance, mut chance, mut variance) = (0.0, 0.0, 0.0);
    for (left, right) in here.iter().zip(rest) {
        distance += (share(*left, n) - share(*right, m)).abs() / 2.0;
        let pooled = share(left + right, n + m);
        let spread = pooled * (1.0 - pooled) * (1.0 / float(n) + 1.0 / float(m));
        // Half the mean of the absolute value of a normal number of this spread.
        chance += (spread * 2.0 / std::f64::consts::PI).sqrt() / 2.0;
        variance += spread * (1.0 - 2.0 / std::f64::consts::PI) / 4.0;
    }
    let bound = if distance > chance { distance - z * variance.sqrt() } else { 0.0 };
    (distance, bound.max(0.0).min(distance))
}

/// Jensen-Shannon distance (base 2, square root of the divergence) of two sets of shares.
pub(super) fn jensen_shannon(one: &[f64], other: &[f64]) -> f64 {
    let term = |p: f64, middle: f64| if p > 0.0 && middle > 0.0 { p * (p / middle).log2() } else { 0.0 };
    let mut divergence = 0.0;
    for (p, q) in one.iter().zip(other) {
        let middle = f64::midpoint(*p, *q);
        divergence += (term(*p, middle) + term(*q, middle)) / 2.0;
    }
    divergence.max(0.0).sqrt()
}

/// Length of the longest run that grows strictly, of values in their order.
pub(super) fn longest_increasing(values: &[u64]) -> u64 {
    let mut tails: Vec<u64> = Vec::new();
    for value in values {
        let place = tails.partition_point(|tail| tail < value);
        match tails.get_mut(place) {
            Some(tail) => *tail = *value,
            None => tails.push(*value),
        }
    }
    count(tails.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const Z: f64 = 1.96;

    #[test]
    fn wilson_is_that_of_the_books() {
        // Agresti and Coull, 10 of 50: 0.1124 to 0.3304.
        assert!((wilson_low(10, 50, Z) - 0.1124).abs() < 1e-4, "{}", wilson_low(10, 50, Z));
        assert!((wilson_high(10, 50, Z) - 0.3304).abs() < 1e-4);
        assert_eq!((wilson_low(0, 0, Z), wilson_high(0, 0, Z)), (0.0, 1.0));
        assert!(wilson_low(0, 40, Z) < 1e-12 && wilson_high(40, 40, Z) > 1.0 - 1e-12);
    }

    #[test]
    fn a_median_has_a_lower_end_and_none_has_none() {
        assert_eq!(median(&mut [], Z), None);
        assert_eq!(median(&mut [5], Z), Some((5, 5)));
        let mut values: Vec<i64> = (0..101).rev().collect();
        assert_eq!(median(&mut values, Z), Some((50, 40)));
    }

    #[test]
    fn two_samples_of_one_thing_do_not_differ_for_sure() {
        assert_eq!(variation(&[10, 10], &[0, 0], Z), (0.0, 0.0));
        let (distance, bound) = variation(&[14, 11], &[480, 520], Z);
        assert!(distance > 0.05 && bound == 0.0, "{distance} {bound}");
        let (distance, bound) = variation(&[100, 0], &[0, 1_000], Z);
        assert!(distance > 0.99 && bound > 0.9, "{distance} {bound}");
    }

    #[test]
    fn distances_and_runs() {
        assert!(jensen_shannon(&[1.0, 0.0], &[0.0, 1.0]) > 0.999);
        assert!(jensen_shannon(&[0.3, 0.7], &[0.3, 0.7]) < 1e-9);
        assert_eq!(longest_increasing(&[3, 1, 2, 2, 5, 4, 6]), 4);
        assert_eq!(longest_increasing(&[]), 0);
    }

    proptest! {
        #[test]
        fn bounds_stand_around_the_share(of in 1_u64..10_000, part in 0.0_f64..=1.0) {
            let hits = (part * float(of)) as u64;
            let (low, high) = (wilson_low(hits, of, Z), wilson_high(hits, of, Z));
            prop_assert!(0.0 <= low && low <= share(hits, of) + 1e-12 && share(hits, of) <= high + 1e-12 && high <= 1.0);
        }

        #[test]
        fn more_hits_never_lower_the_bound(of in 1_u64..2_000, hits in 0_u64..2_000) {
            prop_assume!(hits < of);
            prop_assert!(wilson_low(hits, of, Z) <= wilson_low(hits + 1, of, Z));
        }
    }
}
