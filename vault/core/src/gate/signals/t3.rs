//! T3: how long people took to confirm. They confirm within minutes or never; times drawn by lot are hours apart.

use super::super::finding::{Finding, Found, Measured};
use super::super::signal::SignalId;
use super::super::stats::{count, median, share};
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(rule) = unit.rule(SignalId::T3) else { return Finding::NotJudged("it has no entry in the policy") };
    let skew = i64::try_from(rule.count_setting("clock_skew_s")).unwrap_or(i64::MAX);
    let (mut delays, mut late, mut impossible) = (Vec::new(), Hits::default(), Hits::default());
    for row in unit.rows() {
        let (Some(at), Some(confirmed)) = (row.opted_in_s(), row.confirmed_s()) else { continue };
        let delay = confirmed - at;
        delays.push(delay);
        impossible.add_if(delay < -skew || confirmed > unit.context.now_s + skew, &row);
        late.add_if(delay > 3_600, &row);
    }
    let Some((middle, low)) = median(&mut delays, unit.context.policy.segments().confidence_z) else {
        return Finding::NotJudged("no row has both the time of a sign-up and that of its confirmation");
    };
    let minutes = |seconds: i64| f64::from(i32::try_from(seconds / 60).unwrap_or(i32::MAX));
    let mut sentence = format!("Half of the confirmations came {} minutes or more after the sign-up.", middle / 60);
    let mut points_at_least = 0;
    let is_many = share(impossible.count, count(delays.len())) > rule.setting("impossible_share");
    if is_many && impossible.count >= rule.count_setting("impossible_least") {
        points_at_least = rule.points_setting("impossible_points");
        sentence = format!(
            "Confirmations that came before the sign-up or lie in the future: {}. {sentence}",
            impossible.count
        );
    }
    let examples = if points_at_least > 0 { impossible.examples } else { late.examples };
    let hits = Hits { count: count(delays.len()), examples };
    let measured = Measured::Number { value: minutes(middle), bound: minutes(low) };
    Finding::Found(Found { measured, hits, sentence, points_at_least, peers: None })
}
